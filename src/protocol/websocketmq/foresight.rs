//! What the broker will make of a message as it stands, before it is sent.
//!
//! ```text
//!  bytes ─► size ─► JSON ─► keys and their types ─► kind, topic ─► Reaction ─► sentence
//!           1009    1007 (generation 2), silence (generation 1)     error, reply, silence
//! ```
//!
//! What hangs on handlers nobody can see from here is said as such.

mod generation1;
mod generation2;

use std::borrow::Cow;

use super::dialect::{Dialect, Generation};
use super::outgoing::SIZE_MAX;
use crate::schema::gojson::{Value, same_name};

/// What the broker does about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// It closes the connection.
    Close {
        /// Code of its close frame.
        code: u16,
        /// Reason in it.
        reason: &'static str,
        /// What is wrong with the message.
        why: Cow<'static, str>,
    },
    /// It does nothing, and says nothing: why.
    Ignored(Cow<'static, str>),
    /// It answers with an error, at once.
    Error {
        /// Code; 0 in generation 1, which has none.
        code: i64,
        /// Message.
        message: Cow<'static, str>,
    },
    /// It answers: what with.
    Answered(Cow<'static, str>),
    /// It does something with it and says nothing to the sender: what.
    Taken(Cow<'static, str>),
}

impl Reaction {
    fn ignored(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Ignored(why.into())
    }

    fn error(code: i64, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Error {
            code,
            message: message.into(),
        }
    }

    fn answered(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Answered(what.into())
    }

    fn taken(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Taken(what.into())
    }

    /// True if the message does not do what a message is sent for.
    #[must_use]
    pub const fn is_trouble(&self) -> bool {
        matches!(
            self,
            Self::Close { .. } | Self::Ignored(_) | Self::Error { .. }
        )
    }

    /// A sentence without a full stop: `closes with 1007 failed to unmarshal JSON: …`.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Close { code, reason, why } => {
                format!("the broker closes with {code} {reason}: {why}")
            }
            Self::Ignored(why) => format!("the broker ignores this in silence: {why}"),
            Self::Error { code: 0, message } => format!("answered by an error: {message}"),
            Self::Error { code, message } => format!("answered by error {code} {message}"),
            Self::Answered(what) => format!("answered: {what}"),
            Self::Taken(what) => what.clone().into_owned(),
        }
    }
}

/// What a broker of that dialect makes of a data message; `is_text` is false for a binary one.
#[must_use]
pub fn foresee(dialect: Dialect, message: &[u8], is_text: bool) -> Reaction {
    if message.len() > SIZE_MAX {
        return Reaction::Close {
            code: 1009,
            reason: "read limited at 1048577 bytes",
            why: format!("{} bytes are more than 1 MiB", message.len()).into(),
        };
    }
    match dialect.generation() {
        Generation::One => generation1::foresee(dialect, message, is_text),
        Generation::Two => generation2::foresee(dialect, message),
    }
}

/// The last member that Go takes for the field `name`; `None` if there is none, or `null`.
fn member<'a>(object: Value<'a>, name: &str) -> Option<Value<'a>> {
    let found = object.members().filter(|(key, _)| same_name(key, name));
    found
        .map(|(_, value)| value)
        .filter(|value| value.kind() != crate::schema::gojson::Kind::Null)
        .last()
}

/// The string under `name`; empty if there is none.
fn text(object: Value<'_>, name: &str) -> String {
    member(object, name)
        .and_then(Value::string)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
