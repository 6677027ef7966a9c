//! Documents kept under a name: files of the user's own, as `wspect send TARGET @name` and the
//! composer take them.
//!
//! ```text
//! <config directory>/documents/NAME.json      one document, or several one after the other
//!                              NAME.toml      the same in TOML
//! ```

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use thiserror::Error;

use crate::nearest;

/// Longest name, bytes.
const NAME_MAX: usize = 100;
/// Largest file read.
const SIZE_MAX: u64 = 64 << 20;
/// Most files listed; those beyond are found by name.
const LIST_MAX: usize = 2_000;
/// Bytes read of each file for what is said of it in the list.
const HEAD: u64 = 400;
/// What files are called.
const ENDINGS: [&str; 2] = ["json", "toml"];

/// Why a saved document cannot be had, or not be kept.
#[derive(Debug, Error)]
pub enum SavedError {
    /// There is no directory for a user's own files.
    #[error(
        "documents are kept in the configuration directory, and there is none; choose one with --config DIR"
    )]
    NoDirectory,
    /// It cannot be a file's name.
    #[error(
        "`{0}` is no name for a document: 1 to 100 bytes without / or \\, not beginning with a dot"
    )]
    Name(String),
    /// Nothing is kept under that name.
    #[error("no document is saved as `{name}` in {dir}{hint}")]
    Unknown {
        /// The name.
        name: String,
        /// Where it was looked for.
        dir: String,
        /// The nearest names, as a sentence.
        hint: String,
    },
    /// Something else is.
    #[error("a document is saved as `{0}` already; choose another name")]
    Taken(String),
    /// It is larger than anybody sends.
    #[error("{0} is larger than 64 MiB")]
    Large(String),
    /// The file system said no.
    #[error("{what} {path}: {source}")]
    File {
        /// What was being done.
        what: &'static str,
        /// To which file.
        path: String,
        /// Why it failed.
        source: io::Error,
    },
}

/// One saved document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is called.
    pub name: String,
    /// Size of the file, bytes.
    pub size: u64,
    /// When it was last changed.
    pub changed: Option<SystemTime>,
    /// How it begins, on one line. Not sanitised.
    pub head: String,
}

/// The user's saved documents. Cheap: it holds a path, the files are looked at when asked.
#[derive(Clone, Debug)]
pub struct Saved {
    dir: Option<PathBuf>,
}

impl Saved {
    /// Those kept in a configuration directory.
    #[must_use]
    pub fn new(config_dir: Option<&Path>) -> Self {
        Self {
            dir: config_dir.map(|dir| dir.join("documents")),
        }
    }

    fn dir(&self) -> Result<&Path, SavedError> {
        self.dir.as_deref().ok_or(SavedError::NoDirectory)
    }

