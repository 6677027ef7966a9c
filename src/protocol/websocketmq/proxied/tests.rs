use super::*;
use crate::frame::{Direction, FrameKind};
use crate::transport::clock;

const MS: Duration = Duration::from_millis(1);
const ME: [&str; 2] = ["me-12345", ""];

fn frame(seq: u64, at: Stamp, text: &str) -> Frame<'_> {
    Frame {
        seq,
        at,
        direction: Direction::In,
        kind: FrameKind::Text,
        payload: text.as_bytes(),
    }
}

fn read(text: &str) -> Envelope<'_> {
    Envelope::read(text.as_bytes(), Direction::Out)
}

fn asked(proxied: &mut Proxied, id: &str, payload: &str, at: Stamp) {
    let text =
        format!(r#"{{"id":"{id}","type":"request","topic":"system:proxy","payload":{payload}}}"#);
    proxied.asked(&frame(1, at, &text), &read(&text));
}

fn called(proxied: &mut Proxied, id: &str, payload: &str, at: Stamp) -> Option<u64> {
    let text = format!(r#"{{"id":"{id}","type":"request","topic":"t","payload":{payload}}}"#);
    proxied.inner(&frame(2, at, &text), &read(&text), ME)
}

fn answered(proxied: &mut Proxied, text: &str, at: Stamp) -> Option<String> {
    proxied.answered(&frame(3, at, text), &read(text))
}

#[test]
fn a_call_to_oneself_is_joined_and_its_legs_are_told() {
    let (mut proxied, now) = (Proxied::default(), clock::now());
    let payload = r#"{ "targetId": "me-12345", "topic": "t", "payload": { "html": "<b>" } }"#;
    asked(&mut proxied, "o1", payload, now);
    let relayed = r#"{"html":"\u003cb\u003e"}"#;
    assert_eq!(called(&mut proxied, "i0", "{}", now.after(MS)), None);
    assert_eq!(
        called(&mut proxied, "i1", relayed, now.after(MS * 2)),
        Some(0)
    );
    assert_eq!(called(&mut proxied, "i2", relayed, now.after(MS * 2)), None);
    proxied.replied(0, now.after(MS * 5));
    let reply = r#"{"id":"o1","type":"response","topic":"system:proxy","payload":1}"#;
    let remark = answered(&mut proxied, reply, now.after(MS * 9)).unwrap();
    assert!(
        remark.contains("there 2.0 ms, work 3.0 ms, back 4.0 ms"),
        "{remark}"
    );
    let shown = &proxied.picture()[0];
    assert_eq!(shown.inner.as_deref(), Some("i1"));
    assert_eq!((shown.answer, shown.failure.as_deref()), (Some(3), None));
}

#[test]
fn a_failure_tells_the_inner_id_and_is_explained() {
    let (mut proxied, now) = (Proxied::default(), clock::now());
    asked(
        &mut proxied,
        "o1",
        r#"{"targetId":"other-123","topic":"t"}"#,
        now,
    );
    assert_eq!(called(&mut proxied, "i1", "null", now), None, "not for us");
    let reply = r#"{"id":"o1","type":"error","topic":"system:proxy","error":{"code":500,"message":"proxy target error: request to client other-123 (ID: 6161) timed out after 10s"}}"#;
    let remark = answered(&mut proxied, reply, now.after(MS)).unwrap();
    assert!(remark.contains("10 s"), "{remark}");
    let shown = &proxied.picture()[0];
    assert_eq!(shown.inner.as_deref(), Some("6161"));
    assert!(
        shown
            .failure
            .as_deref()
            .unwrap()
            .starts_with("500 proxy target")
    );
}

#[test]
fn a_payload_that_is_missing_is_relayed_as_null() {
    let (mut proxied, now) = (Proxied::default(), clock::now());
    asked(
        &mut proxied,
        "o1",
        r#"{"TargetID":"me-12345","Topic":"t"}"#,
        now,
    );
    assert_eq!(called(&mut proxied, "i1", "null", now), Some(0));
}

#[test]
fn what_ended_with_the_connection_is_joined_with_nothing_later() {
    let (mut proxied, now) = (Proxied::default(), clock::now());
    let payload = r#"{"targetId":"me-12345","topic":"t","payload":1}"#;
    asked(&mut proxied, "o1", payload, now);
    proxied.ended();
    assert_eq!(called(&mut proxied, "i1", "1", now), None);
    assert!(proxied.picture()[0].failure.is_some());
}

#[test]
fn only_the_newest_are_kept_and_wrong_shapes_do_no_harm() {
    let (mut proxied, now) = (Proxied::default(), clock::now());
    for payload in ["null", "7", r#"{"targetId":7}"#, r#"{"topic":{}}"#, "{"] {
        asked(&mut proxied, "o", payload, now);
    }
    for _ in 0..1_000 {
        asked(&mut proxied, &"x".repeat(10_000), "{}", now);
    }
    let shown = proxied.picture();
    assert_eq!((shown.len(), shown[255].number), (256, 1_004));
    assert!(shown[255].id.len() <= TEXT_MAX);
    let reply = format!(r#"{{"id":"{}","type":"response"}}"#, "x".repeat(10_000));
    assert_eq!(answered(&mut proxied, &reply, now), None);
    assert!(
        proxied.picture()[0].answered.is_some(),
        "the oldest of equals"
    );
}
