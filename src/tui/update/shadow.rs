//! The shadow of a session: opened beside it, compared with it, ended with it.
//!
//! There is never more than one per session, and it does not dial again by itself: the real server
//! can be brought down by clients that come and go.

use std::sync::Arc;

use crate::session::{SessionId, State as Lifecycle};
use crate::store::Timeline;
use crate::tui::effect::Effect;
use crate::tui::state::notices::Level;
use crate::tui::state::shadow::Shadowing;
use crate::tui::state::tab::{Phase, Tab};
use crate::tui::state::{State, TABS_MAX};

use super::filters;

/// Opens a shadow of the active session, or ends the one it has.
pub(super) fn toggle(state: &mut State, effects: &mut Vec<Effect>) {
    if !filters::is_spoken(state) {
        return;
    }
    let Some(tab) = state.tab() else { return };
    if let Some(of) = tab.shadow_of {
        // The shadow itself is on screen.
        end(state, of, effects);
        return;
    }
    let session = tab.id;
    if tab.shadow.as_ref().is_some_and(|shadow| !shadow.over) {
        end(state, session, effects);
    } else {
        open(state, session, effects);
    }
}

fn tell(state: &mut State, session: SessionId, level: Level, text: impl Into<String>) {
    state
        .notices
        .push(state.now, Some(session), level, text.into());
}

fn open(state: &mut State, of: SessionId, effects: &mut Vec<Effect>) {
    let Some(tab) = state.tab_of(of) else { return };
    if tab.phase != Phase::Running || tab.lifecycle() != Lifecycle::Live {
        let text = "a shadow is opened beside a live session; r dials";
        return tell(state, of, Level::Info, text);
    }
    // What an ended shadow left makes room for the next one.
    if let Some(before) = tab.shadow.take() {
        forget(state, before.session);
    }
    if state.tabs.len() >= TABS_MAX {
        let text = format!("no shadow was opened: there are {TABS_MAX} sessions already");
        return tell(state, of, Level::Failure, text);
    }
    let session = state.take_id();
    let now = state.now;
    let from = state.store.timeline(of).map_or(0, Timeline::next);
    let Some(at) = state.tabs.iter().position(|tab| tab.id == of) else {
        return;
    };
    let tab = &mut state.tabs[at];
    let in_force = tab
        .judges
        .in_force()
        .map(|period| Arc::clone(&period.filters));
    tab.shadow = Some(Shadowing::new(session, from, in_force.as_deref(), now));
    let mut shadow = Tab::new(session, format!("{} shadow", tab.target));
    shadow.shadow_of = Some(of);
    // Beside the session, whose tab stays on screen.
    state.tabs.insert(at + 1, shadow);
    if state.active > at {
        state.active += 1;
    }
    let text = "shadow: a second connection without filters is compared with this one; F shows \
                what does not fit, S ends it";
    tell(state, of, Level::Info, text);
    effects.push(Effect::Shadow { session, of });
}

/// Ends the shadow of `of`; what it received stays in its tab.
fn end(state: &mut State, of: SessionId, effects: &mut Vec<Effect>) {
    let shadow = state.tab_of(of).and_then(|tab| tab.shadow.as_mut());
    let Some(shadow) = shadow.filter(|shadow| !shadow.over) else {
        return tell(state, of, Level::Info, "this shadow has ended already");
    };
    let session = shadow.session;
    shadow.end();
    effects.push(Effect::End(session));
    let text = "the shadow has ended; what it received stays in its tab";
    tell(state, of, Level::Info, text);
}

/// Closes the tab of a shadow that is over.
fn forget(state: &mut State, shadow: SessionId) {
    let found = state.tabs.iter().position(|tab| tab.id == shadow);
    if let Some(index) = found {
        state.tabs.remove(index);
        state.store.remove(shadow);
        if state.active > index {
            state.active -= 1;
        }
        super::why::forget(state, shadow);
    }
}

/// A session has ended: its shadow ends with it, or it was one.
pub(super) fn ended(state: &mut State, session: SessionId, effects: &mut Vec<Effect>) {
    let Some(tab) = state.tab_of(session) else {
        return;
    };
    let of = tab.shadow_of;
    if let Some(shadow) = tab.shadow.as_mut().filter(|shadow| !shadow.over) {
        shadow.end();
        let session = shadow.session;
        effects.push(Effect::End(session));
    }
    let shadowed = of.and_then(|of| state.tab_of(of));
    let shadow = shadowed.and_then(|tab| tab.shadow.as_mut());
    if let Some(shadow) = shadow.filter(|shadow| shadow.session == session && !shadow.over) {
        shadow.end();
        let text = "the shadow's connection has ended and is not dialed again; S opens another";
        tell(state, of.unwrap_or(session), Level::Warning, text);
    }
}

/// A tab was closed: nothing is compared with it any more.
pub(super) fn closed(state: &mut State, closed: &Tab, effects: &mut Vec<Effect>) {
    if let Some(shadow) = &closed.shadow {
        effects.push(Effect::End(shadow.session));
        if let Some(tab) = state.tab_of(shadow.session) {
            tab.shadow_of = None;
        }
    }
    let shadowed = closed.shadow_of.and_then(|of| state.tab_of(of));
    if let Some(tab) = shadowed {
        tab.shadow = None;
    }
}

/// Asks for the next pieces to be compared, and tells what was found.
pub(super) fn go_on(state: &mut State, effects: &mut Vec<Effect>) {
    let State { tabs, store, .. } = state;
    for tab in tabs {
        let of = tab.id;
        let Some(shadow) = &mut tab.shadow else {
            continue;
        };
        if shadow.over {
            continue;
        }
        let sides = [of, shadow.session];
        for (visit, session) in shadow.visits_mut().iter_mut().zip(sides) {
            if let Some(timeline) = store.timeline(session)
                && let Some(task) = visit.next_task(timeline)
            {
                effects.push(Effect::Look(task));
            }
        }
    }
}

/// Looks what was found by now: before a picture, not after every piece.
pub(super) fn look(state: &mut State) {
    let State {
        tabs,
        store,
        notices,
        now,
        ..
    } = state;
    for tab in tabs {
        let of = tab.id;
        let Some(shadow) = &mut tab.shadow else {
            continue;
        };
        if !shadow.over {
            shadow.look(of, store, *now);
        }
        for text in shadow.news(*now) {
            notices.push(*now, Some(of), Level::Warning, text);
        }
    }
}
