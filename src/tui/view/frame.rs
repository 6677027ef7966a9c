//! How the selected entry looked on the wire, and when.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::entry::{Entry, EntryKind};
use crate::frame::{Direction, Exchange, FrameKind, close_parts};
use crate::protocol::System;
use crate::protocol::raccoon::metrics;
use crate::protocol::savetowebsocket;
use crate::sanitise;
use crate::tui::figures;
use crate::tui::state::State;

use super::paint::put;
use super::row;

/// Number of lines this reading has.
#[must_use]
pub fn rows(state: &State) -> usize {
    selected(state).map_or(0, |entry| facts(state, &entry).len())
}

/// Draws the facts, one per line.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let (Some(entry), Some(tab)) = (selected(state), state.tab()) else {
        return;
    };
    let facts = facts(state, &entry).into_iter().skip(tab.detail.scroll);
    for (y, (name, value)) in (area.y..area.bottom()).zip(facts) {
        put(buffer, area, area.x, y, name, state.theme.name);
        let value = tab.masked(&value);
        put(buffer, area, area.x + 13, y, &value, state.theme.text);
    }
}

fn selected(state: &State) -> Option<Entry<'_>> {
    let tab = state.tab()?;
    state.store.entry(tab.id, tab.detail.shown.as_ref()?.seq)
}

fn facts(state: &State, entry: &Entry<'_>) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("entry", format!("#{}", entry.seq)),
        ("at", row::time(entry.at, &state.zone, 12)),
        ("age", figures::age(state.now.since(entry.at))),
        ("badge", entry.badge.name().to_owned()),
        ("label", entry.title().into_owned()),
    ];
    if let EntryKind::Frame(kind) = entry.kind {
        wire(kind, entry, &mut facts);
        habit(state, entry, &mut facts);
    }
    if let Some(outcome) = entry.outcome {
        facts.push(("outcome", outcome.name().to_owned()));
    }
    if let Some(took) = entry.latency {
        facts.push((
            "latency",
            format!("{} ({} µs)", figures::latency(took), took.as_micros()),
        ));
    }
    if let Some(pair) = entry.pair {
        facts.push(("other half", format!("#{pair}")));
    } else if entry.asks {
        facts.push(("other half", "awaited".to_owned()));
    }
    counters(state, entry, &mut facts);
    facts
}

/// The server's counters that a Raccoon's frame should have moved.
fn counters(state: &State, entry: &Entry<'_>, facts: &mut Vec<(&'static str, String)>) {
    let snapshot = state.tab().and_then(|tab| tab.snapshot.as_ref());
    let is_raccoon = snapshot.is_some_and(|snapshot| snapshot.system == Some(System::Raccoon));
    let Some(frame) = entry.frame().filter(|_| is_raccoon) else {
        return;
    };
    let mut name = "should move";
    for counter in metrics::should_move(&frame) {
        facts.push((std::mem::take(&mut name), counter));
    }
}

fn wire(kind: FrameKind, entry: &Entry<'_>, facts: &mut Vec<(&'static str, String)>) {
    let opcode = match kind {
        FrameKind::Text => " (opcode 1)",
        FrameKind::Binary => " (opcode 2)",
        FrameKind::Close => " (opcode 8)",
        FrameKind::Ping => " (opcode 9)",
        FrameKind::Pong => " (opcode 10)",
        FrameKind::Request | FrameKind::Response => "",
    };
    facts.push(("direction", entry.direction.name().to_owned()));
    facts.push(("kind", format!("{}{opcode}", kind.name())));
    if let Some(exchange) = entry.frame().and_then(|frame| frame.exchange()) {
        return head(&exchange, facts);
    }
    facts.push(("payload", format!("{} bytes", entry.payload.len())));
    let overhead = entry.wire.bytes.saturating_sub(entry.payload.len() as u64);
    facts.push((
        "wire",
        format!("{} bytes, {overhead} of headers", entry.wire.bytes),
    ));
    let rsv = entry.wire.rsv;
    let bits = format!("{}{}{}", rsv >> 2 & 1, rsv >> 1 & 1, rsv & 1);
    facts.push(("rsv 1-3", bits));
    facts.push((
        "mask",
        entry
            .wire
            .mask
            .map_or_else(|| "none".to_owned(), |mask| hex(&mask)),
    ));
    facts.extend(fragments(kind, &entry.wire.fragments));
    if let (FrameKind::Close, Some((code, reason))) = (kind, close_parts(entry.payload)) {
        facts.push(("close code", code.to_string()));
        facts.push(("reason", sanitise::bytes_line(reason)));
    }
}

