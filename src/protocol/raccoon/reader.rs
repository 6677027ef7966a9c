//! Bodies of Raccoon frames: the contract's names, events decoded in place.

use std::sync::Arc;

use super::ack::Ack;
use super::batch::Batch;
use super::failure::{Failure, Fate};
use super::{clients, exchange, is_json, json, names, protobuf};
use crate::body::{Body, Node, Value};
use crate::entry::Badge;
use crate::frame::{Direction, Exchange, Frame};
use crate::protocol::{Decoder, control};
use crate::schema::Schema;

/// Events of a failed batch shown one by one.
const FATES_MAX: usize = 1_000;

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
        body.notes.extend(clients::recognise(frame));
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
        // What it means stands with the row, which knows the batch too.
        if facts.code == names::INTERNAL_ERROR {
            show_fates(&mut body, &facts.reason);
        }
        if facts.error.is_none() && !facts.is_refusal() {
            body.key = facts.key().map(|guid| guid.clone().into_owned());
        }
        body.error = body.error.or(facts.error);
        body
    }
}

/// Hangs what became of each event below the reason; as JSON the reason stays a text.
fn show_fates(body: &mut Body, reason: &str) {
    let failure = Failure::read(reason);
    let fates = failure.fates().iter().take(FATES_MAX).enumerate();
    let nodes = fates.map(|(index, fate)| {
        let (text, hint) = match fate {
            Fate::Published => ("<nil>", "published"),
            Fate::Failed(words) => (*words, "failed"),
        };
        Node::text(format!("events[{index}]"), text).with_hint(hint)
    });
    let reason = |node: &&mut Node| node.name == "reason";
    if let Some(node) = body.root.children.iter_mut().find(reason) {
        node.children = nodes.collect();
    }
}

/// An answer that is no ack: the body as text or bytes. `None` if it may be one.
fn answer(frame: &Frame<'_>, exchange: &Exchange<'_>) -> Option<Body> {
    let failure = exchange::failure(frame, exchange)?;
    if failure.badge == Badge::Ack {
        return None;
    }
    let (value, via) = match std::str::from_utf8(exchange.body) {
        _ if exchange.body.is_empty() => (Value::Null, "nothing"),
        Ok(text) => (Value::Text(text.to_owned()), "text"),
        Err(_) => (Value::Bytes(exchange.body.to_vec()), "hex"),
    };
    Some(Body {
        root: Node::leaf("", value).with_span(0..exchange.body.len()),
        via: via.to_owned(),
        notes: failure.note.into_iter().collect(),
        ..Body::default()
    })
}

/// Moves the places of a tree behind a head of that many bytes.
fn shift(node: &mut Node, by: usize) {
    if let Some(span) = &mut node.span {
        *span = span.start + by..span.end + by;
    }
    for child in &mut node.children {
        shift(child, by);
    }
}

impl Decoder for Reader {
    fn body(&self, frame: &Frame<'_>) -> Body {
        if let Some(body) = control::body(frame) {
            return body;
        }
        let Some(exchange) = frame.exchange() else {
            return match frame.direction {
                Direction::Out => self.batch(frame),
                Direction::In => Self::ack(frame),
            };
        };
        let mut body = match frame.direction {
            Direction::Out => self.batch(frame),
            Direction::In => answer(frame, &exchange).unwrap_or_else(|| Self::ack(frame)),
        };
        shift(&mut body.root, frame.payload.len() - exchange.body.len());
        body
    }
}
