//! Putting text into the buffer. Every text passes the sanitiser here, whoever wrote it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use crate::sanitise;
use crate::tui::layout::is_framed;
use crate::tui::theme::Theme;

/// Columns `text` takes when it is put.
pub(super) fn width(text: &str) -> u16 {
    sanitise::line(text).width().min(usize::from(u16::MAX)) as u16
}

/// Puts `text` at `x`, cut at the right edge of `area`; returns the column behind it.
pub(super) fn put(
    buffer: &mut Buffer,
    area: Rect,
    x: u16,
    y: u16,
    text: &str,
    style: Style,
) -> u16 {
    let area = area.intersection(buffer.area);
    if x >= area.right() || y < area.y || y >= area.bottom() || text.is_empty() {
        return x;
    }
    // Nothing beyond the edge is looked at, however long the text is.
    let room = usize::from(area.right() - x);
    let near = &text[..text.floor_char_boundary(room.saturating_mul(16))];
    buffer
        .set_stringn(x, y, sanitise::line(near), room, style)
        .0
}

/// Like [`put`], with `…` at the edge for a text that does not fit.
pub(super) fn put_cut(
    buffer: &mut Buffer,
    area: Rect,
    x: u16,
    y: u16,
    text: &str,
    style: Style,
) -> u16 {
    let room = area.right().saturating_sub(x);
    // Nothing far beyond the edge is looked at, however long the text is.
    let near = &text[..text.floor_char_boundary(usize::from(room).saturating_mul(16))];
    if width(&sanitise::line(near)) <= room || room == 0 {
        return put(buffer, area, x, y, text, style);
    }
    let before = Rect {
        width: area.width - 1,
        ..area
    };
    let x = put(buffer, before, x, y, near, style);
    put(buffer, area, x, y, "…", style)
}

/// Puts `text` so that it ends before column `right`.
pub(super) fn put_right(
    buffer: &mut Buffer,
    area: Rect,
    right: u16,
    y: u16,
    text: &str,
    style: Style,
) -> u16 {
    let x = right.saturating_sub(width(text)).max(area.x);
    put(buffer, area, x, y, text, style);
    x
}

/// A piece of a line that can be left out when room is short.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) style: Style,
    /// Pieces with a lower rank are left out first; 255 stays and is cut.
    pub(super) rank: u8,
    /// One column behind the piece before it, however wide the gaps are.
    glued: bool,
}

impl Piece {
    pub(super) fn new(rank: u8, text: impl Into<String>, style: Style) -> Self {
        Self {
            text: text.into(),
            style,
            rank,
            glued: false,
        }
    }

    pub(super) fn glued(mut self) -> Self {
        self.glued = true;
        self
    }

    fn gap(&self, index: usize, gap: u16) -> u16 {
        match (index, self.glued) {
            (0, _) => 0,
            (_, true) => gap.min(1),
            (_, false) => gap,
        }
    }
}

/// Puts the pieces that have room side by side, `gap` columns apart; returns the column behind
/// the last one.
pub(super) fn strip(buffer: &mut Buffer, area: Rect, mut pieces: Vec<Piece>, gap: u16) -> u16 {
    pieces.retain(|piece| !piece.text.is_empty());
    let total = |pieces: &[Piece]| -> u32 {
        let indexed = pieces.iter().enumerate();
        indexed
            .map(|(index, piece)| u32::from(piece.gap(index, gap)) + u32::from(width(&piece.text)))
            .sum()
    };
    while total(&pieces) > u32::from(area.width) {
        let least = pieces.iter().map(|piece| piece.rank).min();
        let Some(at) = pieces
            .iter()
            .rposition(|piece| Some(piece.rank) == least && piece.rank < u8::MAX)
        else {
            break;
        };
        pieces.remove(at);
    }
    let mut x = area.x;
    for (index, piece) in pieces.iter().enumerate() {
        x += piece.gap(index, gap);
        x = put(buffer, area, x, area.y, &piece.text, piece.style);
    }
    x
}

/// Titles of a pane, as pieces: top left, top right, bottom left, bottom right.
#[derive(Default)]
pub(super) struct Titles {
    pub(super) left: Vec<Piece>,
    pub(super) right: Vec<Piece>,
    pub(super) bottom: Vec<Piece>,
    pub(super) corner: Vec<Piece>,
}

/// Draws the frame of a pane, or its title line alone where there is no room for a frame.
pub(super) fn pane(buffer: &mut Buffer, area: Rect, theme: &Theme, focused: bool, titles: Titles) {
    if area.is_empty() {
        return;
    }
    let style = if focused { theme.focus } else { theme.border };
    let framed = is_framed(area);
    if framed {
        border(buffer, area, style);
    }
    let margin = if framed { 2 } else { 0 };
    let line = |y| Rect {
        x: area.x + margin,
        width: area.width.saturating_sub(2 * margin),
        y,
        height: 1,
    };
    ends(buffer, line(area.y), titles.left, titles.right);
    if framed {
        ends(
            buffer,
            line(area.bottom() - 1),
            titles.bottom,
            titles.corner,
        );
    }
}

/// Puts pieces at both ends of a border line; the right ones are short and keep their room.
fn ends(buffer: &mut Buffer, line: Rect, left: Vec<Piece>, right: Vec<Piece>) {
    let wanted: u16 = right.iter().map(|piece| width(&piece.text)).sum();
    let kept = if wanted == 0 {
        0
    } else {
        (wanted + 3).min(line.width / 2)
    };
    let start = Rect {
        width: line.width - kept,
        ..line
    };
    let end = edge(buffer, start, left, false);
    let rest = Rect {
        x: (end + 1).min(line.right()),
        width: line.right().saturating_sub(end + 1),
        ..line
    };
    edge(buffer, rest, right, true);
}

/// Puts pieces into a border, with a space on both sides; returns the column behind.
fn edge(buffer: &mut Buffer, line: Rect, pieces: Vec<Piece>, right: bool) -> u16 {
    let wanted: u16 = pieces.iter().map(|piece| width(&piece.text)).sum();
    if wanted == 0 || line.width < 3 {
        return line.x;
    }
    let taken = wanted.min(line.width - 2);
    let x = if right {
        line.right() - taken - 2
    } else {
        line.x
    };
    put(buffer, line, x, line.y, " ", Style::new());
    let inner = Rect {
        x: x + 1,
        width: taken,
        ..line
    };
    let end = strip(buffer, inner, pieces, 0);
    put(buffer, line, end, line.y, " ", Style::new())
}

fn border(buffer: &mut Buffer, area: Rect, style: Style) {
    let (left, right) = (area.x, area.right() - 1);
    let (top, bottom) = (area.y, area.bottom() - 1);
    for x in left..=right {
        for y in [top, bottom] {
            let symbol = match (x, y) {
                (x, y) if x == left && y == top => "┌",
                (x, y) if x == right && y == top => "┐",
                (x, y) if x == left && y == bottom => "└",
                (x, y) if x == right && y == bottom => "┘",
                _ => "─",
            };
            buffer[(x, y)].set_symbol(symbol).set_style(style);
        }
    }
    for y in top + 1..bottom {
        for x in [left, right] {
            buffer[(x, y)].set_symbol("│").set_style(style);
        }
    }
}

/// Empties `area`.
pub(super) fn clear(buffer: &mut Buffer, area: Rect) {
    for position in area.intersection(buffer.area).positions() {
        buffer[position].reset();
    }
}
