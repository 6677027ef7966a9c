//! `[raccoon]` of a profile, and the batch as it is sent.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::ackmode::AckMode;
use super::identity::Identity;
use super::retry::Retry;
use crate::protocol::pongs;

/// How a whole batch is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wire {
    /// Binary frames, protobuf.
    #[default]
    Protobuf,
    /// Text frames, the server's own JSON (`snake_case`, base64, numeric enums).
    Json,
}

/// What a batch is sent over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// A frame of the session's WebSocket.
    #[default]
    WebSocket,
    /// `POST` to [`Settings::rest_url`].
    Rest,
    /// The unary call `SendEvent` at [`Settings::grpc_url`]; the wire is always protobuf.
    Grpc,
}

impl Transport {
    /// The word used in profiles, documents and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::Rest => "rest",
            Self::Grpc => "grpc",
        }
    }
}

/// How one event's payload is encoded before it goes into `event_bytes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Serialization {
    /// By the message mapped to the event's type.
    #[default]
    Protobuf,
    /// JSON text.
    Json,
    /// Bytes as given.
    Raw,
}

/// `[raccoon]` of a profile.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What batches are sent over; where omitted, the target's own (`websocket` for `ws://`,
    /// `rest` for `http://`, `grpc` for `grpc://`).
    pub transport: Option<Transport>,
    /// Wire of the batches we send; what comes in is read in either.
    pub wire: Wire,
    /// Serialization of the events we send.
    pub serialization: Serialization,
    /// JSON wire: write every payload as `event_bytes` and as `eventBytes`, which is what a server
    /// of v0.1.2 reads.
    pub legacy_keys: bool,
    /// Refuse to send what the server would throw away in silence or crash on.
    pub lint: bool,
    /// Where the REST twin listens.
    pub rest_url: Option<String>,
    /// Where the gRPC twin listens.
    pub grpc_url: Option<String>,
    /// How long an ack may take.
    #[serde(with = "crate::duration")]
    pub ack_timeout: Duration,
    /// Name of the header, or gRPC metadata key, the server reads the connection's id from. The
    /// server has no default; `X-User-ID` is its documentation's example.
    pub id_header: String,
    /// Name of the header for the connection group; empty if the server reads none.
    pub group_header: String,
    /// How long the server is presumed to wait for a pong.
    #[serde(with = "crate::duration")]
    pub pong_wait: Duration,
    /// The server's `EVENT_ACK`, if known; inferred if omitted.
    pub ack_mode: Option<AckMode>,
    /// The publisher pattern of the server; its first `%s` is the event type.
    pub destination: String,
    /// Where the server says that it is alive, asked for beside the connection; where omitted,
    /// `/ping` of the REST address. Empty for no such check.
    pub health: Option<String>,
    /// How often it is asked.
    #[serde(with = "crate::duration")]
    pub health_every: Duration,
    /// Where the server's Prometheus metrics are; not read if omitted.
    pub metrics_url: Option<String>,
    /// Time between two readings of them.
    #[serde(with = "crate::duration")]
    pub metrics_every: Duration,
    /// Whether a failed batch is sent again; never, unless told.
    pub retry: Retry,
    /// What the upgrade says of us; `None` if that is not known. Not of the profile.
    #[serde(skip)]
    pub identity: Option<Identity>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            transport: None,
            wire: Wire::default(),
            serialization: Serialization::default(),
            legacy_keys: false,
            lint: true,
            rest_url: None,
            grpc_url: None,
            ack_timeout: Duration::from_secs(10),
            id_header: "X-User-ID".to_owned(),
            group_header: String::new(),
            pong_wait: pongs::WAIT,
            ack_mode: None,
            destination: "clickstream-%s-log".to_owned(),
            health: None,
            health_every: Duration::from_secs(10),
            retry: Retry::default(),
            metrics_url: None,
            metrics_every: Duration::from_secs(10),
            identity: None,
        }
    }
}

/// A batch ready for the wire. Made by `compose`; the protocol only wraps it in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedBatch {
    /// `req_guid`, the correlation key.
    pub guid: String,
    /// What it goes over.
    pub transport: Transport,
    /// How `bytes` are encoded; decides the opcode or content type.
    pub wire: Wire,
    /// The whole message.
    pub bytes: Bytes,
}
