//! The composer: fields, the text being written, and what goes out.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

use crate::protocol::raccoon::Wire;
use crate::tui::composer::Composer;
use crate::tui::composer::check::{Message, Problem, opcode, payload};
use crate::tui::composer::draft::{Draft, Encoding, Slot, event_types};
use crate::tui::composer::kind::Kind;
use crate::tui::composer::places::{self, Places, places};
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::remarks::lines;
use crate::tui::state::tab::Tab;

use super::ink;
use super::paint::{Piece, Titles, clear, pane, put, put_right, width};
use super::row;

/// Draws the composer; returns where the cursor is.
pub(super) fn draw(state: &State, buffer: &mut Buffer) -> Option<Position> {
    let tab = state.tab()?;
    let composer = &tab.composer;
    let draft = composer.draft()?;
    let places = places(places::pane(&state.areas()), draft, composer.focus);
    clear(buffer, places.pane);
    frame(state, tab, &places, buffer);
    let mut cursor = None;
    for (slot, area) in &places.fields {
        let at = field(state, tab, draft, *slot, *area, buffer);
        if *slot == composer.focus {
            cursor = at;
        }
    }
    if let Some(at) = text(state, tab, draft, &places, buffer)
        && composer.focus == Slot::Body
    {
        cursor = Some(at);
    }
    verdict(state, composer, &places, buffer);
    cursor
}

fn frame(state: &State, tab: &Tab, places: &Places, buffer: &mut Buffer) {
    let theme = &state.theme;
    let composer = &tab.composer;
    let system = composer.system().row().title;
    let (mark, style) = match (composer.verdict(), &composer.refused) {
        (Some(Ok(_)), None) => ("✓", theme.good),
        (None, None) => ("", theme.dim),
        _ => ("✗", theme.bad),
    };
    let (back, before) = composer.place_in_history();
    let history = match (back, before) {
        (0, _) => String::new(),
        (back, before) => format!("{back} of {before} sent before"),
    };
    let sent = composer.last.map(|sent| {
        let time = row::time(sent.at, &state.zone, 8);
        match sent.messages {
            1 => format!("sent {time}"),
            many => format!("{many} sent {time}"),
        }
    });
    let taken = match composer.refused {
        None => theme.good,
        Some(_) => theme.dim,
    };
    let titles = Titles {
        left: vec![
            Piece::new(255, "Compose", theme.title),
            Piece::new(20, format!(" · {system}"), theme.dim),
        ],
        right: vec![Piece::new(255, mark, style)],
        bottom: vec![Piece::new(255, history, theme.dim)],
        corner: vec![Piece::new(255, sent.unwrap_or_default(), taken)],
    };
    pane(buffer, places.pane, theme, true, titles);
}

