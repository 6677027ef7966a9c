//! Keys of the composer, and what it sends.

mod fields;

use std::sync::Arc;

use crate::protocol::System;
use crate::session::{Order, SessionId};
use crate::tui::action::Action;
use crate::tui::composer::draft::EVENTS_MAX;
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

pub(super) use fields::{click, edit, paste, scroll, typed};

/// Opens the composer of the active session.
pub(super) fn open(state: &mut State) {
    let Some(tab) = state.tab_mut() else { return };
    let (system, terms) = (system(tab), tab.terms.clone());
    tab.composer.open(system, &terms);
    state.overlays.push(Overlay::Compose);
}

fn system(tab: &Tab) -> System {
    let known = tab.snapshot.as_ref().and_then(|snapshot| snapshot.system);
    known.unwrap_or(System::Generic)
}

/// Opens it with the like of the selected frame.
pub(super) fn resend(state: &mut State) {
    let draft =
        state.tab().and_then(|tab| {
            let entry = state.store.entry(tab.id, events::selected(state)?)?;
            let Some(frame) = entry.frame() else {
                return Some(Err("only frames can be sent again; this is a state change"));
            };
            let decoder = tab.decoder.as_ref().map(Arc::clone);
            let body = decoder
                .map(|decoder| decoder.body(&frame))
                .unwrap_or_default();
            let original = Original {
                kind: frame.kind,
                payload: entry.payload,
                body: &body,
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
        Action::Send => send(state, effects),
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

/// Sends the draft; it stays as it is, whatever becomes of it.
fn send(state: &mut State, effects: &mut Vec<Effect>) {
    let State {
        tabs,
        active,
        environment,
        now,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    let terms = tab.terms.clone();
    // What is wrong is on screen already, where the draft is.
    let Ok(prepared) = tab.composer.send(&terms, environment, *now) else {
        return;
    };
    effects.extend(prepared.into_iter().map(|one| Effect::Order {
        session: tab.id,
        order: Order::Send(one.command),
    }));
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
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    tab.composer.look(&tab.terms, environment, *now);
    let focus = tab.composer.focus;
    let Some(places) = tab
        .composer
        .draft()
        .map(|draft| places::places(pane, draft, focus))
    else {
        return;
    };
    tab.composer
        .fit(places.text_width(), usize::from(places.text.height));
}

#[cfg(test)]
mod tests;
