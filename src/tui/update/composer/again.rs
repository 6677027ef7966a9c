//! Sending again what was sent: one frame or the marked ones.

use bytes::Bytes;

use crate::compose::{Captured, Context, Recipe, written};
use crate::entry::Entry;
use crate::frame::{Frame, FrameKind, Seq};
use crate::protocol::{Command, Outgoing, System};
use crate::tui::composer::command_line;
use crate::tui::composer::plan::Plan;
use crate::tui::composer::sending::Sending;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::{AgainForm, Overlay};
use crate::tui::state::tab::Tab;
use crate::tui::update::events;

use super::{say, sending, system};

/// Most frames sent again at once.
const MOST: usize = 1_000;

/// Offers to send the marked entries again, or the selected one.
pub(super) fn open(state: &mut State) {
    let Some(tab) = state.tab() else { return };
    let mut asks: Vec<_> = tab.events.marks.iter().copied().collect();
    if asks.is_empty() {
        asks.extend(events::selected(state));
    }
    offer(state, asks);
}

/// Offers to send these entries of the active session again; what is no message that went out is
/// left aside.
pub(in crate::tui::update) fn offer(state: &mut State, mut asks: Vec<Seq>) {
    let Some(tab) = state.tab() else { return };
    let system = system(tab);
    asks.retain(|seq| {
        let entry = state.store.entry(tab.id, *seq);
        entry.is_some_and(|entry| document(&entry, system).is_some())
    });
    if asks.is_empty() {
        let text = "only messages that went out can be sent again: select one, or mark several";
        return say(state, Level::Info, text.to_owned());
    }
    if asks.len() > MOST {
        let text = format!("{} are more than the {MOST} sent again at once", asks.len());
        return say(state, Level::Info, text);
    }
    state.overlays.push(Overlay::Again { asks, selected: 0 });
}

/// What can be done with them.
pub(in crate::tui) fn forms(state: &State, asks: &[Seq]) -> Vec<AgainForm> {
    let is_raccoon = state
        .tab()
        .is_some_and(|tab| system(tab) == System::Raccoon);
    let fits = |form: &AgainForm| match form {
        AgainForm::AsItWas | AgainForm::Command => true,
        AgainForm::Fresh => is_raccoon,
        AgainForm::Edit => asks.len() == 1,
    };
    AgainForm::ALL.into_iter().filter(fits).collect()
}

/// Does it.
pub(in crate::tui::update) fn choose(
    state: &mut State,
    asks: &[Seq],
    form: AgainForm,
    effects: &mut Vec<Effect>,
) {
    match form {
        AgainForm::Edit => {
            if let [ask] = asks {
                super::resend_entry(state, *ask);
            }
        }
        AgainForm::Command => {
            let Some(tab) = state.tab() else { return };
            let documents = documents(state, tab, asks, None).join("\n");
            effects.push(Effect::Copy(command(state, tab, &documents)));
        }
        AgainForm::AsItWas | AgainForm::Fresh => again(state, asks, form, effects),
    }
}

/// The command that sends `documents` to where the session is.
pub(in crate::tui::update) fn command(state: &State, tab: &Tab, documents: &str) -> String {
    let line = command_line::send(&tab.target, &state.flags, documents);
    // What is masked on screen stays masked wherever it is pasted.
    tab.masked(&line).into_owned()
}

/// The document that sends one entry again, for the copy menu.
pub(in crate::tui::update) fn document(entry: &Entry<'_>, system: System) -> Option<String> {
    let frame = entry.frame()?;
    let message = Captured::of(&frame)?;
    match system {
        System::Raccoon => Some(message.document()),
        _ => plain(&frame),
    }
}

/// A frame as it stands, for systems whose documents know frames alone.
fn plain(frame: &Frame<'_>) -> Option<String> {
    let bytes = Bytes::copy_from_slice(frame.payload);
    let outgoing = match frame.kind {
        FrameKind::Text if std::str::from_utf8(frame.payload).is_ok() => Outgoing::Text(bytes),
        FrameKind::Text | FrameKind::Binary => Outgoing::Binary(bytes),
        _ => return None,
    };
    written(&Command::Raw(outgoing))
}

/// The documents of entries that can still be read, with fresh keys and times by a context.
fn documents(
    state: &State,
    tab: &Tab,
    asks: &[Seq],
    mut fresh: Option<Context<'static>>,
) -> Vec<String> {
    let system = system(tab);
    let mut found = Vec::new();
    for seq in asks {
        let Some(entry) = state.store.entry(tab.id, *seq) else {
            continue;
        };
        let frame = entry.frame();
        let made = match (&mut fresh, frame.as_ref().and_then(Captured::of)) {
            (Some(context), Some(message)) => message.fresh(context).map(|bytes| {
                let fresh = Captured {
                    message: &bytes,
                    ..message
                };
                fresh.document()
            }),
            _ => document(&entry, system),
        };
        found.extend(made);
    }
    found
}

fn again(state: &mut State, asks: &[Seq], form: AgainForm, effects: &mut Vec<Effect>) {
    let now = state.now;
    let Some(tab) = state.tab() else { return };
    if tab.composer.is_sending() {
        let text = "the sending before goes on; stop it in the composer first";
        return say(state, Level::Info, text.to_owned());
    }
    let terms = tab.terms.clone();
    let system = system(tab);
    let context = tab.composer.next_context(&terms, now);
    let fresh = (form == AgainForm::Fresh).then_some(context);
    let documents = documents(state, tab, asks, fresh);
    let left_out = asks.len() - documents.len();
    let text = documents.join("\n");
    let recipes = Recipe::all(&text, system, &terms.settings, &terms.schema, &context);
    let recipes = match recipes {
        Ok(recipes) => recipes,
        Err(error) => return say(state, Level::Failure, format!("not sent again: {error}")),
    };
    let count = recipes.len();
    let Some(tab) = state.tab_mut() else { return };
    let sending = Sending::new(Plan::ONCE, recipes, context, now);
    tab.composer.follow_up(sending);
    if !sending::unless_dangerous(state, effects) {
        return;
    }
    let what = match (count, form) {
        (1, AgainForm::Fresh) => "sent again with a fresh guid".to_owned(),
        (1, _) => "sent again as it was".to_owned(),
        (many, AgainForm::Fresh) => format!("{many} sent again with fresh guids"),
        (many, _) => format!("{many} sent again as they were"),
    };
    let rest = match left_out {
        0 => String::new(),
        left => format!("; {left} could not be read and were left out"),
    };
    say(state, Level::Info, format!("{what}{rest}"));
}
