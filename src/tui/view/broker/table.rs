//! Rows under column heads; columns that have no room are left out whole.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::state::State;
use crate::tui::state::tab::Tab;

use super::super::paint::{put, put_cut, put_right};
use super::{List, json};

/// A column.
pub(super) struct Column {
    /// What stands above it.
    pub(super) title: &'static str,
    /// Its columns on the screen; the last column takes what is left.
    pub(super) width: u16,
    /// True if its text ends at its right edge.
    pub(super) right: bool,
    /// Width of the panel from which it is shown.
    pub(super) from: u16,
}

impl Column {
    pub(super) const fn left(title: &'static str, width: u16, from: u16) -> Self {
        Self {
            title,
            width,
            right: false,
            from,
        }
    }

    pub(super) const fn right(title: &'static str, width: u16, from: u16) -> Self {
        Self {
            right: true,
            ..Self::left(title, width, from)
        }
    }
}

/// What stands in one place of a row.
#[derive(Clone)]
pub(super) enum Cell {
    /// Text. Not sanitised.
    Text(String, Style),
    /// JSON, in its colours.
    Json(String),
}

impl Cell {
    pub(super) fn new(text: impl Into<String>, style: Style) -> Self {
        Self::Text(text.into(), style)
    }
}

/// A line of the list.
pub(super) enum Row {
    /// Something that can be selected, a cell for each column.
    Cells(Vec<Cell>),
    /// A heading.
    Title(String),
}

/// Draws the list with its selected row in sight.
pub(super) fn draw(
    state: &State,
    tab: &Tab,
    list: &List,
    selected: Option<usize>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = &state.theme;
    let mut body = area;
    if body.height >= 6 {
        heads(state, list.columns, body, buffer);
        body.y += 1;
        body.height -= 1;
    }
    if list.rows.iter().all(|row| matches!(row, Row::Title(_))) {
        let lines = crate::tui::state::remarks::lines(
            list.nothing,
            usize::from(body.width.saturating_sub(2)),
        );
        for (y, line) in (body.y..body.bottom()).zip(lines) {
            put(buffer, body, body.x + 1, y, &line, theme.dim);
        }
        return;
    }
    let at = selected.and_then(|selected| {
        let items = list.rows.iter().enumerate();
        let mut items = items.filter(|(_, row)| matches!(row, Row::Cells(_)));
        items.nth(selected).map(|(line, _)| line)
    });
    let height = usize::from(body.height);
    let end = list.rows.len();
    let top = at.map_or(0, |at| {
        // With the last rows in sight nothing is scrolled further.
        (at + 2).min(end).saturating_sub(height)
    });
    for (index, (y, row)) in (body.y..body.bottom())
        .zip(list.rows.iter().skip(top))
        .enumerate()
    {
        match row {
            Row::Title(title) => {
                put(buffer, body, body.x, y, title, theme.title);
            }
            Row::Cells(cells) => cells_row(state, tab, list.columns, cells, y, body, buffer),
        }
        if at == Some(top + index) {
            let line = Rect {
                y,
                height: 1,
                ..body
            };
            buffer.set_style(line, theme.cursor);
        }
    }
}

/// The columns there is room for, with their places.
fn places(columns: &'static [Column], area: Rect) -> Vec<(usize, &'static Column, Rect)> {
    let mut x = area.x + 1;
    let shown = columns.iter().enumerate();
    let shown: Vec<_> = shown.filter(|(_, it)| area.width >= it.from).collect();
    let last = shown.len().saturating_sub(1);
    let mut places = Vec::with_capacity(shown.len());
    for (place, (index, column)) in shown.into_iter().enumerate() {
        let room = area.right().saturating_sub(x);
        let width = if place == last {
            room
        } else {
            column.width.min(room)
        };
        places.push((index, column, Rect { x, width, ..area }));
        x = (x + width + 1).min(area.right());
    }
    places
}

fn heads(state: &State, columns: &'static [Column], area: Rect, buffer: &mut Buffer) {
    for (_, column, place) in places(columns, area) {
        let style = state.theme.dim;
        if column.right {
            put_right(buffer, place, place.right(), area.y, column.title, style);
        } else {
            put(buffer, place, place.x, area.y, column.title, style);
        }
    }
}

fn cells_row(
    state: &State,
    tab: &Tab,
    columns: &'static [Column],
    cells: &[Cell],
    y: u16,
    area: Rect,
    buffer: &mut Buffer,
) {
    for (index, column, place) in places(columns, area) {
        match cells.get(index) {
            Some(Cell::Text(text, style)) if column.right => {
                let text = tab.masked(text);
                put_right(buffer, place, place.right(), y, &text, *style);
            }
            Some(Cell::Text(text, style)) => {
                put_cut(buffer, place, place.x, y, &tab.masked(text), *style);
            }
            Some(Cell::Json(text)) => json(state, &tab.masked(text), place, place.x, y, buffer),
            None => {}
        }
    }
}
