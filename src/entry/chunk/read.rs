//! Looking into a chunk.

use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Chunk, EARLIER_US};
use crate::entry::record::{Entry, EntryKind, Extra, Record};
use crate::entry::summary::{Badge, Outcome};
use crate::frame::{Direction, Seq, Stamp, Wire};

impl Chunk {
    /// The entry with that sequence.
    #[must_use]
    pub fn entry(&self, seq: Seq) -> Option<Entry<'_>> {
        let index = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        let record = self.records.get(index)?;
        let base = self.base?;
        let start = record.offset as usize;
        let extra = record
            .has(Record::EXTRA)
            .then(|| self.extra(index))
            .flatten();
        let outcome = Outcome::ALL.get(usize::from(record.outcome)).copied();
        Some(Entry {
            seq,
            at: happened(base, record.at),
            kind: EntryKind::from_code(record.kind),
            direction: if record.has(Record::OUT) {
                Direction::Out
            } else {
                Direction::In
            },
            payload: &self.bytes[start..start + record.len as usize],
            badge: Badge::ALL[usize::from(record.badge)],
            label: self.labels.get(record.label).unwrap_or_default(),
            outcome,
            latency: (record.latency != Record::NO_LATENCY)
                .then(|| Duration::from_micros(u64::from(record.latency))),
            pair: self.pair(index, seq, record.answers()),
            asks: record.has(Record::ASKS),
            note: extra.and_then(|extra| extra.note.as_deref()),
            error: extra.and_then(|extra| extra.error.as_deref()),
            wire: Wire {
                bytes: u64::from(record.len) + u64::from(record.overhead),
                rsv: record.flags & 0b111,
                mask: record.has(Record::MASKED).then_some(record.mask),
                fragments: extra
                    .map(|extra| extra.fragments.as_slice().to_vec())
                    .unwrap_or_default(),
            },
        })
    }

    pub(super) fn extra(&self, index: usize) -> Option<&Extra> {
        let at = self
            .extras
            .binary_search_by_key(&(index as u32), |(owner, _)| *owner)
            .ok()?;
        Some(&self.extras[at].1)
    }

    pub(super) fn pair(&self, index: usize, seq: Seq, is_reply: bool) -> Option<Seq> {
        match self.pairs[index].load(Ordering::Relaxed) {
            0 => None,
            distance if is_reply => seq.checked_sub(Seq::from(distance)),
            distance => Some(seq + Seq::from(distance)),
        }
    }

    /// The entries, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Entry<'_>> {
        (self.first..self.next()).filter_map(|seq| self.entry(seq))
    }

    /// The pairs `(ask, reply)` of every reply and lost ask here, for linking the asks.
    pub fn replies(&self) -> impl Iterator<Item = (Seq, Seq)> {
        let rows = if self.answers > 0 {
            &self.records[..]
        } else {
            &[]
        };
        rows.iter().enumerate().filter_map(|(index, record)| {
            let seq = self.first + index as Seq;
            let ask = record.answers().then(|| self.pair(index, seq, true))??;
            Some((ask, seq))
        })
    }

    /// The distinct labels here.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        (0..self.labels.len()).filter_map(|number| self.labels.get(number as u16))
    }

    /// The entries, oldest first, that have a diagnosis or an error or came in fragments.
    pub fn remarked(&self) -> impl DoubleEndedIterator<Item = Entry<'_>> {
        self.extras
            .iter()
            .filter_map(|(row, _)| self.entry(self.first + Seq::from(*row)))
    }

    /// The entries with the `number`-th of [`Self::labels`], oldest first.
    pub fn labelled(&self, number: usize) -> impl DoubleEndedIterator<Item = Seq> {
        let rows = self.records.iter().enumerate();
        rows.filter(move |(_, row)| usize::from(row.label) == number)
            .map(|(index, _)| self.first + index as Seq)
    }

    /// Where the payload of that entry is in [`Self::payloads`].
    #[must_use]
    pub fn payload_range(&self, seq: Seq) -> Option<Range<usize>> {
        let index = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        let row = self.records.get(index)?;
        Some(row.offset as usize..row.offset as usize + row.len as usize)
    }

    /// All payload bytes in a row, for searches that look at raw bytes before anything else.
    #[must_use]
    pub fn payloads(&self) -> &[u8] {
        &self.bytes
    }

    /// The entry whose payload holds the byte at `offset` of [`Self::payloads`].
    #[must_use]
    pub fn owner_of(&self, offset: usize) -> Option<Seq> {
        let index = self
            .records
            .partition_point(|record| record.offset as usize <= offset);
        let mut index = index.checked_sub(1)?;
        // Entries without payload share an offset with their successor; the owner has bytes.
        while self.records[index].len == 0 {
            index = index.checked_sub(1)?;
        }
        let record = self.records[index];
        let inside = offset < record.offset as usize + record.len as usize;
        inside.then(|| self.first + index as Seq)
    }
}

/// The time kept as `at` in a chunk that begins at `base`.
fn happened(base: Stamp, at: u32) -> Stamp {
    match at.checked_sub(EARLIER_US) {
        Some(later) => base.after(Duration::from_micros(later.into())),
        None => base.before(Duration::from_micros((EARLIER_US - at).into())),
    }
}