    /// All of them by name. A directory that does not exist holds none.
    pub fn list(&self) -> Result<Vec<Listed>, SavedError> {
        let dir = self.dir()?;
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("listing", dir, error)),
        };
        let mut found: Vec<_> = entries
            .filter_map(|entry| listed(&entry.ok()?.path()))
            .take(LIST_MAX)
            .collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        found.dedup_by(|one, other| one.name == other.name);
        Ok(found)
    }

    /// The file of that name, if there is one.
    fn find(&self, name: &str) -> Result<Option<PathBuf>, SavedError> {
        let dir = self.dir()?;
        check(name)?;
        let mut paths = ENDINGS
            .iter()
            .map(|ending| dir.join(format!("{name}.{ending}")));
        Ok(paths.find(|path| path.is_file()))
    }

    fn existing(&self, name: &str) -> Result<PathBuf, SavedError> {
        if let Some(path) = self.find(name)? {
            return Ok(path);
        }
        let all = self.list()?;
        let near = nearest::some(name, all.iter().map(|one| one.name.as_str()));
        let hint = match (near.is_empty(), all.is_empty()) {
            (false, _) => format!("; did you mean {}?", near.join(", ")),
            (true, true) => "; none is saved yet".to_owned(),
            (true, false) => String::new(),
        };
        Err(SavedError::Unknown {
            name: name.to_owned(),
            dir: self.dir()?.display().to_string(),
            hint,
        })
    }

    /// The text of the document of that name.
    pub fn load(&self, name: &str) -> Result<String, SavedError> {
        let path = self.existing(name)?;
        let read = || {
            let mut text = String::new();
            let file = fs::File::open(&path)?;
            file.take(SIZE_MAX + 1).read_to_string(&mut text)?;
            Ok(text)
        };
        let text = read().map_err(|error| failed("reading", &path, error))?;
        if text.len() as u64 > SIZE_MAX {
            return Err(SavedError::Large(path.display().to_string()));
        }
        Ok(text)
    }

    /// Keeps `text` under a name. What is there under it is replaced only if `replace` says so, and
    /// never left half written.
    pub fn save(&self, name: &str, text: &str, replace: bool) -> Result<PathBuf, SavedError> {
        let before = self.find(name)?;
        if before.is_some() && !replace {
            return Err(SavedError::Taken(name.to_owned()));
        }
        let dir = self.dir()?;
        fs::create_dir_all(dir).map_err(|error| failed("making the directory", dir, error))?;
        let ending = if crate::compose::is_toml(text) {
            "toml"
        } else {
            "json"
        };
        let path = dir.join(format!("{name}.{ending}"));
        let fresh = dir.join(format!(".{name}.{}.new", std::process::id()));
        let write = || {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&fresh)?;
            file.write_all(text.as_bytes())?;
            if !text.ends_with('\n') {
                file.write_all(b"\n")?;
            }
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().map_err(|error| {
            // What was begun is of no use to anybody.
            let _ = fs::remove_file(&fresh);
            failed("writing", &path, error)
        })?;
        if let Some(other) = before.filter(|before| *before != path) {
            fs::remove_file(&other).map_err(|error| failed("removing", &other, error))?;
        }
        Ok(path)
    }

    /// Calls a document something else.
    pub fn rename(&self, name: &str, new: &str) -> Result<(), SavedError> {
        let path = self.existing(name)?;
        if name == new {
            return Ok(());
        }
        let to = self.free(&path, new)?;
        fs::rename(&path, &to).map_err(|error| failed("renaming", &path, error))
    }

    /// Keeps a document under a second name.
    pub fn duplicate(&self, name: &str, new: &str) -> Result<(), SavedError> {
        let path = self.existing(name)?;
        let to = self.free(&path, new)?;
        let copied = fs::copy(&path, &to).map(|_| ());
        copied.map_err(|error| failed("copying", &path, error))
    }

    /// Forgets a document.
    pub fn delete(&self, name: &str) -> Result<(), SavedError> {
        let path = self.existing(name)?;
        fs::remove_file(&path).map_err(|error| failed("deleting", &path, error))
    }

    /// Where a document like that at `path` is kept under a name that is free.
    fn free(&self, path: &Path, name: &str) -> Result<PathBuf, SavedError> {
        if self.find(name)?.is_some() {
            return Err(SavedError::Taken(name.to_owned()));
        }
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        Ok(self.dir()?.join(format!("{name}.{ending}")))
    }
}

/// Says no to what cannot be a document's name.
pub fn check(name: &str) -> Result<(), SavedError> {
    let is_odd = |c: char| matches!(c, '/' | '\\' | ':') || c.is_control();
    if name.is_empty()
        || name.len() > NAME_MAX
        || name.starts_with('.')
        || name.trim() != name
        || name.contains(is_odd)
    {
        return Err(SavedError::Name(name.to_owned()));
    }
    Ok(())
}

fn listed(path: &Path) -> Option<Listed> {
    let ending = path.extension()?.to_str()?;
    let name = path.file_stem()?.to_str()?;
    if !ENDINGS.contains(&ending) || check(name).is_err() {
        return None;
    }
    let about = path.metadata().ok().filter(fs::Metadata::is_file)?;
    let mut head = Vec::new();
    // What cannot be read is listed all the same; opening it tells why.
    if let Ok(file) = fs::File::open(path) {
        let _ = file.take(HEAD).read_to_end(&mut head);
    }
    let head = String::from_utf8_lossy(&head);
    Some(Listed {
        name: name.to_owned(),
        size: about.len(),
        changed: about.modified().ok(),
        head: head.split_whitespace().collect::<Vec<_>>().join(" "),
    })
}

fn failed(what: &'static str, path: &Path, source: io::Error) -> SavedError {
    SavedError::File {
        what,
        path: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests;
