//! A set of sequences, one bit each: 8 million entries take one megabyte.

use std::collections::VecDeque;

use crate::frame::Seq;

/// Sequences one word holds.
const BITS: u64 = 64;

/// A set of sequences that mostly grows at the newer end and is trimmed at the older one.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// Index of the first word: its sequences start at `base * 64`.
    base: u64,
    words: VecDeque<u64>,
    len: u64,
}

impl Matches {
    /// Number of sequences held.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True if none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds `seq`; one below what was trimmed stays out.
    pub fn insert(&mut self, seq: Seq) {
        let word = seq / BITS;
        if self.words.is_empty() {
            self.base = word;
        }
        let Some(index) = word.checked_sub(self.base) else {
            let missing = self.base - word;
            for _ in 0..missing {
                self.words.push_front(0);
            }
            self.base = word;
            return self.insert(seq);
        };
        let index = index as usize;
        if index >= self.words.len() {
            self.words.resize(index + 1, 0);
        }
        let bit = 1 << (seq % BITS);
        self.len += u64::from(self.words[index] & bit == 0);
        self.words[index] |= bit;
    }

    /// Takes `seq` out; true if it was in.
    pub fn remove(&mut self, seq: Seq) -> bool {
        if !self.contains(seq) {
            return false;
        }
        self.words[(seq / BITS - self.base) as usize] &= !(1 << (seq % BITS));
        self.len -= 1;
        true
    }

    /// True if `seq` is held.
    #[must_use]
    pub fn contains(&self, seq: Seq) -> bool {
        (seq / BITS)
            .checked_sub(self.base)
            .and_then(|index| self.words.get(index as usize))
            .is_some_and(|word| word & (1 << (seq % BITS)) != 0)
    }

    /// Forgets everything below `first`.
    pub fn trim(&mut self, first: Seq) {
        while self.base < first / BITS
            && let Some(word) = self.words.pop_front()
        {
            self.len -= u64::from(word.count_ones());
            self.base += 1;
        }
        if self.base == first / BITS
            && let Some(word) = self.words.front_mut()
        {
            let kept = *word & (u64::MAX << (first % BITS));
            self.len -= u64::from((*word ^ kept).count_ones());
            *word = kept;
        }
    }

    /// The first one at or after `seq`.
    #[must_use]
    pub fn at_or_after(&self, seq: Seq) -> Option<Seq> {
        let seq = seq.max(self.base * BITS);
        let start = (seq / BITS - self.base) as usize;
        let mut mask = u64::MAX << (seq % BITS);
        for (index, word) in self.words.iter().enumerate().skip(start) {
            let rest = word & mask;
            if rest != 0 {
                return Some((self.base + index as u64) * BITS + u64::from(rest.trailing_zeros()));
            }
            mask = u64::MAX;
        }
        None
    }

    /// The last one before `seq`.
    #[must_use]
    pub fn before(&self, seq: Seq) -> Option<Seq> {
        let last = seq.checked_sub(1)?;
        let top = (last / BITS).checked_sub(self.base)?;
        let newest = self.words.len().checked_sub(1)? as u64;
        let mut mask = if top > newest {
            u64::MAX
        } else {
            u64::MAX >> (BITS - 1 - last % BITS)
        };
        for index in (0..=top.min(newest) as usize).rev() {
            let rest = self.words[index] & mask;
            if rest != 0 {
                let bit = BITS - 1 - u64::from(rest.leading_zeros());
                return Some((self.base + index as u64) * BITS + bit);
            }
            mask = u64::MAX;
        }
        None
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = Seq> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let found = self.at_or_after(next)?;
            next = found + 1;
            Some(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn behaves_as_a_sorted_set(
            seqs in prop::collection::vec(0_u64..400, 0..40),
            first in 0_u64..420,
            probe in 0_u64..450,
        ) {
            let mut matches = Matches::default();
            let mut model = BTreeSet::new();
            for seq in seqs {
                matches.insert(seq);
                model.insert(seq);
            }
            matches.trim(first);
            model.retain(|seq| *seq >= first);
            prop_assert_eq!(matches.len(), model.len() as u64);
            prop_assert_eq!(matches.at_or_after(probe), model.range(probe..).next().copied());
            prop_assert_eq!(matches.before(probe), model.range(..probe).next_back().copied());
            prop_assert_eq!(matches.contains(probe), model.contains(&probe));
            prop_assert_eq!(matches.remove(probe), model.remove(&probe));
            prop_assert_eq!(matches.iter().collect::<Vec<_>>(), model.into_iter().collect::<Vec<_>>());
        }
    }
}
