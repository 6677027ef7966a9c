//! A batch as the server reads it: its first fields, and what is odd about it.
//!
//! The server takes protobuf in binary frames and Go's own JSON in text frames. Both readings
//! are lenient in the same silent way: what they do not know they skip, and acknowledge the rest
//! as a success. So the facts here follow the server, not the sender's intention.

use std::borrow::Cow;

use super::is_json;
use super::tags::{self, Broken, Value};
use super::tally::Tally;
use crate::frame::Frame;
use crate::schema::gojson;

/// A `sent_time` this much older than its frame suggests that the batch is sent again: clients wait
/// up to 5 s between their attempts.
const OLD_SECONDS: i64 = 6;
/// Kafka's limit for one event as the server sets it, the lowest of the sinks' limits.
const EVENT_MAX: usize = 1_000_000;
/// The server's limit for a gRPC message.
const GRPC_MAX: usize = 4 << 20;
/// A clock this far ahead is worth telling.
const AHEAD_SECONDS: i64 = 2;

/// What a frame from the client says, as far as the server reads it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Batch<'a> {
    /// `req_guid`; empty if the server finds none.
    pub(super) guid: Cow<'a, str>,
    /// Seconds of `sent_time`; `None` if the server finds none.
    pub(super) sent: Option<i64>,
    /// The events by type.
    pub(super) tally: Tally<'a>,
    /// Events without a payload.
    pub(super) hollow: u32,
    /// Bytes of the largest payload.
    pub(super) largest: usize,
    /// Bytes of the message, if it goes over gRPC.
    pub(super) grpc_len: Option<usize>,
    /// A `null` among the events, which crashes the server's handler.
    pub(super) null_event: bool,
    /// Names spelled as proto3 JSON spells them, which the server skips.
    pub(super) camel_case: bool,
    /// Why the server will answer `BAD_REQUEST`.
    pub(super) error: Option<String>,
}

impl<'a> Batch<'a> {
    /// Reads a text or binary frame.
    pub(super) fn read(frame: &Frame<'a>) -> Self {
        let Some(exchange) = frame.exchange() else {
            return if is_json(frame) {
                Self::json(frame.payload)
            } else {
                Self::protobuf(frame.payload)
            };
        };
        let mut batch = if is_json(frame) {
            Self::json(exchange.body)
        } else {
            Self::protobuf(exchange.body)
        };
        batch.grpc_len = exchange.is_grpc().then_some(exchange.body.len());
        batch
    }

    /// Walks the top-level tags of a `SendEventRequest`.
    pub(super) fn protobuf(bytes: &'a [u8]) -> Self {
        let mut batch = Self::default();
        if let Err(broken) = batch.walk(bytes) {
            batch.error = Some(if looks_like_json(bytes) {
                "JSON in a binary frame: the server reads binary frames as protobuf; send it as text"
                    .to_owned()
            } else {
                broken.to_string()
            });
        }
        batch
    }

