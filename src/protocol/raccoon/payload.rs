//! The payload of one event: opaque to the server, decoded here as well as can be guessed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::body::{Body, Node, PayloadReading, Value};
use crate::schema::{self, Plain, Reading, Rule, Schema, gojson, json, wire};

/// The name of the payload's node.
const NAME: &str = "event_bytes";
/// Notes kept of one body's events.
const NOTES_MAX: usize = 16;
/// Ways of reading told of one body.
const READINGS_MAX: usize = 32;

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
    readings: Vec<PayloadReading>,
    left: usize,
}

/// A payload as a tree, and how it came to be read so.
pub(super) struct Payload {
    /// The tree; its hint is what it was read as.
    pub(super) node: Node,
    /// What it was read as, by which rule, and what it is not: for the event around it.
    pub(super) how: String,
}

impl<'a> Decoding<'a> {
    /// Starts a body; replies need no schema.
    pub(super) fn new(schema: Option<&'a Schema>) -> Self {
        Self {
            schema,
            notes: Vec::new(),
            readings: Vec::new(),
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

    /// Adds to `body` what there is to tell, also if not everything was read.
    pub(super) fn tell(mut self, body: &mut Body) {
        if self.left == 0 {
            let most = json::NODES_MAX;
            self.notes.truncate(NOTES_MAX - 1);
            self.notes
                .push(format!("more than {most} values; the rest is not decoded"));
        }
        body.notes.append(&mut self.notes);
        body.readings = self.readings;
    }

    /// The payload as a tree: as the rule for the event's type says, else as JSON, else by its
    /// protobuf tags, else as bytes. The hint says which it was. Spans are offsets plus `at`.
    pub(super) fn payload(&mut self, event_type: &str, bytes: &[u8], at: usize) -> Payload {
        let (node, how) = if bytes.is_empty() {
            let node = named(Node::leaf("", Value::Bytes(Vec::new())), "empty");
            (node, "empty".to_owned())
        } else if self.left == 0 {
            let node = named(Node::leaf("", Value::Bytes(bytes.to_vec())), "not decoded");
            (node, "not decoded".to_owned())
        } else {
            self.read(event_type, bytes, at)
        };
        self.left = self.left.saturating_sub(size(&node));
        let node = node.with_span(at..at + bytes.len());
        Payload { node, how }
    }

    fn read(&mut self, event_type: &str, bytes: &[u8], at: usize) -> (Node, String) {
        let rule = self.schema.and_then(|schema| schema.rule_for(event_type));
        let (mut node, misfit) = match (rule, self.schema) {
            (Some(rule), Some(schema)) => match as_told(schema, rule.reading(), bytes, at) {
                Ok(node) => (node, None),
                Err(why) => (guess(bytes, at), Some((rule.reading().title(), why))),
            },
            _ => (guess(bytes, at), None),
        };
        NAME.clone_into(&mut node.name);
        let read_as = node.hint.as_deref().unwrap_or_default();
        // Whoever serializes as JSON has no use for the mapping; that is no fault.
        if let Some((_, why)) = misfit.as_ref().filter(|_| read_as != Plain::Json.title()) {
            self.note(format!("an event of type {event_type}: {why}"));
        }
        let misfit = misfit.map(|(told, _)| told);
        let mut how = read_as.to_owned();
        if let Some(told) = misfit {
            how = format!("{how}, not {told}");
        }
        let by = rule.map(Rule::by);
        if let Some(by) = &by {
            how = format!("{how} ({by})");
        }
        self.remember(event_type, read_as, by, misfit);
        (node, how)
    }

    fn remember(
        &mut self,
        event_type: &str,
        read_as: &str,
        rule: Option<String>,
        misfit: Option<&str>,
    ) {
        let is_known = |known: &PayloadReading| {
            known.kind == event_type
                && known.read_as == read_as
                && known.misfit.as_deref() == misfit
        };
        if self.readings.len() < READINGS_MAX && !self.readings.iter().any(is_known) {
            self.readings.push(PayloadReading {
                kind: event_type.to_owned(),
                read_as: read_as.to_owned(),
                rule,
                misfit: misfit.map(str::to_owned),
            });
        }
    }
}

/// The payload read as it is told to be, with what that is as the hint; or why it does not fit.
fn as_told(schema: &Schema, told: &Reading, bytes: &[u8], at: usize) -> Result<Node, String> {
    let node = match told {
        Reading::Message(message) => {
            let node = schema
                .decode(message, bytes, at)
                .map_err(|error| error.to_string())?;
            if schema::knows_nothing(&node) {
                return Err(format!(
                    "not {}: none of its fields is in that message",
                    message.full_name()
                ));
            }
            node
        }
        Reading::Plain(Plain::Json) => {
            json::tree(bytes, at).map_err(|error| format!("mapped to JSON, and {error}"))?
        }
        Reading::Plain(Plain::Schemaless) => wire::tree(bytes, at)
            .ok_or_else(|| "mapped to be read schema-less, and not protobuf".to_owned())?,
        Reading::Plain(Plain::Raw) => Node::leaf("", Value::Bytes(bytes.to_vec())),
    };
    Ok(node.with_hint(told.title()))
}

/// The payload read as well as can be guessed, with how as the hint.
fn guess(bytes: &[u8], at: usize) -> Node {
    if let Ok(node) = json::tree(bytes, at) {
        return node.with_hint(Plain::Json.title());
    }
    match wire::tree(bytes, at) {
        Some(node) => node.with_hint(Plain::Schemaless.title()),
        None => Node::leaf("", Value::Bytes(bytes.to_vec())).with_hint("hex"),
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
