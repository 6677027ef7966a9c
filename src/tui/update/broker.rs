//! The broker panel: topics, clients, calls, and what can be done with each.

mod calls;
mod clients;
mod topics;

use crate::frame::Seq;
use crate::protocol::websocketmq::{Order as Steer, Picture};
use crate::protocol::{Command, System};
use crate::session::Order;
use crate::tui::action::{Action, Context};
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::broker::{self, CallName, CallRow, Panel, Section};
use crate::tui::state::notices::Level;
use crate::tui::state::ours::Ours;
use crate::tui::state::overlay::Overlay;

use super::filters::{put, turn_to};
use super::{detail, events};

pub(super) use topics::{accept as subscribe_to, problem as topic_problem};

/// Opens the panel: on the call that waits longest for an answer, where one does.
pub(super) fn open(state: &mut State) {
    if state.tab().is_none_or(|tab| broker::picture(tab).is_none()) {
        // Somebody may be waiting in another session.
        match broker::waiting(state) {
            Some(waiting) => super::sessions::show(state, waiting.tab),
            None => return not_spoken(state),
        }
    }
    let Some(tab) = state.tab_mut() else { return };
    let held = broker::picture(tab).and_then(|picture| Some(broker::soonest_held(picture)?.number));
    if let Some(number) = held {
        tab.broker.section = Section::Calls;
        tab.broker.call = Some(CallName::Call(number));
    }
    state.overlays.push(Overlay::Broker);
}

fn not_spoken(state: &mut State) {
    let system = state.tab().and_then(|tab| tab.snapshot.as_ref()?.system);
    let text = match system {
        Some(System::WebSocketMq) => "the broker has not been reached yet".to_owned(),
        Some(System::Generic) | None => {
            "only WebSocketMQ has a broker; this session is of no known system".to_owned()
        }
        Some(system) => format!(
            "only WebSocketMQ has a broker; this session speaks {}",
            system.row().title
        ),
    };
    say(state, Level::Info, text);
}

fn say(state: &mut State, level: Level, text: impl Into<String>) {
    let session = state.tab().map(|tab| tab.id);
    state.notices.push(state.now, session, level, text.into());
}

/// Gives `look` the panel and the picture it shows.
fn look<T>(state: &State, look: impl FnOnce(&Panel, &Picture) -> T) -> Option<T> {
    let tab = state.tab()?;
    Some(look(&tab.broker, broker::picture(tab)?))
}

/// Up, down, pages, ends.
pub(super) fn step(state: &mut State, rows: isize) {
    let Some(tab) = state.tab_mut() else { return };
    let Some(picture) = broker::picture(tab).map(std::sync::Arc::clone) else {
        return;
    };
    let last = tab.broker.len(&picture).saturating_sub(1);
    let at = tab.broker.selected(&picture).unwrap_or(0);
    let at = at.saturating_add_signed(rows).min(last);
    tab.broker.select(at, &picture);
}

/// Actions of the panel.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match (action.row().context, action) {
        (Context::BrokerTopics, _) => topics::perform(state, action, effects),
        (Context::BrokerClients, _) => clients::perform(state, action, effects),
        (Context::BrokerCalls, _) => calls::perform(state, action, effects),
        (_, Action::NextSection) => turn(state, 1),
        (_, Action::PreviousSection) => turn(state, -1),
        (_, Action::BrokerEntry) => go(state),
        (_, Action::BrokerOnly) => only(state),
        (_, Action::Diagnostics) => topics::diagnostics(state, effects),
        (_, Action::HoldCalls) => calls::hold(state, effects),
        (_, Action::WatchClients) => clients::watch(state, effects),
        _ => close(state),
    }
}

fn turn(state: &mut State, steps: isize) {
    if let Some(tab) = state.tab_mut() {
        tab.broker.section = tab.broker.section.step(steps);
    }
}

/// Takes the panel away; where it stood is remembered.
fn close(state: &mut State) {
    state.overlays.retain(|it| !matches!(it, Overlay::Broker));
}

/// Tells the active session to send something.
fn send(state: &State, command: Command, effects: &mut Vec<Effect>) {
    if let Some(tab) = state.tab() {
        effects.push(Effect::Order {
            session: tab.id,
            order: Order::Send(command),
        });
    }
}

fn steer(state: &State, order: Steer, effects: &mut Vec<Effect>) {
    send(state, Command::Steer(order), effects);
}

/// Opens the composer with this document in place of the panel.
fn compose(state: &mut State, document: &str) {
    close(state);
    super::composer::open_with(state, document);
}

/// Goes to the entry of what is selected.
fn go(state: &mut State) {
    let found = look(state, |panel, picture| match panel.section {
        Section::Topics => panel.topic(picture).map(|topic| topic.seq),
        Section::Clients => panel.client(picture).map(|_| None),
        Section::Calls => panel.call(picture).map(|row| match row {
            CallRow::Call(call) => Some(call.seq),
            CallRow::Proxied(call) => Some(call.answer.unwrap_or(call.seq)),
        }),
    });
    match found.flatten() {
        None => {}
        Some(None) => {
            let text = "no message of it is known: there is nothing to go to";
            say(state, Level::Info, text);
        }
        Some(Some(seq)) => go_to(state, seq),
    }
}

fn go_to(state: &mut State, seq: Seq) {
    let held = state.tab().and_then(|tab| state.store.entry(tab.id, seq));
    if held.is_none() {
        let text = "this has left the memory, which forgets the oldest entries first";
        return say(state, Level::Info, text);
    }
    close(state);
    events::jump(state, seq);
    detail::enter(state);
}

/// Shows what belongs to the selected topic, client or call alone.
fn only(state: &mut State) {
    let Some(tab) = state.tab() else { return };
    let session = tab.id;
    let ours = look(state, |panel, picture| match panel.section {
        Section::Topics => panel
            .topic(picture)
            .map(|topic| Ours::Topic(topic.name.as_str().into())),
        Section::Clients => panel
            .client(picture)
            .map(|client| Ours::Naming(client.id.as_str().into())),
        Section::Calls => panel.call(picture).map(|row| match row {
            CallRow::Call(call) => Ours::Naming(call.id.as_str().into()),
            CallRow::Proxied(call) => Ours::Call {
                id: call.id.as_str().into(),
                inner: call.inner.as_deref().map(Into::into),
            },
        }),
    });
    match ours.flatten() {
        None => {}
        Some(Ours::Naming(id)) if id.is_empty() => {
            say(
                state,
                Level::Info,
                "this call has no id to find its reply by",
            );
        }
        Some(ours) => {
            close(state);
            turn_to(state, session);
            put(state, Some(ours));
        }
    }
}
