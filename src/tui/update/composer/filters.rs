//! The register form's own keys: presets, and saving the filters to the profile.

use crate::profile::amend::Amendment;
use crate::protocol::System;
use crate::protocol::savetowebsocket::{Filters, strkey};
use crate::session::SessionId;
use crate::tui::composer::filters::preset::Preset;
use crate::tui::composer::kind::Kind;
use crate::tui::effect::{Effect, KeepJob};
use crate::tui::state::State;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::{Ask, Overlay, Prompt};
use crate::tui::state::picker::Origin;
use crate::tui::update::decode_as::{Place, place};

use super::{composer, say};

/// Shows filters to begin with.
pub(super) fn offer(state: &mut State) {
    let Some((composer, terms)) = composer(state) else {
        return;
    };
    if composer.system() == System::WebSocketMq {
        return super::broker::offer(state);
    }
    if !Kind::of(composer.system()).contains(&Kind::Register) {
        let text = "presets are filters of SaveToWebSocket and topics of WebSocketMQ; this session \
                    speaks another system";
        return say(state, Level::Info, text.to_owned());
    }
    let presets = composer.presets(&terms);
    state.overlays.push(Overlay::Presets {
        presets,
        selected: 0,
    });
}

/// Puts these filters into the form.
pub(in crate::tui::update) fn take(state: &mut State, preset: &Preset) {
    if let Some((composer, terms)) = composer(state) {
        composer.take_filters(&preset.filters, &terms);
    }
}

/// Saves the form's filters to the user's own profile, or asks for the name of one.
pub(super) fn keep(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(filters) = fit(state) else { return };
    let Some(tab) = state.tab() else { return };
    let session = tab.id;
    match place(state, tab) {
        Place::Own => order(state, session, None, filters, effects),
        Place::New(name) => {
            let mut prompt = Prompt::new(Ask::KeepFilters, &name);
            prompt.problem = profile_problem(state, &name);
            state.overlays.push(Overlay::Prompt(prompt));
        }
        Place::None => {
            let text = "a demo is no profile that could keep the filters; alt-w saves the document";
            say(state, Level::Info, text.to_owned());
        }
    }
}

/// The form's filters if they can be saved; else it is said why not.
fn fit(state: &mut State) -> Option<Filters> {
    let (composer, _) = composer(state)?;
    let filters = composer.filters();
    let is_wrong = matches!(composer.verdict(), Some(Err(_)));
    let why = match &filters {
        None => "only a register has filters to be saved",
        Some(_) if is_wrong => "not saved: what is wrong with the filters stands below them",
        Some(filters) if has_seed(filters) => {
            "not saved: there is a secret seed among the accounts"
        }
        Some(_) => return filters,
    };
    say(state, Level::Warning, why.to_owned());
    None
}

fn has_seed(filters: &Filters) -> bool {
    let mut accounts = filters.account_ids.iter();
    accounts.any(|id| strkey::check(id) == Ok(strkey::Kind::Seed))
}

/// What is to be said of a profile's name as it stands.
pub(in crate::tui::update) fn profile_problem(state: &State, name: &str) -> Option<String> {
    let mut choices = state.choices.iter();
    let is_taken = choices.any(|one| one.target == name && one.origin == Origin::User);
    is_taken.then(|| format!("{name} is there already"))
}

/// A name for the new profile was given; false if it is none.
pub(in crate::tui::update) fn keep_in(
    state: &mut State,
    name: &str,
    effects: &mut Vec<Effect>,
) -> bool {
    let name = name.trim();
    if name.is_empty() || profile_problem(state, name).is_some() {
        return false;
    }
    let session = state.tab().map(|tab| tab.id);
    if let Some((session, filters)) = session.zip(fit(state)) {
        order(state, session, Some(name.to_owned()), filters, effects);
    }
    true
}

fn order(
    state: &mut State,
    session: SessionId,
    name: Option<String>,
    filters: Filters,
    effects: &mut Vec<Effect>,
) {
    let Some(tab) = state.tab_of(session) else {
        return;
    };
    effects.push(Effect::Keep(Box::new(KeepJob {
        session,
        target: tab.kept_in.clone().unwrap_or_else(|| tab.target.clone()),
        name,
        amendment: Amendment::Filters(filters),
    })));
}
