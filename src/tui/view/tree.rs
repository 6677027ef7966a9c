//! Rows of a decoded tree.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::body::{Value, write_json_string};
use crate::tui::figures;
use crate::tui::state::detail::Decoded;
use crate::tui::state::tree::Item;
use crate::tui::theme::Theme;

use super::paint::{put, put_cut, width};

/// Draws the rows from `top` on; `cursor` is the selected node.
pub(super) fn draw(
    theme: &Theme,
    decoded: &Decoded,
    top: usize,
    cursor: Option<usize>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let tree = &decoded.tree;
    let mut at = (!tree.is_empty()).then(|| tree.visible(top));
    for y in area.y..area.bottom() {
        let Some(index) = at else { break };
        let Some(item) = tree.item(index) else { break };
        let line = Rect::new(area.x, y, area.width, 1);
        row(theme, decoded, index, item, line, buffer);
        if cursor == Some(index) {
            buffer.set_style(line, theme.cursor);
        }
        at = tree.next(index);
    }
}

fn row(
    theme: &Theme,
    decoded: &Decoded,
    index: usize,
    item: &Item,
    line: Rect,
    buffer: &mut Buffer,
) {
    let mut x = put(
        buffer,
        line,
        line.x,
        line.y,
        &rails(decoded, index, item),
        theme.border,
    );
    if item.children > 0 {
        let sign = if decoded.tree.is_open(index) {
            "▾ "
        } else {
            "▸ "
        };
        x = put(buffer, line, x, line.y, sign, theme.dim);
    }
    if item.depth == 0 && item.name.is_empty() {
        if item.children > 0 {
            x = put(buffer, line, x, line.y, &decoded.via, theme.title) + 1;
        }
    } else {
        x = put(buffer, line, x, line.y, &item.name, theme.name) + 2;
    }
    let (text, style) = value(theme, item, usize::from(line.width));
    let Some(hint) = &item.hint else {
        put(buffer, line, x, line.y, &text, style);
        return;
    };
    let kept = if width(&text) <= WHOLE {
        0
    } else {
        behind(x, hint, line)
    };
    let shown = Rect {
        width: line.width.saturating_sub(kept),
        ..line
    };
    x = put_cut(buffer, shown, x, line.y, &text, style);
    put_cut(buffer, line, x + 2, line.y, hint, theme.dim);
}

/// Values up to these columns, times and numbers among them, are not cut for a hint.
const WHOLE: u16 = 32;

/// Columns at the end of the line a hint gets even if the value, which begins at `x`, is long: a
/// hint says what a value means, and the value can be had whole by copying it. A third of the
/// room stays the value's.
fn behind(x: u16, hint: &str, line: Rect) -> u16 {
    let room = line.right().saturating_sub(x);
    let near = &hint[..hint.floor_char_boundary(usize::from(room).saturating_mul(4))];
    width(near).saturating_add(2).min(room - room.div_ceil(3))
}

fn rails(decoded: &Decoded, index: usize, item: &Item) -> String {
    let mut text = String::new();
    for goes_on in decoded.tree.rails(index) {
        text.push_str(if goes_on { "│ " } else { "  " });
    }
    if item.depth > 0 {
        text.push_str(if item.last { "└ " } else { "├ " });
    }
    text
}

/// The value in one line; no more of it than `room` columns can show.
fn value(theme: &Theme, item: &Item, room: usize) -> (String, Style) {
    match &item.value {
        Value::Null => ("null".to_owned(), theme.number),
        Value::Bool(flag) => (flag.to_string(), theme.number),
        Value::Number(text) => (text.clone(), theme.number),
        Value::Text(text) => {
            let near = &text[..text.floor_char_boundary(room.saturating_mul(4))];
            let mut quoted = String::with_capacity(near.len() + 2);
            write_json_string(near, &mut quoted);
            (quoted, theme.string)
        }
        Value::Bytes(bytes) => {
            let mut text = format!("{} bytes", bytes.len());
            for byte in bytes.iter().take(room / 3) {
                let _ = write!(text, " {byte:02x}");
            }
            (text, theme.string)
        }
        Value::Object => (format!("{{{}}}", item.children), theme.dim),
        Value::Array => (format!("[{}]", item.children), theme.dim),
        Value::Unread(text) => {
            let (open, close) = if text.starts_with('[') {
                ('[', ']')
            } else {
                ('{', '}')
            };
            let size = figures::size(text.len() as u64);
            (format!("{open}…{close} {size}, not taken apart"), theme.dim)
        }
    }
}
