//! The list of topics.

use ratatui::style::Style;

use crate::protocol::websocketmq::{Picture, Subscription, Topic};
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::broker::{Panel, subscription, subscription_meaning, topics};

use super::table::{Cell, Column, Row};
use super::{About, List, pretty};

/// Bytes of a value that a row shows at most.
const NEAR: usize = 400;

const COLUMNS: [Column; 9] = [
    Column::left("", 1, 0),
    Column::left("topic", 26, 0),
    Column::left("subscription", 22, 44),
    Column::right("rate", 7, 54),
    Column::right("in", 7, 62),
    Column::right("echo", 5, 96),
    Column::right("out", 5, 96),
    Column::right("age", 7, 74),
    Column::left("last value", 0, 80),
];
/// The same where there is no room for a value.
const NARROW: [Column; 4] = [
    Column::left("", 1, 0),
    Column::left("topic", 24, 0),
    Column::left("subscription", 20, 44),
    Column::left("", 0, 60),
];
/// For 80 columns.
const MIDDLE: [Column; 6] = [
    Column::left("", 1, 0),
    Column::left("topic", 21, 0),
    Column::left("subscription", 20, 44),
    Column::right("rate", 6, 54),
    Column::right("in", 6, 62),
    Column::left("last value", 0, 70),
];

/// The rows.
pub(super) fn list(state: &State, picture: &Picture, width: u16) -> List {
    let mut rows: Vec<Row> = Vec::new();
    for topic in topics(picture) {
        let cells = cells(state, topic);
        rows.push(Row::Cells(match width {
            ..70 => {
                let keep = cells.into_iter().take(3);
                keep.chain([Cell::new("", state.theme.text)]).collect()
            }
            70..96 => {
                let kept = [0, 1, 2, 3, 4, 8].map(|at: usize| cells[at].clone());
                kept.to_vec()
            }
            _ => cells,
        }));
    }
    if picture.topics_forgotten > 0 {
        let text = format!(
            "{} more topics are not listed",
            figures::count(picture.topics_forgotten)
        );
        rows.push(Row::Title(text));
    }
    List {
        columns: match width {
            ..70 => &NARROW,
            70..96 => &MIDDLE,
            _ => &COLUMNS,
        },
        rows,
        nothing: "no topics yet: n subscribes to one you type, D to the four that tell what goes \
                  on. Topics are compared letter by letter; nothing says whether one exists.",
    }
}

/// Sign and colour of a subscription.
fn sign(state: &State, subscription: Subscription) -> (&'static str, Style) {
    let theme = &state.theme;
    match subscription {
        Subscription::Held => ("●", theme.good),
        Subscription::Assumed => ("●", theme.text),
        Subscription::Asked | Subscription::Ending | Subscription::Owed => ("◐", theme.warn),
        Subscription::Unacknowledged => ("⚠", theme.warn),
        Subscription::Refused => ("✗", theme.bad),
        Subscription::Local => ("◌", theme.dim),
        Subscription::None | Subscription::Ended => ("○", theme.dim),
    }
}

fn name(topic: &Topic) -> &str {
    if topic.name.is_empty() {
        "(no topic)"
    } else {
        &topic.name
    }
}

fn cells(state: &State, topic: &Topic) -> Vec<Cell> {
    let theme = &state.theme;
    let (sign, style) = sign(state, topic.subscription);
    let standing = match topic.latency {
        Some(took) => format!(
            "{} {}",
            subscription(topic.subscription),
            figures::latency(took)
        ),
        None => subscription(topic.subscription).to_owned(),
    };
    let number = |count: u64| {
        let text = if count == 0 {
            String::new()
        } else {
            figures::count(count)
        };
        Cell::new(text, theme.text)
    };
    let rate = if topic.rate > 0.0 {
        figures::rate(topic.rate)
    } else {
        String::new()
    };
    let age = topic
        .at
        .map_or(String::new(), |at| figures::left(state.now.since(at)));
    let near = &topic.last[..topic.last.len().min(NEAR)];
    vec![
        Cell::new(sign, style),
        Cell::new(name(topic), theme.text),
        Cell::new(standing, style),
        Cell::new(rate, theme.incoming),
        number(topic.received),
        number(topic.echoes),
        number(topic.sent),
        Cell::new(age, theme.dim),
        Cell::Json(String::from_utf8_lossy(near).into_owned()),
    ]
}

/// What is to say of the selected topic.
pub(super) fn about(state: &State, panel: &Panel, picture: &Picture) -> Vec<About> {
    let theme = &state.theme;
    let Some(topic) = panel.topic(picture) else {
        return Vec::new();
    };
    let (_, style) = sign(state, topic.subscription);
    let mut lines = vec![
        About::Text(name(topic).to_owned(), theme.title),
        About::Text(subscription_meaning(topic.subscription).to_owned(), style),
    ];
    let mut counted = vec![format!("{} received", figures::count(topic.received))];
    if topic.echoes > 0 {
        counted.push(format!("{} of them our own", figures::count(topic.echoes)));
    }
    if topic.sent > 0 {
        counted.push(format!("{} published by us", figures::count(topic.sent)));
    }
    lines.push(About::Fact("messages", counted.join(", "), theme.text));
    if let Some(at) = topic.at {
        let cut = if topic.cut { ", its beginning" } else { "" };
        let text = format!(
            "{} ago, {}{cut}",
            figures::left(state.now.since(at)),
            figures::size(topic.size as u64)
        );
        lines.push(About::Fact("newest", text, theme.text));
    }
    if let Some(took) = topic.echo {
        let text = format!("{} from our publish to its echo", figures::latency(took));
        lines.push(About::Fact("echo", text, theme.text));
    }
    if let Some(hint) = &topic.hint {
        lines.push(About::Text(format!("⚠ {hint}"), theme.warn));
    }
    if !topic.last.is_empty() {
        lines.extend(pretty(&topic.last));
    }
    lines
}
