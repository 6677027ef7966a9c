//! The entries that passed a filter.

use std::collections::VecDeque;
use std::ops::Range;

use super::sieve::Sifted;
use crate::frame::Seq;

/// Most matches kept: 16 MiB of positions.
const MAX: usize = 4 << 20;

/// The entries of one timeline that passed a filter, by sequence; grows at both ends.
///
/// Owned by whoever shows them; entries that left the store are dropped with
/// [`Self::forget_before`]. At most 4,194,304 are kept; beyond that the oldest are let go and
/// counted.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// What `seqs` are counted from.
    base: Seq,
    /// Matching entries, ascending, as distances from `base`.
    seqs: VecDeque<u32>,
    /// The entries looked at so far.
    looked: Range<Seq>,
    failures: u64,
    failure: Option<String>,
    forgotten: u64,
    /// How many the owner's test refused, by runs of entries, oldest first.
    refused: VecDeque<Refused>,
}

/// How many entries of a run were refused.
#[derive(Clone, Copy, Debug)]
struct Refused {
    /// The entry after the run's last.
    end: Seq,
    entries: Seq,
    count: u64,
}

/// Entries of a run that is not joined to the next one. Chunks of ordinary entries are of this
/// size or less, so that what leaves the store takes its count along.
const RUN: Seq = 512;

impl Matches {
    /// No match yet; looking starts at `from`, in both directions.
    #[must_use]
    pub fn starting_at(from: Seq) -> Self {
        Self {
            base: from.saturating_sub(u64::from(u32::MAX / 2)),
            looked: from..from,
            ..Self::default()
        }
    }

