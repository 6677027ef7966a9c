//! What an entry must pass to be shown: a jq filter, a test of the owner's, or both.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::filter::{Filter, View};
use crate::entry::{Chunk, Entry};
use crate::frame::Seq;

/// A test by whoever owns the list: true if the entry may be shown. Asked on the worker's thread.
pub type Test = Arc<dyn Fn(&Entry<'_>) -> bool + Send + Sync>;

/// What an entry must pass: the owner's test first, then the jq filter. Without either everything
/// passes.
#[derive(Clone, Default)]
pub struct Sieve {
    filter: Option<(Arc<Filter>, Arc<View>)>,
    test: Option<Test>,
}

impl fmt::Debug for Sieve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sieve")
            .field("filter", &self.filter)
            .field("tests", &self.test.is_some())
            .finish()
    }
}

impl Sieve {
    /// A sieve of a jq filter, for entries that look like `view` to it.
    #[must_use]
    pub fn of(filter: Arc<Filter>, view: Arc<View>) -> Self {
        Self {
            filter: Some((filter, view)),
            test: None,
        }
    }

    /// The same with the owner's test before it.
    #[must_use]
    pub fn testing(self, test: Test) -> Self {
        Self {
            test: Some(test),
            ..self
        }
    }

    /// The jq filter.
    #[must_use]
    pub fn filter(&self) -> Option<&Arc<Filter>> {
        Some(&self.filter.as_ref()?.0)
    }

    /// Lets the entries of `chunk` in `range` through; stops early, with what there is, once
    /// `stop` is set.
    #[must_use]
    pub fn sift(&self, chunk: &Chunk, range: Range<Seq>, stop: &AtomicBool) -> Sifted {
        let range = range.start.max(chunk.first())..range.end.min(chunk.next());
        let mut sifted = Sifted {
            range: range.clone(),
            ..Sifted::default()
        };
        let mut scratch = String::new();
        for seq in range {
            if stop.load(Ordering::Relaxed) {
                sifted.range.end = seq;
                break;
            }
            let Some(entry) = chunk.entry(seq) else {
                continue;
            };
            if self.test.as_ref().is_some_and(|test| !test(&entry)) {
                sifted.refused += 1;
                continue;
            }
            let passes = match &self.filter {
                Some((filter, view)) => filter.matches(&entry, view, &mut scratch),
                None => Ok(true),
            };
            match passes {
                Ok(true) => sifted.hits.push(seq),
                Ok(false) => {}
                Err(error) => {
                    sifted.failures += 1;
                    sifted.failure.get_or_insert_with(|| error.to_string());
                }
            }
        }
        sifted
    }
}

/// What passed in one piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sifted {
    /// The entries looked at.
    pub range: Range<Seq>,
    /// Those that pass, oldest first.
    pub hits: Vec<Seq>,
    /// Entries the owner's test refused.
    pub refused: u64,
    /// Entries the expression failed on; they do not pass.
    pub failures: u64,
    /// The first such failure, for telling.
    pub failure: Option<String>,
}
