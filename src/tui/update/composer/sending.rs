//! Sending from the composer: what is due is made here, in portions.

use crate::frame::Stamp;
use crate::protocol::Command;
use crate::session::SessionId;
use crate::tui::composer::plan::Plan;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::{Ask, Overlay, Prompt};

use super::{broker, refused, say};

/// Sends the draft; it stays as it is, whatever becomes of it.
pub(super) fn once(state: &mut State, effects: &mut Vec<Effect>) {
    begin(state, Plan::ONCE, effects);
}

/// Asks how often.
pub(super) fn ask(state: &mut State) {
    let mut prompt = Prompt::new(Ask::Many, "");
    prompt.problem = many_problem("");
    state.overlays.push(Overlay::Prompt(prompt));
}

/// What is wrong with a plan as it stands; nothing typed is nothing wrong.
pub(in crate::tui::update) fn many_problem(text: &str) -> Option<String> {
    match text.trim() {
        "" => Some(crate::tui::composer::plan::EXAMPLES.to_owned()),
        text => Plan::parse(text).err(),
    }
}

/// Sends the draft as often as `text` says; false if it says nothing of the kind.
pub(in crate::tui::update) fn send_many(
    state: &mut State,
    text: &str,
    effects: &mut Vec<Effect>,
) -> bool {
    let Ok(plan) = Plan::parse(text) else {
        return false;
    };
    state.plans.push(text);
    begin(state, plan, effects);
    true
}

fn begin(state: &mut State, plan: Plan, effects: &mut Vec<Effect>) {
    let State {
        tabs,
        active,
        environment,
        now,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    let terms = tab.terms.clone();
    if tab.composer.is_sending() {
        let text = "the sending before goes on; stop it with alt-x first";
        return say(state, Level::Info, text.to_owned());
    }
    // What is wrong is on screen already, where the draft is.
    if tab
        .composer
        .make_ready(plan, &terms, environment, *now)
        .is_ok()
    {
        unless_dangerous(state, effects);
    }
}

/// Sends what the composer has made ready, after a question if it can hurt others; true if it was
/// sent.
pub(super) fn unless_dangerous(state: &mut State, effects: &mut Vec<Effect>) -> bool {
    let now = state.now;
    let Some(tab) = state.tab_mut() else {
        return false;
    };
    let system = super::system(tab);
    let Some(ready) = tab.composer.pending() else {
        return false;
    };
    if let Some(why) = broker::danger(ready, system) {
        let first = ready.recipes().first();
        let label = first.map_or(String::new(), |recipe| recipe.first().label.clone());
        broker::ask(state, &label, &why);
        return false;
    }
    tab.composer.go(now);
    pump(state, now, effects);
    true
}

/// Makes what is due in all sessions, and asks for it to be sent.
pub(in crate::tui::update) fn pump(state: &mut State, now: Stamp, effects: &mut Vec<Effect>) {
    let environment = &state.environment;
    for tab in state
        .tabs
        .iter_mut()
        .filter(|tab| tab.composer.is_sending())
    {
        let commands = tab.composer.portion(environment, now);
        if !commands.is_empty() {
            let session = tab.id;
            effects.push(Effect::Feed { session, commands });
        }
    }
}

/// The session's queue did not take these; with a reason it never will.
pub(in crate::tui::update) fn unfed(
    state: &mut State,
    session: SessionId,
    commands: Vec<Command>,
    why: Option<String>,
) {
    let now = state.now;
    let sending = state
        .tab_of(session)
        .and_then(|tab| tab.composer.sending_mut());
    let Some(sending) = sending else { return };
    sending.give_back(commands);
    if let Some(why) = why {
        sending.stop(why.clone(), now);
        refused(state, session, &format!("not sent: {why}"));
    }
}

/// The session did not carry out what it was told.
pub(in crate::tui::update) fn rejected(state: &mut State, session: SessionId, why: &str) {
    let now = state.now;
    if let Some(sending) = state
        .tab_of(session)
        .and_then(|tab| tab.composer.sending_mut())
    {
        sending.rejected();
        if sending.is_many() && sending.is_running() {
            sending.stop(why.to_owned(), now);
        }
    }
    refused(state, session, why);
}

/// Makes no more; what is on its way is still followed.
pub(super) fn stop(state: &mut State) {
    let now = state.now;
    let sending = state.tab_mut().and_then(|tab| tab.composer.sending_mut());
    match sending.filter(|sending| sending.is_running()) {
        Some(sending) => sending.stop("you stopped it".to_owned(), now),
        None => say(state, Level::Info, "nothing is being sent".to_owned()),
    }
}
