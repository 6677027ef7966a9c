//! The other half of the selected entry, with the time between both.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::detail::{Reading, Shown};
use crate::tui::state::hops;

use super::paint::{put, put_cut};
use super::{row, tree};

/// Lines above the tree.
const HEAD: usize = 2;

/// Number of lines this reading has.
#[must_use]
pub fn rows(state: &State) -> usize {
    let other = state.tab().and_then(|tab| tab.detail.other.as_ref());
    let head = HEAD + joined(state).len();
    match other.map(|other| &other.reading) {
        Some(Reading::Done(decoded)) if !decoded.tree.is_empty() => {
            let last = decoded.tree.visible(decoded.tree.len() - 1);
            head + 1 + decoded.tree.rows_between(0, last, usize::MAX)
        }
        _ => head,
    }
}

/// Where the selected message belongs to a call through a broker: the other link's half and how
/// long each part took.
fn joined(state: &State) -> Vec<(&'static str, String)> {
    let found = state.tab().and_then(|tab| {
        let shown = tab.detail.shown.as_ref()?;
        hops::around(state, tab, shown.seq)
    });
    found.map_or(Vec::new(), |hops| hops.lines())
}

/// Draws the parts of a call through a broker; returns the rows they take.
fn draw_joined(state: &State, area: Rect, buffer: &mut Buffer) -> u16 {
    let theme = &state.theme;
    let lines = joined(state);
    for (y, (name, text)) in (area.y..area.bottom()).zip(&lines) {
        put(buffer, area, area.x + 2, y, name, theme.name);
        put_cut(buffer, area, area.x + 14, y, text, theme.text);
    }
    (lines.len() as u16).min(area.height)
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
        let below = Rect {
            y: area.y + area.height.min(1),
            height: area.height.saturating_sub(1),
            ..area
        };
        draw_joined(state, below, buffer);
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
    let taken = draw_joined(state, body, buffer);
    let body = Rect {
        y: body.y + taken,
        height: body.height - taken,
        ..body
    };
    draw_other(state, other, tab.detail.scroll, body, buffer);
}

/// Draws the tree of the other half.
fn draw_other(state: &State, other: &Shown, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    match &other.reading {
        Reading::Done(decoded) => {
            let mut top = 0;
            for _ in 0..scroll {
                top = decoded.tree.next(top).unwrap_or(top);
            }
            tree::draw(theme, decoded, top, None, area, buffer);
        }
        Reading::Pending => {
            put(buffer, area, area.x, area.y, "decoding…", theme.dim);
        }
        Reading::Gone => {}
    }
}
