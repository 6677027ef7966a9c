//! Keys of the picker.

use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::picker::Offer;
use crate::tui::state::{Screen, State};
use crate::tui::view::picker as view;

use super::sessions;

/// Accept, leave, one up, one down.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Earlier => shift(state, -1),
        Action::Later => shift(state, 1),
        Action::Accept => accept(state, effects),
        _ if state.tabs.is_empty() => effects.push(Effect::Quit),
        _ => state.screen = Screen::Sessions,
    }
}

/// Starts the selected target. A profile that was broken is read anew: it may have been mended.
fn accept(state: &mut State, effects: &mut Vec<Effect>) {
    let Screen::Picker(picker) = &state.screen else {
        return;
    };
    let offers = picker.offers(&state.choices);
    let Some(offer) = offers.get(picker.selected) else {
        return;
    };
    if let (Offer::Typed(_), Some(_)) = (offer, offer.problem()) {
        return; // What is wrong with the URL is on screen.
    }
    let target = offer.target().to_owned();
    effects.append(&mut sessions::start(state, &target));
}

/// A click selects, another one on the selected target starts it.
pub(super) fn click(state: &mut State, column: u16, row: u16, effects: &mut Vec<Effect>) {
    let Screen::Picker(picker) = &state.screen else {
        return;
    };
    let Some(index) = view::at(state, picker, column, row) else {
        return;
    };
    if index == picker.selected {
        return accept(state, effects);
    }
    if let Screen::Picker(picker) = &mut state.screen {
        picker.selected = index;
    }
}

/// Pages and ends.
pub(super) fn step(state: &mut State, action: Action) {
    shift(
        state,
        match action {
            Action::Up => -1,
            Action::Down => 1,
            Action::PageUp => -10,
            Action::PageDown => 10,
            Action::Top => isize::MIN,
            _ => isize::MAX,
        },
    );
}

/// Moves the selection by `rows`, to the ends at most.
pub(super) fn shift(state: &mut State, rows: isize) {
    let Screen::Picker(picker) = &state.screen else {
        return;
    };
    let last = picker.offers(&state.choices).len().saturating_sub(1);
    let selected = picker.selected.saturating_add_signed(rows).min(last);
    if let Screen::Picker(picker) = &mut state.screen {
        picker.selected = selected;
    }
}

#[cfg(test)]
mod tests;
