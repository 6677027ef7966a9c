//! The small documents: raw frames in every system, and those of the other systems.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use wspect::compose::{self, ComposeError, Context, Prepared};
use wspect::protocol::generic::Correlate;
use wspect::protocol::savetowebsocket::Filters;
use wspect::protocol::websocketmq::Answer;
use wspect::protocol::{Command, Outgoing, PROTOCOLS, Settings, System};
use wspect::schema::Schema;

fn parse(text: &str, system: System) -> Result<Vec<Prepared>, ComposeError> {
    let mut settings = Settings::default();
    settings.generic.correlate = Correlate {
        request: ".params.id".to_owned(),
        reply: ".id".to_owned(),
    };
    let mut context = Context::new(0, 1);
    compose::parse(text, system, &settings, Schema::demo(), &mut context)
}

fn one(text: &str, system: System) -> Prepared {
    let mut all = parse(text, system).expect("the document is right");
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn refused(cases: &[(&str, &str)], system: System) {
    for (text, said) in cases {
        let error = parse(text, system)
            .expect_err("the document is wrong")
            .to_string();
        assert!(error.contains(said), "{text}\n{error}\n{said}");
    }
}

fn bytes(text: &str) -> Bytes {
    Bytes::from(text.to_owned())
}

#[test]
fn raw_frames_in_every_system() {
    for row in &PROTOCOLS {
        for (document, frame) in [
            (r#"{"text":"a\n${counter}"}"#, Outgoing::Text(bytes("a\n1"))),
            (r#"{"hex":"00ff"}"#, Outgoing::Binary(vec![0, 255].into())),
            (
                r#"{"base64":"AP8="}"#,
                Outgoing::Binary(vec![0, 255].into()),
            ),
            (r#"{"ping":"--ping--"}"#, Outgoing::Ping(bytes("--ping--"))),
            (r#"{"pong":""}"#, Outgoing::Pong(Bytes::new())),
            (
                r#"{"close":4000,"reason":"done"}"#,
                Outgoing::Close {
                    code: 4000,
                    reason: "done".into(),
                },
            ),
            (
                "close = 1000",
                Outgoing::Close {
                    code: 1000,
                    reason: String::new(),
                },
            ),
        ] {
            // Raccoon reads messages by its server's rules, also those as they stand.
            let is_message = matches!(frame, Outgoing::Text(_) | Outgoing::Binary(_));
            if row.system == System::Raccoon && is_message {
                continue;
            }
            let prepared = one(document, row.system);
            assert_eq!(
                prepared.command,
                Command::Raw(frame),
                "{} {document}",
                row.name
            );
        }
    }
}

#[test]
fn wrong_raw_frames() {
    let long = format!(r#"{{"ping":"{}"}}"#, "x".repeat(126));
    let reason = format!(r#"{{"close":1000,"reason":"{}"}}"#, "x".repeat(124));
    refused(
        &[
            (
                r#"{"hex":"0"}"#,
                "`hex` is not hex: 1 hexadecimal digits make no whole bytes",
            ),
            (r#"{"text":1}"#, "`text` must be a string"),
            (r#"{"text":"a","hex":"00"}"#, "unknown key `hex`"),
            (
                r#"{"close":1000,"raeson":"x"}"#,
                "unknown key `raeson`; did you mean `reason`?",
            ),
            (r#"{"close":1005}"#, "may not stand in a close frame"),
            (r#"{"close":"1000"}"#, "must be a whole number"),
            (
                &long,
                "`ping` has 126 bytes; a control frame takes at most 125",
            ),
            (
                &reason,
                "`reason` has 124 bytes; a close frame has room for 123",
            ),
        ],
        System::Raccoon,
    );
}

#[test]
fn generic_json_goes_out_as_it_is() {
    for text in [
        r#"{"op" : "subscribe",  "n": 1.0}"#,
        r#"{"text":"hi","user":1}"#,
        r#"{"text":{"a":1}}"#,
        r#"{"close":true}"#,
        r#"{"a":1,"a":2}"#,
        "[1,2]",
        "\"word\"",
    ] {
        let prepared = one(text, System::Generic);
        assert_eq!(prepared.command, Command::Raw(Outgoing::Text(bytes(text))));
        assert_eq!((prepared.expects_reply, prepared.key), (false, None));
    }
    let call = one(r#"{"params":{"id":"a\u0062"}}"#, System::Generic);
    assert_eq!(
        (call.expects_reply, call.key.as_deref()),
        (true, Some("ab"))
    );
    let call = one(r#"{"params":{"id":17}}"#, System::Generic);
    assert_eq!(call.key.as_deref(), Some("17"));
    refused(
        &[("hello", "to send plain text write {\"text\":\"…\"}")],
        System::Generic,
    );
}

#[test]
fn register_documents() {
    let prepared = one(
        r#"{"register":{"types":["payment"],"asset_codes":["native"],"min_amount":"5","custom":{"a": 1}}}"#,
        System::SaveToWebSocket,
    );
    let filters = Filters {
        types: vec!["payment".into()],
        asset_codes: vec!["native".into()],
        min_amount: "5".into(),
        custom: Some(r#"{"a": 1}"#.into()),
        ..Filters::default()
    };
    assert_eq!(prepared.command, Command::Register(filters));
    assert_eq!(prepared.label, "types payment · assets native");
    assert_eq!(
        one(r#"{"register":{}}"#, System::SaveToWebSocket).label,
        "everything"
    );
    refused(
        &[
            (
                r#"{"register":{"type":["x"]}}"#,
                "unknown key `register.type`; did you mean `types`?",
            ),
            (
                r#"{"register":{"types":"payment"}}"#,
                "`register.types` must be an array of strings",
            ),
            (
                r#"{"register":{"types":[1]}}"#,
                "`register.types[0]` must be a string",
            ),
            (
                r#"{"register":{"min_amount":5}}"#,
                "`register.min_amount` must be a string",
            ),
            (r#"{"types":["payment"]}"#, "filters stand inside"),
            ("{}", "needs `register`"),
            ("[]", "must be an object"),
        ],
        System::SaveToWebSocket,
    );
}

#[test]
fn broker_documents() {
    let topic = || "a.b".to_owned();
    let publish = |payload| Command::Publish {
        topic: topic(),
        payload,
    };
    let request = |payload, within| Command::Request {
        topic: topic(),
        payload,
        within,
    };
    let reply = |answer| Command::Reply {
        id: "i".to_owned(),
        topic: topic(),
        answer,
    };
    let five = Some(Duration::from_secs(5));
    for (document, command) in [
        (
            r#"{"publish":"a.b","payload":{"x": 1}}"#,
            publish(Some(bytes(r#"{"x": 1}"#))),
        ),
        (r#"{"publish":"a.b"}"#, publish(None)),
        (
            r#"{"request":"a.b","payload":null,"within":"5s"}"#,
            request(Some(bytes("null")), five),
        ),
        (r#"{"request":"a.b"}"#, request(None, None)),
        (
            r#"{"subscribe":"a.b"}"#,
            Command::Subscribe { topic: topic() },
        ),
        (
            r#"{"unsubscribe":"a.b"}"#,
            Command::Unsubscribe { topic: topic() },
        ),
        (
            r#"{"reply":"i","topic":"a.b","payload":1}"#,
            reply(Answer::Payload(Some(bytes("1")))),
        ),
        (
            r#"{"reply":"i","topic":"a.b","error":{"code":404,"message":"no"}}"#,
            reply(Answer::Failure {
                code: 404,
                message: "no".to_owned(),
            }),
        ),
    ] {
        let is_silent = matches!(command, Command::Publish { .. } | Command::Reply { .. });
        let prepared = one(document, System::WebSocketMq);
        assert_eq!(prepared.command, command, "{document}");
        assert_eq!(prepared.expects_reply, !is_silent, "{document}");
    }
}

#[test]
fn wrong_broker_documents() {
    refused(
        &[
            ("{}", "needs exactly one of publish, request"),
            (r#"{"publish":"a","request":"b"}"#, "needs exactly one of"),
            (
                r#"{"publih":"a"}"#,
                "unknown key `publih`; did you mean `publish`?",
            ),
            (
                r#"{"publish":""}"#,
                "the publish has no topic, and the broker ignores it in silence",
            ),
            (r#"{"publish":1}"#, "`publish` must be a string"),
            (r#"{"subscribe":"a","payload":1}"#, "unknown key `payload`"),
            (
                r#"{"request":"a","within":"soon"}"#,
                "`within` `soon` is not a duration",
            ),
            (
                r#"{"type":"publish","topic":"a"}"#,
                "this looks like an envelope",
            ),
            (
                r#"{"reply":"i","topic":"t","payload":1,"error":{}}"#,
                "an answer is one of payload, error",
            ),
        ],
        System::WebSocketMq,
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_prepared_or_refused(text in "[{}\\[\\]\":,a1=${}\n ]{0,40}") {
        for row in &PROTOCOLS {
            let _ = parse(&text, row.system);
        }
    }
}
