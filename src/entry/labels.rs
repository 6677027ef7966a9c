//! The labels of one chunk, each kept once.

use std::collections::HashMap;
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;

/// Distinct labels of a chunk in one text, numbered in the order they came.
#[derive(Debug, Default)]
pub(super) struct Labels {
    text: String,
    /// Where each label ends in `text`.
    ends: Vec<u32>,
    /// Hash of a label to its number; two labels with one hash are both kept, the later unindexed.
    index: HashMap<u64, u16, RandomState>,
    hasher: RandomState,
    last: u16,
}

impl Labels {
    /// Most distinct labels.
    pub(super) const MAX: usize = u16::MAX as usize;
    /// Longest label kept, bytes.
    pub(super) const LEN_MAX: usize = 256;

    /// Number of distinct labels.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all labels together.
    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }

    /// The number of `label`, cut at [`Self::LEN_MAX`] bytes; a new one if it is new. With
    /// [`Self::MAX`] labels a new one gets the number of the last.
    pub(super) fn intern(&mut self, label: &str) -> u16 {
        let label = &label[..label.floor_char_boundary(Self::LEN_MAX)];
        if self.get(self.last) == Some(label) {
            return self.last;
        }
        let hash = self.hasher.hash_one(label);
        let known = self.index.get(&hash).copied();
        if let Some(known) = known.filter(|known| self.get(*known) == Some(label)) {
            self.last = known;
        } else if self.ends.len() < Self::MAX {
            self.last = self.ends.len() as u16;
            self.text.push_str(label);
            self.ends.push(self.text.len() as u32);
            self.index.entry(hash).or_insert(self.last);
        }
        self.last
    }

    /// The label of that number.
    pub(super) fn get(&self, number: u16) -> Option<&str> {
        let number = usize::from(number);
        let end = *self.ends.get(number)? as usize;
        let start = number
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize);
        Some(&self.text[start..end])
    }

    /// Drops what only growing needs.
    pub(super) fn seal(&mut self) {
        self.index = HashMap::default();
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Bytes of heap memory: capacities, not lengths.
    pub(super) fn footprint(&self) -> usize {
        // A hash table has one control byte per slot, and slots for an eighth more than it says.
        let slot = size_of::<(u64, u16)>() + 1;
        self.text.capacity()
            + self.ends.capacity() * size_of::<u32>()
            + self.index.capacity() * slot * 8 / 7
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_label_is_kept_once() {
        let mut labels = Labels::default();
        let numbers = ["a", "b", "a", "", "b", "c", "a"].map(|label| labels.intern(label));
        assert_eq!(numbers, [0, 1, 0, 2, 1, 3, 0]);
        assert_eq!(labels.len(), 4);
        assert_eq!(labels.get(2), Some(""));
        assert_eq!(labels.get(3), Some("c"));
        assert_eq!(labels.get(4), None);
        labels.seal();
        assert_eq!(labels.get(1), Some("b"));
    }

    #[test]
    fn a_long_label_is_cut_between_characters() {
        let mut labels = Labels::default();
        let number = labels.intern(&"é".repeat(200));
        assert_eq!(labels.get(number), Some("é".repeat(128).as_str()));
        let number = labels.intern(&format!("x{}", "é".repeat(200)));
        assert_eq!(labels.get(number).map(str::len), Some(255));
    }

    #[test]
    fn with_all_numbers_taken_nothing_grows() {
        let mut labels = Labels::default();
        for number in 0..Labels::MAX {
            assert_eq!(usize::from(labels.intern(&number.to_string())), number);
        }
        assert_eq!(usize::from(labels.intern("one more")), Labels::MAX - 1);
        assert_eq!(labels.len(), Labels::MAX);
        assert_eq!(labels.intern("77"), 77);
    }
}
