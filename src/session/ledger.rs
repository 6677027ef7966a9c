//! The ledger of open asks: turns "asks under K" and "answers K" into latency, late, lost,
//! duplicate and orphan. Pure: time comes in as stamps.
//!
//! ```text
//!            ask                      answer in time
//!  (nothing) ────► open ──────────────────────────────► answered ── answer ──► duplicate
//!                   │  deadline passed, disconnect, evicted
//!                   └───────────────► given up ── answer ──► late
//!  answer without ask ──► orphan
//! ```
//!
//! Asks of the two directions live in separate tables: equal keys used by both peers do not meet.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::entry::{Outcome, Verdict};
use crate::frame::{Direction, Seq, Stamp};

/// Most asks open at once; beyond it the oldest is given up.
pub(crate) const OPEN_MAX: usize = 100_000;
/// Closed asks remembered to tell late and duplicate replies from orphans.
const REMEMBERED_MAX: usize = 8_192;
/// Longest key kept, bytes; longer ones are compared by their first bytes.
const KEY_MAX: usize = 512;

type Map<V> = HashMap<Arc<str>, V, foldhash::fast::RandomState>;

/// Why an ask was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Why {
    /// Its deadline passed.
    Timeout,
    /// The connection ended.
    Disconnect,
    /// Too many were open.
    Evicted,
    /// The same key was asked again.
    Replaced,
}

impl Why {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Disconnect => "disconnect",
            Self::Evicted => "evicted",
            Self::Replaced => "replaced by an ask with the same key",
        }
    }
}

/// An ask that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) key: Arc<str>,
    pub(crate) label: Box<str>,
    pub(crate) seq: Seq,
    pub(crate) asked: Stamp,
    pub(crate) why: Why,
}

/// What a reply turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) outcome: Outcome,
    /// Unknown for orphans.
    pub(crate) latency: Option<Duration>,
    /// The ask; unknown for orphans.
    pub(crate) asked: Option<Seq>,
    /// Label of the ask; present when the ask was open until now.
    pub(crate) label: Option<Box<str>>,
}

impl Reply {
    const ORPHAN: Self = Self {
        outcome: Outcome::Orphan,
        latency: None,
        asked: None,
        label: None,
    };
}

#[derive(Debug)]
struct Ask {
    id: u64,
    seq: Seq,
    asked: Stamp,
    label: Box<str>,
    due: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Closed {
    seq: Seq,
    asked: Stamp,
    answered: bool,
}

/// The asks of one direction.
#[derive(Debug, Default)]
struct Table {
    open: Map<Ask>,
    /// Ask order, for eviction and for the oldest age; closed ones are skipped lazily.
    order: VecDeque<(u64, Arc<str>)>,
    /// Earliest deadline first; closed ones are skipped lazily.
    due: BinaryHeap<Reverse<(Instant, u64, Arc<str>)>>,
    closed: Map<Closed>,
    closed_order: VecDeque<Arc<str>>,
}

/// The open asks of one session, in both directions.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    ours: Table,
    theirs: Table,
    next_id: u64,
}

impl Ledger {
    /// Opens an ask. Returns an ask that had to be given up for it.
    pub(crate) fn ask(
        &mut self,
        direction: Direction,
        key: &str,
        label: &str,
        seq: Seq,
        at: Stamp,
        within: Duration,
    ) -> Option<Lost> {
        self.next_id += 1;
        let ask = Ask {
            id: self.next_id,
            seq,
            asked: at,
            label: label.into(),
            due: at.mono + within,
        };
        self.table(direction).open(clip(key), ask)
    }

    /// Meets a reply travelling in `direction` with the ask that travelled the other way.
    pub(crate) fn answer(
        &mut self,
        direction: Direction,
        key: &str,
        verdict: Verdict,
        at: Stamp,
    ) -> Reply {
        let asked = match direction {
            Direction::In => Direction::Out,
            Direction::Out => Direction::In,
        };
        self.table(asked).answer(clip(key), verdict, at)
    }

