//! The payload as bytes, linked to the tree: the selected node's bytes stand out here, and the
//! selected byte selects its node.

use std::fmt::Write as _;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::state::detail::Detail;
use crate::tui::state::tab::Tab;
use crate::tui::state::{Focus, State};

use super::paint::put;

/// Bytes a row of `width` columns has room for: 16, 8 or 4.
#[must_use]
pub fn bytes_per_row(width: u16) -> usize {
    match width {
        75.. => 16,
        43.. => 8,
        _ => 4,
    }
}

/// Draws the rows from [`Detail::scroll`] on.
pub(super) fn draw(state: &State, tab: &Tab, payload: &[u8], area: Rect, buffer: &mut Buffer) {
    let (theme, detail) = (&state.theme, &tab.detail);
    if payload.is_empty() {
        put(buffer, area, area.x, area.y, "no payload", theme.dim);
        return;
    }
    let per_row = bytes_per_row(area.width);
    let span = node_bytes(detail);
    for row in 0..usize::from(area.height) {
        let start = (detail.scroll + row) * per_row;
        let Some(bytes) = payload.get(start..payload.len().min(start + per_row)) else {
            break;
        };
        if bytes.is_empty() {
            break;
        }
        let bytes = tab.secrets.mask_bytes(payload, start..start + bytes.len());
        let y = area.y + row as u16;
        put(buffer, area, area.x, y, &format!("{start:08x}"), theme.dim);
        for (column, byte) in bytes.iter().enumerate() {
            let offset = start + column;
            let style = if offset == detail.byte && state.focus == Focus::Detail {
                theme.cursor.patch(theme.key)
            } else if span.contains(&offset) {
                theme.found
            } else if *byte == 0 {
                theme.dim
            } else {
                theme.text
            };
            let mut text = String::with_capacity(2);
            let _ = write!(text, "{byte:02x}");
            let column = column as u16;
            put(buffer, area, area.x + 10 + 3 * column, y, &text, style);
            let shown = if (0x20..0x7f).contains(byte) {
                char::from(*byte)
            } else {
                '·'
            };
            let x = area.x + 10 + 3 * per_row as u16 + 1 + column;
            put(buffer, area, x, y, shown.encode_utf8(&mut [0; 4]), style);
        }
    }
}

/// The bytes of the selected node, if it is not all of them.
fn node_bytes(detail: &Detail) -> Range<usize> {
    let item = detail
        .decoded()
        .and_then(|decoded| decoded.tree.item(detail.cursor));
    match item {
        Some(item) if item.depth > 0 => item.span.clone().unwrap_or(0..0),
        _ => 0..0,
    }
}
