//! Text search: from the selected entry on, piece by piece, on a worker.

use std::sync::Arc;

use crate::frame::Seq;
use crate::store::job::{Progress, Towards};
use crate::store::{Hunt, Pattern};
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::{Ask, Overlay, Prompt};
use crate::tui::state::sought::Sought;
use crate::tui::state::tab::Tab;

use super::events;

/// Opens the prompt.
pub(super) fn ask(state: &mut State) {
    if state.tab().is_some() {
        let prompt = Prompt::new(Ask::Search, "");
        state.overlays.push(Overlay::Prompt(prompt));
    }
}

/// What is wrong with `text` as a search; an empty one ends the search.
pub(super) fn problem(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    Pattern::compile(text).err().map(|error| error.to_string())
}

/// Searches for `text` from the selected entry on; false if it cannot be searched for.
pub(super) fn accept(state: &mut State, text: &str) -> bool {
    if text.is_empty() {
        if let Some(tab) = state.tab_mut() {
            tab.sought = None;
        }
        return true;
    }
    let Ok(pattern) = Pattern::compile(text) else {
        return false;
    };
    state.searches.push(text);
    if let Some(tab) = state.tab_mut() {
        tab.sought = Some(Sought {
            pattern: Arc::new(pattern),
            towards: Towards::Older,
            hunt: None,
            wrapped: false,
        });
    }
    // While following there is nothing newer: one looks for what went by.
    let following = state.tab().is_some_and(|tab| {
        let last = tab.lens(&state.store).last();
        events::selected(state) == last
    });
    let towards = if following {
        Towards::Older
    } else {
        Towards::Newer
    };
    let here = events::selected(state).filter(|seq| is_hit(state, *seq));
    if here.is_none() {
        next(state, towards);
    }
    true
}

/// True if the entry has the text.
fn is_hit(state: &State, seq: Seq) -> bool {
    let found = state.tab().and_then(|tab| {
        let entry = state.store.entry(tab.id, seq)?;
        Some(tab.sought.as_ref()?.pattern.matches(&entry))
    });
    found.unwrap_or(false)
}

/// Goes to the next entry with the text.
pub(super) fn next(state: &mut State, towards: Towards) {
    let from = events::selected(state).unwrap_or(0);
    let now = state.now;
    let Some(sought) = state.tab_mut().and_then(|tab| tab.sought.as_mut()) else {
        let text = "nothing is searched for; s starts a search".to_owned();
        state.notices.push(now, None, Level::Info, text);
        return;
    };
    sought.towards = towards;
    sought.wrapped = false;
    sought.hunt = Some(Hunt::new(Arc::clone(&sought.pattern), towards, from));
}

/// Asks for the next piece to be looked at, or goes where the text was found.
pub(super) fn go_on(state: &mut State, effects: &mut Vec<Effect>) {
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    let Some(timeline) = store.timeline(tab.id) else {
        return;
    };
    let Some(hunt) = tab.sought.as_mut().and_then(|sought| sought.hunt.as_mut()) else {
        return;
    };
    if let Some(task) = hunt.next_task(timeline) {
        effects.push(Effect::Look(task));
    }
    match hunt.progress() {
        Progress::Searching => {}
        Progress::Found(seq) if tab.lens(store).at_or_after(seq) == Some(seq) => {
            end(tab);
            events::jump(state, seq);
        }
        Progress::Found(seq) => {
            // It is there but not shown: filtered out, or hidden by a pause.
            pass(tab, seq);
            go_on(state, effects);
        }
        Progress::Nowhere => {
            if wrap(state) {
                go_on(state, effects);
            }
        }
    }
}

fn end(tab: &mut Tab) {
    if let Some(sought) = &mut tab.sought {
        sought.hunt = None;
    }
}

fn pass(tab: &mut Tab, seq: Seq) {
    if let Some(sought) = &mut tab.sought {
        let hunt = Hunt::new(Arc::clone(&sought.pattern), sought.towards, seq);
        sought.hunt = Some(hunt);
    }
}

/// Goes on from the other end, once; false if that was done already.
fn wrap(state: &mut State) -> bool {
    let State {
        tabs,
        store,
        active,
        notices,
        now,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return false;
    };
    let lens = tab.lens(store);
    let (oldest, end_of_list) = (lens.oldest(), lens.last().map_or(0, |last| last + 1));
    let Some(sought) = &mut tab.sought else {
        return false;
    };
    let text = sought.pattern.text();
    if sought.wrapped {
        sought.hunt = None;
        notices.push(*now, None, Level::Info, format!("`{text}` is nowhere"));
        return false;
    }
    sought.wrapped = true;
    let (from, which) = match sought.towards {
        Towards::Newer => (oldest.unwrap_or(0).saturating_sub(1), "oldest"),
        Towards::Older => (end_of_list, "newest"),
    };
    notices.push(
        *now,
        None,
        Level::Info,
        format!("`{text}`: on from the {which} entry"),
    );
    let first_of_all = oldest == Some(0) && sought.towards == Towards::Newer;
    sought.hunt = Some(Hunt::new(Arc::clone(&sought.pattern), sought.towards, from));
    // A search looks behind where it starts, and there is nothing before the very first entry.
    if first_of_all && is_hit(state, 0) {
        if let Some(tab) = state.tab_mut() {
            end(tab);
        }
        events::jump(state, 0);
        return false;
    }
    true
}
