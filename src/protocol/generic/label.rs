//! What a message of an unknown system is about, in a few words.

use std::borrow::Cow;

use crate::frame::{Frame, FrameKind};
use crate::schema::scan;

/// Members that commonly say what a message is. The first that stands in the message counts, so
/// that nothing behind it need be read.
const TELLING: [&[u8]; 5] = [b"type", b"event", b"op", b"method", b"channel"];
/// Member names shown of an object that has none of those.
const NAMES_SHOWN: usize = 3;

/// The label of a data message; empty for what is no JSON object, which is shown by its payload
/// when it is drawn: keeping a text for every such frame would cost more than the frame.
pub(super) fn of<'a>(frame: &Frame<'a>) -> Cow<'a, str> {
    let payload = frame.payload;
    if payload.is_empty() {
        return Cow::Borrowed("empty");
    }
    if frame.kind != FrameKind::Text || payload.trim_ascii_start().first() != Some(&b'{') {
        return Cow::Borrowed("");
    }
    let telling = scan::members(payload)
        .filter(|(key, _)| TELLING.contains(key))
        .find_map(|(_, value)| scalar(value));
    telling.unwrap_or_else(|| shape(frame))
}

/// A string's text or a number's digits; `None` for what cannot name anything.
pub(super) fn scalar(raw: &[u8]) -> Option<Cow<'_, str>> {
    match raw.first()? {
        b'"' => scan::string(raw),
        b'-' | b'0'..=b'9' => std::str::from_utf8(raw).ok().map(Cow::Borrowed),
        _ => None,
    }
}

/// `{id, price, …}`: the first member names.
fn shape<'a>(frame: &Frame<'a>) -> Cow<'a, str> {
    let mut shape = String::from("{");
    for (index, (key, _)) in scan::members(frame.payload).enumerate() {
        if index > 0 {
            shape.push_str(", ");
        }
        if index == NAMES_SHOWN {
            shape.push('…');
            break;
        }
        let key = &key[..key.len().min(24)];
        shape.push_str(&String::from_utf8_lossy(key));
    }
    if shape.len() == 1 {
        return Cow::Borrowed("");
    }
    shape.push('}');
    Cow::Owned(shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Direction;
    use crate::transport::clock;

    fn label(kind: FrameKind, payload: &[u8]) -> String {
        let frame = Frame {
            seq: 0,
            at: clock::now(),
            direction: Direction::In,
            kind,
            payload,
        };
        of(&frame).into_owned()
    }

    #[test]
    fn labels_of_text_by_case() {
        for (text, expected) in [
            (r#"{"channel":"ticker","type":"update"}"#, "ticker"),
            (r#"{"id":1,"method":"eth_sub"}"#, "eth_sub"),
            (r#"{"event":{"x":1},"op":"sub"}"#, "sub"),
            (r#"{"type":7}"#, "7"),
            (r#"{"id":1,"price":2}"#, "{id, price}"),
            (r#"{"a":1,"b":2,"c":3,"d":4}"#, "{a, b, c, …}"),
            ("{oops", ""),
            ("{}", ""),
            (r#"[1,"x"]"#, ""),
            ("hello", ""),
            ("", "empty"),
        ] {
            assert_eq!(label(FrameKind::Text, text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn bytes_have_no_label() {
        assert_eq!(label(FrameKind::Binary, b"\0\x01"), "");
        assert_eq!(label(FrameKind::Binary, b""), "empty");
    }
}
