//! Ping, pong and close: the same in every system.

use std::borrow::Cow;

use crate::body::{Body, Node, Value};
use crate::entry::{Badge, Summary};
use crate::frame::{Frame, FrameKind, close_meaning, close_parts, hex_glance};

/// The summary of a control frame; `None` for any other frame.
pub(super) fn summary<'a>(frame: &Frame<'a>) -> Option<Summary<'a>> {
    let summary = match frame.kind {
        FrameKind::Ping => Summary::new(Badge::Ping, preview(frame.payload)),
        FrameKind::Pong => Summary::new(Badge::Pong, preview(frame.payload)),
        FrameKind::Close => close_summary(frame.payload),
        _ => return None,
    };
    Some(summary)
}

fn close_summary(payload: &[u8]) -> Summary<'_> {
    let Some((code, reason)) = close_parts(payload) else {
        let summary = Summary::new(Badge::Close, "no code");
        return if payload.is_empty() {
            summary
        } else {
            summary.failing("a close frame of one byte: expected none, or a code of two bytes")
        };
    };
    let label = if reason.is_empty() {
        format!("{code} {}", close_meaning(code))
    } else {
        format!("{code} {}", String::from_utf8_lossy(reason))
    };
    Summary::new(Badge::Close, label)
}

/// The tree of a control frame; `None` for any other frame.
pub(super) fn body(frame: &Frame<'_>) -> Option<Body> {
    let payload = frame.payload;
    match frame.kind {
        FrameKind::Ping | FrameKind::Pong => Some(Body {
            root: text_or_bytes("", payload, 0),
            via: if std::str::from_utf8(payload).is_ok() {
                "text"
            } else {
                "hex"
            }
            .to_owned(),
            ..Body::default()
        }),
        FrameKind::Close => Some(close_body(payload)),
        _ => None,
    }
}

fn close_body(payload: &[u8]) -> Body {
    let Some((code, reason)) = close_parts(payload) else {
        return Body {
            root: text_or_bytes("", payload, 0),
            via: "close".to_owned(),
            notes: vec!["the frame carries no code, which RFC 6455 counts as 1005".to_owned()],
            error: (!payload.is_empty())
                .then(|| "at byte 0: a close code needs two bytes, here is one".to_owned()),
            ..Body::default()
        };
    };
    let mut members = vec![
        Node::number("code", code)
            .with_hint(close_meaning(code))
            .with_span(0..2),
    ];
    if !reason.is_empty() {
        members.push(text_or_bytes("reason", reason, 2));
    }
    Body {
        root: Node::object("", members).with_span(0..payload.len()),
        via: "close".to_owned(),
        ..Body::default()
    }
}

/// A text leaf; what is not UTF-8 is read leniently, with a hint that says so.
pub(super) fn lenient_text(name: &str, bytes: &[u8], at: usize) -> Node {
    let text = String::from_utf8_lossy(bytes);
    let broken = matches!(text, Cow::Owned(_));
    let node = Node::text(name, text).with_span(at..at + bytes.len());
    if broken {
        node.with_hint("not UTF-8")
    } else {
        node
    }
}

/// A text leaf if `bytes` are UTF-8, otherwise a bytes leaf.
pub(super) fn text_or_bytes(name: &str, bytes: &[u8], at: usize) -> Node {
    let value = match std::str::from_utf8(bytes) {
        Ok(text) => Value::Text(text.to_owned()),
        Err(_) => Value::Bytes(bytes.to_vec()),
    };
    Node::leaf(name, value).with_span(at..at + bytes.len())
}

/// `bytes` as text where they are UTF-8, else their first bytes in hex.
pub(super) fn preview(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(hex_glance(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::close_payload;

    #[test]
    fn close_labels_by_case() {
        for (payload, label, decodes) in [
            (close_payload(1000, ""), "1000 normal closure", true),
            (
                close_payload(1008, "ping failure"),
                "1008 ping failure",
                true,
            ),
            (
                close_payload(4321, ""),
                "4321 private to the application",
                true,
            ),
            (vec![], "no code", true),
            (vec![3], "no code", false),
            (vec![0x03, 0xf0, 0xff], "1008 \u{fffd}", true),
        ] {
            let summary = close_summary(&payload);
            assert_eq!(summary.label, label);
            assert_eq!(summary.error.is_none(), decodes, "{label}");
        }
    }

    #[test]
    fn a_binary_ping_is_shown_in_hex() {
        assert_eq!(preview(&[0xff, 0x00]), "ff 00");
        assert_eq!(preview(b"--ping--"), "--ping--");
        assert!(hex_glance(&[7; 20]).ends_with("… 20 bytes"));
    }
}
