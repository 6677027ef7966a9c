//! The panel of both verdicts about an event, side by side.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::protocol::savetowebsocket::{Standing, Verdict};
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::remarks::lines as broken;
use crate::tui::state::tab::Tab;
use crate::tui::state::why::{Subject, Told, Why, choices, tab};

use super::overlay::panel;
use super::paint::{Piece, put, strip};
use super::row;

/// Size of the panel.
const SIZE: (u16, u16) = (110, 32);
/// From this width on the verdicts stand side by side.
const BESIDE: u16 = 64;

/// A line: left text, and a right one beside it.
struct Line {
    left: (u16, String, Style),
    right: Option<(String, Style)>,
}

/// Number of lines that can be scrolled.
#[must_use]
pub fn line_count(state: &State, why: &Why) -> usize {
    lines(state, why, SIZE.0.min(state.size.width).saturating_sub(2)).len()
}

/// Draws the panel.
pub(super) fn draw(state: &State, why: &Why, screen: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let area = panel(state, "Why", SIZE, screen, buffer);
    if area.height < 2 {
        return;
    }
    let hints = [
        (90, "←→ other filters"),
        (85, "p type an event"),
        (80, "^e in the editor"),
        (75, "f type filters"),
        (70, "v another session's"),
        (95, "esc close"),
    ];
    let hints = hints.map(|(rank, text)| Piece::new(rank, text, theme.dim));
    let foot = Rect {
        y: area.bottom() - 1,
        height: 1,
        ..area
    };
    strip(buffer, foot, hints.to_vec(), 2);
    let body = Rect {
        height: area.height - 1,
        ..area
    };
    let lines = lines(state, why, body.width);
    let top = why
        .top
        .min(lines.len().saturating_sub(usize::from(body.height)));
    let half = body.x + body.width / 2;
    for (y, line) in (body.y..body.bottom()).zip(lines.iter().skip(top)) {
        let (x, text, style) = &line.left;
        let left = match line.right {
            Some(_) => Rect {
                width: body.width / 2 - 1,
                ..body
            },
            None => body,
        };
        put(buffer, left, body.x + x, y, text, *style);
        if let Some((text, style)) = &line.right {
            put(buffer, body, half, y, text, *style);
        }
    }
}

/// Collects lines.
struct Lines<'a> {
    state: &'a State,
    width: u16,
    all: Vec<Line>,
}

impl Lines<'_> {
    fn put(&mut self, x: u16, text: impl Into<String>, style: Style) {
        self.all.push(Line {
            left: (x, text.into(), style),
            right: None,
        });
    }

    fn wrapped(&mut self, x: u16, text: &str, style: Style) {
        for line in broken(text, usize::from(self.width.saturating_sub(x + 1))) {
            self.put(x, line, style);
        }
    }

    fn gap(&mut self) {
        let style = self.state.theme.text;
        self.put(0, "", style);
    }
}

fn lines(state: &State, why: &Why, width: u16) -> Vec<Line> {
    let theme = &state.theme;
    let mut lines = Lines {
        state,
        width,
        all: Vec::new(),
    };
    subject(&mut lines, why);
    lines.gap();
    let name = tab(state, why.against).map_or("a closed session", Tab::name);
    let count = choices(state, why).len();
    let Some(told) = &why.told else {
        if count == 0 {
            let text = format!("{name} has had no filters yet; f types some");
            lines.wrapped(0, &text, theme.warn);
        }
        return lines.all;
    };
    let place = format!("{}/{count}", why.chosen.min(count.saturating_sub(1)) + 1);
    lines.put(0, format!("◂ {place} ▸ {name}: {}", told.by), theme.title);
    lines.wrapped(2, &told.filters, theme.text);
    lines.gap();
    verdicts(&mut lines, told);
    lines.gap();
    let (sentence, style) = outcome(state, told.standing);
    lines.wrapped(0, sentence, style);
    for circumstance in &told.circumstances {
        lines.wrapped(0, &format!("⚠ {circumstance}"), theme.warn);
    }
    lines.all
}

