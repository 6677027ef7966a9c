//! The protobuf wire as a tree, by the contract's own names.
//!
//! Written out instead of read from descriptors, so that the events' payloads can stand in the
//! tree as what they are, and that what cannot be read can still be shown up to where it breaks.

use super::names;
use super::payload::{Decoding, Payload};
use super::tags::{self, Field, Value};
use crate::body::{self, Body, Node};
use crate::protocol::control::lenient_text;
use crate::schema::Schema;

/// A `SendEventRequest`.
pub(super) fn batch(schema: &Schema, bytes: &[u8]) -> Body {
    let mut decoding = Decoding::new(Some(schema));
    let mut events = Vec::new();
    let mut members = Vec::new();
    let error = walk(
        bytes,
        0,
        &mut members,
        &mut decoding,
        |field, decoding| match (field.number, field.value) {
            (1, Value::Bytes(guid)) => Some(lenient_text("req_guid", guid, field.inside())),
            (2, Value::Bytes(time)) => Some(timestamp("sent_time", time, field.inside())),
            (3, Value::Bytes(bytes)) => {
                let index = events.len();
                events.push(event(index, bytes, field.inside(), decoding));
                None
            }
            _ => Some(unknown(field)),
        },
    );
    put_in_place(&mut members, Node::array("events", events));
    finish(names::REQUEST, members, bytes, decoding, error)
}

/// A `SendEventResponse`.
pub(super) fn ack(bytes: &[u8]) -> Body {
    let mut decoding = Decoding::new(None);
    let mut data = Vec::new();
    let mut members = Vec::new();
    let error = walk(bytes, 0, &mut members, &mut decoding, |field, _| {
        match (field.number, field.value) {
            (1, Value::Varint(number)) => Some(enumerated(
                "status",
                number,
                names::status,
                names::status_meaning,
                field,
            )),
            (2, Value::Varint(number)) => Some(enumerated(
                "code",
                number,
                names::code,
                names::code_meaning,
                field,
            )),
            (3, Value::Varint(seconds)) => {
                let node = Node::number("sent_time", seconds as i64).with_span(field.span.clone());
                Some(match time_text(seconds as i64, 0) {
                    Some(text) => node.with_hint(text),
                    None => node,
                })
            }
            (4, Value::Bytes(reason)) => Some(lenient_text("reason", reason, field.inside())),
            (5, Value::Bytes(bytes)) => {
                data.push(entry(bytes, field.inside()));
                None
            }
            _ => Some(unknown(field)),
        }
    });
    put_in_place(&mut members, Node::object("data", data));
    finish(names::RESPONSE, members, bytes, decoding, error)
}

/// Puts a repeated field where its first element stands on the wire.
fn put_in_place(members: &mut Vec<Node>, field: Node) {
    let start = |node: &Node| node.span.as_ref().map(|span| span.start);
    if let Some(first) = field.children.first().and_then(start) {
        let place = members.partition_point(|member| start(member) < Some(first));
        members.insert(place, field);
    }
}

fn finish(
    via: &str,
    members: Vec<Node>,
    bytes: &[u8],
    decoding: Decoding<'_>,
    error: Option<String>,
) -> Body {
    let unread_only = error.is_some() && members.len() <= 1;
    let mut body = Body {
        root: Node::object("", members).with_span(0..bytes.len()),
        via: if unread_only { "hex" } else { via }.to_owned(),
        error,
        ..Body::default()
    };
    decoding.tell(&mut body);
    body
}

/// Reads a message's fields one after another into `members`; `read` may keep one for itself.
/// What cannot be read any more is appended as raw bytes, and why is returned; what is too much
/// to read likewise, but that is no error.
fn walk<'a>(
    bytes: &'a [u8],
    at: usize,
    members: &mut Vec<Node>,
    decoding: &mut Decoding<'_>,
    mut read: impl FnMut(&Field<'a>, &mut Decoding<'_>) -> Option<Node>,
) -> Option<String> {
    let unread = |from: usize| {
        let rest = body::Value::Bytes(bytes[from..].to_vec());
        Node::leaf("(unread)", rest).with_span(at + from..at + bytes.len())
    };
    for field in tags::fields(bytes) {
        match field {
            Ok(field) if !decoding.spend() => {
                members.push(unread(field.span.start));
                return None;
            }
            Ok(mut field) => {
                field.span = field.span.start + at..field.span.end + at;
                members.extend(read(&field, decoding));
            }
            Err(broken) => {
                members.push(unread(broken.offset));
                return Some(broken.after(at).to_string());
            }
        }
    }
    None
}

