//! The list of saved documents.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::shelf::Shelf;

use super::overlay::{field, panel};
use super::paint::{put, put_right, width};

/// Draws it; returns where the cursor is.
pub(super) fn draw(state: &State, shelf: &Shelf, screen: Rect, buffer: &mut Buffer) -> Position {
    let theme = &state.theme;
    let area = panel(state, "Saved documents", (90, 24), screen, buffer);
    let cursor = field(state, "find: ", &shelf.line, area, buffer);
    let fitting = shelf.fitting(&state.saved);
    let foot = u16::from(area.height > 3);
    let list = Rect {
        y: area.y + area.height.min(1),
        height: area.height.saturating_sub(1 + foot),
        ..area
    };
    if fitting.is_empty() {
        let text = if state.saved.is_empty() {
            "none yet: alt-w in the composer saves what is written there"
        } else {
            "none fits"
        };
        put(buffer, list, list.x + 1, list.y, text, theme.dim);
    }
    let names = fitting.iter().map(|one| width(&one.name));
    let column = names.max().unwrap_or(0).clamp(8, (list.width / 3).max(8));
    let top = (shelf.selected + 1).saturating_sub(usize::from(list.height).max(1));
    let rows = (list.y..list.bottom()).zip(fitting.iter().enumerate().skip(top));
    for (y, (index, one)) in rows {
        let name = Rect {
            width: (column + 1).min(list.width),
            ..list
        };
        put(buffer, name, list.x + 1, y, &one.name, theme.text);
        let size = format!(" {}", figures::size(one.size));
        let end = put_right(buffer, list, list.right(), y, &size, theme.dim);
        let rest = Rect {
            width: end.saturating_sub(list.x),
            ..list
        };
        put(
            buffer,
            rest,
            list.x + column + 3,
            y,
            &masked(state, &one.head),
            theme.dim,
        );
        if index == shelf.selected {
            buffer.set_style(Rect::new(list.x, y, list.width, 1), theme.cursor);
        }
    }
    if foot > 0 {
        let y = area.bottom() - 1;
        let (text, style) = match &shelf.doomed {
            Some(name) => (format!("ctrl-x once more deletes {name}"), theme.warn),
            None => (
                "enter open  alt-r rename  alt-d duplicate  ctrl-x delete  esc back".to_owned(),
                theme.dim,
            ),
        };
        put(buffer, area, area.x + 1, y, &text, style);
    }
    cursor
}

fn masked(state: &State, text: &str) -> String {
    state
        .tab()
        .map_or_else(|| text.to_owned(), |tab| tab.masked(text).into_owned())
}
