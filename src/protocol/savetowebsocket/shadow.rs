//! Two connections to one server, one with the filters and one without: did what should have come
//! come?
//!
//! ```text
//!  unfiltered ──event──► judged ──► waits for its twin ──────┐ grace over: Missing
//!                                        ▲ same bytes ▼      │ (if the server's own steps pass it)
//!  filtered ────event──► judged ──► waits for its twin ──────┘ grace over: Unseen
//!                          └──► Undocumented, Unexplained: at once
//! ```
//!
//! There is nothing to tell events apart by but their bytes, so an event is the same on both sides
//! if its bytes are; equal events are paired in the order they came. Nothing is said of events
//! that may have been under way while either side began or ended or the filters changed.

mod window;

use std::time::Duration;

use self::window::{Arrival, Window};
use super::{Filters, Reasoner};
use crate::frame::{Seq, Stamp};

pub use self::window::{BYTES_MAX, WAITING_MAX};

/// How long a twin is waited for.
pub const GRACE: Duration = Duration::from_secs(5);
/// How long after a beginning or a change events may still be of the time before.
pub const SETTLING: Duration = Duration::from_secs(2);

/// Which of the two connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The one with the filters.
    Filtered,
    /// The one that gets everything.
    Unfiltered,
}

impl Side {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Filtered => Self::Unfiltered,
            Self::Unfiltered => Self::Filtered,
        }
    }

    /// Its name in output for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filtered => "filtered",
            Self::Unfiltered => "unfiltered",
        }
    }
}

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Misfit {
    /// It came unfiltered and the server's own steps let it through, but it did not come filtered.
    Missing,
    /// It came filtered although the documentation says no; the server's own steps say yes.
    Undocumented,
    /// It came filtered although even the server's own steps say no.
    Unexplained,
    /// It came filtered but not unfiltered.
    Unseen,
}

impl Misfit {
    /// All of them, in the order they are counted.
    pub const ALL: [Self; 4] = [
        Self::Missing,
        Self::Undocumented,
        Self::Unexplained,
        Self::Unseen,
    ];

    /// Its name in output for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Undocumented => "undocumented",
            Self::Unexplained => "unexplained",
            Self::Unseen => "unseen",
        }
    }

    /// What it means and where it can come from, as a sentence without a full stop.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Missing => {
                "should have come and did not: lost, cut off as too slow, or the server behaves otherwise than known"
            }
            Self::Undocumented => "came although the documentation says no",
            Self::Unexplained => {
                "came although the server's own steps drop it: chosen by other filters, or the server behaves otherwise than known"
            }
            Self::Unseen => {
                "came with filters but not without: the unfiltered connection is behind, or lost it"
            }
        }
    }
}

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What.
    pub misfit: Misfit,
    /// The side the event came on.
    pub side: Side,
    /// Its entry in that side's session.
    pub seq: Seq,
    /// When it came there.
    pub at: Stamp,
    /// The event; `None` if too many were waiting to keep it.
    pub event: Option<Box<[u8]>>,
}

/// Figures of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events that came filtered, while both sides were compared.
    pub filtered: u64,
    /// Events that came unfiltered, while both sides were compared.
    pub unfiltered: u64,
    /// Events that came on both sides.
    pub paired: u64,
    /// What did not fit, in the order of [`Misfit::ALL`].
    pub misfits: [u64; 4],
    /// Events nothing could be said of: too many waited, or a side ended or changed meanwhile.
    pub undecided: u64,
}

impl Tally {
    /// How often that was found.
    #[must_use]
    pub const fn of(&self, misfit: Misfit) -> u64 {
        self.misfits[misfit as usize]
    }
}

/// The comparison. Made for one pair of connections; fed by whoever owns both sessions.
#[derive(Debug)]
pub struct Shadow {
    reasoner: Reasoner,
    grace: Duration,
    /// Since when each side is registered: filtered, unfiltered.
    live: [Option<Stamp>; 2],
    /// Events before it may be of a time that is not compared.
    settled: Option<Stamp>,
    window: Window,
    tally: Tally,
}

