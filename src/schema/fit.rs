//! How well bytes fit a message: a cheap walk that builds nothing.

use prost_reflect::{Kind, MessageDescriptor};

use super::Schema;
use super::cursor::{Content, Cursor, Token, WireError, wrong};
use super::typed::{Wire, is_packable, wire_of};
use super::wire::DEPTH_MAX;

/// Fields looked at; more of them change no verdict.
const FIELDS_MAX: usize = 20_000;

/// What reading bytes as a message finds, in all its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// Fields the message has.
    pub known: usize,
    /// Fields it does not have, or has with another wire type, and enum numbers it does not name.
    pub unknown: usize,
    /// Why the bytes cannot be that message.
    pub broken: Option<WireError>,
}

impl Schema {
    /// Looks how well `bytes` fit `message`.
    #[must_use]
    pub fn fit(&self, message: &MessageDescriptor, bytes: &[u8]) -> Fit {
        let mut walk = Walk {
            fit: Fit::default(),
            left: FIELDS_MAX,
        };
        let mut cursor = Cursor::new(bytes, 0);
        walk.fit.broken = walk.fields(Some(message), &mut cursor, None, 0).err();
        walk.fit
    }
}

struct Walk {
    fit: Fit,
    left: usize,
}

impl Walk {
    /// To the end, or to the end of group `until`; without a message all fields are unknown.
    fn fields(
        &mut self,
        message: Option<&MessageDescriptor>,
        cursor: &mut Cursor<'_>,
        until: Option<u32>,
        depth: usize,
    ) -> Result<(), WireError> {
        while self.left > 0
            && let Some(token) = cursor.next()?
        {
            self.left -= 1;
            match (token.content, message) {
                (Content::GroupEnd, _) if until == Some(token.number) => return Ok(()),
                (Content::GroupEnd, _) => {
                    return Err(wrong(token.start, "the end of a group that is not open"));
                }
                (Content::GroupStart, _) if depth >= DEPTH_MAX => {
                    return Err(wrong(token.start, "nested deeper than 100 levels"));
                }
                (Content::GroupStart, _) => {
                    self.fit.unknown += 1;
                    self.fields(None, cursor, Some(token.number), depth + 1)?;
                }
                (_, Some(message)) => self.field(message, token, depth)?,
                (_, None) => {}
            }
        }
        match until {
            Some(_) if self.left > 0 => Err(wrong(cursor.pos(), "a group does not end")),
            _ => Ok(()),
        }
    }

    fn field(
        &mut self,
        message: &MessageDescriptor,
        token: Token<'_>,
        depth: usize,
    ) -> Result<(), WireError> {
        let Some(field) = message.get_field(token.number) else {
            self.fit.unknown += 1;
            return Ok(());
        };
        let kind = field.kind();
        let fits = match (token.content, wire_of(&kind)) {
            (Content::Len(bytes), Wire::Len) => {
                return self.inside(&kind, token.start, bytes, depth);
            }
            (Content::Len(bytes), _) if field.is_list() && is_packable(&kind) => {
                return self.packed(&kind, bytes);
            }
            (Content::Varint(bits), Wire::Varint) => match &kind {
                Kind::Enum(kind) => kind.get_value(bits as i32).is_some(),
                Kind::Bool => bits <= 1,
                _ => true,
            },
            (Content::Fixed64(_), Wire::Fixed64) | (Content::Fixed32(_), Wire::Fixed32) => true,
            _ => false,
        };
        self.count(fits);
        Ok(())
    }

    fn count(&mut self, known: bool) {
        if known {
            self.fit.known += 1;
        } else {
            self.fit.unknown += 1;
        }
    }

    /// A text, bytes or a message.
    fn inside(
        &mut self,
        kind: &Kind,
        start: usize,
        bytes: &[u8],
        depth: usize,
    ) -> Result<(), WireError> {
        self.count(true);
        match kind {
            Kind::String if std::str::from_utf8(bytes).is_err() => {
                Err(wrong(start, "a text that is not UTF-8"))
            }
            Kind::Message(_) if depth >= DEPTH_MAX => {
                Err(wrong(start, "nested deeper than 100 levels"))
            }
            Kind::Message(inner) => {
                self.fields(Some(inner), &mut Cursor::new(bytes, start), None, depth + 1)
            }
            _ => Ok(()),
        }
    }

    fn packed(&mut self, kind: &Kind, bytes: &[u8]) -> Result<(), WireError> {
        self.count(true);
        let mut cursor = Cursor::new(bytes, 0);
        while !cursor.is_at_end() {
            match wire_of(kind) {
                Wire::Fixed64 => cursor.fixed64().map(drop)?,
                Wire::Fixed32 => cursor.fixed32().map(drop)?,
                Wire::Varint | Wire::Len => cursor.varint().map(drop)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(message: &str, bytes: &[u8]) -> Fit {
        let schema = Schema::demo();
        let message = schema.message(message, "a test").unwrap();
        schema.fit(&message, bytes)
    }

    #[test]
    fn the_message_it_was_written_as_fits_and_others_do_less() {
        let schema = Schema::demo();
        let message = schema.message("demo.PurchaseEvent", "a test").unwrap();
        let template = crate::schema::Schema::encode(
            schema,
            &message,
            &serde_json::json!({"order_id": "o-1"}),
        );
        let bytes = template.unwrap();
        let own = fit("demo.PurchaseEvent", &bytes);
        assert_eq!((own.known, own.unknown, own.broken), (1, 0, None));
        let empty = fit("google.protobuf.Empty", &bytes);
        assert_eq!((empty.known, empty.unknown), (0, 1));
    }

    #[test]
    fn what_cannot_be_the_message_is_broken() {
        assert!(fit("demo.ClickEvent", b"\x0a\x02\xff\xfe").broken.is_some());
        assert!(fit("demo.ClickEvent", b"\x0a\x7f").broken.is_some());
        assert!(fit("demo.ClickEvent", b"\x0b").broken.is_some());
        assert!(fit("demo.ClickEvent", b"\x0c").broken.is_some());
        assert!(
            fit("demo.ClickEvent", &b"\x0b".repeat(1_000))
                .broken
                .is_some()
        );
    }
}
