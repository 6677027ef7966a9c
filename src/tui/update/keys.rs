//! From a key to what it does.

use crossterm::event::{KeyEvent, KeyEventKind};

use crate::store::job::Towards;
use crate::tui::action::{Action, Context};
use crate::tui::effect::Effect;
use crate::tui::keymap::Chord;
use crate::tui::state::metrics::MetricsPanel;
use crate::tui::state::overlay::Overlay;
use crate::tui::state::{Arrangement, Focus, Screen, State};

use super::{
    asks, broker, composer, confirm, decode_as, detail, events, filter, filters, overlay, picker,
    search, sessions, shadow, why,
};

/// A key was pressed.
pub(super) fn press(state: &mut State, event: KeyEvent, effects: &mut Vec<Effect>) {
    if event.kind == KeyEventKind::Release {
        return;
    }
    let chord = Chord::of(event);
    if let Some(c) = chord.typed()
        && composer::is_on_top(state)
        && composer::typed(state, c)
    {
        return;
    }
    if let (Some(c), Some(line)) = (chord.typed(), state.line_mut()) {
        line.insert(c);
        overlay::edited(state);
        return;
    }
    if let Some(action) = state.keymap.lookup(state.contexts(), chord) {
        perform(state, action, effects);
    } else if let Some(c) = chord.typed() {
        overlay::letter(state, c, effects);
    }
}

/// Does what was meant; a key, the palette and the mouse all come here.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action.row().context {
        Context::Everywhere => everywhere(action, effects),
        Context::Edit if composer::is_on_top(state) => composer::edit(state, action),
        Context::Shelf => composer::perform_saved(state, action, effects),
        Context::Compose => composer::perform(state, action, effects),
        Context::DecodeAs => decode_as::perform(state, action, effects),
        Context::Asks => asks::perform(state, action, effects),
        Context::Filters => filters::perform(state, action),
        Context::Why => why::perform(state, action, effects),
        Context::Broker | Context::BrokerTopics | Context::BrokerClients | Context::BrokerCalls => {
            broker::perform(state, action, effects);
        }
        Context::Confirm => confirm::perform(state, action, effects),
        Context::Edit => {
            if state.line_mut().is_some_and(|line| line.edit(action)) {
                overlay::edited(state);
            }
        }
        Context::Panel | Context::Prompt => answer(state, action, effects),
        Context::Move => step(state, action),
        Context::Events => events::perform(state, action),
        Context::Detail => detail::perform(state, action, effects),
        Context::Sessions => {
            if let Some(index) = action.tab() {
                sessions::show(state, index);
            } else {
                command(state, action, effects);
            }
        }
    }
}

fn everywhere(action: Action, effects: &mut Vec<Effect>) {
    effects.push(match action {
        Action::Suspend => Effect::Suspend,
        Action::Redraw => Effect::Redraw,
        _ => Effect::Quit,
    });
}

/// Prompts, lists and panels: what lies on top, else the picker.
fn answer(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    if state.overlays.is_empty() {
        picker::perform(state, action, effects);
    } else {
        overlay::perform(state, action, effects);
    }
}

/// Up and down, wherever the keys are.
fn step(state: &mut State, action: Action) {
    if !state.overlays.is_empty() {
        return overlay::step(state, action);
    }
    match (&state.screen, state.focus) {
        (Screen::Picker(_), _) => picker::step(state, action),
        (Screen::Sessions, Focus::Events) => events::step(state, action),
        (Screen::Sessions, Focus::Detail) => detail::step(state, action),
    }
}

fn command(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Quit => effects.push(Effect::Quit),
        Action::Help => state.overlays.push(Overlay::Help { top: 0 }),
        Action::Facts => state.overlays.push(Overlay::Facts { top: 0 }),
        Action::Unanswered => state.overlays.push(Overlay::Asks { selected: 0 }),
        Action::Probe => asks::probe(state, effects),
        Action::Notices => state.overlays.push(Overlay::Notices { top: 0 }),
        Action::Metrics => state
            .overlays
            .push(Overlay::Metrics(MetricsPanel::default())),
        Action::Palette => state.overlays.push(Overlay::Palette {
            line: crate::tui::state::line::LineEdit::default(),
            selected: 0,
        }),
        Action::Copy => state.overlays.push(Overlay::Copy { selected: 0 }),
        Action::Compose => composer::open(state),
        Action::SendAgain => composer::send_again(state),
        Action::Resend => composer::resend(state),
        Action::Search => search::ask(state),
        Action::SearchNext => search::next(state, Towards::Newer),
        Action::SearchPrevious => search::next(state, Towards::Older),
        Action::Filter => filter::ask(state),
        Action::ClearFilter => filter::clear(state),
        Action::Filters => filters::open(state),
        Action::Broker => broker::open(state),
        Action::Why => why::open(state),
        Action::ShadowSession => shadow::toggle(state, effects),
        Action::Documented => filters::toggle_documented(state),
        Action::NextPane | Action::PreviousPane => turn_focus(state),
        Action::Detail => {
            state.arrangement = match state.arrangement {
                Arrangement::EventsOnly => Arrangement::Split,
                Arrangement::Split | Arrangement::Zoomed => Arrangement::EventsOnly,
            };
            state.focus = Focus::Events;
        }
        Action::Zoom => {
            state.arrangement = match state.arrangement {
                Arrangement::Zoomed => Arrangement::Split,
                Arrangement::Split | Arrangement::EventsOnly => Arrangement::Zoomed,
            };
        }
        Action::Wider => state.share = (state.share + 50).min(800),
        Action::Narrower => state.share = state.share.saturating_sub(50).max(200),
        Action::Pause | Action::Mark | Action::NextMark | Action::PreviousMark | Action::Pair => {
            events::command(state, action);
        }
        _ => sessions::perform(state, action, effects),
    }
}

fn turn_focus(state: &mut State) {
    match state.focus {
        Focus::Events => detail::enter(state),
        Focus::Detail => state.focus = Focus::Events,
    }
}
