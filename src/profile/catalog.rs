//! Where profiles are: the user's own directory, then the built-in ones.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::builtin;
use super::error::ProfileError;
use super::stored::{Origin, Stored};
use crate::nearest;

/// Larger files are not profiles.
const SIZE_MAX: u64 = 1 << 20;

/// All profiles one can name.
#[derive(Clone, Debug)]
pub struct Catalog {
    config_dir: Option<PathBuf>,
}

/// One line of the catalog.
#[derive(Debug)]
pub struct Listed {
    /// What it is called.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The profile, or why it cannot be used.
    pub profile: Result<Stored, ProfileError>,
}

/// The directory of `config.toml` and `profiles/`: `chosen` (`--config`, `WSPECT_CONFIG`), or the
/// platform's.
#[must_use]
pub fn config_dir(chosen: Option<&Path>) -> Option<PathBuf> {
    chosen.map(Path::to_owned).or_else(|| {
        directories::ProjectDirs::from("", "", "wspect").map(|dirs| dirs.config_dir().to_owned())
    })
}

impl Catalog {
    /// The catalog of `chosen` (`--config`, `WSPECT_CONFIG`), or of the platform's directory.
    #[must_use]
    pub fn new(chosen: Option<&Path>) -> Self {
        Self {
            config_dir: config_dir(chosen),
        }
    }

    /// Where the user's own profiles are, whether or not the directory exists.
    pub fn own_dir(&self) -> Result<PathBuf, ProfileError> {
        let dir = self.config_dir.as_ref().ok_or(ProfileError::NoDirectory)?;
        Ok(dir.join("profiles"))
    }

    /// All profiles by name: the user's own first, then the built-in ones they do not outrank.
    pub fn list(&self) -> Result<Vec<Listed>, ProfileError> {
        let own = self.own_names()?;
        let builtin = builtin::ALL
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .filter(|name| !own.contains(name));
        let names: Vec<_> = own.iter().cloned().chain(builtin).collect();
        Ok(names
            .into_iter()
            .map(|name| Listed {
                origin: self.origin(&name).unwrap_or(Origin::BuiltIn),
                profile: self.load(&name),
                name,
            })
            .collect())
    }

    /// The names of all profiles.
    pub fn names(&self) -> Result<Vec<String>, ProfileError> {
        let mut names = self.own_names()?;
        for (name, _) in builtin::ALL {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// Loads and checks the profile of that name.
    pub fn load(&self, name: &str) -> Result<Stored, ProfileError> {
        match self.origin(name) {
            Some(Origin::File(path)) => load_file(name, &path),
            Some(Origin::BuiltIn) => load_builtin(name),
            None => {
                let names = self.names()?;
                let near = nearest::some(name, names.iter().map(String::as_str));
                Err(ProfileError::Unknown {
                    name: name.to_owned(),
                    nearest: near.into_iter().map(str::to_owned).collect(),
                    dir: self
                        .own_dir()
                        .map_or_else(|_| "--config DIR".to_owned(), |d| d.display().to_string()),
                })
            }
        }
    }

    /// Where the profile of that name comes from.
    #[must_use]
    pub fn origin(&self, name: &str) -> Option<Origin> {
        if !is_name(name) {
            return None;
        }
        let own = self.own_dir().map(|dir| dir.join(format!("{name}.toml")));
        match own {
            Ok(path) if path.is_file() => Some(Origin::File(path)),
            _ => builtin::text(name).map(|_| Origin::BuiltIn),
        }
    }

    fn own_names(&self) -> Result<Vec<String>, ProfileError> {
        let Ok(dir) = self.own_dir() else {
            return Ok(Vec::new());
        };
        let read = |source| ProfileError::Read {
            path: dir.clone(),
            source,
        };
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(read(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.map_err(read)?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str());
            if let Some(name) = name
                && path.extension().is_some_and(|ext| ext == "toml")
                && is_name(name)
            {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }
}

/// Loads and checks a profile the user keeps at `path`.
pub fn load_file(name: &str, path: &Path) -> Result<Stored, ProfileError> {
    let read = |source| ProfileError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(read)?;
    let metadata = file.metadata().map_err(read)?;
    if metadata.len() > SIZE_MAX {
        return Err(ProfileError::TooBig {
            path: path.to_owned(),
            size: metadata.len(),
            limit: SIZE_MAX,
        });
    }
    let mut text = String::new();
    file.take(SIZE_MAX)
        .read_to_string(&mut text)
        .map_err(read)?;
    Stored::new(name, Origin::File(path.to_owned()), text, mode(&metadata))
}

/// Loads and checks a built-in profile.
pub fn load_builtin(name: &str) -> Result<Stored, ProfileError> {
    let text = builtin::text(name).ok_or_else(|| ProfileError::Unknown {
        name: name.to_owned(),
        nearest: Vec::new(),
        dir: "--config DIR".to_owned(),
    })?;
    Stored::new(name, Origin::BuiltIn, text.to_owned(), None)
}

/// A profile's name is a file's stem and must not be taken for a path, a URL, `demo:…` or an
/// option.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':');
    let starts_well = name.starts_with(|c| !matches!(c, '.' | '-'));
    starts_well && name.len() <= 100 && name.chars().all(fits)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other platforms have no mode")]
fn mode(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(metadata.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_metadata: &fs::Metadata) -> Option<u32> {
    None
}
