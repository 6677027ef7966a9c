//! The line of key hints.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::action::Action;
use crate::tui::composer::kind::Kind;
use crate::tui::state::broker;
use crate::tui::state::filters;
use crate::tui::state::{Focus, State};

use super::paint::{put, width};

/// What is hinted at, by what has the keys; the first ones stay longest.
fn hints(state: &State) -> &'static [(Action, &'static str)] {
    if state.is_composing() {
        return composing(state);
    }
    let brokered = state
        .tab()
        .is_some_and(|tab| broker::picture(tab).is_some());
    let spoken = state.tab().is_some_and(filters::is_spoken);
    match state.focus {
        Focus::Events if spoken => &[
            (Action::Inspect, "inspect"),
            (Action::Filter, "filter"),
            (Action::Compose, "compose"),
            (Action::Why, "why"),
            (Action::Filters, "filters"),
            (Action::Documented, "as documented"),
            (Action::Pause, "pause"),
            (Action::Follow, "follow"),
            (Action::Mark, "mark"),
            (Action::Copy, "copy"),
            (Action::Search, "find"),
            (Action::ShadowSession, "shadow"),
        ],
        Focus::Events if brokered => &[
            (Action::Inspect, "inspect"),
            (Action::Filter, "filter"),
            (Action::Compose, "compose"),
            (Action::Broker, "broker"),
            (Action::Pause, "pause"),
            (Action::Follow, "follow"),
            (Action::Mark, "mark"),
            (Action::Copy, "copy"),
            (Action::Search, "find"),
            (Action::Reconnect, "reconnect"),
            (Action::NextPane, "next pane"),
        ],
        Focus::Events => &[
            (Action::Inspect, "inspect"),
            (Action::Filter, "filter"),
            (Action::Compose, "compose"),
            (Action::Pause, "pause"),
            (Action::Follow, "follow"),
            (Action::Mark, "mark"),
            (Action::Copy, "copy"),
            (Action::Search, "find"),
            (Action::Reconnect, "reconnect"),
            (Action::NextPane, "next pane"),
            (Action::NewTab, "new tab"),
        ],
        Focus::Detail => &[
            (Action::LeaveDetail, "back"),
            (Action::NextFacet, "next reading"),
            (Action::Fold, "open/close"),
            (Action::FilterField, "filter on this"),
            (Action::DecodeAs, "decode as"),
            (Action::Pair, "other half"),
            (Action::Copy, "copy"),
            (Action::Zoom, "zoom"),
            (Action::NextPane, "next pane"),
        ],
    }
}

fn composing(state: &State) -> &'static [(Action, &'static str)] {
    let kind = state.tab().map(|tab| tab.composer.kind());
    match kind {
        Some(Kind::Batch) => &[
            (Action::Send, "send"),
            (Action::CloseComposer, "close"),
            (Action::SendMany, "many"),
            (Action::SaveDocument, "save"),
            (Action::OpenSaved, "saved"),
            (Action::NextField, "field"),
            (Action::OpenEditor, "editor"),
            (Action::AddEvent, "add event"),
            (Action::NextEvent, "next event"),
            (Action::NextKind, "kind"),
            (Action::OlderSent, "sent before"),
            (Action::FillIn, "all fields"),
            (Action::ComposeUndo, "undo"),
        ],
        Some(Kind::Register) => &[
            (Action::Send, "send"),
            (Action::CloseComposer, "close"),
            (Action::FilterPresets, "presets"),
            (Action::Complete, "put in"),
            (Action::NextField, "field"),
            (Action::KeepFilters, "to profile"),
            (Action::SaveDocument, "save"),
            (Action::OpenSaved, "saved"),
            (Action::NextKind, "kind"),
            (Action::OpenEditor, "editor"),
            (Action::OlderSent, "sent before"),
        ],
        Some(kind) if kind.is_for_broker() => &[
            (Action::Send, "send"),
            (Action::CloseComposer, "close"),
            (Action::FilterPresets, "topics"),
            (Action::Complete, "put in"),
            (Action::NextField, "field"),
            (Action::NextKind, "kind"),
            (Action::OlderSent, "sent before"),
            (Action::SendMany, "many"),
            (Action::SaveDocument, "save"),
            (Action::OpenSaved, "saved"),
            (Action::OpenEditor, "editor"),
        ],
        _ => &[
            (Action::Send, "send"),
            (Action::CloseComposer, "close"),
            (Action::SendMany, "many"),
            (Action::SaveDocument, "save"),
            (Action::OpenSaved, "saved"),
            (Action::NextField, "field"),
            (Action::NextKind, "kind"),
            (Action::OpenEditor, "editor"),
            (Action::OlderSent, "sent before"),
            (Action::ComposeUndo, "undo"),
        ],
    }
}

/// Draws the line of key hints: as many as there is room for.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let mut x = area.x + 1;
    for (action, word) in hints(state) {
        let key = action.row().keys.first().copied().unwrap_or_default();
        if x + width(key) + 1 + width(word) > area.right() {
            break;
        }
        x = put(buffer, area, x, area.y, key, theme.key) + 1;
        x = put(buffer, area, x, area.y, word, theme.dim) + 2;
    }
}
