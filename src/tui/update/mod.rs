//! What inputs do to the state. No clock, no terminal, no waiting: values in, effects out.

mod delivery;
mod detail;
mod events;
mod keys;
mod mouse;
mod overlay;
mod picker;
mod prepare;
mod sessions;
#[cfg(test)]
mod tests;

use super::effect::Effect;
use super::input::Input;
use super::state::State;
use super::state::detail::{Reading, Shown};
use super::state::notices::Level;
use super::state::tab::Phase;

pub use sessions::start;

/// Lets `input` happen.
pub fn update(state: &mut State, input: Input) -> Vec<Effect> {
    let mut effects = Vec::new();
    match input {
        Input::Key(event) => keys::press(state, event, &mut effects),
        Input::Mouse(event) => mouse::happen(state, event, &mut effects),
        Input::Paste(text) => {
            if let Some(line) = state.line_mut() {
                line.paste(&text);
                overlay::edited(state);
            }
        }
        Input::Resize(size) => state.size = size,
        Input::Due(now) => {
            state.now = now;
            prepare::picture(state, &mut effects);
        }
        Input::Delivered(delivery) => delivery::take(state, *delivery),
        Input::Started { session, result } => started(state, session, result),
        Input::Decoded {
            session,
            seq,
            decoded,
        } => {
            if let Some(tab) = state.tab_of(session) {
                let waiting = [&mut tab.detail.shown, &mut tab.detail.other];
                for shown in waiting.into_iter().flatten().filter(|s| s.seq == seq) {
                    *shown = Shown {
                        seq,
                        reading: Reading::Done(decoded.clone()),
                    };
                }
            }
        }
        Input::Failed(sentence) => state
            .notices
            .push(state.now, None, Level::Failure, sentence),
        Input::Told(sentence) => state.notices.push(state.now, None, Level::Info, sentence),
    }
    effects
}

fn started(state: &mut State, session: crate::session::SessionId, result: Result<(), String>) {
    let now = state.now;
    let Some(tab) = state.tab_of(session) else {
        return;
    };
    match result {
        Ok(()) if tab.phase == Phase::Starting => tab.phase = Phase::Running,
        Ok(()) => {}
        Err(why) => {
            let text = format!("{} was not started: {why}", tab.target);
            tab.phase = Phase::NotStarted(why);
            state.notices.push(now, Some(session), Level::Failure, text);
        }
    }
}
