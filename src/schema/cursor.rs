//! The protobuf wire format token by token: what the schema-less reader, the descriptor-driven
//! reader and the classifier share.

/// Largest field number the format allows.
const NUMBER_MAX: u64 = (1 << 29) - 1;

/// Most bytes of a varint.
const VARINT_MAX: usize = 10;

/// Why bytes are no protobuf message, with the byte offset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not protobuf at byte {offset}: {what}")]
pub struct WireError {
    /// Byte offset, counted as the reader was told to.
    pub offset: usize,
    /// What was wrong there.
    pub what: &'static str,
}

/// The content of one field, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1, the raw bits.
    Fixed64(u64),
    /// Wire type 2: a string, bytes, a message or packed numbers.
    Len(&'a [u8]),
    /// Wire type 5, the raw bits.
    Fixed32(u32),
    /// Wire type 3: fields follow until the matching end.
    GroupStart,
    /// Wire type 4.
    GroupEnd,
}

/// One tag with its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) number: u32,
    /// Offset of the tag.
    pub(super) start: usize,
    pub(super) content: Content<'a>,
}

/// Reads tokens from the front. All offsets, those of errors too, count from where the caller
/// says the bytes begin.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    pos: usize,
}

impl<'a> Cursor<'a> {
    /// `at` is the offset of the first byte.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            rest: bytes,
            pos: at,
        }
    }

    /// Offset behind what has been read.
    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next token; `None` at the end.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, WireError> {
        let start = self.pos;
        if self.is_at_end() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 || number > NUMBER_MAX {
            return Err(wrong(start, "a field number must be 1 to 536870911"));
        }
        let content = match tag & 7 {
            0 => Content::Varint(self.varint()?),
            1 => Content::Fixed64(self.fixed64()?),
            2 => Content::Len(self.len()?),
            3 => Content::GroupStart,
            4 => Content::GroupEnd,
            5 => Content::Fixed32(self.fixed32()?),
            _ => return Err(wrong(start, "wire types 6 and 7 do not exist")),
        };
        Ok(Some(Token {
            number: number as u32,
            start,
            content,
        }))
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, WireError> {
        let mut value = 0_u64;
        for (index, &byte) in self.rest.iter().take(VARINT_MAX).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                if index == VARINT_MAX - 1 && byte > 1 {
                    return Err(wrong(self.pos, "a varint does not fit 64 bits"));
                }
                self.take(index + 1);
                return Ok(value);
            }
        }
        Err(wrong(
            self.pos,
            if self.rest.len() < VARINT_MAX {
                "the bytes end inside a varint"
            } else {
                "a varint is longer than 10 bytes"
            },
        ))
    }

    pub(super) fn fixed64(&mut self) -> Result<u64, WireError> {
        let value = self.rest.first_chunk().copied().map(u64::from_le_bytes);
        let value = value.ok_or(wrong(self.pos, "the bytes end inside a 64-bit value"))?;
        self.take(8);
        Ok(value)
    }

    pub(super) fn fixed32(&mut self) -> Result<u32, WireError> {
        let value = self.rest.first_chunk().copied().map(u32::from_le_bytes);
        let value = value.ok_or(wrong(self.pos, "the bytes end inside a 32-bit value"))?;
        self.take(4);
        Ok(value)
    }

    fn len(&mut self) -> Result<&'a [u8], WireError> {
        let start = self.pos;
        let len = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
        if len > self.rest.len() {
            let what = "a length reaches beyond the end; truncated, or not protobuf";
            return Err(wrong(start, what));
        }
        Ok(self.take(len))
    }

    #[inline]
    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        self.pos += len;
        taken
    }

    /// Skips behind the end of the group `number` whose start has just been read.
    pub(super) fn skip_group(&mut self, number: u32) -> Result<(), WireError> {
        let start = self.pos;
        let mut open = vec![number];
        while let Some(&innermost) = open.last() {
            let Some(token) = self.next()? else {
                return Err(wrong(start, "a group does not end"));
            };
            match token.content {
                Content::GroupStart if open.len() == super::wire::DEPTH_MAX => {
                    return Err(wrong(token.start, "groups nested deeper than 100 levels"));
                }
                Content::GroupStart => open.push(token.number),
                Content::GroupEnd if token.number == innermost => {
                    open.pop();
                }
                Content::GroupEnd => {
                    return Err(wrong(token.start, "the end of a group that is not open"));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

pub(super) fn wrong(offset: usize, what: &'static str) -> WireError {
    WireError { offset, what }
}

/// A top-level field as [`super::wire::fields`] gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Field number.
    pub number: u32,
    /// Offset of the tag.
    pub start: usize,
    /// Offset behind the content.
    pub end: usize,
    /// The content; a group stands there as `GroupStart` and has been skipped.
    pub content: Content<'a>,
}

/// Iterator over top-level fields; ends after the first error.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    cursor: Option<Cursor<'a>>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            cursor: Some(Cursor::new(bytes, 0)),
        }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, WireError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let cursor = self.cursor.as_mut()?;
        let read = match cursor.next() {
            Ok(None) => return None,
            Ok(Some(token)) => finish(cursor, token),
            Err(error) => Err(error),
        };
        if read.is_err() {
            self.cursor = None;
        }
        Some(read)
    }
}

