//! Shows the entries of a timeline to the owner's function, each once, in order, on the worker.
//!
//! For what must see every entry of a session as it comes but is too slow for the task that owns
//! the screen. Entries that leave the store before their turn are counted as missed.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Timeline;
use super::job::{Answer, Found, JobId, Task, Work};
use crate::entry::{Chunk, Entry};
use crate::frame::Seq;

/// Is shown one entry after the other, on the worker's thread.
#[derive(Clone)]
pub struct Visitor(Arc<dyn Fn(&Entry<'_>) + Send + Sync>);

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visitor")
    }
}

impl Visitor {
    /// A visitor that is that function.
    pub fn new(show: impl Fn(&Entry<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(show))
    }

    /// Shows the entries of `chunk` in `range`; those that were shown.
    pub(super) fn visit(&self, chunk: &Chunk, range: Range<Seq>, stop: &AtomicBool) -> Range<Seq> {
        let range = range.start.max(chunk.first())..range.end.min(chunk.next());
        for seq in range.clone() {
            if stop.load(Ordering::Relaxed) {
                return range.start..seq;
            }
            if let Some(entry) = chunk.entry(seq) {
                (self.0)(&entry);
            }
        }
        range
    }
}

/// A visit to a timeline from some entry on.
#[derive(Debug)]
pub struct Visit {
    id: JobId,
    visitor: Visitor,
    next: Seq,
    missed: u64,
    out: bool,
    stop: Arc<AtomicBool>,
}

impl Visit {
    /// Shows `visitor` the entries from `from` on.
    #[must_use]
    pub fn new(visitor: Visitor, from: Seq) -> Self {
        Self {
            id: JobId::new(),
            visitor,
            next: from,
            missed: 0,
            out: false,
            stop: Arc::default(),
        }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }

    /// The entry that is shown next.
    #[must_use]
    pub fn next(&self) -> Seq {
        self.next
    }

    /// Entries that left the store before their turn.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// The next piece of work; `None` while a task is out, and when there is nothing new.
    pub fn next_task(&mut self, timeline: &Timeline) -> Option<Task> {
        if self.out {
            return None;
        }
        self.missed += timeline.first().saturating_sub(self.next);
        self.next = self.next.max(timeline.first());
        let chunk = timeline.piece(self.next)?;
        let range = self.next..chunk.next();
        self.out = true;
        Some(Task {
            job: self.id,
            chunk,
            range,
            stop: Arc::clone(&self.stop),
            work: Work::Visit(self.visitor.clone()),
        })
    }

    /// The task given last could not be handed over; it will be given again.
    pub fn give_back(&mut self) {
        self.out = false;
    }

    /// Takes an answer; false if it is not for this visit.
    pub fn take(&mut self, answer: &Answer) -> bool {
        let (true, Found::Visited(range)) = (answer.job == self.id, &answer.found) else {
            return false;
        };
        self.out = false;
        self.next = range.end;
        true
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
