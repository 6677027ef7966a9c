//! Why the broker closes.

use crate::frame::close_parts;

/// What a close frame of the broker means, where its words alone do not say it.
pub(super) fn note(payload: &[u8]) -> Option<&'static str> {
    let (code, reason) = close_parts(payload)?;
    match (code, reason) {
        (1007, _) => Some(
            "a message of ours could not be decoded: not one JSON object, or `id`, `type` or `topic` no string, or `error` no object",
        ),
        (1008, b"too many dropped messages") => Some(
            "the broker's queue for this client (16 messages by default) was full three times: too many replies or own publishes at once, or a reader that paused",
        ),
        (1008, b"ping failure") => Some("no pong came within half the broker's ping interval"),
        (1009, _) => Some("the broker takes messages of up to 1 MiB"),
        _ => None,
    }
}
