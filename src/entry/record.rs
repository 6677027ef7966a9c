//! The fixed-size part of an entry, and the view handed out for it.

use std::borrow::Cow;
use std::time::Duration;

use super::summary::{Badge, Outcome};
use crate::frame::{Direction, Frame, FrameKind, Seq, Stamp, Wire};

/// What an entry tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A frame that crossed the wire; the payload is the frame's.
    Frame(FrameKind),
    /// The session changed its state; the payload is a JSON object with the facts of the state.
    Lifecycle,
    /// An ask was given up; the payload is a JSON object with key, label, age and why.
    Lost,
}

impl EntryKind {
    const ALL: [Self; 9] = [
        Self::Frame(FrameKind::Text),
        Self::Frame(FrameKind::Binary),
        Self::Frame(FrameKind::Ping),
        Self::Frame(FrameKind::Pong),
        Self::Frame(FrameKind::Close),
        Self::Frame(FrameKind::Request),
        Self::Frame(FrameKind::Response),
        Self::Lifecycle,
        Self::Lost,
    ];

    pub(super) fn code(self) -> u8 {
        match self {
            Self::Frame(kind) => kind as u8,
            Self::Lifecycle => 7,
            Self::Lost => 8,
        }
    }

    pub(super) fn from_code(code: u8) -> Self {
        Self::ALL[usize::from(code)]
    }
}

/// One row as stored: 28 bytes, payload and texts elsewhere in the chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) offset: u32,
    pub(super) len: u32,
    /// Microseconds after the chunk's base stamp.
    pub(super) at: u32,
    /// Microseconds; `u32::MAX` for none.
    pub(super) latency: u32,
    pub(super) mask: [u8; 4],
    pub(super) label: u16,
    /// Wire bytes beyond the payload, saturating.
    pub(super) overhead: u16,
    pub(super) kind: u8,
    pub(super) badge: u8,
    /// Index into `Outcome::ALL`, 255 for none.
    pub(super) outcome: u8,
    /// Bits 0–2 RSV; see the constants for the rest.
    pub(super) flags: u8,
}

impl Record {
    pub(super) const OUT: u8 = 1 << 3;
    pub(super) const MASKED: u8 = 1 << 4;
    /// Has an [`Extra`].
    pub(super) const EXTRA: u8 = 1 << 5;
    /// A reply is expected.
    pub(super) const ASKS: u8 = 1 << 6;
    pub(super) const NO_LATENCY: u32 = u32::MAX;
    pub(super) const NO_OUTCOME: u8 = u8::MAX;

    pub(super) fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// True for a reply and for the row of a lost ask: both point back at an ask.
    pub(super) fn answers(self) -> bool {
        self.outcome != Self::NO_OUTCOME || EntryKind::from_code(self.kind) == EntryKind::Lost
    }
}

/// What only few rows have.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Extra {
    pub(super) note: Option<Box<str>>,
    pub(super) error: Option<Box<str>>,
    pub(super) fragments: Fragments,
}

impl Extra {
    /// Heap memory of its texts.
    pub(super) fn heap(&self) -> usize {
        self.note.as_deref().map_or(0, str::len)
            + self.error.as_deref().map_or(0, str::len)
            + self.fragments.heap()
    }
}

/// Payload lengths of a message's fragments; empty for a message of one frame.
///
/// Servers with a write buffer send two or three, and a stream has thousands of such messages: in
/// place, they leave no holes among the large buffers of chunks.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fragments {
    Few(u8, [u32; 3]),
    Many(Box<[u32]>),
}

impl Fragments {
    pub(super) fn as_slice(&self) -> &[u32] {
        match self {
            Self::Few(count, lengths) => &lengths[..usize::from(*count)],
            Self::Many(lengths) => lengths,
        }
    }

    fn heap(&self) -> usize {
        match self {
            Self::Few(..) => 0,
            Self::Many(lengths) => size_of_val(&**lengths),
        }
    }
}

impl Default for Fragments {
    fn default() -> Self {
        Self::Few(0, [0; 3])
    }
}

impl From<&[u32]> for Fragments {
    fn from(lengths: &[u32]) -> Self {
        let mut few = [0; 3];
        match few.get_mut(..lengths.len()) {
            Some(place) => {
                place.copy_from_slice(lengths);
                Self::Few(lengths.len() as u8, few)
            }
            None => Self::Many(lengths.into()),
        }
    }
}

/// One line of the log, as a view into the chunk that holds it.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Position in the session's log.
    pub seq: Seq,
    /// When it happened.
    pub at: Stamp,
    /// What it tells of.
    pub kind: EntryKind,
    /// Which way the frame went; `In` for lifecycle changes.
    pub direction: Direction,
    /// The frame's payload, or the JSON facts of a lifecycle change or lost ask.
    pub payload: &'a [u8],
    /// What it is in its system's terms.
    pub badge: Badge,
    /// What it is about. Not sanitised.
    pub label: &'a str,
    /// For a reply: what became of it.
    pub outcome: Option<Outcome>,
    /// For a reply: time since the ask; for a pong: since the ping.
    pub latency: Option<Duration>,
    /// The other half: the ask of a reply or of a loss; the reply to an ask, or its loss.
    pub pair: Option<Seq>,
    /// True if a reply is (or was) expected; it is awaited while there is no `pair`.
    pub asks: bool,
    /// A diagnosis.
    pub note: Option<&'a str>,
    /// Why it does not decode.
    pub error: Option<&'a str>,
    /// How it looked on the wire.
    pub wire: Wire,
}

impl<'a> Entry<'a> {
    /// What it is about: the label, with the transport of a call before it, or the start of the
    /// payload where there is none. Not sanitised.
    #[must_use]
    pub fn title(&self) -> Cow<'a, str> {
        let frame = self.frame();
        let exchange = frame.and_then(|frame| frame.exchange());
        if let Some(exchange) = exchange.filter(|_| !self.label.is_empty()) {
            let transport = if exchange.is_grpc() { "gRPC" } else { "REST" };
            return Cow::Owned(format!("{transport} {}", self.label));
        }
        match frame {
            Some(frame) if self.label.is_empty() => frame.glance(),
            _ => Cow::Borrowed(self.label),
        }
    }

    /// Bytes of its message: of a request or response those of the body, else of the payload.
    #[must_use]
    pub fn size(&self) -> usize {
        let frame = self.frame();
        frame.map_or(self.payload.len(), |frame| frame.message().len())
    }

    /// The frame this entry tells of; `None` for lifecycle changes and lost asks.
    #[must_use]
    pub fn frame(&self) -> Option<Frame<'a>> {
        let EntryKind::Frame(kind) = self.kind else {
            return None;
        };
        Some(Frame {
            seq: self.seq,
            at: self.at,
            direction: self.direction,
            kind,
            payload: self.payload,
        })
    }
}
