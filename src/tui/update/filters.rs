//! The panel of filters: which set is looked at, what it does with stored events, and going there.

use crate::frame::Seq;
use crate::protocol::System;
use crate::session::SessionId;
use crate::store::{Store, Timeline};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::filters::{self, FiltersPanel, Item, Which, items};
use crate::tui::state::notices::Level;
use crate::tui::state::ours::Ours;
use crate::tui::state::overlay::Overlay;
use crate::tui::state::tab::Tab;
use crate::tui::state::verdicts::{Class, Counting};

use super::{detail, events, filter, sessions};

/// Opens the panel, with the events counted under the set in force.
pub(super) fn open(state: &mut State) {
    if !is_spoken(state) {
        return;
    }
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    if tab.counting.is_none()
        && let Some(which) = filters::newest(&tab.judges)
    {
        let events_of = tab.id;
        count(tab, which, events_of, store);
    }
    let panel = FiltersPanel::default();
    state.overlays.push(Overlay::Filters(panel));
}

/// True if the active session has filters; says so if it has none.
pub(super) fn is_spoken(state: &mut State) -> bool {
    let Some(tab) = state.tab() else { return false };
    if filters::is_spoken(tab) {
        return true;
    }
    let system = tab.snapshot.as_ref().and_then(|snapshot| snapshot.system);
    let speaks = match system {
        Some(System::Generic) | None => "this session is of no known system".to_owned(),
        Some(system) => format!("this session speaks {}", system.row().title),
    };
    say(
        state,
        Level::Info,
        format!("only SaveToWebSocket has filters; {speaks}"),
    );
    false
}

pub(super) fn say(state: &mut State, level: Level, text: String) {
    let session = state.tab().map(|tab| tab.id);
    state.notices.push(state.now, session, level, text);
}

/// Counts the events of `events_of` under that set of `tab`.
fn count(tab: &mut Tab, which: Which, events_of: SessionId, store: &Store) {
    let nothing = Timeline::default();
    let timeline = store.timeline(events_of).unwrap_or(&nothing);
    tab.counting = filters::reasoner(tab, which)
        .map(|reasoner| Counting::new(which, reasoner, events_of, timeline));
}

/// Actions of the panel.
pub(super) fn perform(state: &mut State, action: Action) {
    match action {
        Action::TakeItem => match selected(state) {
            Some(Item::Set(which)) => recount(state, |_, counting| (which, counting)),
            Some(Item::Class(class)) => go_to_example(state, class),
            Some(Item::Misfit { session, seq }) => go_to(state, session, &[seq]),
            None => {}
        },
        Action::OnlyClass => match selected(state) {
            Some(Item::Class(class)) => only(state, class),
            _ => say(
                state,
                Level::Info,
                "pick one of the counts to see its events alone".to_owned(),
            ),
        },
        Action::OtherEvents => recount(state, |state, events_of| {
            let next = next_session(state, events_of);
            let which = state.tab().and_then(|tab| tab.counting.as_ref());
            (which.map_or(Which::Draft, |counting| counting.which), next)
        }),
        _ => {
            state.overlays.pop();
        }
    }
}

/// What is selected in the panel.
fn selected(state: &State) -> Option<Item> {
    let Some(Overlay::Filters(panel)) = state.overlays.last() else {
        return None;
    };
    items(state.tab()?).get(panel.selected).copied()
}

/// Counts anew what `choose` says, given whose events were counted.
fn recount(state: &mut State, choose: impl FnOnce(&State, SessionId) -> (Which, SessionId)) {
    let Some(tab) = state.tab() else { return };
    let before = tab.counting.as_ref();
    let events_of = before.map_or(tab.id, |counting| counting.events_of);
    let (which, events_of) = choose(state, events_of);
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    if let Some(tab) = tabs.get_mut(*active) {
        count(tab, which, events_of, store);
    }
}

/// The session after `from` that has events of this system.
pub(super) fn next_session(state: &State, from: SessionId) -> SessionId {
    let all: Vec<SessionId> = state
        .tabs
        .iter()
        .filter(|tab| filters::is_spoken(tab))
        .map(|tab| tab.id)
        .collect();
    let at = all.iter().position(|id| *id == from);
    let next = at.map_or(0, |at| (at + 1) % all.len().max(1));
    all.get(next).copied().unwrap_or(from)
}

/// Closes the panel and selects the newest event of the class.
fn go_to_example(state: &mut State, class: Class) {
    let Some(tab) = state.tab() else { return };
    let Some(counting) = &tab.counting else {
        return;
    };
    let events_of = counting.events_of;
    let counts = counting.counts();
    let examples = counts.iter().find(|(counted, _)| *counted == class);
    let examples = examples.map(|(_, count)| count.examples.clone());
    go_to(state, events_of, &examples.unwrap_or_default());
}

/// Closes the panel and selects the first of these events that is still there.
fn go_to(state: &mut State, session: SessionId, seqs: &[Seq]) {
    let held = |seq: &&Seq| state.store.entry(session, **seq).is_some();
    let Some(seq) = seqs.iter().find(held).copied() else {
        let text = "this has left the memory, which forgets the oldest entries first";
        return say(state, Level::Info, text.to_owned());
    };
    state.overlays.pop();
    turn_to(state, session);
    events::jump(state, seq);
    detail::enter(state);
}

/// Closes the panel and shows the events of the class alone.
fn only(state: &mut State, class: Class) {
    let Some(counting) = state.tab().and_then(|tab| tab.counting.as_ref()) else {
        return;
    };
    let (events_of, reasoner) = (counting.events_of, counting.reasoner.clone());
    state.overlays.pop();
    turn_to(state, events_of);
    put(state, Some(Ours::Only { class, reasoner }));
}

/// Brings that session to the front.
pub(super) fn turn_to(state: &mut State, session: SessionId) {
    let found = state.tabs.iter().position(|tab| tab.id == session);
    if let Some(index) = found.filter(|index| *index != state.active) {
        sessions::show(state, index);
    }
}

/// Takes what the documentation would drop out of the list, or puts it back.
pub(super) fn toggle_documented(state: &mut State) {
    if !is_spoken(state) {
        return;
    }
    let ours = state.tab().and_then(|tab| tab.ours.as_ref());
    put(state, ours.is_none().then_some(Ours::Documented));
}

/// Thins the list of the active session by `ours`.
pub(super) fn put(state: &mut State, ours: Option<Ours>) {
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    if let Some(tab) = tabs.get_mut(*active) {
        tab.ours = ours;
        filter::apply(tab, store);
    }
}

/// Takes the periods of the newest picture of a session.
pub(super) fn take_periods(tab: &mut Tab, store: &Store) {
    let Some(snapshot) = &tab.snapshot else {
        return;
    };
    if !tab.judges.take(&snapshot.filters) {
        return;
    }
    tab.odd.clear();
    if let Some(Ours::Documented) = tab.ours {
        filter::apply(tab, store);
    }
}

/// Asks for the next piece to be counted, while the panel is open.
pub(super) fn go_on(state: &mut State, effects: &mut Vec<Effect>) {
    let is_open = |overlay: &Overlay| matches!(overlay, Overlay::Filters(_));
    if !state.overlays.iter().any(is_open) {
        return;
    }
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    let counting = tabs.get_mut(*active).and_then(|tab| tab.counting.as_mut());
    if let Some(counting) = counting
        && let Some(timeline) = store.timeline(counting.events_of)
        && let Some(task) = counting.tally_mut().next_task(timeline)
    {
        effects.push(Effect::Look(task));
    }
}
