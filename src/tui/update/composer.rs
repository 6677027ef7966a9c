//! Keys of the composer, and what it sends.

mod again;
mod broker;
mod fields;
mod filters;
mod sending;
mod shelf;

use std::sync::Arc;

use crate::compose::Captured;
use crate::frame::{Frame, FrameKind, Seq};
use crate::protocol::System;
use crate::protocol::raccoon::Wire;
use crate::session::SessionId;
use crate::tui::action::Action;
use crate::tui::composer::draft::EVENTS_MAX;
use crate::tui::composer::filters as register;
use crate::tui::composer::kind::Kind;
use crate::tui::composer::places;
use crate::tui::composer::resend::{self, Original};
use crate::tui::composer::{Composer, Terms};
use crate::tui::effect::{EditJob, Effect};
use crate::tui::state::State;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::Overlay;
use crate::tui::state::tab::Tab;

use super::events;

pub(in crate::tui) use again::forms as again_forms;
pub(super) use again::{choose as choose_again, command};
pub(super) use broker::{answer, take as take_convention};
pub(super) use fields::{click, edit, paste, scroll, typed};
pub(super) use filters::{keep_in as keep_filters_in, profile_problem, take as take_preset};
pub(super) use sending::{many_problem, pump, rejected, send_many, unfed};
pub(super) use shelf::{
    accept as accept_saved, name_problem, named, perform as perform_saved, searched, shelved,
};

/// Opens the composer of the active session.
pub(super) fn open(state: &mut State) {
    let Some(tab) = state.tab_mut() else { return };
    attend(tab);
    let (system, terms) = (system(tab), tab.terms.clone());
    tab.composer.open(system, &terms);
    state.overlays.push(Overlay::Compose);
}

/// Tells the composer which filters are in force, and how the conversation with a broker stands.
fn attend(tab: &mut Tab) {
    let picture = tab
        .snapshot
        .as_ref()
        .and_then(|snapshot| snapshot.broker.as_ref());
    tab.composer.hear(picture, &mut tab.terms);
    let periods = tab.snapshot.as_ref().map(|snapshot| &snapshot.filters);
    let in_force = periods.and_then(|periods| register::in_force(periods));
    let terms = tab.terms.clone();
    tab.composer.attend(in_force, &terms);
}

/// Opens it with this document: in the first form of the system it fits, else as it stands.
pub(super) fn open_with(state: &mut State, document: &str) {
    open(state);
    if let Some((composer, terms)) = composer(state) {
        composer.take_any(document, &terms);
    }
}

fn system(tab: &Tab) -> System {
    let known = tab.snapshot.as_ref().and_then(|snapshot| snapshot.system);
    known.unwrap_or(System::Generic)
}

/// Offers to send the marked frames again, or the selected one.
pub(super) fn send_again(state: &mut State) {
    again::open(state);
}

/// The document that sends an entry of that tab again.
pub(super) fn again_document(tab: &Tab, entry: &crate::entry::Entry<'_>) -> Option<String> {
    again::document(entry, system(tab))
}

/// Opens it with the like of the selected frame.
pub(super) fn resend(state: &mut State) {
    if let Some(seq) = events::selected(state) {
        resend_entry(state, seq);
    }
}

/// Opens it with the like of that entry.
fn resend_entry(state: &mut State, seq: Seq) {
    let draft =
        state.tab().and_then(|tab| {
            let entry = state.store.entry(tab.id, seq)?;
            let Some(frame) = entry.frame() else {
                return Some(Err("only frames can be sent again; this is a state change"));
            };
            // A call is opened as the message in it.
            let captured = Captured::of(&frame);
            let frame = match captured {
                Some(captured) => Frame {
                    kind: match captured.wire {
                        Wire::Json => FrameKind::Text,
                        Wire::Protobuf => FrameKind::Binary,
                    },
                    payload: captured.message,
                    ..frame
                },
                None => frame,
            };
            let decoder = tab.decoder.as_ref().map(Arc::clone);
            let body = decoder
                .map(|decoder| decoder.body(&frame))
                .unwrap_or_default();
            let original = Original {
                kind: frame.kind,
                payload: frame.payload,
                body: &body,
                transport: captured.map(|captured| captured.transport),
            };
            let draft = resend::draft(original, system(tab), &tab.terms.schema);
            Some(draft.ok_or(
                "this frame is too large for the composer; copy it to a file for `wspect send`",
            ))
        });
    match draft {
        None => {}
        Some(Ok(draft)) => {
            open(state);
            if let Some((composer, terms)) = composer(state) {
                composer.put(draft, &terms);
            }
        }
        Some(Err(why)) => say(state, Level::Info, why.to_owned()),
    }
}

