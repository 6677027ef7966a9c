//! The envelope of generation 2, read from its first members.

use std::borrow::Cow;

use super::dialect::Generation;
use crate::frame::Direction;
use crate::schema::scan;

/// Topic of the registration.
pub(super) const REGISTER: &str = "system:register";

/// Topic of the registration in generation 1.
pub(super) const REGISTER_1: &str = "_client.register";

/// What an envelope is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A call.
    Request,
    /// The reply to a call.
    Response,
    /// The reply that says a call failed.
    Error,
    /// A message on a topic; in generation 1 an `event`.
    Publish,
    /// Asks for a topic's messages.
    Subscribe,
    /// Asks for no more of them.
    Unsubscribe,
    /// The reply to both.
    Ack,
    /// A type nobody knows, or none; peers ignore it.
    Unknown(Cow<'a, str>),
}

impl<'a> Kind<'a> {
    /// The kind of that `type`.
    fn of(name: Cow<'a, str>) -> Self {
        match &*name {
            "request" => Self::Request,
            "response" => Self::Response,
            "error" => Self::Error,
            "publish" => Self::Publish,
            "subscribe_request" => Self::Subscribe,
            "unsubscribe_request" => Self::Unsubscribe,
            "subscription_ack" => Self::Ack,
            _ => Self::Unknown(name),
        }
    }
}

/// What a message says, as far as it has been read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Envelope<'a> {
    /// Its format; `None` while nothing tells.
    pub(super) generation: Option<Generation>,
    /// Correlation id; `None` if absent or empty, which peers do not tell apart.
    pub(super) id: Option<Cow<'a, str>>,
    /// What it is.
    pub(super) kind: Kind<'a>,
    /// Routing key; empty if absent.
    pub(super) topic: Cow<'a, str>,
    /// Raw payload; `None` if absent or `null`, which peers do not tell apart.
    pub(super) payload: Option<&'a [u8]>,
    /// Raw error object; `None` if absent or `null`.
    pub(super) error: Option<&'a [u8]>,
    /// The `header` object of generation 1.
    pub(super) header: Option<&'a [u8]>,
    /// Why a peer cannot decode it.
    pub(super) fault: Option<Cow<'static, str>>,
}

impl<'a> Envelope<'a> {
    /// Reads the members of a message. A `publish` that comes in is not read beyond its topic.
    pub(super) fn read(text: &'a [u8], direction: Direction) -> Self {
        let mut envelope = Self {
            generation: None,
            id: None,
            kind: Kind::Unknown(Cow::Borrowed("")),
            topic: Cow::Borrowed(""),
            payload: None,
            error: None,
            header: None,
            fault: None,
        };
        let mut members = 0;
        for (key, value) in scan::members(text) {
            members += 1;
            envelope.take(key, value);
            let enough = direction == Direction::In
                && envelope.kind == Kind::Publish
                && !envelope.topic.is_empty();
            if enough {
                return envelope;
            }
        }
        if members == 0 && text.trim_ascii() != b"{}" {
            envelope.fault = Some(Cow::Borrowed("not a JSON object"));
        }
        envelope
    }

    /// Names match in any letter case, and the last of equal names counts.
    fn take(&mut self, key: &[u8], value: &'a [u8]) {
        let is = |name: &str| key.eq_ignore_ascii_case(name.as_bytes());
        let given = (value != b"null").then_some(value);
        match key.len() {
            2 if is("id") => {
                let id = self.text("id", given);
                self.id = id.filter(|id| !id.is_empty());
            }
            4 if is("type") => self.kind = Kind::of(self.text("type", given).unwrap_or_default()),
            5 if is("topic") => self.topic = self.text("topic", given).unwrap_or_default(),
            7 if is("payload") => self.payload = given,
            5 if is("error") => {
                if given.is_some_and(|raw| raw.first() != Some(&b'{')) {
                    self.fault = Some(Cow::Borrowed("`error` is not an object"));
                }
                self.error = given;
            }
            6 if is("header") => self.header = given.filter(|raw| raw.first() == Some(&b'{')),
            _ => {}
        }
    }

    fn text(&mut self, name: &str, given: Option<&'a [u8]>) -> Option<Cow<'a, str>> {
        let text = scan::string(given?);
        if text.is_none() {
            self.fault = Some(Cow::Owned(format!("`{name}` is not a string")));
        }
        text
    }

    /// The topic, or what stands for none.
    pub(super) fn label(&self) -> Cow<'a, str> {
        if self.topic.is_empty() {
            Cow::Borrowed("(no topic)")
        } else {
            self.topic.clone()
        }
    }

