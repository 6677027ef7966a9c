//! Filters and searches over a timeline, piece by piece.
//!
//! ```text
//!  owner of the store                                   worker
//!  Sifting / Hunt ── next_task(timeline) ──► Task ──► run ──► Answer ── take(answer) ──┐
//!        ▲                 one shared chunk at a time                                  │
//!        └─────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! A job has at most one task out, so it pins at most one chunk. [`super::tally`] and
//! [`super::visit`] are jobs of the same kind. Everything here is plain values; [`super::worker`]
//! adds the thread.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Timeline;
use super::matches::Matches;
use super::search::Pattern;
use super::sieve::{Sieve, Sifted};
use super::tally::{Assay, Counted};
use super::visit::Visitor;
use crate::entry::Chunk;
use crate::frame::Seq;

/// Number of a job; never used twice in a run of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobId(u64);

impl JobId {
    pub(super) fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// One piece of work, to be run anywhere.
#[derive(Debug)]
pub struct Task {
    pub(super) job: JobId,
    pub(super) chunk: Arc<Chunk>,
    pub(super) range: Range<Seq>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) work: Work,
}

#[derive(Clone, Debug)]
pub(super) enum Work {
    Sift(Sieve),
    First(Arc<Pattern>),
    Last(Arc<Pattern>),
    Count(Assay),
    Visit(Visitor),
}

/// What a task found.
#[derive(Debug)]
pub struct Answer {
    /// The job it belongs to.
    pub job: JobId,
    pub(super) found: Found,
}

#[derive(Debug)]
pub(super) enum Found {
    Sifted(Sifted),
    Searched(Range<Seq>, Option<Seq>),
    Counted(Counted),
    Visited(Range<Seq>),
}

impl Task {
    /// The job it belongs to.
    #[must_use]
    pub fn job(&self) -> JobId {
        self.job
    }

    /// Does the work. Lets go of the chunk before it returns.
    #[must_use]
    pub fn run(self) -> Answer {
        let found = match &self.work {
            Work::Sift(sieve) => Found::Sifted(sieve.sift(&self.chunk, self.range, &self.stop)),
            Work::Count(assay) => Found::Counted(assay.count(&self.chunk, self.range, &self.stop)),
            Work::Visit(visitor) => {
                Found::Visited(visitor.visit(&self.chunk, self.range, &self.stop))
            }
            Work::First(pattern) => {
                let hits = pattern.hits(&self.chunk, self.range.clone(), 1);
                Found::Searched(self.range, hits.first().copied())
            }
            Work::Last(pattern) => {
                let hits = pattern.hits(&self.chunk, self.range.clone(), usize::MAX);
                Found::Searched(self.range, hits.last().copied())
            }
        };
        Answer {
            job: self.job,
            found,
        }
    }
}

/// A sieve applied to one session's timeline: what is there, newest first, and what comes.
#[derive(Debug)]
pub struct Sifting {
    id: JobId,
    sieve: Sieve,
    matches: Matches,
    out: bool,
    stop: Arc<AtomicBool>,
}

impl Sifting {
    /// Applies `sieve` to `timeline` from its newest entry on, in both directions.
    #[must_use]
    pub fn new(sieve: Sieve, timeline: &Timeline) -> Self {
        Self {
            id: JobId::new(),
            sieve,
            matches: Matches::starting_at(timeline.next()),
            out: false,
            stop: Arc::default(),
        }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }

    /// What it applies.
    #[must_use]
    pub fn sieve(&self) -> &Sieve {
        &self.sieve
    }

    /// Lets what is looked at from now on pass `sieve`; what was looked at stays as it was found.
    pub fn go_on_with(&mut self, sieve: Sieve) {
        self.sieve = sieve;
    }

    /// What was found so far.
    #[must_use]
    pub fn matches(&self) -> &Matches {
        &self.matches
    }

    /// True if every kept entry of `timeline` was looked at.
    #[must_use]
    pub fn is_done(&self, timeline: &Timeline) -> bool {
        let looked = self.matches.looked();
        looked.end >= timeline.next()
            && (looked.start <= timeline.first() || !self.matches.has_room())
    }

