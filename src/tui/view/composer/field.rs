//! Fields of one line, and the selectors.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

use crate::protocol::raccoon::{Transport, Wire};
use crate::tui::composer::Composer;
use crate::tui::composer::draft::{Draft, Slot};
use crate::tui::composer::event::{Encoding, event_types};
use crate::tui::composer::kind::Kind;
use crate::tui::state::State;
use crate::tui::state::tab::Tab;
use crate::tui::view::paint::{put, put_right, width};

use super::filters;

/// Draws one field; returns where the cursor would be in it.
pub(super) fn draw(
    state: &State,
    tab: &Tab,
    draft: &Draft,
    slot: Slot,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = &state.theme;
    let focused = tab.composer.focus == slot;
    if slot == Slot::Kind {
        kinds(state, &tab.composer, area, buffer);
        return None;
    }
    let title = title(draft, slot);
    let style = if focused { theme.key } else { theme.dim };
    let x = put(buffer, area, area.x + 1, area.y, title, style);
    let start = match slot {
        Slot::Line(_) | Slot::Answer => area.x + 1 + label_width(draft).max(width(title)) + 1,
        _ => x + 1,
    };
    let end = filters::mark(state, tab, draft, slot, area, buffer);
    let value = Rect {
        x: start,
        width: end.saturating_sub(start),
        ..area
    };
    let Some(line) = draft.line(slot) else {
        let chosen = choice(draft, slot);
        let x = put(buffer, value, value.x, value.y, "‹ ", theme.dim);
        let end = put(buffer, value, x, value.y, &chosen, theme.text);
        put(buffer, value, end, value.y, " ›", theme.dim);
        if focused && end > x {
            let shown = Rect::new(x, value.y, end - x, 1);
            buffer.set_style(shown, theme.cursor.patch(theme.title));
        }
        return None;
    };
    let cursor = crate::tui::view::overlay::field(state, "", line, value, buffer);
    let end = value.x + width(line.text());
    let hint = hint(tab, draft, slot);
    let gap = u16::from(!line.text().is_empty()) * 2;
    let room = value.right().saturating_sub(end + gap);
    if slot != Slot::EventType || width(&hint) <= room {
        put(buffer, value, end + gap, value.y, &hint, theme.dim);
    }
    Some(cursor)
}

fn title(draft: &Draft, slot: Slot) -> &'static str {
    match slot {
        Slot::Guid => "req_guid",
        Slot::SentTime => "sent_time",
        Slot::Transport => "over",
        Slot::Message => "message",
        Slot::Wire => "wire",
        Slot::Event => "event",
        Slot::EventType => "type",
        Slot::Encoding | Slot::Answer => "as",
        Slot::Line(0) if matches!(draft.kind, Kind::Ping | Kind::Pong) => "payload",
        Slot::Line(index) => draft.kind.lines().get(index).map_or("", |line| line.name),
        Slot::Kind | Slot::Body => "",
    }
}

fn label_width(draft: &Draft) -> u16 {
    let names = draft.kind.lines().iter().map(|line| width(line.name));
    names.max().unwrap_or(0)
}

fn choice(draft: &Draft, slot: Slot) -> String {
    match slot {
        Slot::Transport => match draft.transport {
            Some(Transport::WebSocket) => "WebSocket".to_owned(),
            Some(Transport::Rest) => "REST".to_owned(),
            Some(Transport::Grpc) => "gRPC".to_owned(),
            None => String::new(),
        },
        Slot::Wire if draft.transport == Some(Transport::Grpc) => "protobuf, gRPC's one".to_owned(),
        Slot::Wire => match draft.wire {
            Wire::Protobuf => "protobuf".to_owned(),
            Wire::Json => "JSON".to_owned(),
        },
        Slot::Answer => draft.answer.title().to_owned(),
        Slot::Event => format!("{} of {}", draft.current + 1, draft.events.len()),
        Slot::Encoding => draft
            .event()
            .map_or("", |event| Encoding::title(event.encoding))
            .to_owned(),
        _ => String::new(),
    }
}

/// What is said beside a line: what it would be if nothing is written, or what else there is.
fn hint(tab: &Tab, draft: &Draft, slot: Slot) -> String {
    let typed = draft.line(slot).is_some_and(|line| !line.text().is_empty());
    match slot {
        Slot::Line(index) if !typed => {
            let line = draft.kind.lines().get(index);
            line.map_or("", |line| line.hint).to_owned()
        }
        Slot::Guid if !typed => "automatic".to_owned(),
        Slot::SentTime if !typed => "when sent".to_owned(),
        Slot::Message if !typed => {
            let mapped = draft
                .event()
                .and_then(|event| event.descriptor(&tab.terms.schema));
            let named = mapped.map(|message| message.full_name().to_owned());
            named.unwrap_or_else(|| "none mapped; ↑↓".to_owned())
        }
        Slot::EventType if tab.composer.focus == slot => {
            let mapped = event_types(&tab.terms.schema);
            let now = draft.line(slot).map_or("", |line| line.text());
            let others = mapped.iter().any(|kind| kind != now);
            if others { "↑↓" } else { "" }.to_owned()
        }
        _ => String::new(),
    }
}

/// The selector of kinds, scrolled so that the chosen one is seen.
fn kinds(state: &State, composer: &Composer, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let kinds = Kind::of(composer.system());
    let chosen = kinds.iter().position(|kind| *kind == composer.kind());
    let wide = |from: usize, to: usize| -> u16 {
        let titles = kinds[from..=to].iter().map(|kind| width(kind.title()) + 2);
        titles.sum()
    };
    let chosen = chosen.unwrap_or(0);
    let mut first = 0;
    while first < chosen && wide(first, chosen) + u16::from(first > 0) > area.width {
        first += 1;
    }
    let mut x = area.x;
    if first > 0 {
        x = put(buffer, area, x, area.y, "…", theme.dim);
    }
    for kind in &kinds[first..] {
        let mut style = theme.dim;
        if *kind == composer.kind() {
            style = theme.title;
            style = if composer.focus == Slot::Kind {
                style.patch(theme.cursor).add_modifier(Modifier::BOLD)
            } else {
                style.add_modifier(Modifier::UNDERLINED)
            };
        }
        let title = format!(" {} ", kind.title());
        if *kind == composer.kind() && composer.focus != Slot::Kind {
            x = put(buffer, area, x + 1, area.y, kind.title(), style) + 1;
        } else {
            x = put(buffer, area, x, area.y, &title, style);
        }
    }
    if first + 1 < kinds.len() && wide(first, kinds.len() - 1) > area.width {
        put_right(buffer, area, area.right(), area.y, "…", theme.dim);
    }
}