fn event(index: usize, bytes: &[u8], at: usize, decoding: &mut Decoding<'_>) -> Node {
    let mut event_type = None;
    let mut payload = None;
    let mut members = Vec::new();
    let error = walk(bytes, at, &mut members, decoding, |field, _| {
        match (field.number, field.value) {
            (1, Value::Bytes(bytes)) => {
                payload = Some((bytes, field.inside()));
                None
            }
            (2, Value::Bytes(bytes)) => {
                let node = lenient_text("type", bytes, field.inside());
                event_type = Some(String::from_utf8_lossy(bytes).into_owned());
                Some(node)
            }
            _ => Some(unknown(field)),
        }
    });
    let event_type = event_type.unwrap_or_default();
    let mut hint = event_type.clone();
    if let Some((bytes, at)) = payload {
        let Payload { node, how } = decoding.payload(&event_type, bytes, at);
        hint = format!("{event_type} · {how}");
        members.insert(0, node);
    }
    if let Some(error) = error {
        decoding.note(format!("event {index}: {error}"));
    }
    Node::object(index.to_string(), members)
        .with_hint(hint)
        .with_span(at..at + bytes.len())
}

/// A `google.protobuf.Timestamp` as the text people read, with its numbers as the hint.
fn timestamp(name: &str, bytes: &[u8], at: usize) -> Node {
    let (mut seconds, mut nanos) = (0, 0);
    for field in tags::fields(bytes).map_while(Result::ok) {
        match (field.number, field.value) {
            (1, Value::Varint(number)) => seconds = number as i64,
            (2, Value::Varint(number)) => nanos = number as i32,
            _ => {}
        }
    }
    let numbers = format!("{seconds} s {nanos} ns");
    match time_text(seconds, nanos) {
        Some(text) => Node::text(name, text).with_hint(numbers),
        None => Node::object(
            name,
            vec![
                Node::number("seconds", seconds),
                Node::number("nanos", nanos),
            ],
        )
        .with_hint("not a time"),
    }
    .with_span(at..at + bytes.len())
}

/// RFC 3339 in UTC; `None` outside the years that can be written so.
pub(super) fn time_text(seconds: i64, nanos: i32) -> Option<String> {
    if !(0..1_000_000_000).contains(&nanos) {
        return None;
    }
    jiff::Timestamp::new(seconds, nanos)
        .ok()
        .map(|time| time.to_string())
}

/// An enum value by name, its number and meaning as the hint; the number alone if the contract has
/// no name.
fn enumerated(
    name: &str,
    number: u64,
    names: fn(i64) -> Option<&'static str>,
    meaning: fn(i64) -> &'static str,
    field: &Field<'_>,
) -> Node {
    let number = number as i64;
    let meaning = meaning(number);
    match names(number) {
        Some(text) => Node::text(name, text).with_hint(format!("{number}: {meaning}")),
        None => Node::number(name, number).with_hint(meaning),
    }
    .with_span(field.span.clone())
}

/// An entry of the `data` map.
fn entry(bytes: &[u8], at: usize) -> Node {
    let (mut key, mut value) = (String::new(), Node::text("", ""));
    for field in tags::fields(bytes).map_while(Result::ok) {
        match (field.number, field.value) {
            (1, Value::Bytes(bytes)) => key = String::from_utf8_lossy(bytes).into_owned(),
            (2, Value::Bytes(bytes)) => value = lenient_text("", bytes, at + field.inside()),
            _ => {}
        }
    }
    value.name = key;
    value.span.get_or_insert(at..at + bytes.len());
    value
}

/// A field the server skips: a number the contract does not have, or another wire type.
fn unknown(field: &Field<'_>) -> Node {
    let (value, wire_type) = match field.value {
        Value::Varint(number) => (body::Value::Number(number.to_string()), "varint"),
        Value::Fixed64(number) => (body::Value::Number(number.to_string()), "fixed64"),
        Value::Fixed32(number) => (body::Value::Number(number.to_string()), "fixed32"),
        Value::Bytes(bytes) => (body::Value::Bytes(bytes.to_vec()), "bytes"),
        Value::Group(bytes) => (body::Value::Bytes(bytes.to_vec()), "group"),
    };
    Node::leaf(format!("#{}", field.number), value)
        .with_hint(format!("unknown field, {wire_type}"))
        .with_span(field.span.clone())
}
