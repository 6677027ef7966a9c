//! `wspect explain`, seen from outside.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{Home, Ran, ran, run};

const SAMPLES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/stellar-events.jsonl"
);

fn piped(words: &[&str], input: &str) -> Ran {
    let mut child = Home::new()
        .command(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    ran(&child.wait_with_output().unwrap())
}

fn lines(ran: &Ran) -> Vec<Value> {
    let lines = ran.out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn the_guides_usdc_payments_are_promised_and_dropped() {
    let ran = run(&[
        "explain",
        "--types",
        "payment",
        "--asset",
        "USDC",
        "--min-amount",
        "100",
        SAMPLES,
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines = lines(&ran);
    assert_eq!(lines.len(), 20);
    let promised = &lines[0];
    assert_eq!(promised["standing"], "only_as_documented");
    assert_eq!(promised["coded"]["filter"], "asset_codes");
    assert_eq!(promised["coded"]["field"], "asset_code");
    let fix = promised["coded"]["fix"].as_str().unwrap();
    assert!(fix.contains("your list has `USDC`"), "{fix}");
    assert!(
        ran.err
            .contains("20 events · both 1 · only as coded 3 · only as documented 2 · neither 14"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains(
            "as coded let through unread by: asset_codes 1 (no asset_code) · types 3 (no type)"
        ),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("never compared with anything"),
        "{}",
        ran.err
    );
}

#[test]
fn bad_lines_are_told_and_the_rest_is_explained() {
    let input = "{\"type\":\"payment\"}\noops\n{\"type\":\"trade\"}\n[1]\n";
    let ran = piped(&["explain", "--filters", r#"{"types":["trade"]}"#], input);
    assert_eq!(ran.code, 2);
    let lines = lines(&ran);
    let standings: Vec<_> = lines
        .iter()
        .map(|line| line["standing"].as_str().unwrap())
        .collect();
    assert_eq!(standings, ["neither", "both", "neither"]);
    assert_eq!(lines[2]["line"], 4);
    assert!(
        ran.err.contains("standard input line 2: not JSON at byte"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("1 line of standard input is no event"),
        "{}",
        ran.err
    );
}

#[test]
fn lines_of_tail_are_events_too() {
    let tail = run(&["tail", "demo:stellar", "--limit", "12", "--raw"]);
    assert_eq!(tail.code, 0, "{}", tail.err);
    let ran = piped(
        &["explain", "--types", "trade", "--format", "text", "-"],
        &tail.out,
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("as documented"), "{}", ran.out);
    assert!(
        ran.err.contains("lines of tail that carry no event"),
        "{}",
        ran.err
    );
}

#[test]
fn filters_of_a_profile_and_flags_over_them() {
    let home = Home::new();
    home.profile("mine", "url = \"ws://127.0.0.1:1/ws\"\nsystem = \"savetowebsocket\"\n[savetowebsocket]\nfilters = { types = [\"trade\"] }\n");
    for (words, both) in [
        (&["explain", "--profile", "mine", SAMPLES][..], "both 2"),
        (
            &[
                "explain",
                "--profile",
                "mine",
                "--types",
                "payment",
                SAMPLES,
            ],
            "both 5",
        ),
    ] {
        let ran = home.run(words);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.err.contains(both), "{}", ran.err);
    }
}

#[test]
fn what_is_wrong_on_the_command_line_is_said() {
    for (words, part) in [
        (
            &["explain", "--filters", r#"{"types":"payment"}"#, SAMPLES][..],
            "`types` must be",
        ),
        (&["explain", "--filters", "{", SAMPLES], "--filters `{`"),
        (
            &["explain", "/nowhere/at/all"],
            "reading events from /nowhere/at/all",
        ),
        (&["explain", "--profile", "nobody", SAMPLES], "nobody"),
    ] {
        let ran = run(words);
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.err);
        assert!(ran.err.contains(part), "{words:?}: {}", ran.err);
        assert_eq!(ran.out, "");
    }
    let ran = run(&["explain", "--filters", r#"{"acount_ids":["G"]}"#, SAMPLES]);
    assert!(
        ran.err.contains("did you mean `account_ids`?"),
        "{}",
        ran.err
    );
}
