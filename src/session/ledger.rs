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
//! Several asks under one key are answered in the order they were made: a batch sent again under its
//! id is acknowledged again.
//!
//! Asks of the two directions live in separate tables: equal keys used by both peers do not meet.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::series::Series;
use crate::entry::{Outcome, Verdict};
use crate::frame::{Direction, Seq, Stamp};
use crate::protocol::Unanswered;

/// Most asks open at once; beyond it the oldest is given up.
pub(crate) const OPEN_MAX: usize = 100_000;
/// Closed asks remembered to tell late and duplicate replies from orphans.
const REMEMBERED_MAX: usize = 8_192;
/// Places of the order looked at for the oldest open asks.
const SCANNED_MAX: usize = 4_096;
/// Longest key kept, bytes; longer ones are compared by their first bytes.
const KEY_MAX: usize = 512;

type Map<V> = HashMap<Arc<str>, V, foldhash::fast::RandomState>;

/// Why an ask was given up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Why {
    /// Its deadline passed.
    Timeout,
    /// The connection ended.
    Disconnect,
    /// Too many were open.
    Evicted,
    /// The call it was made with failed; the sentence says why.
    Failed(Box<str>),
}

impl Why {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Timeout => "timeout",
            Self::Disconnect => "disconnect",
            Self::Evicted => "evicted",
            Self::Failed(why) => why,
        }
    }
}

/// An ask that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) key: Arc<str>,
    pub(crate) label: Box<str>,
    pub(crate) group: &'static str,
    pub(crate) seq: Seq,
    pub(crate) asked: Stamp,
    pub(crate) why: Why,
    /// The way the ask went: `In` for one that we did not answer.
    pub(crate) direction: Direction,
}

impl Lost {
    /// What its protocol is told of it.
    pub(crate) fn told(&self, cut: bool) -> Unanswered<'_> {
        Unanswered {
            key: &self.key,
            label: &self.label,
            direction: self.direction,
            cut,
        }
    }
}

/// What asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'a> {
    pub(crate) key: &'a str,
    pub(crate) label: &'a str,
    /// How it travels, where there are several ways.
    pub(crate) group: &'static str,
    /// The figures its latency will count in.
    pub(crate) series: Series,
    pub(crate) seq: Seq,
    pub(crate) at: Stamp,
    /// How long the reply may take.
    pub(crate) within: Duration,
}

/// An open ask, as others see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open<'a> {
    pub(crate) key: &'a str,
    pub(crate) label: &'a str,
    pub(crate) group: &'static str,
    pub(crate) seq: Seq,
    pub(crate) asked: Stamp,
}

/// What a reply turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) outcome: Outcome,
    /// Unknown for orphans.
    pub(crate) latency: Option<Duration>,
    /// The ask; unknown for orphans.
    pub(crate) asked: Option<Seq>,
    /// The figures of the ask; present when the ask was open until now.
    pub(crate) series: Option<Series>,
}

impl Reply {
    const ORPHAN: Self = Self {
        outcome: Outcome::Orphan,
        latency: None,
        asked: None,
        series: None,
    };
}

#[derive(Debug)]
struct Ask {
    id: u64,
    seq: Seq,
    asked: Stamp,
    label: Box<str>,
    group: &'static str,
    series: Series,
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
    /// The oldest open ask of every key.
    open: Map<Ask>,
    /// Later ones of the same keys, and how many; each steps forward when the one before it is
    /// closed.
    behind: Map<VecDeque<Ask>>,
    behind_count: usize,
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
    pub(crate) fn ask(&mut self, direction: Direction, asking: &Asking<'_>) -> Option<Lost> {
        self.next_id += 1;
        let ask = Ask {
            id: self.next_id,
            seq: asking.seq,
            asked: asking.at,
            label: asking.label.into(),
            group: asking.group,
            series: asking.series,
            due: asking.at.mono + asking.within,
        };
        let lost = self.table(direction).open(clip(asking.key), ask);
        lost.map(|lost| Lost { direction, ..lost })
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
        let ours = self.ours.expire(now);
        ours.or_else(|| self.theirs.expire(now).map(of_theirs))
    }

