//! Bodies of `SaveToWebSocket` frames.

use super::conversation::{KEY, close_note};
use super::event::{self, Kind};
use super::lint;
use super::register::{self, Reading};
use super::{Shape, gist, hint};
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
                    .extend(close_note(frame.payload).map(str::to_owned));
            }
            return body;
        }
        let mut body = reading::json(frame.payload);
        match frame.direction {
            Direction::In => received(frame.payload, &mut body),
            Direction::Out => sent(frame.payload, &mut body),
        }
        body
    }

    fn gist(&self, frame: &Frame<'_>) -> Option<String> {
        let is_message = matches!(frame.kind, FrameKind::Text | FrameKind::Binary);
        (is_message && frame.direction == Direction::In)
            .then(|| gist(frame.payload))
            .flatten()
    }
}

fn received(text: &[u8], body: &mut Body) {
    match event::read(text).kind {
        Kind::Registered => body.key = Some(KEY.to_owned()),
        Kind::Malformed => {
            body.error.get_or_insert_with(|| {
                "at byte 0: every message of this server is a JSON object, or null".to_owned()
            });
        }
        Kind::Event => {
            body.gist = gist(text);
            hint::annotate(body, Shape::of(text));
        }
        Kind::Welcome => {}
    }
}

fn sent(text: &[u8], body: &mut Body) {
    match register::read(text) {
        Reading::Taken(wanted) => {
            body.key = Some(KEY.to_owned());
            body.notes.extend(lint::lints(&wanted));
        }
        Reading::Dropped(why) => {
            body.error.get_or_insert(format!("at byte 0: {why}"));
            body.notes
                .push("the server drops this message without a reply".to_owned());
        }
        Reading::Ignored => body
            .notes
            .push("the server ignores everything but a register".to_owned()),
    }
}