impl Shadow {
    /// Compares with what `filters` should do.
    #[must_use]
    pub fn new(filters: &Filters) -> Self {
        Self {
            reasoner: Reasoner::new(filters),
            grace: GRACE,
            live: [None; 2],
            settled: None,
            window: Window::default(),
            tally: Tally::default(),
        }
    }

    /// Waits that long for a twin instead of [`GRACE`].
    #[must_use]
    pub const fn waiting(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// What the filters are taken to do.
    #[must_use]
    pub const fn reasoner(&self) -> &Reasoner {
        &self.reasoner
    }

    /// The figures so far.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Events waiting for their twin.
    #[must_use]
    pub fn waits(&self) -> usize {
        self.window.len()
    }

    /// True while events of both sides are compared.
    #[must_use]
    pub const fn is_comparing(&self) -> bool {
        matches!(self.live, [Some(_), Some(_)])
    }

    /// That side is registered.
    pub fn live(&mut self, side: Side, at: Stamp) {
        self.live[side as usize] = Some(at);
        self.unsettle(at);
    }

    /// That side's connection ended: what waits can no longer be decided.
    pub fn ended(&mut self, side: Side) {
        self.live[side as usize] = None;
        self.unsettle_waiting();
    }

    /// The filtered side was registered anew for other filters, which the server does not
    /// acknowledge.
    pub fn refilter(&mut self, filters: &Filters, at: Stamp) {
        self.reasoner = Reasoner::new(filters);
        self.unsettle(at);
    }

    fn unsettle(&mut self, at: Stamp) {
        self.settled = Some(at.after(SETTLING));
        self.unsettle_waiting();
    }

    fn unsettle_waiting(&mut self) {
        self.tally.undecided += self.window.clear();
    }

    /// Takes an event; pushes what does not fit by now to `out`.
    pub fn event(
        &mut self,
        side: Side,
        seq: Seq,
        at: Stamp,
        event: &[u8],
        out: &mut Vec<Mismatch>,
    ) {
        self.elapsed(at, out);
        if !self.is_comparing() {
            return;
        }
        match side {
            Side::Filtered => self.tally.filtered += 1,
            Side::Unfiltered => self.tally.unfiltered += 1,
        }
        let settled = self.settled.is_none_or(|settled| at.mono >= settled.mono);
        let judgement = self.reasoner.judge(event);
        let (documented, coded) = (judgement.documented.passes(), judgement.coded.passes());
        let misfit = match (documented, coded) {
            (_, false) => Some(Misfit::Unexplained),
            (false, true) => Some(Misfit::Undocumented),
            (true, true) => None,
        };
        if let Some(misfit) = misfit.filter(|_| side == Side::Filtered && settled) {
            self.tally.misfits[misfit as usize] += 1;
            out.push(Mismatch {
                misfit,
                side,
                seq,
                at,
                event: Some(event.into()),
            });
        }
        // What is to be dropped has no twin.
        if !coded {
            return;
        }
        let arrival = Arrival {
            side,
            seq,
            at,
            awaited: settled,
        };
        match self.window.take(arrival, event) {
            window::Taken::Paired => self.tally.paired += 1,
            window::Taken::Waits { forgotten } => self.tally.undecided += u64::from(forgotten),
        }
    }

    /// When to call [`elapsed`](Self::elapsed) next, if no event comes before.
    #[must_use]
    pub fn due(&self) -> Option<Stamp> {
        self.window.oldest().map(|at| at.after(self.grace))
    }

    /// Gives up on twins that did not come in time; pushes what that means to `out`.
    pub fn elapsed(&mut self, now: Stamp, out: &mut Vec<Mismatch>) {
        while let Some(late) = self.window.overdue(now, self.grace) {
            let (arrival, event) = late;
            if !arrival.awaited {
                continue;
            }
            let misfit = match arrival.side {
                Side::Unfiltered => Misfit::Missing,
                Side::Filtered => Misfit::Unseen,
            };
            self.tally.misfits[misfit as usize] += 1;
            out.push(Mismatch {
                misfit,
                side: arrival.side,
                seq: arrival.seq,
                at: arrival.at,
                event,
            });
        }
    }
}

#[cfg(test)]
mod tests;