/// Draws one field; returns where the cursor would be in it.
fn field(
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
        Slot::Line(_) => area.x + 1 + label_width(draft).max(width(title)) + 1,
        _ => x + 1,
    };
    let value = Rect {
        x: start,
        width: area.right().saturating_sub(start),
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
    let cursor = super::overlay::field(state, "", line, value, buffer);
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
        Slot::Wire => "wire",
        Slot::Event => "event",
        Slot::EventType => "type",
        Slot::Encoding => "as",
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
        Slot::Wire => match draft.wire {
            Wire::Protobuf => "protobuf".to_owned(),
            Wire::Json => "JSON".to_owned(),
        },
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

/// A rule with a text in it.
fn rule(state: &State, area: Rect, pieces: &[(&str, ratatui::style::Style)], buffer: &mut Buffer) {
    let theme = &state.theme;
    if area.is_empty() {
        return;
    }
    let dashes = "─".repeat(usize::from(area.width));
    put(buffer, area, area.x, area.y, &dashes, theme.border);
    let mut x = area.x + 1;
    for (text, style) in pieces.iter().filter(|(text, _)| !text.is_empty()) {
        x = put(buffer, area, x, area.y, " ", theme.border);
        x = put(buffer, area, x, area.y, text, *style);
    }
    put(buffer, area, x, area.y, " ", theme.border);
}

/// The text of several lines; returns where the cursor is.
fn text(
    state: &State,
    tab: &Tab,
    draft: &Draft,
    places: &Places,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = &state.theme;
    let edit = draft.text()?;
    let focused = tab.composer.focus == Slot::Body;
    let name = match draft.event() {
        Some(event) => event.encoding.key(),
        None => draft.kind.body().unwrap_or_default(),
    };
    let mapped = draft.event().and_then(|event| {
        let message = tab.terms.schema.message_for(event.kind.text())?;
        event
            .encoding
            .is_json()
            .then(|| message.full_name().to_owned())
    });
    let style = if focused { theme.key } else { theme.dim };
    let about = mapped.unwrap_or_default();
    rule(
        state,
        places.text_title,
        &[(name, style), (&about, theme.dim)],
        buffer,
    );
    let area = places.text;
    if edit.text().is_empty() && !focused {
        let hint = draft.kind.body_hint();
        put(buffer, area, area.x, area.y, hint, theme.dim);
    }
    let wrong = match tab.composer.verdict() {
        Some(Err(problem)) if is_here(draft, problem) => problem.line,
        _ => None,
    };
    let styles = ink::Ink::of(edit.text(), draft.is_json());
    for (y, row) in (area.y..area.bottom()).zip(edit.top()..edit.rows().len()) {
        let range = edit.rows()[row].clone();
        if wrong.is_some_and(|line| line_of(edit.text(), range.start) == line) {
            put(buffer, places.margin, places.margin.x, y, "✗", theme.bad);
        }
        let mut x = area.x;
        for (part, ink) in styles.pieces(range) {
            x = put(buffer, area, x, y, &edit.text()[part], ink.style(theme));
        }
    }
    if area.is_empty() {
        return None;
    }
    let row = (edit.row() - edit.top().min(edit.row())) as u16;
    let x = area.x.saturating_add(width(edit.before_cursor()));
    Some(Position::new(
        x.min(area.right() - 1),
        (area.y + row).min(area.bottom() - 1),
    ))
}

/// True if the problem is about the text on screen.
fn is_here(draft: &Draft, problem: &Problem) -> bool {
    problem.event.is_none_or(|event| event == draft.current)
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count()
}

/// What is said of the draft, and what goes out.
fn verdict(state: &State, composer: &Composer, places: &Places, buffer: &mut Buffer) {
    let theme = &state.theme;
    let area = places.verdict;
    if let Some(why) = &composer.refused {
        let title = [("✗ not taken by the session", theme.bad)];
        rule(state, places.verdict_title, &title, buffer);
        paragraph(why, area, theme.bad, buffer);
        return;
    }
    match composer.verdict() {
        None => {}
        Some(Err(problem)) => {
            rule(
                state,
                places.verdict_title,
                &[("✗ not sent like this", theme.bad)],
                buffer,
            );
            paragraph(&problem.text, area, theme.bad, buffer);
        }
        Some(Ok(messages)) => {
            let summary = summary(messages);
            let title = [("✓", theme.good), (summary.as_str(), theme.text)];
            rule(state, places.verdict_title, &title, buffer);
            outlook(state, messages, area, buffer);
        }
    }
}

fn paragraph(text: &str, area: Rect, style: ratatui::style::Style, buffer: &mut Buffer) {
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    for (y, line) in (area.y..area.bottom()).zip(lines(text, room)) {
        put(buffer, area, area.x + 1, y, &line, style);
    }
}

fn summary(messages: &[Message]) -> String {
    let size: usize = messages.iter().map(Message::size).sum();
    let bytes = figures::size(size as u64);
    match messages {
        [one] => {
            let frame = one.frames.first().map_or("nothing", opcode);
            format!("{} · {bytes} · {frame}", one.label)
        }
        many => format!("{} messages · {bytes}", many.len()),
    }
}

/// The events and where they go, or the messages; then the bytes of the first one.
fn outlook(state: &State, messages: &[Message], area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let mut y = area.y;
    // Half of the room at least is for the bytes.
    let half = area.y + area.height.div_ceil(2);
    if let [one] = messages {
        for about in &one.about {
            if y >= half {
                break;
            }
            let x = put(buffer, area, area.x + 1, y, &about.kind, theme.string);
            let what = format!("  {}  {}", about.via, figures::size(about.size as u64));
            let x = put(buffer, area, x, y, &what, theme.dim);
            let goes = format!("  → {}", about.destination);
            put(buffer, area, x, y, &goes, theme.text);
            y += 1;
        }
    } else {
        for message in messages {
            if y >= half {
                break;
            }
            let x = put(buffer, area, area.x + 1, y, &message.label, theme.text);
            let size = format!("  {}", figures::size(message.size() as u64));
            put(buffer, area, x, y, &size, theme.dim);
            y += 1;
        }
    }
    let first = messages.first().and_then(|message| message.frames.first());
    if let Some(frame) = first {
        let rest = Rect {
            y: y.min(area.bottom()),
            height: area.bottom().saturating_sub(y),
            ..area
        };
        let bytes = payload(frame);
        match std::str::from_utf8(&bytes) {
            Ok(text) if opcode(frame) != "binary frame" => written(state, text, rest, buffer),
            _ => dump(state, &bytes, rest, buffer),
        }
    }
}

/// Text in rows.
fn written(state: &State, text: &str, area: Rect, buffer: &mut Buffer) {
    let room = area.width.saturating_sub(2);
    let near = &text[..text.floor_char_boundary(usize::from(room) * 4 * 16)];
    let wrapped = crate::tui::state::raw::Wrapped::new(0, near.as_bytes(), room);
    let styles = ink::Ink::of(near, near.trim_start().starts_with(['{', '[']));
    for (y, range) in (area.y..area.bottom()).zip(wrapped.rows) {
        let mut x = area.x + 1;
        for (part, ink) in styles.pieces(range.start as usize..range.end as usize) {
            x = put(buffer, area, x, y, &near[part], ink.style(&state.theme));
        }
    }
}

/// Bytes in rows: offset, hex, characters.
fn dump(state: &State, bytes: &[u8], area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let per_row = usize::from(area.width.saturating_sub(8) / 4 / 4 * 4).clamp(4, 16);
    for (y, (index, row)) in (area.y..area.bottom()).zip(bytes.chunks(per_row).enumerate()) {
        let offset = format!("{:04x} ", index * per_row);
        let mut x = put(buffer, area, area.x + 1, y, &offset, theme.dim);
        for byte in row {
            let style = if *byte == 0 { theme.dim } else { theme.text };
            x = put(buffer, area, x + 1, y, &format!("{byte:02x}"), style);
        }
        let shown: String = row
            .iter()
            .map(|byte| match byte {
                0x20..0x7f => char::from(*byte),
                _ => '·',
            })
            .collect();
        let x = area.x + 1 + 5 + 3 * per_row as u16 + 2;
        put(buffer, area, x, y, &shown, theme.string);
    }
    if bytes.is_empty() {
        put(buffer, area, area.x + 1, area.y, "no payload", theme.dim);
    }
    let shown = per_row * usize::from(area.height);
    if bytes.len() > shown && area.height > 0 {
        let more = format!(" {} more ", figures::size((bytes.len() - shown) as u64));
        put_right(
            buffer,
            area,
            area.right(),
            area.bottom() - 1,
            &more,
            theme.dim,
        );
    }
}

#[cfg(test)]
mod tests;
