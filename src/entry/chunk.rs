//! A run of consecutive entries of one session: payload bytes, records, and the few texts.

mod draft;
mod merge;
mod read;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub use draft::{Draft, Totals};

use super::labels::Labels;
use super::record::{EntryKind, Extra, Record};
use crate::frame::{Direction, Seq, Stamp};

/// Time one chunk may span: its records keep 32 bits of microseconds.
const SPAN_LIMIT: Duration = Duration::from_secs(4_000);
/// How much earlier than a chunk's first entry a later one may have happened, microseconds: a frame
/// is stamped when it was read, a change of state when it was noticed.
const EARLIER_US: u32 = 1_000_000;
/// Payload one chunk may address with 32 bits, with room to spare.
const BYTES_LIMIT: usize = 1 << 31;

/// A run of consecutive entries of one session.
///
/// Made and filled by the session's task, handed over whole, kept by the store, dropped on
/// eviction. Sealed chunks are shared with search workers; only the pair links, which are
/// atomics, change after that.
#[derive(Debug)]
pub struct Chunk {
    first: Seq,
    base: Option<Stamp>,
    last_at: Option<Stamp>,
    bytes: Vec<u8>,
    records: Vec<Record>,
    /// Distance to the other half of a pair, 0 for none; towards later entries for asks, towards
    /// earlier ones for replies and lost asks (`Record::answers` tells which).
    pairs: Vec<AtomicU32>,
    labels: Labels,
    /// What few rows have, by index of the row.
    extras: Vec<(u32, Extra)>,
    /// Heap memory of the texts in `extras`.
    extra_bytes: usize,
    /// Rows that point back at an ask.
    answers: u32,
    totals: Totals,
}

impl Chunk {
    /// Longest label kept, bytes.
    pub const LABEL_MAX: usize = Labels::LEN_MAX;
    /// Payload at which a chunk is handed over, and buffers are made, bytes.
    pub const FULL_BYTES: usize = 256 << 10;
    /// Entries at which a chunk is handed over, so that empty payloads count too.
    pub const FULL_ENTRIES: usize = 4_096;

    /// An empty chunk whose first entry will be `first`, using `buffer` for payloads.
    #[must_use]
    pub fn new(first: Seq, mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        Self {
            first,
            base: None,
            last_at: None,
            bytes: buffer,
            records: Vec::new(),
            pairs: Vec::new(),
            labels: Labels::default(),
            extras: Vec::new(),
            extra_bytes: 0,
            answers: 0,
            totals: Totals::default(),
        }
    }

    /// The same with room for `entries` entries, so that a flood does not grow it step by step.
    #[must_use]
    pub fn with_room(first: Seq, buffer: Vec<u8>, entries: usize) -> Self {
        let mut chunk = Self::new(first, buffer);
        chunk.records.reserve_exact(entries);
        chunk.pairs.reserve_exact(entries);
        chunk
    }

    /// Sequence of the first entry.
    #[must_use]
    pub fn first(&self) -> Seq {
        self.first
    }

    /// Sequence the next pushed entry will get.
    #[must_use]
    pub fn next(&self) -> Seq {
        self.first + self.records.len() as Seq
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True if there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Payload bytes held.
    #[must_use]
    pub fn payload_len(&self) -> usize {
        self.bytes.len()
    }

    /// True if it should be handed over and a new one begun: it holds [`Self::FULL_BYTES`] of
    /// payload, as much in labels and remarks, or [`Self::FULL_ENTRIES`].
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= Self::FULL_BYTES
            || self.texts_len() >= Self::FULL_BYTES
            || self.records.len() >= Self::FULL_ENTRIES
    }

    /// Bytes of labels, diagnoses and errors.
    fn texts_len(&self) -> usize {
        self.labels.text_len() + self.extra_bytes
    }

    /// When the first entry happened.
    #[must_use]
    pub fn base(&self) -> Option<Stamp> {
        self.base
    }

    /// When the last entry happened.
    #[must_use]
    pub fn last_at(&self) -> Option<Stamp> {
        self.last_at
    }

    /// Sums over the entries.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Bytes of memory this chunk accounts for: capacities, not lengths.
    #[must_use]
    pub fn footprint(&self) -> usize {
        size_of::<Self>()
            + self.bytes.capacity()
            + self.records.capacity() * size_of::<Record>()
            + self.pairs.capacity() * size_of::<AtomicU32>()
            + self.labels.footprint()
            + self.extras.capacity() * size_of::<(u32, Extra)>()
            + self.extra_bytes
    }

    /// True if an entry at that time with that payload can be pushed.
    #[must_use]
    pub fn accepts(&self, at: Stamp, payload_len: usize) -> bool {
        self.bytes.len() + payload_len <= BYTES_LIMIT
            && self.labels.len() < Labels::MAX
            && self.base.is_none_or(|base| at.since(base) < SPAN_LIMIT)
    }

