//! The two wires of a batch.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Batch;
use crate::schema::{gojson, put};

/// `SendEventRequest`; what is empty is not written, as proto3 has it.
pub(super) fn protobuf(batch: &Batch) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(guid) = batch.guid.as_deref().filter(|guid| !guid.is_empty()) {
        put::bytes(&mut out, 1, guid.as_bytes());
    }
    if let Some((seconds, nanos)) = batch.sent_time {
        let mut time = Vec::new();
        if seconds != 0 {
            put::number(&mut time, 1, seconds.cast_unsigned());
        }
        if nanos != 0 {
            put::number(&mut time, 2, i64::from(nanos).cast_unsigned());
        }
        put::bytes(&mut out, 2, &time);
    }
    for event in &batch.events {
        let mut inner = Vec::new();
        if !event.payload.is_empty() {
            put::bytes(&mut inner, 1, &event.payload);
        }
        if !event.kind.is_empty() {
            put::bytes(&mut inner, 2, event.kind.as_bytes());
        }
        put::bytes(&mut out, 3, &inner);
    }
    out
}

/// The server's own JSON, which is not the protobuf mapping: `snake_case`, the time as an object,
/// payloads as padded base64.
pub(super) fn json(batch: &Batch) -> Vec<u8> {
    let mut out = Vec::new();
    out.push(b'{');
    if let Some(guid) = &batch.guid {
        out.extend_from_slice(b"\"req_guid\":");
        gojson::quote(guid, &mut out);
        out.push(b',');
    }
    if let Some((seconds, nanos)) = batch.sent_time {
        let time = format!("\"sent_time\":{{\"seconds\":{seconds},\"nanos\":{nanos}}},");
        out.extend_from_slice(time.as_bytes());
    }
    out.extend_from_slice(b"\"events\":[");
    for (index, event) in batch.events.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"event_bytes\":\"");
        out.extend_from_slice(STANDARD.encode(&event.payload).as_bytes());
        out.extend_from_slice(b"\",\"type\":");
        gojson::quote(&event.kind, &mut out);
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
    out
}
