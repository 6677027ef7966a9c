//! Bodies of Raccoon frames: the contract's names, events decoded in place.

use std::sync::Arc;

use super::ack::Ack;
use super::batch::Batch;
use super::{is_json, json, protobuf};
use crate::body::Body;
use crate::frame::{Direction, Frame};
use crate::protocol::{Decoder, control};
use crate::schema::Schema;

/// Decodes frames of one session.
pub(super) struct Reader {
    schema: Arc<Schema>,
}

impl Reader {
    pub(super) fn new(schema: Arc<Schema>) -> Self {
        Self { schema }
    }

    fn batch(&self, frame: &Frame<'_>) -> Body {
        let facts = Batch::read(frame);
        let mut body = if is_json(frame) {
            json::batch(&self.schema, frame.message())
        } else {
            protobuf::batch(&self.schema, frame.message())
        };
        let now = frame.at.wall_us / 1_000_000;
        body.notes.splice(0..0, facts.notes(now));
        body.error = body.error.or(facts.error);
        body.key = Some(facts.guid.into_owned()).filter(|guid| !guid.is_empty());
        body
    }

    fn ack(frame: &Frame<'_>) -> Body {
        let facts = Ack::read(frame);
        let mut body = if is_json(frame) {
            json::ack(frame.message())
        } else {
            protobuf::ack(frame.message())
        };
        body.notes.splice(0..0, facts.notes());
        if facts.error.is_none() && !facts.is_refusal() {
            body.key = facts.key().map(|guid| guid.clone().into_owned());
        }
        body.error = body.error.or(facts.error);
        body
    }
}

impl Decoder for Reader {
    fn body(&self, frame: &Frame<'_>) -> Body {
        if let Some(body) = control::body(frame) {
            return body;
        }
        match frame.direction {
            Direction::Out => self.batch(frame),
            Direction::In => Self::ack(frame),
        }
    }
}
