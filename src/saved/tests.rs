use super::*;

/// A directory that goes with its owner.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let name = format!("wspect-saved-{name}-{}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&dir);
        Self(dir)
    }

    fn saved(&self) -> Saved {
        Saved::new(Some(&self.0))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn names(saved: &Saved) -> Vec<String> {
    saved
        .list()
        .unwrap()
        .into_iter()
        .map(|one| one.name)
        .collect()
}

#[test]
fn a_document_is_kept_renamed_copied_and_forgotten() {
    let place = Place::new("life");
    let saved = place.saved();
    assert!(names(&saved).is_empty());
    let path = saved
        .save("two clicks", "{\n  \"events\": []\n}", false)
        .unwrap();
    assert!(path.ends_with("documents/two clicks.json"));
    saved
        .save("in-toml", "[[batch]]\nevents = []", false)
        .unwrap();
    assert_eq!(names(&saved), ["in-toml", "two clicks"]);
    assert_eq!(
        saved.load("two clicks").unwrap(),
        "{\n  \"events\": []\n}\n"
    );
    assert_eq!(saved.list().unwrap()[1].head, "{ \"events\": [] }");
    saved.rename("two clicks", "clicks").unwrap();
    saved.duplicate("in-toml", "copy").unwrap();
    assert!(place.0.join("documents/copy.toml").is_file());
    saved.delete("in-toml").unwrap();
    assert_eq!(names(&saved), ["clicks", "copy"]);
}

#[test]
fn nothing_is_replaced_unasked() {
    let place = Place::new("taken");
    let saved = place.saved();
    saved.save("a", "{}", false).unwrap();
    saved.save("b", "{\"b\":1}", false).unwrap();
    for refused in [
        saved.save("a", "[]", false).map(|_| ()),
        saved.rename("b", "a"),
        saved.duplicate("b", "a"),
    ] {
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("saved as `a` already"), "{error}");
    }
    assert_eq!(saved.load("a").unwrap(), "{}\n");
    saved.save("a", "x = 1", true).unwrap();
    assert_eq!(saved.load("a").unwrap(), "x = 1\n");
    assert_eq!(names(&saved), ["a", "b"]);
    assert!(!place.0.join("documents/a.json").exists());
}

#[test]
fn what_is_not_there_or_no_name_is_told() {
    let place = Place::new("errors");
    let saved = place.saved();
    let error = saved.load("clicks").unwrap_err().to_string();
    assert!(error.contains("none is saved yet"), "{error}");
    saved.save("clicks", "{}", false).unwrap();
    let error = saved.load("clikcs").unwrap_err().to_string();
    assert!(error.contains("did you mean clicks?"), "{error}");
    for name in ["", "../x", "a/b", ".hidden", " a", "a\nb", &"x".repeat(101)] {
        let error = saved.save(name, "{}", false).unwrap_err().to_string();
        assert!(error.contains("no name for a document"), "{name}: {error}");
    }
    assert!(matches!(
        Saved::new(None).list(),
        Err(SavedError::NoDirectory)
    ));
    fs::write(place.0.join("documents/bad.json"), [0xff, 0xfe]).unwrap();
    assert_eq!(names(&saved), ["bad", "clicks"]);
    let error = saved.load("bad").unwrap_err().to_string();
    assert!(error.contains("reading"), "{error}");
}
