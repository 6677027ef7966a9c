//! The chunk under construction, and the buffers chunks are made of.

use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::ledger::Lost;
use super::lifecycle::State;
use crate::entry::{Badge, Chunk, Draft, EntryKind};
use crate::frame::{Direction, Seq, Stamp, Wire};

/// Appends entries; hands chunks over.
#[derive(Debug)]
pub(super) struct Log {
    chunk: Chunk,
    buffers: mpsc::Receiver<Vec<u8>>,
}

impl Log {
    pub(super) fn new(buffers: mpsc::Receiver<Vec<u8>>) -> Self {
        Self {
            chunk: Chunk::new(0, Vec::new()),
            buffers,
        }
    }

    /// Sequence of the next entry.
    pub(super) fn next(&self) -> Seq {
        self.chunk.next()
    }

    /// True if the chunk should be handed over before more is appended.
    pub(super) fn is_full(&self) -> bool {
        self.chunk.is_full()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.chunk.is_empty()
    }

    pub(super) fn push(&mut self, draft: &Draft<'_>) -> Seq {
        self.chunk.push(draft)
    }

    /// Appends a change of state with its facts.
    pub(super) fn lifecycle(&mut self, at: Stamp, state: State, facts: Map<String, Value>) {
        let mut all = Map::new();
        all.insert("state".to_owned(), state.name().into());
        all.extend(facts);
        let what = (Badge::State, state.name());
        self.facts(at, EntryKind::Lifecycle, what, None, &all, None);
    }

    /// Appends an ask whose reply never came.
    pub(super) fn lost(&mut self, at: Stamp, lost: &Lost, note: Option<String>) {
        let age = u64::try_from(at.since(lost.asked).as_millis()).unwrap_or(u64::MAX);
        let mut facts = Map::from_iter([
            ("key".to_owned(), Value::from(&*lost.key)),
            ("label".to_owned(), Value::from(&*lost.label)),
            ("age_ms".to_owned(), age.into()),
            ("why".to_owned(), lost.why.name().into()),
        ]);
        if lost.direction == Direction::In {
            facts.insert("dir".to_owned(), Direction::In.name().into());
        }
        if !lost.group.is_empty() {
            facts.insert("group".to_owned(), lost.group.into());
        }
        let what = (Badge::Lost, &*lost.label);
        self.facts(at, EntryKind::Lost, what, Some(lost.seq), &facts, note);
    }

    fn facts(
        &mut self,
        at: Stamp,
        kind: EntryKind,
        (badge, label): (Badge, &str),
        pair: Option<Seq>,
        facts: &Map<String, Value>,
        note: Option<String>,
    ) {
        let payload = serde_json::to_string(facts).unwrap_or_default();
        self.push(&Draft {
            at,
            kind,
            direction: Direction::In,
            payload: payload.as_bytes(),
            wire: &Wire::default(),
            badge,
            label,
            outcome: None,
            latency: None,
            pair,
            asks: false,
            note,
            error: None,
        });
    }

    /// Hands the chunk over and starts the next.
    pub(super) fn take(&mut self) -> Chunk {
        let buffer = self.buffers.try_recv().unwrap_or_default();
        // A full chunk is followed by another one like it.
        let room = if self.is_full() { self.chunk.len() } else { 0 };
        let next = Chunk::with_room(self.next(), buffer, room);
        std::mem::replace(&mut self.chunk, next)
    }
}
