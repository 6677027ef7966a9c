//! What is done with calls of the broker: answer by hand, refuse, stay silent, hold them or not.

use crate::protocol::Command;
use crate::protocol::websocketmq::{Answer, Call, CallState, Order as Steer};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::broker::CallRow;
use crate::tui::state::notices::Level;

use super::{close, look, say, send, steer};
use crate::tui::update::composer;

/// Actions of the list of calls.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    // Somebody waits: where the selected row cannot be answered, the most urgent call is meant.
    let row = look(state, |panel, picture| {
        let selected = match panel.call(picture) {
            Some(CallRow::Call(call)) => Some(call),
            _ => None,
        };
        let held = picture
            .calls
            .iter()
            .filter(|call| call.state == CallState::Held);
        let urgent = held.min_by_key(|call| call.due.mono);
        let answerable = selected.filter(|call| over(call).is_none());
        answerable.or(urgent).or(selected).cloned()
    });
    let Some(call) = row.flatten() else {
        let text = "pick a call of the broker: our own calls are answered by others";
        return say(state, Level::Info, text);
    };
    if let Some(why) = over(&call) {
        return say(state, Level::Info, why);
    }
    let answer = match action {
        Action::AnswerCall => {
            close(state);
            return composer::answer(state, &call);
        }
        Action::RefuseCall => Answer::Unhandled,
        _ => Answer::Silence,
    };
    let command = Command::Reply {
        id: call.id,
        topic: call.topic,
        answer,
    };
    send(state, command, effects);
}

/// Why it cannot be answered any more.
const fn over(call: &Call) -> Option<&'static str> {
    match call.state {
        CallState::Held | CallState::Planned(_) | CallState::Silent => None,
        CallState::Answered(_) => Some(
            "this call is answered; a second reply is dropped by the broker, which takes the first",
        ),
        CallState::Expired => Some("the broker gave this call up; a reply is dropped now"),
        CallState::Cut => Some("the connection this call came on has ended: nobody waits any more"),
    }
}

/// Keeps calls nobody handles for an answer by hand, or refuses them at once.
pub(super) fn hold(state: &mut State, effects: &mut Vec<Effect>) {
    let on = !look(state, |_, picture| picture.holding).unwrap_or_default();
    steer(state, Steer::HoldCalls(on), effects);
    let text = if on {
        "calls no responder answers wait for you from now on; unanswered ones are refused shortly \
         before their time is over"
    } else {
        "calls no responder answers are refused at once from now on"
    };
    say(state, Level::Info, text);
}
