//! What `send` reaches: the real program on an open-loop schedule against the built-in Raccoon
//! server, both as processes of their own.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::program::Server;

const PROGRAM: &str = env!("CARGO_BIN_EXE_wspect");
/// A small batch: one event of 16 bytes of JSON, 83 bytes on the wire.
const BATCH: &str =
    r#"{"serialization":"json","events":[{"type":"click","data":{"button":"buy"}}]}"#;

/// Runs of `seconds` at each of a few rates.
pub(crate) fn run(seconds: u64) {
    let server = Server::start(&["raccoon"]);
    for rate in [10_000, 50_000, 100_000, 150_000, 200_000] {
        for quiet in [true, false] {
            let lines = if quiet { "no lines" } else { "a line each" };
            println!(
                "send --rate {rate} for {seconds} s, {lines}: {}",
                send(&server.url, rate, seconds, quiet)
            );
        }
    }
}

/// The summary of one run.
fn send(url: &str, rate: u32, seconds: u64, quiet: bool) -> String {
    let mut command = Command::new(PROGRAM);
    command
        .args(["send", url, "--rate", &rate.to_string()])
        .args(["--for", &format!("{seconds}s"), "-H", "X-User-ID: bench"])
        .args(quiet.then_some("--quiet"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child
        .stdin
        .take()
        .expect("it is piped")
        .write_all(BATCH.as_bytes())
        .expect("it reads its documents");
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let summary = told.lines().find(|line| line.starts_with("sent "));
    summary.unwrap_or_default().to_owned()
}
