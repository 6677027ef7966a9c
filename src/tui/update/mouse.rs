//! The mouse selects, scrolls and resizes.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::Spot;
use crate::tui::state::detail::Facet;
use crate::tui::state::{Focus, Screen, State};
use crate::tui::view::{detail as detail_view, tabs};

use super::{composer, detail, events, overlay, picker, sessions};

/// Rows one notch of the wheel moves.
const NOTCH: isize = 3;

/// The mouse was used.
pub(super) fn happen(state: &mut State, event: MouseEvent, effects: &mut Vec<Effect>) {
    let wheel = match event.kind {
        MouseEventKind::ScrollUp => -NOTCH,
        MouseEventKind::ScrollDown => NOTCH,
        MouseEventKind::Down(MouseButton::Left) => {
            return click(state, event.column, event.row, effects);
        }
        MouseEventKind::Drag(MouseButton::Left) => return drag(state, event.column, event.row),
        _ => return,
    };
    if !state.overlays.is_empty() {
        let action = if wheel < 0 { Action::Up } else { Action::Down };
        return overlay::step(state, action);
    }
    if let Screen::Picker(_) = state.screen {
        return picker::shift(state, wheel.signum());
    }
    match state.areas().spot(event.column, event.row) {
        Spot::Event(_) => events::scroll(state, wheel),
        Spot::Detail(_) => {
            events::pin(state);
            detail::scroll(state, wheel as i64);
        }
        _ => {}
    }
}

fn click(state: &mut State, column: u16, row: u16, effects: &mut Vec<Effect>) {
    if composer::is_on_top(state) {
        return composer::click(state, column, row);
    }
    if !state.overlays.is_empty() {
        return;
    }
    if let Screen::Picker(_) = state.screen {
        return picker::click(state, column, row, effects);
    }
    match state.areas().spot(column, row) {
        Spot::Tabs(column) => {
            if let Some(index) = tabs::at(state, column) {
                sessions::show(state, index);
            }
        }
        Spot::Event(row) => {
            state.focus = Focus::Events;
            events::click(state, usize::from(row));
        }
        Spot::DetailTitle(column) => {
            let facet = detail_view::facet_at(state, column);
            if let (Some(facet), Some(tab)) = (facet, state.tab_mut()) {
                turn(&mut tab.detail, facet);
            }
        }
        Spot::Detail(row) => {
            detail::enter(state);
            detail::click(state, usize::from(row));
        }
        Spot::Border | Spot::Nothing => {}
    }
}

fn turn(detail: &mut crate::tui::state::detail::Detail, facet: Facet) {
    super::detail::turn(detail, facet);
}

/// Dragging the line between the panes moves it.
fn drag(state: &mut State, column: u16, row: u16) {
    let areas = state.areas();
    let near = |a: u16, b: u16| a.abs_diff(b) <= 2;
    if areas.detail.is_empty() || areas.events.is_empty() {
        return;
    }
    let (position, edge, whole, end) = if areas.is_side_by_side() {
        (
            column,
            areas.detail.x,
            areas.events.width + areas.detail.width,
            areas.detail.right(),
        )
    } else {
        (
            row,
            areas.detail.y,
            areas.events.height + areas.detail.height,
            areas.detail.bottom(),
        )
    };
    if near(position, edge) && position < end {
        let share = (u32::from(end - position) * 1_000).div_ceil(u32::from(whole.max(1)));
        state.share = share.clamp(200, 800) as u16;
    }
}
