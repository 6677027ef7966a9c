//! The other half of the selected entry, with the time between both.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::detail::Reading;

use super::paint::put;
use super::{row, tree};

/// Lines above the tree.
const HEAD: usize = 2;

/// Number of lines this reading has.
#[must_use]
pub fn rows(state: &State) -> usize {
    let other = state.tab().and_then(|tab| tab.detail.other.as_ref());
    match other.map(|other| &other.reading) {
        Some(Reading::Done(decoded)) if !decoded.tree.is_empty() => {
            let last = decoded.tree.visible(decoded.tree.len() - 1);
            HEAD + 1 + decoded.tree.rows_between(0, last, usize::MAX)
        }
        _ => HEAD,
    }
}

/// Draws the other half.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let Some((tab, shown)) = state
        .tab()
        .and_then(|tab| Some((tab, tab.detail.shown.as_ref()?)))
    else {
        return;
    };
    let Some(entry) = state.store.entry(tab.id, shown.seq) else {
        return;
    };
    let hint = |buffer: &mut Buffer, text: &str| {
        put(buffer, area, area.x, area.y, text, theme.dim);
    };
    let Some(other) = &tab.detail.other else {
        let text = if entry.asks {
            "no reply yet"
        } else {
            "this entry neither asks nor answers"
        };
        return hint(buffer, text);
    };
    let Some(half) = state.store.entry(tab.id, other.seq) else {
        return hint(buffer, "the other half has left the memory");
    };
    let line = Rect::new(area.x, area.y, area.width, area.height.min(1));
    row::draw(state, tab, &half, line, buffer);
    let apart = if half.at.mono >= entry.at.mono {
        format!(
            "{} later · p goes there",
            figures::latency(half.at.since(entry.at))
        )
    } else {
        format!(
            "{} earlier · p goes there",
            figures::latency(entry.at.since(half.at))
        )
    };
    put(buffer, area, area.x + 2, area.y + 1, &apart, theme.dim);
    let body = Rect {
        y: area.y + (HEAD as u16).min(area.height),
        height: area.height.saturating_sub(HEAD as u16),
        ..area
    };
    match &other.reading {
        Reading::Done(decoded) => {
            let mut top = 0;
            for _ in 0..tab.detail.scroll {
                top = decoded.tree.next(top).unwrap_or(top);
            }
            tree::draw(theme, decoded, top, None, body, buffer);
        }
        Reading::Pending => {
            put(buffer, body, body.x, body.y, "decoding…", theme.dim);
        }
        Reading::Gone => {}
    }
}
