//! Bodies of `WebSocketMQ` frames.

use super::envelope::Envelope;
use super::{close, generation1, lint};
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
        if envelope.header.is_some() {
            body.notes.push(generation1::NOTE.to_owned());
            return body;
        }
        let fault = match frame.direction {
            Direction::In => envelope.fault.as_deref().map(str::to_owned),
            Direction::Out => lint::fault(text, &envelope),
        };
        if let Some(fault) = fault {
            body.error.get_or_insert(format!("at byte 0: {fault}"));
        } else if envelope.answers() || envelope.asks(frame.direction) {
            body.key = envelope.id.as_deref().map(str::to_owned);
        }
        if envelope.answers() {
            body.notes.extend(envelope.soft_failure());
        }
        if frame.direction == Direction::Out {
            body.notes.extend(lint::notes(text, &envelope));
        }
        if frame.kind == FrameKind::Binary {
            body.notes
                .push("JSON in a binary frame; broker and Go clients take it as well".to_owned());
        }
        body
    }
}
