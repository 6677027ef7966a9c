//! Both verdicts about one event: which event, by whose filters, and what is said.

use std::sync::Arc;

use crate::frame::{Seq, Stamp};
use crate::protocol::savetowebsocket::{Explanation, Filters, Reasoner, Standing};
use crate::session::{EndedBy, SessionId};

use super::State;
use super::filters::{self, Which};
use super::judges::is_event;
use super::tab::Tab;

/// The event that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// None yet.
    Nothing,
    /// One that came, in whatever session.
    Entry {
        /// Whose.
        session: SessionId,
        /// Which.
        seq: Seq,
    },
    /// One that was typed, pasted or written in an editor.
    Typed(String),
}

/// The filters the event is judged by.
#[derive(Clone, Debug)]
pub enum By {
    /// Those in force when it came.
    OfItsTime(Which),
    /// A set of the session.
    Set(Which),
    /// Filters that were typed.
    Typed(Arc<Reasoner>),
}

/// What is said of the event.
#[derive(Clone, Debug)]
pub struct Told {
    /// What the filters are called.
    pub by: String,
    /// The filters, in short.
    pub filters: String,
    /// Both verdicts.
    pub explanation: Explanation,
    /// How they stand to each other.
    pub standing: Standing,
    /// What else decides whether the event comes: sentences.
    pub circumstances: Vec<String>,
}

/// The panel, while it is open.
#[derive(Clone, Debug)]
pub struct Why {
    /// The event.
    pub subject: Subject,
    /// Whose filters.
    pub against: SessionId,
    /// Which of the [`choices`].
    pub chosen: usize,
    /// Filters that were typed.
    pub typed: Option<Arc<Reasoner>>,
    /// First line shown.
    pub top: usize,
    /// What is said; `None` while there is no event or are no filters.
    pub told: Option<Box<Told>>,
}

/// What the event can be judged by: the set of its time, the sets of the session from the newest
/// on, its draft, what was typed.
#[must_use]
pub fn choices(state: &State, why: &Why) -> Vec<By> {
    let mut choices = Vec::new();
    if let Some(tab) = tab(state, why.against) {
        let of_its_time = of_its_time(state, tab, &why.subject);
        choices.extend(of_its_time.map(By::OfItsTime));
        let periods = tab.judges.periods().iter().rev();
        let sets = periods.map(|period| Which::Period(period.since));
        let others = sets.filter(|which| Some(*which) != of_its_time);
        choices.extend(others.map(By::Set));
        choices.extend(filters::draft(tab).map(|_| By::Set(Which::Draft)));
    }
    choices.extend(why.typed.as_ref().map(|typed| By::Typed(Arc::clone(typed))));
    choices
}

/// The tab of that session.
#[must_use]
pub fn tab(state: &State, session: SessionId) -> Option<&Tab> {
    state.tabs.iter().find(|tab| tab.id == session)
}

/// The set of `tab` that was in force when the event came, here or elsewhere.
fn of_its_time(state: &State, tab: &Tab, subject: &Subject) -> Option<Which> {
    let Subject::Entry { session, seq } = subject else {
        return None;
    };
    let index = if *session == tab.id {
        tab.judges.place(*seq)?.index
    } else {
        let at = state.store.entry(*session, *seq)?.at;
        in_force_at(state, tab, at)?
    };
    let period = tab.judges.periods().get(index)?;
    Some(Which::Period(period.since))
}

/// The number of the period at that time, which has no entry of its own here.
fn in_force_at(state: &State, tab: &Tab, at: Stamp) -> Option<usize> {
    let periods = tab.judges.periods();
    let index = periods
        .partition_point(|period| period.at.mono <= at.mono)
        .checked_sub(1)?;
    let ended = periods[index]
        .until
        .and_then(|until| state.store.entry(tab.id, until));
    ended
        .is_none_or(|end| end.at.mono > at.mono)
        .then_some(index)
}

