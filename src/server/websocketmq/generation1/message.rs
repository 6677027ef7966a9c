//! The one message shape of this generation, `header` and `body`, read and written as Go does.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::body::reencoded;
use crate::schema::gojson::{Kind, SyntaxError, Value, quote, same_name};
use crate::transport::clock;

/// The kinds of message the brokers act on or write.
pub(super) mod kind {
    pub(in super::super) const EVENT: &str = "event";
    pub(in super::super) const REQUEST: &str = "request";
    pub(in super::super) const RESPONSE: &str = "response";
    pub(in super::super) const ERROR: &str = "error";
    pub(in super::super) const SUBSCRIBE: &str = "subscribe";
}

/// How message ids are made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// Nanoseconds and a random number (1.3).
    Random,
    /// The time of day to a microsecond, so that ids do repeat (1.1).
    Clock,
}

impl Ids {
    /// A fresh id, as fresh as they get.
    pub(super) fn make(self) -> String {
        match self {
            Self::Random => format!("{}-{}", nanoseconds(), rand::random::<u64>() >> 1),
            Self::Clock => {
                let now = Timestamp::from_microsecond(clock::now().wall_us).unwrap_or_default();
                let now = now.to_zoned(TimeZone::system());
                now.strftime("%H%M%S%.6f").to_string()
            }
        }
    }
}

/// Now, in nanoseconds since 1970.
pub(super) fn nanoseconds() -> i64 {
    // The clock counts microseconds; what is missing is made up.
    clock::now().wall_us * 1_000 + rand::random_range(0..1_000)
}

fn milliseconds() -> i64 {
    clock::now().wall_us / 1_000
}

/// Why a message is ignored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Undecodable {
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    #[error("`{0}` has the wrong JSON type")]
    WrongType(&'static str),
    #[error("a number in the body does not fit a float64")]
    Number,
}

/// A message as a Go program has it after decoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) correlation: String,
    pub(super) kind: String,
    pub(super) topic: String,
    /// Milliseconds since 1970, as the sender says.
    pub(super) timestamp: i64,
    /// Milliseconds the sender waits.
    pub(super) ttl: i64,
    /// JSON text, encoded anew; empty stands for `null`.
    pub(super) body: Vec<u8>,
}

impl Message {
    /// Reads a message. A bare `null`, and one without a header, are messages without a kind.
    pub(super) fn read(text: &[u8]) -> Result<Self, Undecodable> {
        let value = Value::parse(text)?;
        if !matches!(value.kind(), Kind::Object | Kind::Null) {
            return Err(Undecodable::WrongType("(the message)"));
        }
        let mut message = Self::default();
        for (name, value) in value.members() {
            if same_name(&name, "header") {
                message.read_header(value)?;
            } else if same_name(&name, "body") {
                message.body = reencoded(value).ok_or(Undecodable::Number)?;
            }
        }
        Ok(message)
    }

    fn read_header(&mut self, header: Value<'_>) -> Result<(), Undecodable> {
        if !matches!(header.kind(), Kind::Object | Kind::Null) {
            return Err(Undecodable::WrongType("header"));
        }
        let texts = [
            ("messageID", &mut self.id),
            ("correlationID", &mut self.correlation),
            ("type", &mut self.kind),
            ("topic", &mut self.topic),
        ];
        for (field, place) in texts {
            for value in given(header, field) {
                *place = value.string().ok_or(Undecodable::WrongType(field))?;
            }
        }
        for (field, place) in [("timestamp", &mut self.timestamp), ("ttl", &mut self.ttl)] {
            for value in given(header, field) {
                *place = value.integer().ok_or(Undecodable::WrongType(field))?;
            }
        }
        Ok(())
    }

