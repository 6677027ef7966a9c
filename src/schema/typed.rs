//! Protobuf with a schema: bytes and a descriptor to a tree.
//!
//! The wire is walked here instead of asking a dynamic message, because a dynamic message
//! forgets what an inspector shows: where each field stood, in which order, what came twice, what
//! the schema does not know, and everything before the byte that is wrong.

mod scalar;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::cursor::{Content, Cursor, Token, WireError, wrong};
use super::wellknown;
use super::wire::{self, DEPTH_MAX, NODES_MAX};
use crate::body::{Node, Value};

use scalar::scalar;
pub(super) use scalar::{Wire, default, is_packable, wire_of};

/// Reads `bytes` as `message`; spans are offsets plus `at`, and so is the error's offset. The
/// tree is what was read before the error.
pub(super) fn read(
    message: &MessageDescriptor,
    bytes: &[u8],
    at: usize,
) -> (Node, Option<WireError>) {
    let mut left = NODES_MAX;
    let (node, outcome) = nested(message, bytes, at, 0, &mut left);
    let hint = node.hint.clone();
    let node = node.with_span(at..at + bytes.len());
    let node = match hint {
        Some(_) => node,
        None => node.with_hint(message.full_name()),
    };
    (node, outcome.err())
}

/// One message in bytes of its own, not yet named.
pub(super) fn nested(
    message: &MessageDescriptor,
    bytes: &[u8],
    at: usize,
    depth: usize,
    left: &mut usize,
) -> (Node, Result<(), WireError>) {
    let mut reader = Reader::new(Cursor::new(bytes, at), depth, left);
    let outcome = reader.fields(message, None);
    let mut node = Node::object("", reader.out).with_hint(message.full_name());
    if outcome.is_ok() {
        node = wellknown::readable(message, node, depth, left);
    }
    (node, outcome)
}

/// Reads the fields of one message.
struct Reader<'a, 'l> {
    cursor: Cursor<'a>,
    depth: usize,
    left: &'l mut usize,
    out: Vec<Node>,
    /// Where in `out` the known fields are, by number.
    seen: Vec<(u32, usize)>,
}

