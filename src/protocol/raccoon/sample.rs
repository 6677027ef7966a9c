//! The payloads of one event type in a batch, to try readings on.

use super::tags::{self, Value};
use super::{is_json, payload};
use crate::frame::{Direction, Frame};
use crate::schema::gojson;

/// The first payloads of events of `event_type` in `frame`, at most `most`; empty ones are left
/// out. None if the frame is no batch.
#[must_use]
pub fn payloads(frame: &Frame<'_>, event_type: &str, most: usize) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    if frame.direction != Direction::Out || frame.kind.is_control() {
        return found;
    }
    each_event(frame, |kind, payload| {
        if kind == event_type && !payload.is_empty() {
            found.push(payload.to_vec());
        }
        found.len() < most
    });
    found
}

/// Calls `take` with type and payload of each event of a batch, until it returns false; returns
/// the batch's guid. Of what does not decode, what comes before is taken.
pub(super) fn each_event(frame: &Frame<'_>, mut take: impl FnMut(&str, &[u8]) -> bool) -> String {
    let message = frame.message();
    if is_json(frame) {
        in_json(message, &mut take)
    } else {
        in_protobuf(message, &mut take)
    }
}

fn in_protobuf(message: &[u8], take: &mut impl FnMut(&str, &[u8]) -> bool) -> String {
    let mut guid = String::new();
    for field in tags::fields(message).map_while(Result::ok) {
        let event = match (field.number, field.value) {
            (1, Value::Bytes(bytes)) => {
                guid = String::from_utf8_lossy(bytes).into_owned();
                continue;
            }
            (3, Value::Bytes(event)) => event,
            _ => continue,
        };
        let (mut kind, mut payload) = (&[][..], &[][..]);
        for member in tags::fields(event).map_while(Result::ok) {
            match (member.number, member.value) {
                (1, Value::Bytes(bytes)) => payload = bytes,
                (2, Value::Bytes(bytes)) => kind = bytes,
                _ => {}
            }
        }
        if !take(&String::from_utf8_lossy(kind), payload) {
            break;
        }
    }
    guid
}

fn in_json(message: &[u8], take: &mut impl FnMut(&str, &[u8]) -> bool) -> String {
    let mut guid = String::new();
    let Ok(batch) = gojson::Value::parse(message) else {
        return guid;
    };
    let mut events = None;
    for (name, value) in batch.members() {
        if gojson::same_name(&name, "req_guid") {
            guid = value.string().unwrap_or(guid);
        } else if gojson::same_name(&name, "events") && value.kind() == gojson::Kind::Array {
            events = Some(value);
        }
    }
    let Some(events) = events else { return guid };
    for event in events.elements() {
        let (mut kind, mut payload) = (String::new(), Vec::new());
        for (name, value) in event.members() {
            if gojson::same_name(&name, "type") {
                kind = value.string().unwrap_or_default();
            } else if gojson::same_name(&name, "event_bytes") {
                payload = payload::from_json(value.raw()).unwrap_or_default();
            }
        }
        if !take(&kind, &payload) {
            break;
        }
    }
    guid
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameKind;
    use crate::transport::clock;

    fn found(kind: FrameKind, payload: &[u8], event_type: &str) -> Vec<Vec<u8>> {
        let frame = Frame {
            seq: 0,
            at: clock::now(),
            direction: Direction::Out,
            kind,
            payload,
        };
        payloads(&frame, event_type, 2)
    }

    #[test]
    fn both_wires_give_the_payloads_of_one_type() {
        let text =
            br#"{"events":[{"type":"a","event_bytes":"AQ=="},{"type":"b","event_bytes":"Ag=="},
            {"Type":"a","EVENT_BYTES":[3]},{"type":"a","event_bytes":"BA=="},null]}"#;
        assert_eq!(found(FrameKind::Text, text, "a"), [[1], [3]]);
        assert_eq!(found(FrameKind::Text, text, "b"), [[2]]);
        let binary = b"\x1a\x06\x0a\x01\x01\x12\x01a\x1a\x06\x0a\x01\x02\x12\x01b\x1a\x03\x12\x01a";
        assert_eq!(found(FrameKind::Binary, binary, "a"), [[1]]);
        assert!(found(FrameKind::Text, b"{", "a").is_empty());
        assert!(found(FrameKind::Ping, binary, "a").is_empty());
    }
}
