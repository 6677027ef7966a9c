//! Events that wait for the same bytes on the other side.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::time::Duration;

use foldhash::fast::RandomState;

use super::Side;
use crate::frame::{Seq, Stamp};

/// Most events that wait; beyond, the oldest is forgotten and counted.
pub const WAITING_MAX: usize = 65_536;
/// Most bytes of events kept while they wait; beyond, only that they came is kept.
pub const BYTES_MAX: usize = 16 << 20;

/// An event that came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) side: Side,
    pub(super) seq: Seq,
    pub(super) at: Stamp,
    /// True if it is worth a word should its twin not come.
    pub(super) awaited: bool,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Its twin was there.
    Paired,
    /// It waits.
    Waits {
        /// Another that was awaited had to be forgotten for it.
        forgotten: bool,
    },
}

#[derive(Debug)]
struct Waiting {
    arrival: Arrival,
    hash: u64,
    event: Option<Box<[u8]>>,
    paired: bool,
}

/// All that wait, in the order they came. Paired ones stay in line until they are the oldest.
#[derive(Debug, Default)]
pub(super) struct Window {
    line: VecDeque<Waiting>,
    /// Number of the first in line, counted from the beginning.
    first: u64,
    /// Numbers of those that wait, by hash; of one hash all wait for the same side.
    by_hash: HashMap<u64, VecDeque<u64>, RandomState>,
    waiting: usize,
    bytes: usize,
    hasher: RandomState,
}

impl Window {
    pub(super) const fn len(&self) -> usize {
        self.waiting
    }

    /// When the oldest that waits came.
    pub(super) fn oldest(&self) -> Option<Stamp> {
        let mut waiting = self.line.iter().filter(|one| !one.paired);
        waiting.next().map(|one| one.arrival.at)
    }

    pub(super) fn take(&mut self, arrival: Arrival, event: &[u8]) -> Taken {
        let hash = self.hasher.hash_one(event);
        if self.pair(hash, arrival.side.other()) {
            self.trim();
            return Taken::Paired;
        }
        if self.line.len() >= WAITING_MAX && self.waiting < WAITING_MAX / 2 {
            self.close_ranks();
        }
        let forgotten = self.line.len() >= WAITING_MAX
            && self.pop().is_some_and(|oldest| oldest.arrival.awaited);
        let keeps = arrival.awaited && self.bytes + event.len() <= BYTES_MAX;
        let kept = keeps.then(|| Box::<[u8]>::from(event));
        self.bytes += kept.as_ref().map_or(0, |event| event.len());
        self.waiting += 1;
        self.push(Waiting {
            arrival,
            hash,
            event: kept,
            paired: false,
        });
        Taken::Waits { forgotten }
    }

    fn push(&mut self, one: Waiting) {
        let number = self.first + self.line.len() as u64;
        self.by_hash.entry(one.hash).or_default().push_back(number);
        self.line.push_back(one);
    }

    /// Takes paired ones out of the middle of the line.
    fn close_ranks(&mut self) {
        self.by_hash.clear();
        for one in std::mem::take(&mut self.line) {
            if !one.paired {
                self.push(one);
            }
        }
    }

    /// Pairs the oldest with that hash that came on `side`.
    fn pair(&mut self, hash: u64, side: Side) -> bool {
        let Some(numbers) = self.by_hash.get_mut(&hash) else {
            return false;
        };
        let place = |number: &u64| usize::try_from(number - self.first).ok();
        let twin = numbers.front().and_then(place);
        let Some(twin) = twin.and_then(|place| self.line.get_mut(place)) else {
            return false;
        };
        if twin.arrival.side != side {
            return false;
        }
        twin.paired = true;
        self.bytes -= twin.event.take().map_or(0, |event| event.len());
        self.waiting -= 1;
        numbers.pop_front();
        if numbers.is_empty() {
            self.by_hash.remove(&hash);
        }
        true
    }

    /// Takes the oldest out of line; it comes back if it was still waiting.
    fn pop(&mut self) -> Option<Waiting> {
        let oldest = self.line.pop_front()?;
        self.first += 1;
        if oldest.paired {
            return None;
        }
        self.waiting -= 1;
        self.bytes -= oldest.event.as_ref().map_or(0, |event| event.len());
        if let Some(numbers) = self.by_hash.get_mut(&oldest.hash) {
            // Of one hash the oldest stands first, in line as here.
            numbers.pop_front();
            if numbers.is_empty() {
                self.by_hash.remove(&oldest.hash);
            }
        }
        Some(oldest)
    }

    /// Paired ones at the head of the line are of no more use.
    fn trim(&mut self) {
        while self.line.front().is_some_and(|one| one.paired) {
            self.pop();
        }
    }

    /// The oldest that has waited for `grace` by `now`, taken out.
    pub(super) fn overdue(
        &mut self,
        now: Stamp,
        grace: Duration,
    ) -> Option<(Arrival, Option<Box<[u8]>>)> {
        loop {
            self.trim();
            let oldest = self.line.front()?;
            if now.since(oldest.arrival.at) < grace {
                return None;
            }
            if let Some(oldest) = self.pop() {
                return Some((oldest.arrival, oldest.event));
            }
        }
    }

    /// Forgets all; says how many were awaited.
    pub(super) fn clear(&mut self) -> u64 {
        let waiting = self.line.iter().filter(|one| !one.paired);
        let awaited = waiting.filter(|one| one.arrival.awaited).count() as u64;
        self.first += self.line.len() as u64;
        self.line.clear();
        self.by_hash.clear();
        (self.waiting, self.bytes) = (0, 0);
        awaited
    }
}
