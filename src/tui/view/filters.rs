//! The panel of filters: the sets over time, advice on one of them, and what it does with the
//! stored events.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::protocol::savetowebsocket::shadow::{Misfit, Side};
use crate::protocol::savetowebsocket::{Effect, Period, Standing, advice};
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::filters::{FiltersPanel, LISTED, Which, draft, name, short};
use crate::tui::state::remarks::lines as broken;
use crate::tui::state::tab::Tab;
use crate::tui::state::verdicts::{Class, Counting};

use super::gutter;
use super::overlay::panel;
use super::paint::{Piece, put, put_right, strip};
use super::row;

/// Size of the panel.
const SIZE: (u16, u16) = (116, 38);
/// Columns of a count.
const COUNT: u16 = 11;

/// One line of the panel.
#[derive(Default)]
struct Line {
    /// What can be selected here, by its place in the list of items.
    item: Option<usize>,
    /// A number that ends before column [`COUNT`].
    count: Option<(String, Style)>,
    /// Column and text, left to right.
    texts: Vec<(u16, String, Style)>,
}

impl Line {
    fn text(x: u16, text: impl Into<String>, style: Style) -> Self {
        Self {
            texts: vec![(x, text.into(), style)],
            ..Self::default()
        }
    }
}

/// Draws the panel.
pub(super) fn draw(state: &State, open: FiltersPanel, screen: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let area = panel(state, "Filters", SIZE, screen, buffer);
    let Some(tab) = state.tab().filter(|_| area.height > 1) else {
        return;
    };
    let hints = [
        (90, "enter counts by a set, or goes to an event"),
        (80, "o only these"),
        (70, "v another session's events"),
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
    let lines = lines(state, tab, body.width);
    let items = lines.iter().filter(|line| line.item.is_some()).count();
    let selected = open.selected.min(items.saturating_sub(1));
    let at = lines.iter().position(|line| line.item == Some(selected));
    let height = usize::from(body.height);
    // The selected line is in sight; with the first one what stands above it, with the last one
    // what stands below.
    let top = match at {
        Some(at) if selected + 1 == items && items > 1 => {
            lines.len().saturating_sub(height).min(at)
        }
        Some(at) if selected > 0 => (at + 1).saturating_sub(height),
        _ => 0,
    };
    for (index, (y, line)) in (body.y..body.bottom())
        .zip(lines.iter().skip(top))
        .enumerate()
    {
        if let Some((text, style)) = &line.count {
            put_right(buffer, body, body.x + COUNT, y, text, *style);
        }
        for (x, text, style) in &line.texts {
            put(buffer, body, body.x + x, y, &tab.masked(text), *style);
        }
        if at == Some(top + index) {
            buffer.set_style(
                Rect {
                    y,
                    height: 1,
                    ..body
                },
                theme.cursor,
            );
        }
    }
}

/// Collects lines; counts what can be selected.
struct Lines<'a> {
    state: &'a State,
    tab: &'a Tab,
    width: u16,
    items: usize,
    all: Vec<Line>,
}

impl Lines<'_> {
    fn title(&mut self, title: impl Into<String>) {
        if !self.all.is_empty() {
            self.all.push(Line::default());
        }
        let style = self.state.theme.title;
        self.all.push(Line::text(0, title, style));
    }

    fn wrapped(&mut self, x: u16, text: &str, style: Style) {
        for line in broken(text, usize::from(self.width.saturating_sub(x + 1))) {
            self.all.push(Line::text(x, line, style));
        }
    }

    fn item(&mut self, mut line: Line) {
        line.item = Some(self.items);
        self.items += 1;
        self.all.push(line);
    }
}

fn lines(state: &State, tab: &Tab, width: u16) -> Vec<Line> {
    let mut lines = Lines {
        state,
        tab,
        width,
        items: 0,
        all: Vec::new(),
    };
    in_force(&mut lines);
    sets(&mut lines);
    advised(&mut lines);
    counted(&mut lines);
    shadowed(&mut lines);
    lines.all
}

