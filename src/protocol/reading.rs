//! Bodies of messages that are JSON, text or bytes: the readings all systems share.

use super::control::lenient_text;
use crate::body::{Body, Node, Value};
use crate::frame::hex_glance;
use crate::schema::json;

/// A message that should be JSON. What is not is shown as text, with the reason.
pub(super) fn json(text: &[u8]) -> Body {
    match json::tree(text, 0) {
        Ok(root) => Body {
            root,
            via: "json".to_owned(),
            ..Body::default()
        },
        Err(error) => Body {
            error: Some(error.to_string()),
            ..self::text(text)
        },
    }
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
