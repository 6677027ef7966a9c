//! The answer to a question.

use crate::session::Order;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::confirm::Deed;
use crate::tui::state::overlay::Overlay;

use super::sessions;

/// Yes does what was asked about; no leaves everything as it was.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    let Some(Overlay::Confirm(asked)) = state
        .overlays
        .pop_if(|it| matches!(it, Overlay::Confirm(_)))
    else {
        return;
    };
    if action != Action::Agree {
        return;
    }
    match asked.deed {
        Deed::Send { session, command } => effects.push(Effect::Order {
            session,
            order: Order::Send(*command),
        }),
        Deed::Start { target } => {
            state.overlays.clear();
            effects.extend(sessions::start(state, &target));
        }
        Deed::Copy(text) => effects.push(Effect::Copy(text)),
        Deed::Run(run) => run(state, effects),
    }
}
