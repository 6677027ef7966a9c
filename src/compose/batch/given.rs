//! A Raccoon message exactly as it is written: `{"raw":{…}}`, `{"text":"…"}`, `{"hex":"…"}`,
//! `{"base64":"…"}`, each with a `transport`, a `wire` and a `lint` beside it.
//!
//! The server's rules are applied to it before it is sent, because the server itself is silent
//! about what it throws away.

use bytes::Bytes;

use super::head::{transport_of, wire_of};
use super::{Preview, lint};
use crate::compose::context::Context;
use crate::compose::document::Field;
use crate::compose::error::ComposeError;
use crate::compose::{Prepared, raw};
use crate::protocol::Command;
use crate::protocol::raccoon::{EncodedBatch, Settings, Transport, Wire};

const KINDS: [&str; 4] = ["raw", "text", "hex", "base64"];
const BESIDE: [&str; 3] = ["transport", "wire", "lint"];

/// The message, if the document is one.
pub(in crate::compose) fn prepare(
    whole: &Field<'_>,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<Option<Prepared>, ComposeError> {
    let mut kinds = KINDS.into_iter();
    let Some(value) = kinds.find_map(|kind| whole.member(kind)) else {
        return Ok(None);
    };
    let kind = value.node.name.as_str();
    let known = [kind, BESIDE[0], BESIDE[1], BESIDE[2]];
    whole.keys(&known, |name| match name {
        "req_guid" | "sent_time" | "events" => {
            Some("a message as it stands says this itself; `events` alone makes a batch")
        }
        _ => None,
    })?;
    let (own, bytes) = match kind {
        "raw" => (Wire::Json, Bytes::from(value.raw().to_owned())),
        "text" => (Wire::Json, Bytes::from(value.text()?.to_owned())),
        _ => (Wire::Protobuf, raw::bytes(&value)?.into()),
    };
    let transport = match whole.member("transport") {
        Some(field) => transport_of(&field)?,
        None => settings.transport.unwrap_or_default(),
    };
    let wire = match whole.member("wire") {
        Some(field) => wire_of(&field)?,
        None => own,
    };
    if wire == Wire::Json && transport == Transport::Grpc {
        return Err(value.invalid(
            "is JSON, and gRPC has one wire, protobuf; write the message in `hex` or `base64`, or \
             send it over \"websocket\" or \"rest\"",
        ));
    }
    if wire == Wire::Json && std::str::from_utf8(&bytes).is_err() {
        return Err(value.invalid("is not UTF-8, which a text frame must be"));
    }
    let reading = lint::read(whole, settings, (wire, transport), &bytes, context)?;
    Ok(Some(Prepared {
        expects_reply: true,
        key: Some(reading.guid.clone()),
        label: reading.label,
        preview: Some(Preview {
            transport,
            wire,
            size: bytes.len(),
            events: Vec::new(),
        }),
        warnings: reading.odd,
        command: Command::Batch(EncodedBatch {
            guid: reading.guid,
            transport,
            wire,
            bytes,
        }),
    }))
}
