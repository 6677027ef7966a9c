//! The list of targets.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::layout::inside;
use crate::tui::state::State;
use crate::tui::state::picker::{Offer, Picker, Row, rows};
use crate::tui::state::remarks::lines;

use super::paint::{Piece, Titles, pane, put, put_right, width};

const TITLE: &str = "Profile, demo or URL: ";
/// Rows from which the selected target has a place of its own below the list.
const TALL: u16 = 12;
/// Columns of the name, and of the system behind it.
const NAME: u16 = 22;
const SYSTEM: u16 = 17;

/// Where the parts of the picker are.
struct Parts {
    field: Rect,
    list: Rect,
    /// What is said of the selected target; its first line is a rule.
    about: Rect,
}

fn parts(screen: Rect) -> Parts {
    let area = inside(screen);
    let margin = area.width.min(1);
    let field = Rect {
        x: area.x + margin,
        width: area.width - margin,
        height: area.height.min(1),
        ..area
    };
    let about = if area.height >= TALL { 5 } else { 0 };
    let gap = area.height.min(if area.height > 6 { 2 } else { 1 });
    Parts {
        field,
        list: Rect {
            y: area.y + gap,
            height: area.height - gap - about,
            ..area
        },
        about: Rect {
            y: area.bottom() - about,
            height: about,
            ..area
        },
    }
}

/// Where the cursor of the field is.
pub(super) fn cursor(picker: &Picker, screen: Rect) -> Position {
    let area = parts(screen).field;
    let (before, _) = picker.line.halves();
    let x = area.x + title(area).len() as u16 + width(before);
    Position::new(x.min(area.right().saturating_sub(1)), area.y)
}

fn title(area: Rect) -> &'static str {
    if area.width >= 50 { TITLE } else { "> " }
}

/// The offer at that place of the screen.
#[must_use]
pub fn at(state: &State, picker: &Picker, column: u16, row: u16) -> Option<usize> {
    let screen = Rect::new(0, 0, state.size.width, state.size.height);
    let list = parts(screen).list;
    if !list.contains(Position::new(column, row)) {
        return None;
    }
    let offers = picker.offers(&state.choices);
    let rows = rows(&offers, picker.selected, usize::from(list.height));
    match rows.get(usize::from(row - list.y)) {
        Some(Row::Offer(index)) => Some(*index),
        _ => None,
    }
}

/// Draws the list of targets.
pub(super) fn draw(state: &State, picker: &Picker, buffer: &mut Buffer) {
    let theme = &state.theme;
    let screen = Rect::new(0, 0, state.size.width, state.size.height);
    let hint = if state.tabs.is_empty() {
        "enter connects · type to narrow, or a URL · esc leaves"
    } else {
        "enter connects · type to narrow, or a URL · esc goes back"
    };
    let titles = Titles {
        left: vec![Piece::new(255, "wspect · connect to", theme.title)],
        bottom: vec![Piece::new(255, hint, theme.dim)],
        ..Titles::default()
    };
    pane(buffer, screen, theme, true, titles);
    let Parts { field, list, about } = parts(screen);
    super::overlay::field(state, title(field), &picker.line, field, buffer);
    let offers = picker.offers(&state.choices);
    if offers.is_empty() {
        let text = " no such target; a URL starts with ws:// or wss://";
        put(buffer, list, list.x, list.y, text, theme.dim);
    }
    let rows = rows(&offers, picker.selected, usize::from(list.height));
    let headed = rows.iter().any(|row| matches!(row, Row::Title(_)));
    for (y, row) in (list.y..list.bottom()).zip(rows) {
        let line = Rect::new(list.x, y, list.width, 1);
        match row {
            Row::Blank => {}
            Row::Title(origin) => {
                put(buffer, line, line.x + 1, y, origin.title(), theme.dim);
            }
            Row::Offer(index) => {
                offer(state, offers[index], line, headed, buffer);
                if index == picker.selected {
                    buffer.set_style(line, theme.cursor);
                }
            }
        }
    }
    if let Some(selected) = offers.get(picker.selected) {
        explain(state, *selected, about, buffer);
    }
}

fn offer(state: &State, offer: Offer<'_>, line: Rect, headed: bool, buffer: &mut Buffer) {
    let theme = &state.theme;
    let y = line.y;
    let choice = match offer {
        Offer::Typed(text) => {
            let x = put(buffer, line, line.x + 1, y, "connect to ", theme.key);
            put(buffer, line, x, y, text, theme.text);
            return;
        }
        Offer::Known(choice) => choice,
    };
    let indent = if headed { 3 } else { 1 };
    if choice.problem.is_some() {
        put(buffer, line, line.x + indent.max(2) - 2, y, "✗", theme.bad);
    }
    let shift = u16::from(choice.problem.is_some() && !headed);
    let x = put(
        buffer,
        line,
        line.x + indent + shift,
        y,
        &choice.target,
        theme.title,
    );
    let mut rest = line;
    if !headed && line.width >= 60 {
        let name = choice.origin.name();
        let right = put_right(buffer, line, line.right() - 1, y, name, theme.dim);
        rest.width = right.saturating_sub(line.x + 1);
    }
    let x = (line.x + indent + NAME).max(x + 2);
    if choice.problem.is_some() {
        put(buffer, rest, x, y, "cannot be used as it is", theme.bad);
        return;
    }
    put(buffer, rest, x, y, &choice.system, theme.text);
    let x = (x + SYSTEM).max(x + width(&choice.system) + 2);
    let more = if choice.url.is_empty() {
        &choice.description
    } else {
        &choice.url
    };
    put(buffer, rest, x, y, more, theme.dim);
}

/// What is said of the selected target.
fn explain(state: &State, offer: Offer<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    if area.is_empty() {
        return;
    }
    let dashes = "─".repeat(usize::from(area.width));
    put(buffer, area, area.x, area.y, &dashes, theme.border);
    let room = usize::from(area.width.saturating_sub(2));
    let mut said = Vec::new();
    match offer.problem() {
        Some(problem) => {
            let broken = problem.lines().flat_map(|line| lines(line, room));
            said.extend(broken.map(|line| (line, theme.bad)));
        }
        None => match offer {
            Offer::Typed(_) => {
                let text = "the system is recognised from the URL, the handshake and the first \
                            messages";
                said.extend(lines(text, room).into_iter().map(|line| (line, theme.dim)));
            }
            Offer::Known(choice) => {
                let description = lines(&choice.description, room).into_iter();
                said.extend(description.take(2).map(|line| (line, theme.text)));
                said.push((choice.url.clone(), theme.dim));
            }
        },
    }
    for (y, (line, style)) in (area.y + 1..area.bottom()).zip(said) {
        put(buffer, area, area.x + 1, y, &line, style);
    }
}

#[cfg(test)]
mod tests;
