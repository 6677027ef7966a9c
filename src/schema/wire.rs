//! Protobuf without a schema: field numbers, wire types, nested guesses.
//!
//! The wire format names neither fields nor types, so a length-delimited field is guessed:
//! printable text first, then a message, then bytes. A guess is marked as one by its hint.

use crate::body::{Node, Value};

pub use super::cursor::{Content, Field, Fields, WireError};
use super::cursor::{Cursor, Token, wrong};

/// Deepest nesting guessed.
pub const DEPTH_MAX: usize = 100;

/// Most fields read, failed guesses included.
pub const NODES_MAX: usize = 500_000;

/// Reads `bytes` as a protobuf message by its tags alone; spans are offsets plus `at`. `None` if
/// they cannot be one.
#[must_use]
pub fn tree(bytes: &[u8], at: usize) -> Option<Node> {
    match read(bytes, at) {
        (node, None) => Some(node),
        (_, Some(_)) => None,
    }
}

/// Like [`tree`], keeping what was read up to the first error.
#[must_use]
pub fn read(bytes: &[u8], at: usize) -> (Node, Option<WireError>) {
    let mut children = Vec::new();
    let mut reader = Reader {
        cursor: Cursor::new(bytes, at),
        left: NODES_MAX,
    };
    let outcome = reader.fields(&mut children, None, 0);
    let node = Node::object("", children)
        .with_hint("message")
        .with_span(at..at + bytes.len());
    (node, outcome.err())
}

/// The top-level fields, lazily and without guessing: for looking at the first few.
#[must_use]
pub fn fields(bytes: &[u8]) -> Fields<'_> {
    Fields::new(bytes)
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    /// Fields that may still be read.
    left: usize,
}

impl Reader<'_> {
    /// Reads fields into `out`, to the end or to the end of group `until`.
    fn fields(
        &mut self,
        out: &mut Vec<Node>,
        until: Option<u32>,
        depth: usize,
    ) -> Result<(), WireError> {
        while let Some(token) = self.cursor.next()? {
            if token.content == Content::GroupEnd {
                if until == Some(token.number) {
                    return Ok(());
                }
                return Err(wrong(token.start, "the end of a group that is not open"));
            }
            self.left = match self.left.checked_sub(1) {
                Some(left) => left,
                None => return Err(wrong(token.start, "more fields than are read")),
            };
            let node = self.field(token, depth)?;
            out.push(node.with_span(token.start..self.cursor.pos()));
        }
        match until {
            None => Ok(()),
            Some(_) => Err(wrong(self.cursor.pos(), "a group does not end")),
        }
    }

    fn field(&mut self, token: Token<'_>, depth: usize) -> Result<Node, WireError> {
        let name = token.number.to_string();
        Ok(match token.content {
            Content::Varint(bits) => varint(name, bits),
            Content::Fixed64(bits) => fixed64(name, bits),
            Content::Fixed32(bits) => fixed32(name, bits),
            Content::Len(bytes) => {
                let at = self.cursor.pos() - bytes.len();
                guess(name, bytes, at, depth, &mut self.left)
            }
            Content::GroupStart | Content::GroupEnd => {
                if depth == DEPTH_MAX {
                    return Err(wrong(token.start, "nested deeper than 100 levels"));
                }
                let mut children = Vec::new();
                self.fields(&mut children, Some(token.number), depth + 1)?;
                Node::object(name, children).with_hint("group")
            }
        })
    }
}

/// A field of a message with a schema that the schema does not explain, read by its tag alone.
/// The span is left to the caller.
pub(super) fn guess_field<'a>(
    cursor: &mut Cursor<'a>,
    token: Token<'a>,
    left: &mut usize,
) -> Result<Node, WireError> {
    let mut reader = Reader {
        cursor: cursor.clone(),
        left: *left,
    };
    let node = reader.field(token, 0)?;
    *left = reader.left;
    *cursor = reader.cursor;
    Ok(node)
}

fn varint(name: String, bits: u64) -> Node {
    let hint = match bits.cast_signed() {
        negative @ ..0 => format!("varint (int64 {negative})"),
        _ => "varint".to_owned(),
    };
    Node::number(name, bits).with_hint(hint)
}

fn fixed64(name: String, bits: u64) -> Node {
    let double = f64::from_bits(bits);
    Node::number(name, bits).with_hint(format!("fixed64 (double {double:?})"))
}

fn fixed32(name: String, bits: u32) -> Node {
    let float = f32::from_bits(bits);
    Node::number(name, bits).with_hint(format!("fixed32 (float {float:?})"))
}

/// The most likely reading of a length-delimited field that begins at `at`.
fn guess(name: String, bytes: &[u8], at: usize, depth: usize, left: &mut usize) -> Node {
    if bytes.is_empty() {
        return Node::text(name, "").with_hint("empty");
    }
    let text = printable(bytes);
    if depth < DEPTH_MAX
        && (text.is_none() || wraps_text(bytes))
        && let Some(children) = message(bytes, at, depth + 1, left)
    {
        return Node::object(name, children).with_hint("message");
    }
    match text {
        Some(text) => Node::text(name, text).with_hint("string"),
        None => Node::leaf(name, Value::Bytes(bytes.to_vec())).with_hint(bytes_hint(bytes)),
    }
}

fn message(bytes: &[u8], at: usize, depth: usize, left: &mut usize) -> Option<Vec<Node>> {
    let mut children = Vec::new();
    let mut reader = Reader {
        cursor: Cursor::new(bytes, at),
        left: *left,
    };
    let outcome = reader.fields(&mut children, None, depth);
    *left = reader.left;
    outcome.ok().map(|()| children)
}

/// The text, if `bytes` are UTF-8 and read as something a person wrote: no control characters
/// but line breaks and tabs, and none of those in front, where they are rather a tag.
fn printable(bytes: &[u8]) -> Option<&str> {
    let is_control = |byte: &u8| *byte < 0x20 || *byte == 0x7f;
    if bytes.first().is_some_and(is_control) {
        return None;
    }
    let odd = bytes
        .iter()
        .any(|byte| is_control(byte) && !matches!(byte, b'\t' | b'\n' | b'\r'));
    if odd {
        return None;
    }
    simdutf8::basic::from_utf8(bytes).ok()
}

/// True if printable bytes are nevertheless rather a message: length-delimited fields only,
/// whose lengths add up exactly. Text does that by accident about once in ten thousand.
fn wraps_text(bytes: &[u8]) -> bool {
    fields(bytes).all(|read| read.is_ok_and(|field| matches!(field.content, Content::Len(_))))
}

/// Packed numbers cannot be told from bytes; a few are spelled out beside them.
fn bytes_hint(bytes: &[u8]) -> String {
    let mut cursor = Cursor::new(bytes, 0);
    let mut numbers = String::new();
    for _ in 0..PACKED_SHOWN {
        match cursor.varint() {
            Ok(number) => {
                numbers.push(' ');
                numbers.push_str(&number.to_string());
            }
            Err(_) => return "bytes".to_owned(),
        }
        if cursor.is_at_end() {
            return format!("bytes (as packed varints{numbers})");
        }
    }
    "bytes".to_owned()
}

const PACKED_SHOWN: usize = 8;

#[cfg(test)]
mod tests;
