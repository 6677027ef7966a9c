//! The two lines on how the session is doing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::protocol::System;
use crate::session::{Snapshot, State as Lifecycle};
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::tab::Phase;

use super::broker;
use super::paint::{Piece, strip};

/// Longest filters shown, bytes.
const FILTERS_MAX: usize = 40;
/// Longest URL shown, bytes.
const ADDRESS_MAX: usize = 60;

/// URL, state and age, round trip, rates.
pub(super) fn header(state: &State, area: Rect, buffer: &mut Buffer) {
    let Some(tab) = state.tab().filter(|_| !area.is_empty()) else {
        return;
    };
    let theme = &state.theme;
    let lifecycle = tab.lifecycle();
    let mut pieces = vec![Piece::new(60, format!(" {}", tab.name()), theme.title)];
    let word = lifecycle.name().to_uppercase();
    let Some(snapshot) = &tab.snapshot else {
        let why = match &tab.phase {
            Phase::NotStarted(why) => why.clone(),
            Phase::Starting => "starting".to_owned(),
            Phase::Running | Phase::Ended | Phase::Broken => String::new(),
        };
        pieces.push(Piece::new(255, word, theme.state(lifecycle)));
        pieces.push(Piece::new(50, why, theme.text));
        strip(buffer, area, pieces, 2);
        return;
    };
    pieces.push(Piece::new(30, address(&snapshot.url), theme.text));
    let age = figures::age(state.now.since(snapshot.since));
    pieces.push(Piece::new(
        255,
        format!("{word} {age}"),
        theme.state(lifecycle),
    ));
    if snapshot.insecure {
        pieces.push(Piece::new(250, "CERTIFICATE NOT CHECKED", theme.bad));
    }
    if let (Lifecycle::Waiting, Some(at)) = (lifecycle, snapshot.retry_at) {
        let text = format!(
            "attempt {} in {}",
            snapshot.attempt.saturating_add(1),
            figures::left(at.since(state.now))
        );
        pieces.push(Piece::new(70, text, theme.warn));
    }
    if let Some(check) = &snapshot.health_check {
        pieces.push(match (check.failing_since, check.latency) {
            (Some(since), _) => {
                let age = figures::age(state.now.since(since));
                Piece::new(65, format!("/ping fails for {age}"), theme.bad)
            }
            (None, took) => {
                let took = took.map(figures::latency).unwrap_or_default();
                Piece::new(11, format!("/ping {took}"), theme.dim)
            }
        });
    }
    if lifecycle != Lifecycle::Live {
        pieces.push(Piece::new(20, tab.masked(&snapshot.detail), theme.text));
    }
    if lifecycle.is_connected() {
        pieces.extend(traffic(state, snapshot));
    }
    strip(buffer, area, pieces, 2);
}

/// The URL without its query, which the panel of facts has, and not too long.
fn address(url: &str) -> String {
    let (path, query) = url
        .split_once('?')
        .map_or((url, false), |(path, _)| (path, true));
    let near = &path[..path.floor_char_boundary(ADDRESS_MAX)];
    if query || near.len() < path.len() {
        format!("{near}…")
    } else {
        near.to_owned()
    }
}

fn traffic(state: &State, snapshot: &Snapshot) -> Vec<Piece> {
    let theme = &state.theme;
    let mut pieces = Vec::new();
    if let Some(last) = snapshot.rtt.last {
        let text = format!("rtt {}", figures::latency(last));
        pieces.push(Piece::new(45, text, theme.text));
        let line = figures::sparkline(&snapshot.rtt.recent, 8);
        pieces.push(Piece::new(12, line, theme.dim).glued());
    }
    let rates = snapshot.rates;
    for (rank, arrow, frames, bytes, style) in [
        (42, "↓", rates.frames_in, rates.bytes_in, theme.incoming),
        (41, "↑", rates.frames_out, rates.bytes_out, theme.outgoing),
    ] {
        pieces.push(Piece::new(
            rank,
            format!("{arrow} {}", figures::rate(frames)),
            style,
        ));
        let bytes = figures::throughput(bytes);
        pieces.push(Piece::new(rank - 25, bytes, theme.dim).glued());
    }
    pieces
}

/// Latencies, open and lost asks, countdowns.
pub(super) fn figures(state: &State, area: Rect, buffer: &mut Buffer) {
    let Some(snapshot) = state.tab().and_then(|tab| tab.snapshot.as_deref()) else {
        return;
    };
    if area.is_empty() {
        return;
    }
    let mut pieces = match snapshot.system {
        Some(System::SaveToWebSocket) => stream(state, snapshot),
        Some(System::WebSocketMq) => brokered(state, snapshot),
        _ => replies(state, snapshot),
    };
    pieces.extend(troubles(state, snapshot));
    pieces.extend(countdowns(state, snapshot));
    let area = Rect {
        x: area.x + 1,
        width: area.width - 1,
        ..area
    };
    strip(buffer, area, pieces, 2);
}

fn replies(state: &State, snapshot: &Snapshot) -> Vec<Piece> {
    let theme = &state.theme;
    let latency = snapshot.latency;
    let asks = latency.count > 0 || snapshot.open_asks > 0 || snapshot.lost > 0;
    if !asks {
        let totals = snapshot.totals;
        let text = format!(
            "received {} · {}",
            figures::count(totals.frames_in),
            figures::size(totals.bytes_in)
        );
        return vec![Piece::new(60, text, theme.text)];
    }
    let word = match snapshot.system {
        Some(System::Raccoon) => "acks",
        _ => "replies",
    };
    let mut pieces = Vec::new();
    if latency.count > 0 {
        pieces.push(Piece::new(
            60,
            format!("{word} p50 {}", figures::latency(latency.p50)),
            theme.text,
        ));
        for (rank, name, value) in [
            (40, "p90", latency.p90),
            (50, "p99", latency.p99),
            (20, "max", latency.max),
        ] {
            let text = format!("{name} {}", figures::latency(value));
            pieces.push(Piece::new(rank, text, theme.text));
        }
    }
    if let Some(mode) = ack_mode(snapshot) {
        pieces.push(Piece::new(33, mode, theme.dim));
    }
    pieces.push(Piece::new(
        55,
        format!("open {}", snapshot.open_asks),
        theme.text,
    ));
    let lost = if snapshot.lost > 0 {
        theme.bad
    } else {
        theme.text
    };
    pieces.push(Piece::new(
        56,
        format!("lost {}", figures::count(snapshot.lost)),
        lost,
    ));
    pieces
}

