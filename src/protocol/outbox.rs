//! What a protocol wants done.

use std::borrow::Cow;

use bytes::Bytes;

use super::savetowebsocket;
use crate::frame::Stamp;

/// A message to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A text message; the bytes need not be UTF-8.
    Text(Bytes),
    /// A binary message.
    Binary(Bytes),
    /// A ping with that payload (at most 125 bytes).
    Ping(Bytes),
    /// A pong with that payload (at most 125 bytes).
    Pong(Bytes),
    /// A call beside the WebSocket (or without one), over the session's REST or gRPC twin.
    Call(Call),
    /// Starts the closing handshake.
    Close {
        /// Close code.
        code: u16,
        /// Reason, at most 123 bytes.
        reason: String,
    },
}

impl Outgoing {
    /// Bytes of payload in it; of a close frame, of its reason.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Text(bytes) | Self::Binary(bytes) | Self::Ping(bytes) | Self::Pong(bytes) => {
                bytes.len()
            }
            Self::Call(call) => call.body.len(),
            Self::Close { reason, .. } => reason.len(),
        }
    }
}

/// A request over the session's REST or gRPC twin. Its two halves are logged as frames of kind
/// `Request` and `Response`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Over which twin.
    pub route: Route,
    /// `Content-Type` of a REST request, sent byte for byte; unused on gRPC.
    pub content_type: Cow<'static, str>,
    /// gRPC: path of the method, `/package.Service/Method`; unused on REST.
    pub method: Cow<'static, str>,
    /// The whole message.
    pub body: Bytes,
}

/// The twin a call goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// HTTP POST.
    Rest,
    /// Unary gRPC.
    Grpc,
}

impl Route {
    /// What a person calls such a request.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rest => "REST request",
            Self::Grpc => "gRPC call",
        }
    }
}

/// A step of the conversation that changes the session's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// Introducing ourselves; what is awaited.
    Registering(String),
    /// Ready for use; how we know.
    Live(String),
    /// The server turned us away after the upgrade.
    Refused {
        /// The system's own code (Raccoon: 4 or 5).
        code: i64,
        /// The server's words, decoded leniently.
        reason: String,
        /// What to do about it.
        advice: String,
        /// The least time to wait before dialing again, milliseconds.
        retry_after_ms: u64,
    },
    /// The opening steps failed: the connection must not become live. It is closed with 1001 and
    /// counts as a failed attempt.
    Failed(String),
}

/// A diagnosis that belongs to no single frame: a sentence a person can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(pub String);

/// What a protocol wants done; the session empties it after every call.
#[derive(Debug, Default)]
pub struct Outbox {
    /// To be written, in this order.
    pub sends: Vec<Outgoing>,
    /// State changes, in this order.
    pub milestones: Vec<Milestone>,
    /// Named deadlines to set (`Some`) or drop (`None`); shown as countdowns, and `elapsed` is
    /// called when the earliest passes.
    pub deadlines: Vec<(Cow<'static, str>, Option<Stamp>)>,
    /// Diagnoses for the notices.
    pub notes: Vec<Note>,
    /// When `elapsed` is to be called although no deadline passes, at the latest; shown nowhere.
    /// Only the earliest counts until it has passed.
    pub wake: Option<Stamp>,
    /// What became of the filters that choose events, in this order.
    pub filters: Vec<savetowebsocket::Change>,
}

impl Outbox {
    /// True if there is nothing to do: the usual case, checked once per frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sends.is_empty()
            && self.milestones.is_empty()
            && self.deadlines.is_empty()
            && self.notes.is_empty()
            && self.filters.is_empty()
            && self.wake.is_none()
    }

    /// Queues a text message.
    pub fn send_text(&mut self, text: impl Into<Bytes>) {
        self.sends.push(Outgoing::Text(text.into()));
    }

    /// Queues a binary message.
    pub fn send_binary(&mut self, bytes: impl Into<Bytes>) {
        self.sends.push(Outgoing::Binary(bytes.into()));
    }

    /// Sets a named deadline.
    pub fn deadline(&mut self, name: impl Into<Cow<'static, str>>, at: Stamp) {
        self.deadlines.push((name.into(), Some(at)));
    }

    /// Drops a named deadline.
    pub fn drop_deadline(&mut self, name: impl Into<Cow<'static, str>>) {
        self.deadlines.push((name.into(), None));
    }

    /// Has `elapsed` called at `at`, or before.
    pub fn wake(&mut self, at: Stamp) {
        let earlier = self.wake.filter(|known| known.mono <= at.mono);
        self.wake = Some(earlier.unwrap_or(at));
    }

    /// Adds a diagnosis.
    pub fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(Note(sentence.into()));
    }
}
