//! A profile as it is kept, and what it becomes when it is used.
//!
//! ```text
//! file or built-in text ─► Stored (checked, templates as written) ─► Ready (templates filled in)
//!                                                                     └ Secrets, shown
//! ```

use std::path::{Path, PathBuf};

use toml::Value;

use super::error::{Problem, ProfileError};
use super::fill::Filling;
use super::format::Profile;
use super::load;
use super::mask;
use super::places::{self, Places};
use super::secret::{MASK, Secrets};
use super::template::{self, Outside};

/// Where a profile comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Compiled into the program.
    BuiltIn,
    /// The user's own file.
    File(PathBuf),
}

/// A profile as written: checked, templates not yet filled in.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What it is called.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Its content.
    pub profile: Profile,
    /// What is allowed and yet probably not meant.
    pub warnings: Vec<String>,
    text: String,
}

/// A profile ready to be used.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Its content with the templates filled in.
    pub profile: Profile,
    /// The same with everything secret masked, for showing.
    pub shown: toml::Table,
    /// What must not be shown.
    pub secrets: Secrets,
}

impl Stored {
    pub(super) fn new(
        name: &str,
        origin: Origin,
        text: String,
        mode: Option<u32>,
    ) -> Result<Self, ProfileError> {
        let file = file_label(name, &origin);
        let (profile, remarks) = load::parse(&file, &text)?;
        let mut warnings: Vec<_> = remarks.iter().map(|p| format!("{file}, {p}")).collect();
        let runs_commands = template::has_command(&text);
        if let Some(mode) = mode.filter(|mode| mode & 0o077 != 0) {
            if runs_commands && mode & 0o022 != 0 {
                return Err(ProfileError::Wrong {
                    file,
                    problems: vec![Problem {
                        line: 1,
                        key: String::new(),
                        what: format!(
                            "the file runs commands (${{cmd:…}}) and others may write to it (mode \
                             {mode:o}); take that right away with `chmod 600`"
                        ),
                    }],
                });
            }
            warnings.push(format!(
                "{file} may hold secrets and others may read it (mode {mode:o}); \
                 take that right away with `chmod 600`"
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            origin,
            profile,
            warnings,
            text,
        })
    }

    /// The text as written, secrets and all.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What errors call it.
    #[must_use]
    pub fn label(&self) -> String {
        file_label(&self.name, &self.origin)
    }

    /// Relative paths in the profile are taken from here.
    #[must_use]
    pub fn base(&self) -> &Path {
        match &self.origin {
            Origin::File(path) => path.parent().unwrap_or(Path::new("")),
            Origin::BuiltIn => Path::new(""),
        }
    }

    /// The values as written, defaults included, templates unfilled, secrets masked.
    #[must_use]
    pub fn shown(&self) -> toml::Table {
        let mut table = toml::Table::try_from(&self.profile).unwrap_or_default();
        mask::mask(&mut table);
        table
    }

    /// Fills in the templates and checks the values they gave.
    ///
    /// Commands run here, so this may block for their time; built-in profiles have none.
    pub fn fill(&self, outside: &Outside<'_>) -> Result<Ready, ProfileError> {
        let mut table =
            toml::Table::try_from(&self.profile).map_err(|error| self.wrong(&[], error))?;
        let mut shown = table.clone();
        let mut filling = Filling {
            outside,
            secrets: Secrets::default(),
            path: Vec::new(),
        };
        if let Err(what) = filling.table(&mut table, &mut shown) {
            return Err(self.wrong(&filling.path, what));
        }
        let Filling { secrets, .. } = filling;
        let profile: Profile = table.try_into().map_err(|error| self.wrong(&[], error))?;
        let findings = super::validate::profile(&profile);
        if let Some(first) = findings.problems.first() {
            return Err(self.wrong(&first.path, secrets.mask(&first.what)));
        }
        Ok(Ready::new(profile, shown, secrets))
    }

    fn wrong(&self, path: &[String], what: impl std::fmt::Display) -> ProfileError {
        ProfileError::Wrong {
            file: self.label(),
            problems: vec![Problem {
                line: Places::new(&self.text).map_or(1, |places| places.line_of(path)),
                key: places::dotted(path),
                what: what.to_string(),
            }],
        }
    }
}

impl Ready {
    /// A bare URL, ready to be used; nothing in it is a template.
    pub fn of_url(url: &str) -> Result<Self, String> {
        super::check::check_url(url)?;
        Ok(Self::of_profile(Profile::of_url(url)))
    }

    /// A profile without templates, ready to be used.
    #[must_use]
    pub fn of_profile(profile: Profile) -> Self {
        let shown = toml::Table::try_from(&profile).unwrap_or_default();
        Self::new(profile, shown, Secrets::default())
    }

    fn new(profile: Profile, mut shown: toml::Table, mut secrets: Secrets) -> Self {
        mask::learn(&profile, &mut secrets);
        mask::mask(&mut shown);
        Self {
            profile,
            shown,
            secrets,
        }
    }

    /// The extra request headers, in order; a name with several values stands several times.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        for (name, value) in &self.profile.headers {
            let values = value.as_array().map_or_else(
                || std::slice::from_ref(value),
                |items: &Vec<Value>| items.as_slice(),
            );
            for value in values.iter().filter_map(Value::as_str) {
                headers.push((name.clone(), value.to_owned()));
            }
        }
        headers
    }

    /// The URL with everything secret masked.
    #[must_use]
    pub fn shown_url(&self) -> String {
        let url = self.shown.get("url").and_then(Value::as_str);
        self.secrets.mask(url.unwrap_or(MASK))
    }
}

fn file_label(name: &str, origin: &Origin) -> String {
    match origin {
        Origin::BuiltIn => format!("built-in profile {name}"),
        Origin::File(path) => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests;
