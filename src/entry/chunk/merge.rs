//! Putting small chunks together, and making them small when they are full.

use std::sync::atomic::{AtomicU32, Ordering};

use super::draft::Totals;
use super::{BYTES_LIMIT, Chunk, SPAN_LIMIT, micros};
use crate::entry::labels::Labels;
use crate::entry::record::{EntryKind, Record};
use crate::frame::Seq;

impl Chunk {
    /// True if `other`, which must follow directly, can be merged into this chunk.
    #[must_use]
    pub fn can_absorb(&self, other: &Self) -> bool {
        other.first == self.next()
            && self.bytes.len() + other.bytes.len() <= BYTES_LIMIT
            && self.labels.len() + other.labels.len() < Labels::MAX
            && match (self.base, other.last_at) {
                (Some(base), Some(last)) => last.since(base) < SPAN_LIMIT,
                _ => true,
            }
    }

    /// Appends the entries `from..` of `other`, which must hold the entry that comes next here.
    pub fn absorb(&mut self, other: &Self, from: Seq) {
        let skipped = usize::try_from(from.saturating_sub(other.first)).unwrap_or(usize::MAX);
        let (Some(rows), Some(other_base)) = (other.records.get(skipped..), other.base) else {
            return;
        };
        let Some(oldest) = rows.first() else { return };
        let shift = self.records.len();
        let bytes_before = self.bytes.len() as u32;
        let bytes_skipped = oldest.offset;
        let base = *self.base.get_or_insert(other_base);
        let base_delta =
            i64::from(micros(other_base.since(base))) - i64::from(micros(base.since(other_base)));
        self.last_at = other.last_at;
        self.bytes
            .extend_from_slice(&other.bytes[bytes_skipped as usize..]);
        let mut numbers = vec![None; other.labels.len()];
        for (row, pair) in rows.iter().zip(&other.pairs[skipped..]) {
            let number = &mut numbers[usize::from(row.label)];
            let label = *number.get_or_insert_with(|| {
                let label = other.labels.get(row.label).unwrap_or_default();
                self.labels.intern(label)
            });
            self.records.push(Record {
                offset: row.offset - bytes_skipped + bytes_before,
                at: u32::try_from(i64::from(row.at) + base_delta).unwrap_or_default(),
                label,
                ..*row
            });
            self.answers += u32::from(row.answers());
            self.pairs
                .push(AtomicU32::new(pair.load(Ordering::Relaxed)));
        }
        let extras = other
            .extras
            .partition_point(|(row, _)| (*row as usize) < skipped);
        for (row, extra) in &other.extras[extras..] {
            self.extra_bytes += extra.heap();
            let row = *row as usize - skipped + shift;
            self.extras.push((row as u32, extra.clone()));
        }
        if skipped == 0 {
            self.totals += other.totals;
        } else {
            self.recount(shift);
        }
    }

    /// Adds the rows from index `from` on to the totals.
    fn recount(&mut self, from: usize) {
        for index in from..self.records.len() {
            let row = self.records[index];
            let extra = row.has(Record::EXTRA).then(|| self.extra(index)).flatten();
            let (errors, notes) = extra.map_or((0, 0), |extra| {
                (extra.error.is_some().into(), extra.note.is_some().into())
            });
            let frame = matches!(EntryKind::from_code(row.kind), EntryKind::Frame(_));
            let (frames, bytes) = (u64::from(frame), u64::from(row.len) * u64::from(frame));
            let out = row.has(Record::OUT);
            self.totals += Totals {
                frames_in: if out { 0 } else { frames },
                bytes_in: if out { 0 } else { bytes },
                frames_out: if out { frames } else { 0 },
                bytes_out: if out { bytes } else { 0 },
                errors,
                notes,
            };
        }
    }

    /// Drops what only growing needs, and excess capacity.
    pub fn seal(&mut self) {
        self.labels.seal();
        // Copying a quarter of a mebibyte is cheaper than carrying an empty quarter of it for as
        // long as the chunk lives.
        if self.bytes.capacity() - self.bytes.len() > self.bytes.capacity() / 8 {
            self.bytes.shrink_to_fit();
        }
        self.records.shrink_to_fit();
        self.pairs.shrink_to_fit();
        self.extras.shrink_to_fit();
    }
}
