//! The panel in which one chooses what events of a type are decoded as.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::action::Action;
use crate::tui::state::State;
use crate::tui::state::decode_as::{DecodeAs, Offer, Verdict};

use super::overlay::{field, panel};
use super::paint::{put, width};

/// Size of the panel.
const SIZE: (u16, u16) = (96, 26);

/// Draws the panel; returns where the cursor is.
pub(super) fn draw(
    state: &State,
    choice: &DecodeAs,
    screen: Rect,
    buffer: &mut Buffer,
) -> Position {
    let theme = &state.theme;
    let title = format!("Decode {:?} as", choice.event_type);
    let area = panel(state, &title, SIZE, screen, buffer);
    let cursor = match &choice.naming {
        None => field(state, "find: ", &choice.line, area, buffer),
        Some(name) => field(state, "save to new profile: ", name, area, buffer),
    };
    let now = format!("now: {}", choice.now);
    let room = Rect {
        x: area.x + (area.width / 2),
        width: area.width - area.width / 2,
        ..area
    };
    if choice.naming.is_none() && choice.line.text().len() < 12 && area.width > 60 {
        let x = (area.right().saturating_sub(width(&now))).max(room.x);
        put(buffer, room, x, area.y, &now, theme.dim);
    }
    let hints = u16::from(area.height > 3);
    let list = Rect {
        y: area.y + area.height.min(1),
        height: area.height.saturating_sub(1 + hints),
        ..area
    };
    offers(state, choice, list, buffer);
    if hints > 0 {
        hint(state, choice, area, buffer);
    }
    cursor
}

fn offers(state: &State, choice: &DecodeAs, list: Rect, buffer: &mut Buffer) {
    let offers = choice.offers();
    if offers.is_empty() {
        let text = "no message of the schema is called so";
        put(buffer, list, list.x + 1, list.y, text, state.theme.dim);
    }
    let height = usize::from(list.height).max(1);
    let top = (choice.selected + 1).saturating_sub(height);
    let names = offers.iter().map(|offer| width(&offer.title)).max();
    let column = names.unwrap_or(0).min(list.width * 3 / 5) + 3;
    for (index, (y, offer)) in (list.y..list.bottom())
        .zip(offers.iter().skip(top))
        .enumerate()
    {
        let line = Rect::new(list.x, y, list.width, 1);
        row(state, offer, column, line, buffer);
        if top + index == choice.selected {
            buffer.set_style(line, state.theme.cursor);
        }
    }
}

fn row(state: &State, offer: &Offer, column: u16, line: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let style = match offer.verdict {
        Verdict::Fits => theme.good,
        Verdict::Partly => theme.dim,
        Verdict::Misfit => theme.bad,
    };
    let name = Rect {
        width: (column - 1).min(line.width),
        ..line
    };
    put(buffer, name, line.x + 1, line.y, &offer.title, theme.text);
    put(buffer, line, line.x + column, line.y, &offer.remark, style);
}

fn hint(state: &State, choice: &DecodeAs, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let all: &[(Action, &str)] = if choice.naming.is_some() {
        &[(Action::Accept, "save"), (Action::Cancel, "back")]
    } else {
        &[
            (Action::Accept, "use"),
            (Action::SaveReading, "use and save to the profile"),
            (Action::Cancel, "leave"),
        ]
    };
    let y = area.bottom() - 1;
    let mut x = area.x;
    for (action, what) in all {
        let key = action.row().keys.first().copied().unwrap_or_default();
        x = put(buffer, area, x, y, key, theme.key);
        x = put(buffer, area, x + 1, y, what, theme.dim) + 2;
    }
}
