//! What a session hands over.

use std::sync::Arc;

use crate::session::Delivery;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::notices::Level;
use crate::tui::state::tab::Phase;

use super::{composer, filter, filters, shadow};

/// Takes a delivery apart.
pub(super) fn take(state: &mut State, delivery: Delivery, effects: &mut Vec<Effect>) {
    let session = delivery.session;
    let now = state.now;
    let Some(tab) = state.tabs.iter_mut().find(|tab| tab.id == session) else {
        return; // Its tab was closed; the session is ending.
    };
    if let Some(sending) = tab.composer.sending_mut() {
        sending.follow(&delivery.chunk);
        if delivery.last {
            sending.abandon(now);
        }
    }
    if let Some(buffer) = state.store.add(session, delivery.chunk) {
        effects.push(Effect::Recycle { session, buffer });
    }
    if let Some(snapshot) = delivery.snapshot {
        tab.snapshot = Some(snapshot);
        filters::take_periods(tab, &state.store);
    }
    if let Some(decoder) = delivery.decoder {
        tab.decoder = Some(Arc::clone(&decoder));
        // What was read before was read without it, or with another one.
        tab.detail.read_again();
        filter::apply(tab, &state.store);
    }
    if delivery.last {
        tab.phase = Phase::Ended;
    }
    let last = delivery.last;
    let secrets = Arc::clone(&tab.secrets);
    for note in delivery.notes {
        let masked = secrets.mask(&note);
        state
            .notices
            .push(now, Some(session), Level::Warning, masked);
    }
    for rejection in delivery.rejections {
        let text = rejection.error.to_string();
        let masked = secrets.mask(&text);
        composer::rejected(state, session, &masked);
        state
            .notices
            .push(now, Some(session), Level::Failure, masked);
    }
    if last {
        shadow::ended(state, session, effects);
    }
}
