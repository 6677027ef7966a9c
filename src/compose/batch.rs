//! Raccoon's batch documents.

mod event;
mod wire;

use jiff::Timestamp;

use super::Prepared;
use super::context::Context;
use super::document::Field;
use super::error::ComposeError;
use crate::protocol::Command;
use crate::protocol::raccoon::{EncodedBatch, Serialization, Settings, Tally, Transport, Wire};
use crate::schema::Schema;

use event::Event;

/// What is in a batch, before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// What the batch goes over.
    pub transport: Transport,
    /// The batch's wire.
    pub wire: Wire,
    /// Size of the whole message, bytes.
    pub size: usize,
    /// Its events, in order.
    pub events: Vec<EventPreview>,
}

/// One event of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPreview {
    /// Event type.
    pub kind: String,
    /// Message the data was encoded as.
    pub message: Option<String>,
    /// How the payload came about.
    pub serialization: Serialization,
    /// Size of the payload, bytes.
    pub size: usize,
    /// Where the server publishes it, by the profile's pattern.
    pub destination: String,
}

/// A batch before its wire is applied.
#[derive(Debug)]
struct Batch {
    guid: Option<String>,
    /// Seconds since the epoch and nanoseconds on top.
    sent_time: Option<(i64, i32)>,
    events: Vec<Event>,
}

const KEYS: [&str; 6] = [
    "req_guid",
    "sent_time",
    "events",
    "transport",
    "wire",
    "serialization",
];

pub(super) fn prepare(
    whole: Field<'_>,
    settings: &Settings,
    schema: &Schema,
    context: &mut Context<'_>,
) -> Result<Prepared, ComposeError> {
    let whole = whole.object()?;
    whole.keys(&KEYS, meant)?;
    let transport = match whole.member("transport") {
        Some(field) => transport_of(&field)?,
        None => settings.transport.unwrap_or_default(),
    };
    let wire = match whole.member("wire") {
        Some(field) => wire_of(&field)?,
        // The gRPC twin has one wire.
        None if transport == Transport::Grpc => Wire::Protobuf,
        None => settings.wire,
    };
    let serialization = match whole.member("serialization") {
        Some(field) => serialization_of(&field)?,
        None => settings.serialization,
    };
    let guid = match whole.member("req_guid") {
        None => Some(context.uuid()),
        Some(field) if field.is_null() => None,
        Some(field) => Some(field.text()?.to_owned()),
    };
    let sent_time = match whole.member("sent_time") {
        None => Some(context.now_parts()),
        Some(field) if field.is_null() => None,
        Some(field) => Some(time(&field)?),
    };
    let events = match whole.member("events") {
        None => Vec::new(),
        Some(field) => field
            .elements()?
            .into_iter()
            .map(|event| Event::read(event, serialization, schema))
            .collect::<Result<_, _>>()?,
    };
    let batch = Batch {
        guid,
        sent_time,
        events,
    };
    Ok(batch.prepared(transport, wire, &settings.destination))
}

impl Batch {
    fn prepared(self, transport: Transport, wire: Wire, pattern: &str) -> Prepared {
        let bytes = match wire {
            Wire::Protobuf => wire::protobuf(&self),
            Wire::Json => wire::json(&self),
        };
        let mut tally = Tally::default();
        for event in &self.events {
            tally.add(event.kind.as_str().into());
        }
        let label = tally.label().into_owned();
        let guid = self.guid.unwrap_or_default();
        let preview = Preview {
            transport,
            wire,
            size: bytes.len(),
            events: self
                .events
                .into_iter()
                .map(|event| event.preview(pattern))
                .collect(),
        };
        Prepared {
            expects_reply: true,
            key: Some(guid.clone()),
            label,
            preview: Some(preview),
            command: Command::Batch(EncodedBatch {
                guid,
                transport,
                wire,
                bytes: bytes.into(),
            }),
        }
    }
}

/// What is meant by names the server would silently ignore, losing the content.
fn meant(name: &str) -> Option<&'static str> {
    match name {
        "reqGuid" => Some("write `req_guid`: the server ignores camelCase and still says success"),
        "sentTime" | "send_time" => {
            Some("write `sent_time`: the server ignores any other name and still says success")
        }
        "data" | "type" => Some("events stand in a list: {\"events\":[{\"type\":…,\"data\":…}]}"),
        _ => None,
    }
}

fn wire_of(field: &Field<'_>) -> Result<Wire, ComposeError> {
    match field.text()? {
        "protobuf" => Ok(Wire::Protobuf),
        "json" => Ok(Wire::Json),
        other => Err(field.invalid(format!("is \"{other}\"; it can be protobuf or json"))),
    }
}

fn transport_of(field: &Field<'_>) -> Result<Transport, ComposeError> {
    match field.text()? {
        "websocket" => Ok(Transport::WebSocket),
        "rest" => Ok(Transport::Rest),
        "grpc" => Ok(Transport::Grpc),
        other => Err(field.invalid(format!("is \"{other}\"; it can be websocket, rest or grpc"))),
    }
}

fn serialization_of(field: &Field<'_>) -> Result<Serialization, ComposeError> {
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
