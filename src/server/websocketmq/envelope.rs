//! The one message shape of this system, read and written as Go does.
//!
//! On the wire the members come in the order `id, type, topic, payload, error`, the empty ones
//! left out, and a newline ends the text. Reading is strict where Go is (a numeric `id` makes
//! the whole message undecodable) and lax where Go is (member names in any letter case, unknown
//! members, repeated members).

use crate::schema::gojson::{Kind, SyntaxError, Value, quote, relay, same_name};

/// The kinds of envelope the broker acts on or writes.
pub(super) mod kind {
    pub(in super::super) const REQUEST: &str = "request";
    pub(in super::super) const RESPONSE: &str = "response";
    pub(in super::super) const ERROR: &str = "error";
    pub(in super::super) const PUBLISH: &str = "publish";
    pub(in super::super) const SUBSCRIBE: &str = "subscribe_request";
    pub(in super::super) const UNSUBSCRIBE: &str = "unsubscribe_request";
    pub(in super::super) const SUBSCRIPTION: &str = "subscription_ack";
}

/// The `error` member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fault {
    /// 0 if left out.
    pub(super) code: i64,
    /// Empty if left out.
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// A message as the broker understands it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope<'a> {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) topic: String,
    /// `None` if the member is missing; `null` stays `null`.
    pub(super) payload: Option<Value<'a>>,
    pub(super) error: Option<Fault>,
}

/// Why a message costs the connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Undecodable {
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    #[error("member `{0}` has the wrong JSON type")]
    WrongType(&'static str),
}

impl<'a> Envelope<'a> {
    /// Reads a message. A bare `null` is an envelope without a kind.
    pub(super) fn read(message: &'a [u8]) -> Result<Self, Undecodable> {
        let value = Value::parse(message)?;
        if !matches!(value.kind(), Kind::Object | Kind::Null) {
            return Err(Undecodable::WrongType("(the message)"));
        }
        let mut envelope = Self::default();
        for (name, value) in value.members() {
            if same_name(&name, "id") {
                set_string(&mut envelope.id, value, "id")?;
            } else if same_name(&name, "type") {
                set_string(&mut envelope.kind, value, "type")?;
            } else if same_name(&name, "topic") {
                set_string(&mut envelope.topic, value, "topic")?;
            } else if same_name(&name, "payload") {
                envelope.payload = Some(value);
            } else if same_name(&name, "error") {
                set_fault(&mut envelope.error, value)?;
            }
        }
        Ok(envelope)
    }
}

fn set_string(place: &mut String, value: Value<'_>, name: &'static str) -> Result<(), Undecodable> {
    if value.kind() != Kind::Null {
        *place = value.string().ok_or(Undecodable::WrongType(name))?;
    }
    Ok(())
}

fn set_fault(place: &mut Option<Fault>, value: Value<'_>) -> Result<(), Undecodable> {
    match value.kind() {
        Kind::Null => {
            *place = None;
            return Ok(());
        }
        Kind::Object => {}
        _ => return Err(Undecodable::WrongType("error")),
    }
    let fault = place.get_or_insert_default();
    for (name, value) in value.members() {
        if same_name(&name, "code") {
            if value.kind() != Kind::Null {
                fault.code = value
                    .integer()
                    .ok_or(Undecodable::WrongType("error.code"))?;
            }
        } else if same_name(&name, "message") {
            set_string(&mut fault.message, value, "error.message")?;
        }
    }
    Ok(())
}

/// A message the broker writes. `payload` is JSON text that has been checked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Draft<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    pub(super) topic: &'a str,
    pub(super) payload: Option<&'a [u8]>,
    pub(super) error: Option<&'a Fault>,
}