fn say(state: &mut State, level: Level, text: String) {
    let session = state.tab().map(|tab| tab.id);
    state.notices.push(state.now, session, level, text);
}

/// True while the composer has the keys.
pub(super) fn is_on_top(state: &State) -> bool {
    matches!(state.overlays.last(), Some(Overlay::Compose)) && state.tab().is_some()
}

fn composer(state: &mut State) -> Option<(&mut Composer, Terms)> {
    let tab = state.tab_mut()?;
    let terms = tab.terms.clone();
    Some((&mut tab.composer, terms))
}

/// What is bound in the composer alone.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    if !is_on_top(state) {
        return;
    }
    match action {
        Action::Send => sending::once(state, effects),
        Action::SendMany => sending::ask(state),
        Action::SaveDocument => shelf::ask_name(state, effects),
        Action::OpenSaved => shelf::open(state, effects),
        Action::CopyCommand => {
            let Some(tab) = state.tab() else { return };
            let document = tab.composer.document(&tab.terms);
            effects.push(Effect::Copy(again::command(state, tab, &document)));
        }
        Action::FilterPresets => filters::offer(state),
        Action::KeepFilters => filters::keep(state, effects),
        Action::StopSending => sending::stop(state),
        Action::CloseComposer => {
            state.overlays.pop();
        }
        Action::OpenEditor => edit_elsewhere(state, effects),
        Action::AddEvent => {
            let Some((composer, terms)) = composer(state) else {
                return;
            };
            let draft = composer.draft_mut();
            if !draft.is_none_or(|draft| draft.add_event(&terms.schema)) {
                let text = format!(
                    "{EVENTS_MAX} events is the most the form takes; `wspect send` takes more"
                );
                say(state, Level::Info, text);
            }
        }
        _ => {
            if let Some((composer, terms)) = composer(state) {
                fields::within(composer, action, &terms);
            }
        }
    }
}

/// The session did not take what was sent; the draft is as it was.
pub(super) fn refused(state: &mut State, session: SessionId, why: &str) {
    if let Some(tab) = state.tab_of(session) {
        tab.composer.refused = Some(why.to_owned());
    }
}

/// The session could not be told.
pub(super) fn untold(state: &mut State, session: SessionId, why: String) {
    refused(state, session, &why);
    let notices = &mut state.notices;
    notices.push(state.now, Some(session), Level::Failure, why);
}

fn edit_elsewhere(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(tab) = state.tab() else { return };
    let kind = tab.composer.kind();
    effects.push(Effect::Edit(Box::new(EditJob {
        session: tab.id,
        kind,
        text: tab.composer.document(&tab.terms),
    })));
}

/// The editor was left; `Ok(None)` if nothing was changed.
pub(super) fn edited(
    state: &mut State,
    session: SessionId,
    kind: Kind,
    result: Result<Option<String>, String>,
) {
    let now = state.now;
    let text = match result {
        Ok(None) => return,
        Ok(Some(text)) => text,
        Err(why) => {
            let session = Some(session);
            return state.notices.push(now, session, Level::Failure, why);
        }
    };
    let Some(tab) = state.tab_of(session) else {
        return;
    };
    let terms = tab.terms.clone();
    tab.composer.take_document(kind, &text, &terms);
    if tab.composer.kind() != kind {
        let text = format!(
            "the {} form has no fields for what you wrote: it is a document now, and the form is \
             as it was",
            kind.title()
        );
        state.notices.push(now, Some(session), Level::Info, text);
    }
}

/// Prepares what the next picture shows of the composer.
pub(super) fn prepare(state: &mut State) {
    if !state.is_composing() {
        return;
    }
    let pane = places::pane(&state.areas());
    let State {
        tabs,
        active,
        environment,
        now,
        store,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    attend(tab);
    tab.composer.sample(store.timeline(tab.id), *now);
    tab.composer.look(&tab.terms, environment, *now);
    let Some(places) = tab.composer.places(pane) else {
        return;
    };
    tab.composer
        .fit(places.text_width(), usize::from(places.text.height));
}

#[cfg(test)]
pub(in crate::tui) mod tests;
