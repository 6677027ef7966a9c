//! `tail` and `send` from outside: the real program against the built-in servers.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

mod broker_send;
mod calls;
mod send;
mod tail;

/// The program with an empty configuration of its own.
fn wspect(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wspect"));
    command
        .args(words)
        .env("WSPECT_CONFIG", "/nonexistent")
        .env_remove("WSPECT_LOG")
        .stdin(Stdio::null());
    command
}

struct Ran {
    code: Option<i32>,
    lines: Vec<Value>,
    err: String,
}

fn ran(output: &Output) -> Ran {
    let out = String::from_utf8(output.stdout.clone()).unwrap();
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let ran = Ran {
        code: output.status.code(),
        lines: out.lines().map(parse).collect(),
        err: String::from_utf8(output.stderr.clone()).unwrap(),
    };
    ran.check();
    ran
}

fn run(words: &[&str]) -> Ran {
    ran(&wspect(words).output().unwrap())
}

/// Runs with `input` on standard input.
fn run_with(words: &[&str], input: &str) -> Ran {
    let mut command = wspect(words);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    ran(&child.wait_with_output().unwrap())
}

impl Ran {
    /// Every line has the members that every line has, and only documented facts.
    fn check(&self) {
        for line in &self.lines {
            assert_eq!(line["v"], 1, "{line}");
            assert!(line["at"].as_str().unwrap().ends_with('Z'), "{line}");
            assert!(
                line["session"].is_string() && line["seq"].is_u64(),
                "{line}"
            );
            if line["type"] == "lifecycle" {
                let documented = documented_facts();
                for key in line.as_object().unwrap().keys() {
                    assert!(
                        documented.contains(key.as_str()),
                        "`{key}` is not in docs/output.md"
                    );
                }
            }
        }
    }

    fn of_type(&self, kind: &str) -> Vec<&Value> {
        self.lines
            .iter()
            .filter(|line| line["type"] == kind)
            .collect()
    }

    fn states(&self) -> Vec<&str> {
        let states = self.of_type("lifecycle").into_iter();
        states.map(|line| line["state"].as_str().unwrap()).collect()
    }

    fn badges(&self) -> BTreeSet<&str> {
        let frames = self.of_type("frame").into_iter();
        frames.map(|line| line["badge"].as_str().unwrap()).collect()
    }
}

fn documented_facts() -> BTreeSet<&'static str> {
    let page = include_str!("../../docs/output.md");
    let section = |heading: &str| {
        page.split(heading)
            .nth(1)
            .unwrap()
            .split("\n## ")
            .next()
            .unwrap()
    };
    ["## Every line", "## Changes of state"]
        .into_iter()
        .flat_map(|heading| section(heading).lines())
        .filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0))
        .collect()
}

/// An address nobody listens at.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Answers one HTTP request with `answer`; gives the address.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 2 {
            line.clear();
        }
        stream.write_all(answer.as_bytes()).unwrap();
        // The client decides when it has read enough.
        let _ = stream.read(&mut [0; 1]);
    });
    address
}
