//! The panel of the server's metrics: what was done beside what moved, what that means, and all
//! series by group.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::protocol::raccoon::metrics::{Group, Kind, Picture, Row, Series};
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::metrics::MetricsPanel;
use crate::tui::state::remarks::lines as broken;

use super::overlay::{field, panel};
use super::paint::{put, put_right, width};

/// Largest size of the panel.
const SIZE: (u16, u16) = (130, 44);
/// Columns of value, growth and rate.
const NUMBER: u16 = 10;
/// Bars of a series' course.
const BARS: u16 = 16;

/// One line: texts at columns, the last of them up to the right edge.
#[derive(Default)]
struct Line {
    texts: Vec<(u16, String, Style)>,
    /// Texts that end before a column.
    numbers: Vec<(u16, String, Style)>,
}

impl Line {
    fn text(x: u16, text: impl Into<String>, style: Style) -> Self {
        Self {
            texts: vec![(x, text.into(), style)],
            ..Self::default()
        }
    }
}

/// Number of lines below the panel's first.
#[must_use]
pub fn line_count(state: &State, panel: &MetricsPanel) -> usize {
    lines(state, panel, inner_width(state)).len()
}

fn inner_width(state: &State) -> u16 {
    SIZE.0.min(state.size.width).saturating_sub(2)
}

