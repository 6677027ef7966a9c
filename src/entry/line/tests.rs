use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::*;
use crate::body::{Node, Value};
use crate::entry::{Badge, Chunk, Draft};
use crate::frame::{Stamp, Wire};
use crate::transport::clock;

/// 2026-01-02T03:04:05.678901Z.
const AT: i64 = 1_767_323_045_678_901;

fn draft<'a>(kind: EntryKind, payload: &'a [u8], wire: &'a Wire) -> Draft<'a> {
    Draft {
        at: Stamp {
            mono: clock::now().mono,
            wall_us: AT,
        },
        kind,
        direction: Direction::In,
        payload,
        wire,
        badge: Badge::Message,
        label: "",
        outcome: None,
        latency: None,
        pair: None,
        asks: false,
        note: None,
        error: None,
    }
}

fn chunk(draft: &Draft<'_>) -> Chunk {
    let mut chunk = Chunk::new(7, Vec::new());
    chunk.push(draft);
    chunk
}

fn json(chunk: &Chunk, body: Option<&Body>, raw: bool) -> String {
    let entry = chunk.entry(7).expect("it is the first");
    let mut out = String::new();
    Line {
        entry: &entry,
        session: "demo",
        system: Some("raccoon"),
        body,
        raw,
    }
    .write_json(&mut out);
    serde_json::from_str::<Json>(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
    out
}

fn text(chunk: &Chunk) -> String {
    let entry = chunk.entry(7).expect("it is the first");
    let mut out = String::new();
    Line {
        entry: &entry,
        session: "demo",
        system: None,
        body: None,
        raw: false,
    }
    .write_text(&TimeZone::UTC, None, &mut out);
    out
}

#[test]
fn a_gist_follows_the_label_sanitised() {
    let wire = Wire::default();
    let chunk = chunk(&reply(b"x", &wire));
    let entry = chunk.entry(7).expect("it is the first");
    let hostile = "GAV5 → \u{1b}[2J\u{202e}";
    let body = Body {
        gist: Some(hostile.to_owned()),
        shape: Some("Blank"),
        ..Body::default()
    };
    let line = |body| Line {
        entry: &entry,
        session: "demo",
        system: None,
        body,
        raw: false,
    };
    for (body, gist) in [(Some(&body), None), (None, Some(hostile))] {
        let mut out = String::new();
        line(body).write_text(&TimeZone::UTC, gist, &mut out);
        assert!(out.contains("OK  GAV5 → \\x1b[2J"), "{out}");
        assert!(!out.contains(['\u{1b}', '\u{202e}']), "{out}");
    }
    let out = json(&chunk, Some(&body), false);
    let expected = "\"gist\":\"GAV5 → \\u001b[2J\\u202e\",\"shape\":\"Blank\"";
    assert!(out.contains(expected), "{out}");
}

fn reply<'a>(payload: &'a [u8], wire: &'a Wire) -> Draft<'a> {
    Draft {
        badge: Badge::Ack,
        label: "OK",
        outcome: Some(Outcome::Late),
        latency: Some(Duration::from_micros(11_042_317)),
        pair: Some(2),
        note: Some("it came after 10 s".to_owned()),
        ..draft(EntryKind::Frame(FrameKind::Binary), payload, wire)
    }
}

fn decoded() -> Body {
    Body {
        root: Node::object(
            "",
            vec![
                Node::number("id", "18446744073709551616"),
                Node::leaf("blob", Value::Bytes(vec![0, 1, 2])),
            ],
        ),
        key: Some("55F6".to_owned()),
        notes: vec!["it came after 10 s".to_owned(), "clock is ahead".to_owned()],
        error: Some("2 bytes left at 31".to_owned()),
        ..Body::default()
    }
}

#[test]
fn a_frame_with_everything() {
    let wire = Wire::default();
    let chunk = chunk(&reply(&[8, 1], &wire));
    assert_eq!(
        json(&chunk, Some(&decoded()), true),
        concat!(
            r#"{"v":1,"at":"2026-01-02T03:04:05.678901Z","session":"demo","seq":7,"type":"frame","#,
            r#""dir":"in","kind":"binary","size":2,"system":"raccoon","badge":"ack","label":"OK","#,
            r#""key":"55F6","latency_us":11042317,"outcome":"late","pair":2,"#,
            r#""notes":["it came after 10 s","came after its ask had been given up","clock is ahead"],"#,
            r#""body":{"id":18446744073709551616,"blob":"AAEC"},"#,
            r#""error":"2 bytes left at 31","base64":"CAE="}"#,
        )
    );
}

#[test]
fn members_that_do_not_apply_are_left_out() {
    let wire = Wire::default();
    let chunk = chunk(&draft(EntryKind::Frame(FrameKind::Ping), b"--", &wire));
    assert_eq!(
        json(&chunk, None, true),
        concat!(
            r#"{"v":1,"at":"2026-01-02T03:04:05.678901Z","session":"demo","seq":7,"type":"frame","#,
            r#""dir":"in","kind":"ping","size":2,"system":"raccoon","badge":"message","label":"","#,
            r#""text":"--"}"#,
        )
    );
}

#[test]
fn facts_are_merged_and_made_safe() {
    let wire = Wire::default();
    let facts = "{ \"state\": \"closed\",\n\"reason\":\"bye\u{202e}\u{9b}\" }".as_bytes();
    let line = json(
        &chunk(&draft(EntryKind::Lifecycle, facts, &wire)),
        None,
        false,
    );
    assert!(
        line.ends_with(r#""type":"lifecycle", "state": "closed", "reason":"bye\u202e\u009b" }"#),
        "{line}"
    );
    for (facts, end) in [
        (&b"{}"[..], r#""type":"lost"}"#),
        (b"oops\x1b", r#""type":"lost","facts":"oops\u001b"}"#),
    ] {
        let line = json(&chunk(&draft(EntryKind::Lost, facts, &wire)), None, false);
        assert!(line.ends_with(end), "{line}");
    }
}

#[test]
fn raw_is_text_where_it_can_be() {
    let wire = Wire::default();
    for (kind, payload, end) in [
        (
            FrameKind::Text,
            &b"a\x1b\"b"[..],
            r#","text":"a\u001b\"b"}"#,
        ),
        (FrameKind::Text, b"\xff", r#","base64":"/w=="}"#),
        (FrameKind::Binary, b"abc", r#","base64":"YWJj"}"#),
        (FrameKind::Close, b"\x03\xe8", r#","base64":"A+g="}"#),
        (FrameKind::Pong, b"", r#","text":""}"#),
    ] {
        let line = json(
            &chunk(&draft(EntryKind::Frame(kind), payload, &wire)),
            None,
            true,
        );
        assert!(line.ends_with(end), "{line}");
    }
}

#[test]
fn no_byte_of_a_frame_reaches_the_terminal_unescaped() {
    let wire = Wire::default();
    let chunk = chunk(&Draft {
        label: "x\x1b[2J",
        note: Some("n\r\n".to_owned()),
        error: Some("e\u{200b}".to_owned()),
        ..draft(EntryKind::Frame(FrameKind::Text), b"\x07", &wire)
    });
    for line in [json(&chunk, None, true), text(&chunk)] {
        assert!(!line.chars().any(crate::sanitise::is_unsafe), "{line:?}");
    }
}

#[test]
fn rows_of_text() {
    let wire = Wire::default();
    assert_eq!(
        text(&chunk(&reply(&[0; 1_234], &wire))),
        "03:04:05.678 ↓ ack            1.2 kB    11.04 s late      OK ⚠ it came after 10 s ⚠ came after its ask had been given up"
    );
    let state = Draft {
        badge: Badge::State,
        label: "live",
        ..draft(
            EntryKind::Lifecycle,
            br#"{"state":"live","detail":"the welcome came","x":1}"#,
            &wire,
        )
    };
    assert_eq!(
        text(&chunk(&state)),
        "03:04:05.678 · state        live: the welcome came"
    );
    let lost = Draft {
        badge: Badge::Lost,
        label: "click×2",
        ..draft(
            EntryKind::Lost,
            r#"{"key":"k\u001b","label":"click×2","age_ms":10000,"why":"timeout"}"#.as_bytes(),
            &wire,
        )
    };
    assert_eq!(
        text(&chunk(&lost)),
        "03:04:05.678 · lost         click×2 key=k\\x1b age_ms=10000 why=timeout"
    );
}
