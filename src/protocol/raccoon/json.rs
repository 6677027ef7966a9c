//! The JSON wire as a tree: as it was sent, with what the numbers and the base64 mean.

use super::names;
use super::payload::{self, Decoding};
use super::protobuf::time_text;
use crate::body::{Body, Node, Value};
use crate::protocol::reading;
use crate::schema::{Schema, gojson};

/// A batch.
pub(super) fn batch(schema: &Schema, text: &[u8]) -> Body {
    let mut body = reading::json(text);
    let mut decoding = Decoding::new(Some(schema));
    for member in &mut body.root.children {
        if gojson::same_name(&member.name, "sent_time") {
            hint_time(member);
        } else if gojson::same_name(&member.name, "events") {
            for event in &mut member.children {
                decode_event(event, text, &mut decoding);
            }
        }
    }
    decoding.tell(&mut body);
    body
}

/// A reply.
pub(super) fn ack(text: &[u8]) -> Body {
    let mut body = reading::json(text);
    for member in &mut body.root.children {
        let Some(number) = integer(member) else {
            continue;
        };
        let hint = match member.name.as_str() {
            "status" => named(names::status(number), names::status_meaning(number)),
            "code" => named(names::code(number), names::code_meaning(number)),
            "sent_time" => time_text(number, 0),
            _ => continue,
        };
        member.hint = hint.or_else(|| Some("not in the contract".to_owned()));
    }
    body
}

fn named(name: Option<&str>, meaning: &str) -> Option<String> {
    Some(format!("{}: {meaning}", name?))
}

fn integer(node: &Node) -> Option<i64> {
    match &node.value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn hint_time(node: &mut Node) {
    let part = |name: &str| {
        let found = node
            .children
            .iter()
            .rfind(|child| gojson::same_name(&child.name, name));
        found.map_or(Some(0), integer)
    };
    if let (Value::Object, Some(seconds), Some(nanos)) =
        (&node.value, part("seconds"), part("nanos"))
    {
        node.hint = i32::try_from(nanos)
            .ok()
            .and_then(|nanos| time_text(seconds, nanos));
    }
}

/// Puts the decoded payload in the place of its base64 or array of numbers.
fn decode_event(event: &mut Node, text: &[u8], decoding: &mut Decoding<'_>) {
    let event_type = event
        .children
        .iter()
        .rfind(|child| gojson::same_name(&child.name, "type"))
        .and_then(|child| match &child.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
        .unwrap_or_default();
    let mut hint = event_type.clone();
    for child in &mut event.children {
        if !gojson::same_name(&child.name, "event_bytes") {
            continue;
        }
        let span = child.span.clone();
        let raw = span
            .clone()
            .and_then(|span| text.get(span))
            .unwrap_or_default();
        match payload::from_json(raw) {
            Ok(bytes) => {
                let payload::Payload { node, how } = decoding.payload(&event_type, &bytes, 0);
                let mut tree = node;
                payload::without_spans(&mut tree);
                tree.span = span;
                tree.name.clone_from(&child.name);
                hint = format!("{event_type} · {how}");
                *child = tree;
            }
            Err(why) => decoding.note(format!("event {}: event_bytes {why}", event.name)),
        }
    }
    event.hint = Some(hint);
}