    /// Number of matches kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seqs.len()
    }

    /// True if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seqs.is_empty()
    }

    /// The entries looked at so far.
    #[must_use]
    pub fn looked(&self) -> Range<Seq> {
        self.looked.clone()
    }

    /// Entries the expression failed on, and the first failure.
    #[must_use]
    pub fn failures(&self) -> (u64, Option<&str>) {
        (self.failures, self.failure.as_deref())
    }

    /// Entries still in the store that the owner's test refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.iter().map(|run| run.count).sum()
    }

    /// Matches let go because there were too many.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// True if there is room for older matches.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.seqs.len() < MAX
    }

    /// The match at that position, oldest first.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<Seq> {
        Some(self.base + Seq::from(*self.seqs.get(position)?))
    }

    /// The position of `seq` among the matches, or the position it would have.
    pub fn position(&self, seq: Seq) -> Result<usize, usize> {
        match seq.checked_sub(self.base) {
            None => Err(0),
            Some(distance) => match u32::try_from(distance) {
                Ok(distance) => self.seqs.binary_search(&distance),
                Err(_) => Err(self.seqs.len()),
            },
        }
    }

    /// The matches, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Seq> {
        self.seqs
            .iter()
            .map(|distance| self.base + Seq::from(*distance))
    }

    /// Takes the result for a piece next to what was looked at already; others are ignored.
    pub fn add(&mut self, sifted: Sifted) {
        let Range { start, end } = sifted.range;
        if start >= end {
            return;
        }
        if start == self.looked.end {
            self.rebase(end);
            let base = self.base;
            self.seqs
                .extend(sifted.hits.iter().map(|seq| (seq - base) as u32));
            self.looked.end = end;
        } else if end == self.looked.start {
            for seq in sifted.hits.iter().rev() {
                if let Some(distance) = seq.checked_sub(self.base) {
                    self.seqs.push_front(distance as u32);
                }
            }
            self.looked.start = start;
        } else {
            return;
        }
        self.refuse(start, end, sifted.refused);
        while self.seqs.len() > MAX {
            self.seqs.pop_front();
            self.forgotten += 1;
        }
        self.failures += sifted.failures;
        if self.failure.is_none() {
            self.failure = sifted.failure;
        }
    }

    /// Drops the matches that left the store, whose oldest entry is now `first`.
    pub fn forget_before(&mut self, first: Seq) {
        let gone = self.position(first).unwrap_or_else(|position| position);
        self.seqs.drain(..gone);
        if self.seqs.capacity() > 1_024 && self.seqs.len() < self.seqs.capacity() / 4 {
            self.seqs.shrink_to_fit();
        }
        while self.refused.front().is_some_and(|run| run.end <= first) {
            self.refused.pop_front();
        }
        self.looked.start = self.looked.start.max(first);
        self.looked.end = self.looked.end.max(first);
    }

    /// Counts the refused of a run at either end.
    fn refuse(&mut self, start: Seq, end: Seq, count: u64) {
        let entries = end - start;
        let newest = self.refused.back().is_none_or(|run| run.end <= start);
        let neighbour = if newest {
            self.refused.back_mut()
        } else {
            self.refused.front_mut()
        };
        if let Some(run) = neighbour.filter(|run| run.entries + entries <= RUN) {
            run.end = run.end.max(end);
            run.entries += entries;
            run.count += count;
            return;
        }
        let run = Refused {
            end,
            entries,
            count,
        };
        if newest {
            self.refused.push_back(run);
        } else {
            self.refused.push_front(run);
        }
    }

    /// Moves the base up if `end` would be too far from it.
    fn rebase(&mut self, end: Seq) {
        if end - self.base <= Seq::from(u32::MAX) {
            return;
        }
        let base = self.get(0).unwrap_or(end).min(self.looked.end);
        let shift = base - self.base;
        self.seqs = self
            .seqs
            .iter()
            .map(|distance| (Seq::from(*distance) - shift) as u32)
            .collect();
        self.base = base;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sifted(range: Range<Seq>, hits: &[Seq]) -> Sifted {
        Sifted {
            range,
            hits: hits.to_vec(),
            refused: 1,
            failures: 1,
            failure: Some("no".to_owned()),
        }
    }

    #[test]
    fn they_grow_at_both_ends_and_stay_sorted() {
        let mut matches = Matches::starting_at(100);
        matches.add(sifted(80..100, &[82, 99]));
        matches.add(sifted(100..120, &[100, 110]));
        matches.add(sifted(60..80, &[61]));
        matches.add(sifted(10..20, &[15]));
        assert_eq!(matches.iter().collect::<Vec<_>>(), [61, 82, 99, 100, 110]);
        assert_eq!(matches.looked(), 60..120);
        assert_eq!(matches.failures(), (3, Some("no")));
        assert_eq!(matches.refused(), 3);
        assert_eq!(matches.position(99), Ok(2));
        assert_eq!(matches.position(98), Err(2));
        assert_eq!(matches.get(4), Some(110));
        matches.forget_before(99);
        assert_eq!(matches.iter().collect::<Vec<_>>(), [99, 100, 110]);
        assert_eq!(matches.looked(), 99..120);
        matches.forget_before(200);
        assert!(matches.is_empty());
        assert_eq!(matches.looked(), 200..200);
        assert_eq!(matches.refused(), 0);
    }

    #[test]
    fn what_leaves_the_store_takes_its_refused_along() {
        let mut matches = Matches::starting_at(10_000);
        for start in (5_000..10_000).rev().step_by(500) {
            matches.add(sifted(start - 499..start + 1, &[]));
        }
        matches.add(sifted(10_000..10_500, &[]));
        assert_eq!(matches.refused(), 11);
        matches.forget_before(7_000);
        assert_eq!(matches.refused(), 7);
        for start in 10_500..11_000 {
            matches.add(sifted(start..start + 1, &[]));
        }
        assert_eq!((matches.refused(), matches.refused.len()), (507, 8));
    }

    #[test]
    fn sequences_beyond_32_bits_are_fine() {
        let far = 10 * Seq::from(u32::MAX);
        let mut matches = Matches::starting_at(far);
        matches.add(sifted(far - 10..far, &[far - 5]));
        let step = Seq::from(u32::MAX / 4);
        for number in 0..12 {
            let start = far + number * step;
            matches.add(sifted(start..start + step, &[start + 1]));
            matches.forget_before(start.saturating_sub(step));
        }
        let last = far + 11 * step + 1;
        assert_eq!(matches.iter().next_back(), Some(last));
        assert_eq!(matches.position(last), Ok(matches.len() - 1));
        assert_eq!(matches.len(), 2);
    }
}
