//! Bodies of frames of which only the profile knows something.

use std::sync::Arc;

use super::Settings;
use super::correlate::Paths;
use crate::body::Body;
use crate::frame::{Frame, FrameKind};
use crate::protocol::{Decoder, control, reading};
use crate::schema::{Schema, json, wire};

/// Said of text that RFC 6455 forbids.
const BROKEN: &str =
    "a text frame whose bytes are not UTF-8; strict peers end the connection over it";

/// Decodes frames of one session.
pub(super) struct Reader {
    paths: Paths,
    schema: Arc<Schema>,
}

impl Reader {
    pub(super) fn new(settings: &Settings, schema: Arc<Schema>) -> Self {
        Self {
            paths: Paths::new(&settings.correlate),
            schema,
        }
    }

    /// By the schema's message, else as JSON, else by protobuf tags, else as bytes.
    fn binary(&self, bytes: &[u8]) -> Body {
        let mut notes = Vec::new();
        if let Some(message) = self.schema.whole() {
            match self.schema.decode(message, bytes, 0) {
                Ok(root) => {
                    return Body {
                        root,
                        via: message.full_name().to_owned(),
                        ..Body::default()
                    };
                }
                Err(error) => notes.push(format!(
                    "does not decode as {}: {error}",
                    message.full_name()
                )),
            }
        }
        let mut body = guess(bytes);
        body.notes = notes;
        body
    }
}

fn guess(bytes: &[u8]) -> Body {
    if is_json_like(bytes)
        && let Ok(root) = json::tree(bytes, 0)
    {
        return Body {
            root,
            via: "json".to_owned(),
            ..Body::default()
        };
    }
    let tagged = (!bytes.is_empty()).then(|| wire::tree(bytes, 0)).flatten();
    match tagged {
        Some(root) => Body {
            root,
            via: "schema-less".to_owned(),
            ..Body::default()
        },
        None => reading::bytes(bytes),
    }
}

/// Text that begins like JSON should be JSON; anything else is text of its own kind.
fn text(frame: &Frame<'_>) -> Body {
    let mut body = reading::json(frame.payload);
    if body.error.is_some() && !is_json_like(frame.payload) {
        body.error = None;
    }
    if frame.is_broken_text() {
        body.notes.push(BROKEN.to_owned());
    }
    body
}

fn is_json_like(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

impl Decoder for Reader {
    fn body(&self, frame: &Frame<'_>) -> Body {
        if let Some(body) = control::body(frame) {
            return body;
        }
        let mut body = match frame.kind {
            FrameKind::Text => text(frame),
            _ => self.binary(frame.payload),
        };
        body.key = self
            .paths
            .key(frame.payload, frame.direction)
            .map(std::borrow::Cow::into_owned);
        body
    }
}
