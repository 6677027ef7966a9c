//! The jq filter: applied to the list piece by piece, on a worker.

use std::sync::Arc;

use crate::body::{Body, Value, write_json_string};
use crate::frame::Frame;
use crate::protocol::System;
use crate::store::filter::Decode;
use crate::store::{Filter, Sieve, Sifting, Store, Timeline, View};
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::overlay::{Ask, Overlay, Prompt};
use crate::tui::state::tab::Tab;

use super::events;

/// Opens the prompt with the filter in force.
pub(super) fn ask(state: &mut State) {
    let Some(tab) = state.tab() else { return };
    let text = tab.filter.as_ref().map_or("", |filter| filter.text());
    let prompt = Prompt::new(Ask::Filter, text);
    state.overlays.push(Overlay::Prompt(prompt));
}

/// What is wrong with `text` as a filter; an empty one takes the filter away.
pub(super) fn problem(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return None;
    }
    Filter::compile(text).err().map(|error| error.to_string())
}

/// Puts `text` in force on the active tab; false if it is no filter.
pub(super) fn accept(state: &mut State, text: &str) -> bool {
    if text.trim().is_empty() {
        put(state, None);
        return true;
    }
    let Ok(filter) = Filter::compile(text) else {
        return false;
    };
    state.filters.push(text);
    put(state, Some(Arc::new(filter)));
    true
}

/// Puts a compiled filter in force on the active tab; what we take out ourselves stays out.
fn put(state: &mut State, filter: Option<Arc<Filter>>) {
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    if let Some(tab) = tabs.get_mut(*active) {
        tab.filter = filter;
        apply(tab, store);
    }
}

/// Shows everything again.
pub(super) fn clear(state: &mut State) {
    if let Some(tab) = state.tab_mut() {
        tab.filter = None;
        tab.ours = None;
        tab.sifting = None;
    }
}

/// Applies what thins the list anew: what bodies say has changed, or what is asked for.
pub(super) fn apply(tab: &mut Tab, store: &Store) {
    tab.sifting = sieve(tab).map(|sieve| {
        let nothing = Timeline::default();
        Sifting::new(sieve, store.timeline(tab.id).unwrap_or(&nothing))
    });
}

/// What an entry of the tab must pass to be shown, if anything.
fn sieve(tab: &Tab) -> Option<Sieve> {
    let filter = tab.filter.as_ref().map(Arc::clone);
    let sieve = filter.map(|filter| Sieve::of(filter, Arc::new(look(tab))));
    match (sieve, &tab.ours) {
        (sieve, None) => sieve,
        (sieve, Some(ours)) => Some(sieve.unwrap_or_default().testing(ours.test(&tab.judges))),
    }
}

/// How the tab's entries look to a filter.
fn look(tab: &Tab) -> View {
    let system = tab.snapshot.as_ref().and_then(|snapshot| snapshot.system);
    let decode: Decode = match &tab.decoder {
        Some(decoder) => {
            let decoder = Arc::clone(decoder);
            Arc::new(move |frame: &Frame<'_>| decoder.body(frame))
        }
        None => Arc::new(|_: &Frame<'_>| Body::default()),
    };
    View {
        session: tab.name().to_owned(),
        system: system.map(System::name),
        decode,
        // Raccoon's JSON carries base64 that is decoded further.
        verbatim: matches!(
            system,
            Some(System::Generic | System::SaveToWebSocket | System::WebSocketMq)
        ),
    }
}

/// Asks for the next piece to be looked at, for the list on screen.
pub(super) fn go_on(state: &mut State, effects: &mut Vec<Effect>) {
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    if let (Some(sifting), Some(timeline)) = (&mut tab.sifting, store.timeline(tab.id))
        && let Some(task) = sifting.next_task(timeline)
    {
        effects.push(Effect::Look(task));
    }
}

/// Opens the prompt with a filter for entries that have the selected node's value at its place.
pub(super) fn on_field(state: &mut State) {
    let Some(condition) = condition(state) else {
        return;
    };
    ask(state);
    if let Some(line) = state.line_mut() {
        if !line.text().is_empty() {
            line.paste(" and ");
        }
        line.paste(&condition);
    }
}

fn condition(state: &State) -> Option<String> {
    let tab = state.tab()?;
    let decoded = tab.detail.decoded()?;
    let item = decoded.tree.item(tab.detail.cursor)?;
    let entry = state.store.entry(tab.id, events::selected(state)?)?;
    // The facts of state changes are members of the line itself.
    let root = if entry.frame().is_some() { ".body" } else { "" };
    let path = decoded.tree.jq_path(tab.detail.cursor, root);
    if path.is_empty() {
        return None;
    }
    let value = match &item.value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(text) => text.clone(),
        Value::Text(text) => {
            let mut quoted = String::new();
            write_json_string(text, &mut quoted);
            quoted
        }
        Value::Bytes(_) | Value::Object | Value::Array | Value::Unread(_) => {
            return Some(format!("{path} != null"));
        }
    };
    Some(format!("{path} == {value}"))
}
