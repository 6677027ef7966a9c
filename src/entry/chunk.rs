//! A run of consecutive entries of one session: payload bytes, records, and the few texts.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::record::{Entry, EntryKind, Extra, Record};
use super::summary::{Badge, Outcome};
use crate::frame::{Direction, Seq, Stamp, Wire};

/// A label that cannot be interned any more (65,535 distinct ones in one chunk).
const LABEL_LIMIT: usize = u16::MAX as usize;
/// Time one chunk may span: its records keep 32 bits of microseconds.
const SPAN_LIMIT: Duration = Duration::from_secs(4_000);
/// Payload one chunk may address with 32 bits, with room to spare.
const BYTES_LIMIT: usize = 1 << 31;

/// One entry on its way into a chunk.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// When it happened.
    pub at: Stamp,
    /// What it tells of.
    pub kind: EntryKind,
    /// Which way it went.
    pub direction: Direction,
    /// Payload or facts; copied into the chunk.
    pub payload: &'a [u8],
    /// How it looked on the wire.
    pub wire: &'a Wire,
    /// What it is.
    pub badge: Badge,
    /// What it is about; interned in the chunk, cut at 256 bytes.
    pub label: &'a str,
    /// What became of a reply.
    pub outcome: Option<Outcome>,
    /// How long the reply took.
    pub latency: Option<Duration>,
    /// The ask this replies to, or whose loss this tells of.
    pub pair: Option<Seq>,
    /// True if a reply is expected.
    pub asks: bool,
    /// A diagnosis.
    pub note: Option<String>,
    /// Why it does not decode.
    pub error: Option<String>,
}

/// Sums over a chunk, kept while it grows so that nobody walks its records on arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Frames received.
    pub frames_in: u64,
    /// Frames sent.
    pub frames_out: u64,
    /// Payload bytes received.
    pub bytes_in: u64,
    /// Payload bytes sent.
    pub bytes_out: u64,
    /// Rows that do not decode.
    pub errors: u64,
    /// Rows with a diagnosis.
    pub notes: u64,
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.frames_in += other.frames_in;
        self.frames_out += other.frames_out;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.errors += other.errors;
        self.notes += other.notes;
    }
}

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
    labels: Vec<Box<str>>,
    label_index: HashMap<Box<str>, u16, foldhash::fast::RandomState>,
    label_bytes: usize,
    last_label: u16,
    extras: Vec<(u32, Extra)>,
    extra_bytes: usize,
    totals: Totals,
}