impl Draft<'_> {
    /// The text on the wire, newline included.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = vec![b'{'];
        let name = |out: &mut Vec<u8>, name: &str| {
            if out.len() > 1 {
                out.push(b',');
            }
            quote(name, out);
            out.push(b':');
        };
        for (member, text) in [("id", self.id), ("type", self.kind), ("topic", self.topic)] {
            // `type` is the one member that is never left out.
            if !text.is_empty() || member == "type" {
                name(&mut out, member);
                quote(text, &mut out);
            }
        }
        if let Some(payload) = self.payload {
            name(&mut out, "payload");
            relay(payload, &mut out);
        }
        if let Some(fault) = self.error {
            name(&mut out, "error");
            write_fault(fault, &mut out);
        }
        out.extend_from_slice(b"}\n");
        out
    }
}

fn write_fault(fault: &Fault, out: &mut Vec<u8>) {
    out.push(b'{');
    if fault.code != 0 {
        out.extend_from_slice(format!("\"code\":{}", fault.code).as_bytes());
    }
    if !fault.message.is_empty() {
        if fault.code != 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"\"message\":");
        quote(&fault.message, out);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn members_are_found_in_any_case_and_the_last_counts() {
        let envelope = Envelope::read(
            br#" {"ID":"1","id":"2","Type":"request","TOPIC":"t","x":[],"payload":{ "a":1 },"error":null}"#,
        )
        .unwrap();
        assert_eq!(envelope.id, "2");
        assert_eq!(envelope.kind, "request");
        assert_eq!(envelope.topic, "t");
        assert_eq!(envelope.payload.unwrap().raw(), br#"{ "a":1 }"#);
        assert_eq!(envelope.error, None);
    }

    #[test]
    fn null_counts_as_absent() {
        let envelope = Envelope::read(b"{\"id\":null,\"type\":null,\"payload\":null}").unwrap();
        assert_eq!((envelope.id.as_str(), envelope.kind.as_str()), ("", ""));
        assert_eq!(envelope.payload.unwrap().kind(), Kind::Null);
        assert_eq!(Envelope::read(b"null\n"), Ok(Envelope::default()));
    }

    #[test]
    fn an_empty_error_object_is_an_error() {
        let read = |text: &str| Envelope::read(text.as_bytes()).unwrap().error;
        assert_eq!(read(r#"{"error":{}}"#), Some(Fault::default()));
        assert_eq!(
            read(r#"{"error":{"message":"m","code":5,"more":1}}"#),
            Some(Fault::new(5, "m"))
        );
    }

    #[test]
    fn wrong_types_are_undecodable() {
        for text in [
            "",
            " ",
            "[]",
            "7",
            "\"x\"",
            "{\"id\":",
            "{\"id\":7}",
            "{\"type\":[]}",
            "{\"topic\":{}}",
            "{\"error\":\"x\"}",
            "{\"error\":{\"code\":\"5\"}}",
            "{\"error\":{\"code\":1.5}}",
            "{\"error\":{\"message\":1}}",
            "{}{}",
            "\u{feff}{}",
        ] {
            assert!(Envelope::read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn written_in_order_with_the_empty_left_out() {
        let text = |draft: Draft<'_>| String::from_utf8(draft.write()).unwrap();
        let fault = Fault::new(404, "No handler for topic: ");
        assert_eq!(
            text(Draft {
                id: "1",
                kind: "response",
                topic: "t",
                payload: Some(b"{ \"spaced\" :  \"<1>\" }"),
                error: None
            }),
            "{\"id\":\"1\",\"type\":\"response\",\"topic\":\"t\",\"payload\":{\"spaced\":\"\\u003c1\\u003e\"}}\n"
        );
        assert_eq!(
            text(Draft {
                kind: "error",
                error: Some(&fault),
                ..Draft::default()
            }),
            "{\"type\":\"error\",\"error\":{\"code\":404,\"message\":\"No handler for topic: \"}}\n"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Envelope::read(&bytes);
        }

        #[test]
        fn what_is_written_is_read_back(id in any::<String>(), topic in any::<String>()) {
            let written = Draft { id: &id, kind: "x", topic: &topic, ..Draft::default() }.write();
            let read = Envelope::read(&written).unwrap();
            prop_assert_eq!((read.id, read.topic), (id, topic));
        }
    }
}
