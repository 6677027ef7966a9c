//! Keys of the detail pane.

use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::inside;
use crate::tui::state::detail::{Detail, Facet};
use crate::tui::state::{Arrangement, Focus, State};
use crate::tui::view::hex;

use super::{decode_as, events, filter};

/// Gives the detail pane the keys; the entry it shows stays.
pub(super) fn enter(state: &mut State) {
    if state.tab().is_none() {
        return;
    }
    if state.arrangement == Arrangement::EventsOnly {
        state.arrangement = Arrangement::Split;
    }
    events::pin(state);
    state.focus = Focus::Detail;
}

/// Actions of the detail context.
pub(super) fn perform(state: &mut State, action: Action, _: &mut Vec<Effect>) {
    if action == Action::LeaveDetail {
        state.focus = Focus::Events;
        return;
    }
    let Some(tab) = state.tab_mut() else { return };
    let detail = &mut tab.detail;
    let cursor = detail.cursor;
    match action {
        Action::NextFacet => show(state, 1),
        Action::PreviousFacet => show(state, -1),
        Action::Left | Action::Right if detail.facet == Facet::Hex => {
            move_byte(state, if action == Action::Left { -1 } else { 1 });
        }
        Action::Left => close_or_climb(detail),
        Action::Right => set_open(detail, true),
        Action::Fold if detail.facet == Facet::Decoded => {
            let open = detail
                .decoded()
                .is_some_and(|d| d.tree.is_open(detail.cursor));
            set_open(detail, !open);
        }
        Action::FoldAll | Action::UnfoldAll => {
            if let Some(tree) = detail.tree_mut() {
                tree.set_all(action == Action::UnfoldAll);
                let visible = tree.visible(cursor);
                detail.cursor = visible;
            }
        }
        Action::FilterField => filter::on_field(state),
        Action::DecodeAs => decode_as::open(state),
        _ => {}
    }
    keep_in_sight(state);
}

fn show(state: &mut State, steps: isize) {
    if let Some(tab) = state.tab_mut() {
        let facet = tab.detail.facet.turned(steps);
        turn(&mut tab.detail, facet);
    }
}

/// Brings another reading on top.
pub(super) fn turn(detail: &mut Detail, facet: Facet) {
    detail.facet = facet;
    detail.scroll = 0;
}

fn set_open(detail: &mut Detail, open: bool) {
    let cursor = detail.cursor;
    if let Some(path) = detail
        .tree_mut()
        .and_then(|tree| tree.set_open(cursor, open))
    {
        detail.folds.insert(path, open);
    }
}

fn close_or_climb(detail: &mut Detail) {
    let cursor = detail.cursor;
    let Some(tree) = detail.tree_mut() else {
        return;
    };
    if tree.is_open(cursor) {
        set_open(detail, false);
    } else {
        detail.cursor = tree.parent(cursor);
        detail.byte_follows();
    }
}

/// Up, down, pages, ends.
pub(super) fn step(state: &mut State, action: Action) {
    let page = i64::from(state.reading_area().height.max(2)) - 1;
    let rows = match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -page,
        Action::PageDown => page,
        Action::Top => i64::MIN,
        _ => i64::MAX,
    };
    scroll(state, rows);
}

/// Moves the cursor of the reading on top by rows.
pub(super) fn scroll(state: &mut State, rows: i64) {
    let width = inside(state.areas().detail).width;
    let Some(tab) = state.tab_mut() else { return };
    match tab.detail.facet {
        Facet::Decoded => walk(&mut tab.detail, rows),
        Facet::Hex => {
            let per_row = hex::bytes_per_row(width) as i64;
            return move_byte(state, rows.saturating_mul(per_row));
        }
        Facet::Raw | Facet::Frame | Facet::Pair => {
            let scroll = tab.detail.scroll as i64;
            // The end is found when the picture is prepared, where the length is known.
            tab.detail.scroll = scroll.saturating_add(rows).max(0) as usize;
        }
    }
    keep_in_sight(state);
}

fn walk(detail: &mut Detail, rows: i64) {
    let Some(decoded) = detail.decoded() else {
        return;
    };
    let mut cursor = detail.cursor;
    for _ in 0..rows.unsigned_abs() {
        let next = if rows < 0 {
            decoded.tree.before(cursor)
        } else {
            decoded.tree.next(cursor)
        };
        let Some(next) = next else { break };
        cursor = next;
    }
    detail.cursor = cursor;
    detail.byte_follows();
}

fn move_byte(state: &mut State, bytes: i64) {
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    let len = tab
        .detail
        .shown
        .as_ref()
        .and_then(|shown| store.entry(tab.id, shown.seq))
        .map_or(0, |entry| entry.payload.len());
    let last = len.saturating_sub(1) as i64;
    let byte = (tab.detail.byte as i64)
        .saturating_add(bytes)
        .clamp(0, last);
    tab.detail.byte = byte as usize;
    tab.detail.node_follows();
    keep_in_sight(state);
}

/// Selects the node in that row of the pane; a click on the selected one opens or closes it.
pub(super) fn click(state: &mut State, row: usize) {
    let remarks = inside(state.areas().detail).height - state.reading_area().height;
    let Some(row) = row.checked_sub(usize::from(remarks)) else {
        return;
    };
    let Some(tab) = state.tab_mut() else { return };
    let detail = &mut tab.detail;
    if detail.facet != Facet::Decoded {
        return;
    }
    let Some(decoded) = detail.decoded() else {
        return;
    };
    let mut at = detail.top;
    for _ in 0..row {
        let Some(next) = decoded.tree.next(at) else {
            return;
        };
        at = next;
    }
    if detail.cursor == at {
        let open = decoded.tree.is_open(at);
        set_open(detail, !open);
    } else {
        detail.cursor = at;
        detail.byte_follows();
    }
}

/// Moves the first row of the tree or of the bytes no further than needed to show the cursor.
pub(super) fn keep_in_sight(state: &mut State) {
    let area = state.reading_area();
    let height = usize::from(area.height).max(1);
    let Some(tab) = state.tab_mut() else { return };
    let detail = &mut tab.detail;
    if detail.facet == Facet::Hex {
        let row = detail.byte / hex::bytes_per_row(area.width);
        detail.scroll = detail.scroll.clamp((row + 1).saturating_sub(height), row);
    }
    let Some(decoded) = detail.decoded() else {
        return;
    };
    let cursor = decoded.tree.visible(detail.cursor);
    let mut top = decoded.tree.visible(detail.top);
    if cursor < top {
        top = cursor;
    }
    if decoded.tree.rows_between(top, cursor, height) >= height {
        top = cursor;
        for _ in 1..height {
            top = decoded.tree.before(top).unwrap_or(top);
        }
    }
    detail.top = top;
}
