//! The panel of what is known of a session: handshake, figures, latencies by label, ending.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::entry::Outcome;
use crate::frame::Opening;
use crate::profile::secret::mask_header;
use crate::protocol::raccoon;
use crate::protocol::websocketmq::{Picture, Pressure, Registration};
use crate::session::{Ending, LabelLatency, Snapshot};
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::remarks::lines as broken;

use super::overlay::panel;
use super::paint::put;

/// Columns of the names.
const NAMES: u16 = 20;
/// Size of the panel.
const SIZE: (u16, u16) = (106, 36);

/// A line: name and value, or a heading without a name.
struct Line {
    name: String,
    value: String,
    style: Style,
}

/// Number of lines.
#[must_use]
pub fn line_count(state: &State) -> usize {
    lines(state, SIZE.0.min(state.size.width).saturating_sub(2)).len()
}

/// Draws the panel.
pub(super) fn draw(state: &State, top: usize, screen: Rect, buffer: &mut Buffer) {
    let area = panel(state, "Session", SIZE, screen, buffer);
    let lines = lines(state, area.width);
    let top = top.min(lines.len().saturating_sub(usize::from(area.height)));
    for (y, line) in (area.y..area.bottom()).zip(lines.iter().skip(top)) {
        put(buffer, area, area.x + 1, y, &line.name, state.theme.name);
        let x = if line.name.is_empty() && line.style == state.theme.title {
            area.x
        } else {
            area.x + 1 + NAMES
        };
        put(buffer, area, x, y, &line.value, line.style);
    }
}

/// Collects lines, breaking long values.
struct Lines<'a> {
    state: &'a State,
    width: usize,
    all: Vec<Line>,
}

impl Lines<'_> {
    fn title(&mut self, title: &str) {
        let style = self.state.theme.title;
        if !self.all.is_empty() {
            self.push("", String::new(), style);
        }
        self.push("", title.to_owned(), style);
    }

    fn fact(&mut self, name: &str, value: impl Into<String>) {
        let style = self.state.theme.text;
        self.styled(name, &value.into(), style);
    }

    fn styled(&mut self, name: &str, value: &str, style: Style) {
        if value.is_empty() {
            return;
        }
        let value = self
            .state
            .tab()
            .map_or_else(|| value.to_owned(), |tab| tab.masked(value).into_owned());
        for (index, value) in broken(&value, self.width).into_iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            self.push(name, value, style);
        }
    }

    fn push(&mut self, name: &str, value: String, style: Style) {
        self.all.push(Line {
            name: name.to_owned(),
            value,
            style,
        });
    }
}

fn lines(state: &State, width: u16) -> Vec<Line> {
    let mut lines = Lines {
        state,
        width: usize::from(width.saturating_sub(NAMES + 1)),
        all: Vec::new(),
    };
    let Some(snapshot) = state.tab().and_then(|tab| tab.snapshot.as_deref()) else {
        lines.title("Nothing is known yet");
        return lines.all;
    };
    session(&mut lines, snapshot);
    if let Some(picture) = &snapshot.broker {
        broker(&mut lines, picture);
    }
    standing(&mut lines, snapshot);
    if let Some(opening) = &snapshot.opening {
        handshake(&mut lines, opening);
    }
    traffic(&mut lines, snapshot);
    latencies(&mut lines, "Latency by kind", &snapshot.by_label);
    latencies(
        &mut lines,
        "Latency by transport and wire",
        &snapshot.by_group,
    );
    if let Some(ending) = &snapshot.ending {
        last_ending(&mut lines, ending);
    }
    lines.all
}

fn session(lines: &mut Lines<'_>, snapshot: &Snapshot) {
    lines.title("Session");
    lines.fact("url", snapshot.url.as_str());
    let system = snapshot
        .system
        .map_or("not known yet", |system| system.row().title);
    lines.fact("system", format!("{system} ({})", snapshot.system_why));
    let age = figures::age(lines.state.now.since(snapshot.since));
    lines.fact("state", format!("{} for {age}", snapshot.state.name()));
    lines.fact("", snapshot.detail.as_str());
    lines.fact("connections", snapshot.connections.to_string());
    lines.fact("attempt", snapshot.attempt.to_string());
    for countdown in &snapshot.countdowns {
        let left = figures::left(countdown.at.since(lines.state.now));
        lines.fact("counting", format!("{} in {left}", countdown.name));
    }
    if snapshot.insecure {
        lines.fact("tls", "any certificate is trusted");
    }
    if let Some(check) = &snapshot.health_check {
        lines.fact("health check", check.url.as_str());
        let result = match (check.status, check.latency) {
            (Some(status), Some(took)) => format!("HTTP {status} in {}", figures::latency(took)),
            _ => check.error.clone().unwrap_or_default(),
        };
        lines.fact("", result);
    }
}

