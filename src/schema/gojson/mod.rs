//! JSON as Go's `encoding/json` reads and writes it.
//!
//! Three of the systems are Go programs, and what they accept and echo follows from that
//! library, not from RFC 8259: member names match in any letter case, of a repeated member the
//! last one counts, bytes that are not UTF-8 are allowed inside strings and become U+FFFD when
//! the string is decoded, `null` leaves a field as it was, and text that is passed on keeps its
//! spelling but loses its white space and gets `<`, `>` and `&` escaped.
//!
//! Nothing here builds a tree: a [`Value`] is a checked slice of the text.
//!
//! ```text
//! bytes ──parse──► Value ──members / elements / string──► what a Go struct would hold
//!                    └──relay──► what a Go program would write
//! ```

mod scan;
mod text;

pub use scan::{DEPTH_MAX, SyntaxError};
pub use text::{quote, relay, same_name};

/// What kind of JSON value a text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, of whatever size.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The word Go's error texts use.
    #[must_use]
    pub const fn go_name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// One JSON value that has been checked: its text, without white space around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a>(&'a [u8]);

impl<'a> Value<'a> {
    /// Checks that `text` is exactly one JSON value, white space around it allowed.
    pub fn parse(text: &'a [u8]) -> Result<Self, SyntaxError> {
        scan::check(text).map(|range| Self(&text[range]))
    }

    /// The text as it was spelled.
    #[must_use]
    pub const fn raw(self) -> &'a [u8] {
        self.0
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.0.first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The string it holds; `None` if it is no string.
    #[must_use]
    pub fn string(self) -> Option<String> {
        (self.kind() == Kind::String).then(|| text::unquote(self.0))
    }

    /// The boolean it holds; `None` if it is none.
    #[must_use]
    pub fn boolean(self) -> Option<bool> {
        (self.kind() == Kind::Bool).then_some(self.0 == b"true")
    }

    /// The integer it holds; `None` if it is no number, has a fraction or an exponent, or does
    /// not fit: Go refuses all of those for an `int`.
    #[must_use]
    pub fn integer(self) -> Option<i64> {
        if self.kind() != Kind::Number {
            return None;
        }
        std::str::from_utf8(self.0).ok()?.parse().ok()
    }

    /// Its members in the order of the text, repeated ones too; none if it is no object.
    pub fn members(self) -> impl Iterator<Item = (String, Self)> {
        scan::Items::of(self.0, b'{')
            .filter_map(|(name, value)| Some((text::unquote(name?), Self(value))))
    }

    /// The last member of exactly that name.
    #[must_use]
    pub fn member(self, name: &str) -> Option<Self> {
        self.members()
            .filter(|(key, _)| key == name)
            .last()
            .map(|(_, value)| value)
    }

    /// Its elements; none if it is no array.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        scan::Items::of(self.0, b'[').map(|(_, value)| Self(value))
    }
}

#[cfg(test)]
mod tests;
