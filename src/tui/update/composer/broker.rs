//! What the composer does for a broker alone: topics to begin with, answers to its calls, and a
//! question before what hurts others.

use crate::protocol::System;
use crate::protocol::websocketmq::conventions::Convention;
use crate::protocol::websocketmq::{Call, hazard};
use crate::tui::composer::broker;
use crate::tui::composer::sending::Sending;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::confirm::{Confirm, Deed};
use crate::tui::state::overlay::Overlay;

use super::{composer, sending};

/// Shows topics to begin with.
pub(super) fn offer(state: &mut State) {
    let Some((_, terms)) = composer(state) else {
        return;
    };
    let all = broker::presets(&terms.settings.websocketmq);
    state
        .overlays
        .push(Overlay::Conventions { all, selected: 0 });
}

/// Puts what is agreed about a topic into its form.
pub(in crate::tui::update) fn take(state: &mut State, convention: &Convention) {
    if let Some((composer, terms)) = composer(state) {
        composer.take_convention(convention, &terms);
    }
}

/// Opens the composer with an answer to that call of the active session.
pub(in crate::tui::update) fn answer(state: &mut State, call: &Call) {
    super::open(state);
    if let Some((composer, terms)) = composer(state) {
        composer.answer_call(call, &terms);
    }
}

/// Why something is to be asked about before it is sent.
pub(super) fn danger(sending: &Sending, system: System) -> Option<String> {
    if system != System::WebSocketMq {
        return None;
    }
    let recipes = sending.recipes().iter();
    recipes
        .map(|recipe| &recipe.first().command)
        .find_map(hazard)
}

/// Asks before what the composer keeps is sent.
pub(super) fn ask(state: &mut State, label: &str, why: &str) {
    state.ask(Confirm {
        what: format!("Send {label}?"),
        why: format!("{why}."),
        deed: Deed::Run(go),
    });
}

/// The answer was yes.
fn go(state: &mut State, effects: &mut Vec<Effect>) {
    let now = state.now;
    if let Some(tab) = state.tab_mut() {
        tab.composer.go(now);
    }
    sending::pump(state, now, effects);
}
