//! Decoded trees of chosen frames.
//!
//! Each file under `tests/fixtures/bodies` is one frame's body: how it was read, its key, notes
//! and error, then the tree with hints and the bytes each value was read from. Run with
//! `UPDATE_SUMMARIES=1` to write the files anew, then review the difference.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wspect::body::{Body, Node, Value};
use wspect::frame::{Direction, FrameKind, close_payload};
use wspect::protocol::System;
use wspect::schema::{Schema, TypeRule};

use crate::replay::{self, Clock};
use crate::{summaries, transcript};

/// 2023-11-14T22:13:21Z, a second after the batches here were made.
const NOW_US: i64 = 1_700_000_001_000_000;

fn decode(system: System, direction: Direction, kind: FrameKind, payload: &[u8]) -> Body {
    let schema = Arc::new(Schema::demo().clone());
    let decoder = (system.row().decoder)(&replay::settings(), schema);
    let at = Clock::at(NOW_US).stamp(0.0);
    decoder.body(&replay::frame(0, at, direction, kind, payload))
}

fn render(body: &Body) -> String {
    let mut out = format!("via {}\n", body.via);
    if let Some(key) = &body.key {
        let _ = writeln!(out, "key {key}");
    }
    for note in &body.notes {
        let _ = writeln!(out, "note {note}");
    }
    if let Some(error) = &body.error {
        let _ = writeln!(out, "error {error}");
    }
    for reading in &body.readings {
        let mut json = String::new();
        reading.write_json(&mut json);
        let _ = writeln!(out, "reading {json}");
    }
    render_node(&body.root, 0, &mut out);
    out
}

fn render_node(node: &Node, depth: usize, out: &mut String) {
    let mut value = String::new();
    match node.value {
        Value::Object | Value::Array => value.push('…'),
        _ => node.write_json(&mut value),
    }
    let _ = write!(
        out,
        "{:indent$}{}: {value}",
        "",
        node.name,
        indent = 2 * depth
    );
    if let Some(hint) = &node.hint {
        let _ = write!(out, "  ({hint})");
    }
    if let Some(span) = &node.span {
        let _ = write!(out, "  [{}..{}]", span.start, span.end);
    }
    out.push('\n');
    for child in &node.children {
        render_node(child, depth + 1, out);
    }
}

fn check(name: &str, body: &Body) {
    let path = transcript::fixtures()
        .join("bodies")
        .join(format!("{name}.txt"));
    summaries::compare(&path, &render(body));
}

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// A `page` event as JSON and a `click` event as protobuf, in one batch.
const BATCH: &str = "0a0964656d6f2d30303031120b0880e2cfaa0610959aef3a1a170a0f7b226e616d65223a22686f6d65227d1204706167651a150a0c0a0a757365725f636c69636b1205636c69636b";

#[test]
fn raccoon_batch_with_events_decoded_in_place() {
    let body = decode(
        System::Raccoon,
        Direction::Out,
        FrameKind::Binary,
        &from_hex(BATCH),
    );
    check("raccoon-batch-protobuf", &body);
}

#[test]
fn raccoon_batch_on_the_json_wire() {
    let text = br#"{"req_guid":"demo-0001","sent_time":{"seconds":1700000000,"nanos":5000000},"events":[{"event_bytes":"Cgp1c2VyX2NsaWNr","type":"click"},{"event_bytes":[123,34,97,34,58,49,125],"type":"other"},{"event_bytes":"not base64!","type":"bad"}]}"#;
    let body = decode(System::Raccoon, Direction::Out, FrameKind::Text, text);
    check("raccoon-batch-json", &body);
}

#[test]
fn raccoon_payloads_are_read_as_the_rules_say_or_say_that_they_do_not_fit() {
    let rules = [
        "page=demo.PageEvent",
        "cl*=demo.ClickEvent",
        "/^raw/=raw",
        "/^tags/=schemaless",
        "other=json",
        "wrong=google.protobuf.Duration",
    ];
    let schema = rules
        .iter()
        .rev()
        .fold(Schema::demo().clone(), |schema, rule| {
            schema.with_rule(TypeRule::parse(rule).unwrap()).unwrap()
        });
    let decoder = (System::Raccoon.row().decoder)(&replay::settings(), Arc::new(schema));
    // Every event holds the same message with one text, that of `wrong` included.
    let payload = STANDARD.encode(b"\x0a\x0auser_click");
    let events: Vec<_> = ["page", "click", "raw-1", "tags", "other", "wrong"]
        .iter()
        .map(|kind| format!("{{\"type\":\"{kind}\",\"event_bytes\":\"{payload}\"}}"))
        .collect();
    let text = format!("{{\"req_guid\":\"g\",\"events\":[{}]}}", events.join(","));
    let at = Clock::at(NOW_US).stamp(0.0);
    let frame = replay::frame(0, at, Direction::Out, FrameKind::Text, text.as_bytes());
    check("raccoon-batch-by-rules", &decoder.body(&frame));
}

