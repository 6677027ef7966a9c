//! Choosing what events of a type are decoded as.

use std::sync::Arc;

use crate::profile::amend::Amendment;
use crate::protocol::{System, raccoon};
use crate::schema::TypeRule;
use crate::session::Order;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, KeepJob};
use crate::tui::state::State;
use crate::tui::state::decode_as::DecodeAs;
use crate::tui::state::line::LineEdit;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::Overlay;
use crate::tui::state::picker::Origin;
use crate::tui::state::tab::{Phase, Tab};
use crate::tui::state::tree::Tree;

use super::filter;

/// Payloads the readings are tried on.
const SAMPLES: usize = 8;

/// Opens the choice for the event the cursor is on.
pub(super) fn open(state: &mut State) {
    let Some(tab) = state.tab() else { return };
    match choice(state, tab) {
        Ok(choice) => state.overlays.push(Overlay::DecodeAs(Box::new(choice))),
        Err(why) => {
            let session = Some(tab.id);
            let (now, why) = (state.now, why.to_owned());
            state.notices.push(now, session, Level::Info, why);
        }
    }
}

fn choice(state: &State, tab: &Tab) -> Result<DecodeAs, &'static str> {
    let system = tab.snapshot.as_ref().and_then(|snapshot| snapshot.system);
    if system != Some(System::Raccoon) {
        return Err("only the events of Raccoon's batches are decoded by their type");
    }
    let none = "this entry has no events; choose a batch";
    let shown = tab.detail.shown.as_ref().ok_or(none)?;
    let decoded = tab.detail.decoded().ok_or(none)?;
    let event_type = event_type(&decoded.tree, tab.detail.cursor).ok_or(none)?;
    let entry = state.store.entry(tab.id, shown.seq).ok_or(none)?;
    let frame = entry.frame().ok_or(none)?;
    let payloads = raccoon::payloads(&frame, &event_type, SAMPLES);
    Ok(DecodeAs::new(
        tab.id,
        event_type,
        &tab.terms.schema,
        &payloads,
    ))
}

/// The type of the event around the node at `cursor`; outside of all events, of the first one.
fn event_type(tree: &Tree, cursor: usize) -> Option<String> {
    let is_event = |index: usize| {
        let parent = tree.parent(index);
        tree.item(index).is_some_and(|item| item.depth == 2)
            && tree
                .item(parent)
                .is_some_and(|item| item.name.eq_ignore_ascii_case("events"))
    };
    let mut at = cursor;
    while at > 0 && !is_event(at) {
        at = tree.parent(at);
    }
    if at == 0 {
        at = (1..tree.len()).find(|index| is_event(*index))?;
    }
    let members = at + 1..tree.len();
    let kind = members
        .take_while(|index| tree.item(*index).is_some_and(|item| item.depth > 2))
        .filter(|index| tree.parent(*index) == at)
        .filter_map(|index| tree.item(index))
        .filter(|item| item.name.eq_ignore_ascii_case("type"))
        .find_map(|item| match &item.value {
            crate::body::Value::Text(text) => Some(text.clone()),
            _ => None,
        });
    Some(kind.unwrap_or_default())
}

/// Enter, or the key that also saves: what is selected is used.
pub(super) fn accept(
    state: &mut State,
    mut choice: DecodeAs,
    keep: bool,
    effects: &mut Vec<Effect>,
) {
    let Some(word) = choice.chosen().map(|offer| offer.word.clone()) else {
        return state.overlays.push(Overlay::DecodeAs(Box::new(choice)));
    };
    let rule = TypeRule::of_type(&choice.event_type, &word);
    if let Some(name) = choice.naming.take() {
        let name = name.text().trim().to_owned();
        if name.is_empty() {
            choice.naming = Some(LineEdit::default());
            return state.overlays.push(Overlay::DecodeAs(Box::new(choice)));
        }
        if adopt(state, &choice, &rule, effects) {
            self::keep(state, &choice, rule, Some(name), effects);
        }
        return;
    }
    let tab = state.tabs.iter().find(|tab| tab.id == choice.session);
    let Some(tab) = tab.filter(|_| keep) else {
        adopt(state, &choice, &rule, effects);
        return;
    };
    match place(state, tab) {
        Place::Own => {
            if adopt(state, &choice, &rule, effects) {
                self::keep(state, &choice, rule, None, effects);
            }
        }
        Place::New(name) => {
            choice.naming = Some(LineEdit::new(name));
            state.overlays.push(Overlay::DecodeAs(Box::new(choice)));
        }
        Place::None => {
            let why = "used for this session; a demo is no profile that could keep it".to_owned();
            adopt(state, &choice, &rule, effects);
            let (now, session) = (state.now, Some(choice.session));
            state.notices.push(now, session, Level::Info, why);
        }
    }
}

