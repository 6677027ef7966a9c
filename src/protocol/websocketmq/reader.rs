//! Bodies of `WebSocketMQ` frames.

use super::envelope::{Envelope, Kind, REGISTERED_1};
use super::{close, gist, lint, peer, registration};
use crate::body::Body;
use crate::frame::{Direction, Frame, FrameKind};
use crate::protocol::{Decoder, control, reading};

/// Decodes frames; needs to know nothing.
pub(super) struct Reader;

impl Decoder for Reader {
    fn body(&self, frame: &Frame<'_>) -> Body {
        if let Some(mut body) = control::body(frame) {
            if frame.kind == FrameKind::Close && frame.direction == Direction::In {
                body.notes
                    .extend(close::note(frame.payload).map(str::to_owned));
            }
            return body;
        }
        let text = frame.payload;
        let mut body = reading::json(text);
        let envelope = Envelope::read(text, frame.direction);
        let fault = match frame.direction {
            Direction::In => envelope.fault.as_deref().map(str::to_owned),
            Direction::Out => lint::fault(text, &envelope),
        };
        if let Some(fault) = fault {
            body.error.get_or_insert(format!("at byte 0: {fault}"));
        } else {
            body.key = key(frame, &envelope);
        }
        if envelope.answers() {
            body.notes.extend(envelope.soft_failure());
        }
        match frame.direction {
            Direction::Out => body.notes.extend(lint::notes(text, &envelope)),
            Direction::In => {
                body.notes.extend(peer::notes(text, &envelope));
                body.notes.extend(one_way(frame, &envelope));
            }
        }
        if frame.kind == FrameKind::Binary {
            body.notes.push(binary(&envelope).to_owned());
        }
        body
    }

    fn gist(&self, frame: &Frame<'_>) -> Option<String> {
        matches!(frame.kind, FrameKind::Text | FrameKind::Binary)
            .then(|| gist::gist(frame))
            .flatten()
    }
}

/// What the frame asks or answers under.
fn key(frame: &Frame<'_>, envelope: &Envelope<'_>) -> Option<String> {
    let acknowledges = envelope.is_first_generation()
        && envelope.kind == Kind::Publish
        && envelope.topic == REGISTERED_1;
    if acknowledges || (registration::is_one(envelope) && envelope.kind == Kind::Publish) {
        return registration::page_of(envelope.content(frame.payload));
    }
    let ignored = frame.kind == FrameKind::Binary && frame.direction == Direction::Out;
    let asks = envelope.asks(frame.direction) && !(ignored && envelope.is_first_generation());
    let pairs = envelope.answers() || asks;
    let id = envelope.id.as_deref().filter(|_| pairs);
    id.map(str::to_owned)
}

/// How long a message of generation 1 was on its way, as far as the clocks agree.
fn one_way(frame: &Frame<'_>, envelope: &Envelope<'_>) -> Option<String> {
    let written = envelope.head.as_ref()?.timestamp?;
    let millis = (frame.at.wall_us / 1_000).checked_sub(written)?;
    // What is a day off is no time of sending.
    if millis.unsigned_abs() > 86_400_000 {
        return None;
    }
    Some(if millis < 0 {
        format!(
            "its timestamp is {} ms after we read it: the sender's clock is ahead of ours by at least that",
            millis.unsigned_abs()
        )
    } else {
        format!("read {millis} ms after its timestamp: the time one way, if both clocks agree")
    })
}

/// What peers make of JSON in a binary frame.
fn binary(envelope: &Envelope<'_>) -> &'static str {
    if envelope.is_first_generation() {
        lint::BINARY
    } else {
        "JSON in a binary frame; broker and Go clients take it as well"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Stamp;
    use crate::transport::clock;

    fn notes(direction: Direction, kind: FrameKind, text: &str) -> String {
        let at = Stamp {
            wall_us: 1_746_840_003_007_000,
            ..clock::now()
        };
        let frame = Frame {
            seq: 0,
            at,
            direction,
            kind,
            payload: text.as_bytes(),
        };
        Reader.body(&frame).notes.join("; ")
    }

    #[test]
    fn the_time_one_way_is_estimated() {
        let event = |timestamp: i64| {
            format!(r#"{{"header":{{"type":"event","topic":"t","timestamp":{timestamp}}}}}"#)
        };
        for (timestamp, part) in [
            (1_746_840_003_000, "read 7 ms after"),
            (1_746_840_003_010, "3 ms after we read it"),
        ] {
            let told = notes(Direction::In, FrameKind::Text, &event(timestamp));
            assert!(told.contains(part), "{told}");
        }
        for timestamp in [0, i64::MIN, i64::MAX] {
            assert_eq!(notes(Direction::In, FrameKind::Text, &event(timestamp)), "");
        }
    }

    #[test]
    fn binary_means_different_things_to_the_generations() {
        let first = r#"{"header":{"messageID":"m","type":"event","topic":"t","timestamp":1}}"#;
        assert!(notes(Direction::Out, FrameKind::Binary, first).contains("ignore"));
        let second = r#"{"type":"publish","topic":"t"}"#;
        assert!(notes(Direction::Out, FrameKind::Binary, second).contains("take it"));
    }
}
