//! What the other side will make of a message we send.

use super::envelope::{Envelope, Kind};
use super::outgoing::SIZE_MAX;
use super::registration;
use crate::schema::gojson;

/// Largest message the newest Go client takes.
const GO_CLIENT_MAX: usize = 32_768;

/// What happens over a message the other side cannot decode.
pub(super) const CLOSES: &str = "the broker closes the connection over this with 1007";
/// The same while the generation is not known.
pub(super) const EITHER: &str = "a broker of generation 2 closes the connection over this with 1007, a server of generation 1 ignores it in silence";
/// What becomes of a binary frame in generation 1.
pub(super) const BINARY: &str =
    "JSON in a binary frame: servers of 1.1 and later ignore it in silence";
/// The same in generation 1.
pub(super) const IGNORES: &str =
    "a server of generation 1 ignores this in silence and stays connected";

/// Why the other side cannot decode this message.
pub(super) fn fault(text: &[u8], envelope: &Envelope<'_>) -> Option<String> {
    if text.trim_ascii() == b"null" {
        return None;
    }
    if let Err(error) = gojson::Value::parse(text) {
        return Some(error.to_string());
    }
    envelope.fault.as_deref().map(str::to_owned)
}

/// What else will happen to it, other than the sender may think.
pub(super) fn notes(text: &[u8], envelope: &Envelope<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let mut say = |sentence: &str| notes.push(sentence.to_owned());
    if text.len() > SIZE_MAX {
        say("over 1 MiB: the broker closes with 1009");
    }
    if envelope.is_first_generation() {
        first(text, envelope, &mut say);
        return notes;
    }
    match &envelope.kind {
        Kind::Request | Kind::Subscribe if envelope.id.is_none() => {
            say("no id: its reply cannot be matched");
        }
        Kind::Unsubscribe if envelope.topic.is_empty() => {
            say("the broker ignores an unsubscribe_request without a topic");
        }
        Kind::Publish if envelope.topic.is_empty() => {
            say("the broker ignores a publish without a topic");
        }
        Kind::Publish if text.len() > GO_CLIENT_MAX => {
            say("over 32 KiB: every newest Go client subscribed to this topic is cut with 1009");
        }
        Kind::Response | Kind::Error if envelope.id.is_none() => {
            say("a reply without an id belongs to no call: the broker ignores it");
        }
        Kind::Ack => say("only the broker sends this type; it ignores it"),
        Kind::Unknown(name) if !name.is_empty() => {
            say("the broker knows no such type and ignores the message");
        }
        _ => {}
    }
    notes
}

/// The same for a message of generation 1.
fn first(text: &[u8], envelope: &Envelope<'_>, say: &mut impl FnMut(&str)) {
    let ttl = envelope.head.as_ref().and_then(|head| head.ttl);
    match &envelope.kind {
        Kind::Request if envelope.id.is_none() => {
            say("no correlationID: 1.1 refuses it, 1.2 and 1.3 answer without one");
        }
        Kind::Request if ttl.unwrap_or(0) <= 0 => {
            say("no ttl: 1.1 fails it at once with `context deadline exceeded`");
        }
        Kind::Publish
            if registration::is_one(envelope)
                && registration::page_of(envelope.content(text)).is_none() =>
        {
            say("no pageSessionID that is a text: this registration is never acknowledged");
        }
        Kind::Response | Kind::Error if envelope.id.is_none() => {
            say("a reply without a correlationID belongs to no call and is dropped");
        }
        Kind::Unknown(_) => {
            say(
                "1.3 hands a message of any type to the handlers of its topic, 1.1 and 1.2 ignore it",
            );
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Direction;

    fn told(text: &str) -> String {
        let envelope = Envelope::read(text.as_bytes(), Direction::Out);
        notes(text.as_bytes(), &envelope).join("; ")
    }

    #[test]
    fn what_will_become_of_a_message_by_case() {
        for (text, part) in [
            (r#"{"type":"request","topic":"t"}"#, "cannot be matched"),
            (r#"{"type":"unsubscribe_request","id":"1"}"#, "ignores"),
            (r#"{"type":"publish"}"#, "without a topic"),
            (r#"{"type":"response","payload":1}"#, "belongs to no call"),
            (r#"{"type":"subscription_ack"}"#, "only the broker"),
            (r#"{"type":"odd"}"#, "knows no such type"),
            (
                r#"{"header":{"type":"request","topic":"t","ttl":5}}"#,
                "no correlationID",
            ),
            (
                r#"{"header":{"type":"request","topic":"t","correlationID":"c"}}"#,
                "no ttl",
            ),
            (
                r#"{"header":{"type":"event","topic":"_client.register"},"body":{"pageSessionID":7}}"#,
                "never acknowledged",
            ),
            (
                r#"{"header":{"type":"response","topic":"c"}}"#,
                "belongs to no call",
            ),
            (r#"{"header":{"type":"hello","topic":"c"}}"#, "any type"),
        ] {
            assert!(told(text).contains(part), "{text}: {}", told(text));
        }
        for text in [
            r#"{"id":"1","type":"request","topic":"t"}"#,
            r#"{"header":{"messageID":"m","type":"event","topic":"t","timestamp":1},"body":1}"#,
        ] {
            assert_eq!(told(text), "", "{text}");
        }
    }

    #[test]
    fn faults_of_either_generation() {
        let fault = |text: &str| {
            let envelope = Envelope::read(text.as_bytes(), Direction::Out);
            fault(text.as_bytes(), &envelope)
        };
        assert!(fault("{").is_some());
        assert!(fault(r#"{"type":"request"} {}"#).is_some());
        assert!(fault(r#"{"id":7,"type":"request"}"#).is_some());
        assert!(fault(r#"{"header":{"type":"request","ttl":1.5}}"#).is_some());
        assert_eq!(fault("null"), None);
    }
}
