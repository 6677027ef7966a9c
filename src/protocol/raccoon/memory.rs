//! The batches sent on one connection, by guid: what their acks are judged by.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::time::Duration;

use super::batch::Batch;
use super::tally::Order;
use crate::frame::{Frame, FrameKind, Stamp};

/// Batches per generation. The newest generation and the one before it are known; what is older
/// is forgotten, and repetitions across it are not told.
const GENERATION: usize = 32_768;
/// Event types that have a name here; later ones are shown as `?`.
const TYPES_MAX: usize = 1_024;
/// Longest event type kept, bytes.
const TYPE_MAX: usize = 128;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// One batch, or several sent under one guid: the newest.
#[derive(Debug)]
pub(super) struct Sent {
    /// When.
    pub(super) at: Stamp,
    /// Position among the batches of this connection, from 0.
    pub(super) number: u32,
    /// Its opcode, or `Request`.
    pub(super) kind: FrameKind,
    /// Times this guid was sent.
    pub(super) sends: u16,
    /// Replies to it.
    pub(super) replies: u16,
    /// Code of the newest reply; 0 before there is one.
    pub(super) code: u8,
    /// True if it was sent again while an earlier one waited.
    pub(super) raced: bool,
    /// True if the batch has events.
    pub(super) has_events: bool,
    /// Hash of the whole message.
    digest: u64,
    /// Numbers of the types its order speaks of.
    types: [u16; 4],
    order: Order,
}

/// What is odd about sending this guid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    /// True if the message is the same byte for byte.
    pub(super) same: bool,
    /// Code of the last reply to the guid; 0 if none came.
    pub(super) code: u8,
}

/// A reply met its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Since the newest batch of the guid was sent.
    pub(super) latency: Duration,
    /// When that was.
    pub(super) sent: Stamp,
    /// See [`Sent::number`].
    pub(super) number: u32,
    /// See [`Sent::kind`].
    pub(super) kind: FrameKind,
    /// Times the guid was sent.
    pub(super) sends: u16,
    /// Replies to the guid, this one included.
    pub(super) replies: u16,
    /// Code of the reply before; 0 if this is the first.
    pub(super) before: u8,
    /// See [`Sent::raced`].
    pub(super) raced: bool,
    /// True if the batch has events.
    pub(super) has_events: bool,
}

/// All of them, in bounded space.
#[derive(Debug, Default)]
pub(super) struct Memory {
    newer: Map<u64, Sent>,
    older: Map<u64, Sent>,
    numbers: Map<Box<str>, u16>,
    names: Vec<Box<str>>,
    next: u32,
}

impl Memory {
    /// Remembers a batch whose message has this digest; tells its number, and whether its guid was
    /// sent before.
    pub(super) fn sent(
        &mut self,
        batch: &Batch<'_>,
        frame: &Frame<'_>,
        digest: u64,
    ) -> (u32, Option<Repeat>) {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        if batch.guid.is_empty() {
            return (number, None);
        }
        if self.newer.len() >= GENERATION {
            self.older = std::mem::take(&mut self.newer);
        }
        let key = self.key(&batch.guid);
        let known = self.newer.remove(&key).or_else(|| self.older.remove(&key));
        let repeat = known.as_ref().map(|known| Repeat {
            same: known.digest == digest,
            code: known.code,
        });
        let types = self.types(batch);
        let sent = Sent {
            at: frame.at,
            number,
            kind: frame.kind,
            sends: known
                .as_ref()
                .map_or(1, |known| known.sends.saturating_add(1)),
            replies: known.as_ref().map_or(0, |known| known.replies),
            raced: known
                .as_ref()
                .is_some_and(|known| known.sends > known.replies),
            code: known.map_or(0, |known| known.code),
            has_events: batch.tally.total() > 0,
            digest,
            types,
            order: batch.tally.order().clone(),
        };
        self.newer.insert(key, sent);
        (number, repeat)
    }

    /// Meets a reply with its batch.
    pub(super) fn answered(&mut self, guid: &str, code: i64, at: Stamp) -> Option<Answer> {
        let sent = self.find(guid)?;
        let before = sent.code;
        sent.replies = sent.replies.saturating_add(1);
        sent.code = u8::try_from(code).unwrap_or(u8::MAX);
        Some(Answer {
            latency: at.since(sent.at),
            sent: sent.at,
            number: sent.number,
            kind: sent.kind,
            sends: sent.sends,
            replies: sent.replies,
            before,
            raced: sent.raced,
            has_events: sent.has_events,
        })
    }

