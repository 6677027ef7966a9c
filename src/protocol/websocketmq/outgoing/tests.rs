use super::*;
use crate::transport::clock;

fn now() -> Stamp {
    Stamp {
        wall_us: 1_746_840_000_000_000,
        ..clock::now()
    }
}

/// What is written, with fresh message ids made alike.
fn shown(written: impl Into<Option<Vec<u8>>>) -> String {
    let text = String::from_utf8(written.into().unwrap_or_default()).unwrap();
    match text.split_once(r#""messageID":"ma"#) {
        Some((before, after)) => format!(r#"{before}"messageID":"M{}"#, &after[14..]),
        None => text,
    }
}

fn payload(json: &'static str) -> Answer {
    Answer::Payload(Some(bytes::Bytes::from_static(json.as_bytes())))
}

fn failure() -> Answer {
    Answer::Failure {
        code: 500,
        message: "boom".to_owned(),
    }
}

#[test]
fn generation_2_is_written_as_the_go_peers_write() {
    let mut pen = Pen::new([1; 16], Dialect::G2);
    let (now, ttl) = (now(), Duration::from_secs(5));
    let own = Introduction {
        client_id: "abc",
        name: "wspect",
        kind: "inspector",
        url: "",
    };
    for (written, expected) in [
        (
            Some(pen.request(now, "1", "t", None, ttl)),
            r#"{"id":"1","type":"request","topic":"t"}"#,
        ),
        (
            Some(pen.publish(now, "t", Some(b"[1]"))),
            r#"{"type":"publish","topic":"t","payload":[1]}"#,
        ),
        (
            pen.subscribe(now, "1", "a\"b"),
            r#"{"id":"1","type":"subscribe_request","topic":"a\"b"}"#,
        ),
        (
            pen.unsubscribe(now, "1", "t"),
            r#"{"id":"1","type":"unsubscribe_request","topic":"t"}"#,
        ),
        (
            pen.reply(now, Some("1"), "t", &payload("{}")),
            r#"{"id":"1","type":"response","topic":"t","payload":{}}"#,
        ),
        (
            pen.reply(now, None, "t", &Answer::Payload(None)),
            r#"{"type":"response","topic":"t"}"#,
        ),
        (
            pen.reply(now, Some("1"), "t", &failure()),
            r#"{"id":"1","type":"error","topic":"t","error":{"code":500,"message":"boom"}}"#,
        ),
        (
            pen.reply(
                now,
                Some("1"),
                "t",
                &Answer::Soft {
                    message: "boom".to_owned(),
                },
            ),
            r#"{"id":"1","type":"error","topic":"t","payload":{"error":"boom"}}"#,
        ),
        (
            pen.reply(now, Some("1"), "client:nope", &Answer::Unhandled),
            r#"{"id":"1","type":"error","topic":"client:nope","error":{"code":404,"message":"Client has no handler for topic: client:nope"}}"#,
        ),
        (pen.reply(now, Some("1"), "t", &Answer::Silence), ""),
        (
            Some(own.message("1")),
            r#"{"id":"1","type":"request","topic":"system:register","payload":{"clientId":"abc","clientName":"wspect","clientType":"inspector","clientUrl":""}}"#,
        ),
    ] {
        assert_eq!(shown(written), expected);
    }
}

#[test]
fn generation_1_is_written_as_the_browser_writes() {
    let mut pen = Pen::new([1; 16], Dialect::G1_3);
    let (now, ttl) = (now(), Duration::from_secs(5));
    for (written, expected) in [
        (
            Some(pen.request(now, "c", "t", Some(b"1"), ttl)),
            r#"{"header":{"messageID":"M","correlationID":"c","type":"request","topic":"t","timestamp":1746840000000,"ttl":5000},"body":1}"#,
        ),
        (
            Some(pen.publish(now, "t", None)),
            r#"{"header":{"messageID":"M","type":"event","topic":"t","timestamp":1746840000000}}"#,
        ),
        (pen.subscribe(now, "c", "t"), ""),
        (pen.unsubscribe(now, "c", "t"), ""),
        (
            pen.reply(now, Some("c"), "t", &payload("{}")),
            r#"{"header":{"messageID":"M","correlationID":"c","type":"response","topic":"c","timestamp":1746840000000},"body":{}}"#,
        ),
        (
            pen.reply(now, Some("c"), "t", &failure()),
            r#"{"header":{"messageID":"M","correlationID":"c","type":"error","topic":"c","timestamp":1746840000000},"body":{"error":"boom"}}"#,
        ),
        (
            pen.reply(
                now,
                Some("c"),
                "t",
                &Answer::Soft {
                    message: "boom".to_owned(),
                },
            ),
            r#"{"header":{"messageID":"M","correlationID":"c","type":"error","topic":"c","timestamp":1746840000000},"body":{"error":{"message":"boom"}}}"#,
        ),
        (
            pen.reply(now, Some("c"), "t", &Answer::Unhandled),
            r#"{"header":{"messageID":"M","correlationID":"c","type":"error","topic":"c","timestamp":1746840000000},"body":{"error":"no handler for topic: t"}}"#,
        ),
        (
            Some(pen.register_1(now, "page-1")),
            r#"{"header":{"messageID":"M","type":"event","topic":"_client.register","timestamp":1746840000000},"body":{"pageSessionID":"page-1"}}"#,
        ),
    ] {
        assert_eq!(shown(written), expected);
    }
}

#[test]
fn subscriptions_of_generation_1_by_dialect() {
    let written = |dialect| {
        let mut pen = Pen::new([1; 16], dialect);
        [
            shown(pen.subscribe(now(), "m", "t")),
            shown(pen.unsubscribe(now(), "m", "t")),
        ]
    };
    let first = [
        r#"{"header":{"messageID":"m","type":"subscribe","topic":"t","timestamp":1746840000000}}"#,
        r#"{"header":{"messageID":"m","type":"unsubscribe","topic":"t","timestamp":1746840000000}}"#,
    ];
    assert_eq!(written(Dialect::G1_0), first);
    let second = [
        r#"{"header":{"messageID":"m","type":"subscribe","topic":"subscribe","timestamp":1746840000000},"body":"t"}"#,
        r#"{"header":{"messageID":"m","type":"unsubscribe","topic":"unsubscribe","timestamp":1746840000000},"body":"t"}"#,
    ];
    assert_eq!(written(Dialect::G1_1), second);
}

#[test]
fn a_reply_in_generation_1_1_is_an_event_on_the_correlation_id() {
    let mut pen = Pen::new([1; 16], Dialect::G1_1);
    let written = pen.reply(now(), Some("c"), "t", &payload("7"));
    assert_eq!(
        shown(written),
        r#"{"header":{"messageID":"M","correlationID":"c","type":"event","topic":"c","timestamp":1746840000000},"body":7}"#
    );
}
