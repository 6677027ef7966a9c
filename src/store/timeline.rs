//! The kept entries of one session.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::entry::{Chunk, Entry};
use crate::frame::{Seq, Stamp};

/// Payload of a chunk that is worth keeping as it is, rather than merging it.
const LARGE: usize = Chunk::FULL_BYTES / 2;

/// The kept entries of one session, oldest first.
#[derive(Debug, Default)]
pub struct Timeline {
    sealed: VecDeque<Arc<Chunk>>,
    tail: Option<Chunk>,
    sealed_bytes: usize,
    next: Seq,
}

impl Timeline {
    /// Sequence of the oldest entry kept; equals [`Self::next`] if none is.
    #[must_use]
    pub fn first(&self) -> Seq {
        let sealed = self.sealed.front().map(|chunk| chunk.first());
        sealed
            .or(self.tail.as_ref().map(Chunk::first))
            .unwrap_or(self.next)
    }

    /// Sequence the next entry will have: the number of entries there ever were.
    #[must_use]
    pub fn next(&self) -> Seq {
        self.next
    }

    /// Number of entries kept.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.next - self.first()
    }

    /// True if no entry is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of entries that left for want of room.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.first()
    }

    /// Bytes accounted for.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.sealed_bytes + self.tail.as_ref().map_or(0, Chunk::footprint)
    }

    /// The entry with that sequence, if it is still here.
    #[must_use]
    pub fn entry(&self, seq: Seq) -> Option<Entry<'_>> {
        if let Some(tail) = &self.tail
            && seq >= tail.first()
        {
            return tail.entry(seq);
        }
        self.holder(seq)?.entry(seq)
    }

    /// What a worker may look at from `seq` on, in one piece: a shared sealed chunk, or a copy of
    /// the tail's newer entries. `None` if there is nothing from `seq` on.
    #[must_use]
    pub fn piece(&self, seq: Seq) -> Option<Arc<Chunk>> {
        let seq = seq.max(self.first());
        if let Some(tail) = &self.tail
            && seq >= tail.first()
        {
            if seq >= tail.next() {
                return None;
            }
            let mut copy = Chunk::new(seq, Vec::new());
            copy.absorb(tail, seq);
            return Some(Arc::new(copy));
        }
        self.holder(seq).cloned()
    }

    /// The sealed chunk that ends before `seq`, or holds the entry just before it: for walking
    /// backwards. The tail is copied.
    #[must_use]
    pub fn piece_before(&self, seq: Seq) -> Option<Arc<Chunk>> {
        let last = seq.min(self.next).checked_sub(1)?;
        if let Some(tail) = &self.tail
            && last >= tail.first()
        {
            return self.piece(tail.first());
        }
        self.holder(last).cloned()
    }

    fn holder(&self, seq: Seq) -> Option<&Arc<Chunk>> {
        let index = self.sealed.partition_point(|chunk| chunk.next() <= seq);
        self.sealed.get(index).filter(|chunk| chunk.first() <= seq)
    }

    /// Takes the next chunk: links the asks its replies answer, then merges or keeps it.
    pub(super) fn add(&mut self, chunk: Chunk) -> Option<Vec<u8>> {
        if chunk.is_empty() {
            return chunk.into_buffer();
        }
        self.next = chunk.next();
        for (ask, reply) in chunk.replies() {
            self.link(ask, reply, &chunk);
        }
        let large = chunk.payload_len() >= LARGE || chunk.is_full();
        // Growing the tail's buffer would move all of it; a tail that cannot take this chunk as
        // it is gives way.
        if let Some(tail) = &mut self.tail
            && !large
            && tail.payload_len() + chunk.payload_len() <= Chunk::FULL_BYTES
            && tail.can_absorb(&chunk)
        {
            tail.absorb(&chunk, chunk.first());
            if tail.is_full() {
                self.seal();
            }
            return chunk.into_buffer();
        }
        self.seal();
        self.tail = Some(chunk);
        if large {
            self.seal();
        }
        None
    }

    fn link(&self, ask: Seq, reply: Seq, newest: &Chunk) {
        if ask >= newest.first() {
            newest.link(ask, reply);
        } else if let Some(tail) = self.tail.as_ref().filter(|tail| ask >= tail.first()) {
            tail.link(ask, reply);
        } else if let Some(chunk) = self.holder(ask) {
            chunk.link(ask, reply);
        }
    }

    fn seal(&mut self) {
        if let Some(mut tail) = self.tail.take() {
            tail.seal();
            self.sealed_bytes += tail.footprint();
            self.sealed.push_back(Arc::new(tail));
        }
    }

    /// When the oldest chunk that may leave began.
    pub(super) fn oldest_sealed(&self) -> Option<Stamp> {
        self.sealed.front()?.base()
    }

    /// Lets the oldest sealed chunk go.
    pub(super) fn evict(&mut self) -> Option<Arc<Chunk>> {
        let chunk = self.sealed.pop_front()?;
        self.sealed_bytes -= chunk.footprint();
        Some(chunk)
    }
}
