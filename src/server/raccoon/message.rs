//! Batches and replies, apart from how they are encoded.

use bytes::BytesMut;

use crate::server::wire::{self, Opcode};

/// How a message is encoded; every reply is encoded like its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    /// Binary frames, `application/proto`.
    Protobuf,
    /// Text frames, `application/json`.
    Json,
}

/// `SendEventRequest`: a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) guid: String,
    /// Its `sent_time`, which only the metrics look at.
    pub(super) sent: SentTime,
    /// `None` is JSON `null`, over which the real server stumbles.
    pub(super) events: Vec<Option<Event>>,
}

/// A `Timestamp` as it came, unchecked; one that is missing is the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SentTime {
    pub(super) seconds: i64,
    pub(super) nanos: i32,
}

impl SentTime {
    /// Milliseconds from then until `wall_us`, microseconds since the epoch; at most what Go's
    /// durations hold, 292 years.
    pub(super) fn until_ms(self, wall_us: i64) -> i64 {
        let sent = i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanos);
        let passed = i128::from(wall_us) * 1000 - sent;
        let held = passed.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        (held / 1_000_000) as i64
    }
}

/// One event: an opaque payload and the type it is routed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) bytes: Vec<u8>,
    pub(super) kind: String,
}

/// What a message turned out to be: the batch as far as it was read, and why not further. The
/// reply to an undecodable message still carries the `req_guid`, if that had been read.
pub(super) type Decoded = (Batch, Result<(), String>);

/// `Code` of a reply; its `Status` follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    Ok = 1,
    BadRequest = 2,
    InternalError = 3,
    MaxConnectionLimit = 4,
    MaxUserLimit = 5,
}

impl Code {
    pub(super) const fn number(self) -> u8 {
        self as u8
    }

    /// 1 is success, 2 error; the real server sends no other pair.
    pub(super) const fn status(self) -> u8 {
        match self {
            Self::Ok => 1,
            _ => 2,
        }
    }
}

/// `SendEventResponse`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: Code,
    /// Unix seconds.
    pub(super) sent_time: i64,
    /// Bytes, as a refusal repeats an id that need not be UTF-8.
    pub(super) reason: Vec<u8>,
    /// `data["req_guid"]`; `None` if there is no `data` at all.
    pub(super) guid: Option<String>,
}

impl Reply {
    pub(super) fn success(guid: &str, sent_time: i64) -> Self {
        Self {
            code: Code::Ok,
            sent_time,
            reason: Vec::new(),
            guid: Some(guid.to_owned()),
        }
    }

    pub(super) fn failure(code: Code, reason: &str, guid: Option<&str>, sent_time: i64) -> Self {
        Self {
            code,
            sent_time,
            reason: reason.as_bytes().to_vec(),
            guid: guid.map(str::to_owned),
        }
    }
}

impl Wire {
    pub(super) fn decode(self, bytes: &[u8]) -> Decoded {
        match self {
            Self::Protobuf => super::protobuf::decode(bytes),
            Self::Json => super::json::decode(bytes),
        }
    }

    pub(super) fn encode(self, reply: &Reply) -> Vec<u8> {
        match self {
            Self::Protobuf => super::protobuf::encode(reply),
            Self::Json => super::json::encode(reply).into_bytes(),
        }
    }

    /// Appends a reply in the frame type of its request.
    pub(super) fn append(self, reply: &Reply, out: &mut BytesMut) {
        let opcode = match self {
            Self::Protobuf => Opcode::Binary,
            Self::Json => Opcode::Text,
        };
        wire::frame(opcode, true, &self.encode(reply), out);
    }
}
