use super::*;
use crate::compose::{parse, written};
use crate::protocol::System;
use crate::protocol::websocketmq::{Answer, Order};
use crate::schema::Schema;

fn read_by(text: &str, settings: &crate::protocol::Settings) -> Result<Prepared, String> {
    let mut context = Context::new(0, 1);
    let system = System::WebSocketMq;
    let parsed = parse(text, system, settings, Schema::demo(), &mut context);
    let mut parsed = parsed.map_err(|error| error.to_string())?;
    assert_eq!(parsed.len(), 1, "{text}");
    Ok(parsed.remove(0))
}

fn read(text: &str) -> Result<Prepared, String> {
    read_by(text, &crate::protocol::Settings::default())
}

fn is_read_and_written_back(text: &str, expected: &Command) {
    let prepared = read(text).unwrap();
    assert_eq!(prepared.command, *expected, "{text}");
    let again = written(expected).unwrap_or_else(|| panic!("{text} has no document"));
    assert_eq!(read(&again).unwrap().command, *expected, "{again}");
}

#[test]
fn calls_and_answers_are_read_and_written_back() {
    let payload = Some(Bytes::from_static(b"{\"n\": 1.50}"));
    let proxied = |target: Option<&str>| Command::Proxy {
        target: target.map(str::to_owned),
        topic: "browser.info".to_owned(),
        payload: payload.clone(),
        within: Some(Duration::from_millis(1_500)),
    };
    let reply = |answer| Command::Reply {
        id: "7".to_owned(),
        topic: "t".to_owned(),
        answer,
    };
    for (text, expected) in [
        (
            r#"{"proxy":"a1b2c3d4","topic":"browser.info","payload":{"n": 1.50},"within":"1.5s"}"#,
            proxied(Some("a1b2c3d4")),
        ),
        (
            r#"{"proxy":"self","topic":"browser.info","payload":{"n": 1.50},"within":"1500ms"}"#,
            proxied(None),
        ),
        (
            r#"{"reply":"7","topic":"t","payload":{"n": 1.50}}"#,
            reply(Answer::Payload(payload.clone())),
        ),
        (r#"{"reply":"7","topic":"t"}"#, reply(Answer::Payload(None))),
        (
            r#"{"reply":"7","topic":"t","error":{"code":404,"message":"no"}}"#,
            reply(Answer::Failure {
                code: 404,
                message: "no".to_owned(),
            }),
        ),
        (
            r#"{"reply":"7","topic":"t","soft":"boom"}"#,
            reply(Answer::Soft {
                message: "boom".to_owned(),
            }),
        ),
        (
            r#"{"reply":"7","topic":"t","unhandled":true}"#,
            reply(Answer::Unhandled),
        ),
        (
            r#"{"reply":"7","topic":"t","silence":true}"#,
            reply(Answer::Silence),
        ),
        (
            r#"{"reply":"7","topic":"t","verbatim":"{\"id\":7"}"#,
            reply(Answer::Verbatim(Bytes::from_static(b"{\"id\":7"))),
        ),
    ] {
        is_read_and_written_back(text, &expected);
    }
}

#[test]
fn orders_are_read_and_written_back() {
    for (text, order) in [
        (
            r#"{"register":{"name":"desk","type":"cli"}}"#,
            Command::Steer(Order::Register {
                name: "desk".to_owned(),
                kind: "cli".to_owned(),
                url: String::new(),
            }),
        ),
        (r#"{"probe":true}"#, Command::Steer(Order::Probe)),
        (
            r#"{"speak":"1.3"}"#,
            Command::Steer(Order::Speak(Dialect::G1_3)),
        ),
        (
            r#"{"hold_calls":true}"#,
            Command::Steer(Order::HoldCalls(true)),
        ),
        (
            r#"{"clients":"2s"}"#,
            Command::Steer(Order::WatchClients(Some(Duration::from_secs(2)))),
        ),
        (
            r#"{"clients":true}"#,
            Command::Steer(Order::WatchClients(Some(Duration::from_secs(5)))),
        ),
        (
            r#"{"clients":false}"#,
            Command::Steer(Order::WatchClients(None)),
        ),
    ] {
        is_read_and_written_back(text, &order);
    }
}

#[test]
fn complaints_name_the_place_and_what_to_do() {
    for (text, part) in [
        (r#"{"proxy":"a"}"#, "needs `topic`"),
        (
            r#"{"proxy":"","topic":"t"}"#,
            "`proxy` is empty: name the id of a client",
        ),
        (
            r#"{"proxy":7,"topic":"t"}"#,
            "`proxy` must be a string, found a number",
        ),
        (r#"{"proxy":"a","topic":"t","within":"soon"}"#, "`within` "),
        (r#"{"request":"t","timeout":"5s"}"#, "did you mean `within`"),
        (r#"{"header":{},"body":{}}"#, "message of generation 1"),
        (
            r#"{"reply":"1","payload":1,"soft":"x"}"#,
            "`soft` stands beside `payload`; an answer is one of",
        ),
        (
            r#"{"reply":"1","silence":false}"#,
            "`silence` is false, which says nothing",
        ),
        (r#"{"reply":"1","error":"no"}"#, "`error` must be an object"),
        (
            r#"{"reply":"1","error":{"code":"x"}}"#,
            "`error.code` must be a whole number",
        ),
        (r#"{"register":{"clientName":"x"}}"#, "did you mean `name`?"),
        (r#"{"register":{"id":"x"}}"#, "does not change it"),
        (r#"{"register":"x"}"#, "`register` must be an object"),
        (r#"{"probe":false}"#, "write {\"probe\":true}"),
        (r#"{"clients":5}"#, "`clients` must be a time such as"),
        (r#"{"clients":"1ms"}"#, "too often"),
        (r#"{"speak":"3"}"#, "is no dialect; known are 1, 1.0"),
        (r#"{"hold_calls":"yes"}"#, "must be true or false"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn what_would_hurt_is_refused_unless_it_is_asked_for() {
    let large = format!("\"{}\"", "x".repeat(1 << 20));
    for (text, part) in [
        (r#"{"publish":""}"#.to_owned(), "ignores it in silence"),
        (r#"{"subscribe":""}"#.to_owned(), "answers error 400"),
        (
            format!("{{\"request\":\"t\",\"payload\":{large}}}"),
            "closes with 1009",
        ),
    ] {
        let error = read(&text).unwrap_err();
        assert!(
            error.contains(part) && error.contains("\"lint\": false"),
            "{error}"
        );
        let unlinted = text.replacen('{', "{\"lint\":false,", 1);
        let prepared = read(&unlinted).unwrap();
        assert!(
            prepared.warnings[0].contains(part),
            "{:?}",
            prepared.warnings
        );
        assert!(matches!(prepared.command, Command::Raw(Outgoing::Text(_))));
    }
    let mut settings = crate::protocol::Settings::default();
    settings.websocketmq.unlinted = true;
    let prepared = read_by(r#"{"publish":""}"#, &settings).unwrap();
    let Command::Raw(Outgoing::Text(text)) = prepared.command else {
        panic!("{prepared:?}");
    };
    assert_eq!(text, r#"{"type":"publish"}"#);
}

#[test]
fn what_a_dialect_does_not_do_is_told() {
    let mut settings = crate::protocol::Settings::default();
    settings.websocketmq.generation = Speak::Told(Dialect::G1_3);
    let told = |text: &str| read_by(text, &settings).unwrap().warnings.join("; ");
    assert!(told(r#"{"subscribe":"t"}"#).contains("no subscriptions on the wire"));
    assert!(told(r#"{"text":"{\"type\":\"publish\"}"}"#).contains("generation 2"));
    let error = read_by(r#"{"proxy":"self","topic":"t","lint":false}"#, &settings).unwrap_err();
    assert!(error.contains("write the whole message"), "{error}");
    assert_eq!(read(r#"{"subscribe":"t"}"#).unwrap().warnings, [""; 0]);
    let odd = read(r#"{"text":"{\"id\":7}"}"#)
        .unwrap()
        .warnings
        .join("; ");
    assert!(odd.contains("closes with 1007"), "{odd}");
}
