//! `[raccoon]` of a profile, and the batch as it is sent.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Wire of the batches we send; what comes in is read in either.
    pub wire: Wire,
    /// Serialization of the events we send.
    pub serialization: Serialization,
    /// Where the REST twin listens.
    pub rest_url: Option<String>,
    /// Where the gRPC twin listens.
    pub grpc_url: Option<String>,
    /// How long an ack may take.
    #[serde(with = "crate::duration")]
    pub ack_timeout: Duration,
    /// The publisher pattern of the server; its first `%s` is the event type.
    pub destination: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            wire: Wire::default(),
            serialization: Serialization::default(),
            rest_url: None,
            grpc_url: None,
            ack_timeout: Duration::from_secs(10),
            destination: "clickstream-%s-log".to_owned(),
        }
    }
}

/// A batch ready for the wire. Made by `compose`; the protocol only wraps it in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedBatch {
    /// `req_guid`, the correlation key.
    pub guid: String,
    /// How `bytes` are encoded; decides the opcode.
    pub wire: Wire,
    /// The whole message.
    pub bytes: Bytes,
}
