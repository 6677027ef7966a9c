//! The list of asks without a reply: jump to one, send one again, send all lost ones again.

use crate::frame::Seq;
use crate::protocol::{Command, System, raccoon};
use crate::session::Order;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::asks;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::{AgainForm, Overlay};

use super::{composer, detail, events};

/// Actions of the list.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::JumpToAsk => {
            if let Some(seq) = leave_for(state) {
                events::jump(state, seq);
                detail::enter(state);
            }
        }
        Action::EditAsk => {
            if let Some(seq) = leave_for(state) {
                events::jump(state, seq);
                composer::resend(state);
            }
        }
        Action::RepeatAsk => {
            let seq = selected(state);
            repeat(state, &seq.into_iter().collect::<Vec<_>>(), effects);
        }
        Action::RepeatLost => {
            let lost = state.tab().map(asks::lost_for_good).unwrap_or_default();
            repeat(state, &lost, effects);
        }
        _ => {
            state.overlays.pop();
        }
    }
}

/// Closes the list; the ask that was selected, if it is still in memory.
fn leave_for(state: &mut State) -> Option<Seq> {
    let seq = selected(state)?;
    state.overlays.pop();
    let tab = state.tab()?.id;
    if state.store.entry(tab, seq).is_none() {
        say(state, GONE);
        return None;
    }
    Some(seq)
}

const GONE: &str = "this ask has left the memory, which forgets the oldest entries first";

fn selected(state: &State) -> Option<Seq> {
    let Some(Overlay::Asks { selected }) = state.overlays.last() else {
        return None;
    };
    let rows = asks::rows(state.tab()?);
    rows.get(*selected).map(|row| row.ask.seq)
}

/// Sends the messages at these places again, byte for byte and so under the same key.
fn repeat(state: &mut State, seqs: &[Seq], effects: &mut Vec<Effect>) {
    let Some(tab) = state.tab() else { return };
    let is_held = |seq: &&Seq| state.store.entry(tab.id, **seq).is_some();
    let held: Vec<Seq> = seqs.iter().filter(is_held).copied().collect();
    if held.is_empty() {
        let nothing = if seqs.is_empty() {
            "nothing was lost for good"
        } else {
            GONE
        };
        return say(state, nothing);
    }
    composer::choose_again(state, &held, AgainForm::AsItWas, effects);
}

/// Sends a batch without events.
pub(super) fn probe(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(tab) = state.tab() else { return };
    let system = tab.snapshot.as_ref().and_then(|snapshot| snapshot.system);
    if system != Some(System::Raccoon) {
        say(
            state,
            "only Raccoon has batches without events to probe with",
        );
        return;
    }
    let guid = uuid::Uuid::new_v4().to_string();
    let batch = raccoon::probe(&tab.terms.settings.raccoon, &guid, state.now);
    effects.push(Effect::Order {
        session: tab.id,
        order: Order::Send(Command::Batch(batch)),
    });
}

fn say(state: &mut State, text: &str) {
    let session = state.tab().map(|tab| tab.id);
    let now = state.now;
    state
        .notices
        .push(now, session, Level::Info, text.to_owned());
}
