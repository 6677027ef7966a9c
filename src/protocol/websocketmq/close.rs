//! Why a broker closes, row by row.

use crate::frame::close_parts;

/// Code, start of the reason (empty fits all), what it means.
const ROWS: &[(u16, &str, &str)] = &[
    (
        1000,
        "server shutting down connection",
        "generation 1.3: the server shuts down, or took this connection off its books",
    ),
    (
        1000,
        "connection closed by adapter",
        "generation 1.2: the server shuts down, or took this connection off its books",
    ),
    (
        1000,
        "handler closing",
        "generation 1.1: the server's handler of this connection ended, which a frame without a mask does too",
    ),
    (
        1000,
        "client disconnected",
        "the words of a browser client that disconnects: something in between passes a client's close on to us",
    ),
    (
        1000,
        "client initiated close",
        "the words of the Go client that closes: something in between passes a client's close on to us",
    ),
    (
        1001,
        "server shutting down",
        "generation 1.1: the server shuts down",
    ),
    (
        1002,
        "received header with unexpected rsv bits set: true:true:true",
        "our frame came without its mask: the `{` of the JSON was taken for a frame header",
    ),
    (
        1002,
        "received header with unexpected rsv bits",
        "our frame had a reserved bit set, as compressed ones have, and no extension was agreed on",
    ),
    (
        1002,
        "received unknown opcode",
        "our frame had an opcode that RFC 6455 does not define",
    ),
    (
        1002,
        "received control frame payload with invalid length",
        "a ping, pong or close of ours was longer than 125 bytes",
    ),
    (
        1002,
        "received fragmented control frame",
        "a ping, pong or close of ours came in pieces",
    ),
    (
        1002,
        "received continuation frame without",
        "a continuation frame of ours continued nothing",
    ),
    (
        1002,
        "received new data message without finishing",
        "a message of ours began before the last fragment of the one before",
    ),
    (
        1002,
        "received invalid close payload",
        "our close frame had one byte alone, or a code that must not be sent (1005, 1006, 999)",
    ),
    (1002, "", "the broker could not read our frames"),
    (
        1007,
        "",
        "a message of ours could not be decoded: not one JSON object, or `id`, `type` or `topic` no string, or `error` no object",
    ),
    (
        1008,
        "too many dropped messages",
        "the broker's queue for this client (16 messages by default) was full three times: too many replies or own publishes at once, or a reader that paused; what was still queued is lost",
    ),
    (
        1008,
        "ping failure",
        "no pong came within half the broker's ping interval",
    ),
    (
        1008,
        "timed out",
        "the server's read deadline passed: it waits for a message of ours, and pongs may not count",
    ),
    (
        1009,
        "read limited at 32769",
        "32 KiB is the limit of the newest Go client: a Go client, not a broker, read our message",
    ),
    (
        1009,
        "",
        "the broker takes messages of up to 1 MiB (1,048,576 bytes)",
    ),
    (
        1011,
        "registration failed",
        "the words of the Go client whose registration failed or was not answered for 5 s: something in between passes a client's close on to us",
    ),
    (
        1011,
        "server handler unexpected exit",
        "generation 1.3: the server's handler of this connection ended, on a shutdown or after a frame without a mask",
    ),
    (
        1011,
        "broker registration failed",
        "generation 1.3: the broker was closed already when we connected",
    ),
    (
        1011,
        "failed to register connection",
        "generation 1.2: the broker was closed already when we connected",
    ),
    (
        1011,
        "internal server error during handler lifecycle",
        "generation 1.2: the server's handler of this connection failed",
    ),
];

/// What a close frame of the broker means, where its words alone do not say it.
pub(super) fn note(payload: &[u8]) -> Option<&'static str> {
    let (code, reason) = close_parts(payload)?;
    let starts = |start: &str| {
        reason
            .get(..start.len())
            .is_some_and(|words| words.eq_ignore_ascii_case(start.as_bytes()))
    };
    ROWS.iter()
        .find(|(known, start, _)| *known == code && starts(start))
        .map(|(_, _, meaning)| *meaning)
}

/// True if a broker of either generation closes with this code of its own accord.
pub(super) const fn is_own(code: u16) -> bool {
    matches!(code, 1000 | 1001 | 1002 | 1007 | 1008 | 1009 | 1011)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::close_payload;

    #[test]
    fn every_close_of_either_generation_is_explained() {
        for (code, reason, part) in [
            (1007, "failed to unmarshal JSON", "could not be decoded"),
            (1009, "read limited at 1048577 bytes", "1 MiB"),
            (1009, "read limited at 32769 bytes", "newest Go client"),
            (1008, "too many dropped messages", "full three times"),
            (1008, "ping failure", "half the broker's ping interval"),
            (1008, "timed out", "read deadline"),
            (
                1002,
                "received header with unexpected rsv bits set: false:true:false",
                "reserved bit",
            ),
            (
                1002,
                "received header with unexpected rsv bits set: true:true:true",
                "without its mask",
            ),
            (1002, "received unknown opcode opcode(3)", "opcode"),
            (
                1002,
                "received control frame payload with invalid length: 126",
                "125 bytes",
            ),
            (1002, "received fragmented control frame", "in pieces"),
            (
                1002,
                "received continuation frame without text or binary frame",
                "continued nothing",
            ),
            (
                1002,
                "received new data message without finishing the previous message",
                "before the last fragment",
            ),
            (
                1002,
                "received invalid close payload: invalid status code 999",
                "must not be sent",
            ),
            (1011, "registration failed", "Go client"),
            (1000, "client initiated close", "Go client"),
            (1000, "Client disconnected", "browser"),
            (1000, "server shutting down connection", "1.3"),
            (1011, "server handler unexpected exit", "1.3"),
            (1011, "broker registration failed", "1.3"),
            (1011, "failed to register connection", "1.2"),
            (1000, "connection closed by adapter", "1.2"),
            (
                1011,
                "internal server error during handler lifecycle",
                "1.2",
            ),
            (1000, "handler closing", "1.1"),
            (1001, "server shutting down", "1.1"),
        ] {
            let text = note(&close_payload(code, reason)).unwrap_or_default();
            assert!(text.contains(part), "{code} {reason}: {text}");
        }
    }

    #[test]
    fn what_no_broker_says_is_left_alone() {
        for (code, reason) in [(1000, "bye"), (1012, ""), (4000, "x")] {
            assert_eq!(note(&close_payload(code, reason)), None);
        }
        assert_eq!(note(&[]), None);
        assert!(is_own(1008) && !is_own(1012));
    }
}
