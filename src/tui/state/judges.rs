//! The filter sets of a session, made ready to judge its events by the set of their time.

use std::sync::Arc;

use crate::entry::{Badge, Entry};
use crate::frame::{Direction, Seq};
use crate::protocol::savetowebsocket::{Judgement, Period, Reasoner};

/// The filter sets of a session, one per period, made ready. Cheap to clone; kept by the tab,
/// shared with the worker.
#[derive(Clone, Debug)]
pub struct Judges {
    periods: Arc<[Period]>,
    reasoners: Arc<[Arc<Reasoner>]>,
}

impl Default for Judges {
    fn default() -> Self {
        Self {
            periods: Arc::new([]),
            reasoners: Arc::new([]),
        }
    }
}

/// What the filters of its time say of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// By the set in force.
    pub now: Judgement,
    /// By the set before, where the event may have been chosen by that one.
    pub before: Option<Judgement>,
}

impl Judged {
    fn any(self, passes: impl Fn(Judgement) -> bool) -> bool {
        passes(self.now) || self.before.is_some_and(passes)
    }

    /// True if the documentation promises the event.
    #[must_use]
    pub fn is_documented(self) -> bool {
        self.any(|judgement| judgement.documented.passes())
    }

    /// True if the server, as it is known, sends the event.
    #[must_use]
    pub fn is_coded(self) -> bool {
        self.any(|judgement| judgement.coded.passes())
    }
}

/// What is odd about an event that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The documented filter drops it; the server, as it really behaves, does not.
    Undocumented,
    /// Neither lets it through, and here it is: the server is not the one we know, or other
    /// filters are in force than we believe.
    Unexplained,
}

/// Where an entry lies among the periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The period's number in the list, from 0.
    pub index: usize,
    /// True at the register that began it.
    pub begins: bool,
    /// True while the set before may still choose what comes.
    pub uncertain: bool,
}

impl Judges {
    /// Takes the periods as they are now; true if they are others than before, so that what was
    /// judged has to be judged again.
    pub fn take(&mut self, periods: &Arc<[Period]>) -> bool {
        if Arc::ptr_eq(&self.periods, periods) || *self.periods == **periods {
            return false;
        }
        let known = |period: &Period| {
            let index = self.index(period.since)?;
            let same = self.periods[index].since == period.since;
            same.then(|| Arc::clone(&self.reasoners[index]))
        };
        let ready = |period: &Period| {
            known(period).unwrap_or_else(|| Arc::new(Reasoner::new(&period.filters)))
        };
        self.reasoners = periods.iter().map(ready).collect();
        self.periods = Arc::clone(periods);
        true
    }

    /// The periods, oldest first.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// The set of the period at `index`, made ready.
    #[must_use]
    pub fn reasoner(&self, index: usize) -> Option<&Arc<Reasoner>> {
        self.reasoners.get(index)
    }

    fn index(&self, seq: Seq) -> Option<usize> {
        self.periods
            .partition_point(|period| period.since <= seq)
            .checked_sub(1)
    }

    /// Where entry `seq` lies; `None` before a register and between connections.
    #[must_use]
    pub fn place(&self, seq: Seq) -> Option<Place> {
        let index = self.index(seq)?;
        let period = &self.periods[index];
        period.covers(seq).then(|| Place {
            index,
            begins: period.since == seq,
            uncertain: period.since < seq && self.before(index, seq).is_some(),
        })
    }

    /// The period before, where it may have chosen the event at `seq`.
    fn before(&self, index: usize, seq: Seq) -> Option<usize> {
        let period = &self.periods[index];
        let before = index.checked_sub(1)?;
        let same = self.periods[before].connection == period.connection;
        (same && period.is_uncertain(seq)).then_some(before)
    }

    /// What the filters of its time say of `event`; `None` where no filters were in force.
    #[must_use]
    pub fn judge(&self, seq: Seq, event: &[u8]) -> Option<Judged> {
        let index = self.index(seq)?;
        if !self.periods[index].covers(seq) {
            return None;
        }
        let before = self.before(index, seq);
        Some(Judged {
            now: self.reasoners[index].judge(event),
            before: before.map(|before| self.reasoners[before].judge(event)),
        })
    }

    /// What is odd about an entry, if anything.
    #[must_use]
    pub fn mark(&self, entry: &Entry<'_>) -> Option<Mark> {
        if !is_event(entry) {
            return None;
        }
        let judged = self.judge(entry.seq, entry.payload)?;
        match (judged.is_documented(), judged.is_coded()) {
            (true, _) => None,
            (false, true) => Some(Mark::Undocumented),
            (false, false) => Some(Mark::Unexplained),
        }
    }

    /// False for an event the documented filter of its time drops; true of everything else.
    #[must_use]
    pub fn lets_through(&self, entry: &Entry<'_>) -> bool {
        !is_event(entry)
            || self
                .judge(entry.seq, entry.payload)
                .is_none_or(Judged::is_documented)
    }

    /// The period of the filters in force now.
    #[must_use]
    pub fn in_force(&self) -> Option<&Period> {
        let last = self.periods.last()?;
        last.until.is_none().then_some(last)
    }

    /// The number of the period that began at `since`, from 0.
    #[must_use]
    pub fn number(&self, since: Seq) -> Option<usize> {
        let index = self.index(since)?;
        (self.periods[index].since == since).then_some(index)
    }
}

/// True for what filters choose: events the server sent.
#[must_use]
pub fn is_event(entry: &Entry<'_>) -> bool {
    entry.badge == Badge::Event && entry.direction == Direction::In
}
