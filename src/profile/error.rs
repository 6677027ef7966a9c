//! Why a profile cannot be used.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::amend::AmendError;

/// Why a profile cannot be used.
#[derive(Debug, Error)]
pub enum ProfileError {
    /// Neither the user nor the program has a profile of that name.
    #[error(
        "there is no profile {name:?}{}; `wspect profile list` shows all, and your own go into {dir}",
        did_you_mean(nearest)
    )]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// Names that come close, closest first.
        nearest: Vec<String>,
        /// Where the user's own are looked for.
        dir: String,
    },
    /// The platform tells no place for configuration, and none was given.
    #[error(
        "this account has no configuration directory (is HOME set?); \
         name one with --config DIR or WSPECT_CONFIG"
    )]
    NoDirectory,
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}; check that it exists and that you may read it", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than any profile.
    #[error("{} has {size} bytes; a profile has at most {limit}", path.display())]
    TooBig {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// The most that is read.
        limit: u64,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}; check the folder and your rights", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text of a profile cannot be changed.
    #[error("cannot change {}: {source}", path.display())]
    Amend {
        /// The file.
        path: PathBuf,
        /// Why.
        source: AmendError,
    },
    /// With the change the profile could not be used any more.
    #[error("{} was not changed, it could not be used any more: {why}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Only the user's own profiles are changed.
    #[error("{name} is built in and is not changed; save to a profile of your own")]
    NotOwn {
        /// The name.
        name: String,
    },
    /// A profile cannot be called so.
    #[error(
        "{name:?} is no name for a profile: letters and digits, no /, \\ or :, no dot in front"
    )]
    BadName {
        /// The name.
        name: String,
    },
    /// There is a profile of that name.
    #[error("{} is already there; choose another name", path.display())]
    Exists {
        /// Its file.
        path: PathBuf,
    },
    /// The text is no TOML, or not that of a profile, or a value cannot be meant.
    #[error("{}", lines(file, problems))]
    Wrong {
        /// The file, or `built-in NAME`.
        file: String,
        /// What is wrong, in the order of the lines; never empty.
        problems: Vec<Problem>,
    },
}

/// One thing that is wrong in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file, from 1.
    pub line: usize,
    /// Dotted path of the key, `on_open[0].within`; empty if no key can be named.
    pub key: String,
    /// What is wrong with it and what was expected.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        f.write_str(&self.what)
    }
}

fn lines(file: &str, problems: &[Problem]) -> String {
    let all: Vec<_> = problems.iter().map(|p| format!("{file}, {p}")).collect();
    all.join("\n")
}

fn did_you_mean(nearest: &[String]) -> String {
    if nearest.is_empty() {
        String::new()
    } else {
        format!(" (did you mean {}?)", nearest.join(", "))
    }
}
