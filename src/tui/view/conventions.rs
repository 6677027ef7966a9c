//! Topics to begin with: the list, and what is agreed about the selected one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::protocol::websocketmq::conventions::Convention;
use crate::tui::composer::broker::{LETTERS, kind_of};
use crate::tui::state::State;
use crate::tui::state::remarks::lines;

use super::overlay::panel;
use super::paint::{put, put_right};

/// Rows for what is said of the selected one.
const SAID: u16 = 8;

/// Draws the list over the screen.
pub(super) fn draw(
    state: &State,
    all: &[&Convention],
    selected: usize,
    screen: Rect,
    buffer: &mut Buffer,
) {
    let theme = &state.theme;
    let height = all.len() as u16 + SAID + 2;
    let area = panel(state, "Topics to begin with", (76, height), screen, buffer);
    let said = if area.height > SAID + 3 { SAID } else { 0 };
    let list = Rect {
        height: area.height - said,
        ..area
    };
    let shown = usize::from(list.height).max(1);
    let top = (selected + 1).saturating_sub(shown);
    let rows = all.iter().zip(LETTERS.chars()).enumerate().skip(top);
    for (y, (index, (one, letter))) in (list.y..list.bottom()).zip(rows) {
        let x = put(buffer, list, list.x + 1, y, &letter.to_string(), theme.key);
        let style = if one.danger.is_some() {
            theme.warn
        } else {
            theme.text
        };
        let x = put(buffer, list, x + 1, y, one.topic, style);
        let kind = kind_of(one).title().to_lowercase();
        put(buffer, list, x.max(list.x + 31), y, &kind, theme.dim);
        let origin = format!(" {} ", one.origin.name());
        put_right(buffer, list, list.right(), y, &origin, theme.dim);
        if index == selected {
            buffer.set_style(Rect::new(list.x, y, list.width, 1), theme.cursor);
        }
    }
    if let Some(one) = all.get(selected).filter(|_| said > 0) {
        let area = Rect {
            y: list.bottom(),
            height: said,
            ..area
        };
        says(state, one, area, buffer);
    }
}

/// What it is for, its shapes, and what it does to others.
fn says(state: &State, one: &Convention, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let dashes = "─".repeat(usize::from(area.width));
    put(buffer, area, area.x, area.y, &dashes, theme.border);
    let room = usize::from(area.width.saturating_sub(3)).max(1);
    let mut said = vec![(theme.text, one.about.to_owned())];
    if let Some(danger) = one.danger {
        said.push((theme.warn, format!("⚠ {danger}")));
    }
    for (name, shape) in [("payload", one.payload), ("result", one.result)] {
        if !shape.is_empty() {
            said.push((theme.dim, format!("{name} {shape}")));
        }
    }
    let mut y = area.y + 1;
    for (style, text) in said {
        for line in lines(&text, room) {
            if y >= area.bottom() {
                return;
            }
            put(buffer, area, area.x + 1, y, &line, style);
            y += 1;
        }
    }
}