fn finish<'a>(cursor: &mut Cursor<'a>, token: Token<'a>) -> Result<Field<'a>, WireError> {
    match token.content {
        Content::GroupStart => cursor.skip_group(token.number)?,
        Content::GroupEnd => {
            return Err(wrong(token.start, "the end of a group that is not open"));
        }
        _ => {}
    }
    Ok(Field {
        number: token.number,
        start: token.start,
        end: cursor.pos(),
        content: token.content,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn varint(bytes: &[u8]) -> Result<u64, &'static str> {
        Cursor::new(bytes, 0).varint().map_err(|error| error.what)
    }

    #[test]
    fn varints_at_the_edges() {
        let max = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(varint(&[0]), Ok(0));
        assert_eq!(varint(&[0xac, 0x02]), Ok(300));
        assert_eq!(varint(&max), Ok(u64::MAX));
        let mut over = max;
        over[9] = 2;
        assert_eq!(varint(&over), Err("a varint does not fit 64 bits"));
        assert_eq!(varint(&[0x80; 11]), Err("a varint is longer than 10 bytes"));
        assert_eq!(varint(&[0x80]), Err("the bytes end inside a varint"));
    }

    #[test]
    fn fields_skip_groups_and_stop_at_the_first_error() {
        // 1: 5, group 2 { 1: "x" }, 3: fixed32, then field number 0.
        let bytes = b"\x08\x05\x13\x0a\x01x\x14\x1d\x01\0\0\0\x00\x00";
        let read: Vec<_> = Fields::new(bytes).collect();
        let at = |index: usize| read[index].as_ref().map(|field| (field.start, field.end));
        assert_eq!(at(0), Ok((0, 2)));
        assert_eq!(at(1), Ok((2, 7)));
        assert_eq!(at(2), Ok((7, 12)));
        assert_eq!(read[3].as_ref().unwrap_err().offset, 12);
        assert_eq!(read.len(), 4);
    }

    #[test]
    fn broken_groups_are_errors() {
        for (bytes, what) in [
            (&b"\x13"[..], "a group does not end"),
            (b"\x13\x1c", "the end of a group that is not open"),
            (b"\x14", "the end of a group that is not open"),
        ] {
            let error = Fields::new(bytes).find_map(Result::err);
            assert_eq!(error.map(|error| error.what), Some(what));
        }
        let deep = [0x0b].repeat(101);
        assert!(Fields::new(&deep).any(|read| read.is_err()));
    }
}
