//! A second connection without filters beside a session, and what does not fit between both.
//!
//! ```text
//!  the session  ─┐ visits, on the worker
//!                ├──► Comparison ── mismatches ──► Shadowing ──► notices, panel of filters
//!  its shadow   ─┘
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::entry::{Badge, Entry, EntryKind};
use crate::frame::{Direction, Seq, Stamp};
use crate::protocol::savetowebsocket::shadow::{Misfit, Mismatch, Shadow, Side, Tally};
use crate::protocol::savetowebsocket::{Filters, read_filters};
use crate::session::{SessionId, State as Lifecycle};
use crate::store::visit::Visitor;
use crate::store::{Store, Visit};

/// Mismatches kept for going there; the newest.
const KEPT: usize = 100;
/// Mismatches between two looks that are kept; more are only counted.
const PENDING: usize = 1_000;

/// The comparison, fed on the worker's thread.
#[derive(Debug)]
struct Comparison {
    shadow: Shadow,
    found: Vec<Mismatch>,
}

impl Comparison {
    /// Takes the next entry of a side.
    fn take(&mut self, side: Side, entry: &Entry<'_>) {
        match (entry.kind, entry.badge, entry.direction) {
            (EntryKind::Lifecycle, ..) => {
                let connected = Lifecycle::ALL
                    .iter()
                    .find(|state| state.name() == entry.label)
                    .is_some_and(|state| state.is_connected());
                if !connected {
                    self.shadow.ended(side);
                }
            }
            (EntryKind::Frame(_), Badge::Registered, Direction::In) => {
                self.shadow.live(side, entry.at);
            }
            (EntryKind::Frame(_), Badge::Register, Direction::Out) if side == Side::Filtered => {
                let text = String::from_utf8_lossy(entry.payload);
                if let Ok(filters) = read_filters(&text) {
                    self.shadow.refilter(&filters, entry.at);
                }
            }
            (EntryKind::Frame(_), Badge::Event, Direction::In) => {
                let Entry {
                    seq, at, payload, ..
                } = *entry;
                let before = self.found.len();
                self.shadow.event(side, seq, at, payload, &mut self.found);
                self.sort_out(before);
            }
            _ => {}
        }
    }
}

impl Comparison {
    /// Keeps of what was found behind the first `before` what a person would go to: what is merely
    /// undocumented is counted and marked in its row, and the events themselves are in the store.
    fn sort_out(&mut self, before: usize) {
        if self.found.len() == before {
            return;
        }
        self.found
            .retain(|found| found.misfit != Misfit::Undocumented);
        for found in self.found.iter_mut().skip(before) {
            found.event = None;
        }
        self.found.truncate(PENDING);
    }
}

/// The comparison of a session with its shadow. Kept by the tab of the session that is shadowed.
#[derive(Debug)]
pub struct Shadowing {
    /// The session without filters.
    pub session: SessionId,
    comparison: Arc<Mutex<Comparison>>,
    /// Filtered, unfiltered.
    visits: [Visit; 2],
    /// Figures at the last look.
    tally: Tally,
    /// The newest mismatches, newest last.
    mismatches: VecDeque<Mismatch>,
    /// When the shadow's connection ended, if it did.
    pub over: bool,
    /// How many of each misfit were told in notices.
    told: [u64; 4],
    told_at: Option<Stamp>,
}

impl Shadowing {
    /// Compares what comes from now on, with `of` registered for `filters` since before, if it is.
    #[must_use]
    pub fn new(session: SessionId, from: Seq, in_force: Option<&Filters>, now: Stamp) -> Self {
        let nothing = Filters::default();
        let mut shadow = Shadow::new(in_force.unwrap_or(&nothing));
        if in_force.is_some() {
            shadow.live(Side::Filtered, now);
        }
        let comparison = Arc::new(Mutex::new(Comparison {
            shadow,
            found: Vec::new(),
        }));
        let visit = |side, from| {
            let comparison = Arc::clone(&comparison);
            let visitor = Visitor::new(move |entry| locked(&comparison).take(side, entry));
            Visit::new(visitor, from)
        };
        let visits = [visit(Side::Filtered, from), visit(Side::Unfiltered, 0)];
        Self {
            session,
            comparison,
            visits,
            tally: Tally::default(),
            mismatches: VecDeque::new(),
            over: false,
            told: [0; 4],
            told_at: None,
        }
    }

    /// The visits: to the session that is shadowed, to the shadow.
    pub fn visits_mut(&mut self) -> &mut [Visit; 2] {
        &mut self.visits
    }

    /// Entries that left the memory before they were compared.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.visits.iter().map(Visit::missed).sum()
    }

    /// The figures at the last look.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The newest mismatches, newest first.
    pub fn mismatches(&self) -> impl Iterator<Item = &Mismatch> {
        self.mismatches.iter().rev()
    }

    /// Looks what was found by `now`; `of` is the session that is shadowed. Waits for nothing: if
    /// the worker is at it, the next look will do.
    pub fn look(&mut self, of: SessionId, store: &Store, now: Stamp) {
        let Ok(mut comparison) = self.comparison.try_lock() else {
            return;
        };
        let seen = |visit: &Visit, session| {
            let timeline = store.timeline(session);
            timeline.is_none_or(|timeline| visit.next() >= timeline.next())
        };
        // What is not compared yet may hold the twin that is waited for.
        if seen(&self.visits[0], of) && seen(&self.visits[1], self.session) {
            let Comparison { shadow, found } = &mut *comparison;
            shadow.elapsed(now, found);
            comparison.sort_out(0);
        }
        self.tally = *comparison.shadow.tally();
        self.mismatches.extend(comparison.found.drain(..));
        let over = self.mismatches.len().saturating_sub(KEPT);
        self.mismatches.drain(..over);
    }

    /// The side's connection is gone for good.
    pub fn end(&mut self) {
        self.over = true;
        locked(&self.comparison).shadow.ended(Side::Unfiltered);
    }

    /// What to tell now of what was found since it was told last: every misfit once it comes up,
    /// then at most every half minute; what is merely undocumented once only.
    pub fn news(&mut self, now: Stamp) -> Vec<String> {
        let waited = self
            .told_at
            .is_none_or(|at| now.since(at) >= std::time::Duration::from_secs(30));
        let mut news = Vec::new();
        for misfit in Misfit::ALL {
            let total = self.tally.of(misfit);
            let told = &mut self.told[misfit as usize];
            let again = misfit != Misfit::Undocumented && waited;
            if total > *told && (*told == 0 || again) {
                let events = if total - *told == 1 {
                    "event"
                } else {
                    "events"
                };
                news.push(format!(
                    "shadow: {} {events} {}",
                    total - *told,
                    misfit.meaning()
                ));
                *told = total;
            }
        }
        if !news.is_empty() {
            self.told_at = Some(now);
        }
        news
    }
}

/// The comparison, whatever became of a thread that had it.
fn locked(comparison: &Mutex<Comparison>) -> MutexGuard<'_, Comparison> {
    comparison.lock().unwrap_or_else(PoisonError::into_inner)
}