    /// Drops what left the store, then gives the next piece of work: new entries first, then
    /// older ones. `None` while a task is out, and when there is nothing to do.
    pub fn next_task(&mut self, timeline: &Timeline) -> Option<Task> {
        self.matches.forget_before(timeline.first());
        if self.out {
            return None;
        }
        let looked = self.matches.looked();
        let (chunk, range) = if let Some(chunk) = timeline.piece(looked.end) {
            let end = chunk.next();
            (chunk, looked.end..end)
        } else if looked.start > timeline.first() && self.matches.has_room() {
            let chunk = timeline.piece_before(looked.start)?;
            let start = chunk.first().max(timeline.first());
            (chunk, start..looked.start)
        } else {
            return None;
        };
        self.out = true;
        Some(Task {
            job: self.id,
            chunk,
            range,
            stop: Arc::clone(&self.stop),
            work: Work::Sift(self.sieve.clone()),
        })
    }

    /// The task given last could not be handed over; it will be given again.
    pub fn give_back(&mut self) {
        self.out = false;
    }

    /// Takes an answer; false if it is not for this job.
    pub fn take(&mut self, answer: Answer) -> bool {
        let (true, Found::Sifted(sifted)) = (answer.job == self.id, answer.found) else {
            return false;
        };
        self.out = false;
        self.matches.add(sifted);
        true
    }
}

impl Drop for Sifting {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Where a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// To newer entries.
    Newer,
    /// To older entries.
    Older,
}

/// How a search stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There are entries left to look at.
    Searching,
    /// Here.
    Found(Seq),
    /// Nowhere in that direction.
    Nowhere,
}

/// A search for the next entry with a pattern.
#[derive(Debug)]
pub struct Hunt {
    id: JobId,
    pattern: Arc<Pattern>,
    towards: Towards,
    /// Newer: the next entry to look at. Older: the entry after the next to look at.
    at: Seq,
    out: bool,
    progress: Progress,
}

impl Hunt {
    /// Searches from the entry after (or before) `from`, which itself is not looked at.
    #[must_use]
    pub fn new(pattern: Arc<Pattern>, towards: Towards, from: Seq) -> Self {
        Self {
            id: JobId::new(),
            pattern,
            towards,
            at: match towards {
                Towards::Newer => from.saturating_add(1),
                Towards::Older => from,
            },
            out: false,
            progress: Progress::Searching,
        }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }

    /// How it stands.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// The next piece of work; `None` while a task is out, and when the search has ended.
    pub fn next_task(&mut self, timeline: &Timeline) -> Option<Task> {
        if self.out || self.progress != Progress::Searching {
            return None;
        }
        let piece = match self.towards {
            Towards::Newer => {
                self.at = self.at.max(timeline.first());
                timeline.piece(self.at).map(|chunk| {
                    let range = self.at..chunk.next();
                    (chunk, range, Work::First(Arc::clone(&self.pattern)))
                })
            }
            Towards::Older if self.at > timeline.first() => {
                timeline.piece_before(self.at).map(|chunk| {
                    let range = chunk.first()..self.at.min(chunk.next());
                    (chunk, range, Work::Last(Arc::clone(&self.pattern)))
                })
            }
            Towards::Older => None,
        };
        let Some((chunk, range, work)) = piece else {
            self.progress = Progress::Nowhere;
            return None;
        };
        self.out = true;
        Some(Task {
            job: self.id,
            chunk,
            range,
            stop: Arc::default(),
            work,
        })
    }

    /// The task given last could not be handed over; it will be given again.
    pub fn give_back(&mut self) {
        self.out = false;
    }

    /// Takes an answer; false if it is not for this search.
    pub fn take(&mut self, answer: &Answer) -> bool {
        let (true, Found::Searched(range, hit)) = (answer.job == self.id, &answer.found) else {
            return false;
        };
        self.out = false;
        self.at = match self.towards {
            Towards::Newer => range.end,
            Towards::Older => range.start,
        };
        if let Some(seq) = hit {
            self.progress = Progress::Found(*seq);
        }
        true
    }
}