    fn walk(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        for field in tags::fields(bytes) {
            let field = field?;
            let inside = field.inside();
            match (field.number, field.value) {
                (1, Value::Bytes(guid)) => self.guid = Cow::Borrowed(utf8(guid, inside)?),
                (2, Value::Bytes(time)) => {
                    let seconds = walk_time(time, inside)?;
                    self.sent = Some(seconds.or(self.sent).unwrap_or(0));
                }
                (3, Value::Bytes(event)) => self.walk_event(event, inside)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn walk_event(&mut self, bytes: &'a [u8], at: usize) -> Result<(), Broken> {
        let (mut kind, mut payload) = ("", &[][..]);
        for field in tags::fields(bytes) {
            let field = field.map_err(|broken| broken.after(at))?;
            match (field.number, field.value) {
                (1, Value::Bytes(bytes)) => payload = bytes,
                (2, Value::Bytes(bytes)) => kind = utf8(bytes, at + field.inside())?,
                _ => {}
            }
        }
        self.hollow += u32::from(payload.is_empty());
        self.largest = self.largest.max(payload.len());
        self.tally.add(Cow::Borrowed(kind));
        Ok(())
    }

    /// Reads the server's own JSON: any letter case, the last of equal names, `null` for absent.
    pub(super) fn json(text: &'a [u8]) -> Self {
        let mut batch = Self::default();
        let value = match gojson::Value::parse(text) {
            Ok(value) => value,
            Err(error) => {
                batch.error = Some(error.to_string());
                return batch;
            }
        };
        match value.kind() {
            gojson::Kind::Null => {}
            gojson::Kind::Object => batch.members(value),
            _ => batch.refuse(format!("a batch is a JSON object, not {}", kind(value))),
        }
        batch
    }

    fn members(&mut self, value: gojson::Value<'a>) {
        let mut camel_case = false;
        for (name, value) in value.members() {
            if matches!(name.as_str(), "reqGuid" | "sentTime") {
                camel_case = true;
            } else if value.kind() == gojson::Kind::Null {
            } else if gojson::same_name(&name, "req_guid") {
                match value.string() {
                    Some(guid) => self.guid = Cow::Owned(guid),
                    None => self.refuse(format!("`req_guid` is a string, not {}", kind(value))),
                }
            } else if gojson::same_name(&name, "sent_time") {
                self.time(value);
            } else if gojson::same_name(&name, "events") {
                self.events(value);
            }
        }
        // A sender that writes both spellings, for servers old and new, is fine.
        self.camel_case |= camel_case && (self.guid.is_empty() || self.sent.is_none());
    }

    fn time(&mut self, value: gojson::Value<'_>) {
        if value.kind() != gojson::Kind::Object {
            self.refuse(format!(
                "`sent_time` is {}; the server takes only {{\"seconds\":…,\"nanos\":…}}",
                kind(value)
            ));
            return;
        }
        let mut seconds = self.sent.unwrap_or(0);
        for (name, value) in value.members() {
            let known = ["seconds", "nanos"]
                .into_iter()
                .find(|known| gojson::same_name(&name, known));
            match (known, value.integer()) {
                (Some("seconds"), Some(given)) => seconds = given,
                (Some(name), None) if value.kind() != gojson::Kind::Null => {
                    self.refuse(format!(
                        "`sent_time.{name}` is a whole number, not {}",
                        kind(value)
                    ));
                }
                _ => {}
            }
        }
        self.sent = Some(seconds);
    }

    fn events(&mut self, value: gojson::Value<'a>) {
        self.tally = Tally::default();
        self.hollow = 0;
        if value.kind() != gojson::Kind::Array {
            self.refuse(format!("`events` is an array, not {}", kind(value)));
            return;
        }
        for event in value.elements() {
            match event.kind() {
                gojson::Kind::Object => self.event(event),
                gojson::Kind::Null => self.null_event = true,
                _ => self.refuse(format!("an event is an object, not {}", kind(event))),
            }
        }
    }

    fn event(&mut self, event: gojson::Value<'_>) {
        let mut event_type = String::new();
        let (mut hollow, mut camel_case) = (true, false);
        for (name, value) in event.members() {
            if name == "eventBytes" {
                camel_case = true;
            } else if value.kind() == gojson::Kind::Null {
            } else if gojson::same_name(&name, "type") {
                match value.string() {
                    Some(given) => event_type = given,
                    None => self.refuse(format!("`type` is a string, not {}", kind(value))),
                }
            } else if gojson::same_name(&name, "event_bytes") {
                match super::payload::from_json(value.raw()) {
                    Ok(bytes) => {
                        hollow = bytes.is_empty();
                        self.largest = self.largest.max(bytes.len());
                    }
                    Err(why) => self.refuse(format!("`event_bytes` {why}")),
                }
            }
        }
        self.camel_case |= camel_case && hollow;
        self.hollow += u32::from(hollow);
        self.tally.add(Cow::Owned(event_type));
    }

    /// Keeps the first reason; what comes before it has been read, as the server has.
    fn refuse(&mut self, why: String) {
        self.error.get_or_insert(why);
    }

    /// What is odd about this batch by itself, the most telling first. `now` is the time of the
    /// frame, seconds since the epoch.
    pub(super) fn notes(&self, now: i64) -> Vec<String> {
        let mut notes = Vec::new();
        if self.null_event {
            notes.push("a null event crashes the server's handler: the connection drops without a close frame".to_owned());
        }
        if self.camel_case {
            notes.push("camelCase names: the server skips them and still acknowledges a success, so guid and payloads are lost; write req_guid, sent_time, event_bytes".to_owned());
        }
        if self.error.is_some() {
            notes.push(
                "the server answers this with BAD_REQUEST and keeps the connection".to_owned(),
            );
        }
        if self.guid.is_empty() && self.error.is_none() && !self.camel_case {
            notes.push("no req_guid: its ack cannot be matched, and with dedup on every further batch without one is dropped with a success".to_owned());
        }
        if self.hollow > 0 && !self.camel_case {
            let total = self.tally.total();
            notes.push(format!(
                "events without event_bytes: {} of {total}",
                self.hollow
            ));
        }
        let untyped = self.tally.untyped();
        if untyped > 0 && self.hollow == 0 && self.error.is_none() {
            notes.push(format!(
                "events without a type: {untyped} of {}; their destination is the publisher pattern with nothing in it (clickstream--log)",
                self.tally.total()
            ));
        }
        if let Some(len) = self.grpc_len.filter(|len| *len > GRPC_MAX) {
            notes.push(format!(
                "{len} bytes are over gRPC's limit of {GRPC_MAX}: the call fails with RESOURCE_EXHAUSTED; WebSocket and REST have no limit"
            ));
        }
        if self.largest > EVENT_MAX {
            notes.push(format!(
                "an event of {} bytes: the server takes it, but sinks do not (Kafka {EVENT_MAX} by default, Kinesis 1 MiB, Pub/Sub 10 MiB), and in ASYNC nobody is told",
                self.largest
            ));
        }
        if self.error.is_none() {
            notes.extend(time_note(self.sent, now));
        }
        notes
    }
}

/// What is odd about `sent_time`. Only a latency metric of the server depends on it.
fn time_note(sent: Option<i64>, now: i64) -> Option<String> {
    let metric = "only the server's event_processing_duration metric suffers";
    let Some(sent) = sent else {
        return Some(format!("no sent_time: {metric}"));
    };
    let age = now.saturating_sub(sent);
    if sent <= 0 {
        Some(format!("sent_time lies in 1970 or before: {metric}"))
    } else if age < -AHEAD_SECONDS {
        Some(format!(
            "sent_time is {} ahead of this clock: {metric}",
            span(-age)
        ))
    } else if age > OLD_SECONDS {
        Some(format!(
            "sent_time is {} old: a batch sent again, or a slow clock",
            span(age)
        ))
    } else {
        None
    }
}

/// A number of seconds in the unit a person would choose.
fn span(seconds: i64) -> String {
    match seconds {
        ..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn walk_time(bytes: &[u8], at: usize) -> Result<Option<i64>, Broken> {
    let mut seconds = None;
    for field in tags::fields(bytes) {
        let field = field.map_err(|broken| broken.after(at))?;
        if let (1, Value::Varint(value)) = (field.number, field.value) {
            seconds = Some(value as i64);
        }
    }
    Ok(seconds)
}

fn utf8(bytes: &[u8], at: usize) -> Result<&str, Broken> {
    std::str::from_utf8(bytes).map_err(|error| Broken {
        offset: at + error.valid_up_to(),
        what: "a string that is not UTF-8",
    })
}

fn looks_like_json(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().first() == Some(&b'{') && gojson::Value::parse(bytes).is_ok()
}

fn kind(value: gojson::Value<'_>) -> &'static str {
    match value.kind() {
        gojson::Kind::Null => "null",
        gojson::Kind::Bool => "a truth value",
        gojson::Kind::Number => "a number",
        gojson::Kind::String => "a string",
        gojson::Kind::Array => "an array",
        gojson::Kind::Object => "an object",
    }
}