impl<'a, 'l> Reader<'a, 'l> {
    fn new(cursor: Cursor<'a>, depth: usize, left: &'l mut usize) -> Self {
        Self {
            cursor,
            depth,
            left,
            out: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Reads to the end, or to the end of group `until`.
    fn fields(&mut self, message: &MessageDescriptor, until: Option<u32>) -> Result<(), WireError> {
        while let Some(token) = self.cursor.next()? {
            if token.content == Content::GroupEnd {
                if until == Some(token.number) {
                    return Ok(());
                }
                return Err(wrong(token.start, "the end of a group that is not open"));
            }
            self.spend(token.start)?;
            match message.get_field(token.number) {
                Some(field) if !fits(&field, token.content) => self.unknown(token, Some(&field))?,
                Some(field) if field.is_map() => self.map_entry(&field, token)?,
                Some(field) if field.is_list() => self.element(&field, token)?,
                Some(field) => self.single(&field, token)?,
                None => self.unknown(token, None)?,
            }
        }
        match until {
            None => Ok(()),
            Some(_) => Err(wrong(self.cursor.pos(), "a group does not end")),
        }
    }

    fn spend(&mut self, offset: usize) -> Result<(), WireError> {
        match self.left.checked_sub(1) {
            Some(left) => {
                *self.left = left;
                Ok(())
            }
            None => Err(wrong(offset, "more fields than are read")),
        }
    }

    /// From the tag to where the cursor stands.
    fn span(&self, token: Token<'_>) -> std::ops::Range<usize> {
        token.start..self.cursor.pos()
    }

    /// Where the content of a length-delimited field that has just been read begins.
    fn content_at(&self, bytes: &[u8]) -> usize {
        self.cursor.pos() - bytes.len()
    }

    fn position(&self, field: &FieldDescriptor) -> Option<usize> {
        let number = field.number();
        self.seen
            .iter()
            .find(|(seen, _)| *seen == number)
            .map(|(_, index)| *index)
    }

    fn single(&mut self, field: &FieldDescriptor, token: Token<'a>) -> Result<(), WireError> {
        let (node, outcome) = self.value(&field.kind(), token);
        let mut node = node.with_span(self.span(token));
        field.name().clone_into(&mut node.name);
        match self.position(field) {
            // A message sent in parts is one message to every reader.
            Some(index) if matches!(field.kind(), Kind::Message(_)) => {
                let hint = "sent again; readers merge it with the one before";
                let first = &self.out[index];
                node.hint = Some(match &first.hint {
                    Some(name) => format!("{name}, {hint}"),
                    None => hint.to_owned(),
                });
            }
            Some(index) => {
                let first = &mut self.out[index];
                let hint = first.hint.take();
                first.hint = Some(match hint {
                    Some(hint) if hint.ends_with(OVERRIDDEN) => hint,
                    Some(hint) => format!("{hint}, {OVERRIDDEN}"),
                    None => OVERRIDDEN.to_owned(),
                });
            }
            None => {}
        }
        self.seen.retain(|(number, _)| *number != field.number());
        self.seen.push((field.number(), self.out.len()));
        self.out.push(node);
        outcome
    }

    /// The array or object node that collects a repeated field, and its index in `out`.
    fn collection(&mut self, field: &FieldDescriptor, start: usize, value: Value) -> usize {
        if let Some(index) = self.position(field) {
            let node = &mut self.out[index];
            // Elements with other fields between them have no span in common.
            node.span = node.span.take().filter(|span| span.end == start);
            return index;
        }
        let node = Node::leaf(field.name(), value).with_span(start..start);
        self.seen.push((field.number(), self.out.len()));
        self.out.push(node);
        self.out.len() - 1
    }

    fn push_into(&mut self, index: usize, child: Node) {
        let end = self.cursor.pos();
        let node = &mut self.out[index];
        if let Some(span) = &mut node.span {
            span.end = end;
        }
        node.children.push(child);
    }

    fn element(&mut self, field: &FieldDescriptor, token: Token<'a>) -> Result<(), WireError> {
        let kind = field.kind();
        if let Content::Len(bytes) = token.content
            && is_packable(&kind)
        {
            return self.packed(field, &kind, token, bytes);
        }
        let (node, outcome) = self.value(&kind, token);
        let mut node = node.with_span(self.span(token));
        let index = self.collection(field, token.start, Value::Array);
        node.name = self.out[index].children.len().to_string();
        self.push_into(index, node);
        outcome
    }

    fn packed(
        &mut self,
        field: &FieldDescriptor,
        kind: &Kind,
        token: Token<'a>,
        bytes: &'a [u8],
    ) -> Result<(), WireError> {
        let at = self.content_at(bytes);
        let index = self.collection(field, token.start, Value::Array);
        if let Some(span) = &mut self.out[index].span {
            span.end = at;
        }
        let mut inner = Cursor::new(bytes, at);
        while !inner.is_at_end() {
            self.spend(token.start)?;
            let start = inner.pos();
            let content = match wire_of(kind) {
                Wire::Fixed64 => inner.fixed64().map(Content::Fixed64),
                Wire::Fixed32 => inner.fixed32().map(Content::Fixed32),
                Wire::Varint | Wire::Len => inner.varint().map(Content::Varint),
            }?;
            let mut node = scalar(kind, content).unwrap_or_default();
            node.span = Some(start..inner.pos());
            node.name = self.out[index].children.len().to_string();
            self.push_into(index, node);
        }
        Ok(())
    }

    fn map_entry(&mut self, field: &FieldDescriptor, token: Token<'a>) -> Result<(), WireError> {
        let (Content::Len(bytes), Kind::Message(entry)) = (token.content, field.kind()) else {
            return self.unknown(token, Some(field));
        };
        let at = self.content_at(bytes);
        let mut reader = Reader::new(Cursor::new(bytes, at), self.depth + 1, self.left);
        let outcome = reader.fields(&entry, None);
        let mut parts = reader.out;
        let mut take = |name: &str| {
            let last = parts.iter().rposition(|part| part.name == name)?;
            Some(parts.remove(last))
        };
        let key = take("key").unwrap_or_else(|| default(&entry.map_entry_key_field().kind()));
        let value = take("value").unwrap_or_else(|| default(&entry.map_entry_value_field().kind()));
        let mut node = value.with_span(self.span(token));
        node.name = match key.value {
            Value::Text(text) | Value::Number(text) => text,
            Value::Bool(flag) => flag.to_string(),
            _ => String::new(),
        };
        let index = self.collection(field, token.start, Value::Object);
        self.push_into(index, node);
        outcome
    }

    /// A value that fits its kind, not yet named. The outcome is an error inside a nested
    /// message, whose beginning is kept.
    fn value(&mut self, kind: &Kind, token: Token<'a>) -> (Node, Result<(), WireError>) {
        let Kind::Message(message) = kind else {
            return (scalar(kind, token.content).unwrap_or_default(), Ok(()));
        };
        if self.depth >= DEPTH_MAX {
            let error = wrong(token.start, "nested deeper than 100 levels");
            return (Node::default(), Err(error));
        }
        if let Content::Len(bytes) = token.content {
            let at = self.content_at(bytes);
            return nested(message, bytes, at, self.depth + 1, self.left);
        }
        let mut reader = Reader::new(self.cursor.clone(), self.depth + 1, self.left);
        let outcome = reader.fields(message, Some(token.number));
        let Reader { cursor, out, .. } = reader;
        self.cursor = cursor;
        (
            Node::object("", out).with_hint(message.full_name()),
            outcome,
        )
    }

    /// A field the schema does not know, or knows (`expected`) with another wire type.
    fn unknown(
        &mut self,
        token: Token<'a>,
        expected: Option<&FieldDescriptor>,
    ) -> Result<(), WireError> {
        let node = wire::guess_field(&mut self.cursor, token, self.left)?;
        let read_as = node.hint.as_deref().unwrap_or_default();
        let hint = match expected {
            None => format!("{UNKNOWN}, {read_as}"),
            Some(field) => format!("{MISTYPED} `{}`, {read_as}", field.name()),
        };
        let node = node.with_hint(hint).with_span(self.span(token));
        self.out.push(node);
        Ok(())
    }
}

/// True if a field can stand on the wire like this.
fn fits(field: &FieldDescriptor, content: Content<'_>) -> bool {
    let kind = field.kind();
    match content {
        Content::Varint(_) => wire_of(&kind) == Wire::Varint,
        Content::Fixed64(_) => wire_of(&kind) == Wire::Fixed64,
        Content::Fixed32(_) => wire_of(&kind) == Wire::Fixed32,
        Content::Len(_) if field.is_group() => false,
        Content::Len(_) => wire_of(&kind) == Wire::Len || field.is_list(),
        Content::GroupStart => field.is_group(),
        Content::GroupEnd => false,
    }
}

/// How the remark on a field begins that the message does not have.
const UNKNOWN: &str = "unknown field";
/// How the remark on a field begins that the message has with another wire type.
const MISTYPED: &str = "not the wire type of";

/// True if `message`, which was read with a schema, has fields and the schema knows none of them.
#[must_use]
pub fn knows_nothing(message: &Node) -> bool {
    let is_unknown = |field: &Node| {
        let hint = field.hint.as_deref().unwrap_or_default();
        hint.starts_with(UNKNOWN) || hint.starts_with(MISTYPED)
    };
    !message.children.is_empty() && message.children.iter().all(is_unknown)
}

const OVERRIDDEN: &str = "sent again below; the last counts";
