//! What the server would make of a message, asked before it is sent.
//!
//! The server is lenient in a way that hides mistakes: what it does not know it skips, and
//! acknowledges the rest as a success. Publishing cannot be taken back, so what was written by
//! hand is read here by the server's own rules first.
//!
//! ```text
//! bytes ─► the server's reading ─► refused: content lost in silence, a crash, BAD_REQUEST
//!                                ─► odd:     sent, but hardly what was meant
//! ```

use std::ops::Range;

use super::Wire;
use super::batch::Batch;
use super::tags::{self, Value};
use crate::schema::gojson::{self, Kind};

/// Most sentences of one kind; a message has room for any number of mistakes.
const SENTENCES_MAX: usize = 5;
/// Largest message the server's gRPC library takes, bytes.
pub const GRPC_MAX: usize = 4_194_304;
/// Payloads above this are refused by the server's Kafka publisher unless it is set otherwise,
/// bytes.
const EVENT_LARGE: usize = 1_000_000;

/// The names the server knows in a batch, and in an event.
const BATCH_NAMES: [&str; 3] = ["req_guid", "sent_time", "events"];
const EVENT_NAMES: [&str; 2] = ["event_bytes", "type"];

/// A message as the server reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The `req_guid` it finds; empty if it finds none.
    pub guid: String,
    /// The events it finds, as the timeline calls them.
    pub label: String,
    /// Why sending it cannot be meant: sentences.
    pub refused: Vec<String>,
    /// What is odd about it: sentences.
    pub odd: Vec<String>,
}

/// Reads a message of that wire as the server does; `now` is in seconds since the epoch.
#[must_use]
pub fn read(wire: Wire, bytes: &[u8], now: i64) -> Reading {
    let mut reading = Reading::default();
    let batch = match wire {
        Wire::Protobuf => {
            reading.protobuf(bytes);
            Batch::protobuf(bytes)
        }
        Wire::Json => {
            if let Ok(value) = gojson::Value::parse(bytes) {
                reading.json(value);
            }
            Batch::json(bytes)
        }
    };
    if batch.null_event {
        reading.refuse(
            "a null event crashes the server's handler: the connection drops and nothing is \
             answered"
                .to_owned(),
        );
    }
    if let Some(error) = &batch.error {
        reading.refuse(format!(
            "the server answers BAD_REQUEST: {error}. With a SYNC server, what cannot be read \
             among batches under way may end the connection or the whole process: send it alone, \
             when all acks are in"
        ));
    }
    reading.guid = batch.guid.clone().into_owned();
    if reading.refused.is_empty() {
        reading.odd.extend(batch.notes(now));
    }
    reading.label = batch.tally.label().into_owned();
    reading.refused.truncate(SENTENCES_MAX);
    reading.odd.truncate(SENTENCES_MAX);
    reading
}

/// The top-level fields of a protobuf message in wire order, by number and place; `None` where it
/// cannot be read on.
pub fn fields(message: &[u8]) -> impl Iterator<Item = Option<(u32, Range<usize>)>> {
    tags::fields(message).map(|field| field.ok().map(|field| (field.number, field.span)))
}

impl Reading {
    fn refuse(&mut self, sentence: String) {
        if self.refused.len() < SENTENCES_MAX && !self.refused.contains(&sentence) {
            self.refused.push(sentence);
        }
    }

    fn remark(&mut self, sentence: String) {
        if self.odd.len() < SENTENCES_MAX && !self.odd.contains(&sentence) {
            self.odd.push(sentence);
        }
    }

    fn json(&mut self, value: gojson::Value<'_>) {
        self.names(value, "", &BATCH_NAMES);
        let events = value
            .members()
            .filter(|(name, _)| gojson::same_name(name, "events"));
        for (_, events) in events {
            for (index, event) in events.elements().enumerate() {
                self.names(event, &format!("events[{index}]."), &EVENT_NAMES);
                if event.kind() == Kind::Object {
                    self.payload(event, index);
                }
            }
        }
    }

