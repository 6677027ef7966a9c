//! What the broker will make of a message we send.

use super::envelope::{Envelope, Kind};
use super::outgoing::SIZE_MAX;
use crate::schema::gojson;

/// Largest message the newest Go client takes.
const GO_CLIENT_MAX: usize = 32_768;

/// Why the broker will close with 1007 over this message.
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
        Kind::Ack => say("only the broker sends this type; it ignores it"),
        Kind::Unknown(_) => say("the broker knows no such type and ignores the message"),
        _ => {}
    }
    notes
}
