//! What inputs do to the state. No clock, no terminal, no waiting: values in, effects out.

mod asks;
mod broker;
mod composer;
mod confirm;
mod decode_as;
mod delivery;
mod detail;
mod events;
mod filter;
mod filters;
mod keys;
mod mouse;
mod overlay;
mod picker;
mod prepare;
mod search;
mod sessions;
mod shadow;
#[cfg(test)]
mod tests;
mod why;

use crate::frame::Seq;
use crate::session::SessionId;
use crate::store::job::{Answer, JobId};

use super::effect::Effect;
use super::input::{Input, Joined};
use super::state::State;
use super::state::detail::Reading;
use super::state::notices::Level;
use super::state::shadow::Shadowing;
use super::state::tab::Phase;
use super::state::verdicts::Counting;

pub(super) use composer::again_forms;
#[cfg(test)]
pub(super) use composer::tests::broker as composer_tests;
pub use sessions::start;

/// Lets `input` happen.
pub fn update(state: &mut State, input: Input) -> Vec<Effect> {
    let mut effects = Vec::new();
    match input {
        Input::Key(event) => keys::press(state, event, &mut effects),
        Input::Mouse(event) => mouse::happen(state, event, &mut effects),
        Input::Edited {
            session,
            kind,
            result,
        } => composer::edited(state, session, kind, result),
        Input::Paste(text) => paste(state, &text),
        Input::Resize(size) => state.size = size,
        Input::Due(now) => {
            state.now = now;
            prepare::picture(state, &mut effects);
        }
        Input::Delivered(delivery) => delivery::take(state, *delivery, &mut effects),
        Input::Answered(answer) => answered(state, answer),
        Input::Unanswered(job) => {
            unanswered(state, job);
            // Offered again after the next input, not at once.
            return effects;
        }
        Input::Started { session, result } => started(state, session, result, &mut effects),
        Input::Broke(session) => broke(state, session, &mut effects),
        Input::Decoded {
            session,
            seq,
            decoded,
        } => {
            let reading = Reading::Done(decoded);
            take_reading(state, session, seq, reading);
        }
        Input::EventEdited(result) => why::edited(state, result),
        Input::Kept { session, result } => decode_as::kept(state, session, result),
        Input::Listed(choices) => {
            state.choices = choices;
            picker::shift(state, 0);
        }
        Input::Shelved(result) => composer::shelved(state, result),
        Input::Pump(now) => composer::pump(state, now, &mut effects),
        Input::Unfed {
            session,
            commands,
            why,
        } => composer::unfed(state, session, commands, why),
        Input::Untold { session, why } => composer::untold(state, session, why),
        Input::Failed(sentence) => state
            .notices
            .push(state.now, None, Level::Failure, sentence),
        Input::Told(sentence) => state.notices.push(state.now, None, Level::Info, sentence),
    }
    filter::go_on(state, &mut effects);
    search::go_on(state, &mut effects);
    filters::go_on(state, &mut effects);
    shadow::go_on(state, &mut effects);
    effects
}

fn paste(state: &mut State, text: &str) {
    if composer::is_on_top(state) {
        composer::paste(state, text);
    } else if let Some(line) = state.line_mut() {
        line.paste(text);
        overlay::edited(state);
    }
}

/// The worker answers one job at a time; whose it is, the jobs know.
fn answered(state: &mut State, answer: Answer) {
    let hunts = state
        .tabs
        .iter_mut()
        .filter_map(|tab| tab.sought.as_mut()?.hunt.as_mut());
    if hunts.into_iter().any(|hunt| hunt.take(&answer)) {
        return;
    }
    let mut visits = state
        .tabs
        .iter_mut()
        .filter_map(|tab| tab.shadow.as_mut())
        .flat_map(Shadowing::visits_mut);
    if visits.any(|visit| visit.take(&answer)) {
        return;
    }
    let countings = state
        .tabs
        .iter_mut()
        .filter_map(|tab| tab.counting.as_mut());
    if countings
        .into_iter()
        .any(|counting| counting.tally_mut().take(&answer))
    {
        return;
    }
    let mut siftings = state.tabs.iter_mut().filter_map(|tab| tab.sifting.as_mut());
    if let Some(sifting) = siftings.find(|sifting| sifting.id() == answer.job) {
        sifting.take(answer);
    }
}

fn unanswered(state: &mut State, job: JobId) {
    for tab in &mut state.tabs {
        if let Some(sifting) = tab.sifting.as_mut().filter(|sifting| sifting.id() == job) {
            sifting.give_back();
        }
        let hunt = tab.sought.as_mut().and_then(|sought| sought.hunt.as_mut());
        if let Some(hunt) = hunt.filter(|hunt| hunt.id() == job) {
            hunt.give_back();
        }
        let visits = tab.shadow.iter_mut().flat_map(Shadowing::visits_mut);
        for visit in visits.filter(|visit| visit.id() == job) {
            visit.give_back();
        }
        let tally = tab.counting.as_mut().map(Counting::tally_mut);
        if let Some(tally) = tally.filter(|tally| tally.id() == job) {
            tally.give_back();
        }
    }
}

/// A worker has read an entry. What it read can be large, so it is moved; an entry is not its own
/// other half, so there is one place for it at most.
fn take_reading(state: &mut State, session: SessionId, seq: Seq, reading: Reading) {
    state.decoding = false;
    if let Some(tab) = state.tab_of(session) {
        let waiting = [&mut tab.detail.shown, &mut tab.detail.other];
        let place = waiting.into_iter().flatten().find(|shown| shown.seq == seq);
        if let Some(shown) = place {
            shown.reading = reading;
        }
    }
}

/// The session is gone without its last words.
fn broke(state: &mut State, session: SessionId, effects: &mut Vec<Effect>) {
    let now = state.now;
    if let Some(tab) = state.tab_of(session) {
        tab.phase = Phase::Broken;
        let text = "the session broke; what it received stays, t opens it again".to_owned();
        state.notices.push(now, Some(session), Level::Failure, text);
    }
    shadow::ended(state, session, effects);
}

fn started(
    state: &mut State,
    session: SessionId,
    result: Result<Joined, String>,
    effects: &mut Vec<Effect>,
) {
    let now = state.now;
    let Some(tab) = state.tab_of(session) else {
        return;
    };
    match result {
        Ok(joined) => {
            tab.terms = joined.terms;
            tab.secrets = joined.secrets;
            if tab.phase == Phase::Starting {
                tab.phase = Phase::Running;
            }
            for warning in joined.warnings {
                let who = Some(session);
                state.notices.push(now, who, Level::Warning, warning);
            }
        }
        Err(why) => {
            let text = format!("{} was not started: {why}", tab.target);
            tab.phase = Phase::NotStarted(why);
            state.notices.push(now, Some(session), Level::Failure, text);
            shadow::ended(state, session, effects);
        }
    }
}
