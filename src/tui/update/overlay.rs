//! Keys of what lies over the screen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::body::Body;
use crate::tui::action::Action;
use crate::tui::composer::broker::LETTERS as TOPICS;
use crate::tui::composer::filters::preset;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::asks;
use crate::tui::state::filters;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::{Ask, CopyForm, Overlay, palette};

use super::{broker, composer, decode_as, events, filter, keys, picker, search, why};

/// Accept, leave, one up, one down.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Earlier => step(state, Action::Up),
        Action::Later => step(state, Action::Down),
        Action::Accept => accept(state, effects),
        _ => decode_as::leave(state),
    }
}

fn accept(state: &mut State, effects: &mut Vec<Effect>) {
    match state.overlays.pop() {
        Some(Overlay::Palette { line, selected }) => {
            if let Some(row) = palette(line.text()).get(selected) {
                keys::perform(state, row.action, effects);
            }
        }
        Some(Overlay::Copy { selected }) => {
            if let Some(form) = CopyForm::ALL.get(selected) {
                copy(state, *form, effects);
            }
        }
        Some(Overlay::DecodeAs(choice)) => decode_as::accept(state, *choice, false, effects),
        Some(Overlay::Shelf(shelf)) => composer::accept_saved(state, &shelf, effects),
        Some(Overlay::Presets { presets, selected }) => {
            if let Some(preset) = presets.get(selected) {
                composer::take_preset(state, preset);
            }
        }
        Some(Overlay::Conventions { all, selected }) => {
            if let Some(one) = all.get(selected) {
                composer::take_convention(state, one);
            }
        }
        Some(Overlay::Again { asks, selected }) => {
            if let Some(form) = composer::again_forms(state, &asks).get(selected) {
                composer::choose_again(state, &asks, *form, effects);
            }
        }
        Some(Overlay::Prompt(prompt)) => {
            let text = prompt.line.text().to_owned();
            let taken = match prompt.ask {
                Ask::Filter => filter::accept(state, &text),
                Ask::Search => search::accept(state, &text),
                Ask::Many => composer::send_many(state, &text, effects),
                Ask::SaveAs | Ask::Rename | Ask::Duplicate => {
                    composer::named(state, prompt.ask, &text, effects)
                }
                Ask::KeepFilters => composer::keep_filters_in(state, &text, effects),
                Ask::Event | Ask::Filters => why::accept(state, prompt.ask, &text),
                Ask::Topic => broker::subscribe_to(state, &text, effects),
            };
            if !taken {
                state.overlays.push(Overlay::Prompt(prompt));
            }
        }
        Some(
            Overlay::Help { .. }
            | Overlay::Notices { .. }
            | Overlay::Facts { .. }
            | Overlay::Asks { .. }
            | Overlay::Filters(_)
            | Overlay::Why(_)
            | Overlay::Metrics(_)
            | Overlay::Broker
            | Overlay::Confirm(_)
            | Overlay::Compose,
        )
        | None => {}
    }
}

/// Up, down, pages, ends.
pub(super) fn step(state: &mut State, action: Action) {
    let rows = match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -10,
        Action::PageDown => 10,
        Action::Top => isize::MIN,
        _ => isize::MAX,
    };
    let count = line_count(state);
    let Some(overlay) = state.overlays.last_mut() else {
        return;
    };
    let place = match overlay {
        Overlay::Help { top } | Overlay::Notices { top } | Overlay::Facts { top } => top,
        Overlay::Broker => return broker::step(state, rows),
        Overlay::Confirm(_) => return,
        Overlay::Metrics(panel) => &mut panel.top,
        Overlay::Why(why) => &mut why.top,
        Overlay::Filters(panel) => &mut panel.selected,
        Overlay::Asks { selected }
        | Overlay::Palette { selected, .. }
        | Overlay::Copy { selected }
        | Overlay::Presets { selected, .. }
        | Overlay::Conventions { selected, .. }
        | Overlay::Again { selected, .. } => selected,
        Overlay::DecodeAs(choice) => &mut choice.selected,
        Overlay::Shelf(shelf) => {
            shelf.doomed = None;
            &mut shelf.selected
        }
        Overlay::Compose => {
            let action = if rows < 0 {
                Action::ComposeUp
            } else {
                Action::ComposeDown
            };
            return composer::scroll(state, action);
        }
        Overlay::Prompt(prompt) => {
            match prompt.ask {
                Ask::Filter => prompt.recall(&state.filters, rows < 0),
                Ask::Search => prompt.recall(&state.searches, rows < 0),
                Ask::Many => prompt.recall(&state.plans, rows < 0),
                Ask::SaveAs
                | Ask::Rename
                | Ask::Duplicate
                | Ask::KeepFilters
                | Ask::Event
                | Ask::Filters
                | Ask::Topic => {}
            }
            return edited(state);
        }
    };
    *place = place
        .saturating_add_signed(rows)
        .min(count.saturating_sub(1));
}

