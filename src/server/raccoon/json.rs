//! The JSON wire: Go's plain `encoding/json` over the generated structs, which is not the JSON
//! mapping of protobuf. Syntax errors leave nothing read; type errors are remembered, the first
//! of them, and reading goes on.

use super::message::{Batch, Decoded, Event, Reply, SentTime};
use crate::server::gojson::{Cursor, Kind, check, decode_base64, folds_to, quote};

/// Reads a `SendEventRequest`.
pub(super) fn decode(text: &[u8]) -> Decoded {
    let mut batch = Batch::default();
    if let Err(syntax) = check(text) {
        return (batch, Err(syntax));
    }
    let mut reader = Reader {
        cursor: Cursor::new(text),
        error: None,
    };
    reader.batch(&mut batch);
    (batch, reader.error.map_or(Ok(()), Err))
}

/// Writes a `SendEventResponse`.
pub(super) fn encode(reply: &Reply) -> String {
    let mut out = format!(
        r#"{{"status":{},"code":{}"#,
        reply.code.status(),
        reply.code.number()
    );
    if reply.sent_time != 0 {
        out.push_str(r#","sent_time":"#);
        out.push_str(&reply.sent_time.to_string());
    }
    if !reply.reason.is_empty() {
        out.push_str(r#","reason":"#);
        quote(&String::from_utf8_lossy(&reply.reason), &mut out);
    }
    if let Some(guid) = &reply.guid {
        out.push_str(r#","data":{"req_guid":"#);
        quote(guid, &mut out);
        out.push('}');
    }
    out.push('}');
    out
}

/// Where a value stands: how Go names the place in a type error.
#[derive(Clone, Copy)]
enum Place {
    /// The whole document.
    Document,
    /// A field: the innermost struct, and the path from the outermost.
    Field(&'static str, &'static str),
}

const BATCH: &str = "SendEventRequest";

struct Reader<'a> {
    cursor: Cursor<'a>,
    error: Option<String>,
}

impl Reader<'_> {
    fn batch(&mut self, batch: &mut Batch) {
        let whole = (Place::Document, "raccoonv1.SendEventRequest");
        if !self.enters(Kind::Object, whole) {
            return;
        }
        while let Some(key) = self.cursor.key() {
            if folds_to(&key, "req_guid") {
                self.string(Place::Field(BATCH, "req_guid"), &mut batch.guid);
            } else if folds_to(&key, "sent_time") {
                self.timestamp(&mut batch.sent);
            } else if folds_to(&key, "events") {
                self.events(&mut batch.events);
            } else {
                self.cursor.skip();
            }
        }
    }

    fn timestamp(&mut self, sent: &mut SentTime) {
        let place = Place::Field(BATCH, "sent_time");
        if self.is_null() {
            *sent = SentTime::default();
            return;
        }
        if !self.enters(Kind::Object, (place, "timestamppb.Timestamp")) {
            return;
        }
        while let Some(key) = self.cursor.key() {
            if folds_to(&key, "seconds") {
                let place = Place::Field("Timestamp", "sent_time.seconds");
                sent.seconds = self.number(place, "int64").unwrap_or(sent.seconds);
            } else if folds_to(&key, "nanos") {
                let place = Place::Field("Timestamp", "sent_time.nanos");
                sent.nanos = self.number(place, "int32").unwrap_or(sent.nanos);
            } else {
                self.cursor.skip();
            }
        }
    }

    fn events(&mut self, events: &mut Vec<Option<Event>>) {
        let place = Place::Field(BATCH, "events");
        if self.is_null() {
            events.clear();
            return;
        }
        if !self.enters(Kind::Array, (place, "[]*raccoonv1.Event")) {
            return;
        }
        // Go reads a repeated key into the elements that are there already.
        let mut count = 0;
        while self.cursor.element() {
            if count == events.len() {
                events.push(None);
            }
            if self.is_null() {
                events[count] = None;
            } else {
                self.event(events[count].get_or_insert_default());
            }
            count += 1;
        }
        events.truncate(count);
    }

    fn event(&mut self, event: &mut Event) {
        let place = Place::Field(BATCH, "events");
        if !self.enters(Kind::Object, (place, "raccoonv1.Event")) {
            return;
        }
        while let Some(key) = self.cursor.key() {
            if folds_to(&key, "event_bytes") {
                self.bytes(&mut event.bytes);
            } else if folds_to(&key, "type") {
                self.string(Place::Field("Event", "events.type"), &mut event.kind);
            } else {
                self.cursor.skip();
            }
        }
    }

    /// Base64, or an array of numbers.
    fn bytes(&mut self, bytes: &mut Vec<u8>) {
        let place = Place::Field("Event", "events.event_bytes");
        if self.is_null() {
            bytes.clear();
            return;
        }
        if self.cursor.kind() == Kind::String {
            match decode_base64(self.cursor.string().as_bytes()) {
                Ok(decoded) => *bytes = decoded,
                Err(error) => self.remember(error),
            }
        } else if self.enters(Kind::Array, (place, "[]uint8")) {
            bytes.clear();
            while self.cursor.element() {
                let number = self.number::<u8>(place, "uint8");
                bytes.push(number.unwrap_or(0));
            }
        }
    }

    fn string(&mut self, place: Place, into: &mut String) {
        match self.cursor.kind() {
            Kind::String => *into = self.cursor.string(),
            Kind::Null => drop(self.cursor.skip()),
            other => self.mismatch(other.name(), (place, "string")),
        }
    }

    /// A number that Go parses as that integer type; `None` for anything else.
    fn number<N: std::str::FromStr>(&mut self, place: Place, name: &'static str) -> Option<N> {
        match self.cursor.kind() {
            Kind::Number => {
                let text = String::from_utf8_lossy(self.cursor.clone().skip()).into_owned();
                if let Ok(number) = text.parse() {
                    self.cursor.skip();
                    return Some(number);
                }
                self.mismatch(&format!("number {text}"), (place, name));
            }
            Kind::Null => drop(self.cursor.skip()),
            other => self.mismatch(other.name(), (place, name)),
        }
        None
    }

    /// Goes into the next value if it is of that kind. If not, it is stepped over, and unless it
    /// is `null` the mismatch is remembered.
    fn enters(&mut self, kind: Kind, expected: (Place, &'static str)) -> bool {
        let found = self.cursor.kind();
        if found == kind {
            self.cursor.enter();
        } else if !self.is_null() {
            self.mismatch(found.name(), expected);
        }
        found == kind
    }

    /// Steps over a `null`.
    fn is_null(&mut self) -> bool {
        let null = self.cursor.kind() == Kind::Null;
        if null {
            self.cursor.skip();
        }
        null
    }

    fn mismatch(&mut self, found: &str, (place, expected): (Place, &'static str)) {
        self.cursor.skip();
        self.remember(match place {
            Place::Document => {
                format!("json: cannot unmarshal {found} into Go value of type {expected}")
            }
            Place::Field(object, path) => format!(
                "json: cannot unmarshal {found} into Go struct field {object}.{path} \
                 of type {expected}"
            ),
        });
    }

    fn remember(&mut self, error: String) {
        self.error.get_or_insert(error);
    }
}
