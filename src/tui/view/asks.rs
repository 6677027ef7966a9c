//! The list of asks without a reply: those that wait, with their age, and those that were lost.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sanitise;
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::asks::{Row, rows};

use super::overlay::panel;
use super::paint::{Piece, put, strip};

/// Size of the panel.
const SIZE: (u16, u16) = (112, 30);

/// Draws the panel.
pub(super) fn draw(state: &State, selected: usize, screen: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let area = panel(state, "Without a reply", SIZE, screen, buffer);
    let Some((tab, snapshot)) = state
        .tab()
        .and_then(|tab| Some((tab, tab.snapshot.as_ref()?)))
    else {
        return;
    };
    if area.height < 2 {
        return;
    }
    let rows = rows(tab);
    let (open, lost) = (snapshot.open_asks, snapshot.lost);
    let lost_style = if lost > 0 { theme.bad } else { theme.text };
    let head = vec![
        Piece::new(250, format!("{open} waiting"), theme.text),
        Piece::new(251, format!("{} lost", figures::count(lost)), lost_style),
        Piece::new(90, "enter go to", theme.dim),
        Piece::new(80, "e edit and resend", theme.dim),
        Piece::new(70, "s send as it was", theme.dim),
        Piece::new(75, "R send all lost", theme.dim),
    ];
    strip(buffer, Rect { height: 1, ..area }, head, 2);
    let body = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    if rows.is_empty() {
        put(
            buffer,
            body,
            body.x,
            body.y,
            "everything was answered",
            theme.dim,
        );
        return;
    }
    let selected = selected.min(rows.len() - 1);
    let height = usize::from(body.height);
    let top = (selected + 1).saturating_sub(height);
    for (index, (y, row)) in (body.y..body.bottom())
        .zip(rows.iter().skip(top))
        .enumerate()
    {
        let line = Rect {
            y,
            height: 1,
            ..body
        };
        draw_row(state, row, line, buffer);
        if top + index == selected {
            buffer.set_style(line, theme.cursor);
        }
    }
}

fn draw_row(state: &State, row: &Row<'_>, line: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let (word, style) = match row.lost {
        None => ("waiting", theme.warn),
        Some(lost) if lost.late => ("late", theme.dim),
        Some(_) => ("lost", theme.bad),
    };
    let lasted = row.lost.map_or(state.now, |lost| lost.at);
    let age = figures::latency(lasted.since(row.ask.asked));
    let why = sanitise::line(row.lost.map_or("", |lost| &*lost.why));
    let label = sanitise::line(&row.ask.label);
    let key = sanitise::line(&row.ask.key);
    let x = line.x;
    put(buffer, line, x, line.y, word, style);
    put(buffer, line, x + 8, line.y, &age, theme.text);
    let wide = line.width >= 90;
    let (label_at, group_at) = if wide { (18, 44) } else { (17, 37) };
    let cut = |from: u16, to: u16| Rect {
        width: line.width.min(to.saturating_sub(1)).max(from),
        ..line
    };
    put(
        buffer,
        cut(label_at, group_at),
        x + label_at,
        line.y,
        &label,
        theme.text,
    );
    let key_at = group_at + if row.ask.group.is_empty() { 0 } else { 20 };
    if line.width > group_at {
        put(buffer, line, x + group_at, line.y, row.ask.group, theme.dim);
    }
    let why_at = key_at + 38;
    if line.width > key_at {
        let text = if line.width > why_at || why.is_empty() {
            &*key
        } else {
            &why
        };
        put(buffer, line, x + key_at, line.y, text, theme.dim);
    }
    if line.width > why_at {
        put(buffer, line, x + why_at, line.y, &why, theme.dim);
    }
}