    /// True if no batch was sent.
    pub(super) fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// The batch last sent under `guid`.
    pub(super) fn get(&self, guid: &str) -> Option<&Sent> {
        let key = self.key(guid);
        self.newer.get(&key).or_else(|| self.older.get(&key))
    }

    /// The types of its events in order, as far as they were kept.
    pub(super) fn event_types(&self, guid: &str) -> Option<Vec<&str>> {
        let sent = self.get(guid)?;
        let name = |place: u8| {
            let number = sent.types.get(usize::from(place))?;
            self.names.get(usize::from(*number)).map(|name| &**name)
        };
        let places = sent.order.places();
        Some(places.map(|place| name(place).unwrap_or("?")).collect())
    }

    fn find(&mut self, guid: &str) -> Option<&mut Sent> {
        let key = self.key(guid);
        match self.newer.get_mut(&key) {
            Some(sent) => Some(sent),
            None => self.older.get_mut(&key),
        }
    }

    fn key(&self, guid: &str) -> u64 {
        self.numbers.hasher().hash_one(guid)
    }

    fn types(&mut self, batch: &Batch<'_>) -> [u16; 4] {
        let mut types = [u16::MAX; 4];
        for (slot, name) in types.iter_mut().zip(batch.tally.names()) {
            *slot = self.number(name);
        }
        types
    }

    fn number(&mut self, name: &str) -> u16 {
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        if self.names.len() >= TYPES_MAX || name.len() > TYPE_MAX {
            return u16::MAX;
        }
        let number = self.names.len() as u16;
        self.numbers.insert(name.into(), number);
        self.names.push(name.into());
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Direction;
    use crate::transport::clock;

    fn frame(payload: &[u8]) -> Frame<'_> {
        Frame {
            seq: 0,
            at: clock::now(),
            direction: Direction::Out,
            kind: FrameKind::Text,
            payload,
        }
    }

    fn send(memory: &mut Memory, text: &str) -> Option<Repeat> {
        let frame = frame(text.as_bytes());
        let digest = crate::protocol::foreign::digest(frame.payload);
        memory.sent(&Batch::read(&frame), &frame, digest).1
    }

    #[test]
    fn a_repeated_guid_is_told_with_what_became_of_the_first() {
        let mut memory = Memory::default();
        let batch = r#"{"req_guid":"a","events":[{"type":"x"}]}"#;
        assert_eq!(send(&mut memory, batch), None);
        memory.answered("a", 3, clock::now());
        let again = send(&mut memory, batch);
        assert_eq!(
            again,
            Some(Repeat {
                same: true,
                code: 3
            })
        );
        let other = send(&mut memory, r#"{"req_guid":"a"}"#);
        assert_eq!(other.map(|repeat| repeat.same), Some(false));
        let answer = memory.answered("a", 1, clock::now()).unwrap();
        assert_eq!((answer.sends, answer.replies, answer.before), (3, 2, 3));
        assert!(memory.answered("b", 1, clock::now()).is_none());
    }

    #[test]
    fn types_are_kept_in_the_order_of_the_events() {
        let mut memory = Memory::default();
        let events = r#"{"type":"x"},{"type":"y"},{"type":"x"},{}"#;
        send(
            &mut memory,
            &format!(r#"{{"req_guid":"a","events":[{events}]}}"#),
        );
        let types = memory.event_types("a").unwrap();
        assert_eq!(types, ["x", "y", "x", "(no type)"]);
        assert_eq!(memory.event_types("none"), None);
    }

    #[test]
    fn the_newest_are_known_and_the_rest_is_forgotten() {
        let mut memory = Memory::default();
        for n in 0..3 * GENERATION {
            send(&mut memory, &format!(r#"{{"req_guid":"{n}"}}"#));
        }
        assert!(memory.newer.len() + memory.older.len() <= 2 * GENERATION);
        assert!(memory.get("0").is_none());
        assert!(memory.get(&(3 * GENERATION - 1).to_string()).is_some());
        assert!(memory.get(&(2 * GENERATION + 5).to_string()).is_some());
    }
}
