//! What a batch document says besides its events.

use jiff::Timestamp;

use crate::compose::context::Context;
use crate::compose::document::Field;
use crate::compose::error::ComposeError;
use crate::protocol::raccoon::{Serialization, Settings, Transport, Wire};

pub(super) const KEYS: [&str; 8] = [
    "req_guid",
    "sent_time",
    "events",
    "transport",
    "wire",
    "serialization",
    "legacy_keys",
    "lint",
];

/// How a batch is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::compose) struct Way {
    pub(in crate::compose) transport: Transport,
    pub(in crate::compose) wire: Wire,
    /// Of events that do not say otherwise.
    pub(super) serialization: Serialization,
    /// JSON wire: the payload under the old spelling of its key as well.
    pub(super) legacy_keys: bool,
}

impl Way {
    /// What the document chooses, and the profile where it does not.
    pub(in crate::compose) fn read(
        whole: &Field<'_>,
        settings: &Settings,
    ) -> Result<Self, ComposeError> {
        let asked = whole.member("transport");
        let transport = match &asked {
            Some(field) => transport_of(field)?,
            None => settings.transport.unwrap_or_default(),
        };
        let wire = match whole.member("wire") {
            Some(field) => {
                let wire = wire_of(&field)?;
                if (transport, wire) == (Transport::Grpc, Wire::Json) {
                    return Err(field.invalid(
                        "is \"json\", and gRPC has one wire, protobuf; leave `wire` out, or send \
                         the batch over \"websocket\" or \"rest\"",
                    ));
                }
                wire
            }
            // A batch sent to the gRPC twin by itself; there is one wire there.
            None if transport == Transport::Grpc && asked.is_some() => Wire::Protobuf,
            None if transport == Transport::Grpc && settings.wire == Wire::Json => {
                return Err(whole.invalid(
                    "cannot be sent: the profile or --wire asks for the JSON wire, and gRPC has \
                     one wire, protobuf; write \"wire\":\"protobuf\", or choose the transport \
                     \"websocket\" or \"rest\"",
                ));
            }
            None => settings.wire,
        };
        let serialization = match whole.member("serialization") {
            Some(field) => serialization_of(&field)?,
            None => settings.serialization,
        };
        let legacy_keys = match whole.member("legacy_keys") {
            Some(field) => field.truth()?,
            None => settings.legacy_keys,
        };
        Ok(Self {
            transport,
            wire,
            serialization,
            legacy_keys,
        })
    }
}

/// The batch's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guid {
    /// A new one each time.
    Fresh,
    /// The field is not written.
    None,
    Given(String),
}

impl Guid {
    pub(super) fn read(field: Option<&Field<'_>>) -> Result<Self, ComposeError> {
        Ok(match field {
            None => Self::Fresh,
            Some(field) if field.is_null() => Self::None,
            Some(field) => Self::Given(field.text()?.to_owned()),
        })
    }

    pub(super) fn into_text(self, context: &mut Context<'_>) -> Option<String> {
        match self {
            Self::Fresh => Some(context.uuid()),
            Self::None => None,
            Self::Given(guid) => Some(guid),
        }
    }
}

/// When the batch says it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// When it is made.
    Now,
    /// The field is not written.
    None,
    /// Seconds since the epoch and nanoseconds on top.
    Given(i64, i32),
}

impl Sent {
    pub(super) fn read(field: Option<&Field<'_>>) -> Result<Self, ComposeError> {
        Ok(match field {
            None => Self::Now,
            Some(field) if field.is_null() => Self::None,
            Some(field) => {
                let (seconds, nanos) = time(field)?;
                Self::Given(seconds, nanos)
            }
        })
    }

    pub(super) fn parts(self, context: &Context<'_>) -> Option<(i64, i32)> {
        match self {
            Self::Now => Some(context.now_parts()),
            Self::None => None,
            Self::Given(seconds, nanos) => Some((seconds, nanos)),
        }
    }
}

/// What is meant by names the server would silently ignore, losing the content.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    match name {
        "reqGuid" => Some("write `req_guid`: the server ignores camelCase and still says success"),
        "sentTime" | "send_time" => {
            Some("write `sent_time`: the server ignores any other name and still says success")
        }
        "data" | "type" => Some("events stand in a list: {\"events\":[{\"type\":…,\"data\":…}]}"),
        _ => None,
    }
}

pub(super) fn wire_of(field: &Field<'_>) -> Result<Wire, ComposeError> {
    match field.text()? {
        "protobuf" => Ok(Wire::Protobuf),
        "json" => Ok(Wire::Json),
        other => Err(field.invalid(format!("is \"{other}\"; it can be protobuf or json"))),
    }
}

pub(super) fn transport_of(field: &Field<'_>) -> Result<Transport, ComposeError> {
    match field.text()? {
        "websocket" => Ok(Transport::WebSocket),
        "rest" => Ok(Transport::Rest),
        "grpc" => Ok(Transport::Grpc),
        other => Err(field.invalid(format!("is \"{other}\"; it can be websocket, rest or grpc"))),
    }
}

pub(super) fn serialization_of(field: &Field<'_>) -> Result<Serialization, ComposeError> {
    match field.text()? {
        "protobuf" => Ok(Serialization::Protobuf),
        "json" => Ok(Serialization::Json),
        "raw" => Ok(Serialization::Raw),
        other => Err(field.invalid(format!("is \"{other}\"; it can be protobuf, json or raw"))),
    }
}

/// An RFC 3339 time, or `{"seconds":…,"nanos":…}` unchecked, as the server takes it.
fn time(field: &Field<'_>) -> Result<(i64, i32), ComposeError> {
    if field.is_object() {
        field.keys(&["seconds", "nanos"], |_| None)?;
        let part = |name: &str| field.member(name).map_or(Ok(0), |part| part.integer());
        let nanos = part("nanos")?;
        let narrow = i32::try_from(nanos);
        let nanos = narrow.map_err(|_| field.invalid(format!("has {nanos} nanos, too many")))?;
        return Ok((part("seconds")?, nanos));
    }
    let wrong = "must be a time such as 2026-01-31T12:00:00Z, {\"seconds\":…,\"nanos\":…}, or \
                 null for none";
    let text = field.text().map_err(|_| field.invalid(wrong))?;
    let time: Timestamp = text.parse().map_err(|_| field.invalid(wrong))?;
    let nanos = time.as_nanosecond();
    let seconds = nanos.div_euclid(1_000_000_000);
    Ok((seconds as i64, nanos.rem_euclid(1_000_000_000) as i32))
}
