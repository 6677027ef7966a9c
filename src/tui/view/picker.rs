//! The list of targets.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::layout::inside;
use crate::tui::state::State;
use crate::tui::state::picker::{Offer, Picker};

use super::paint::{Piece, Titles, pane, put, put_right, width};

const TITLE: &str = "Profile, demo or URL: ";

fn field_area(screen: Rect) -> Rect {
    let area = inside(screen);
    Rect {
        height: area.height.min(1),
        ..area
    }
}

/// Where the cursor of the field is.
pub(super) fn cursor(picker: &Picker, screen: Rect) -> Position {
    let area = field_area(screen);
    let (before, _) = picker.line.halves();
    let x = area.x + title(area).len() as u16 + width(before);
    Position::new(x.min(area.right().saturating_sub(1)), area.y)
}

fn title(area: Rect) -> &'static str {
    if area.width >= 50 { TITLE } else { "> " }
}

/// Draws the list of targets.
pub(super) fn draw(state: &State, picker: &Picker, buffer: &mut Buffer) {
    let theme = &state.theme;
    let screen = Rect::new(0, 0, state.size.width, state.size.height);
    let titles = Titles {
        left: vec![Piece::new(255, "wspect · connect to", theme.title)],
        bottom: vec![Piece::new(
            255,
            "enter connects · type to narrow, or a URL · esc leaves",
            theme.dim,
        )],
        ..Titles::default()
    };
    pane(buffer, screen, theme, true, titles);
    let field = field_area(screen);
    super::overlay::field(state, title(field), &picker.line, field, buffer);
    let area = inside(screen);
    let gap = area.height.min(if area.height > 6 { 2 } else { 1 });
    let list = Rect {
        y: area.y + gap,
        height: area.height - gap,
        ..area
    };
    let offers = picker.offers(&state.choices);
    if offers.is_empty() {
        let text = "no such profile; a URL starts with ws:// or wss://";
        put(buffer, list, list.x, list.y, text, theme.dim);
    }
    let top = (picker.selected + 1).saturating_sub(usize::from(list.height).max(1));
    for (index, (y, offer)) in (list.y..list.bottom())
        .zip(offers.iter().skip(top))
        .enumerate()
    {
        row(state, *offer, Rect::new(list.x, y, list.width, 1), buffer);
        if top + index == picker.selected {
            buffer.set_style(Rect::new(list.x, y, list.width, 1), theme.cursor);
        }
    }
}

fn row(state: &State, offer: Offer<'_>, line: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let y = line.y;
    match offer {
        Offer::Typed(text) => {
            let x = put(buffer, line, line.x + 1, y, "connect to ", theme.key);
            put(buffer, line, x, y, text, theme.text);
        }
        Offer::Known(choice) => {
            let x = put(buffer, line, line.x + 1, y, &choice.target, theme.title);
            let mut right = line.right();
            if line.width >= 60 {
                right = put_right(buffer, line, right, y, choice.origin.name(), theme.dim);
            }
            let rest = Rect {
                width: right.saturating_sub(line.x + 1),
                ..line
            };
            let x = (line.x + 24).max(x + 2);
            let x = put(buffer, rest, x, y, &choice.description, theme.text);
            put(
                buffer,
                rest,
                x.max(line.x + 58) + 2,
                y,
                &choice.url,
                theme.dim,
            );
        }
    }
}