#[test]
fn raccoon_event_without_schema_by_its_tags_or_as_bytes() {
    let mut batch = from_hex("0a0167");
    // A message with two fields, then bytes that are neither JSON nor protobuf.
    batch.extend(from_hex("1a0f0a0a089601120568656c6c6f120178"));
    batch.extend(from_hex("1a080a03ffffff120179"));
    // A field the contract does not have.
    batch.extend(from_hex("ca3e0378797a"));
    let body = decode(System::Raccoon, Direction::Out, FrameKind::Binary, &batch);
    check("raccoon-batch-schema-less", &body);
}

#[test]
fn raccoon_batch_that_breaks_off_keeps_what_was_read() {
    let mut batch = from_hex(BATCH);
    batch.truncate(40);
    let body = decode(System::Raccoon, Direction::Out, FrameKind::Binary, &batch);
    check("raccoon-batch-truncated", &body);
}

#[test]
fn raccoon_acks_on_both_wires() {
    let binary = from_hex(
        "080210031881e2cfaa06226463616e6e6f74207075626c697368206576656e74733a206572726f72207768656e2073656e64696e67206d657373616765733a204c6f63616c3a20556e6b6e6f776e20746f70696320636c69636b73747265616d2d706167652d6c6f672c203c6e696c3e2a150a087265715f67756964120964656d6f2d30303031",
    );
    let body = decode(System::Raccoon, Direction::In, FrameKind::Binary, &binary);
    check("raccoon-ack-protobuf", &body);
    let text = br#"{"status":1,"code":1,"sent_time":1700000001,"data":{"req_guid":"demo-0001"}}"#;
    let body = decode(System::Raccoon, Direction::In, FrameKind::Text, text);
    check("raccoon-ack-json", &body);
}

#[test]
fn raccoon_refusal_with_a_reason_that_is_not_utf8() {
    let body = decode(
        System::Raccoon,
        Direction::In,
        FrameKind::Binary,
        b"\x08\x02\x10\x05\x22\x05us\xe9r,",
    );
    check("raccoon-refusal", &body);
}

#[test]
fn stellar_event_keeps_numbers_and_tells_of_repeated_types() {
    let text =
        "{\"type\":\"a\",\"n\":12345678901234567890,\"code\":\"USD\\u0000\",\"type\":\"b\"}\n";
    let body = decode(
        System::SaveToWebSocket,
        Direction::In,
        FrameKind::Text,
        text.as_bytes(),
    );
    check("stellar-event", &body);
}

#[test]
fn stellar_register_is_looked_over() {
    let text = br#"{"type":"register","filters":{"types":["contract_event"],"min_amount":"100"}}"#;
    let body = decode(
        System::SaveToWebSocket,
        Direction::Out,
        FrameKind::Text,
        text,
    );
    check("stellar-register", &body);
}

#[test]
fn mq_soft_failure() {
    let text = br#"{"id":"7","type":"error","topic":"browser.exec","payload":{"error":"boom"}}"#;
    let body = decode(System::WebSocketMq, Direction::In, FrameKind::Text, text);
    check("mq-soft-failure", &body);
}

#[test]
fn close_frames_name_their_code() {
    let payload = close_payload(1008, "ping failure");
    let body = decode(
        System::WebSocketMq,
        Direction::In,
        FrameKind::Close,
        &payload,
    );
    check("close", &body);
}

#[test]
fn what_is_no_json_is_shown_with_the_reason() {
    let body = decode(
        System::WebSocketMq,
        Direction::In,
        FrameKind::Text,
        b"{\"id\":\"1\",",
    );
    check("mq-broken-json", &body);
}

#[test]
fn generic_bytes_and_text() {
    let bytes = decode(
        System::Generic,
        Direction::In,
        FrameKind::Binary,
        b"\x08\x96\x01",
    );
    assert_eq!(bytes.via, "schema-less");
    let opaque = decode(
        System::Generic,
        Direction::In,
        FrameKind::Binary,
        b"\xff\xff",
    );
    assert_eq!(opaque.via, "hex");
    let text = decode(System::Generic, Direction::In, FrameKind::Text, b"hello");
    assert_eq!((text.via.as_str(), text.error), ("text", None));
    let json = decode(System::Generic, Direction::In, FrameKind::Text, b"[1,2]");
    assert_eq!(json.via, "json");
    let broken = decode(System::Generic, Direction::In, FrameKind::Text, b"a\xff");
    assert!(broken.notes[0].contains("not UTF-8"));
    let almost = decode(System::Generic, Direction::In, FrameKind::Text, b"{oops");
    assert!(almost.error.is_some());
}

#[test]
fn a_hostile_batch_is_decoded_up_to_a_bound() {
    // More events of two bytes than values are read.
    let batch = b"\x1a\x00".repeat(1_000_100);
    let body = decode(System::Raccoon, Direction::Out, FrameKind::Binary, &batch);
    let events = body.root.child("events").unwrap();
    assert!(events.children.len() <= 1_000_000);
    assert!(body.root.child("(unread)").is_some());
    assert!(body.notes.iter().any(|note| note.contains("not decoded")));
}