/// Latencies of replies, who we are to the broker, and how full its queue for us may be.
fn brokered(state: &State, snapshot: &Snapshot) -> Vec<Piece> {
    let theme = &state.theme;
    let mut pieces = replies(state, snapshot);
    let Some(picture) = &snapshot.broker else {
        return pieces;
    };
    let mut standing = broker::standing(state, picture);
    standing.append(&mut pieces);
    let pressure = &picture.pressure;
    if pressure.dropped > 0 {
        let text = format!("broker dropped {}", pressure.dropped);
        standing.push(Piece::new(72, text, theme.bad));
    } else if pressure.hint.is_some() {
        let text = format!("{} owed to us at once", pressure.most);
        standing.push(Piece::new(64, text, theme.warn));
    }
    let clients = picture.clients.as_ref();
    if clients.is_some_and(|clients| clients.missing_self) {
        standing.push(Piece::new(71, "not on the list of clients", theme.warn));
    }
    standing
}

/// What there is instead of replies where one message alone is answered: the filters in force, the
/// newest ledger, the risk of being too slow.
fn stream(state: &State, snapshot: &Snapshot) -> Vec<Piece> {
    let theme = &state.theme;
    let fact = |name| snapshot.standing.iter().find(|fact| fact.name == name);
    let totals = snapshot.totals;
    let text = format!(
        "received {} · {}",
        figures::count(totals.frames_in),
        figures::size(totals.bytes_in)
    );
    let mut pieces = vec![Piece::new(60, text, theme.text)];
    if let Some(period) = snapshot.filters.last().filter(|it| it.until.is_none()) {
        let label = period.filters.label();
        let near = &label[..label.floor_char_boundary(FILTERS_MAX)];
        let more = if near.len() < label.len() { "…" } else { "" };
        let text = format!("filters {near}{more}");
        let unsure = period.confirmed.is_none() && period.settled.is_none();
        let style = if unsure { theme.warn } else { theme.text };
        pieces.push(Piece::new(50, text, style));
    }
    if let Some(fact) = fact("newest ledger") {
        let number = fact.value.split(',').next().unwrap_or_default();
        let age = fact.at.map(|at| state.now.since(at).as_secs());
        let text = format!("ledger {number} {}s ago", age.unwrap_or_default());
        let quiet = fact_warns(snapshot, "silent");
        pieces.push(Piece::new(
            48,
            text,
            if quiet { theme.bad } else { theme.text },
        ));
    }
    for (rank, name, word) in [
        (66, "not SaveToWebSocket", "another system answers"),
        (64, "silent", "silent"),
        (63, "risk", "slow-consumer risk high"),
    ] {
        if fact_warns(snapshot, name) {
            pieces.push(Piece::new(rank, word, theme.warn));
        }
    }
    pieces
}

fn fact_warns(snapshot: &Snapshot, name: &str) -> bool {
    let mut facts = snapshot.standing.iter();
    facts.any(|fact| fact.name == name && fact.warning)
}

/// `SYNC`, `perhaps ASYNC`; `None` where it is not known, or there is no such thing.
fn ack_mode(snapshot: &Snapshot) -> Option<&str> {
    let mut facts = snapshot.standing.iter();
    let fact = facts.find(|fact| fact.name == "ack mode")?;
    let (mode, _) = fact.value.split_once(" (")?;
    Some(mode)
}

fn troubles(state: &State, snapshot: &Snapshot) -> Vec<Piece> {
    let theme = &state.theme;
    [
        (70, "refused", snapshot.refusals, theme.bad),
        (65, "errors", snapshot.totals.errors, theme.bad),
        (
            45,
            "reconnects",
            u64::from(snapshot.connections.saturating_sub(1)),
            theme.warn,
        ),
        (68, "behind by", snapshot.behind, theme.warn),
    ]
    .into_iter()
    .filter(|(_, _, count, _)| *count > 0)
    .map(|(rank, name, count, style)| {
        Piece::new(rank, format!("{name} {}", figures::count(count)), style)
    })
    .collect()
}

fn countdowns(state: &State, snapshot: &Snapshot) -> Vec<Piece> {
    let theme = &state.theme;
    let mut pieces = Vec::new();
    let ping = snapshot.server_ping_every.zip(snapshot.server_ping_at);
    if let Some((every, at)) = ping.filter(|_| snapshot.state.is_connected()) {
        let left = at.after(every).since(state.now);
        let text = if left.is_zero() {
            format!("server ping due (every {})", figures::left(every))
        } else {
            format!("next server ping ~{}", figures::left(left))
        };
        pieces.push(Piece::new(35, text, theme.dim));
    }
    for (index, countdown) in snapshot.countdowns.iter().take(4).enumerate() {
        let left = countdown.at.since(state.now);
        let style = if left.as_secs() < 5 {
            theme.warn
        } else {
            theme.dim
        };
        let text = format!("{} in {}", countdown.name, figures::left(left));
        pieces.push(Piece::new(38 - index as u8, text, style));
    }
    pieces
}
