//! Keys of the picker.

use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::{Screen, State};

use super::sessions;

/// Accept, leave, one up, one down.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Earlier => shift(state, -1),
        Action::Later => shift(state, 1),
        Action::Accept => {
            let Screen::Picker(picker) = &state.screen else {
                return;
            };
            let offers = picker.offers(&state.choices);
            let target = offers
                .get(picker.selected)
                .map(|offer| offer.target().to_owned());
            if let Some(target) = target {
                effects.append(&mut sessions::start(state, &target));
            }
        }
        _ if state.tabs.is_empty() => effects.push(Effect::Quit),
        _ => state.screen = Screen::Sessions,
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