    /// Gives up the next ask whose deadline has passed.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<Lost> {
        self.ours.expire(now).or_else(|| self.theirs.expire(now))
    }

    /// Gives up any one ask: the connection has ended.
    pub(crate) fn abandon(&mut self) -> Option<Lost> {
        self.ours
            .give_up_oldest(Why::Disconnect)
            .or_else(|| self.theirs.give_up_oldest(Why::Disconnect))
    }

    /// The earliest deadline of an open ask.
    pub(crate) fn next_due(&mut self) -> Option<Instant> {
        [self.ours.next_due(), self.theirs.next_due()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Number of open asks.
    pub(crate) fn open(&self) -> usize {
        self.ours.open.len() + self.theirs.open.len()
    }

    /// When the oldest open ask was made.
    pub(crate) fn oldest(&mut self) -> Option<Stamp> {
        [self.ours.oldest(), self.theirs.oldest()]
            .into_iter()
            .flatten()
            .min_by_key(|stamp| stamp.mono)
    }

    fn table(&mut self, direction: Direction) -> &mut Table {
        match direction {
            Direction::Out => &mut self.ours,
            Direction::In => &mut self.theirs,
        }
    }
}

impl Table {
    fn open(&mut self, key: &str, ask: Ask) -> Option<Lost> {
        let key: Arc<str> = key.into();
        self.order.push_back((ask.id, Arc::clone(&key)));
        self.due.push(Reverse((ask.due, ask.id, Arc::clone(&key))));
        let replaced = self
            .open
            .insert(Arc::clone(&key), ask)
            .map(|old| lost(Arc::clone(&key), old, Why::Replaced));
        self.tidy();
        if replaced.is_none() && self.open.len() > OPEN_MAX {
            return self.give_up_oldest(Why::Evicted);
        }
        replaced
    }

    fn answer(&mut self, key: &str, verdict: Verdict, at: Stamp) -> Reply {
        if let Some((key, ask)) = self.open.remove_entry(key) {
            let closed = Closed {
                seq: ask.seq,
                asked: ask.asked,
                answered: true,
            };
            self.remember(key, closed);
            let outcome = match verdict {
                Verdict::Ok => Outcome::Ok,
                Verdict::Error => Outcome::Error,
            };
            let latency = Some(at.since(ask.asked));
            return Reply {
                outcome,
                latency,
                asked: Some(ask.seq),
                label: Some(ask.label),
            };
        }
        let Some(closed) = self.closed.get_mut(key) else {
            return Reply::ORPHAN;
        };
        let outcome = if closed.answered {
            Outcome::Duplicate
        } else {
            Outcome::Late
        };
        closed.answered = true;
        let latency = Some(at.since(closed.asked));
        Reply {
            outcome,
            latency,
            asked: Some(closed.seq),
            label: None,
        }
    }

    fn expire(&mut self, now: Instant) -> Option<Lost> {
        while let Some(Reverse((due, id, _))) = self.due.peek() {
            let (due, id) = (*due, *id);
            if due > now {
                return None;
            }
            let Reverse((_, _, key)) = self.due.pop()?;
            if self.open.get(&key).is_some_and(|ask| ask.id == id) {
                return self.give_up(&key, Why::Timeout);
            }
        }
        None
    }

    fn give_up_oldest(&mut self, why: Why) -> Option<Lost> {
        while let Some((id, key)) = self.order.pop_front() {
            if self.open.get(&key).is_some_and(|ask| ask.id == id) {
                return self.give_up(&key, why);
            }
        }
        None
    }

    fn give_up(&mut self, key: &str, why: Why) -> Option<Lost> {
        let (key, ask) = self.open.remove_entry(key)?;
        let closed = Closed {
            seq: ask.seq,
            asked: ask.asked,
            answered: false,
        };
        self.remember(Arc::clone(&key), closed);
        Some(lost(key, ask, why))
    }

    fn remember(&mut self, key: Arc<str>, closed: Closed) {
        if self.closed.insert(Arc::clone(&key), closed).is_none() {
            self.closed_order.push_back(key);
        }
        if self.closed_order.len() > REMEMBERED_MAX
            && let Some(oldest) = self.closed_order.pop_front()
        {
            self.closed.remove(&oldest);
        }
    }

    /// Drops what the lazy queues still hold of closed asks, now and then.
    fn tidy(&mut self) {
        let bound = 2 * self.open.len() + 1_024;
        if self.order.len() > bound {
            let open = &self.open;
            self.order
                .retain(|(id, key)| open.get(key).is_some_and(|ask| ask.id == *id));
        }
        if self.due.len() > bound {
            let open = &self.open;
            self.due
                .retain(|Reverse((_, id, key))| open.get(key).is_some_and(|ask| ask.id == *id));
        }
    }

    fn next_due(&mut self) -> Option<Instant> {
        while let Some(Reverse((due, id, key))) = self.due.peek() {
            if self.open.get(key).is_some_and(|ask| ask.id == *id) {
                return Some(*due);
            }
            self.due.pop();
        }
        None
    }

    fn oldest(&mut self) -> Option<Stamp> {
        while let Some((id, key)) = self.order.front() {
            match self.open.get(key) {
                Some(ask) if ask.id == *id => return Some(ask.asked),
                _ => self.order.pop_front(),
            };
        }
        None
    }
}

fn lost(key: Arc<str>, ask: Ask, why: Why) -> Lost {
    Lost {
        key,
        label: ask.label,
        seq: ask.seq,
        asked: ask.asked,
        why,
    }
}

fn clip(key: &str) -> &str {
    &key[..key.floor_char_boundary(KEY_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    const LIMIT: Duration = Duration::from_secs(10);

    fn ask(ledger: &mut Ledger, key: &str, seq: Seq, at: Stamp) -> Option<Lost> {
        ledger.ask(Direction::Out, key, "click", seq, at, LIMIT)
    }

    fn reply(ledger: &mut Ledger, key: &str, at: Stamp) -> Outcome {
        ledger.answer(Direction::In, key, Verdict::Ok, at).outcome
    }

    #[test]
    fn in_time_is_ok_with_latency_and_then_duplicate() {
        let mut ledger = Ledger::default();
        let start = clock::now();
        assert!(ask(&mut ledger, "a", 3, start).is_none());
        let later = start.after(Duration::from_millis(7));
        let first = ledger.answer(Direction::In, "a", Verdict::Error, later);
        assert_eq!(first.outcome, Outcome::Error);
        assert_eq!(first.latency, Some(Duration::from_millis(7)));
        assert_eq!(first.asked, Some(3));
        assert_eq!(reply(&mut ledger, "a", later), Outcome::Duplicate);
        assert_eq!(ledger.open(), 0);
    }

    #[test]
    fn after_the_deadline_is_lost_and_then_late_and_then_duplicate() {
        let mut ledger = Ledger::default();
        let start = clock::now();
        ask(&mut ledger, "a", 0, start);
        assert!(ledger.expire(start.mono + LIMIT / 2).is_none());
        let lost = ledger
            .expire(start.mono + LIMIT)
            .expect("the deadline has passed");
        assert_eq!((lost.why, &*lost.key), (Why::Timeout, "a"));
        let late = start.after(LIMIT * 2);
        assert_eq!(reply(&mut ledger, "a", late), Outcome::Late);
        assert_eq!(reply(&mut ledger, "a", late), Outcome::Duplicate);
    }

    #[test]
    fn nobody_asked_is_orphan() {
        assert_eq!(
            reply(&mut Ledger::default(), "x", clock::now()),
            Outcome::Orphan
        );
    }

    #[test]
    fn both_peers_may_use_one_key() {
        let mut ledger = Ledger::default();
        let now = clock::now();
        ledger.ask(Direction::Out, "1", "ours", 0, now, LIMIT);
        ledger.ask(Direction::In, "1", "theirs", 1, now, LIMIT);
        let theirs = ledger.answer(Direction::Out, "1", Verdict::Ok, now);
        assert_eq!(theirs.asked, Some(1));
        assert_eq!(ledger.open(), 1);
    }

    #[test]
    fn asking_again_gives_the_first_up() {
        let mut ledger = Ledger::default();
        let now = clock::now();
        ask(&mut ledger, "a", 0, now);
        let lost = ask(&mut ledger, "a", 1, now).expect("the first is replaced");
        assert_eq!((lost.why, lost.seq), (Why::Replaced, 0));
        assert_eq!(
            ledger.answer(Direction::In, "a", Verdict::Ok, now).asked,
            Some(1)
        );
    }

    #[test]
    fn the_oldest_leaves_at_the_bound() {
        let mut ledger = Ledger::default();
        let now = clock::now();
        for n in 0..OPEN_MAX {
            assert!(ask(&mut ledger, &n.to_string(), n as Seq, now).is_none());
        }
        let lost = ask(&mut ledger, "one more", 0, now).expect("one is evicted");
        assert_eq!((lost.why, &*lost.key), (Why::Evicted, "0"));
        assert_eq!(ledger.open(), OPEN_MAX);
    }

    #[test]
    fn a_disconnect_loses_all_oldest_first() {
        let mut ledger = Ledger::default();
        let now = clock::now();
        ask(&mut ledger, "a", 0, now);
        ask(&mut ledger, "b", 1, now);
        let keys: Vec<_> = std::iter::from_fn(|| ledger.abandon())
            .map(|lost| lost.seq)
            .collect();
        assert_eq!(keys, [0, 1]);
        assert!(ledger.next_due().is_none());
    }

    #[test]
    fn mixed_deadlines_expire_in_their_own_order() {
        let mut ledger = Ledger::default();
        let now = clock::now();
        ledger.ask(Direction::Out, "slow", "", 0, now, LIMIT * 3);
        ledger.ask(Direction::Out, "fast", "", 1, now, LIMIT);
        assert_eq!(ledger.next_due(), Some(now.mono + LIMIT));
        assert_eq!(
            ledger.expire(now.mono + LIMIT).map(|lost| lost.seq),
            Some(1)
        );
        assert!(ledger.expire(now.mono + LIMIT * 2).is_none());
        assert_eq!(ledger.oldest(), Some(now));
    }

    #[test]
    fn the_lazy_queues_stay_small() {
        let mut ledger = Ledger::default();
        let now = clock::now();
        for n in 0..50_000_u32 {
            ask(&mut ledger, &n.to_string(), 0, now);
            reply(&mut ledger, &n.to_string(), now);
        }
        assert!(ledger.ours.order.len() < 2_048 && ledger.ours.due.len() < 2_048);
        assert!(ledger.ours.closed.len() <= REMEMBERED_MAX);
    }
}
