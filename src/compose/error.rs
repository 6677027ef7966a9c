//! What can be wrong with a document. Nothing is sent if anything is.

use std::fmt;

use thiserror::Error;

use crate::schema::SchemaError;

/// Where in the text given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Number of the document, from 1.
    pub document: usize,
    /// Line of the text, from 1; unknown for what came from TOML.
    pub line: Option<usize>,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "document {}", self.document)?;
        match self.line {
            Some(line) => write!(f, ", line {line}"),
            None => Ok(()),
        }
    }
}

/// Why documents are not sent.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// Nothing but white space.
    #[error("there is no document to send; write for example {example}")]
    Empty {
        /// A document of the system in use.
        example: &'static str,
    },
    /// Neither JSON nor TOML.
    #[error("{at}: {what}")]
    Syntax {
        /// Where.
        at: Position,
        /// What the reader says.
        what: String,
    },
    /// A template that cannot be filled in.
    #[error("{at}: {what}")]
    Template {
        /// Where.
        at: Position,
        /// Which one and why.
        what: String,
    },
    /// A key that nothing is known by.
    #[error("{at}: unknown key `{path}`; {advice}")]
    UnknownKey {
        /// Where.
        at: Position,
        /// Where in the document.
        path: String,
        /// The nearest key, or what is meant instead.
        advice: String,
    },
    /// A value that is missing, of a wrong kind or means nothing.
    #[error("{at}: {}{what}", place(path))]
    Invalid {
        /// Where.
        at: Position,
        /// Where in the document; empty for all of it.
        path: String,
        /// What was expected, what was found, what to do.
        what: String,
    },
    /// Data that is not the message it should be.
    #[error("{at}: {}does not fit {message}: {what}", place(path))]
    Misfit {
        /// Where.
        at: Position,
        /// Where in the document.
        path: String,
        /// Full name of the message.
        message: String,
        /// What was expected and what was found.
        what: String,
    },
    /// A message no schema defines.
    #[error("{at}: {source}")]
    UnknownMessage {
        /// Where.
        at: Position,
        /// Which one, and the nearest.
        source: SchemaError,
    },
}

impl ComposeError {
    /// Where in the text given, unless there is nothing in it.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Empty { .. } => None,
            Self::Syntax { at, .. }
            | Self::Template { at, .. }
            | Self::UnknownKey { at, .. }
            | Self::Invalid { at, .. }
            | Self::Misfit { at, .. }
            | Self::UnknownMessage { at, .. } => Some(*at),
        }
    }
}

fn place(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!("`{path}` ")
    }
}
