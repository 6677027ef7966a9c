//! What goes into a chunk, and the sums kept of it.

use std::time::Duration;

use crate::entry::record::EntryKind;
use crate::entry::summary::{Badge, Outcome};
use crate::frame::{Direction, Seq, Stamp, Wire};

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
