//! What is said of the draft: why it cannot be sent, or what goes out.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use std::time::Duration;

use crate::tui::composer::broker::Left;
use crate::tui::composer::check::{Message, opcode, payload};
use crate::tui::composer::kind::Kind;
use crate::tui::composer::places::Places;
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::raw::Wrapped;
use crate::tui::state::remarks::lines;
use crate::tui::state::tab::Tab;
use crate::tui::view::ink::Ink;
use crate::tui::view::paint::{put, put_right};

use super::{filters, rule};

/// What is said of the draft, and what goes out.
pub(super) fn draw(state: &State, tab: &Tab, places: &Places, buffer: &mut Buffer) {
    let theme = &state.theme;
    let composer = &tab.composer;
    let area = places.verdict;
    if let Some(why) = &composer.refused {
        let title = [("✗ not taken by the session", theme.bad)];
        rule(state, places.verdict_title, &title, buffer);
        paragraph(&tab.secrets.mask(why), area, theme.bad, buffer);
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
            paragraph(&tab.secrets.mask(&problem.text), area, theme.bad, buffer);
        }
        Some(Ok(messages)) => {
            let summary = tab.secrets.mask(&summary(messages));
            let odd = messages.iter().any(|message| !message.warnings.is_empty());
            let mark = if odd {
                ("⚠", theme.warn)
            } else {
                ("✓", theme.good)
            };
            let title = [mark, (summary.as_str(), theme.text)];
            rule(state, places.verdict_title, &title, buffer);
            let area = time_left(state, tab, area, buffer);
            let area = if composer.kind() == Kind::Register {
                filters::notes(state, tab, area, buffer)
            } else {
                let area = warnings(state, tab, messages, area, buffer);
                foretold(state, tab, messages, area, buffer)
            };
            outlook(state, tab, messages, area, buffer);
        }
    }
}

fn paragraph(text: &str, area: Rect, style: Style, buffer: &mut Buffer) {
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    for (y, line) in (area.y..area.bottom()).zip(lines(text, room)) {
        put(buffer, area, area.x + 1, y, &line, style);
    }
}

/// What is odd, in half of the room at most; returns what is left of it.
fn warnings(
    state: &State,
    tab: &Tab,
    messages: &[Message],
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    let mut seen: Vec<&str> = Vec::new();
    let mut y = area.y;
    let end = area.y + area.height.div_ceil(2);
    for warning in messages.iter().flat_map(|message| &message.warnings) {
        if seen.contains(&warning.as_str()) {
            continue;
        }
        seen.push(warning);
        let text = format!("⚠ {}", tab.secrets.mask(warning));
        for line in lines(&text, room) {
            if y >= end {
                break;
            }
            put(buffer, area, area.x + 1, y, &line, state.theme.warn);
            y += 1;
        }
    }
    Rect {
        y,
        height: area.bottom() - y,
        ..area
    }
}

/// How long there is to answer the call, in a row of its own; returns what is left of the room.
fn time_left(state: &State, tab: &Tab, area: Rect, buffer: &mut Buffer) -> Rect {
    let theme = &state.theme;
    let Some(left) = tab.composer.time_left(state.now) else {
        return area;
    };
    let (text, style) = match left {
        Left::Time(left, all) => {
            let style = if left < Duration::from_secs(3) {
                theme.warn
            } else {
                theme.good
            };
            let (left, all) = (left.as_secs_f64(), figures::left(all));
            (format!("{left:.1} s left to answer, of {all}"), style)
        }
        Left::Late => (
            "too late: the broker has given up, and drops an answer".to_owned(),
            theme.bad,
        ),
        Left::Answered => (
            "answered already: the broker drops a second answer".to_owned(),
            theme.warn,
        ),
        Left::Cut => (
            "the connection the call came on has ended: nobody waits any more".to_owned(),
            theme.bad,
        ),
        Left::Unknown => (
            "no such call is known here: the broker drops an answer nobody waits for".to_owned(),
            theme.warn,
        ),
    };
    let Rect { x, y, .. } = area;
    if !area.is_empty() {
        put(buffer, area, x + 1, y, &text, style);
    }
    let taken = area.height.min(1);
    Rect {
        y: y + taken,
        height: area.height - taken,
        ..area
    }
}

/// What comes of it, in a third of the room at most; returns what is left of it.
fn foretold(
    state: &State,
    tab: &Tab,
    messages: &[Message],
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    let end = area.y + area.height.div_ceil(3);
    let mut y = area.y;
    let told = messages
        .first()
        .into_iter()
        .flat_map(|message| &message.foretold);
    for text in told {
        for line in lines(&tab.secrets.mask(text), room) {
            if y >= end {
                break;
            }
            put(buffer, area, area.x + 1, y, &line, state.theme.dim);
            y += 1;
        }
    }
    Rect {
        y,
        height: area.bottom() - y,
        ..area
    }
}

fn summary(messages: &[Message]) -> String {
    let size: usize = messages.iter().map(Message::size).sum();
    let bytes = figures::size(size as u64);
    match messages {
        [one] => {
            let frame = one.frames.first().map_or("nothing", opcode);
            let label = if one.label.is_empty() {
                "(no name)"
            } else {
                &one.label
            };
            format!("{label} · {bytes} · {frame}")
        }
        many => format!("{} messages · {bytes}", many.len()),
    }
}

/// The events and where they go, or the messages; then the bytes of the first one.
fn outlook(state: &State, tab: &Tab, messages: &[Message], area: Rect, buffer: &mut Buffer) {
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
            let x = put(
                buffer,
                area,
                area.x + 1,
                y,
                &tab.secrets.mask(&message.label),
                theme.text,
            );
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
        let bytes = tab.secrets.mask_bytes(&bytes, 0..bytes.len());
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
    let wrapped = Wrapped::new(0, near.as_bytes(), room);
    let styles = Ink::of(near, near.trim_start().starts_with(['{', '[']));
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