    /// Appends an entry and returns its sequence. Check [`Self::accepts`] first.
    ///
    /// # Panics
    ///
    /// If the payload does not fit the chunk's 32-bit addresses.
    pub fn push(&mut self, draft: &Draft<'_>) -> Seq {
        let seq = self.next();
        let base = *self.base.get_or_insert(draft.at);
        // Frames of one system call share a stamp.
        let at = match self.records.last() {
            Some(last) if self.last_at == Some(draft.at) => last.at,
            _ => after_base(draft.at, base),
        };
        self.last_at = Some(draft.at);
        let offset = u32::try_from(self.bytes.len()).expect("chunk payload is below 2 GiB");
        self.bytes.extend_from_slice(draft.payload);
        let mut record = Record {
            offset,
            len: u32::try_from(draft.payload.len()).expect("payload is below 2 GiB"),
            at,
            latency: draft.latency.map_or(Record::NO_LATENCY, micros),
            mask: draft.wire.mask.unwrap_or_default(),
            label: self.labels.intern(draft.label),
            overhead: u16::try_from(draft.wire.bytes.saturating_sub(draft.payload.len() as u64))
                .unwrap_or(u16::MAX),
            kind: draft.kind.code(),
            badge: draft.badge as u8,
            outcome: draft
                .outcome
                .map_or(Record::NO_OUTCOME, |outcome| outcome as u8),
            flags: draft.wire.rsv & 0b111,
        };
        if draft.direction == Direction::Out {
            record.flags |= Record::OUT;
        }
        if draft.wire.mask.is_some() {
            record.flags |= Record::MASKED;
        }
        if draft.asks {
            record.flags |= Record::ASKS;
        }
        self.answers += u32::from(record.answers());
        self.count(draft);
        let fragmented = !draft.wire.fragments.is_empty();
        if draft.note.is_some() || draft.error.is_some() || fragmented {
            record.flags |= Record::EXTRA;
            self.add_extra(draft);
        }
        self.records.push(record);
        let distance = draft.pair.map_or(0, |ask| distance(ask, seq));
        self.pairs.push(AtomicU32::new(distance));
        seq
    }

    fn count(&mut self, draft: &Draft<'_>) {
        if let EntryKind::Frame(_) = draft.kind {
            let len = draft.payload.len() as u64;
            match draft.direction {
                Direction::In => {
                    self.totals.frames_in += 1;
                    self.totals.bytes_in += len;
                }
                Direction::Out => {
                    self.totals.frames_out += 1;
                    self.totals.bytes_out += len;
                }
            }
        }
        self.totals.errors += u64::from(draft.error.is_some());
        self.totals.notes += u64::from(draft.note.is_some());
    }

    fn add_extra(&mut self, draft: &Draft<'_>) {
        let extra = Extra {
            note: draft.note.as_deref().map(Box::from),
            error: draft.error.as_deref().map(Box::from),
            fragments: draft.wire.fragments.as_slice().into(),
        };
        self.extra_bytes += extra.heap();
        self.extras.push((self.records.len() as u32, extra));
    }

    /// Links the ask `ask`, if it is here, to the reply `reply`. The first link stays.
    pub fn link(&self, ask: Seq, reply: Seq) {
        let Some(index) = ask.checked_sub(self.first).map(|index| index as usize) else {
            return;
        };
        // The slot of a row that answers points back already, or at nothing.
        let is_ask = self.records.get(index).is_some_and(|row| !row.answers());
        if is_ask && reply > ask {
            let _ = self.pairs[index].compare_exchange(
                0,
                distance(ask, reply),
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }

    /// The payload buffer, for use in another chunk; `None` if it is much smaller or larger than
    /// chunks are.
    #[must_use]
    pub fn into_buffer(self) -> Option<Vec<u8>> {
        let usual = Self::FULL_BYTES / 2..=2 * Self::FULL_BYTES;
        Some(self.bytes).filter(|buffer| usual.contains(&buffer.capacity()))
    }
}

/// Microseconds since [`EARLIER_US`] before `base`.
fn after_base(at: Stamp, base: Stamp) -> u32 {
    let later = u32::try_from(at.since(base).as_micros()).unwrap_or(u32::MAX - EARLIER_US);
    let earlier = u32::try_from(base.since(at).as_micros()).unwrap_or(u32::MAX);
    (EARLIER_US + later).saturating_sub(earlier)
}

fn micros(latency: Duration) -> u32 {
    u32::try_from(latency.as_micros())
        .unwrap_or(u32::MAX - 1)
        .min(u32::MAX - 1)
}

fn distance(ask: Seq, reply: Seq) -> u32 {
    u32::try_from(reply.saturating_sub(ask)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
