//! What the user wants sent.

use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use super::outbox::Outgoing;
use super::{raccoon, savetowebsocket, websocketmq};
use crate::entry::{Badge, Entry, EntryKind};
use crate::frame::FrameKind;

/// What the user wants sent, in the system's own terms where it has them.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A frame exactly as given; every system takes it.
    Raw(Outgoing),
    /// Raccoon: a batch, already encoded.
    Batch(raccoon::EncodedBatch),
    /// `SaveToWebSocket`: (re)register with these filters.
    Register(savetowebsocket::Filters),
    /// `WebSocketMQ`: receive a topic's messages.
    Subscribe {
        /// Exact topic.
        topic: String,
    },
    /// `WebSocketMQ`: receive them no more.
    Unsubscribe {
        /// Exact topic.
        topic: String,
    },
    /// `WebSocketMQ`: a message for everybody subscribed.
    Publish {
        /// Exact topic.
        topic: String,
        /// JSON text; `None` leaves the member out.
        payload: Option<Bytes>,
    },
    /// `WebSocketMQ`: a call to the broker.
    Request {
        /// Exact topic.
        topic: String,
        /// JSON text; `None` leaves the member out.
        payload: Option<Bytes>,
        /// How long the reply may take; `None` takes the profile's default.
        within: Option<Duration>,
    },
    /// `WebSocketMQ`: a call to another client, through the broker's `system:proxy`.
    Proxy {
        /// Id of the client; `None` for ourselves, a round trip through the broker and back.
        target: Option<String>,
        /// Topic of the call the other client gets.
        topic: String,
        /// JSON text; `None` leaves the member out.
        payload: Option<Bytes>,
        /// How long the reply may take; `None` takes the profile's default.
        within: Option<Duration>,
    },
    /// `WebSocketMQ`: our answer to a call from the broker.
    Reply {
        /// Id of the call; empty for a call without one.
        id: String,
        /// Topic of the call.
        topic: String,
        /// The answer.
        answer: websocketmq::Answer,
    },
    /// `WebSocketMQ`: what the conversation is to do from now on.
    Steer(websocketmq::Order),
}

impl Command {
    /// Bytes of payload in it.
    #[must_use]
    pub fn size(&self) -> usize {
        let optional = |payload: &Option<Bytes>| payload.as_ref().map_or(0, Bytes::len);
        match self {
            Self::Raw(outgoing) => outgoing.size(),
            Self::Batch(batch) => batch.bytes.len(),
            Self::Publish { payload, .. }
            | Self::Request { payload, .. }
            | Self::Proxy { payload, .. } => optional(payload),
            Self::Reply { answer, .. } => answer.size(),
            Self::Register(_)
            | Self::Subscribe { .. }
            | Self::Unsubscribe { .. }
            | Self::Steer(_) => 0,
        }
    }

    /// True if carrying it out puts a message on the wire; others only tell the conversation what
    /// to do from now on.
    #[must_use]
    pub const fn is_message(&self) -> bool {
        !matches!(
            self,
            Self::Reply {
                answer: websocketmq::Answer::Silence,
                ..
            } | Self::Steer(
                websocketmq::Order::HoldCalls(_)
                    | websocketmq::Order::WatchClients(_)
                    | websocketmq::Order::Probe
                    | websocketmq::Order::Speak(_)
            )
        )
    }

    /// True if `entry` is a frame that carries out this command, as far as the frame tells.
    #[must_use]
    pub fn is_carried_by(&self, entry: &Entry<'_>) -> bool {
        let EntryKind::Frame(kind) = entry.kind else {
            return false;
        };
        let is = |expected, payload: &[u8]| kind == expected && entry.payload == payload;
        match self {
            Self::Raw(Outgoing::Text(bytes)) => is(FrameKind::Text, bytes),
            Self::Raw(Outgoing::Binary(bytes)) => is(FrameKind::Binary, bytes),
            Self::Raw(Outgoing::Ping(bytes)) => is(FrameKind::Ping, bytes),
            Self::Raw(Outgoing::Pong(bytes)) => is(FrameKind::Pong, bytes),
            Self::Raw(Outgoing::Close { .. }) => kind == FrameKind::Close,
            Self::Raw(Outgoing::Call(crate::protocol::Call { body: bytes, .. }))
            | Self::Batch(raccoon::EncodedBatch { bytes, .. }) => {
                entry.frame().is_some_and(|frame| frame.message() == bytes)
            }
            Self::Reply {
                answer: websocketmq::Answer::Verbatim(bytes),
                ..
            } => entry.payload == bytes,
            Self::Reply { id, .. } => {
                // Responders answer by themselves on the same connection.
                let is_meant = || find(entry.payload, id.as_bytes());
                // In the oldest dialects an answer is an event.
                let answers = [Badge::Response, Badge::Error, Badge::Publish, Badge::Event];
                answers.contains(&entry.badge) && is_meant()
            }
            Self::Publish { .. } => matches!(entry.badge, Badge::Publish | Badge::Event),
            Self::Proxy { .. } => entry.badge == Badge::Request,
            Self::Steer(websocketmq::Order::Register { .. }) => entry.badge == Badge::Register,
            command => entry.badge.name() == command.name(),
        }
    }

    /// What kind of command this is, for messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Raw(_) => "raw frame",
            Self::Batch(_) => "batch",
            Self::Register(_) => "register",
            Self::Subscribe { .. } => "subscribe",
            Self::Unsubscribe { .. } => "unsubscribe",
            Self::Publish { .. } => "publish",
            Self::Request { .. } => "request",
            Self::Proxy { .. } => "call to a client",
            Self::Reply { .. } => "reply",
            Self::Steer(order) => order.name(),
        }
    }
}

fn find(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

/// Why a command was not carried out. Nothing was sent.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CommandError {
    /// The system has no such message.
    #[error("{system} has no {command}; it was not sent. Send a raw frame if you mean it")]
    NotSpoken {
        /// The system in use.
        system: &'static str,
        /// The command's kind.
        command: &'static str,
    },
    /// There is no open connection.
    #[error("not connected ({state}): the {command} was not sent and is kept in the composer")]
    NotConnected {
        /// The session's state.
        state: &'static str,
        /// The command's kind.
        command: &'static str,
    },
    /// The content would hurt or mean nothing.
    #[error("{0}")]
    Invalid(String),
}
