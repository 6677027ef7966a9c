//! Typing, editing and moving in the composer's fields.

use crate::tui::action::Action;
use crate::tui::composer::draft::Slot;
use crate::tui::composer::places::{self, Places};
use crate::tui::composer::text;
use crate::tui::composer::{Composer, Terms};
use crate::tui::state::State;
use crate::tui::state::notices::Level;

use super::{composer, say};

/// A character was typed; false if the field with the cursor takes none.
pub(in crate::tui::update) fn typed(state: &mut State, c: char) -> bool {
    let Some((composer, terms)) = composer(state) else {
        return false;
    };
    let focus = composer.focus;
    let Some(draft) = composer.draft_mut() else {
        return false;
    };
    let taken = if focus == Slot::Body {
        match draft.text_mut() {
            Some(text) => text.insert(c),
            None => return false,
        }
    } else if let Some(line) = draft.line_mut(focus) {
        line.insert(c);
        true
    } else {
        return false;
    };
    line_changed(composer, &terms);
    if !taken {
        say_full(state);
    }
    true
}

/// Text was pasted.
pub(in crate::tui::update) fn paste(state: &mut State, pasted: &str) {
    let Some((composer, terms)) = composer(state) else {
        return;
    };
    let focus = composer.focus;
    let Some(draft) = composer.draft_mut() else {
        return;
    };
    let taken = if let Some(line) = draft.line_mut(focus) {
        line.paste(pasted);
        true
    } else if let Some(text) = draft.text_mut() {
        // What is pasted on a selector is meant for the text.
        let taken = text.paste(pasted);
        composer.focus = Slot::Body;
        taken
    } else {
        true
    };
    line_changed(composer, &terms);
    if !taken {
        say_full(state);
    }
}

fn say_full(state: &mut State) {
    let text = format!(
        "the composer holds {} kB; what was beyond was left out. `wspect send` takes larger files",
        text::MAX >> 10
    );
    say(state, Level::Warning, text);
}

/// The event's data follows its type while nobody has written any.
fn line_changed(composer: &mut Composer, terms: &Terms) {
    if matches!(composer.focus, Slot::EventType | Slot::Message)
        && let Some(event) = composer.draft_mut().and_then(|draft| draft.event_mut())
        && event.descriptor(&terms.schema).is_some()
    {
        event.follow(&terms.schema);
    }
}

/// An editing key: the cursor's line or text, or a selector.
pub(in crate::tui::update) fn edit(state: &mut State, action: Action) {
    let Some((composer, terms)) = composer(state) else {
        return;
    };
    let focus = composer.focus;
    let steps = match action {
        Action::EditLeft => -1,
        Action::EditRight => 1,
        _ => 0,
    };
    if focus == Slot::Kind {
        if steps != 0 {
            composer.turn_kind(steps, &terms);
        }
        return;
    }
    let Some(draft) = composer.draft_mut() else {
        return;
    };
    match (focus, draft.line_mut(focus)) {
        (_, Some(line)) => {
            line.edit(action);
        }
        (Slot::Body, None) => {
            if let Some(text) = draft.text_mut() {
                text.edit(action);
            }
        }
        (_, None) => draft.turn(focus, steps, &terms.schema),
    }
    line_changed(composer, &terms);
}

/// What changes the composer alone.
pub(super) fn within(composer: &mut Composer, action: Action, terms: &Terms) {
    let focus = composer.focus;
    match action {
        Action::NextField => composer.step(1),
        Action::PreviousField => composer.step(-1),
        Action::NextKind => composer.turn_kind(1, terms),
        Action::PreviousKind => composer.turn_kind(-1, terms),
        Action::OlderSent => composer.recall(true),
        Action::Complete => {
            composer.complete(terms);
        }
        Action::NewerSent => composer.recall(false),
        Action::ComposeEnter if focus != Slot::Body => composer.step(1),
        Action::ComposeUp | Action::ComposeDown if focus != Slot::Body => {
            let steps = if action == Action::ComposeUp { -1 } else { 1 };
            match (focus, composer.draft_mut()) {
                (Slot::EventType | Slot::Message, Some(draft)) => {
                    draft.turn(focus, steps, &terms.schema);
                }
                _ => composer.step(steps),
            }
        }
        _ => {
            let Some(draft) = composer.draft_mut() else {
                return;
            };
            match action {
                Action::NextEvent => draft.turn(Slot::Event, 1, &terms.schema),
                Action::PreviousEvent => draft.turn(Slot::Event, -1, &terms.schema),
                Action::ToggleLint => draft.lint = !draft.lint,
                Action::RemoveEvent => {
                    draft.remove_event();
                }
                Action::FillIn => {
                    if let Some(event) = draft.event_mut() {
                        event.fill(&terms.schema);
                    }
                }
                Action::ComposeEnter => {
                    if let Some(text) = draft.text_mut() {
                        text.break_line();
                    }
                }
                other => {
                    if let Some(text) = draft.text_mut() {
                        text.edit(other);
                    }
                }
            }
        }
    }
}

/// A click at that place of the screen.
pub(in crate::tui::update) fn click(state: &mut State, column: u16, row: u16) {
    let pane = places::pane(&state.areas());
    let Some((composer, _)) = composer(state) else {
        return;
    };
    let Some(places) = composer.places(pane) else {
        return;
    };
    let at = ratatui::layout::Position::new(column, row);
    let Places { fields, text, .. } = places;
    if text.contains(at) {
        composer.focus = Slot::Body;
        composer.point(usize::from(row - text.y), usize::from(column - text.x));
    } else if let Some((slot, _)) = fields.iter().find(|(_, area)| area.contains(at)) {
        composer.focus = *slot;
    }
}

/// The wheel over the composer.
pub(in crate::tui::update) fn scroll(state: &mut State, action: Action) {
    if let Some((composer, _)) = composer(state)
        && composer.focus == Slot::Body
    {
        composer.travel(action);
    }
}