fn in_force(lines: &mut Lines<'_>) {
    let theme = &lines.state.theme;
    lines.title("In force");
    let Some(period) = lines.tab.judges.in_force() else {
        let text = if lines.tab.judges.periods().is_empty() {
            "no filters yet: events come once a register was taken; what happens before is lost"
        } else {
            "none: the connection that had filters has ended"
        };
        return lines.wrapped(1, text, theme.warn);
    };
    lines.wrapped(1, &short(&period.filters), theme.text);
    let age = figures::age(lines.state.now.since(period.at));
    let text = format!("for {age}, {}", standing(period));
    let style = if period.settled.is_some() {
        theme.dim
    } else {
        theme.warn
    };
    lines.wrapped(1, &text, style);
}

/// How sure it is that a set was in force.
fn standing(period: &Period) -> String {
    let counted = |seq| format!("#{}", figures::count(seq));
    match (period.confirmed, period.settled) {
        (Some(seq), _) => format!("confirmed by {}", counted(seq)),
        (None, Some(seq)) => format!(
            "not acknowledged, as every update; {} up to {} the set before may have chosen",
            gutter::UNCERTAIN,
            counted(seq)
        ),
        (None, None) => "not acknowledged; events that come now may still be chosen by the set \
                         before, 256 at most"
            .to_owned(),
    }
}

fn sets(lines: &mut Lines<'_>) {
    let (state, tab) = (lines.state, lines.tab);
    let theme = &state.theme;
    let counting = tab.counting.as_ref().map(|counting| counting.which);
    lines.title("Sets so far, newest first");
    let mut rows: Vec<(Which, String, String, Style)> = Vec::new();
    if let Some(filters) = draft(tab) {
        let style = theme.warn;
        rows.push((Which::Draft, "draft".to_owned(), short(&filters), style));
    }
    for (index, period) in tab.judges.periods().iter().enumerate().rev() {
        let time = row::time(period.at, &state.zone, 8);
        let sure = match (period.confirmed, period.settled) {
            (Some(_), _) => " ",
            (None, Some(_)) => gutter::UNCERTAIN,
            (None, None) => "?",
        };
        let head = format!(
            "{:>3}  {time} {sure} #{}",
            index + 1,
            figures::count(period.since)
        );
        let style = gutter::colour(theme, index);
        rows.push((
            Which::Period(period.since),
            head,
            short(&period.filters),
            style,
        ));
    }
    if rows.is_empty() {
        lines.wrapped(1, "none", theme.dim);
    }
    for (which, head, text, style) in rows {
        let sign = if counting == Some(which) { "●" } else { " " };
        lines.item(Line {
            texts: vec![
                (1, sign.to_owned(), theme.key),
                (3, head, style),
                (27, text, theme.text),
            ],
            ..Line::default()
        });
    }
}

/// What is to know about the set that is counted by.
fn advised(lines: &mut Lines<'_>) {
    let (state, tab) = (lines.state, lines.tab);
    let theme = &state.theme;
    let Some(counting) = &tab.counting else {
        return;
    };
    lines.title(format!("About {}", name(tab, counting.which)));
    let advice = advice(counting.reasoner.filters());
    if advice.is_empty() {
        let text = "nothing: every filter of it does what it says";
        lines.wrapped(1, text, theme.dim);
    }
    for one in advice {
        let style = match one.effect {
            Effect::NeverMatches => theme.bad,
            _ if one.is_remarkable() => theme.warn,
            _ => theme.text,
        };
        let sign = match one.effect {
            Effect::NeverMatches => "✗",
            _ => "⚠",
        };
        let text = format!("{sign} {}: {}", one.effect.name(), one.sentence());
        lines.wrapped(1, &text, style);
    }
}