impl Why {
    /// Asks why the event of `subject` came, or would not, by the filters of `against`.
    #[must_use]
    pub fn new(subject: Subject, against: SessionId) -> Self {
        Self {
            subject,
            against,
            chosen: 0,
            typed: None,
            top: 0,
            told: None,
        }
    }

    /// What is said of the event now.
    #[must_use]
    pub fn look(&self, state: &State) -> Option<Box<Told>> {
        let choices = choices(state, self);
        let by = choices.get(self.chosen.min(choices.len().saturating_sub(1)))?;
        let against = tab(state, self.against)?;
        let reasoner = match by {
            By::OfItsTime(which) | By::Set(which) => filters::reasoner(against, *which)?,
            By::Typed(reasoner) => Arc::clone(reasoner),
        };
        let told = |event: &[u8]| Told {
            by: title(against, by),
            filters: filters::short(reasoner.filters()),
            explanation: reasoner.explain(event),
            standing: reasoner.judge(event).standing(),
            circumstances: self.circumstances(state, against, by),
        };
        let told = match &self.subject {
            Subject::Nothing => return None,
            Subject::Typed(text) => told(text.as_bytes()),
            Subject::Entry { session, seq } => told(state.store.entry(*session, *seq)?.payload),
        };
        Some(Box::new(told))
    }

    /// What else decides whether the event comes.
    fn circumstances(&self, state: &State, against: &Tab, by: &By) -> Vec<String> {
        let mut all = Vec::new();
        if let Subject::Entry { session, seq } = self.subject
            && let Some(entry) = state.store.entry(session, seq)
        {
            if !is_event(&entry) {
                all.push(
                    "this is no event of the server's: filters choose events alone".to_owned(),
                );
            }
            if session == against.id {
                all.extend(uncertain(against, seq));
            } else if of_its_time(state, against, &self.subject).is_none() {
                all.push(absent(against, entry.at));
            }
        }
        if let By::Set(Which::Draft) | By::Typed(_) = by {
            all.push("these filters are not in force; c and ctrl-s send a register".to_owned());
        }
        let ending = against
            .snapshot
            .as_ref()
            .and_then(|snapshot| snapshot.ending.as_ref());
        if let Some(ending) =
            ending.filter(|ending| ending.code == 1005 && ending.by != EndedBy::Us)
        {
            all.push(format!(
                "{}'s last connection was drained as too slow or overrun by a burst: events due \
                 then were dropped, whatever the filters say ({})",
                against.name(),
                ending.explanation
            ));
        }
        all
    }
}

/// That an update may not have taken effect when the event came.
fn uncertain(against: &Tab, seq: Seq) -> Option<String> {
    let place = against.judges.place(seq)?;
    place.uncertain.then(|| {
        format!(
            "it came so soon after the update to set {} that the server may have chosen it by \
             set {}: updates are not acknowledged",
            place.index + 1,
            place.index
        )
    })
}

/// Why the session could not get an event of that time, whatever its filters.
fn absent(against: &Tab, at: Stamp) -> String {
    let periods = against.judges.periods();
    let before = periods.first().is_none_or(|first| at.mono < first.at.mono);
    let name = against.name();
    if before {
        format!(
            "{name} had not registered when it came: what happens before `registered` is lost, \
             the server queues nothing"
        )
    } else {
        format!("{name} was not connected when it came: what happens between connections is lost")
    }
}

fn title(against: &Tab, by: &By) -> String {
    match by {
        By::OfItsTime(which) => {
            format!("{}, in force when it came", filters::name(against, *which))
        }
        By::Set(which) => {
            let in_force = against
                .judges
                .in_force()
                .is_some_and(|period| Which::Period(period.since) == *which);
            let now = if in_force { ", in force now" } else { "" };
            format!("{}{now}", filters::name(against, *which))
        }
        By::Typed(_) => "filters typed here".to_owned(),
    }
}

/// Filters made ready.
#[must_use]
pub fn ready(filters: &Filters) -> Arc<Reasoner> {
    Arc::new(Reasoner::new(filters))
}
