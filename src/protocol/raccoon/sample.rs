//! The payloads of one event type in a batch, to try readings on.

use super::tags::{self, Value};
use super::{is_json, payload};
use crate::frame::{Direction, Frame};
use crate::schema::gojson;

/// The first payloads of events of `event_type` in `frame`, at most `most`; empty ones are left
/// out. None if the frame is no batch.
#[must_use]
pub fn payloads(frame: &Frame<'_>, event_type: &str, most: usize) -> Vec<Vec<u8>> {
    if frame.direction != Direction::Out || frame.kind.is_control() {
        return Vec::new();
    }
    let message = frame.message();
    let mut found = Vec::new();
    if is_json(frame) {
        in_json(message, event_type, most, &mut found);
    } else {
        in_protobuf(message, event_type, most, &mut found);
    }
    found
}

fn in_protobuf(message: &[u8], event_type: &str, most: usize, found: &mut Vec<Vec<u8>>) {
    for field in tags::fields(message).map_while(Result::ok) {
        let (3, Value::Bytes(event)) = (field.number, field.value) else {
            continue;
        };
        let (mut kind, mut payload) = (&[][..], &[][..]);
        for member in tags::fields(event).map_while(Result::ok) {
            match (member.number, member.value) {
                (1, Value::Bytes(bytes)) => payload = bytes,
                (2, Value::Bytes(bytes)) => kind = bytes,
                _ => {}
            }
        }
        if kind == event_type.as_bytes() && !payload.is_empty() {
            found.push(payload.to_vec());
        }
        if found.len() >= most {
            return;
        }
    }
}

fn in_json(message: &[u8], event_type: &str, most: usize, found: &mut Vec<Vec<u8>>) {
    let Ok(batch) = gojson::Value::parse(message) else {
        return;
    };
    let is_array = |value: &gojson::Value<'_>| value.kind() == gojson::Kind::Array;
    let members = batch.members();
    let events = members.filter(|(name, _)| gojson::same_name(name, "events"));
    let Some(events) = events.map(|(_, value)| value).filter(is_array).last() else {
        return;
    };
    for event in events.elements() {
        let (mut kind, mut payload) = (String::new(), Vec::new());
        for (name, value) in event.members() {
            if gojson::same_name(&name, "type") {
                kind = value.string().unwrap_or_default();
            } else if gojson::same_name(&name, "event_bytes") {
                payload = payload::from_json(value.raw()).unwrap_or_default();
            }
        }
        if kind == event_type && !payload.is_empty() {
            found.push(payload);
        }
        if found.len() >= most {
            return;
        }
    }
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
