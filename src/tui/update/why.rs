//! The panel of both verdicts: which event, by whose filters.

use std::sync::Arc;

use crate::protocol::savetowebsocket::filter::Facts;
use crate::protocol::savetowebsocket::read_filters;
use crate::session::SessionId;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::filters as sets;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::{Ask, Overlay, Prompt};
use crate::tui::state::why::{By, Subject, Why, choices, ready};

use super::{events, filters};

/// What an editor is given where there is no event yet.
const BLANK: &str = "{}";

/// Opens the panel on the selected event.
pub(super) fn open(state: &mut State) {
    if !filters::is_spoken(state) {
        return;
    }
    let Some(tab) = state.tab() else { return };
    let session = tab.id;
    // What a shadow got is held against the filters it shadows.
    let against = tab.shadow_of.unwrap_or(session);
    let selected = events::selected(state);
    let held = selected.filter(|seq| state.store.entry(session, *seq).is_some());
    let subject = held.map_or(Subject::Nothing, |seq| Subject::Entry { session, seq });
    events::pin(state);
    let why = Why::new(subject, against);
    state.overlays.push(Overlay::Why(Box::new(why)));
    look(state);
}

/// The panel, if it is open, whatever lies over it.
fn panel(state: &mut State) -> Option<&mut Why> {
    state
        .overlays
        .iter_mut()
        .rev()
        .find_map(|overlay| match overlay {
            Overlay::Why(why) => Some(&mut **why),
            _ => None,
        })
}

/// Has the event judged again.
pub(super) fn look(state: &mut State) {
    let Some(why) = panel(state).map(|why| why.clone()) else {
        return;
    };
    let told = why.look(state);
    if let Some(why) = panel(state) {
        why.told = told;
    }
}

/// Changes the panel and has the event judged again.
fn change(state: &mut State, change: impl FnOnce(&mut Why)) {
    if let Some(why) = panel(state) {
        change(why);
        why.top = 0;
    }
    look(state);
}

/// Actions of the panel.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::PreviousSet => turn(state, -1),
        Action::NextSet => turn(state, 1),
        Action::TypeFilters => {
            let text = filters_text(state);
            ask(state, Ask::Filters, &text);
        }
        Action::TypeEvent => ask(state, Ask::Event, ""),
        Action::EditEvent => {
            let text = event_text(state).unwrap_or_else(|| BLANK.to_owned());
            effects.push(Effect::EditEvent(text));
        }
        Action::OtherFilters => {
            let Some(from) = panel(state).map(|why| why.against) else {
                return;
            };
            let next = filters::next_session(state, from);
            if next == from {
                let text = "there is no other session with filters; t opens one".to_owned();
                return filters::say(state, Level::Info, text);
            }
            change(state, |why| {
                why.against = next;
                why.chosen = 0;
            });
        }
        _ => {
            state.overlays.pop();
        }
    }
}

fn turn(state: &mut State, steps: isize) {
    let Some(why) = panel(state).map(|why| why.clone()) else {
        return;
    };
    let count = choices(state, &why).len();
    if count > 0 {
        let chosen = (why.chosen.min(count - 1) as isize + steps).rem_euclid(count as isize);
        change(state, |why| why.chosen = chosen as usize);
    }
}

fn ask(state: &mut State, ask: Ask, text: &str) {
    let prompt = Prompt::new(ask, text);
    state.overlays.push(Overlay::Prompt(prompt));
}

/// The filters the event is judged by now, to begin with.
fn filters_text(state: &mut State) -> String {
    let Some(why) = panel(state).map(|why| why.clone()) else {
        return String::new();
    };
    let all = choices(state, &why);
    let against = state.tabs.iter().find(|tab| tab.id == why.against);
    let reasoner = match (all.get(why.chosen), against) {
        (Some(By::Typed(reasoner)), _) => Some(Arc::clone(reasoner)),
        (Some(By::OfItsTime(which) | By::Set(which)), Some(tab)) => sets::reasoner(tab, *which),
        _ => None,
    };
    reasoner.map_or(String::new(), |reasoner| {
        serde_json::to_string(reasoner.filters()).unwrap_or_default()
    })
}

/// The event, for the editor.
fn event_text(state: &mut State) -> Option<String> {
    match panel(state)?.subject.clone() {
        Subject::Nothing => None,
        Subject::Typed(text) => Some(text),
        Subject::Entry { session, seq } => {
            let entry = state.store.entry(session, seq)?;
            Some(String::from_utf8_lossy(entry.payload).into_owned())
        }
    }
}

/// What is wrong with what is typed.
pub(super) fn problem(asked: Ask, text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return None;
    }
    match asked {
        Ask::Event => Facts::read(text.as_bytes())
            .err()
            .map(|error| error.to_string()),
        Ask::Filters => read_filters(text).err(),
        _ => None,
    }
}

/// Takes an event or filters that were typed; false if they are none.
pub(super) fn accept(state: &mut State, asked: Ask, text: &str) -> bool {
    if problem(asked, text).is_some() {
        return false;
    }
    match asked {
        Ask::Event if text.trim().is_empty() => {}
        Ask::Event => change(state, |why| {
            why.subject = Subject::Typed(text.trim().to_owned());
        }),
        _ => {
            let Ok(filters) = read_filters(text) else {
                return false;
            };
            change(state, |why| why.typed = Some(ready(&filters)));
            let last = panel(state).map(|why| why.clone());
            let last = last.map_or(0, |why| choices(state, &why).len());
            change(state, |why| why.chosen = last.saturating_sub(1));
        }
    }
    true
}

/// The editor was left. What is no event is taken all the same: the panel says what is wrong.
pub(super) fn edited(state: &mut State, result: Result<Option<String>, String>) {
    match result {
        Ok(Some(text)) => change(state, |why| why.subject = Subject::Typed(text)),
        Ok(None) => {}
        Err(why) => filters::say(state, Level::Failure, why),
    }
}

/// The session is closed: its filters and events are not asked about any more.
pub(super) fn forget(state: &mut State, session: SessionId) {
    let concerned = panel(state).is_some_and(|why| {
        let of = matches!(why.subject, Subject::Entry { session: of, .. } if of == session);
        of || why.against == session
    });
    if concerned {
        state
            .overlays
            .retain(|overlay| !matches!(overlay, Overlay::Why(_)));
    }
}