/// Who we are to the broker, what it speaks, how full its queue for us may be.
fn broker(lines: &mut Lines<'_>, picture: &Picture) {
    lines.title("Broker");
    let own = &picture.identity;
    let dialect = match &picture.dialect {
        Some((dialect, why)) => format!("generation {}: {why}", dialect.name()),
        None => "not known yet: no message has told".to_owned(),
    };
    lines.fact("dialect", dialect);
    let registration = match &own.registration {
        Registration::None => "none was sent; nothing needs one".to_owned(),
        Registration::Awaited => "sent, its answer is awaited".to_owned(),
        Registration::Done => match own.latency {
            Some(took) => format!("answered after {}", figures::latency(took)),
            None => "answered".to_owned(),
        },
        Registration::Without(why) => format!("not registered, which nothing requires: {why}"),
    };
    lines.fact("registration", registration);
    lines.fact("name", own.name.as_str());
    lines.fact("id", own.id.as_str());
    if own.asked != own.id {
        lines.fact("id in the URL", own.asked.as_str());
    }
    lines.fact("page session", own.page.as_str());
    if !own.server_time.is_empty() {
        let skew = own.skew_ms.map_or(String::new(), |skew| {
            let way = if skew < 0 { "behind" } else { "ahead of" };
            let apart = Duration::from_millis(skew.unsigned_abs());
            let within = Duration::from_millis(own.skew_within_ms.unsigned_abs());
            let unsure = if within.is_zero() {
                String::new()
            } else {
                format!(", {} more or less", figures::latency(within))
            };
            format!(", {} {way} ours{unsure}", figures::latency(apart))
        });
        lines.fact("its clock", format!("{}{skew}", own.server_time));
    }
    queue(lines, &picture.pressure);
    let calls = if picture.holding {
        "those nobody handles are held for an answer by hand"
    } else {
        "those nobody handles are refused at once"
    };
    lines.fact("its calls", calls);
}

/// How full the broker's queue for us may be.
fn queue(lines: &mut Lines<'_>, pressure: &Pressure) {
    lines.fact(
        "queue",
        format!(
            "{} messages owed to us, {} at most; it holds 16, and the third it drops closes the \
             connection",
            pressure.outstanding, pressure.most
        ),
    );
    if pressure.dropped > 0 {
        let warn = lines.state.theme.bad;
        let text = format!("{} dropped, as far as one can tell", pressure.dropped);
        lines.styled("", &text, warn);
    }
    if let Some(hint) = &pressure.hint {
        let warn = lines.state.theme.warn;
        lines.styled("", hint, warn);
    }
}

fn handshake(lines: &mut Lines<'_>, opening: &Opening) {
    lines.title("Handshake");
    // A gRPC connection opens without an HTTP answer.
    if opening.status != 0 {
        lines.fact("status", opening.status.to_string());
    }
    lines.fact("took", figures::latency(opening.took));
    lines.fact("peer", opening.peer.as_str());
    lines.fact(
        "subprotocol",
        opening.subprotocol.as_deref().unwrap_or_default(),
    );
    lines.fact("tls", opening.tls.as_deref().unwrap_or_default());
    for (name, value) in &opening.headers {
        lines.fact("header", format!("{name}: {}", mask_header(name, value)));
    }
    if !opening.body.is_empty() {
        lines.fact("body", crate::sanitise::bytes_line(&opening.body));
    }
}

fn traffic(lines: &mut Lines<'_>, snapshot: &Snapshot) {
    lines.title("Traffic");
    let totals = snapshot.totals;
    for (name, frames, bytes) in [
        ("received", totals.frames_in, totals.bytes_in),
        ("sent", totals.frames_out, totals.bytes_out),
    ] {
        let text = format!(
            "{} frames, {}",
            figures::count(frames),
            figures::size(bytes)
        );
        lines.fact(name, text);
    }
    let outcomes: Vec<_> = Outcome::ALL
        .iter()
        .zip(snapshot.outcomes)
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| format!("{} {}", figures::count(count), outcome.name()))
        .collect();
    lines.fact("replies", outcomes.join(", "));
    for (name, count) in &snapshot.counts {
        let meaning = raccoon::code_meaning(name).map_or(String::new(), |(number, meaning)| {
            format!(" {number}: {meaning}")
        });
        lines.fact("", format!("{} {name}{meaning}", figures::count(*count)));
    }
    lines.fact("lost asks", figures::count(snapshot.lost));
    let store = &lines.state.store;
    let memory = format!(
        "{} of {}, all sessions",
        figures::size(store.used() as u64),
        figures::size(store.budget() as u64)
    );
    lines.fact("memory", memory);
}

fn latencies(lines: &mut Lines<'_>, title: &str, labels: &[LabelLatency]) {
    if labels.is_empty() {
        return;
    }
    lines.title(title);
    for row in labels {
        let latency = row.latency;
        let text = format!(
            "p50 {:>8}  p90 {:>8}  p99 {:>8}  max {:>8}  × {}",
            figures::latency(latency.p50),
            figures::latency(latency.p90),
            figures::latency(latency.p99),
            figures::latency(latency.max),
            figures::count(latency.count)
        );
        let name = &row.label[..row.label.floor_char_boundary(usize::from(NAMES) - 1)];
        lines.fact(name, text);
    }
}

/// What the protocol has found out, under its own headings.
fn standing(lines: &mut Lines<'_>, snapshot: &Snapshot) {
    let mut group = "";
    for fact in snapshot.standing.iter() {
        if fact.group != group {
            group = fact.group;
            let mut title = group.to_owned();
            title[..1].make_ascii_uppercase();
            lines.title(&title);
        }
        let now = lines.state.now;
        let value = match fact.at {
            None => fact.value.clone(),
            Some(at) if at.mono > now.mono => {
                format!("{} in {}", fact.value, figures::left(at.since(now)))
            }
            Some(at) => format!("{} {} ago", fact.value, figures::left(now.since(at))),
        };
        let style = if fact.warning {
            lines.state.theme.warn
        } else {
            lines.state.theme.text
        };
        lines.styled(fact.name, &value, style);
    }
}

fn last_ending(lines: &mut Lines<'_>, ending: &Ending) {
    lines.title("Last ending");
    lines.fact("", ending.explanation.as_str());
    lines.fact("how", ending.how);
    if ending.code == 0 {
        // No WebSocket, no close frames.
        return;
    }
    lines.fact("code", ending.code.to_string());
    lines.fact("reason", crate::sanitise::bytes_line(&ending.reason));
    let seen = if ending.close_frame_seen {
        "seen"
    } else {
        "not seen"
    };
    lines.fact("close frame", seen);
}
