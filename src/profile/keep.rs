//! Writing the user's own profiles: one amended, a new one made.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::amend::Amendment;
use super::catalog::{Catalog, is_name, load_file};
use super::error::ProfileError;
use super::stored::{Origin, Stored};
use crate::schema::Schema;

impl Catalog {
    /// Changes the user's own profile `name`; the rest of its text stays as it is. Returns the
    /// file.
    pub fn amend(&self, name: &str, amendment: &Amendment) -> Result<PathBuf, ProfileError> {
        let Some(Origin::File(path)) = self.origin(name) else {
            // Makes the error that names the nearest profiles, if there is none of that name.
            self.load(name)?;
            return Err(ProfileError::NotOwn {
                name: name.to_owned(),
            });
        };
        let before = load_file(name, &path)?;
        let text = amended(before.text(), &path, amendment)?;
        check(name, &path, &text)?;
        replace(&path, &text)?;
        Ok(path)
    }

    /// Makes a profile of the user's own out of `text` and a change to it. Returns its file.
    pub fn create_amended(
        &self,
        name: &str,
        text: &str,
        amendment: &Amendment,
    ) -> Result<PathBuf, ProfileError> {
        if !is_name(name) {
            return Err(ProfileError::BadName {
                name: name.to_owned(),
            });
        }
        let dir = self.own_dir()?;
        let path = dir.join(format!("{name}.toml"));
        if path.exists() {
            return Err(ProfileError::Exists { path });
        }
        let text = amended(text, &path, amendment)?;
        check(name, &path, &text)?;
        let failed = |source| ProfileError::Write {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(&dir).map_err(failed)?;
        write_new(&path, &text).map_err(failed)?;
        Ok(path)
    }
}

fn amended(text: &str, path: &Path, amendment: &Amendment) -> Result<String, ProfileError> {
    amendment.apply(text).map_err(|source| ProfileError::Amend {
        path: path.to_owned(),
        source,
    })
}

/// A profile that could not be used any more is not written.
fn check(name: &str, path: &Path, text: &str) -> Result<(), ProfileError> {
    let origin = Origin::File(path.to_owned());
    let stored = Stored::new(name, origin, text.to_owned(), None)?;
    match Schema::load(&stored.profile.schema, stored.base()) {
        Ok(_) => Ok(()),
        Err(error) => Err(ProfileError::Unusable {
            path: path.to_owned(),
            why: error.to_string(),
        }),
    }
}

/// Replaces the file in one step, so that nobody ever reads half of it. Its rights stay; of a
/// link, the file it leads to is replaced.
fn replace(path: &Path, text: &str) -> Result<(), ProfileError> {
    let failed = |source| ProfileError::Write {
        path: path.to_owned(),
        source,
    };
    let real = fs::canonicalize(path).map_err(failed)?;
    let rights = fs::metadata(&real).map_err(failed)?.permissions();
    let beside = real.with_extension(format!("toml.{}", std::process::id()));
    let written = write_new(&beside, text)
        .and_then(|()| fs::set_permissions(&beside, rights))
        .and_then(|()| fs::rename(&beside, &real));
    if written.is_err() {
        // Nothing to be done about a file that cannot even be removed.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(failed)
}

/// Writes a file that is not there yet, for nobody else to read.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::savetowebsocket::Filters;
    use crate::schema::TypeRule;

    const OWN: &str = "# mine\nurl = \"ws://h/\" # here\n\n[schema]\nfiles = [\"demo/events.proto\"]\ntypes = [\n  { event = \"a\", message = \"demo.PageEvent\" }, # a\n]\n";

    fn catalog() -> (tempfile::TempDir, Catalog) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("profiles")).unwrap();
        let catalog = Catalog::new(Some(dir.path()));
        (dir, catalog)
    }

    #[test]
    fn a_rule_goes_into_the_users_own_file_and_nothing_else_changes() {
        let (dir, catalog) = catalog();
        let path = dir.path().join("profiles/own.toml");
        fs::write(&path, OWN).unwrap();
        let rule = TypeRule::of_type("page", "demo.PageEvent");
        catalog.amend("own", &Amendment::Rule(rule)).unwrap();
        let line = "  { event = \"page\", message = \"demo.PageEvent\" }, # a\n";
        let after = OWN.replace(" }, # a\n", &format!(" }},\n{line}"));
        assert_eq!(fs::read_to_string(&path).unwrap(), after);
        let names = fs::read_dir(dir.path().join("profiles")).unwrap().count();
        assert_eq!(names, 1, "no file is left beside it");
    }

    #[test]
    fn a_rule_the_profile_could_not_be_used_with_is_not_written() {
        let (dir, catalog) = catalog();
        let path = dir.path().join("profiles/own.toml");
        fs::write(&path, OWN).unwrap();
        let rule = TypeRule::of_type("page", "other.Message");
        let error = catalog
            .amend("own", &Amendment::Rule(rule))
            .unwrap_err()
            .to_string();
        assert!(error.contains("other.Message"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), OWN);
    }

    #[test]
    fn filters_go_into_the_users_own_file_and_its_rights_stay() {
        let (dir, catalog) = catalog();
        let path = dir.path().join("profiles/stream.toml");
        let before = "# mine\nurl = \"ws://h/ws\" # here\n";
        fs::write(&path, before).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let filters = Filters {
            types: vec!["payment".to_owned()],
            ..Filters::default()
        };
        for filters in [filters, Filters::default()] {
            let amendment = Amendment::Filters(filters.clone());
            catalog.amend("stream", &amendment).unwrap();
            assert!(fs::read_to_string(&path).unwrap().starts_with(before));
            let kept = catalog.load("stream").unwrap().profile;
            assert_eq!(kept.savetowebsocket.filters, filters);
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                let mode = fs::metadata(&path).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600);
            }
        }
    }

    #[test]
    fn a_new_profile_is_made_once_and_for_its_owner_alone() {
        let (_dir, catalog) = catalog();
        let rule = TypeRule::of_type("page", "json");
        let amendment = Amendment::Rule(rule.clone());
        let text = "url = \"ws://h/\"\n";
        let path = catalog.create_amended("new", text, &amendment).unwrap();
        assert_eq!(
            catalog.load("new").unwrap().profile.schema.types,
            std::slice::from_ref(&rule)
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        for (name, needle) in [("new", "already"), ("../x", "no name"), ("", "no name")] {
            let error = catalog.create_amended(name, text, &amendment).unwrap_err();
            assert!(error.to_string().contains(needle), "{error}");
        }
        assert!(path.exists());
        let builtin = catalog.amend("raccoon-local", &amendment).unwrap_err();
        assert!(builtin.to_string().contains("built in"), "{builtin}");
    }
}
