//! A batch that was sent before, to be sent again: as it was, or with a fresh key and time.

use crate::frame::{Direction, Frame, FrameKind};
use crate::protocol::raccoon::{Transport, Wire, lint};
use crate::schema::{gojson, json, scan};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::batch::wire;
use super::context::Context;

/// A message to a Raccoon server as it went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captured<'a> {
    /// What it went over.
    pub transport: Transport,
    /// How it is encoded.
    pub wire: Wire,
    /// The message.
    pub message: &'a [u8],
}

impl<'a> Captured<'a> {
    /// The message of a frame that went out; `None` if the frame carries none.
    #[must_use]
    pub fn of(frame: &Frame<'a>) -> Option<Self> {
        if frame.direction != Direction::Out {
            return None;
        }
        let (transport, wire) = match (frame.kind, frame.exchange()) {
            (FrameKind::Text, _) => (Transport::WebSocket, Wire::Json),
            (FrameKind::Binary, _) => (Transport::WebSocket, Wire::Protobuf),
            (FrameKind::Request, Some(exchange)) if exchange.is_grpc() => {
                (Transport::Grpc, Wire::Protobuf)
            }
            (FrameKind::Request, Some(exchange)) if exchange.is_json() => {
                (Transport::Rest, Wire::Json)
            }
            (FrameKind::Request, _) => (Transport::Rest, Wire::Protobuf),
            _ => return None,
        };
        Some(Self {
            transport,
            wire,
            message: frame.message(),
        })
    }

    /// The document that sends these bytes over this transport, whatever the profile says.
    #[must_use]
    pub fn document(&self) -> String {
        let mut out = String::from("{");
        let text = std::str::from_utf8(self.message).ok();
        match (self.wire, text) {
            (Wire::Json, Some(text)) if is_bare_json(text) => {
                out.push_str("\"raw\": ");
                out.push_str(&plain(text));
            }
            (Wire::Json, Some(text)) => {
                out.push_str("\"text\": ");
                crate::body::write_json_string(&plain(text), &mut out);
            }
            (wire, _) => {
                out.push_str("\"base64\": \"");
                STANDARD.encode_string(self.message, &mut out);
                out.push('"');
                if wire == Wire::Json {
                    out.push_str(", \"wire\": \"json\"");
                }
            }
        }
        out.push_str(", \"transport\": \"");
        out.push_str(self.transport.name());
        out.push('"');
        if !lint::read(self.wire, self.message, 0).refused.is_empty() {
            out.push_str(", \"lint\": false");
        }
        out.push('}');
        out
    }

    /// The message with a new key and the time of `context`; all else as it was. `None` if it
    /// cannot be read.
    #[must_use]
    pub fn fresh(&self, context: &mut Context<'_>) -> Option<Vec<u8>> {
        let guid = context.uuid();
        let now = context.now_parts();
        match self.wire {
            Wire::Protobuf => {
                let rest = without_head(self.message)?;
                Some(wire::whole(Wire::Protobuf, Some(&guid), Some(now), &rest))
            }
            Wire::Json => {
                let text = std::str::from_utf8(self.message).ok()?;
                is_bare_json(text.trim()).then_some(())?;
                Some(renamed(text.as_bytes(), &guid, now).into_bytes())
            }
        }
    }
}

/// True if `text` can stand in a document as it is: one JSON object without anything around it.
fn is_bare_json(text: &str) -> bool {
    text.starts_with('{') && text.ends_with('}') && json::tree(text.as_bytes(), 0).is_ok()
}

/// Text in which nothing is taken for a template.
fn plain(text: &str) -> String {
    text.replace("${", "$${")
}

/// A protobuf batch without its fields 1 and 2.
fn without_head(message: &[u8]) -> Option<Vec<u8>> {
    let mut rest = Vec::with_capacity(message.len());
    for field in lint::fields(message) {
        let (number, span) = field?;
        if !matches!(number, 1 | 2) {
            rest.extend_from_slice(&message[span]);
        }
    }
    Some(rest)
}

/// A JSON batch with another key and time before its other members.
fn renamed(text: &[u8], guid: &str, (seconds, nanos): (i64, i32)) -> String {
    let mut out = format!(
        "{{\"req_guid\":\"{guid}\",\"sent_time\":{{\"seconds\":{seconds},\"nanos\":{nanos}}}"
    );
    for (name, value) in scan::members(text) {
        let name = String::from_utf8_lossy(name);
        let is_head = ["req_guid", "sent_time"].iter();
        if is_head
            .into_iter()
            .any(|head| gojson::same_name(&name, head))
        {
            continue;
        }
        out.push_str(",\"");
        out.push_str(&name);
        out.push_str("\":");
        out.push_str(&String::from_utf8_lossy(value));
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Prepared, parse};
    use crate::protocol::raccoon::EncodedBatch;
    use crate::protocol::{Command, Settings, System};
    use crate::schema::Schema;

    fn sent(document: &str) -> EncodedBatch {
        let settings = Settings::default();
        let mut context = Context::new(0, 9);
        let all = parse(
            document,
            System::Raccoon,
            &settings,
            Schema::demo(),
            &mut context,
        );
        let all = all.unwrap_or_else(|error| panic!("{error}\n{document}"));
        match &all[..] {
            [
                Prepared {
                    command: Command::Batch(batch),
                    ..
                },
            ] => batch.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn captured(batch: &EncodedBatch) -> Captured<'_> {
        Captured {
            transport: batch.transport,
            wire: batch.wire,
            message: &batch.bytes,
        }
    }

    const DOCUMENTS: [&str; 6] = [
        r#"{"req_guid":"g","events":[{"type":"a ${hex:3}","text":"$${x}"}]}"#,
        r#"{"req_guid":"g","wire":"json","transport":"rest","events":[{"type":"$$${","text":"é"}]}"#,
        r#"{"req_guid":"g","transport":"grpc","events":[]}"#,
        r#"{"text":" {\"events\": [null]} ","lint":false}"#,
        r#"{"raw":{"reqGuid":"x", "events":[null]},"lint":false}"#,
        r#"{"text":"no JSON","transport":"rest","lint":false}"#,
    ];

    #[test]
    fn the_document_of_a_message_sends_the_same_message() {
        for document in DOCUMENTS {
            let first = sent(document);
            let again = captured(&first).document();
            assert_eq!(sent(&again), first, "{again}");
        }
    }

    #[test]
    fn a_fresh_message_differs_in_key_and_time_alone() {
        for document in &DOCUMENTS[..5] {
            let first = sent(document);
            let mut context = Context::new(1_700_000_000_000_000, 4);
            let fresh = captured(&first).fresh(&mut context).unwrap();
            let reading = lint::read(first.wire, &fresh, 1_700_000_000);
            assert_eq!(reading.guid.len(), 36, "{document}: {reading:?}");
            let before = lint::read(first.wire, &first.bytes, 1_700_000_000);
            assert_eq!(reading.label, before.label, "{document}");
        }
        let broken = sent(DOCUMENTS[5]);
        assert_eq!(captured(&broken).fresh(&mut Context::new(0, 1)), None);
    }
}