    /// The text on the wire.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = b"{\"header\":{\"messageID\":".to_vec();
        quote(&self.id, &mut out);
        if !self.correlation.is_empty() {
            out.extend_from_slice(b",\"correlationID\":");
            quote(&self.correlation, &mut out);
        }
        out.extend_from_slice(b",\"type\":");
        quote(&self.kind, &mut out);
        out.extend_from_slice(b",\"topic\":");
        quote(&self.topic, &mut out);
        out.extend_from_slice(format!(",\"timestamp\":{}", self.timestamp).as_bytes());
        if self.ttl != 0 {
            out.extend_from_slice(format!(",\"ttl\":{}", self.ttl).as_bytes());
        }
        out.extend_from_slice(b"},\"body\":");
        out.extend_from_slice(self.json());
        out.push(b'}');
        out
    }

    /// The body as JSON text.
    pub(super) fn json(&self) -> &[u8] {
        if self.body.is_empty() {
            b"null"
        } else {
            &self.body
        }
    }

    /// The body as a value.
    pub(super) fn value(&self) -> Option<Value<'_>> {
        Value::parse(self.json()).ok()
    }

    /// A fresh event. `body` is JSON text as Go writes it.
    pub(super) fn event(ids: Ids, topic: &str, body: Vec<u8>) -> Self {
        Self {
            id: ids.make(),
            kind: kind::EVENT.to_owned(),
            topic: topic.to_owned(),
            timestamp: milliseconds(),
            body,
            ..Self::default()
        }
    }

    /// A fresh request that waits `ttl` milliseconds for its reply.
    pub(super) fn request(ids: Ids, topic: &str, body: Vec<u8>, ttl: i64) -> Self {
        Self {
            correlation: ids.make(),
            kind: kind::REQUEST.to_owned(),
            ttl,
            ..Self::event(ids, topic, body)
        }
    }

    /// The reply to `self`, of that kind: its topic is the correlation id.
    pub(super) fn reply(&self, ids: Ids, kind: &str, body: Vec<u8>) -> Self {
        Self {
            correlation: self.correlation.clone(),
            kind: kind.to_owned(),
            ..Self::event(ids, &self.correlation, body)
        }
    }
}

/// What was given for a field of the header, `null` apart.
fn given<'a>(header: Value<'a>, field: &'static str) -> impl Iterator<Item = Value<'a>> {
    header
        .members()
        .filter(move |(name, _)| same_name(name, field))
        .map(|(_, value)| value)
        .filter(|value| value.kind() != Kind::Null)
}

/// `{"error":"text"}`.
pub(super) fn error_body(text: &str) -> Vec<u8> {
    let mut body = b"{\"error\":".to_vec();
    quote(text, &mut body);
    body.push(b'}');
    body
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn absent_and_null_fields_are_empty_and_names_match_in_any_case() {
        let message =
            Message::read(br#"{"HEADER":{"Type":"event","topic":null,"TTL":5},"x":1}"#).unwrap();
        assert_eq!((message.kind.as_str(), message.ttl), ("event", 5));
        assert_eq!(
            String::from_utf8(message.write()).unwrap(),
            r#"{"header":{"messageID":"","type":"event","topic":"","timestamp":0,"ttl":5},"body":null}"#
        );
        assert_eq!(Message::read(b" null"), Ok(Message::default()));
    }

    #[test]
    fn wrong_types_make_a_message_undecodable() {
        for text in [
            "",
            "[]",
            "not json",
            "{}{}",
            r#"{"header":[]}"#,
            r#"{"header":{"timestamp":"1"}}"#,
            r#"{"header":{"ttl":1.5}}"#,
            r#"{"header":{"timestamp":1.0e3}}"#,
            r#"{"header":{"correlationID":7}}"#,
            r#"{"body":1e999}"#,
        ] {
            assert!(Message::read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn ids_are_those_of_their_dialect() {
        let random = Ids::Random.make();
        let (nanoseconds, number) = random.split_once('-').unwrap();
        assert_eq!(nanoseconds.len(), 19);
        assert!(number.parse::<i64>().is_ok(), "{random}");
        let clock = Ids::Clock.make();
        assert_eq!((clock.len(), clock.as_bytes()[6]), (13, b'.'), "{clock}");
    }

    #[test]
    fn a_reply_goes_to_the_correlation_id() {
        let request = Message::request(Ids::Random, "t", Vec::new(), 5_000);
        let reply = request.reply(Ids::Random, kind::RESPONSE, b"1".to_vec());
        assert_eq!(reply.topic, request.correlation);
        assert_eq!(reply.correlation, request.correlation);
        assert_eq!(reply.ttl, 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Message::read(&bytes);
        }

        #[test]
        fn what_is_written_is_read_back(id in any::<String>(), topic in any::<String>(), ttl in any::<i64>()) {
            let message = Message { id, topic, ttl, body: b"null".to_vec(), ..Message::default() };
            prop_assert_eq!(Message::read(&message.write()).unwrap(), message);
        }
    }
}
