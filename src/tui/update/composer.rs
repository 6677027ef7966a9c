//! Keys of the composer, and what it sends.

use std::sync::Arc;

use crate::protocol::System;
use crate::session::{Order, SessionId};
use crate::tui::action::Action;
use crate::tui::composer::draft::{EVENTS_MAX, Slot};
use crate::tui::composer::kind::Kind;
use crate::tui::composer::places::{self, Places};
use crate::tui::composer::resend::{self, Original};
use crate::tui::composer::text;
use crate::tui::composer::{Composer, Terms};
use crate::tui::effect::{EditJob, Effect};
use crate::tui::state::State;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::Overlay;
use crate::tui::state::tab::Tab;

use super::events;

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
            if let Some(tab) = state.tab_mut() {
                tab.composer.put(draft);
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

/// A character was typed; false if the field with the cursor takes none.
pub(super) fn typed(state: &mut State, c: char) -> bool {
    let Some((composer, terms)) = composer(state) else {
        return false;
    };
    let focus = composer.focus;
    let Some(draft) = composer.draft_mut() else {
        return false;
    };
    let taken = if focus == Slot::Body {
        match draft.text_mut() {
            Some(text) => text.insert(c),
            None => return false,
        }
    } else if let Some(line) = draft.line_mut(focus) {
        line.insert(c);
        true
    } else {
        return false;
    };
    line_changed(composer, &terms);
    if !taken {
        say_full(state);
    }
    true
}

/// Text was pasted.
pub(super) fn paste(state: &mut State, pasted: &str) {
    let Some((composer, terms)) = composer(state) else {
        return;
    };
    let focus = composer.focus;
    let Some(draft) = composer.draft_mut() else {
        return;
    };
    let taken = if let Some(line) = draft.line_mut(focus) {
        line.paste(pasted);
        true
    } else if let Some(text) = draft.text_mut() {
        // What is pasted on a selector is meant for the text.
        let taken = text.paste(pasted);
        composer.focus = Slot::Body;
        taken
    } else {
        true
    };
    line_changed(composer, &terms);
    if !taken {
        say_full(state);
    }
}

fn say_full(state: &mut State) {
    let text = format!(
        "the composer holds {} kB; what was beyond was left out. `wspect send` takes larger files",
        text::MAX >> 10
    );
    say(state, Level::Warning, text);
}

/// The event's data follows its type while nobody has written any.
fn line_changed(composer: &mut Composer, terms: &Terms) {
    if composer.focus == Slot::EventType
        && let Some(event) = composer.draft_mut().and_then(|draft| draft.event_mut())
        && terms.schema.message_for(event.kind.text()).is_some()
    {
        event.follow(&terms.schema);
    }
}

/// An editing key: the cursor's line or text, or a selector.
pub(super) fn edit(state: &mut State, action: Action) {
    let Some((composer, terms)) = composer(state) else {
        return;
    };
    let focus = composer.focus;
    let steps = match action {
        Action::EditLeft => -1,
        Action::EditRight => 1,
        _ => 0,
    };
    if focus == Slot::Kind {
        if steps != 0 {
            composer.turn_kind(steps, &terms);
        }
        return;
    }
    let Some(draft) = composer.draft_mut() else {
        return;
    };
    match (focus, draft.line_mut(focus)) {
        (_, Some(line)) => {
            line.edit(action);
        }
        (Slot::Body, None) => {
            if let Some(text) = draft.text_mut() {
                text.edit(action);
            }
        }
        (_, None) => draft.turn(focus, steps, &terms.schema),
    }
    line_changed(composer, &terms);
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
                within(composer, action, &terms);
            }
        }
    }
}

/// What changes the composer alone.
fn within(composer: &mut Composer, action: Action, terms: &Terms) {
    let focus = composer.focus;
    match action {
        Action::NextField => composer.step(1),
        Action::PreviousField => composer.step(-1),
        Action::NextKind => composer.turn_kind(1, terms),
        Action::PreviousKind => composer.turn_kind(-1, terms),
        Action::OlderSent => composer.recall(true),
        Action::NewerSent => composer.recall(false),
        Action::ComposeEnter if focus != Slot::Body => composer.step(1),
        Action::ComposeUp | Action::ComposeDown if focus != Slot::Body => {
            let steps = if action == Action::ComposeUp { -1 } else { 1 };
            match (focus, composer.draft_mut()) {
                (Slot::EventType, Some(draft)) => draft.turn(focus, steps, &terms.schema),
                _ => composer.step(steps),
            }
        }
        _ => {
            let Some(draft) = composer.draft_mut() else {
                return;
            };
            match action {
                Action::NextEvent => draft.turn(Slot::Event, 1, &terms.schema),
                Action::PreviousEvent => draft.turn(Slot::Event, -1, &terms.schema),
                Action::RemoveEvent => {
                    draft.remove_event();
                }
                Action::FillIn => {
                    if let Some(event) = draft.event_mut() {
                        event.fill(&terms.schema);
                    }
                }
                Action::ComposeEnter => {
                    if let Some(text) = draft.text_mut() {
                        text.break_line();
                    }
                }
                other => {
                    if let Some(text) = draft.text_mut() {
                        text.edit(other);
                    }
                }
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

/// A click at that place of the screen.
pub(super) fn click(state: &mut State, column: u16, row: u16) {
    let pane = places::pane(&state.areas());
    let Some((composer, _)) = composer(state) else {
        return;
    };
    let focus = composer.focus;
    let Some(places) = composer
        .draft()
        .map(|draft| places::places(pane, draft, focus))
    else {
        return;
    };
    let at = ratatui::layout::Position::new(column, row);
    let Places { fields, text, .. } = places;
    if text.contains(at) {
        composer.focus = Slot::Body;
        composer.point(usize::from(row - text.y), usize::from(column - text.x));
    } else if let Some((slot, _)) = fields.iter().find(|(_, area)| area.contains(at)) {
        composer.focus = *slot;
    }
}

/// The wheel over the composer.
pub(super) fn scroll(state: &mut State, action: Action) {
    if let Some((composer, _)) = composer(state)
        && composer.focus == Slot::Body
    {
        composer.travel(action);
    }
}

#[cfg(test)]
mod tests;