    /// What the server passes over in an object whose names it knows as `known`.
    fn names(&mut self, object: gojson::Value<'_>, at: &str, known: &[&str]) {
        let mut seen: Vec<&str> = Vec::new();
        let given: Vec<_> = object.members().collect();
        for (name, value) in &given {
            let taken = known.iter().find(|known| gojson::same_name(name, known));
            match taken {
                Some(taken) if seen.contains(taken) => self.remark(format!(
                    "`{at}{taken}` is there twice: the server takes the last one"
                )),
                Some(taken) => seen.push(taken),
                None => {
                    let meant = meant(name, known);
                    let both = |meant: &str| {
                        let spelt_right = |(name, value): &(String, gojson::Value<'_>)| {
                            gojson::same_name(name, meant) && value.kind() != Kind::Null
                        };
                        given.iter().any(spelt_right)
                    };
                    match meant {
                        // Both spellings, for servers old and new.
                        Some(meant) if both(meant) => {}
                        Some(meant) if value.kind() != Kind::Null => self.refuse(format!(
                            "`{at}{name}` is skipped by the server, which says success all the \
                             same: write `{meant}`"
                        )),
                        _ => self.remark(format!("`{at}{name}` is skipped by the server")),
                    }
                }
            }
        }
    }

    /// A payload that is there under no name the server reads.
    fn payload(&mut self, event: gojson::Value<'_>, index: usize) {
        let has = |known: &str| {
            let mut members = event.members();
            members
                .any(|(name, value)| gojson::same_name(&name, known) && value.kind() != Kind::Null)
        };
        let other = event.members().map(|(name, _)| name).find(|name| {
            EVENT_NAMES
                .iter()
                .all(|known| !gojson::same_name(name, known))
        });
        if let (false, Some(other)) = (has("event_bytes"), other)
            && meant(&other, &EVENT_NAMES).is_none()
        {
            self.refuse(format!(
                "events[{index}] has no `event_bytes`, and the server skips `{other}`: it would \
                 publish an empty event and say success"
            ));
        }
    }

    fn protobuf(&mut self, bytes: &[u8]) {
        let mut index = 0;
        for field in tags::fields(bytes).map_while(Result::ok) {
            match (field.number, field.value) {
                (1 | 2, Value::Bytes(_)) => {}
                (3, Value::Bytes(event)) => {
                    self.event(event, index);
                    index += 1;
                }
                (number, _) => self.field(number, "", &BATCH_NAMES),
            }
        }
    }

    fn event(&mut self, bytes: &[u8], index: usize) {
        for field in tags::fields(bytes).map_while(Result::ok) {
            match (field.number, field.value) {
                (1, Value::Bytes(payload)) if payload.len() > EVENT_LARGE => {
                    self.large(index, payload.len());
                }
                (1 | 2, Value::Bytes(_)) => {}
                (number, _) => self.field(number, &format!("events[{index}]."), &EVENT_NAMES),
            }
        }
    }

    fn large(&mut self, index: usize, size: usize) {
        self.remark(format!(
            "events[{index}] has {size} bytes: the server takes it, its publisher hardly (Kafka's \
             usual limit is {EVENT_LARGE}), and only a SYNC ack would tell"
        ));
    }

    /// A field the server does not read as it stands.
    fn field(&mut self, number: u32, at: &str, known: &[&str]) {
        match known.get(number as usize - 1) {
            Some(name) => self.refuse(format!(
                "field {number} (`{at}{name}`) has the wrong wire type: the server skips it and \
                 says success all the same"
            )),
            None => self.remark(format!("field {at}{number} is skipped by the server")),
        }
    }
}

