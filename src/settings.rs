//! What `config.toml` in the configuration directory may say about the program itself.
//!
//! Defaults < config file < profile < flags: the file's values are the defaults of everything
//! that has no profile of its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::store;
use crate::toml_error::{explain, line_at};

/// Smallest store: two chunks of every session must fit with room to spare.
const STORE_MIN_MIB: usize = 8;
/// Largest store; more is a slip of the pen.
const STORE_MAX_MIB: usize = 1 << 20;

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file is there and cannot be read.
    #[error("cannot read {}: {source}; check that you may read it, or remove it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key or a value is wrong.
    #[error("{}, line {line}: {what}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong and what was expected.
        what: String,
    },
}

/// Colours of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// For dark terminals.
    #[default]
    Dark,
    /// For light terminals.
    Light,
    /// Bold, dim and reverse only; what `NO_COLOR` asks for.
    Mono,
}

/// Settings of the program, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Colours of the screen.
    pub theme: Theme,
    /// Bytes the store may account for.
    pub store_budget: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            store_budget: store::BUDGET,
        }
    }
}

/// `config.toml` as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    theme: Theme,
    store_mib: Option<usize>,
}

impl Settings {
    /// Reads `config.toml` in `dir`; a file that is not there changes nothing.
    pub fn load(dir: Option<&Path>) -> Result<Self, SettingsError> {
        let Some(path) = dir.map(|dir| dir.join("config.toml")) else {
            return Ok(Self::default());
        };
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(SettingsError::Read { path, source }),
        }
    }

    /// What the environment has to say about colours: `NO_COLOR` set to anything, or `CLICOLOR`
    /// set to 0, takes them away (`CLICOLOR_FORCE` set to anything but 0 outranks the latter).
    #[must_use]
    pub fn with_env(mut self, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name| env(name).filter(|value| !value.is_empty());
        let forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let declined = set("CLICOLOR").is_some_and(|value| value == "0");
        if set("NO_COLOR").is_some() || (declined && !forced) {
            self.theme = Theme::Mono;
        }
        self
    }

    fn parse(path: &Path, text: &str) -> Result<Self, SettingsError> {
        let wrong = |offset: usize, what: String| SettingsError::Wrong {
            path: path.to_owned(),
            line: line_at(text, offset),
            what,
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            wrong(offset, explain(error.message()))
        })?;
        let mut settings = Self {
            theme: file.theme,
            ..Self::default()
        };
        if let Some(mib) = file.store_mib {
            if !(STORE_MIN_MIB..=STORE_MAX_MIB).contains(&mib) {
                let offset = text.find("store_mib").unwrap_or(0);
                let what = format!(
                    "`store_mib` is {mib}; it must be between {STORE_MIN_MIB} and {STORE_MAX_MIB}"
                );
                return Err(wrong(offset, what));
            }
            settings.store_budget = mib << 20;
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings, String> {
        Settings::parse(Path::new("config.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_said_counts_and_the_rest_stays() {
        assert_eq!(parse(""), Ok(Settings::default()));
        let settings = parse("theme = 'light'\nstore_mib = 64\n").unwrap();
        assert_eq!(settings.theme, Theme::Light);
        assert_eq!(settings.store_budget, 64 << 20);
    }

    #[test]
    fn errors_name_line_and_key() {
        for (text, needle) in [
            (
                "\nthem = 'dark'\n",
                "config.toml, line 2: unknown key `them`; did you mean `theme`?",
            ),
            ("theme = 'drak'\n", "did you mean `dark`?"),
            (
                "theme = 'dark'\nstore_mib = 1\n",
                "line 2: `store_mib` is 1; it must be between",
            ),
            ("store_mib = -1\n", "line 1"),
            ("theme = \n", "line 1"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(needle), "{text}: {error}");
        }
    }

    #[test]
    fn the_environment_takes_colours_away() {
        for (vars, theme) in [
            (&[][..], Theme::Dark),
            (&[("NO_COLOR", "1")], Theme::Mono),
            (&[("NO_COLOR", "")], Theme::Dark),
            (&[("CLICOLOR", "0")], Theme::Mono),
            (&[("CLICOLOR", "1")], Theme::Dark),
            (&[("CLICOLOR", "0"), ("CLICOLOR_FORCE", "1")], Theme::Dark),
            (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], Theme::Mono),
        ] {
            let env = |name: &str| {
                let found = vars.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Settings::default().with_env(&env).theme, theme, "{vars:?}");
        }
    }

    #[test]
    fn no_file_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(
            Settings::load(Some(dir.path())).unwrap(),
            Settings::default()
        );
        assert_eq!(Settings::load(None).unwrap(), Settings::default());
    }
}
