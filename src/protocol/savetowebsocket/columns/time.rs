//! When an event says it happened.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::protocol::savetowebsocket::shape::{Fields, Key, Shape};

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// RFC 3339, in any offset.
    Rfc3339,
    /// Seconds since 1970, as string or number.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
}

/// A time as it stands in an event; read only when asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time<'a> {
    /// The member.
    pub field: &'static str,
    /// The text, without quotes.
    pub text: Cow<'a, str>,
    form: Form,
}

/// Members that hold a time, the event's own first.
const TIMES: [Key; 9] = [
    Key::Timestamp,
    Key::ClosedAt,
    Key::ReaderCloseTime,
    Key::CloseTime,
    Key::LastModified,
    Key::LastChecked,
    Key::HighestTransactionCountDate,
    Key::LastUpdated,
    Key::CreatedAt,
];

impl<'a> Time<'a> {
    pub(super) fn of(fields: &Fields<'a>, shape: Shape) -> Option<Self> {
        TIMES.into_iter().find_map(|key| {
            let text = fields.numeral(key)?;
            let form = match shape {
                Shape::LedgerToJson => Form::Millis,
                _ if text.bytes().all(|byte| byte.is_ascii_digit()) => Form::Seconds,
                _ => Form::Rfc3339,
            };
            Some(Self {
                field: key.name(),
                text,
                form,
            })
        })
    }

    /// The moment; `None` for what is no time, and for the zero date `0001-01-01T00:00:00Z`,
    /// which stands for none.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        match self.form {
            Form::Seconds => Timestamp::from_second(self.text.parse().ok()?).ok(),
            Form::Millis => Timestamp::from_millisecond(self.text.parse().ok()?).ok(),
            Form::Rfc3339 if self.is_zero() => None,
            Form::Rfc3339 => self.text.parse().ok(),
        }
    }

    /// True for the zero date, which processors write where they know no time.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.text.starts_with("0001-01-01T")
    }
}
