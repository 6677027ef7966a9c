//! README and docs: every command line quoted there is run.
//!
//! Looked at are the lines of ```` ```sh ```` blocks that run `wspect`. A line with the
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
            let is_ours = line.starts_with("wspect ") || line.contains("| wspect ");
            if !in_shell || !is_ours {
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

/// Every key there is, from a profile that has them all.
const EVERYTHING: &str = r#"
url = "ws://127.0.0.1:1/"
system = "generic"
description = "all keys"
subprotocols = ["a"]
headers = { A = "b" }
tls = { cacert = "a", cert = "b", key = "c", insecure = true }
on_open = [ { send = "{}", expect = ".a", within = "1s" } ]
correlate = { request = ".a", reply = ".a" }

[schema]
files = ["a.proto"]
include = ["a"]
descriptor_sets = ["a"]
message = "a.B"
types = [ { event = "a", message = "a.B" } ]

[raccoon]
ack_mode = "sync"
rest_url = "http://h"
grpc_url = "grpc://h:1"

[savetowebsocket]
filters = { custom = "{}" }

[websocketmq]
subscribe = ["a"]
responders = [
  { topic = "a", when = ".a", reply = "1", delay = "1s" },
  { topic = "b", error = { code = 404, message = "no" } },
  { topic = "c", misbehave = "malformed", text = "{" },
]
"#;

fn keys(table: &toml::Table, found: &mut Vec<String>) {
    for (key, value) in table {
        found.push(key.clone());
        let items = value.as_array().into_iter().flatten();
        for table in items.chain([value]).filter_map(toml::Value::as_table) {
            keys(table, found);
        }
    }
}

#[test]
fn every_key_of_a_profile_is_documented() {
    let home = Home::new();
    home.profile("everything", EVERYTHING);
    let file = home.path().join("profiles/everything.toml");
    let stored = wspect::profile::load_file("everything", &file).unwrap();
    let mut found = Vec::new();
    keys(&stored.shown(), &mut found);
    found.retain(|key| key != "A");
    assert!(found.len() > 45, "{found:?}");
    let text = fs::read_to_string(root().join("docs/profiles.md")).unwrap();
    for key in found {
        let written = text.contains(&format!("`{key}`"))
            || text.contains(&format!(".{key}`"))
            || text.contains(&format!("`{key}."))
            || text.contains(&format!("[{key}]"))
            || text.contains(&format!("{key} = "));
        assert!(written, "`{key}` is not in docs/profiles.md");
    }
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
            // No word of these lines holds a blank, so quotes only keep the shell from its stars.
            let words = line.split_whitespace().take_while(|word| *word != "&");
            let words = words.map(|word| word.replace('\'', ""));
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
            .and_then(|(_, code)| code.split([' ', ':']).next()?.parse().ok())
            .unwrap_or(0);
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(expected), "{at}: {line}\n{err}");
    }
}
