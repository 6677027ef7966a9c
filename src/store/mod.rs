//! The bounded memory of all sessions.
//!
//! Each session has a [`Timeline`]: sealed chunks, oldest first, and one open tail that small
//! chunks are merged into. One byte budget covers all of them; at the budget the oldest chunk of
//! whichever session leaves, and what left is counted. Entries are addressed by session and
//! sequence, never by index, so eviction cannot move a selection.
//!
//! ```text
//!  Delivery ─► Store::add ─► Timeline: sealed chunks … tail
//!                               │ piece: one shared chunk
//!                               ▼
//!            Sifting, Hunt ─► Task ─► Worker ─► Answer ─► Matches, Progress
//!             Tally, Visit                                 counts by class
//! ```
//!
//! [`filter`], [`sieve`] and [`search`] say what is looked for, [`job`] goes through a timeline
//! piece by piece, [`worker`] is the thread it is done on. [`tally`] counts what the owner's
//! function says of each entry, [`visit`] shows each entry to the owner in order. [`statistics`]
//! sums up what passes by.

pub mod filter;
pub mod job;
pub mod matches;
pub mod search;
pub mod sieve;
pub mod statistics;
pub mod tally;
mod timeline;
pub mod visit;
pub mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::entry::{Chunk, Entry};
use crate::frame::Seq;
use crate::session::SessionId;

pub use filter::{Filter, View};
pub use job::{Hunt, Sifting};
pub use matches::Matches;
pub use search::Pattern;
pub use sieve::Sieve;
pub use statistics::Statistics;
pub use tally::Tally;
pub use timeline::Timeline;
pub use visit::Visit;
pub use worker::Worker;

/// Default byte budget.
pub const BUDGET: usize = 256 << 20;

/// The bounded memory of all sessions. Owned by the one consumer of deliveries.
#[derive(Debug)]
pub struct Store {
    timelines: BTreeMap<SessionId, Timeline>,
    budget: usize,
    /// Sum of the timelines' footprints, kept up to date.
    used: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self::new(BUDGET)
    }
}

impl Store {
    /// An empty store that accounts for at most `budget` bytes.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self {
            timelines: BTreeMap::new(),
            budget,
            used: 0,
        }
    }

    /// Takes a session's next chunk. Returns a payload buffer that is free again, if there is one
    /// of a size that is good for another chunk.
    pub fn add(&mut self, session: SessionId, chunk: Chunk) -> Option<Vec<u8>> {
        let timeline = self.timelines.entry(session).or_default();
        let before = timeline.footprint();
        let mut free = timeline.add(chunk);
        self.used = self.used + timeline.footprint() - before;
        while self.used > self.budget {
            let Some(chunk) = self.evict() else { break };
            free = Arc::into_inner(chunk).and_then(Chunk::into_buffer).or(free);
        }
        free
    }

    /// Drops the oldest sealed chunk; `None` if there is none left to drop.
    fn evict(&mut self) -> Option<Arc<Chunk>> {
        let oldest = self
            .timelines
            .iter()
            .filter_map(|(id, timeline)| Some((timeline.oldest_sealed()?.mono, *id)))
            .min()?
            .1;
        let timeline = self.timelines.get_mut(&oldest)?;
        let before = timeline.footprint();
        let chunk = timeline.evict()?;
        self.used = self.used + timeline.footprint() - before;
        Some(chunk)
    }

    /// A session's timeline.
    #[must_use]
    pub fn timeline(&self, session: SessionId) -> Option<&Timeline> {
        self.timelines.get(&session)
    }

    /// The entry with that sequence, if it is still here.
    #[must_use]
    pub fn entry(&self, session: SessionId, seq: Seq) -> Option<Entry<'_>> {
        self.timeline(session)?.entry(seq)
    }

    /// Bytes accounted for.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used
    }

    /// Bytes the store may account for.
    #[must_use]
    pub fn budget(&self) -> usize {
        self.budget
    }

    /// Forgets a session altogether.
    pub fn remove(&mut self, session: SessionId) {
        if let Some(timeline) = self.timelines.remove(&session) {
            self.used -= timeline.footprint();
        }
    }
}

#[cfg(test)]
mod tests;
