//! Tabs, and what is told to sessions.

use crate::session::{Order, SessionId};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::notices::Level;
use crate::tui::state::picker::Picker;
use crate::tui::state::tab::{Phase, Tab};
use crate::tui::state::{Focus, Screen, State, TABS_MAX};

use super::{shadow, why};

/// Opens a tab on `target` and asks for its session.
pub fn start(state: &mut State, target: &str) -> Vec<Effect> {
    if state.tabs.len() >= TABS_MAX {
        let text = format!("{target} was not started: there are {TABS_MAX} sessions already");
        state.notices.push(state.now, None, Level::Failure, text);
        return Vec::new();
    }
    let session = state.take_id();
    state.tabs.push(Tab::new(session, target.to_owned()));
    show(state, state.tabs.len() - 1);
    vec![Effect::Start {
        session,
        target: target.to_owned(),
    }]
}

/// Brings the session at `index` to the front, if there is one.
pub(super) fn show(state: &mut State, index: usize) {
    if index < state.tabs.len() {
        state.active = index;
        state.screen = Screen::Sessions;
        state.focus = Focus::Events;
    }
}

/// Actions on tabs and sessions.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    let count = state.tabs.len();
    match action {
        Action::NextTab if count > 0 => show(state, (state.active + 1) % count),
        Action::PreviousTab if count > 0 => show(state, (state.active + count - 1) % count),
        Action::NewTab => pick(state, effects),
        Action::CloseTab => close(state, effects),
        Action::Reconnect => reconnect(state, effects),
        Action::Disconnect => tell(state, Order::Disconnect, effects),
        _ => {}
    }
}

/// Shows the picker; profiles may have come and gone since it was last seen.
fn pick(state: &mut State, effects: &mut Vec<Effect>) {
    state.screen = Screen::Picker(Picker::default());
    effects.push(Effect::List);
}

/// Dials again; a session that never started, or has ended, is started anew in its tab.
fn reconnect(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(tab) = state.tab_mut() else { return };
    if let Phase::NotStarted(_) = tab.phase {
        tab.phase = Phase::Starting;
        effects.push(Effect::Start {
            session: tab.id,
            target: tab.target.clone(),
        });
    } else {
        tell(state, Order::Reconnect, effects);
    }
}

/// Tells the active session something.
pub(super) fn tell(state: &mut State, order: Order, effects: &mut Vec<Effect>) {
    if let Some(tab) = state.tab() {
        effects.push(Effect::Order {
            session: tab.id,
            order,
        });
    }
}

fn close(state: &mut State, effects: &mut Vec<Effect>) {
    if state.active >= state.tabs.len() {
        return;
    }
    let SessionId(number) = state.tabs[state.active].id;
    let tab = state.tabs.remove(state.active);
    effects.push(Effect::End(SessionId(number)));
    state.store.remove(tab.id);
    why::forget(state, tab.id);
    shadow::closed(state, &tab, effects);
    state.active = state.active.min(state.tabs.len().saturating_sub(1));
    state.focus = Focus::Events;
    if state.tabs.is_empty() {
        pick(state, effects);
    }
}
