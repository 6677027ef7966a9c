//! Exit codes, and how an error reaches stderr.

use std::fmt::Display;
use std::io::{self, Write as _};

use thiserror::Error;

use crate::profile::ProfileError;
use crate::sanitise;
use crate::schema::SchemaError;
use crate::settings::SettingsError;

/// Everything went well.
pub const OK: u8 = 0;
/// Could not connect, or the connection was lost for good.
pub const CONNECTION: u8 = 1;
/// Wrong usage, profile, schema or document.
pub const USAGE: u8 = 2;
/// The peer refused or failed something that was sent, or an expectation was not met in time.
pub const REFUSED: u8 = 3;
/// Ended by a signal.
pub const INTERRUPTED: u8 = 130;

/// An error that knows its exit code.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What was tried, on what, why it failed, what to try next.
    pub message: String,
}

/// An error with exit code 2.
#[must_use]
pub fn usage(message: impl Display) -> anyhow::Error {
    failure(USAGE, message)
}

/// An error with exit code 1.
#[must_use]
pub fn connection(message: impl Display) -> anyhow::Error {
    failure(CONNECTION, message)
}

/// An error with exit code 3.
#[must_use]
pub fn refused(message: impl Display) -> anyhow::Error {
    failure(REFUSED, message)
}

fn failure(code: u8, message: impl Display) -> anyhow::Error {
    let message = message.to_string();
    Failure { code, message }.into()
}

/// The exit code of an error: its own if it is a [`Failure`], 0 if it says that the reader of our
/// output has gone, 2 for a profile, settings or schema that is wrong, otherwise 1.
#[must_use]
pub fn code(error: &anyhow::Error) -> u8 {
    for cause in error.chain() {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return failure.code;
        }
        if cause.is::<ProfileError>() || cause.is::<SettingsError>() || cause.is::<SchemaError>() {
            return USAGE;
        }
        if let Some(io) = cause.downcast_ref::<io::Error>()
            && io.kind() == io::ErrorKind::BrokenPipe
        {
            return OK;
        }
    }
    CONNECTION
}

/// Writes `error` to stderr, unless it is a closed pipe, and gives its exit code.
pub fn report(error: &anyhow::Error) -> u8 {
    let code = code(error);
    if code != OK {
        // With stderr gone as well there is nobody left to tell.
        let _ = io::stderr().lock().write_all(render(error).as_bytes());
    }
    code
}

/// Writes a warning to stderr.
pub fn warn(sentence: &str) {
    for line in sentence.lines() {
        // With stderr gone there is nobody left to warn.
        let _ = writeln!(
            io::stderr().lock(),
            "wspect: warning: {}",
            sanitise::line(line)
        );
    }
}

/// The lines written for `error`, safe for a terminal.
fn render(error: &anyhow::Error) -> String {
    let mut out = String::new();
    for line in format!("wspect: {}", sentence(error)).lines() {
        out.push_str(&sanitise::line(line));
        out.push('\n');
    }
    out
}

/// The chain of causes joined by colons; not yet safe for a terminal.
#[must_use]
pub fn sentence(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for (n, cause) in error.chain().enumerate() {
        let text = cause.to_string();
        // Many errors repeat their source in their own text.
        if n > 0 && message.contains(&text) {
            continue;
        }
        if n > 0 {
            message.push_str(": ");
        }
        message.push_str(&text);
    }
    message
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn codes_by_kind_of_error() {
        let pipe = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(code(&pipe.context("writing to stdout")), OK);
        assert_eq!(code(&usage("no")), USAGE);
        assert_eq!(code(&refused("no").context("sending")), REFUSED);
        assert_eq!(code(&anyhow::anyhow!("else")), CONNECTION);
    }

    #[test]
    fn the_chain_is_one_sentence_without_repeats_and_escapes() {
        let error = Err::<(), _>(anyhow::anyhow!("inner \x1b[31m"))
            .context("outer")
            .unwrap_err();
        assert_eq!(render(&error), "wspect: outer: inner \\x1b[31m\n");
        let repeated = Err::<(), _>(anyhow::anyhow!("inner"))
            .context("outer: inner")
            .unwrap_err();
        assert_eq!(render(&repeated), "wspect: outer: inner\n");
    }
}