/// The event in two lines.
fn subject(lines: &mut Lines<'_>, why: &Why) {
    let state = lines.state;
    let theme = &state.theme;
    let (head, payload) = match &why.subject {
        Subject::Nothing => {
            let text =
                "no event is selected: p takes one you type or paste, ctrl-e opens an editor";
            return lines.wrapped(0, text, theme.dim);
        }
        Subject::Typed(text) => ("an event you gave".to_owned(), text.as_bytes()),
        Subject::Entry { session, seq } => {
            let name = tab(state, *session).map_or("a closed session", Tab::name);
            let Some(entry) = state.store.entry(*session, *seq) else {
                return lines.wrapped(0, "this entry has left the memory", theme.dim);
            };
            let time = row::time(entry.at, &state.zone, 12);
            let (badge, title) = (entry.badge.name(), entry.title());
            let place = figures::count(*seq);
            let head = format!("#{place} of {name} · {time} · {badge} {title}");
            (head, entry.payload)
        }
    };
    let masked = |text: &str| match state.tab() {
        Some(tab) => tab.masked(text).into_owned(),
        None => text.to_owned(),
    };
    lines.wrapped(0, &masked(&head), theme.title);
    let near = &payload[..payload.len().min(2_000)];
    let text = masked(&String::from_utf8_lossy(near));
    let rows = broken(&text, usize::from(lines.width.saturating_sub(3)));
    let more = rows.len() > 3 || near.len() < payload.len();
    for (index, mut row) in rows.into_iter().take(3).enumerate() {
        if index == 2 && more {
            row.pop();
            row.push('…');
        }
        lines.put(2, row, theme.dim);
    }
}

fn outcome(state: &State, standing: Standing) -> (&'static str, Style) {
    let theme = &state.theme;
    match standing {
        Standing::Both => (
            "Both agree: such an event is promised, and it comes.",
            theme.good,
        ),
        Standing::OnlyAsCoded => (
            "≠ Such an event arrives although the documentation says no.",
            theme.number,
        ),
        Standing::OnlyAsDocumented => (
            "✗ Such an event is promised, but the server drops it.",
            theme.bad,
        ),
        Standing::Neither => ("Both agree: such an event does not come.", theme.text),
    }
}

/// Both verdicts, beside each other where there is room.
fn verdicts(lines: &mut Lines<'_>, told: &Told) {
    const TITLES: [&str; 2] = ["As documented", "As the server really behaves"];
    let state = lines.state;
    let beside = lines.width >= BESIDE;
    let width = if beside {
        lines.width / 2 - 2
    } else {
        lines.width - 1
    };
    let of = |title: &str, verdict: &Verdict| column(state, title, verdict, usize::from(width));
    let left = of(TITLES[0], &told.explanation.documented);
    let right = of(TITLES[1], &told.explanation.coded);
    if !beside {
        for (text, style) in left {
            lines.put(0, text, style);
        }
        lines.gap();
        for (text, style) in right {
            lines.put(0, text, style);
        }
        return;
    }
    let nothing = || (String::new(), state.theme.text);
    let rows = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    for _ in 0..rows {
        let (text, style) = left.next().unwrap_or_else(nothing);
        lines.all.push(Line {
            left: (0, text, style),
            right: Some(right.next().unwrap_or_else(nothing)),
        });
    }
}

fn column(state: &State, title: &str, verdict: &Verdict, width: usize) -> Vec<(String, Style)> {
    let theme = &state.theme;
    let (sign, style) = if verdict.passes {
        ("✓ passes", theme.good)
    } else {
        ("✗ dropped", theme.bad)
    };
    let by = verdict
        .filter
        .map_or(String::new(), |filter| format!(" · {filter} decides"));
    let mut all = vec![
        (title.to_owned(), theme.name),
        (format!("{sign}{by}"), style),
    ];
    let mut wrapped = |text: &str, style: Style| {
        all.extend(broken(text, width).into_iter().map(|line| (line, style)));
    };
    if let Some(field) = &verdict.field {
        let found = verdict.found.as_deref().unwrap_or("missing");
        wrapped(&format!("{field}: {found}"), theme.string);
    }
    wrapped(&verdict.why, theme.text);
    if let Some(fix) = &verdict.fix {
        wrapped(&format!("→ {fix}"), theme.key);
    }
    all
}
