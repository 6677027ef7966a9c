//! The user's own editor on a document, while the sessions go on.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicU32, Ordering};

use super::composer::text;

/// What is run where neither `VISUAL` nor `EDITOR` says.
const USUAL: &str = if cfg!(windows) { "notepad" } else { "vi" };

/// Opens the user's editor on `document` and waits until it is left; `None` if the document is
/// as it was. Blocks; the terminal must be the editor's.
pub(super) fn edit(document: &str) -> Result<Option<String>, String> {
    edit_with(&chosen(|name| std::env::var(name).ok()), document)
}

/// The user's editor, as the shell would run it.
fn chosen(env: impl Fn(&str) -> Option<String>) -> String {
    let told = ["VISUAL", "EDITOR"].into_iter().filter_map(env);
    let mut told = told.filter(|editor| !editor.trim().is_empty());
    told.next().unwrap_or_else(|| USUAL.to_owned())
}

fn edit_with(editor: &str, document: &str) -> Result<Option<String>, String> {
    let path = write(document).map_err(|error| {
        format!(
            "the document was not edited: writing a file for it in {} failed: {error}",
            std::env::temp_dir().display()
        )
    })?;
    let shown = path.display();
    let status = run(editor, &path).map_err(|error| {
        format!(
            "`{editor}` did not start: {error}; set VISUAL or EDITOR. The document is in {shown}"
        )
    })?;
    if !status.success() {
        return Err(format!(
            "`{editor}` ended with {status}, so nothing was taken over; the file is {shown}"
        ));
    }
    let text = read(&path).map_err(|error| {
        format!("reading the edited document failed: {error}; it is in {shown}")
    })?;
    if text.len() > text::MAX {
        return Err(format!(
            "the document has {} bytes and the composer holds {}; send it with \
             `wspect send TARGET {shown}`",
            text.len(),
            text::MAX
        ));
    }
    // Whoever reads it now could have read it before.
    let _ = fs::remove_file(&path);
    let text = text.trim_end();
    Ok((text != document.trim_end()).then(|| text.to_owned()))
}

fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
}

/// A new file that only the user may read.
fn write(document: &str) -> io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("wspect-{}-{number}.json", std::process::id());
        let path = std::env::temp_dir().join(name);
        match options.open(&path) {
            Ok(mut file) => {
                file.write_all(document.as_bytes())?;
                if !document.ends_with('\n') {
                    file.write_all(b"\n")?;
                }
                return Ok(path);
            }
            // Left behind by a process that had our number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Through the shell, so that `code --wait` and quotes mean what they mean elsewhere.
#[cfg(unix)]
fn run(editor: &str, path: &Path) -> io::Result<ExitStatus> {
    let line = format!("{editor} \"$1\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(line).arg("wspect").arg(path);
    command.status()
}

#[cfg(not(unix))]
fn run(editor: &str, path: &Path) -> io::Result<ExitStatus> {
    let mut words = editor.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(USUAL));
    command.args(words).arg(path).status()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_editor_is_the_one_the_user_chose() {
        let env = |visual: &'static str, editor: &'static str| {
            move |name: &str| match name {
                "VISUAL" => Some(visual.to_owned()),
                _ => Some(editor.to_owned()),
            }
        };
        assert_eq!(chosen(env("emacs", "vim")), "emacs");
        assert_eq!(chosen(env(" ", "vim")), "vim");
        assert_eq!(chosen(|_| None), USUAL);
    }

    #[test]
    fn what_the_editor_leaves_is_taken_and_the_file_goes() {
        let edited = edit_with("sed -i s/one/two/", "{\"a\": \"one\"}").unwrap();
        assert_eq!(edited.as_deref(), Some("{\"a\": \"two\"}"));
        assert_eq!(edit_with("true", "{}").unwrap(), None);
    }

    #[test]
    fn an_editor_that_fails_loses_nothing() {
        let error = edit_with("sh -c 'exit 3'", "{\"kept\":1}").unwrap_err();
        let path = error.rsplit(' ').next().unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "{\"kept\":1}\n");
        fs::remove_file(path).unwrap();
        assert!(error.contains("exit status: 3"), "{error}");
    }
}
