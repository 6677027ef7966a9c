//! The payload of one event: opaque to the server, decoded here as well as can be guessed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::body::{Node, Value};
use crate::schema::{Schema, gojson, json, wire};

/// The name of the payload's node.
const NAME: &str = "event_bytes";

/// The bytes of an `event_bytes` member: padded base64 (line breaks inside are allowed) or an
/// array of numbers 0 to 255, as the server takes them. The error says what it is instead.
pub(super) fn from_json(raw: &[u8]) -> Result<Vec<u8>, String> {
    let value = gojson::Value::parse(raw).map_err(|error| error.to_string())?;
    match value.kind() {
        gojson::Kind::String => {
            let mut text = value.string().unwrap_or_default();
            text.retain(|c| !matches!(c, '\r' | '\n'));
            STANDARD
                .decode(text)
                .map_err(|error| format!("is no padded standard base64: {error}"))
        }
        gojson::Kind::Array => value
            .elements()
            .map(|element| {
                element
                    .integer()
                    .and_then(|number| u8::try_from(number).ok())
                    .ok_or_else(|| "is an array of something else than bytes".to_owned())
            })
            .collect(),
        gojson::Kind::Null => Ok(Vec::new()),
        _ => Err("is neither base64 nor an array of bytes".to_owned()),
    }
}

/// The payload as a tree: by the message mapped to the event's type, else as JSON, else by its
/// protobuf tags, else as bytes. The hint says which it was. Spans are offsets plus `at`.
pub(super) fn tree(
    schema: &Schema,
    event_type: &str,
    bytes: &[u8],
    at: usize,
    notes: &mut Vec<String>,
) -> Node {
    let span = at..at + bytes.len();
    if bytes.is_empty() {
        return Node::leaf(NAME, Value::Bytes(Vec::new()))
            .with_hint("empty")
            .with_span(span);
    }
    let mut misfit = None;
    if let Some(message) = schema.message_for(event_type) {
        match schema.decode(&message, bytes, at) {
            Ok(node) => return named(node, message.full_name()).with_span(span),
            Err(error) => misfit = Some(error),
        }
    }
    // Whoever serializes as JSON has no use for the mapping; that is no fault.
    if let Ok(node) = json::tree(bytes, at) {
        return named(node, "json").with_span(span);
    }
    notes.extend(misfit.map(|error| format!("an event of type {event_type}: {error}")));
    match wire::tree(bytes, at) {
        Some(node) => named(node, "schema-less"),
        None => named(Node::leaf("", Value::Bytes(bytes.to_vec())), "hex"),
    }
    .with_span(span)
}

fn named(mut node: Node, hint: &str) -> Node {
    NAME.clone_into(&mut node.name);
    node.with_hint(hint)
}

/// Takes the spans off a tree that was decoded from bytes which do not stand in the frame as
/// they are.
pub(super) fn without_spans(node: &mut Node) {
    node.span = None;
    node.children.iter_mut().for_each(without_spans);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_bytes_are_taken() {
        for (raw, bytes) in [
            (r#""eyJ9""#, Some(&b"{\"}"[..])),
            ("\"ey\\nJ9\"", Some(b"{\"}")),
            ("[123,34,125]", Some(b"{\"}")),
            ("[]", Some(b"")),
            ("null", Some(b"")),
            ("[256]", None),
            (r#""eyJ""#, None),
            (r#""_-_-""#, None),
            ("{}", None),
            ("7", None),
        ] {
            assert_eq!(from_json(raw.as_bytes()).ok().as_deref(), bytes, "{raw}");
        }
    }
}
