//! The payload of one event: opaque to the server, decoded here as well as can be guessed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::body::{Node, Value};
use crate::schema::{Schema, gojson, json, wire};

/// The name of the payload's node.
const NAME: &str = "event_bytes";
/// Notes kept of one body's events.
const NOTES_MAX: usize = 16;

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

/// One body being decoded: by which schema, what there is to tell, and how many more values may
/// be read. Events of two bytes each would otherwise make gigabytes of tree out of one message.
pub(super) struct Decoding<'a> {
    schema: Option<&'a Schema>,
    notes: Vec<String>,
    left: usize,
}

impl<'a> Decoding<'a> {
    /// Starts a body; replies need no schema.
    pub(super) fn new(schema: Option<&'a Schema>) -> Self {
        Self {
            schema,
            notes: Vec::new(),
            left: json::NODES_MAX,
        }
    }

    /// Adds a note, of which few are kept: a thousand events that are wrong are wrong alike.
    pub(super) fn note(&mut self, note: String) {
        if self.notes.len() < NOTES_MAX {
            self.notes.push(note);
        }
    }

    /// Takes one value from what may still be read; false if there is none left.
    pub(super) fn spend(&mut self) -> bool {
        let more = self.left > 0;
        self.left = self.left.saturating_sub(1);
        more
    }

    /// Notes that not everything was read, if that is so.
    pub(super) fn into_notes(mut self) -> Vec<String> {
        if self.left == 0 {
            let most = json::NODES_MAX;
            self.notes.truncate(NOTES_MAX - 1);
            self.notes
                .push(format!("more than {most} values; the rest is not decoded"));
        }
        self.notes
    }

    /// The payload as a tree: by the message mapped to the event's type, else as JSON, else by
    /// its protobuf tags, else as bytes. The hint says which it was. Spans are offsets plus `at`.
    pub(super) fn payload(&mut self, event_type: &str, bytes: &[u8], at: usize) -> Node {
        let node = if bytes.is_empty() {
            named(Node::leaf("", Value::Bytes(Vec::new())), "empty")
        } else if self.left == 0 {
            named(Node::leaf("", Value::Bytes(bytes.to_vec())), "not decoded")
        } else {
            self.guess(event_type, bytes, at)
        };
        self.left = self.left.saturating_sub(size(&node));
        node.with_span(at..at + bytes.len())
    }

    fn guess(&mut self, event_type: &str, bytes: &[u8], at: usize) -> Node {
        let mut misfit = None;
        if let Some(schema) = self.schema
            && let Some(message) = schema.message_for(event_type)
        {
            match schema.decode(&message, bytes, at) {
                Ok(node) => return named(node, message.full_name()),
                Err(error) => misfit = Some(error),
            }
        }
        // Whoever serializes as JSON has no use for the mapping; that is no fault.
        if let Ok(node) = json::tree(bytes, at) {
            return named(node, "json");
        }
        if let Some(error) = misfit {
            self.note(format!("an event of type {event_type}: {error}"));
        }
        match wire::tree(bytes, at) {
            Some(node) => named(node, "schema-less"),
            None => named(Node::leaf("", Value::Bytes(bytes.to_vec())), "hex"),
        }
    }
}

fn named(mut node: Node, hint: &str) -> Node {
    NAME.clone_into(&mut node.name);
    node.with_hint(hint)
}

/// Values in a tree, itself included.
fn size(node: &Node) -> usize {
    1 + node.children.iter().map(size).sum::<usize>()
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