/// Lines or offers of the layer on top.
fn line_count(state: &State) -> usize {
    use crate::tui::view::{self, facts, help, metrics};
    match state.overlays.last() {
        Some(Overlay::Help { .. }) => help::line_count(),
        Some(Overlay::Notices { .. }) => state.notices.len(),
        Some(Overlay::Facts { .. }) => facts::line_count(state),
        Some(Overlay::Asks { .. }) => state.tab().map_or(0, |tab| asks::rows(tab).len()),
        Some(Overlay::Filters(_)) => state.tab().map_or(0, |tab| filters::items(tab).len()),
        Some(Overlay::Why(open)) => view::why::line_count(state, open),
        Some(Overlay::Metrics(panel)) => metrics::line_count(state, panel),
        Some(Overlay::Palette { line, .. }) => palette(line.text()).len(),
        Some(Overlay::Copy { .. }) => CopyForm::ALL.len(),
        Some(Overlay::Presets { presets, .. }) => presets.len(),
        Some(Overlay::Conventions { all, .. }) => all.len(),
        Some(Overlay::DecodeAs(choice)) => choice.offers().len(),
        Some(Overlay::Again { asks, .. }) => composer::again_forms(state, asks).len(),
        Some(Overlay::Shelf(shelf)) => shelf.fitting(&state.saved).len(),
        Some(Overlay::Compose | Overlay::Prompt(_) | Overlay::Broker | Overlay::Confirm(_))
        | None => 0,
    }
}

/// The line on top was changed: what hangs on it is looked at again.
pub(super) fn edited(state: &mut State) {
    let naming = match state.overlays.last() {
        Some(Overlay::Prompt(prompt)) if prompt.ask == Ask::Topic => {
            broker::topic_problem(state, prompt.line.text())
        }
        Some(Overlay::Prompt(prompt)) => {
            composer::name_problem(state, prompt.ask, prompt.line.text())
        }
        _ => None,
    };
    match state.overlays.last_mut() {
        Some(Overlay::Palette { selected, .. }) => *selected = 0,
        Some(Overlay::Shelf(shelf)) => composer::searched(shelf),
        Some(Overlay::Metrics(panel)) => panel.top = 0,
        Some(Overlay::DecodeAs(choice)) if choice.naming.is_none() => choice.selected = 0,
        Some(Overlay::Prompt(prompt)) => {
            prompt.problem = match prompt.ask {
                Ask::Filter => filter::problem(prompt.line.text()),
                Ask::Search => search::problem(prompt.line.text()),
                Ask::Many => composer::many_problem(prompt.line.text()),
                Ask::SaveAs | Ask::Rename | Ask::Duplicate | Ask::KeepFilters | Ask::Topic => {
                    naming
                }
                Ask::Event | Ask::Filters => why::problem(prompt.ask, prompt.line.text()),
            };
        }
        Some(_) => {}
        None => picker::shift(state, isize::MIN),
    }
}

/// A letter where no line takes it: the short cuts of a menu.
pub(super) fn letter(state: &mut State, c: char, effects: &mut Vec<Effect>) {
    if let Some(Overlay::Copy { .. }) = state.overlays.last()
        && let Some(form) = CopyForm::ALL.into_iter().find(|form| form.key() == c)
    {
        state.overlays.pop();
        copy(state, form, effects);
    }
    if let Some(Overlay::Presets { presets, .. }) = state.overlays.last() {
        let letters = presets.iter().zip(preset::LETTERS.chars());
        let meant = letters.into_iter().find(|(_, letter)| *letter == c);
        if let Some(preset) = meant.map(|(preset, _)| preset.clone()) {
            state.overlays.pop();
            return composer::take_preset(state, &preset);
        }
    }
    if let Some(Overlay::Conventions { all, .. }) = state.overlays.last() {
        let letters = all.iter().zip(TOPICS.chars());
        let meant = letters.into_iter().find(|(_, letter)| *letter == c);
        if let Some(one) = meant.map(|(one, _)| *one) {
            state.overlays.pop();
            return composer::take_convention(state, one);
        }
    }
    if let Some(Overlay::Again { asks, .. }) = state.overlays.last() {
        let asks = asks.clone();
        let forms = composer::again_forms(state, &asks);
        if let Some(form) = forms.into_iter().find(|form| form.key() == c) {
            state.overlays.pop();
            composer::choose_again(state, &asks, form, effects);
        }
    }
}

fn copy(state: &mut State, form: CopyForm, effects: &mut Vec<Effect>) {
    let Some((tab, entry)) = state.tab().and_then(|tab| {
        let entry = state.store.entry(tab.id, events::selected(state)?)?;
        Some((tab, entry))
    }) else {
        return;
    };
    let body = || match (entry.frame(), &tab.decoder) {
        (Some(frame), Some(decoder)) => decoder.body(&frame),
        _ => Body::default(),
    };
    // What is masked on screen stays masked wherever it is pasted.
    let payload = tab
        .secrets
        .mask_bytes(entry.payload, 0..entry.payload.len());
    let text = match form {
        CopyForm::Raw => String::from_utf8_lossy(&payload).into_owned(),
        CopyForm::Json => match entry.frame() {
            Some(_) => tab.masked(&body().root.to_json()).into_owned(),
            None => String::from_utf8_lossy(&payload).into_owned(),
        },
        CopyForm::Hex => payload.iter().fold(String::new(), |mut hex, byte| {
            use std::fmt::Write as _;
            let _ = write!(hex, "{byte:02x}");
            hex
        }),
        CopyForm::Command => {
            let Some(document) = composer::again_document(tab, &entry) else {
                let text = "only messages that went out make a `wspect send` command";
                let notices = &mut state.notices;
                return notices.push(state.now, None, Level::Info, text.to_owned());
            };
            composer::command(state, tab, &document)
        }
        CopyForm::Base64 => STANDARD.encode(&payload),
        CopyForm::Key => match body().key {
            Some(key) => tab.masked(&key).into_owned(),
            None => return,
        },
    };
    effects.push(Effect::Copy(text));
}
