//! Who wrote a message, as far as its looks tell, and what that one is known for.

use super::detection::{is_clock_text, is_nanos_and_random};
use super::envelope::{Envelope, Kind};

/// What the looks of a received message tell of its writer. For the body; nothing is remembered.
pub(super) fn notes(text: &[u8], envelope: &Envelope<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let mut say = |sentence: &str| notes.push(sentence.to_owned());
    match &envelope.head {
        Some(head) => match &*head.message_id {
            id if is_nanos_and_random(id) => {
                say(
                    "written by a Go server of generation 1.2 or 1.3 (messageID of nanoseconds and a random number)",
                );
            }
            id if is_clock_text(id) => {
                say(
                    "written by a Go server of generation 1.0 or 1.1 (messageID is clock text, which repeats)",
                );
            }
            id if is_base36(id) => say(
                "written by a browser client of generation 1 (messageID to base 36), and passed on",
            ),
            _ => {}
        },
        None if text.ends_with(b"\n") => {
            say("a newline ends the text: written by a Go peer of generation 2");
        }
        None if envelope.id.as_deref().is_some_and(is_base36) && !envelope.answers() => {
            say("no newline at the end and an id to base 36: written by a browser client");
        }
        None => {}
    }
    if is_minified(envelope) {
        say(
            "a reply to nothing, with neither correlationID nor topic: the minified script of generation 1.2 and 1.3 sends one for every event, and a server whose handler of an event returned something",
        );
    }
    notes
}

/// Sixteen digits or a few more, as the browser clients write ids.
fn is_base36(id: &str) -> bool {
    (14..=20).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
        && id.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn is_minified(envelope: &Envelope<'_>) -> bool {
    let topic = envelope.head.as_ref().map(|head| head.topic.as_deref());
    envelope.kind == Kind::Response
        && envelope.id.is_none()
        && topic.is_some_and(|topic| topic.is_none_or(str::is_empty))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Direction;

    #[test]
    fn writers_by_their_looks() {
        for (text, part) in [
            ("{\"type\":\"publish\",\"topic\":\"t\"}\n", "Go peer"),
            (
                r#"{"id":"mwpmbte0ya0t6u5j","type":"request","topic":"t"}"#,
                "browser client",
            ),
            (
                r#"{"header":{"messageID":"1746840002000000000-55","type":"event","topic":"t"}}"#,
                "1.2 or 1.3",
            ),
            (
                r#"{"header":{"messageID":"211304.582113","type":"event","topic":"t"}}"#,
                "1.0 or 1.1",
            ),
            (
                r#"{"header":{"messageID":"mwpmbtdvedash6yi6fr","type":"event","topic":"t"}}"#,
                "browser client of generation 1",
            ),
            (
                r#"{"header":{"messageID":"m","type":"response"}}"#,
                "a reply to nothing",
            ),
        ] {
            let envelope = Envelope::read(text.as_bytes(), Direction::In);
            let told = notes(text.as_bytes(), &envelope).join("; ");
            assert!(told.contains(part), "{text}: {told}");
        }
        let text = br#"{"id":"5b0f7c1e9a3d4e62b7c8d9e0f1a2b3c4","type":"request","topic":"t"}"#;
        assert!(notes(text, &Envelope::read(text, Direction::In)).is_empty());
    }
}
