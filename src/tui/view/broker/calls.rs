//! The list of calls: those of the broker, with what is left of their time, and our own to other
//! clients.

use std::time::Duration;

use ratatui::style::Style;

use crate::frame::Stamp;
use crate::protocol::websocketmq::{Call, CallState, Picture, Proxied};
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::broker::{CallRow, call_state, calls, is_waiting, went_round};
use crate::tui::state::hops;
use crate::tui::state::tab::Tab;

use super::super::row;
use super::table::{Cell, Column, Row};
use super::{About, List, pretty};

/// Bytes of a payload that a row shows at most.
const NEAR: usize = 400;
/// Columns of the bar.
const BAR: usize = 10;

const COLUMNS: [Column; 6] = [
    Column::left("", 1, 0),
    Column::left("state", 16, 40),
    Column::left("time", 16, 0),
    Column::left("topic", 24, 0),
    Column::left("by, or to whom", 20, 96),
    Column::left("payload", 0, 60),
];
const NARROW: [Column; 5] = [
    Column::left("", 1, 0),
    Column::left("state", 14, 40),
    Column::left("time", 15, 40),
    Column::left("topic", 20, 0),
    Column::left("payload", 0, 60),
];

/// The rows under a heading for each kind.
pub(super) fn list(state: &State, tab: &Tab, picture: &Picture, width: u16) -> List {
    let mut rows = Vec::new();
    let titled = width >= 40;
    let holding = if picture.holding {
        "those nobody handles are held for you (H)"
    } else {
        "those nobody handles are refused at once (H holds them)"
    };
    let mut title = None;
    for row in calls(picture) {
        let now = match row {
            CallRow::Call(call) if is_waiting(call) => "Calls of the broker that wait for us",
            CallRow::Proxied(_) => "Our calls to other clients",
            CallRow::Call(_) => "Calls of the broker",
        };
        if titled && title != Some(now) {
            if title.is_some() {
                rows.push(Row::Title(String::new()));
            }
            title = Some(now);
            let more = match row {
                CallRow::Call(call) if !is_waiting(call) => format!(": {holding}"),
                _ => String::new(),
            };
            rows.push(Row::Title(format!("{now}{more}")));
        }
        let mut cells = match row {
            CallRow::Call(call) => call_cells(state, call),
            CallRow::Proxied(call) => own_cells(state, tab, call),
        };
        if width < 96 {
            cells.remove(4);
        }
        rows.push(Row::Cells(cells));
    }
    List {
        columns: if width < 96 { &NARROW } else { &COLUMNS },
        rows,
        nothing: if titled { "none yet" } else { "no calls" },
    }
}

/// `██████░░░░ 6s`: what is left of the time until `due`.
fn countdown(from: Stamp, due: Stamp, now: Stamp) -> String {
    let whole = due.since(from).max(Duration::from_millis(1));
    let left = due.since(now).min(whole);
    let full = (left.as_secs_f64() / whole.as_secs_f64() * BAR as f64).ceil() as usize;
    let full = full.min(BAR);
    format!(
        "{}{} {}",
        "█".repeat(full),
        "░".repeat(BAR - full),
        figures::left(left)
    )
}

fn sign(state: &State, call: &CallState) -> (&'static str, Style) {
    let theme = &state.theme;
    match call {
        CallState::Held => ("☎", theme.warn),
        CallState::Planned(_) => ("◐", theme.text),
        CallState::Answered(_) => ("✓", theme.good),
        CallState::Silent => ("–", theme.dim),
        CallState::Expired | CallState::Cut => ("✗", theme.bad),
    }
}

fn call_cells(state: &State, call: &Call) -> Vec<Cell> {
    let theme = &state.theme;
    let (sign, style) = sign(state, &call.state);
    let time = match call.state {
        CallState::Silent if call.due.mono <= state.now.mono => row::time(call.at, &state.zone, 8),
        CallState::Held | CallState::Silent => countdown(call.at, call.due, state.now),
        CallState::Planned(at) => countdown(call.at, at, state.now),
        CallState::Answered(took) => figures::latency(took),
        CallState::Expired | CallState::Cut => row::time(call.at, &state.zone, 8),
    };
    let hurry = call.due.since(state.now) < Duration::from_secs(3);
    let time_style = match call.state {
        CallState::Held if hurry => theme.bad,
        CallState::Held => theme.warn,
        CallState::Answered(_) => theme.text,
        _ => theme.dim,
    };
    let topic = if call.topic.is_empty() {
        "(no topic)"
    } else {
        &call.topic
    };
    let payload = call.payload.as_deref().unwrap_or_default();
    vec![
        Cell::new(sign, style),
        Cell::new(call_state(&call.state), style),
        Cell::new(time, time_style),
        Cell::new(topic, theme.text),
        Cell::new(&*call.by, theme.dim),
        Cell::Json(String::from_utf8_lossy(&payload[..payload.len().min(NEAR)]).into_owned()),
    ]
}

