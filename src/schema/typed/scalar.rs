//! Values that are no messages.

use std::borrow::Cow;

use prost_reflect::Kind;

use super::nested;
use crate::body::{Node, Value};
use crate::schema::cursor::Content;

/// How values of a kind stand on the wire when they are not packed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::schema) enum Wire {
    Varint,
    Fixed64,
    Len,
    Fixed32,
}

impl Wire {
    /// The wire type in a tag.
    pub(in crate::schema) fn number(self) -> u8 {
        match self {
            Self::Varint => 0,
            Self::Fixed64 => 1,
            Self::Len => 2,
            Self::Fixed32 => 5,
        }
    }
}

pub(in crate::schema) fn wire_of(kind: &Kind) -> Wire {
    match kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => Wire::Fixed64,
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => Wire::Fixed32,
        Kind::String | Kind::Bytes | Kind::Message(_) => Wire::Len,
        _ => Wire::Varint,
    }
}

pub(in crate::schema) fn is_packable(kind: &Kind) -> bool {
    wire_of(kind) != Wire::Len
}

/// The value of a kind that is no message; `None` if it does not stand on the wire like this.
pub(super) fn scalar(kind: &Kind, content: Content<'_>) -> Option<Node> {
    let number =
        |number: &dyn std::fmt::Display, hint: &str| Node::number("", number).with_hint(hint);
    Some(match (kind, content) {
        // 32-bit kinds take the low half of what was sent, as every reader does.
        (Kind::Int32, Content::Varint(bits)) => number(&(bits as i32), "int32"),
        (Kind::Int64, Content::Varint(bits)) => number(&bits.cast_signed(), "int64"),
        (Kind::Uint32, Content::Varint(bits)) => number(&(bits as u32), "uint32"),
        (Kind::Uint64, Content::Varint(bits)) => number(&bits, "uint64"),
        (Kind::Sint32, Content::Varint(bits)) => {
            number(&(zigzag(u64::from(bits as u32)) as i32), "sint32")
        }
        (Kind::Sint64, Content::Varint(bits)) => number(&zigzag(bits), "sint64"),
        (Kind::Bool, Content::Varint(bits)) => Node::leaf("", Value::Bool(bits != 0)),
        (Kind::Enum(kind), Content::Varint(bits)) => {
            let value = bits as i32;
            match kind.get_value(value) {
                Some(known) => {
                    Node::text("", known.name()).with_hint(format!("{} {value}", kind.name()))
                }
                None => number(&value, &format!("{}, no value of that number", kind.name())),
            }
        }
        (Kind::Fixed64, Content::Fixed64(bits)) => number(&bits, "fixed64"),
        (Kind::Sfixed64, Content::Fixed64(bits)) => number(&bits.cast_signed(), "sfixed64"),
        (Kind::Double, Content::Fixed64(bits)) => float(f64::from_bits(bits), "double"),
        (Kind::Fixed32, Content::Fixed32(bits)) => number(&bits, "fixed32"),
        (Kind::Sfixed32, Content::Fixed32(bits)) => number(&bits.cast_signed(), "sfixed32"),
        (Kind::Float, Content::Fixed32(bits)) => {
            let value = f32::from_bits(bits);
            if value.is_finite() {
                // Not widened first: 0.1 as a float is `0.1`, not `0.10000000149011612`.
                number(&format_args!("{value:?}"), "float")
            } else {
                float(f64::from(value), "float")
            }
        }
        (Kind::String, Content::Len(bytes)) => {
            let text = String::from_utf8_lossy(bytes);
            let node = Node::text("", &*text);
            match text {
                Cow::Borrowed(_) => node,
                Cow::Owned(_) => node.with_hint("not all UTF-8; replaced by U+FFFD"),
            }
        }
        (Kind::Bytes, Content::Len(bytes)) => Node::leaf("", Value::Bytes(bytes.to_vec()))
            .with_hint(format!("bytes, {}", bytes.len())),
        _ => return None,
    })
}

fn zigzag(bits: u64) -> i64 {
    (bits >> 1).cast_signed() ^ -(bits & 1).cast_signed()
}

/// JSON has no spelling for what is not finite; these are the ones of the protobuf mapping.
fn float(value: f64, hint: &str) -> Node {
    let node = if value.is_finite() {
        Node::number("", format_args!("{value:?}"))
    } else if value.is_nan() {
        Node::text("", "NaN")
    } else if value > 0.0 {
        Node::text("", "Infinity")
    } else {
        Node::text("", "-Infinity")
    };
    node.with_hint(hint)
}

/// What a reader takes for a value that is not on the wire.
pub(in crate::schema) fn default(kind: &Kind) -> Node {
    if let Kind::Message(message) = kind {
        return nested(message, &[], 0, 0, &mut 1).0;
    }
    let content = match wire_of(kind) {
        Wire::Varint => Content::Varint(0),
        Wire::Fixed64 => Content::Fixed64(0),
        Wire::Len => Content::Len(&[]),
        Wire::Fixed32 => Content::Fixed32(0),
    };
    scalar(kind, content).unwrap_or_default()
}
