//! Counts of what the owner's function says of each entry of a timeline.
//!
//! ```text
//!  newest entries first ─► assay: which class? ─► Count { entries, examples }
//! ```
//!
//! The classes are numbers of the owner's; the store does not know what they stand for. Entries
//! that come while a tally is kept are counted too, entries that leave stay counted.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Timeline;
use super::job::{Answer, Found, JobId, Task, Work};
use crate::entry::{Chunk, Entry};
use crate::frame::Seq;

/// Most examples kept of a class: the newest.
pub const EXAMPLES: usize = 8;

type Tell = dyn Fn(&Entry<'_>) -> Option<u32> + Send + Sync;

/// Tells the class of an entry; `None` for one that is not counted. Asked on the worker's thread.
#[derive(Clone)]
pub struct Assay(Arc<Tell>);

impl fmt::Debug for Assay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Assay")
    }
}

impl Assay {
    /// An assay by that function.
    pub fn new(tell: impl Fn(&Entry<'_>) -> Option<u32> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Counts the entries of `chunk` in `range`; once `stop` is set it stops early, which only
    /// dropped tallies ask for.
    pub(super) fn count(&self, chunk: &Chunk, range: Range<Seq>, stop: &AtomicBool) -> Counted {
        let range = range.start.max(chunk.first())..range.end.min(chunk.next());
        let mut counted = Counted {
            range: range.clone(),
            counts: BTreeMap::new(),
        };
        for seq in range.rev() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if let Some(entry) = chunk.entry(seq)
                && let Some(class) = (self.0)(&entry)
            {
                let count = counted.counts.entry(class).or_default();
                count.entries += 1;
                if count.examples.len() < EXAMPLES {
                    count.examples.push(seq);
                }
            }
        }
        counted
    }
}

/// What was counted in one piece.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    range: Range<Seq>,
    counts: BTreeMap<u32, Count>,
}

/// The entries of one class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub entries: u64,
    /// The newest [`EXAMPLES`] of them, newest first.
    pub examples: Vec<Seq>,
}

/// A tally of one session's timeline: what is there, newest first, and what comes.
#[derive(Debug)]
pub struct Tally {
    id: JobId,
    assay: Assay,
    counts: BTreeMap<u32, Count>,
    looked: Range<Seq>,
    looked_at: u64,
    /// The piece before was of new entries: under a flood older ones get every other turn.
    newer: bool,
    out: bool,
    stop: Arc<AtomicBool>,
}

impl Tally {
    /// Counts the entries of `timeline` by what `assay` says of them, from the newest on.
    #[must_use]
    pub fn new(assay: Assay, timeline: &Timeline) -> Self {
        Self {
            id: JobId::new(),
            assay,
            counts: BTreeMap::new(),
            looked: timeline.next()..timeline.next(),
            looked_at: 0,
            newer: false,
            out: false,
            stop: Arc::default(),
        }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }

    /// What was counted so far, by class.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<u32, Count> {
        &self.counts
    }

    /// Number of entries looked at so far, counted or not.
    #[must_use]
    pub fn looked_at(&self) -> u64 {
        self.looked_at
    }

    /// True if every kept entry of `timeline` was looked at.
    #[must_use]
    pub fn is_done(&self, timeline: &Timeline) -> bool {
        self.looked.end >= timeline.next() && self.looked.start <= timeline.first()
    }

    /// The next piece of work: new entries first, then older ones, in turn while there are both.
    /// `None` while a task is out, and when there is nothing to do.
    pub fn next_task(&mut self, timeline: &Timeline) -> Option<Task> {
        if self.out {
            return None;
        }
        // What left before it was looked at is not there to be counted.
        self.looked.end = self.looked.end.max(timeline.first());
        let older = self.looked.start > timeline.first();
        let new = timeline.piece(self.looked.end);
        let new = new.filter(|_| !(older && self.newer));
        self.newer = new.is_some();
        let (chunk, range) = if let Some(chunk) = new {
            let end = chunk.next();
            (chunk, self.looked.end..end)
        } else if older {
            let chunk = timeline.piece_before(self.looked.start)?;
            let start = chunk.first().max(timeline.first());
            (chunk, start..self.looked.start)
        } else {
            return None;
        };
        self.out = true;
        Some(Task {
            job: self.id,
            chunk,
            range,
            stop: Arc::clone(&self.stop),
            work: Work::Count(self.assay.clone()),
        })
    }

    /// The task given last could not be handed over; it will be given again.
    pub fn give_back(&mut self) {
        self.out = false;
    }

    /// Takes an answer; false if it is not for this tally.
    pub fn take(&mut self, answer: &Answer) -> bool {
        let (true, Found::Counted(counted)) = (answer.job == self.id, &answer.found) else {
            return false;
        };
        self.out = false;
        let newer = counted.range.start >= self.looked.end;
        if newer {
            self.looked.end = counted.range.end;
        } else {
            self.looked.start = counted.range.start;
        }
        self.looked_at += counted.range.end.saturating_sub(counted.range.start);
        for (class, more) in &counted.counts {
            let count = self.counts.entry(*class).or_default();
            count.entries += more.entries;
            let at = if newer { 0 } else { count.examples.len() };
            count.examples.splice(at..at, more.examples.iter().copied());
            count.examples.truncate(EXAMPLES);
        }
        true
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
