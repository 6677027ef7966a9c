//! Bodies of messages that are JSON, text or bytes: the readings all systems share.

use super::control::lenient_text;
use crate::body::{Body, Node, Value};
use crate::frame::hex_glance;
use crate::schema::json;

/// A message that should be JSON. What is not is shown as text, with the reason.
pub(super) fn json(text: &[u8]) -> Body {
    match json::outline(text, 0) {
        Ok((root, levels)) => Body {
            root,
            via: "json".to_owned(),
            notes: levels.map(shallow).into_iter().collect(),
            ..Body::default()
        },
        Err(error) => Body {
            error: Some(error.to_string()),
            ..self::text(text)
        },
    }
}

/// The note on a message of which only so many levels were read.
fn shallow(levels: usize) -> String {
    format!(
        "more than {} values: taken apart to {levels} levels only; the raw reading has it all",
        json::NODES_MAX
    )
}

/// A message that is text of no known form.
pub(super) fn text(bytes: &[u8]) -> Body {
    Body {
        root: lenient_text("", bytes, 0),
        via: "text".to_owned(),
        ..Body::default()
    }
}

/// A message that is bytes of no known form.
pub(super) fn bytes(bytes: &[u8]) -> Body {
    Body {
        root: Node::leaf("", Value::Bytes(bytes.to_vec()))
            .with_hint(hex_glance(bytes))
            .with_span(0..bytes.len()),
        via: "hex".to_owned(),
        ..Body::default()
    }
}
