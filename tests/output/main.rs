//! `docs/output.md`: what it says is what is written.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use wspect::body::{Body, Node, PayloadReading};
use wspect::entry::{Badge, Chunk, Draft, EntryKind, Line, Outcome, line};
use wspect::frame::{Direction, FrameKind, Wire};
use wspect::protocol::raccoon::metrics::{History, Page, Picture, Row};
use wspect::protocol::savetowebsocket::shadow;
use wspect::protocol::websocketmq;
use wspect::session::State;
use wspect::store::Statistics;
use wspect::transport::clock;

const PAGE: &str = include_str!("../../docs/output.md");

/// The lines of the section under that heading.
fn section(heading: &str) -> Vec<&'static str> {
    let lines = PAGE
        .lines()
        .skip_while(|line| *line != format!("## {heading}"));
    let lines: Vec<_> = lines
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .collect();
    assert!(!lines.is_empty(), "{heading}");
    lines
}

/// The keys of the table in that section.
fn documented(heading: &str) -> BTreeSet<String> {
    let key = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    section(heading).into_iter().filter_map(key).collect()
}

fn all(heading: &str) -> BTreeSet<String> {
    &documented("Every line") | &documented(heading)
}

fn object(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn keys(json: &str) -> BTreeSet<String> {
    object(json).keys().cloned().collect()
}

fn line_of(kind: EntryKind, payload: &[u8], raw: bool) -> String {
    let mut chunk = Chunk::new(0, Vec::new());
    let wire = Wire::default();
    let reply = matches!(kind, EntryKind::Frame(_));
    chunk.push(&Draft {
        at: clock::now(),
        kind,
        direction: Direction::In,
        payload,
        wire: &wire,
        badge: Badge::Ack,
        label: "label",
        outcome: reply.then_some(Outcome::Late),
        latency: reply.then_some(Duration::from_millis(1)),
        pair: None,
        asks: reply,
        note: (reply || kind == EntryKind::Lost).then(|| "note".to_owned()),
        error: reply.then(|| "error".to_owned()),
    });
    let mut entry = chunk.entry(0).unwrap();
    entry.pair = Some(7);
    let body = Body {
        root: Node::text("", "body"),
        key: Some("key".to_owned()),
        gist: Some("gist".to_owned()),
        shape: Some("shape"),
        readings: vec![PayloadReading {
            kind: "page".to_owned(),
            read_as: "json".to_owned(),
            rule: Some("glob page*".to_owned()),
            misfit: Some("demo.PageEvent".to_owned()),
        }],
        ..Body::default()
    };
    let mut out = String::new();
    Line {
        entry: &entry,
        session: "session",
        system: Some("generic"),
        body: reply.then_some(&body),
        raw,
    }
    .write_json(&mut out);
    out
}

#[test]
fn frames_have_the_documented_keys() {
    let text = keys(&line_of(EntryKind::Frame(FrameKind::Text), b"x", true));
    let binary = keys(&line_of(EntryKind::Frame(FrameKind::Binary), b"x", true));
    let head = b"HTTP/2 200\r\ngrpc-status: 0\r\n\r\nbody";
    let call = line_of(EntryKind::Frame(FrameKind::Response), head, true);
    let http = &object(&call)["http"];
    let expected = serde_json::json!({
        "start": "HTTP/2 200",
        "status": 200,
        "headers": [["grpc-status", "0"]],
    });
    assert_eq!(http, &expected);
    assert_eq!(object(&call)["size"], 4);
    assert_eq!(&(&text | &binary) | &keys(&call), all("Frames"));
}

#[test]
fn lost_asks_have_the_documented_keys() {
    let facts = br#"{"key":"k","label":"l","age_ms":1,"dir":"in","group":"gRPC","why":"timeout"}"#;
    assert_eq!(
        keys(&line_of(EntryKind::Lost, facts, true)),
        all("Lost asks")
    );
    let log = include_str!("../../src/session/log.rs");
    for key in ["group", "dir"] {
        assert!(
            log.contains(&format!("insert(\"{key}\".to_owned()")),
            "{key}"
        );
    }
    for key in ["key", "label", "age_ms", "why"] {
        assert!(log.contains(&format!("(\"{key}\".to_owned()")), "{key}");
    }
}

#[test]
fn server_metrics_have_the_documented_keys() {
    let mut history = History::default();
    let page = |n| format!("# TYPE batches_read_total counter\nbatches_read_total {n}\n");
    for n in [1, 3] {
        history.take(&Page::read(page(n).as_bytes()), clock::now());
    }
    let mut picture = Picture {
        url: "http://h/metrics".to_owned(),
        every: Duration::from_secs(1),
        at: clock::now(),
        attempts: 2,
        failures: 0,
        error: None,
        took: Duration::from_millis(1),
        read_at: None,
        history: Arc::new(history),
        rows: vec![Row {
            what: "batches read".to_owned(),
            did: 3,
            counter: "batches_read_total".to_owned(),
            moved: Some(2.0),
            remark: Some("less".to_owned()),
        }],
        advice: vec!["a sentence".to_owned()],
    };
    let written = |picture: &Picture| {
        let mut out = String::new();
        line::write_head(&mut out, 0, "session", 0, "metrics");
        picture.write_json(&mut out);
        out.push('}');
        out
    };
    let line = object(&written(&picture));
    assert_eq!(line["moved"], serde_json::json!({"batches_read_total": 2}));
    let finding = line["findings"][0].as_object().unwrap();
    let text = section("Server metrics").join("\n");
    for key in finding.keys() {
        assert!(text.contains(&format!("`{key}`")), "{key}");
    }
    let mut all_keys = keys(&written(&picture));
    picture.error = Some("refused".to_owned());
    all_keys.extend(keys(&written(&picture)));
    assert_eq!(all_keys, all("Server metrics"));
}

/// A broker's conversation with something of everything.
fn picture() -> websocketmq::Picture {
    let client = websocketmq::Client {
        id: "a".to_owned(),
        own: true,
        ..websocketmq::Client::default()
    };
    let clients = websocketmq::Clients {
        rows: vec![client],
        missing_self: true,
        error: Some("404".to_owned()),
        ..websocketmq::Clients::default()
    };
    let topic = websocketmq::Topic {
        name: "t".to_owned(),
        received: 1,
        echoes: 1,
        latency: Some(Duration::from_millis(1)),
        last: "{\"a\":".into(),
        cut: true,
        hint: Some("hint".to_owned()),
        ..websocketmq::Topic::default()
    };
    let now = clock::now();
    let call = websocketmq::Call {
        number: 1,
        id: String::new(),
        topic: "t".to_owned(),
        payload: None,
        digest: 0,
        seq: 1,
        at: now,
        due: now,
        state: websocketmq::CallState::Held,
        by: String::new(),
        proxied: None,
    };
    websocketmq::Picture {
        topics: [topic].into(),
        topics_forgotten: 1,
        clients: Some(Arc::new(clients)),
        calls: [call].into(),
        ..websocketmq::Picture::default()
    }
}

#[test]
fn what_a_broker_s_conversation_leaves_is_documented() {
    let mut out = String::from("{\"v\":1");
    picture().write_json(&mut out);
    out.push('}');
    let line = object(&out);
    let text = section("The summary").join("\n");
    let client = &line["clients"]["list"][0];
    for part in [
        &line["topics"]["t"],
        &line["clients"],
        client,
        &line["calls"],
    ] {
        for key in part.as_object().unwrap().keys() {
            assert!(text.contains(&format!("`{key}`")), "{key}");
        }
    }
}

#[test]
fn notes_have_the_documented_keys() {
    let printer = include_str!("../../src/cli/tail/printer.rs");
    assert!(printer.contains("\"note\");"));
    for key in documented("Notes") {
        assert!(printer.contains(&format!("\\\"{key}\\\":")), "{key}");
    }
}

#[test]
fn the_summary_has_the_documented_keys() {
    let mut out = String::new();
    line::write_head(&mut out, 0, "session", 0, "summary");
    let mut statistics = Statistics::default();
    statistics.replied(Duration::from_millis(1));
    statistics.write_json(&mut out);
    out.push('}');
    let mut written = keys(&out);
    let printer = include_str!("../../src/cli/tail/printer.rs");
    for key in [
        "why",
        "elapsed_ms",
        "connections",
        "printed",
        "filter_failures",
        "filter_failure",
    ] {
        assert!(printer.contains(&format!("\\\"{key}\\\":")), "{key}");
        written.insert(key.to_owned());
    }
    let twin = include_str!("../../src/cli/tail/twin.rs");
    for (source, key) in [(printer, "hidden"), (twin, "shadow")] {
        assert!(source.contains(&format!("\\\"{key}\\\":")), "{key}");
        written.insert(key.to_owned());
    }
    let mut broker = String::from("{\"v\":1");
    picture().write_json(&mut broker);
    broker.push('}');
    written.extend(keys(&broker));
    let telling = include_str!("../../src/session/telling.rs");
    for key in [
        "latency_by_kind",
        "latency_by_way",
        "codes",
        "answers",
        "standing",
    ] {
        let named = telling.contains(&format!("(\"{key}\", "));
        assert!(
            named || telling.contains(&format!("\\\"{key}\\\":")),
            "{key}"
        );
        written.insert(key.to_owned());
    }
    assert_eq!(written, all("The summary"));
}

#[test]
fn every_documented_fact_of_a_state_is_written_somewhere() {
    let sources = [
        include_str!("../../src/session/actor.rs"),
        include_str!("../../src/session/actor/trying.rs"),
        include_str!("../../src/session/books.rs"),
        include_str!("../../src/session/facts.rs"),
        include_str!("../../src/session/live.rs"),
        include_str!("../../src/session/log.rs"),
        include_str!("../../src/session/talk.rs"),
        include_str!("../../src/session/talk/reach.rs"),
    ]
    .concat();
    let written: BTreeSet<String> = sources
        .match_indices("\".to_owned()")
        .filter_map(|(end, _)| sources[..end].rsplit('"').next())
        .filter(|word| {
            word.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        })
        .map(str::to_owned)
        .collect();
    for key in documented("Changes of state") {
        assert!(
            written.contains(&key),
            "`{key}` is documented but not written"
        );
    }
}

#[test]
fn words_are_the_program_s() {
    let frames = section("Frames").join("\n");
    for badge in Badge::ALL {
        let own_line = matches!(badge, Badge::State | Badge::Lost);
        let named = frames.contains(&format!("`{}`", badge.name()));
        assert!(named || own_line, "{badge:?}");
    }
    for outcome in Outcome::ALL {
        assert!(
            frames.contains(&format!("`{}`", outcome.name())),
            "{outcome:?}"
        );
    }
    let states = section("Changes of state").join("\n");
    for state in State::ALL {
        assert!(states.contains(&format!("`{}`", state.name())), "{state:?}");
    }
}

#[test]
fn examples_have_only_documented_keys() {
    let mut examples = 0;
    for (heading, kind) in [
        ("Frames", "frame"),
        ("Changes of state", "lifecycle"),
        ("Lost asks", "lost"),
        ("Server metrics", "metrics"),
        ("Mismatches", "mismatch"),
        ("The summary", "summary"),
    ] {
        for example in section(heading).iter().filter(|line| line.starts_with('{')) {
            let unknown: Vec<_> = keys(example).difference(&all(heading)).cloned().collect();
            assert!(unknown.is_empty(), "{heading}: {unknown:?}");
            assert_eq!(object(example)["type"], kind);
            examples += 1;
        }
    }
    assert_eq!(examples, 6);
}

/// Runs `explain` over the samples, and over one of them in a line of `tail`.
#[test]
fn explanations_have_the_documented_keys() {
    let samples = include_str!("../fixtures/stellar-events.jsonl");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("events.jsonl");
    let head = r#"{"v":1,"at":"2026-01-01T00:00:00Z","session":"s","seq":7,"type":"frame","dir":"in","badge":"event","body":"#;
    let first = samples.lines().next().unwrap();
    std::fs::write(&file, format!("{samples}{head}{first}}}\n")).unwrap();
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_wspect"))
        .args(["explain", "--types", "payment", "--asset", "XLM"])
        .arg(&file)
        .output()
        .unwrap();
    let out = String::from_utf8(run.stdout).unwrap();
    let found: BTreeSet<String> = out.lines().flat_map(keys).collect();
    assert_eq!(found, documented("Explanations"));
    let text = section("Explanations").join("\n");
    for line in out.lines() {
        let line = object(line);
        let standing = line["standing"].as_str().unwrap();
        assert!(text.contains(&format!("`{standing}`")), "{standing}");
        for verdict in ["documented", "coded"] {
            for key in line[verdict].as_object().unwrap().keys() {
                assert!(text.contains(&format!("`{key}`")), "{key}");
            }
        }
    }
}

/// Compares two connections to a built-in server until an event came that its filter should have
/// dropped by an amount.
#[test]
fn mismatches_have_the_documented_keys() {
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_wspect"))
        .args(["tail", "demo:stellar", "--shadow", "--for", "20s"])
        .args(["--types", "payment", "--min-amount", "1000000000"])
        .args(["--filter", ".type == \"mismatch\""])
        .args(["--until", ".type == \"mismatch\" and .found != null"])
        .output()
        .unwrap();
    let out = String::from_utf8(run.stdout).unwrap();
    let err = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{err}");
    let (summary, mismatches): (Vec<_>, Vec<_>) = out
        .lines()
        .partition(|line| object(line)["type"] == "summary");
    let found: BTreeSet<String> = mismatches.iter().flat_map(|line| keys(line)).collect();
    assert_eq!(found, all("Mismatches"));
    for line in mismatches {
        let line = object(line);
        assert_eq!(
            (&line["misfit"], &line["side"]),
            (&"undocumented".into(), &"filtered".into())
        );
    }
    let shadow = &object(summary[0])["shadow"];
    for misfit in shadow::Misfit::ALL {
        let name = misfit.name();
        assert!(
            section("Mismatches")
                .join("\n")
                .contains(&format!("`{name}`")),
            "{name}"
        );
        let is_undocumented = misfit == shadow::Misfit::Undocumented;
        assert_eq!(
            shadow[name].as_u64().unwrap() > 0,
            is_undocumented,
            "{shadow}"
        );
    }
}
