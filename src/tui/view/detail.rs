//! The detail pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sanitise;
use crate::store::Pattern;
use crate::tui::layout::{inside, is_framed};
use crate::tui::state::detail::{Detail, Facet, Reading};
use crate::tui::state::remarks::Weight;
use crate::tui::state::tab::Tab;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Theme;

use super::paint::{Piece, Titles, pane, put, width};
use super::{frame, hex, pair, tree};

/// Between the titles of two readings.
const GAP: &str = " · ";

/// The reading whose title is at that column of the pane.
#[must_use]
pub fn facet_at(state: &State, column: u16) -> Option<Facet> {
    let margin = if is_framed(state.areas().detail) {
        3
    } else {
        1
    };
    let mut x = margin;
    Facet::ALL.into_iter().find(|facet| {
        let from = x;
        x += width(facet.title()) + width(GAP);
        (from..x).contains(&column)
    })
}

/// Draws the detail pane.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let Some(tab) = state.tab().filter(|_| !area.is_empty()) else {
        return;
    };
    let theme = &state.theme;
    let focused = state.focus == Focus::Detail;
    pane(
        buffer,
        area,
        theme,
        focused,
        titles(state, &tab.detail, area),
    );
    let whole = inside(area);
    let body = state.reading_area();
    let remarks = state.remarks(whole.width);
    for (y, remark) in (whole.y..body.y).zip(&remarks) {
        let style = match remark.weight {
            Weight::Wrong => theme.bad,
            Weight::Note => theme.warn,
            Weight::Aside => theme.dim,
        };
        put(buffer, whole, whole.x, y, &remark.text, style);
    }
    reading(state, tab, body, buffer);
}

fn titles(state: &State, detail: &Detail, area: Rect) -> Titles {
    let theme = &state.theme;
    let mut left = Vec::new();
    if area.width >= 44 {
        for (index, facet) in Facet::ALL.into_iter().enumerate() {
            if index > 0 {
                left.push(Piece::new(255, GAP, theme.dim));
            }
            let style = if facet == detail.facet {
                theme.key
            } else {
                theme.dim
            };
            left.push(Piece::new(255, facet.title(), style));
        }
    } else {
        left.push(Piece::new(255, detail.facet.title(), theme.key));
    }
    let mut bottom = Vec::new();
    if let Some(decoded) = detail.decoded() {
        if !decoded.via.is_empty() {
            bottom.push(Piece::new(255, decoded.via.clone(), theme.dim));
        }
        if let Some(key) = &decoded.key {
            bottom.push(Piece::new(100, format!(" · key {key}"), theme.dim));
        }
    }
    Titles {
        left,
        bottom,
        ..Titles::default()
    }
}

fn reading(state: &State, tab: &Tab, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let hint = |buffer: &mut Buffer, text: &str| {
        put(buffer, area, area.x, area.y, text, theme.dim);
    };
    let Some(shown) = &tab.detail.shown else {
        return hint(buffer, "nothing selected");
    };
    let Some(entry) = state.store.entry(tab.id, shown.seq) else {
        return hint(buffer, "this entry has left the memory");
    };
    match tab.detail.facet {
        Facet::Decoded => match &shown.reading {
            Reading::Pending => hint(buffer, "decoding…"),
            Reading::Gone => hint(buffer, "this entry has left the memory"),
            Reading::Done(_) if entry.frame().is_some() && tab.decoder.is_none() => {
                hint(buffer, "the system is not known yet; ] shows the bytes");
            }
            Reading::Done(decoded) => {
                let cursor = (state.focus == Focus::Detail).then_some(tab.detail.cursor);
                tree::draw(theme, decoded, tab.detail.top, cursor, area, buffer);
            }
        },
        Facet::Raw => raw(state, tab, entry.payload, area, buffer),
        Facet::Hex => hex::draw(state, tab, entry.payload, area, buffer),
        Facet::Frame => frame::draw(state, area, buffer),
        Facet::Pair => pair::draw(state, area, buffer),
    }
}

fn raw(state: &State, tab: &Tab, payload: &[u8], area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let Some(wrapped) = &tab.detail.wrapped else {
        return;
    };
    if payload.is_empty() {
        put(buffer, area, area.x, area.y, "no payload", theme.dim);
        return;
    }
    let pattern = tab.sought.as_ref().map(|sought| &*sought.pattern);
    let rows = wrapped.rows.iter().skip(tab.detail.scroll);
    let mut y = area.y;
    for row in rows.take(usize::from(area.height)) {
        let bytes = row.start as usize..row.end as usize;
        if bytes.end <= payload.len() {
            let bytes = tab.secrets.mask_bytes(payload, bytes);
            text_row(theme, pattern, &bytes, area, y, buffer);
        }
        y += 1;
    }
    if wrapped.left_out > 0 && y < area.bottom() {
        let text = format!("{} more bytes; the hex reading has them", wrapped.left_out);
        put(buffer, area, area.x, y, &text, theme.warn);
    }
}

/// One row of text; what is searched for stands out where it lies in this row.
fn text_row(
    theme: &Theme,
    pattern: Option<&Pattern>,
    bytes: &[u8],
    area: Rect,
    y: u16,
    buffer: &mut Buffer,
) {
    let mut x = area.x;
    let mut at = 0;
    while let Some(hit) = pattern.and_then(|pattern| pattern.find(bytes, at)) {
        if hit.is_empty() {
            break;
        }
        let before = sanitise::bytes_line(&bytes[at..hit.start]);
        x = put(buffer, area, x, y, &before, theme.text);
        at = hit.end;
        let found = sanitise::bytes_line(&bytes[hit]);
        x = put(buffer, area, x, y, &found, theme.found);
    }
    let rest = sanitise::bytes_line(&bytes[at..]);
    put(buffer, area, x, y, &rest, theme.text);
}
