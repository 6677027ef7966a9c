//! README and docs: every command line quoted there is run.
//!
//! Looked at are the lines of ```` ```sh ```` blocks that begin with `wspect `. A line with the
//! comment `# interactive` needs a terminal and is only parsed; one with `# exits N` must exit
//! with N.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use wspect::cli::Cli;

use crate::program::Home;

/// A quoted command line.
struct Quoted {
    at: String,
    line: String,
    comment: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).into_iter().flatten();
    let mut files: Vec<_> = docs.map(|entry| entry.unwrap().path()).collect();
    files.push(root().join("README.md"));
    files.retain(|path| path.extension().is_some_and(|ext| ext == "md"));
    files.sort();
    files
}

fn quoted() -> Vec<Quoted> {
    let mut found = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mut in_shell = false;
        for (n, line) in text.lines().enumerate() {
            if let Some(fence) = line.trim().strip_prefix("```") {
                in_shell = matches!(fence, "sh" | "bash" | "console");
                continue;
            }
            let line = line.trim().trim_start_matches("$ ");
            if !in_shell || !line.starts_with("wspect") {
                continue;
            }
            let (line, comment) = line.split_once(" # ").unwrap_or((line, ""));
            found.push(Quoted {
                at: format!("{}:{}", path.display(), n + 1),
                line: line.trim().to_owned(),
                comment: comment.trim().to_owned(),
            });
        }
    }
    found
}

#[test]
fn the_readme_is_short_and_there() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(text.lines().count() <= 150);
    assert!(text.contains("cargo run --release -- demo"));
}

#[cfg(unix)]
#[test]
fn every_quoted_command_line_works() {
    let quoted = quoted();
    assert!(
        quoted.len() >= 5,
        "only {} command lines are quoted",
        quoted.len()
    );
    let home = Home::new();
    // Some lines write files.
    let desk = tempfile::tempdir().unwrap();
    for sample in fs::read_dir(root().join("tests/cli/samples")).unwrap() {
        let sample = sample.unwrap();
        fs::copy(sample.path(), desk.path().join(sample.file_name())).unwrap();
    }
    for Quoted { at, line, comment } in quoted {
        if comment.contains("interactive") || line.starts_with("wspect serve") {
            let words = line.split_whitespace().take_while(|word| *word != "&");
            Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{at}: {line}\n{error}"));
            continue;
        }
        // The shell sees the program under its name, in a folder with the samples.
        let bin = Path::new(env!("CARGO_BIN_EXE_wspect")).parent().unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let output = std::process::Command::new("sh")
            .args(["-c", &line])
            .current_dir(desk.path())
            .env("PATH", path)
            .env("WSPECT_CONFIG", home.path())
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let expected = comment
            .split_once("exits ")
            .and_then(|(_, code)| code.split_whitespace().next()?.parse().ok())
            .unwrap_or(0);
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(expected), "{at}: {line}\n{err}");
    }
}