/// The known name that must be meant by one the server does not know.
fn meant<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let letters = |name: &str| -> String {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let written = letters(name);
    let same = known.iter().find(|known| letters(known) == written);
    let near = || crate::nearest::one(name, known.iter().copied());
    match (same, written.as_str()) {
        (Some(same), _) => Some(same),
        (None, "sendtime") => known.iter().find(|known| **known == "sent_time").copied(),
        (None, _) => near(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Reading {
        read(Wire::Json, text.as_bytes(), 1_700_000_000)
    }

    #[test]
    fn what_would_be_lost_or_hurt_is_refused() {
        for (text, needle) in [
            (r#"{"reqGuid":"a","events":[]}"#, "write `req_guid`"),
            (
                r#"{"req_guid":"a","sentTime":{"seconds":1}}"#,
                "write `sent_time`",
            ),
            (
                r#"{"req_guid":"a","send_time":{"seconds":1}}"#,
                "write `sent_time`",
            ),
            (
                r#"{"req_guid":"a","event":[{"type":"t"}]}"#,
                "write `events`",
            ),
            (
                r#"{"events":[{"eventBytes":"AA==","type":"t"}]}"#,
                "events[0].eventBytes",
            ),
            (
                r#"{"events":[{"type":"a"},{"payload":"AA==","type":"t"}]}"#,
                "events[1] has no",
            ),
            (r#"{"events":[null]}"#, "crashes the server's handler"),
            (r#"{"req_guid":7}"#, "BAD_REQUEST: `req_guid` is a string"),
            (
                r#"{"req_guid":"a","sent_time":"2026-01-01T00:00:00Z"}"#,
                "BAD_REQUEST",
            ),
            (
                r#"{"events":[{"event_bytes":"A_==","type":"t"}]}"#,
                "BAD_REQUEST",
            ),
            ("[]", "BAD_REQUEST"),
            ("", "BAD_REQUEST"),
        ] {
            let reading = json(text);
            let all = reading.refused.join("\n");
            assert!(all.contains(needle), "{text}: {reading:?}");
        }
    }

    #[test]
    fn what_is_merely_odd_is_told() {
        for (text, needle) in [
            (
                r#"{"req_guid":"a","REQ_GUID":"b","sent_time":{"seconds":1700000000}}"#,
                "twice",
            ),
            (r#"{"req_guid":"a","trace":1}"#, "`trace` is skipped"),
            (
                r#"{"events":[{"event_bytes":"AA==","type":"t","note":"x"}]}"#,
                "events[0].note",
            ),
            (
                r#"{"req_guid":"a","events":[{"type":"t"}]}"#,
                "without event_bytes: 1 of 1",
            ),
            ("{}", "no req_guid"),
            (r#"{"req_guid":"a"}"#, "no sent_time"),
        ] {
            let reading = json(text);
            assert!(reading.refused.is_empty(), "{text}: {reading:?}");
            let all = reading.odd.join("\n");
            assert!(all.contains(needle), "{text}: {reading:?}");
        }
    }

    #[test]
    fn what_the_server_takes_whole_passes() {
        for text in [
            r#"{"req_guid":"a","sent_time":{"seconds":1700000000},"events":[{"event_bytes":"AA==","type":"t"}]}"#,
            r#"{"Req_Guid":"a","sent_time":{"seconds":1700000000},"events":[{"EVENT_BYTES":[1,2],"eventBytes":"AQI=","type":"t"}]}"#,
        ] {
            let reading = json(text);
            assert_eq!(
                (&reading.refused, &reading.odd),
                (&vec![], &vec![]),
                "{text}"
            );
            assert_eq!((reading.guid.as_str(), reading.label.as_str()), ("a", "t"));
        }
    }

    #[test]
    fn protobuf_that_the_server_skips_is_refused() {
        let read = |hex: &str| read(Wire::Protobuf, &crate::hex::decode(hex).unwrap(), 0);
        assert!(read("0805").refused[0].contains("`req_guid`) has the wrong wire type"));
        assert!(read("1a020805").refused[0].contains("events[0].event_bytes"));
        assert!(read("0a01612a0161").odd[0].contains("field 5 is skipped"));
        assert!(read("0aff").refused[0].contains("BAD_REQUEST"));
        assert_eq!(read("0a0161").guid, "a");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
            let _ = read(Wire::Protobuf, &bytes, 0);
            let _ = read(Wire::Json, &bytes, 0);
        }
        #[test]
        fn any_text_is_read(text in "[{}\\[\\]\":,a-z_ ]{0,40}") {
            let _ = read(Wire::Json, text.as_bytes(), 0);
        }
    }
}
