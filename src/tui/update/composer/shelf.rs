//! Saved documents: keeping the draft under a name, and having one back.

use crate::saved::{self, Listed};
use crate::session::SessionId;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, ShelfJob};
use crate::tui::input::Shelved;
use crate::tui::state::State;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::{Ask, Overlay, Prompt};
use crate::tui::state::shelf::Shelf;

use super::say;

/// Shows what is saved.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    state.overlays.push(Overlay::Shelf(Shelf::default()));
    effects.push(Effect::Shelf(ShelfJob::List));
}

/// Asks for a name for the draft.
pub(super) fn ask_name(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(tab) = state.tab() else { return };
    let name = tab.composer.saved_as().unwrap_or_default().to_owned();
    ask(state, Ask::SaveAs, &name);
    // For what is said of a name that is taken.
    effects.push(Effect::Shelf(ShelfJob::List));
}

fn ask(state: &mut State, ask: Ask, name: &str) {
    let mut prompt = Prompt::new(ask, name);
    prompt.problem = name_problem(state, ask, name);
    state.overlays.push(Overlay::Prompt(prompt));
}

/// What is to be said of a name as it stands.
pub(in crate::tui::update) fn name_problem(state: &State, ask: Ask, name: &str) -> Option<String> {
    let name = name.trim();
    if name.is_empty() {
        return None;
    }
    if ask == Ask::KeepFilters {
        return super::profile_problem(state, name);
    }
    if let Err(error) = saved::check(name) {
        return Some(error.to_string());
    }
    let is_taken = state.saved.iter().any(|one| one.name == name);
    let is_own = state.tab().and_then(|tab| tab.composer.saved_as()) == Some(name);
    match ask {
        Ask::SaveAs if is_taken && !is_own => Some(format!("{name} is there: enter replaces it")),
        Ask::Rename | Ask::Duplicate if is_taken => Some(format!("{name} is there already")),
        _ => None,
    }
}

/// A name was given; false if it is none.
pub(in crate::tui::update) fn named(
    state: &mut State,
    ask: Ask,
    name: &str,
    effects: &mut Vec<Effect>,
) -> bool {
    let name = name.trim().to_owned();
    if saved::check(&name).is_err() {
        return false;
    }
    if ask == Ask::SaveAs {
        let Some(tab) = state.tab() else { return true };
        effects.push(Effect::Shelf(ShelfJob::Save {
            session: tab.id,
            text: tab.composer.document(&tab.terms),
            name,
        }));
        return true;
    }
    let Some(old) = chosen(state).map(|one| one.name.clone()) else {
        return true;
    };
    effects.push(Effect::Shelf(match ask {
        Ask::Rename => ShelfJob::Rename { old, new: name },
        _ => ShelfJob::Duplicate { old, new: name },
    }));
    true
}

/// The document selected in the list on top, or below what asks for a name.
fn chosen(state: &State) -> Option<&Listed> {
    let shelf = state
        .overlays
        .iter()
        .rev()
        .find_map(|overlay| match overlay {
            Overlay::Shelf(shelf) => Some(shelf),
            _ => None,
        });
    shelf?.chosen(&state.saved)
}

/// What is bound in the list alone.
pub(in crate::tui::update) fn perform(
    state: &mut State,
    action: Action,
    effects: &mut Vec<Effect>,
) {
    let Some(name) = chosen(state).map(|one| one.name.clone()) else {
        return say(state, Level::Info, "no document is selected".to_owned());
    };
    match action {
        Action::RenameSaved => ask(state, Ask::Rename, &name),
        Action::DuplicateSaved => ask(state, Ask::Duplicate, &format!("{name} copy")),
        _ => {
            let Some(Overlay::Shelf(shelf)) = state.overlays.last_mut() else {
                return;
            };
            if shelf.doomed.as_ref() == Some(&name) {
                shelf.doomed = None;
                effects.push(Effect::Shelf(ShelfJob::Delete { name }));
            } else {
                shelf.doomed = Some(name);
            }
        }
    }
}

/// Opens the one selected in `shelf`.
pub(in crate::tui::update) fn accept(state: &mut State, shelf: &Shelf, effects: &mut Vec<Effect>) {
    let (Some(tab), Some(one)) = (state.tab(), shelf.chosen(&state.saved)) else {
        return;
    };
    effects.push(Effect::Shelf(ShelfJob::Load {
        session: tab.id,
        name: one.name.clone(),
    }));
}

/// Something was done to the saved documents.
pub(in crate::tui::update) fn shelved(state: &mut State, result: Result<Shelved, String>) {
    match result {
        Ok(Shelved::Listed(saved)) => list(state, saved),
        Ok(Shelved::Loaded {
            session,
            name,
            text,
        }) => loaded(state, session, &name, &text),
        Ok(Shelved::Saved {
            session,
            name,
            path,
            saved,
        }) => {
            list(state, saved);
            if let Some(tab) = state.tab_of(session) {
                tab.composer.is_saved_as(&name);
            }
            say(state, Level::Info, format!("saved as {name}: {path}"));
        }
        Ok(Shelved::Changed {
            sentence,
            renamed,
            saved,
        }) => {
            list(state, saved);
            if let Some((old, new)) = renamed {
                for tab in &mut state.tabs {
                    if tab.composer.saved_as() == Some(old.as_str()) {
                        tab.composer.is_saved_as(&new);
                    }
                }
            }
            say(state, Level::Info, sentence);
        }
        Err(why) => say(state, Level::Failure, why),
    }
}

fn list(state: &mut State, saved: Vec<Listed>) {
    state.saved = saved;
    let State {
        overlays, saved, ..
    } = state;
    for overlay in overlays {
        if let Overlay::Shelf(shelf) = overlay {
            let count = shelf.fitting(saved).len();
            shelf.selected = shelf.selected.min(count.saturating_sub(1));
        }
    }
}

fn loaded(state: &mut State, session: SessionId, name: &str, text: &str) {
    if text.len() > crate::tui::composer::text::MAX {
        let text = format!(
            "{name} has {} bytes, more than the composer holds; send it with `wspect send TARGET \
             @{name}`",
            text.len()
        );
        return say(state, Level::Failure, text);
    }
    if let Some(tab) = state.tab_of(session) {
        let terms = tab.terms.clone();
        tab.composer.take_saved(name, text.trim_end(), &terms);
    }
}

/// The line of the list was changed.
pub(in crate::tui::update) fn searched(shelf: &mut Shelf) {
    shelf.selected = 0;
    shelf.doomed = None;
}