impl Chunk {
    /// Longest label kept, bytes.
    pub const LABEL_MAX: usize = 256;

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
            labels: Vec::new(),
            label_index: HashMap::default(),
            label_bytes: 0,
            last_label: 0,
            extras: Vec::new(),
            extra_bytes: 0,
            totals: Totals::default(),
        }
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
            + self.labels.capacity() * size_of::<Box<str>>()
            + self.label_index.capacity() * (size_of::<(Box<str>, u16)>() + 1)
            + self.label_bytes
            + self.extra_bytes
    }

    /// True if an entry at that time with that payload can be pushed.
    #[must_use]
    pub fn accepts(&self, at: Stamp, payload_len: usize) -> bool {
        self.bytes.len() + payload_len <= BYTES_LIMIT
            && self.labels.len() < LABEL_LIMIT
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
        self.last_at = Some(draft.at);
        let offset = u32::try_from(self.bytes.len()).expect("chunk payload is below 2 GiB");
        self.bytes.extend_from_slice(draft.payload);
        let mut record = Record {
            offset,
            len: u32::try_from(draft.payload.len()).expect("payload is below 2 GiB"),
            at: u32::try_from(draft.at.since(base).as_micros()).unwrap_or(u32::MAX),
            latency: draft.latency.map_or(Record::NO_LATENCY, micros),
            mask: draft.wire.mask.unwrap_or_default(),
            label: self.intern(draft.label),
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
        self.extra_bytes += extra.footprint();
        self.extras.push((self.records.len() as u32, extra));
    }

    fn intern(&mut self, label: &str) -> u16 {
        let label = cut(label, Self::LABEL_MAX);
        if let Some(last) = self.labels.get(usize::from(self.last_label))
            && **last == *label
        {
            return self.last_label;
        }
        let index = if let Some(&index) = self.label_index.get(label) {
            index
        } else if self.labels.len() < LABEL_LIMIT {
            let index = self.labels.len() as u16;
            self.labels.push(label.into());
            self.label_index.insert(label.into(), index);
            self.label_bytes += 2 * label.len();
            index
        } else {
            self.last_label
        };
        self.last_label = index;
        index
    }

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
            at: base.after(Duration::from_micros(u64::from(record.at))),
            kind: EntryKind::from_code(record.kind),
            direction: if record.has(Record::OUT) {
                Direction::Out
            } else {
                Direction::In
            },
            payload: &self.bytes[start..start + record.len as usize],
            badge: Badge::ALL[usize::from(record.badge)],
            label: self
                .labels
                .get(usize::from(record.label))
                .map_or("", |label| label),
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
                    .map(|extra| extra.fragments.to_vec())
                    .unwrap_or_default(),
            },
        })
    }

    fn extra(&self, index: usize) -> Option<&Extra> {
        let at = self
            .extras
            .binary_search_by_key(&(index as u32), |(owner, _)| *owner)
            .ok()?;
        Some(&self.extras[at].1)
    }

    fn pair(&self, index: usize, seq: Seq, is_reply: bool) -> Option<Seq> {
        match self.pairs[index].load(Ordering::Relaxed) {
            0 => None,
            distance if is_reply => seq.checked_sub(Seq::from(distance)),
            distance => Some(seq + Seq::from(distance)),
        }
    }

    /// Links the ask `ask`, if it is here, to the reply `reply`. The first link stays.
    pub fn link(&self, ask: Seq, reply: Seq) {
        let Some(index) = ask.checked_sub(self.first) else {
            return;
        };
        if let Some(pair) = self.pairs.get(index as usize) {
            let _ = pair.compare_exchange(
                0,
                distance(ask, reply),
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }

    /// The entries, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Entry<'_>> {
        (self.first..self.next()).filter_map(|seq| self.entry(seq))
    }

    /// The pairs `(ask, reply)` of every reply and lost ask here, for linking the asks.
    pub fn replies(&self) -> impl Iterator<Item = (Seq, Seq)> {
        self.records
            .iter()
            .enumerate()
            .filter_map(|(index, record)| {
                if !record.answers() {
                    return None;
                }
                let seq = self.first + index as Seq;
                self.pair(index, seq, true).map(|ask| (ask, seq))
            })
    }

    /// True if `other`, which must follow directly, can be merged into this chunk.
    #[must_use]
    pub fn can_absorb(&self, other: &Self) -> bool {
        other.first == self.next()
            && self.bytes.len() + other.bytes.len() <= BYTES_LIMIT
            && self.labels.len() + other.labels.len() < LABEL_LIMIT
            && match (self.base, other.last_at) {
                (Some(base), Some(last)) => last.since(base) < SPAN_LIMIT,
                _ => true,
            }
    }

    /// Appends the entries `from..` of `other`; returns nothing of it.
    pub fn absorb(&mut self, other: &Self, from: Seq) {
        for entry in (from.max(other.first)..other.next()).filter_map(|seq| other.entry(seq)) {
            let linked = entry.pair;
            let is_reply = entry.outcome.is_some() || entry.kind == EntryKind::Lost;
            let seq = self.push(&Draft {
                at: entry.at,
                kind: entry.kind,
                direction: entry.direction,
                payload: entry.payload,
                wire: &entry.wire,
                badge: entry.badge,
                label: entry.label,
                outcome: entry.outcome,
                latency: entry.latency,
                pair: entry.pair.filter(|_| is_reply),
                asks: entry.asks,
                note: entry.note.map(str::to_owned),
                error: entry.error.map(str::to_owned),
            });
            if let (Some(reply), false) = (linked, is_reply) {
                self.link(seq, reply);
            }
        }
    }

    /// Drops what only growing needs, and excess capacity.
    pub fn seal(&mut self) {
        self.label_index = HashMap::default();
        self.label_bytes = self.labels.iter().map(|label| label.len()).sum();
        self.records.shrink_to_fit();
        self.pairs.shrink_to_fit();
        self.labels.shrink_to_fit();
        self.extras.shrink_to_fit();
    }

    /// The payload buffer, for use in another chunk.
    #[must_use]
    pub fn into_buffer(self) -> Vec<u8> {
        self.bytes
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

fn micros(latency: Duration) -> u32 {
    u32::try_from(latency.as_micros())
        .unwrap_or(u32::MAX - 1)
        .min(u32::MAX - 1)
}

fn distance(ask: Seq, reply: Seq) -> u32 {
    u32::try_from(reply.saturating_sub(ask)).unwrap_or(0)
}

/// The longest prefix of `text` of at most `max` bytes that ends between characters.
fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}