/// Head of a request or response. The session logs secrets masked.
fn head(exchange: &Exchange<'_>, facts: &mut Vec<(&'static str, String)>) {
    facts.push(("start", sanitise::line(&exchange.start_line()).into_owned()));
    let told = |name: &str| {
        exchange
            .header(name)
            .map(|value| sanitise::line(&value).into_owned())
    };
    if let Some(status) = told("grpc-status") {
        let message = told("grpc-message").filter(|message| !message.is_empty());
        let said = message.map_or_else(String::new, |message| format!(" “{message}”"));
        facts.push(("grpc status", format!("{status}{said}")));
    }
    facts.push(("body", format!("{} bytes", exchange.body.len())));
    facts.push(("head", format!("{} bytes", exchange.head.len())));
    let mut name = "headers";
    for (key, value) in exchange.headers() {
        let text = format!("{key}: {value}");
        facts.push((name, sanitise::line(&text).into_owned()));
        name = "";
    }
}

/// Most fragments told on one line.
const ON_ONE_LINE: usize = 3;
/// Most fragments told at all, but for the last.
const FRAGMENTS_TOLD: usize = 15;

/// The frames a message came in: `text(1024, more) + continuation(37, final)`.
fn fragments(kind: FrameKind, lengths: &[u32]) -> Vec<(&'static str, String)> {
    let Some((last, before)) = lengths.split_last() else {
        return vec![("fragments", "one frame, final".to_owned())];
    };
    let mut told = Vec::new();
    for (index, length) in before.iter().take(FRAGMENTS_TOLD).enumerate() {
        let name = if index == 0 {
            kind.name()
        } else {
            "continuation"
        };
        told.push(format!("{name}({length}, more)"));
    }
    if before.len() > FRAGMENTS_TOLD {
        told.push(format!(
            "{} continuations more",
            before.len() - FRAGMENTS_TOLD
        ));
    }
    let name = if before.is_empty() {
        kind.name()
    } else {
        "continuation"
    };
    told.push(format!("{name}({last}, final)"));
    let lines = if told.len() <= ON_ONE_LINE {
        vec![told.join(" + ")]
    } else {
        told.join("\n+ ").lines().map(str::to_owned).collect()
    };
    let mut name = "fragments";
    let named = |line| (std::mem::take(&mut name), line);
    lines.into_iter().map(named).collect()
}

/// Says of fragments that a server's writer always makes that they are no error.
fn habit(state: &State, entry: &Entry<'_>, facts: &mut Vec<(&'static str, String)>) {
    let snapshot = state.tab().and_then(|tab| tab.snapshot.as_ref());
    let is_stellar =
        snapshot.is_some_and(|snapshot| snapshot.system == Some(System::SaveToWebSocket));
    let lengths = &entry.wire.fragments;
    if is_stellar && entry.direction == Direction::In && savetowebsocket::is_written_so(lengths) {
        for line in [
            "so this server's writer sends long messages",
            "(gorilla, a buffer of 1024 bytes); no error",
        ] {
            facts.push(("", line.to_owned()));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lengths: &[u32]) -> Vec<String> {
        let facts = fragments(FrameKind::Text, lengths);
        facts.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn fragments_by_case() {
        assert_eq!(told(&[]), ["one frame, final"]);
        assert_eq!(
            told(&[1024, 37]),
            ["text(1024, more) + continuation(37, final)"]
        );
        assert_eq!(
            told(&[2077, 0]),
            ["text(2077, more) + continuation(0, final)"]
        );
        assert_eq!(
            told(&[1, 2, 3, 4]),
            [
                "text(1, more)",
                "+ continuation(2, more)",
                "+ continuation(3, more)",
                "+ continuation(4, final)",
            ]
        );
        let many = told(&vec![7; 1_000_000]);
        assert_eq!(many.len(), FRAGMENTS_TOLD + 2);
        assert_eq!(many[FRAGMENTS_TOLD], "+ 999984 continuations more");
        assert_eq!(many[FRAGMENTS_TOLD + 1], "+ continuation(7, final)");
    }
}
