use super::*;

fn read(text: &str) -> Envelope<'_> {
    Envelope::read(text.as_bytes(), Direction::Out)
}

#[test]
fn members_are_read_as_go_reads_them() {
    let envelope = read(r#"{"ID":"a","id":"b","Type":"request","topic":null,"payload":null}"#);
    assert_eq!(envelope.id.as_deref(), Some("b"));
    assert_eq!(envelope.kind, Kind::Request);
    assert_eq!(envelope.generation, Some(Generation::Two));
    assert_eq!(envelope.label(), "(no topic)");
    assert!(envelope.payload.is_none() && envelope.fault.is_none());
}

#[test]
fn faults_by_case() {
    for (text, fault) in [
        (r#"{"id":7,"type":"request"}"#, Some("`id` is not a string")),
        (r#"{"type":{}}"#, Some("`type` is not a string")),
        (
            r#"{"type":"error","error":"x"}"#,
            Some("`error` is not an object"),
        ),
        (r#"[{"type":"request"}]"#, Some("not a JSON object")),
        ("", Some("not a JSON object")),
        ("{}", None),
        (r#"{"type":"odd"}"#, None),
        (
            r#"{"header":{"type":"request","timestamp":"1"}}"#,
            Some("`timestamp` is not a whole number"),
        ),
        (
            r#"{"header":{"type":"request","ttl":1.5}}"#,
            Some("`ttl` is not a whole number"),
        ),
        (
            r#"{"header":{"type":"request","timestamp":1.0e3}}"#,
            Some("`timestamp` is not a whole number"),
        ),
        (
            r#"{"header":{"type":"request","correlationID":7}}"#,
            Some("`correlationID` is not a string"),
        ),
        (r#"{"header":{"timestamp":-5}}"#, None),
        (r#"{"id":7,"header":{"type":"event"}}"#, None),
    ] {
        assert_eq!(read(text).fault.as_deref(), fault, "{text}");
    }
}

#[test]
fn a_message_of_generation_1_in_the_words_of_generation_2() {
    let envelope = read(
        r#"{"body":[1],"header":{"messageID":"m","correlationID":"c","type":"request","topic":"t","timestamp":1746840000000,"ttl":5000}}"#,
    );
    assert!(envelope.is_first_generation());
    assert_eq!(envelope.kind, Kind::Request);
    assert_eq!((envelope.id.as_deref(), &*envelope.topic), (Some("c"), "t"));
    assert_eq!(envelope.payload, Some(&b"[1]"[..]));
    let head = envelope.head.unwrap();
    assert_eq!(head.message_id, "m");
    assert_eq!(
        (head.timestamp, head.ttl),
        (Some(1_746_840_000_000), Some(5_000))
    );
}

#[test]
fn the_topic_of_a_reply_in_generation_1_is_none() {
    for topic in ["c", "another.topic"] {
        let text =
            format!(r#"{{"header":{{"correlationID":"c","type":"response","topic":"{topic}"}}}}"#);
        let envelope = read(&text);
        assert_eq!((envelope.id.as_deref(), &*envelope.topic), (Some("c"), ""));
        let head = envelope.head.unwrap();
        assert_eq!(head.topic.as_deref(), Some(topic));
    }
}

#[test]
fn subscriptions_of_generation_1_by_form() {
    for (text, topic, id) in [
        (
            r#"{"header":{"messageID":"m","type":"subscribe","topic":"subscribe"},"body":"server.tick"}"#,
            "server.tick",
            None,
        ),
        (
            r#"{"header":{"messageID":"m","type":"subscribe","topic":"server.tick"}}"#,
            "server.tick",
            Some("m"),
        ),
        (
            r#"{"header":{"messageID":"m","type":"unsubscribe","topic":"unsubscribe"},"body":7}"#,
            "",
            None,
        ),
    ] {
        let envelope = read(text);
        assert_eq!((&*envelope.topic, envelope.id.as_deref()), (topic, id));
        assert_eq!(envelope.asks(Direction::Out), id.is_some());
    }
}

#[test]
fn a_publish_is_not_read_beyond_its_topic() {
    let text = br#"{"type":"publish","topic":"t","payload":{"#;
    let envelope = Envelope::read(text, Direction::In);
    assert_eq!((envelope.kind, &*envelope.topic), (Kind::Publish, "t"));
    let text = br#"{"header":{"type":"event","topic":"t"},"body":{"#;
    let envelope = Envelope::read(text, Direction::In);
    assert_eq!((envelope.kind, &*envelope.topic), (Kind::Publish, "t"));
}

#[test]
fn the_content_of_a_publish_is_read_when_asked_for() {
    for (text, content) in [
        (r#"{"type":"publish","topic":"t","payload":7}"#, Some("7")),
        (r#"{"type":"publish","topic":"t","payload":null}"#, None),
        (
            r#"{"header":{"type":"event","topic":"t"},"body":7}"#,
            Some("7"),
        ),
        (r#"{"header":{"type":"event","topic":"t"}}"#, None),
    ] {
        let envelope = Envelope::read(text.as_bytes(), Direction::In);
        let found = envelope.content(text.as_bytes());
        assert_eq!(found, content.map(str::as_bytes), "{text}");
    }
}

#[test]
fn soft_failures_by_case() {
    for (text, soft) in [
        (r#"{"type":"error","payload":{"error":"boom"}}"#, true),
        (r#"{"type":"error","error":{"code":404}}"#, false),
        (r#"{"type":"response","error":{}}"#, true),
        (r#"{"type":"response","error":null}"#, false),
        (r#"{"type":"response","payload":{"error":"boom"}}"#, true),
        (r#"{"type":"response","payload":{"error":null}}"#, false),
        (r#"{"type":"response","payload":{"success":false}}"#, true),
        (r#"{"type":"response","payload":"error"}"#, false),
        (
            r#"{"header":{"type":"error"},"body":{"error":"boom"}}"#,
            false,
        ),
        (
            r#"{"header":{"type":"response"},"body":{"success":false}}"#,
            true,
        ),
    ] {
        assert_eq!(read(text).soft_failure().is_some(), soft, "{text}");
    }
}

#[test]
fn an_error_object_may_lack_everything() {
    let envelope = read(r#"{"type":"error","error":{}}"#);
    assert_eq!(envelope.failure(), Some((0, Cow::Borrowed(""))));
    let envelope = read(r#"{"header":{"type":"error"}}"#);
    assert_eq!(envelope.failure(), Some((0, Cow::Borrowed(""))));
}