    /// True if a reply to this message is due: a call from either side, or a change of
    /// subscription from the client. Without an id no reply can be told to belong to it.
    pub(super) fn asks(&self, direction: Direction) -> bool {
        match self.kind {
            Kind::Request => true,
            Kind::Subscribe => direction == Direction::Out,
            // The broker does not answer this one for an empty topic.
            Kind::Unsubscribe => direction == Direction::Out && !self.topic.is_empty(),
            _ => false,
        }
    }

    /// True if this message answers one with its id.
    pub(super) fn answers(&self) -> bool {
        matches!(self.kind, Kind::Response | Kind::Error | Kind::Ack)
    }

    /// Code and message of the error object.
    pub(super) fn failure(&self) -> Option<(i64, Cow<'a, str>)> {
        let error = self.error?;
        let code = scan::member_any_case(error, "code")
            .and_then(|raw| std::str::from_utf8(raw).ok()?.parse().ok())
            .unwrap_or(0);
        let message = scan::member_any_case(error, "message").and_then(scan::string);
        Some((code, message.unwrap_or_default()))
    }

    /// A failure that peers take for a success, or the other way round: they go by the presence
    /// of the error object alone, whatever the type says.
    pub(super) fn soft_failure(&self) -> Option<String> {
        match (&self.kind, self.error) {
            (Kind::Error, None) => {
                let text = self.payload.and_then(|raw| scan::member(raw, "error"));
                let text = text.and_then(scan::string).unwrap_or_default();
                Some(format!(
                    "type `error` without an error object, as the browser client reports failures: broker and Go clients take it for a success ({text})"
                ))
            }
            (Kind::Response, Some(_)) => Some(
                "type `response` with an error object: broker and Go clients take it for a failure"
                    .to_owned(),
            ),
            (Kind::Response, None) => {
                let payload = self.payload.filter(|raw| raw.first() == Some(&b'{'))?;
                let error = scan::member(payload, "error").filter(|raw| *raw != b"null");
                let failed = scan::member(payload, "success") == Some(b"false");
                (failed || error.is_some()).then(|| {
                    let text = error.and_then(scan::string).unwrap_or_default();
                    format!("a success whose payload tells of a failure ({text})")
                })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Envelope<'_> {
        Envelope::read(text.as_bytes(), Direction::Out)
    }

    #[test]
    fn members_are_read_as_go_reads_them() {
        let envelope = read(r#"{"ID":"a","id":"b","Type":"request","topic":null,"payload":null}"#);
        assert_eq!(envelope.id.as_deref(), Some("b"));
        assert_eq!(envelope.kind, Kind::Request);
        assert_eq!(envelope.label(), "(no topic)");
        assert!(envelope.payload.is_none() && envelope.fault.is_none());
    }

    #[test]
    fn faults_by_case() {
        for (text, fault) in [
            (r#"{"id":7,"type":"request"}"#, Some("`id` is not a string")),
            (r#"{"type":{}}"#, Some("`type` is not a string")),
            (
                r#"{"type":"error","error":"x"}"#,
                Some("`error` is not an object"),
            ),
            (r#"[{"type":"request"}]"#, Some("not a JSON object")),
            ("", Some("not a JSON object")),
            ("{}", None),
            (r#"{"type":"odd"}"#, None),
        ] {
            assert_eq!(read(text).fault.as_deref(), fault, "{text}");
        }
    }

    #[test]
    fn a_publish_is_not_read_beyond_its_topic() {
        let text = br#"{"type":"publish","topic":"t","payload":{"#;
        let envelope = Envelope::read(text, Direction::In);
        assert_eq!((envelope.kind, &*envelope.topic), (Kind::Publish, "t"));
    }

    #[test]
    fn soft_failures_by_case() {
        for (text, soft) in [
            (r#"{"type":"error","payload":{"error":"boom"}}"#, true),
            (r#"{"type":"error","error":{"code":404}}"#, false),
            (r#"{"type":"response","error":{}}"#, true),
            (r#"{"type":"response","error":null}"#, false),
            (r#"{"type":"response","payload":{"error":"boom"}}"#, true),
            (r#"{"type":"response","payload":{"error":null}}"#, false),
            (r#"{"type":"response","payload":{"success":false}}"#, true),
            (r#"{"type":"response","payload":"error"}"#, false),
        ] {
            assert_eq!(read(text).soft_failure().is_some(), soft, "{text}");
        }
    }

    #[test]
    fn an_error_object_may_lack_everything() {
        let envelope = read(r#"{"type":"error","error":{}}"#);
        assert_eq!(envelope.failure(), Some((0, Cow::Borrowed(""))));
    }
}
