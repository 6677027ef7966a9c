//! Keys of the events pane, and what concerns its rows from elsewhere.

use crate::frame::Seq;
use crate::store::Timeline;
use crate::tui::action::Action;
use crate::tui::state::State;
use crate::tui::state::events::{Events, MARKS_MAX, Position};
use crate::tui::state::lens::Lens;
use crate::tui::state::notices::Level;

use super::detail;

/// Gives `change` the active list, what it shows, and its height.
fn with_list<T>(
    state: &mut State,
    change: impl FnOnce(&mut Events, &Lens<'_>, usize) -> T,
) -> Option<T> {
    let height = state.areas().list_height();
    let tab = state.tabs.get_mut(state.active)?;
    let mut events = std::mem::take(&mut tab.events);
    // The lens ends where the pause began; it reads that from the tab.
    tab.events.paused_at = events.paused_at;
    let result = change(&mut events, &tab.lens(&state.store), height);
    tab.events = events;
    Some(result)
}

/// Up, down, pages, ends.
pub(super) fn step(state: &mut State, action: Action) {
    with_list(state, |events, lens, height| {
        let page = height.max(2) as isize - 1;
        match action {
            Action::Up => events.step(-1, lens, height),
            Action::Down => events.step(1, lens, height),
            Action::PageUp => events.step(-page, lens, height),
            Action::PageDown => events.step(page, lens, height),
            Action::Top => {
                if let Some(seq) = lens.oldest() {
                    events.select(seq, lens, height);
                }
            }
            _ => events.position = Position::Following,
        }
    });
}

/// Moves the selection by rows: the mouse wheel.
pub(super) fn scroll(state: &mut State, rows: isize) {
    with_list(state, |events, lens, height| {
        events.step(rows, lens, height);
    });
}

/// Selects the entry in that row of the list.
pub(super) fn click(state: &mut State, row: usize) {
    with_list(state, |events, lens, height| {
        if let Some(seq) = events.rows(lens, height).get(row) {
            events.select(*seq, lens, height);
        }
    });
}

/// Stops following, so that what is looked at stays.
pub(super) fn pin(state: &mut State) {
    with_list(state, Events::pin);
}

/// Selects `seq`, in the middle of the list if it was not on screen.
pub(super) fn jump(state: &mut State, seq: Seq) {
    with_list(state, |events, lens, height| events.jump(seq, lens, height));
}

/// Actions of the events context.
pub(super) fn perform(state: &mut State, action: Action) {
    match action {
        Action::Follow => {
            with_list(state, |events, _, _| events.position = Position::Following);
        }
        Action::Inspect => detail::enter(state),
        _ => state.notices.dismiss(),
    }
}

/// Actions on rows that work from every pane.
pub(super) fn command(state: &mut State, action: Action) {
    match action {
        Action::Pause => pause(state),
        Action::Mark => mark(state),
        Action::NextMark => {
            let from = selected(state).map_or(0, |seq| seq + 1);
            let marks = |events: &Events| {
                let found = events.marks.range(from..).next();
                found.or_else(|| events.marks.first()).copied()
            };
            go(state, marks, "no entry is marked; m marks one");
        }
        Action::PreviousMark => {
            let from = selected(state).unwrap_or(0);
            let marks = |events: &Events| {
                let found = events.marks.range(..from).next_back();
                found.or_else(|| events.marks.last()).copied()
            };
            go(state, marks, "no entry is marked; m marks one");
        }
        _ => {
            let pair = state.tab().zip(selected(state)).and_then(|(tab, seq)| {
                let entry = state.store.entry(tab.id, seq)?;
                entry.pair
            });
            go(state, |_| pair, "this entry has no other half");
        }
    }
}

/// The selected entry of the active tab.
pub(super) fn selected(state: &State) -> Option<Seq> {
    let tab = state.tab()?;
    tab.events.selected(&tab.lens(&state.store))
}

fn go(state: &mut State, target: impl FnOnce(&Events) -> Option<Seq>, otherwise: &str) {
    let found = state.tab().and_then(|tab| target(&tab.events));
    match found {
        Some(seq) => jump(state, seq),
        None => state
            .notices
            .push(state.now, None, Level::Info, otherwise.to_owned()),
    }
}

fn pause(state: &mut State) {
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    let next = store.timeline(tab.id).map_or(0, Timeline::next);
    tab.events.paused_at = match tab.events.paused_at {
        None => Some(next),
        Some(_) => None,
    };
}

fn mark(state: &mut State) {
    let Some(seq) = selected(state) else { return };
    let now = state.now;
    let Some(tab) = state.tab_mut() else { return };
    if tab.events.marks.remove(&seq) {
        return;
    }
    if tab.events.marks.len() < MARKS_MAX {
        tab.events.marks.insert(seq);
    } else {
        let text =
            format!("not marked: there are {MARKS_MAX} marks already; take some away with m");
        state.notices.push(now, None, Level::Failure, text);
    }
}
