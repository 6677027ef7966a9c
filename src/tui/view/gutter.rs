//! The first two columns of a row: which filters were in force, and what is odd about an event.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::frame::Seq;
use crate::tui::state::State;
use crate::tui::state::judges::{Mark, Place};
use crate::tui::state::tab::Tab;
use crate::tui::theme::Theme;

use super::paint::put;

/// What an event has before it that the documented filter drops.
pub(super) const UNDOCUMENTED: &str = "≠";
/// What stands for events the set before may have chosen.
pub(super) const UNCERTAIN: &str = "~";

/// The colour of a set, by its number from 0: neighbours differ.
pub(super) fn colour(theme: &Theme, index: usize) -> Style {
    [theme.dim, theme.name, theme.number, theme.string][index % 4]
}

/// Draws the gutter of entry `seq` in the row `area`; the register that brought a set is
/// underlined.
pub(super) fn draw(state: &State, tab: &Tab, seq: Seq, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    if let Some(Place {
        index,
        begins,
        uncertain,
    }) = tab.judges.place(seq)
    {
        let bar = match (begins, uncertain) {
            (true, _) => "┌",
            (false, true) => UNCERTAIN,
            (false, false) => "│",
        };
        put(buffer, area, area.x, area.y, bar, colour(theme, index));
        if begins {
            let line = Style::new().add_modifier(Modifier::UNDERLINED);
            let rest = Rect {
                x: area.x + 2,
                width: area.width.saturating_sub(2),
                ..area
            };
            buffer.set_style(rest, line);
        }
    }
    if let Some(mark) = tab.odd.mark(seq) {
        let style = match mark {
            Mark::Undocumented => theme.number,
            Mark::Unexplained => theme.bad,
        };
        put(buffer, area, area.x + 1, area.y, UNDOCUMENTED, style);
    }
}
