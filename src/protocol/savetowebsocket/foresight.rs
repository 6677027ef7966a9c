//! What the server will make of a message before it is sent. It answers only the first register
//! of a connection and says nothing of all else, so this is the only answer there is.

use super::lint;
use super::register::{self, Reading, SIZE_MAX};

/// What follows silence on a connection that never registered.
const CUT: &str = "unregistered, the connection is cut after 10 s";

/// What happens to a text or binary message: sentences, none if it is a register that does what it
/// says.
#[must_use]
pub fn foresee(message: &[u8]) -> Vec<String> {
    if message.len() > SIZE_MAX {
        return vec![format!(
            "the server ends the connection over it with close 1009: {} bytes are more than the {SIZE_MAX} it takes",
            message.len()
        )];
    }
    match register::read(message) {
        Reading::Taken(wanted) => lint::lints(&wanted),
        Reading::Dropped(why) => vec![format!(
            "the server drops this in silence: {why}; filters in force stay; {CUT}"
        )],
        Reading::Ignored => vec![format!(
            "the server ignores this in silence: only the type `register` counts; {CUT}"
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_messages_by_case() {
        let large = "x".repeat(SIZE_MAX + 1);
        for (message, part) in [
            (r#"{"type":"register"}"#, ""),
            (r#"{"type":"register","filters":{"types":["trade"]}}"#, ""),
            (
                r#"{"type":"register","filters":{"min_amount":"1"}}"#,
                "never compared",
            ),
            (
                r#"{"type":"register","filters":{"min_amount":1}}"#,
                "drops this in silence: `min_amount` must be a string, not number",
            ),
            ("hello", "drops this in silence"),
            ("[]", "drops this in silence"),
            ("", "in silence"),
            (r#"{"type":"unregister"}"#, "ignores this in silence"),
            (large.as_str(), "close 1009: 524289 bytes"),
        ] {
            let said = foresee(message.as_bytes()).join("; ");
            let shown = &message[..message.len().min(60)];
            assert!(said.contains(part), "{shown}: {said}");
            assert_eq!(said.is_empty(), part.is_empty(), "{shown}: {said}");
        }
    }
}