/// What was counted, standing by standing.
fn counted(lines: &mut Lines<'_>) {
    let (state, tab) = (lines.state, lines.tab);
    let theme = &state.theme;
    let Some(counting) = &tab.counting else {
        return;
    };
    let whose = state
        .tabs
        .iter()
        .find(|tab| tab.id == counting.events_of)
        .map_or("a closed session", Tab::name);
    let set = name(tab, counting.which);
    lines.title(format!("Stored events of {whose} under {set}"));
    let (text, done) = progress(state, counting);
    let style = if done { theme.dim } else { theme.warn };
    lines.wrapped(1, &text, style);
    let counts = counting.counts();
    for standing in Standing::ALL {
        let of = |class: &Class| class.standing == standing;
        let total: u64 = counts
            .iter()
            .filter(|(class, _)| of(class))
            .map(|(_, count)| count.entries)
            .sum();
        let (sign, style) = match standing {
            Standing::Both => (" ", theme.good),
            Standing::OnlyAsCoded => (gutter::UNDOCUMENTED, theme.number),
            Standing::OnlyAsDocumented => ("✗", theme.warn),
            Standing::Neither => (" ", theme.dim),
        };
        let words = Class {
            standing,
            documented: None,
            coded: None,
        }
        .words();
        let head = Line {
            count: Some((figures::count(total), theme.text)),
            texts: vec![
                (COUNT + 1, sign.to_owned(), style),
                (COUNT + 3, words.to_owned(), style),
            ],
            ..Line::default()
        };
        if standing == Standing::Both {
            // There is one class of these, and nothing decided it.
            if counts.iter().any(|(class, _)| of(class)) {
                lines.item(head);
            } else {
                lines.all.push(head);
            }
            continue;
        }
        lines.all.push(head);
        for (class, count) in counts.iter().filter(|(class, _)| of(class)) {
            let text = format!("{} by {}", figures::count(count.entries), class.decided());
            lines.item(Line::text(COUNT + 5, text, theme.text));
        }
    }
}

/// What does not fit between the session and its shadow.
fn shadowed(lines: &mut Lines<'_>) {
    let (state, tab) = (lines.state, lines.tab);
    let theme = &state.theme;
    let Some(shadow) = &tab.shadow else { return };
    lines.title(if shadow.over {
        "Shadow, which has ended"
    } else {
        "Shadow: the same without filters, compared event by event"
    });
    let tally = shadow.tally();
    let count = figures::count;
    let mut text = format!(
        "{} came here, {} there; {} on both sides",
        count(tally.filtered),
        count(tally.unfiltered),
        count(tally.paired)
    );
    for (number, what) in [
        (tally.undecided, "undecided"),
        (shadow.missed(), "not compared: they left the memory first"),
    ] {
        if number > 0 {
            let _ = write!(text, "; {} {what}", count(number));
        }
    }
    lines.wrapped(1, &text, theme.dim);
    for misfit in Misfit::ALL {
        let number = tally.of(misfit);
        let style = match (number, misfit) {
            (0, _) => theme.dim,
            (_, Misfit::Undocumented) => theme.number,
            _ => theme.bad,
        };
        let first = lines.all.len();
        lines.wrapped(COUNT + 3, misfit.meaning(), style);
        if let Some(line) = lines.all.get_mut(first) {
            line.count = Some((count(number), theme.text));
        }
    }
    for found in shadow.mismatches().take(LISTED) {
        let time = row::time(found.at, &state.zone, 12);
        let side = match found.side {
            Side::Filtered => "here",
            Side::Unfiltered => "there",
        };
        let text = format!(
            "{time} #{} {side}: {}",
            count(found.seq),
            found.misfit.name()
        );
        lines.item(Line::text(COUNT + 5, text, theme.text));
    }
}

/// How far the count has come.
fn progress(state: &State, counting: &Counting) -> (String, bool) {
    let Some(timeline) = state.store.timeline(counting.events_of) else {
        return ("nothing stored".to_owned(), true);
    };
    let tally = counting.tally();
    let looked = figures::count(tally.looked_at());
    if tally.is_done(timeline) {
        return (format!("{looked} entries looked at"), true);
    }
    let left = timeline.len().max(tally.looked_at());
    let text = format!("{looked} of {} entries looked at …", figures::count(left));
    (text, false)
}

/// Number of lines that can be selected.
#[cfg(test)]
pub(super) fn item_count(state: &State) -> usize {
    let tab = state.tab().expect("a session is on screen");
    let lines = lines(state, tab, 80);
    lines.iter().filter(|line| line.item.is_some()).count()
}
