//! The two wires of a batch.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::head::Way;
use crate::protocol::raccoon::Wire;
use crate::schema::{gojson, put};

/// Room for what stands around the events: a UUID, the time, names and tags.
const AROUND: usize = 128;

/// Appends one event as it stands among the others of its batch.
pub(super) fn event(way: Way, is_first: bool, kind: &str, payload: &[u8], out: &mut Vec<u8>) {
    match way.wire {
        Wire::Protobuf => {
            let mut inner = Vec::with_capacity(payload.len() + kind.len() + 8);
            if !payload.is_empty() {
                put::bytes(&mut inner, 1, payload);
            }
            if !kind.is_empty() {
                put::bytes(&mut inner, 2, kind.as_bytes());
            }
            put::bytes(out, 3, &inner);
        }
        Wire::Json => {
            if !is_first {
                out.push(b',');
            }
            let packed = STANDARD.encode(payload);
            out.extend_from_slice(b"{\"event_bytes\":\"");
            out.extend_from_slice(packed.as_bytes());
            if way.legacy_keys {
                out.extend_from_slice(b"\",\"eventBytes\":\"");
                out.extend_from_slice(packed.as_bytes());
            }
            out.extend_from_slice(b"\",\"type\":");
            gojson::quote(kind, out);
            out.push(b'}');
        }
    }
}

/// The whole message around the `events` that [`event`] wrote.
pub(in crate::compose) fn whole(
    wire: Wire,
    guid: Option<&str>,
    sent_time: Option<(i64, i32)>,
    events: &[u8],
) -> Vec<u8> {
    let room = events.len() + guid.map_or(0, str::len) + AROUND;
    let mut out = Vec::with_capacity(room);
    match wire {
        Wire::Protobuf => protobuf(guid, sent_time, events, &mut out),
        Wire::Json => json(guid, sent_time, events, &mut out),
    }
    out
}

/// `SendEventRequest`; what is empty is not written, as proto3 has it.
fn protobuf(guid: Option<&str>, sent_time: Option<(i64, i32)>, events: &[u8], out: &mut Vec<u8>) {
    if let Some(guid) = guid.filter(|guid| !guid.is_empty()) {
        put::bytes(out, 1, guid.as_bytes());
    }
    if let Some((seconds, nanos)) = sent_time {
        put::tag(out, 2, 2);
        // Two varints of at most ten bytes and their tags: the length takes one byte.
        let length = out.len();
        out.push(0);
        if seconds != 0 {
            put::number(out, 1, seconds.cast_unsigned());
        }
        if nanos != 0 {
            put::number(out, 2, i64::from(nanos).cast_unsigned());
        }
        out[length] = (out.len() - length - 1) as u8;
    }
    out.extend_from_slice(events);
}

/// The server's own JSON, which is not the protobuf mapping: `snake_case`, the time as an object,
/// payloads as padded base64.
fn json(guid: Option<&str>, sent_time: Option<(i64, i32)>, events: &[u8], out: &mut Vec<u8>) {
    out.push(b'{');
    if let Some(guid) = guid {
        out.extend_from_slice(b"\"req_guid\":");
        gojson::quote(guid, out);
        out.push(b',');
    }
    if let Some((seconds, nanos)) = sent_time {
        // Writing to memory cannot fail.
        let _ = write!(
            out,
            "\"sent_time\":{{\"seconds\":{seconds},\"nanos\":{nanos}}},"
        );
    }
    out.extend_from_slice(b"\"events\":[");
    out.extend_from_slice(events);
    out.extend_from_slice(b"]}");
}
