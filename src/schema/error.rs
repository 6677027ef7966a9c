//! What can go wrong with schemas.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use super::wire::WireError;

/// Why a schema cannot be loaded or does not fit.
#[derive(Debug, Error)]
pub enum SchemaError {
    /// A file cannot be read.
    #[error("cannot read the {kind} {}: {source}; check the path and its permissions", path.display())]
    Unreadable {
        /// `schema` or `descriptor set`.
        kind: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A `.proto` file does not compile.
    #[error("cannot compile the schema {}: {what}", path.display())]
    Uncompilable {
        /// The file that was asked for.
        path: PathBuf,
        /// File, line, column and the compiler's words; then what to try.
        what: String,
    },
    /// A descriptor set cannot be used.
    #[error(
        "cannot use the descriptor set {}: {what}; make it with \
         `protoc --include_imports --descriptor_set_out=FILE`",
        path.display()
    )]
    BadSet {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        what: String,
    },
    /// A message that no schema defines.
    #[error("{asked_by} names the message `{name}`, which no schema defines{}", advice(nearest.as_deref()))]
    UnknownMessage {
        /// Who asked: `--message`, the rule of an event type, …
        asked_by: String,
        /// The name as given.
        name: String,
        /// The defined message that comes nearest.
        nearest: Option<String>,
    },
    /// A type rule that cannot be used.
    #[error("the rule for event type `{pattern}`: {what}")]
    BadRule {
        /// Its pattern as written.
        pattern: String,
        /// What is wrong and what was expected.
        what: String,
    },
    /// Bytes are not the message they are said to be.
    #[error("not {message} at byte {}: {}", error.offset, error.what)]
    Undecodable {
        /// Full name of the message.
        message: String,
        /// Where and what; the offset counts in the frame's payload.
        error: WireError,
    },
    /// JSON does not fit a message.
    #[error("cannot encode {message}: {misfit}")]
    Unfit {
        /// Full name of the message.
        message: String,
        /// Where and why.
        misfit: Misfit,
    },
}

fn advice(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("; the nearest is `{nearest}`"),
        None => "; add its file with `--proto` or `[schema] files`".to_owned(),
    }
}

/// A value that does not fit the message it is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where in the JSON: `items[2].price`; empty for the whole.
    pub path: String,
    /// What was expected and what was found.
    pub what: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.what)
        } else {
            write!(f, "at `{}`: {}", self.path, self.what)
        }
    }
}