/// Where something about a session can be saved.
pub(super) enum Place {
    /// In the user's own profile the session was started from.
    Own,
    /// In a new profile; a name for it.
    New(String),
    /// Nowhere: a demo is no profile.
    None,
}

pub(super) fn place(state: &State, tab: &Tab) -> Place {
    if tab.kept_in.is_some() {
        return Place::Own;
    }
    let known = state
        .choices
        .iter()
        .find(|choice| choice.target == tab.target);
    match known.map(|choice| choice.origin) {
        Some(Origin::BuiltIn) => Place::New(tab.target.clone()),
        Some(Origin::Demo) => Place::None,
        None if tab.target.starts_with("demo:") => Place::None,
        None if tab.target.contains("://") => {
            let host = tab.name().split(':').next().unwrap_or_default();
            Place::New(host.to_owned())
        }
        // Not listed, or not any more: saving says what is wrong.
        Some(Origin::User) | None => Place::Own,
    }
}

/// Uses the rule from now on, for what is shown and what is sent; false if it cannot be.
fn adopt(state: &mut State, choice: &DecodeAs, rule: &TypeRule, effects: &mut Vec<Effect>) -> bool {
    let State { tabs, store, .. } = state;
    let Some(tab) = tabs.iter_mut().find(|tab| tab.id == choice.session) else {
        return false;
    };
    let schema = match tab.terms.schema.with_rule(rule.clone()) {
        Ok(schema) => Arc::new(schema),
        Err(error) => {
            let (now, session) = (state.now, Some(choice.session));
            let text = error.to_string();
            state.notices.push(now, session, Level::Failure, text);
            return false;
        }
    };
    tab.terms.schema = Arc::clone(&schema);
    if let Some(system) = tab.snapshot.as_ref().and_then(|snapshot| snapshot.system) {
        // At once, and also where no session is left to send one.
        let decoder = (system.row().decoder)(&tab.terms.settings, Arc::clone(&schema));
        tab.decoder = Some(decoder);
        tab.detail.read_again();
        filter::apply(tab, store);
    }
    if tab.phase == Phase::Running {
        effects.push(Effect::Order {
            session: tab.id,
            order: Order::Adopt(schema),
        });
    }
    true
}

fn keep(
    state: &mut State,
    choice: &DecodeAs,
    rule: TypeRule,
    name: Option<String>,
    effects: &mut Vec<Effect>,
) {
    let Some(tab) = state.tab_of(choice.session) else {
        return;
    };
    effects.push(Effect::Keep(Box::new(KeepJob {
        session: choice.session,
        target: tab.kept_in.clone().unwrap_or_else(|| tab.target.clone()),
        name,
        amendment: Amendment::Rule(rule),
    })));
}

/// A change was saved to a profile, or was not: why.
pub(super) fn kept(
    state: &mut State,
    session: crate::session::SessionId,
    result: Result<(String, String), String>,
) {
    let now = state.now;
    match result {
        Ok((name, sentence)) => {
            if let Some(tab) = state.tab_of(session) {
                tab.kept_in = Some(name);
            }
            state
                .notices
                .push(now, Some(session), Level::Info, sentence);
        }
        Err(why) => {
            state.notices.push(now, Some(session), Level::Failure, why);
        }
    }
}

/// Keys of the choice alone.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    if action != Action::SaveReading {
        return;
    }
    match state.overlays.pop() {
        Some(Overlay::DecodeAs(choice)) => accept(state, *choice, true, effects),
        Some(other) => state.overlays.push(other),
        None => {}
    }
}

/// Esc: back from the name to the choice, else out of it.
pub(super) fn leave(state: &mut State) {
    if let Some(Overlay::DecodeAs(choice)) = state.overlays.last_mut()
        && choice.naming.take().is_some()
    {
        return;
    }
    state.overlays.pop();
}