/// Draws the panel; returns where the cursor is.
pub(super) fn draw(
    state: &State,
    open: &MetricsPanel,
    screen: Rect,
    buffer: &mut Buffer,
) -> Position {
    let area = panel(state, "Server metrics", SIZE, screen, buffer);
    let status = status(state);
    let room = Rect {
        x: area.right().saturating_sub(width(&status)).max(area.x + 16),
        ..area
    };
    let cursor = field(state, "find: ", &open.line, area, buffer);
    if area.width > 60 {
        let room = Rect {
            width: area.right() - room.x,
            ..room
        };
        put(buffer, room, room.x, area.y, &status, state.theme.dim);
    }
    let body = Rect {
        y: area.y + area.height.min(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    let lines = lines(state, open, area.width);
    let top = open
        .top
        .min(lines.len().saturating_sub(usize::from(body.height)));
    for (y, line) in (body.y..body.bottom()).zip(lines.iter().skip(top)) {
        for (right, text, style) in &line.numbers {
            put_right(buffer, body, body.x + right, y, text, *style);
        }
        for (x, text, style) in &line.texts {
            let ends = line
                .numbers
                .iter()
                .map(|(right, ..)| right.saturating_sub(NUMBER));
            let stop = ends.filter(|end| x < end).min().unwrap_or(body.width);
            let room = Rect {
                width: stop.min(body.width),
                ..body
            };
            put(buffer, room, body.x + x, y, text, *style);
        }
    }
    cursor
}

fn picture(state: &State) -> Option<&Picture> {
    state.tab()?.snapshot.as_ref()?.metrics.as_deref()
}

fn status(state: &State) -> String {
    let Some(picture) = picture(state) else {
        return String::new();
    };
    let failed = match picture.failures {
        0 => String::new(),
        failures => format!(", {failures} failed"),
    };
    let age = picture.read_at.map_or_else(
        || "never read".to_owned(),
        |at| format!("read {} ago", figures::left(state.now.since(at))),
    );
    format!(
        "{} readings{failed} · {age} · every {}",
        picture.attempts,
        figures::left(picture.every)
    )
}

fn lines(state: &State, open: &MetricsPanel, width: u16) -> Vec<Line> {
    let theme = &state.theme;
    let mut all = Vec::new();
    let wrapped = |text: &str, style: Style, all: &mut Vec<Line>| {
        for line in broken(text, usize::from(width.saturating_sub(2))) {
            all.push(Line::text(1, line, style));
        }
    };
    let Some(picture) = picture(state) else {
        let text = "No metrics yet. Give their address with --metrics http://HOST:9090/metrics, or as \
                    metrics_url in [raccoon] of the profile; the server has them once it runs with \
                    METRIC_PROMETHEUS_ENABLED=true.";
        wrapped(text, theme.dim, &mut all);
        return all;
    };
    all.push(Line::text(1, picture.url.clone(), theme.dim));
    if let Some(error) = &picture.error {
        wrapped(error, theme.bad, &mut all);
    }
    let wanted = open.line.text().trim().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&wanted);
    let found: Vec<_> = picture
        .rows
        .iter()
        .filter(|row| fits(&row.what) || fits(&row.counter))
        .collect();
    if !found.is_empty() {
        let title = "Done here since the first reading, and the counter that should have moved";
        all.push(Line::text(0, title, theme.title));
        for row in found {
            finding(state, row, width, &mut all);
        }
    }
    if wanted.is_empty() {
        for sentence in &picture.advice {
            wrapped(&format!("⚠ {sentence}"), theme.warn, &mut all);
        }
    }
    groups(state, picture, &fits, width, &mut all);
    let left_out = picture.history.left_out();
    if left_out > 0 {
        wrapped(
            &format!("{left_out} more series were not kept"),
            theme.warn,
            &mut all,
        );
    }
    all
}

fn finding(state: &State, row: &Row, width: u16, all: &mut Vec<Line>) {
    let theme = &state.theme;
    let name = (width * 3 / 10).clamp(12, 30);
    let (moved, style) = match (row.moved, &row.remark) {
        (None, _) => ("–".to_owned(), theme.warn),
        (Some(moved), Some(_)) => (format!("+{}", figures::amount(moved)), theme.warn),
        (Some(moved), None) => (format!("+{}", figures::amount(moved)), theme.good),
    };
    all.push(Line {
        texts: vec![
            (1, row.what.clone(), theme.text),
            (name + NUMBER + 2, row.counter.clone(), theme.dim),
        ],
        numbers: vec![
            (name + NUMBER, figures::count(row.did), theme.text),
            (width.saturating_sub(1), moved, style),
        ],
    });
    if let Some(remark) = &row.remark {
        all.push(Line::text(3, format!("⚠ {remark}"), theme.warn));
    }
}

fn groups(
    state: &State,
    picture: &Picture,
    fits: &dyn Fn(&str) -> bool,
    width: u16,
    all: &mut Vec<Line>,
) {
    let theme = &state.theme;
    for group in Group::ALL {
        let series: Vec<_> = picture
            .history
            .series()
            .iter()
            .filter(|series| Group::of(&series.name) == group)
            .filter(|series| fits(&series.key()) || fits(group.title()))
            .collect();
        if series.is_empty() {
            continue;
        }
        let mut heading = Line::text(0, group.title(), theme.title);
        let columns = Columns::of(width);
        let names = if group == Group::Times {
            ["count", "new", "p50 · p90 · p99 ms"]
        } else {
            ["value", "new", "rate"]
        };
        for (right, name) in [columns.value, columns.delta, columns.rate]
            .into_iter()
            .zip(names)
        {
            let right = if name.starts_with("p50") {
                columns.end
            } else {
                right
            };
            heading.numbers.push((right, name.to_owned(), theme.dim));
        }
        all.push(heading);
        all.extend(series.into_iter().map(|one| row(state, one, &columns)));
    }
}

/// Right edges of the columns.
struct Columns {
    value: u16,
    delta: u16,
    rate: u16,
    /// Right edge of the course.
    end: u16,
    bars: u16,
}

impl Columns {
    fn of(width: u16) -> Self {
        let bars = if width < 100 { BARS / 2 } else { BARS };
        let end = width.saturating_sub(1);
        let rate = end.saturating_sub(bars + 1);
        let delta = rate.saturating_sub(NUMBER);
        Self {
            value: delta.saturating_sub(NUMBER),
            delta,
            rate,
            end,
            bars,
        }
    }
}

/// What a series is called, the start of its labels cut off before their end: that tells them
/// apart.
fn title(series: &Series, columns: &Columns) -> String {
    let title = series.title();
    let room = usize::from(columns.value.saturating_sub(NUMBER + 1));
    let length = title.chars().count();
    if length <= room || room < 24 {
        return title;
    }
    let (head, tail) = (room / 2, room - room / 2 - 1);
    let start: String = title.chars().take(head).collect();
    let end: String = title.chars().skip(length - tail).collect();
    format!("{start}…{end}")
}

fn row(state: &State, series: &Series, columns: &Columns) -> Line {
    let theme = &state.theme;
    let delta = match series.delta {
        0.0 => String::new(),
        delta => format!(
            "{}{}",
            if delta > 0.0 { "+" } else { "" },
            figures::amount(delta)
        ),
    };
    let mut line = Line {
        texts: vec![(1, title(series, columns), theme.text)],
        numbers: vec![
            (columns.value, figures::amount(series.value()), theme.number),
            (columns.delta, delta, theme.text),
        ],
    };
    if series.kind == Kind::Histogram {
        let measured = series.measured().unwrap_or_default();
        let quantiles = [0.5, 0.9, 0.99].map(|share| measured.quantile(share));
        if let [Some(p50), Some(p90), Some(p99)] = quantiles.map(|q| q.map(figures::amount)) {
            let text = format!("{p50} · {p90} · {p99}");
            line.numbers.push((columns.end, text, theme.text));
        }
        return line;
    }
    let rate = series.rate().filter(|rate| *rate != 0.0);
    if let (Some(rate), Kind::Counter) = (rate, series.kind) {
        line.numbers
            .push((columns.rate, figures::rate(rate), theme.text));
    }
    let bars = figures::bars(&series.course(usize::from(columns.bars)));
    line.numbers.push((columns.end, bars, theme.dim));
    line
}