    /// True if an ask under `key` awaits its reply.
    pub(crate) fn is_open(&self, direction: Direction, key: &str) -> bool {
        let table = match direction {
            Direction::Out => &self.ours,
            Direction::In => &self.theirs,
        };
        table.open.contains_key(clip(key))
    }

    /// Gives up one open ask, because no reply can come any more.
    pub(crate) fn fail(&mut self, direction: Direction, key: &str, why: &str) -> Option<Lost> {
        let why = Why::Failed(why.into());
        let lost = self.table(direction).give_up(clip(key), why);
        lost.map(|lost| Lost { direction, ..lost })
    }

    /// Gives up any one ask: the connection has ended.
    pub(crate) fn abandon(&mut self) -> Option<Lost> {
        self.ours
            .give_up_oldest(Why::Disconnect)
            .or_else(|| self.theirs.give_up_oldest(Why::Disconnect).map(of_theirs))
    }

    /// The earliest deadline of an open ask.
    pub(crate) fn next_due(&mut self) -> Option<Instant> {
        [self.ours.next_due(), self.theirs.next_due()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Number of open asks that went that way.
    pub(crate) fn open(&self, direction: Direction) -> usize {
        match direction {
            Direction::Out => self.ours.count(),
            Direction::In => self.theirs.count(),
        }
    }

    /// When the oldest of our own open asks was made.
    pub(crate) fn oldest(&mut self) -> Option<Stamp> {
        self.ours.oldest()
    }

    /// Our own open asks, oldest first, at most `most`.
    pub(crate) fn open_asks(&self, most: usize) -> impl Iterator<Item = Open<'_>> {
        let table = &self.ours;
        // Closed ones leave the queue lazily; a picture is not worth walking all of them.
        let asks = table
            .order
            .iter()
            .take(SCANNED_MAX)
            .filter_map(|(id, key)| {
                let ask = table.open.get(key).filter(|ask| ask.id == *id)?;
                Some(Open {
                    key,
                    label: &ask.label,
                    group: ask.group,
                    seq: ask.seq,
                    asked: ask.asked,
                })
            });
        asks.take(most)
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
        if let Some((key, _)) = self.open.get_key_value(key) {
            let key = Arc::clone(key);
            self.behind.entry(key).or_default().push_back(ask);
            self.behind_count += 1;
        } else {
            let key: Arc<str> = key.into();
            self.order.push_back((ask.id, Arc::clone(&key)));
            self.due.push(Reverse((ask.due, ask.id, Arc::clone(&key))));
            self.open.insert(key, ask);
        }
        self.tidy();
        if self.count() > OPEN_MAX {
            return self.give_up_oldest(Why::Evicted);
        }
        None
    }

    fn count(&self) -> usize {
        self.open.len() + self.behind_count
    }

    /// Takes the oldest ask under `key`; the next one under it steps forward.
    fn close(&mut self, key: &str) -> Option<(Arc<str>, Ask)> {
        let (key, ask) = self.open.remove_entry(key)?;
        // Checked first: keys are rarely asked twice.
        if self.behind_count > 0
            && let Some(behind) = self.behind.get_mut(&key)
        {
            if let Some(next) = behind.pop_front() {
                self.behind_count -= 1;
                // It is younger than it looks there, but older than most.
                self.order.push_front((next.id, Arc::clone(&key)));
                self.due
                    .push(Reverse((next.due, next.id, Arc::clone(&key))));
                self.open.insert(Arc::clone(&key), next);
            }
            if behind.is_empty() {
                self.behind.remove(&key);
            }
        }
        Some((key, ask))
    }

    fn answer(&mut self, key: &str, verdict: Verdict, at: Stamp) -> Reply {
        if let Some((key, ask)) = self.close(key) {
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
                series: Some(ask.series),
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
            series: None,
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
        let (key, ask) = self.close(key)?;
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
        group: ask.group,
        seq: ask.seq,
        asked: ask.asked,
        why,
        direction: Direction::Out,
    }
}

fn of_theirs(lost: Lost) -> Lost {
    Lost {
        direction: Direction::In,
        ..lost
    }
}

fn clip(key: &str) -> &str {
    &key[..key.floor_char_boundary(KEY_MAX)]
}

#[cfg(test)]
mod tests;
