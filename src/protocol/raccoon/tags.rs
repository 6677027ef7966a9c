//! A protobuf message as a row of tags: enough to classify a frame without decoding it.

use std::ops::Range;

/// Deepest nesting of (long deprecated) groups that is skipped.
const GROUPS_MAX: usize = 100;
/// Largest field number protobuf allows.
const NUMBER_MAX: u64 = (1 << 29) - 1;

/// One field as it stands on the wire.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field<'a> {
    /// Field number.
    pub(super) number: u32,
    /// Its content.
    pub(super) value: Value<'a>,
    /// From the first byte of the tag to the last of the content.
    pub(super) span: Range<usize>,
}

impl Field<'_> {
    /// Where the content of a length-delimited field begins.
    pub(super) fn inside(&self) -> usize {
        match self.value {
            Value::Bytes(bytes) => self.span.end - bytes.len(),
            _ => self.span.start,
        }
    }
}

/// Content by wire type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2.
    Bytes(&'a [u8]),
    /// Wire types 3 and 4: everything between start and end tag, the end tag included.
    Group(&'a [u8]),
    /// Wire type 5.
    Fixed32(u32),
}

/// Why the tags end early, with the offset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a protobuf message at byte {offset}: {what}")]
pub(super) struct Broken {
    /// Offset of the field that cannot be read.
    pub(super) offset: usize,
    /// What is wrong with it.
    pub(super) what: &'static str,
}

impl Broken {
    /// The same in a message that begins `bytes` later.
    pub(super) fn after(self, bytes: usize) -> Self {
        Self {
            offset: self.offset + bytes,
            ..self
        }
    }
}

/// The fields of a message in wire order; ends after the first error.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Walks `bytes` as one message.
pub(super) fn fields(bytes: &[u8]) -> Fields<'_> {
    Fields { bytes, at: 0 }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let start = self.at;
        let read = self.field(start);
        if read.is_err() {
            self.at = self.bytes.len();
        }
        Some(read.map_err(|what| Broken {
            offset: start,
            what,
        }))
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self, start: usize) -> Result<Field<'a>, &'static str> {
        let (number, wire_type) = self.tag()?;
        let value = match wire_type {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.fixed()?)),
            2 => Value::Bytes(self.delimited()?),
            3 => Value::Group(self.group(number)?),
            4 => return Err("the end of a group that was not begun"),
            5 => Value::Fixed32(u32::from_le_bytes(self.fixed()?)),
            _ => return Err("wire type 6 or 7, which do not exist"),
        };
        Ok(Field {
            number,
            value,
            span: start..self.at,
        })
    }

    fn tag(&mut self) -> Result<(u32, u64), &'static str> {
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 || number > NUMBER_MAX {
            return Err("field number outside 1 to 536870911");
        }
        Ok((number as u32, tag & 7))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, &'static str> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = *self
                .bytes
                .get(self.at)
                .ok_or("the message ends inside a number")?;
            self.at += 1;
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("a number of more than 64 bits")
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let rest = &self.bytes[self.at..];
        let (fixed, _) = rest
            .split_first_chunk::<N>()
            .ok_or("the message ends inside a number")?;
        self.at += N;
        Ok(*fixed)
    }

    fn delimited(&mut self) -> Result<&'a [u8], &'static str> {
        let len = self.varint()?;
        let rest = &self.bytes[self.at..];
        let content = usize::try_from(len)
            .ok()
            .and_then(|len| rest.get(..len))
            .ok_or("a length that goes past the end of the message")?;
        self.at += content.len();
        Ok(content)
    }

    /// Skips to behind the end tag that closes group `number`.
    fn group(&mut self, number: u32) -> Result<&'a [u8], &'static str> {
        let start = self.at;
        let mut open = vec![number];
        while let Some(&innermost) = open.last() {
            let (number, wire_type) = self.tag()?;
            match wire_type {
                0 => drop(self.varint()?),
                1 => drop(self.fixed::<8>()?),
                2 => drop(self.delimited()?),
                3 if open.len() < GROUPS_MAX => open.push(number),
                3 => return Err("groups nested more than 100 deep"),
                4 if number == innermost => drop(open.pop()),
                4 => return Err("the end of another group than was begun"),
                5 => drop(self.fixed::<4>()?),
                _ => return Err("wire type 6 or 7, which do not exist"),
            }
        }
        Ok(&self.bytes[start..self.at])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_wire_type_is_read() {
        let bytes = b"\x08\x96\x01\x11\x01\0\0\0\0\0\0\0\x1a\x02hi\x23\x08\x01\x24\x2d\x02\0\0\0";
        let read: Vec<_> = fields(bytes).map(Result::unwrap).collect();
        let values: Vec<_> = read
            .iter()
            .map(|field| (field.number, field.value))
            .collect();
        assert_eq!(
            values,
            [
                (1, Value::Varint(150)),
                (2, Value::Fixed64(1)),
                (3, Value::Bytes(b"hi")),
                (4, Value::Group(b"\x08\x01\x24")),
                (5, Value::Fixed32(2)),
            ]
        );
        assert_eq!(read[2].span, 12..16);
        assert_eq!(read[2].inside(), 14);
    }

    #[test]
    fn broken_messages_say_where() {
        for (bytes, offset) in [
            (&b"\xff\xff\xff"[..], 0),
            (b"\x0a\x05ab", 0),
            (b"\x08\x01\x12", 2),
            (b"\x00\x01", 0),
            (b"\x0e\x01", 0),
            (b"\x0c", 0),
            (b"\x0b\x08\x01", 0),
            (b"\x0b\x14", 0),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 0),
        ] {
            let error = fields(bytes).find_map(Result::err).unwrap();
            assert_eq!(error.offset, offset, "{bytes:x?}");
        }
    }

    #[test]
    fn groups_nest_within_bounds() {
        let deep = [0x0b; 200];
        let error = fields(&deep).find_map(Result::err).unwrap();
        assert!(error.what.contains("nested"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut end = 0;
            for field in fields(&bytes).map_while(Result::ok) {
                prop_assert!(field.span.start == end && field.span.end > end);
                end = field.span.end;
            }
            prop_assert!(end <= bytes.len());
        }
    }
}