fn own_cells(state: &State, tab: &Tab, call: &Proxied) -> Vec<Cell> {
    let theme = &state.theme;
    let (sign, word, style) = match (&call.answered, &call.failure) {
        _ if went_round(call) => ("✓", "came back", theme.good),
        (_, Some(_)) => ("✗", "failed", theme.bad),
        (Some(_), None) => ("✓", "answered", theme.good),
        (None, None) => ("◐", "waits", theme.warn),
    };
    let time = match call.answered {
        Some(at) => figures::latency(at.since(call.at)),
        None => format!("for {}", figures::left(state.now.since(call.at))),
    };
    let hops = hops::of(state, tab, call);
    let told = match (&call.failure, hops) {
        (Some(failure), _) if !went_round(call) => Cell::new(&**failure, theme.bad),
        (_, Some(hops)) => Cell::new(hops.short(), theme.dim),
        (_, None) => Cell::new("", theme.dim),
    };
    vec![
        Cell::new(sign, style),
        Cell::new(word, style),
        Cell::new(time, theme.text),
        Cell::new(&*call.topic, theme.text),
        Cell::new(hops::target_name(tab, &call.target), theme.dim),
        told,
    ]
}

/// What is to say of the selected call.
pub(super) fn about(state: &State, tab: &Tab, picture: &Picture) -> Vec<About> {
    match tab.broker.call(picture) {
        None => Vec::new(),
        Some(CallRow::Call(call)) => about_call(state, call),
        Some(CallRow::Proxied(call)) => about_own(state, tab, call),
    }
}

fn about_call(state: &State, call: &Call) -> Vec<About> {
    let theme = &state.theme;
    let (_, style) = sign(state, &call.state);
    let left = figures::left(call.due.since(state.now));
    let said = match call.state {
        CallState::Held => format!(
            "Waits for your answer: a answers, x refuses, i stays silent. The broker gives up in \
             {left}; shortly before, it is refused for you."
        ),
        CallState::Planned(at) => format!(
            "The responder {} answers in {}.",
            call.by,
            figures::left(at.since(state.now))
        ),
        CallState::Answered(took) => {
            format!(
                "Answered {} after it came: {}.",
                figures::latency(took),
                call.by
            )
        }
        CallState::Silent if call.due.since(state.now).is_zero() => {
            "Left without an answer on purpose; the broker has given it up.".to_owned()
        }
        CallState::Silent => {
            format!("Left without an answer on purpose; the broker waits {left} more.")
        }
        CallState::Expired => "The broker's time was over before an answer went out.".to_owned(),
        CallState::Cut => "The connection ended before an answer went out.".to_owned(),
    };
    let id = if call.id.is_empty() {
        "none: it is answered without one"
    } else {
        &call.id
    };
    let mut lines = vec![
        About::Text(said, style),
        About::Fact("id", id.to_owned(), theme.text),
        About::Fact("came", row::time(call.at, &state.zone, 12), theme.text),
    ];
    if call.proxied.is_some() {
        let text = "the other half of a call of our own, which went through the broker to us";
        lines.push(About::Fact("joined", text.to_owned(), theme.text));
    }
    match &call.payload {
        Some(payload) => lines.extend(pretty(payload)),
        None => lines.push(About::Fact("payload", "none".to_owned(), theme.dim)),
    }
    lines
}

fn about_own(state: &State, tab: &Tab, call: &Proxied) -> Vec<About> {
    let theme = &state.theme;
    let mut lines = vec![
        About::Text(
            format!("{} → {}", call.topic, hops::target_name(tab, &call.target)),
            theme.title,
        ),
        About::Fact("target", call.target.clone(), theme.text),
        About::Fact("id", call.id.clone(), theme.text),
    ];
    if let Some(inner) = &call.inner {
        lines.push(About::Fact("inner id", inner.clone(), theme.text));
    }
    match &call.failure {
        Some(_) if went_round(call) => {
            let text = "The way to ourselves and back works; that nobody handles the topic is \
                        our own answer.";
            lines.push(About::Text(text.to_owned(), theme.good));
        }
        Some(failure) => lines.push(About::Text(failure.clone(), theme.bad)),
        None => {}
    }
    if let Some(hops) = hops::of(state, tab, call) {
        let parts = hops.lines().into_iter();
        lines.extend(parts.map(|(name, text)| About::Fact(name, text, theme.text)));
    } else {
        let text = "its inner half ran on a link that is not one of the sessions here; only the \
                    whole time is known";
        lines.push(About::Fact("hops", text.to_owned(), theme.dim));
    }
    lines
}
