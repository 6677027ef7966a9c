//! One event of a batch document.

use super::EventPreview;
use super::head::serialization_of;
use crate::body::Value;
use crate::compose::document::Field;
use crate::compose::error::ComposeError;
use crate::compose::raw;
use crate::protocol::raccoon::Serialization;
use crate::schema::{Misfit, Schema, SchemaError};
use prost_reflect::MessageDescriptor;

/// An event with its payload encoded.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) kind: String,
    pub(super) payload: Vec<u8>,
    message: Option<String>,
    serialization: Serialization,
}

const KEYS: [&str; 8] = [
    "type",
    "data",
    "message",
    "serialization",
    "base64",
    "hex",
    "text",
    "event_bytes",
];

/// Where a payload can come from.
const PAYLOADS: [&str; 5] = ["data", "base64", "hex", "text", "event_bytes"];

impl Event {
    pub(super) fn read(
        field: Field<'_>,
        chosen: Serialization,
        schema: &Schema,
    ) -> Result<Self, ComposeError> {
        let event = field.object()?;
        event.keys(&KEYS, meant)?;
        let Some(kind) = event.member("type") else {
            return Err(event.invalid(
                "needs `type`, the event type the server routes by; write \"type\":\"\" for none",
            ));
        };
        let kind = kind.text()?.to_owned();
        let mut given = PAYLOADS.into_iter().filter_map(|name| event.member(name));
        let Some(payload) = given.next() else {
            return Err(event.invalid(
                "has no payload; give `data`, `base64`, `hex` or `text` (\"base64\":\"\" for an \
                 empty one)",
            ));
        };
        if let Some(other) = given.next() {
            return Err(other.invalid(format!("stands beside `{}`; keep one", payload.node.name)));
        }
        if payload.node.name != "data" {
            return Ok(Self {
                payload: as_given(&payload)?,
                kind,
                message: None,
                serialization: Serialization::Raw,
            });
        }
        let serialization = match event.member("serialization") {
            Some(field) => serialization_of(&field)?,
            None => chosen,
        };
        let named = named(&event, schema)?;
        let (payload, message) = encode(&payload, &kind, serialization, named, schema)?;
        Ok(Self {
            kind,
            payload,
            message,
            serialization,
        })
    }

    pub(super) fn preview(self, pattern: &str) -> EventPreview {
        EventPreview {
            destination: pattern.replacen("%s", &self.kind, 1),
            size: self.payload.len(),
            kind: self.kind,
            message: self.message,
            serialization: self.serialization,
        }
    }
}

fn meant(name: &str) -> Option<&'static str> {
    match name {
        "eventBytes" => Some(
            "the server ignores camelCase and publishes an empty event with a success ack; write \
             `data` to have it encoded, or `base64` for bytes",
        ),
        "payload" | "body" | "event" => Some("the payload is `data`, or `base64`, `hex`, `text`"),
        _ => None,
    }
}

/// The message the event names, if it does.
fn named(event: &Field<'_>, schema: &Schema) -> Result<Option<MessageDescriptor>, ComposeError> {
    let Some(field) = event.member("message") else {
        return Ok(None);
    };
    let name = field.text()?;
    let found = schema.message(name, &format!("`{}`", field.path));
    found
        .map(Some)
        .map_err(|source| ComposeError::UnknownMessage {
            at: field.at(),
            source,
        })
}

/// The payload of `data`, and the message it was encoded as.
fn encode(
    data: &Field<'_>,
    kind: &str,
    serialization: Serialization,
    named: Option<MessageDescriptor>,
    schema: &Schema,
) -> Result<(Vec<u8>, Option<String>), ComposeError> {
    match serialization {
        Serialization::Protobuf => {
            let Some(message) = named.or_else(|| schema.message_for(kind)) else {
                return Err(data.invalid(format!(
                    "cannot be encoded: no message is mapped to event type `{kind}`; name one \
                     with \"message\", add a rule to [schema] types, or choose the serialization \
                     json"
                )));
            };
            let payload = fit(data, &message, schema)?;
            Ok((payload, Some(message.full_name().to_owned())))
        }
        Serialization::Json => {
            // A message that is named is meant to be fitted, however the bytes are written.
            if let Some(message) = named {
                fit(data, &message, schema)?;
            }
            Ok((data.json()?.to_string().into_bytes(), None))
        }
        Serialization::Raw => match &data.node.value {
            Value::Text(text) => Ok((text.clone().into_bytes(), None)),
            _ => Err(data.invalid(
                "must be a string with the serialization raw; or give `base64`, `hex` or `text`",
            )),
        },
    }
}

fn fit(
    data: &Field<'_>,
    message: &MessageDescriptor,
    schema: &Schema,
) -> Result<Vec<u8>, ComposeError> {
    schema
        .encode(message, &data.json()?)
        .map_err(|error| match error {
            SchemaError::Unfit { message, misfit } => misfit_at(data, message, misfit),
            other => data.invalid(other.to_string()),
        })
}

/// The complaint at the innermost place of the document that the misfit's path leads to.
fn misfit_at(data: &Field<'_>, message: String, misfit: Misfit) -> ComposeError {
    let mut place = data.clone();
    let mut steps = misfit
        .path
        .split(['.', '[', ']'])
        .filter(|step| !step.is_empty());
    while let Some(inner) = steps.next().and_then(|step| place.member(step)) {
        place = inner;
    }
    let gap = match misfit.path.chars().next() {
        None | Some('[') => "",
        Some(_) => ".",
    };
    ComposeError::Misfit {
        at: place.at(),
        path: format!("{}{gap}{}", data.path, misfit.path),
        message,
        what: misfit.what,
    }
}

/// Bytes that are not to be encoded: `base64`, `hex`, `text`, or `event_bytes` as a captured
/// request has it, base64 or an array of numbers.
fn as_given(payload: &Field<'_>) -> Result<Vec<u8>, ComposeError> {
    match payload.node.name.as_str() {
        "text" => Ok(payload.text()?.as_bytes().to_vec()),
        "event_bytes" if payload.is_array() => payload
            .children()
            .map(|element| {
                let byte = u8::try_from(element.integer()?);
                byte.map_err(|_| element.invalid("must be a byte, 0 to 255"))
            })
            .collect(),
        _ => raw::bytes(payload),
    }
}
