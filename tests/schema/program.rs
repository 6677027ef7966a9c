//! `wspect schema`, seen from outside.

use std::io::Write as _;
use std::process::{Command, Stdio};

use wspect::hex;

use super::protos;

const BATCH: &str = "0a0964656d6f2d30303031120b0880e2cfaa0610959aef3a1a170a0f7b226e616d65223a22686f6d65227d1204706167651a150a0c0a0a757365725f636c69636b1205636c69636b";

struct Ran {
    code: Option<i32>,
    out: Vec<u8>,
    err: String,
}

/// Runs `wspect schema WORDS` in the folder of the test schemas with that stdin.
fn run(words: &[&str], stdin: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wspect"))
        .arg("schema")
        .args(words)
        .current_dir(protos())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that does not read its stdin closes it; that is no failure.
    let _ = child.stdin.take().expect("it is piped").write_all(stdin);
    let output = child.wait_with_output().expect("the program ends");
    Ran {
        code: output.status.code(),
        out: output.stdout,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Ran {
    #[track_caller]
    fn fine(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.err);
        String::from_utf8(self.out).expect("the output is text")
    }

    #[track_caller]
    fn fails(self, needle: &str) {
        assert_eq!(self.code, Some(2), "{}", self.err);
        assert!(self.out.is_empty());
        assert!(self.err.contains(needle), "{}", self.err);
    }
}

#[test]
fn list_names_what_the_sources_define() {
    let listed = run(&["list", "--proto", "kitchen_sink.proto"], b"").fine();
    let lines: Vec<_> = listed.lines().collect();
    assert_eq!(
        lines,
        [
            "message  sink.Everything  kitchen_sink.proto",
            "enum     sink.Colour  kitchen_sink.proto"
        ]
    );
    let all = run(&["list", "--all", "--proto", "./legacy.proto"], b"").fine();
    assert!(all.contains("message  legacy.Old.Part"));
    assert!(all.contains("service  raystack.raccoon.v1beta1.EventService"));
    assert!(run(&["list"], b"").fine().contains("SendEventRequest"));
}

#[test]
fn describe_prints_a_definition() {
    let text = run(
        &["describe", "ClickEvent", "--proto", "demo/events.proto"],
        b"",
    )
    .fine();
    assert!(text.contains("message demo.ClickEvent {"), "{text}");
    run(&["describe", "SendEventReqest"], b"").fails("the nearest is `raystack");
}

#[test]
fn decode_and_encode_are_each_others_inverse() {
    let message = ["--message", "SendEventRequest"];
    for form in ["--hex", "--base64"] {
        let bytes = hex::decode(BATCH).unwrap();
        let json = run(&[&["decode"], &message[..]].concat(), &bytes).fine();
        assert!(
            json.contains(r#""sent_time":"2023-11-14T22:13:20.123456789Z""#),
            "{json}"
        );
        let text = run(&[&["encode", form], &message[..]].concat(), json.as_bytes()).fine();
        let again = run(&[&["decode", form], &message[..]].concat(), text.as_bytes()).fine();
        assert_eq!(again, json);
        let raw = run(&[&["encode"], &message[..]].concat(), json.as_bytes());
        assert_eq!(raw.out, bytes);
    }
}

#[test]
fn without_a_message_tags_are_shown() {
    let json = run(&["decode", "--hex"], BATCH.as_bytes()).fine();
    assert!(
        json.starts_with(r#"{"1":"demo-0001","2":{"1":1700000000"#),
        "{json}"
    );
    let tree = run(&["decode", "--hex", "--tree"], b"08 96 01").fine();
    assert_eq!(tree, "(message) [0..3]\n  1 150 (varint) [0..3]\n");
}

#[test]
fn a_tree_shows_how_far_it_got() {
    let ran = run(&["decode", "--hex", "--tree"], b"0801 0a09");
    assert_eq!(ran.code, Some(2));
    assert!(String::from_utf8_lossy(&ran.out).contains("1 1 (varint) [0..2]"));
    assert!(ran.err.contains("at byte 3"), "{}", ran.err);
}

#[test]
fn wrong_usage_is_told() {
    run(&["decode", "--hex"], b"xyz").fails("stdin: 'x' at character 1");
    run(&["decode", "--base64"], b"?").fails("not padded standard base64");
    run(&["decode", "--message", "sink.Everything"], b"").fails("--message names the message");
    run(&["decode"], b"not protobuf").fails("cannot decode the bytes from stdin");
    run(&["encode"], b"{}").fails("--message is missing");
    run(&["encode", "--message", "Timestamp"], b"{").fails("not JSON at byte 1");
    run(
        &["encode", "--message", "SendEventRequest"],
        br#"{"events":[{"type":1}]}"#,
    )
    .fails("at `events[0].type`: expected string, found the number 1");
    run(&["list", "--proto", "wrong.proto"], b"").fails("wrong.proto:7:3");
    run(&["list", "--descriptor-set", "wrong.proto"], b"").fails("cannot use the descriptor set");
}
