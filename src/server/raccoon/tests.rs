use proptest::prelude::*;

use std::time::Duration;

use super::message::{Batch, Code, Event, Reply, SentTime, Wire};
use super::publisher::Published;
use super::*;

const AT: i64 = 1_700_000_001;

fn unhex(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn event(bytes: &[u8], kind: &str) -> Event {
    Event {
        bytes: bytes.to_vec(),
        kind: kind.to_owned(),
    }
}

#[test]
fn both_wires_read_the_same_batch() {
    let json = br#"{"req_guid":"demo-0001","sent_time":{"seconds":1700000000,"nanos":123456789},
        "events":[{"event_bytes":"eyJuYW1lIjoiaG9tZSJ9","type":"page"},
                  {"event_bytes":[10,10,117,115,101,114,95,99,108,105,99,107],"type":"click"}]}"#;
    let protobuf = unhex(
        "0a0964656d6f2d30303031120b0880e2cfaa0610959aef3a1a170a0f7b226e616d65223a22686f6d65227d\
         1204706167651a150a0c0a0a757365725f636c69636b1205636c69636b",
    );
    let expected = Batch {
        guid: "demo-0001".to_owned(),
        sent: SentTime {
            seconds: 1_700_000_000,
            nanos: 123_456_789,
        },
        events: vec![
            Some(event(br#"{"name":"home"}"#, "page")),
            Some(event(b"\x0a\x0auser_click", "click")),
        ],
    };
    assert_eq!(Wire::Json.decode(json), (expected.clone(), Ok(())));
    assert_eq!(Wire::Protobuf.decode(&protobuf), (expected, Ok(())));
}

#[test]
fn replies_on_both_wires() {
    let bad = "cannot deserialize request: unexpected end of JSON input";
    let partial = "cannot publish events: error when sending messages: \
                   Local: Unknown topic clickstream-page-log, <nil>";
    for (reply, json, hex) in [
        (
            Reply::success("demo-0001", AT),
            r#"{"status":1,"code":1,"sent_time":1700000001,"data":{"req_guid":"demo-0001"}}"#,
            "080110011881e2cfaa062a150a087265715f67756964120964656d6f2d30303031",
        ),
        (
            Reply::success("", AT),
            r#"{"status":1,"code":1,"sent_time":1700000001,"data":{"req_guid":""}}"#,
            "080110011881e2cfaa062a0c0a087265715f677569641200",
        ),
        (
            Reply::failure(Code::BadRequest, bad, Some(""), AT),
            r#"{"status":2,"code":2,"sent_time":1700000001,"reason":"cannot deserialize request: unexpected end of JSON input","data":{"req_guid":""}}"#,
            "",
        ),
        (
            Reply::failure(Code::InternalError, partial, Some("demo-0001"), AT),
            r#"{"status":2,"code":3,"sent_time":1700000001,"reason":"cannot publish events: error when sending messages: Local: Unknown topic clickstream-page-log, \u003cnil\u003e","data":{"req_guid":"demo-0001"}}"#,
            "080210031881e2cfaa06226463616e6e6f74207075626c697368206576656e74733a206572726f72207768656e2073656e64696e67206d657373616765733a204c6f63616c3a20556e6b6e6f776e20746f70696320636c69636b73747265616d2d706167652d6c6f672c203c6e696c3e2a150a087265715f67756964120964656d6f2d30303031",
        ),
    ] {
        assert_eq!(Wire::Json.encode(&reply), json.as_bytes());
        if !hex.is_empty() {
            assert_eq!(Wire::Protobuf.encode(&reply), unhex(hex));
        }
    }
}

/// What makes JSON undecodable, in Go's words, and the guid that had been read all the same.
const JSON_ERRORS: &[(&str, &str, &str)] = &[
    (
        "[]",
        "json: cannot unmarshal array into Go value of type raccoonv1.SendEventRequest",
        "",
    ),
    (
        "\"s\"",
        "json: cannot unmarshal string into Go value of type raccoonv1.SendEventRequest",
        "",
    ),
    (
        "true",
        "json: cannot unmarshal bool into Go value of type raccoonv1.SendEventRequest",
        "",
    ),
    (
        r#"{"req_guid":7}"#,
        "json: cannot unmarshal number into Go struct field SendEventRequest.req_guid of type string",
        "",
    ),
    (
        r#"{"sent_time":"2026-01-01T00:00:00Z","req_guid":"g"}"#,
        "json: cannot unmarshal string into Go struct field SendEventRequest.sent_time of type timestamppb.Timestamp",
        "g",
    ),
    (
        r#"{"req_guid":"g","sent_time":{"seconds":1e9}}"#,
        "json: cannot unmarshal number 1e9 into Go struct field Timestamp.sent_time.seconds of type int64",
        "g",
    ),
    (
        r#"{"sent_time":{"nanos":"5"}}"#,
        "json: cannot unmarshal string into Go struct field Timestamp.sent_time.nanos of type int32",
        "",
    ),
    (
        r#"{"events":[{"event_bytes":{"a":1},"type":5}],"req_guid":"g"}"#,
        "json: cannot unmarshal object into Go struct field Event.events.event_bytes of type []uint8",
        "g",
    ),
    (
        r#"{"events":[{"event_bytes":[1,300]}]}"#,
        "json: cannot unmarshal number 300 into Go struct field Event.events.event_bytes of type uint8",
        "",
    ),
    (
        r#"{"req_guid":"g","events":[{"event_bytes":"{}"}]}"#,
        "illegal base64 data at input byte 0",
        "g",
    ),
    (
        r#"{"req_guid":"g"} x"#,
        "invalid character 'x' after top-level value",
        "",
    ),
];

#[test]
fn json_that_does_not_fit() {
    for (text, error, guid) in JSON_ERRORS {
        let (batch, read) = Wire::Json.decode(text.as_bytes());
        assert_eq!(
            (read, &*batch.guid),
            (Err((*error).to_owned()), *guid),
            "{text}"
        );
    }
}

#[test]
fn json_that_is_taken_though_it_says_little() {
    for (text, guid, events) in [
        ("{}", "", 0),
        ("null", "", 0),
        (r#"{"reqGuid":"g","events":null}"#, "", 0),
        (r#"{"REQ_GUID":"g","Events":[{}]}"#, "g", 1),
        (r#"{"req_guid":"a","req_guid":"b","x":[{"y":1}]}"#, "b", 0),
        (
            r#"{"req_guid":"a","req_guid":null,"sent_time":null}"#,
            "a",
            0,
        ),
        (r#"{"sent_time":{"seconds":-1,"nanos":2000000000}}"#, "", 0),
        (r#"{"events":[{"eventBytes":"e30="}]}"#, "", 1),
    ] {
        let (batch, read) = Wire::Json.decode(text.as_bytes());
        assert_eq!(read, Ok(()), "{text}");
        assert_eq!((&*batch.guid, batch.events.len()), (guid, events), "{text}");
    }
}

#[test]
fn protobuf_keeps_what_came_before_the_error() {
    let invalid = Err(protobuf::INVALID.to_owned());
    for (bytes, read, guid) in [
        (&b"\xff\xff\xff"[..], invalid.clone(), ""),
        (b"\x0a\x04g-ok\x12", invalid.clone(), "g-ok"),
        (b"\x0a\x05ab", invalid.clone(), ""),
        (b"\x08\x01", Ok(()), ""),
        (b"", Ok(()), ""),
        (b"\x0a\x01g\x1a\x02\x0a\x05", invalid.clone(), "g"),
        (
            b"\x0a\x02\xff\xfe",
            Err("string field contains invalid UTF-8".to_owned()),
            "",
        ),
        (b"\x3b\x0a\x01x\x3c\x0a\x01g", Ok(()), "g"),
        (b"\x3c", invalid.clone(), ""),
        (b"\x00\x00", invalid, ""),
    ] {
        let (batch, got) = Wire::Protobuf.decode(bytes);
        assert_eq!((got, &*batch.guid), (read, guid), "{bytes:?}");
    }
}

fn sink(settings: &Settings) -> Sink {
    Sink::new(settings, Metrics::default())
}

fn batch(events: &[(&str, &[u8])]) -> Batch {
    let events = events.iter().map(|(kind, bytes)| Some(event(bytes, kind)));
    Batch {
        events: events.collect(),
        ..Batch::default()
    }
}

async fn outcome(sink: &Sink, batch: &Batch) -> Result<(), String> {
    match sink.publish(batch, b"g").await {
        Published::Done(outcome) => outcome,
        Published::Died => Err("died".to_owned()),
    }
}

/// What each sink says of a batch in which some types fail.
#[tokio::test]
async fn each_sink_fails_in_its_own_words() {
    let panic = "%!s(PANIC=Error method: runtime error: invalid memory address or nil pointer \
                 dereference)";
    let kafka = "error when sending messages: Local: Unknown topic clickstream-bad-log, <nil>";
    let pubsub = "error when sending messages: topic \"clickstream-bad-log\" doesn't exist in \
                  \"wspect\" project, <nil>";
    let log = "error when sending messages: proto: cannot parse invalid wire-format data";
    let text = "error when sending messages: no way to clickstream-said-log, \
                no way to clickstream-said-log";
    for (kind, kinds, expected) in [
        (SinkKind::Kafka, ["bad", "good"], kafka),
        (SinkKind::Kafka, ["good", "bad"], panic),
        (SinkKind::Kafka, ["said", "said"], text),
        (SinkKind::Pubsub, ["bad", "good"], pubsub),
        (SinkKind::Pubsub, ["good", "bad"], panic),
        (SinkKind::Log, ["good", "bad"], log),
        (SinkKind::Log, ["bad", "good"], log),
        (SinkKind::Log, ["said", "said"], text),
        (SinkKind::Log, ["die", "bad"], "died"),
    ] {
        let sink = sink(&Settings {
            sink: kind,
            faults: Faults {
                fail: vec![
                    (EventTypes::new("bad"), None),
                    (EventTypes::new("sa*"), Some("no way to %s".to_owned())),
                ],
                die: vec![EventTypes::new("die")],
                ..Faults::default()
            },
            ..Settings::default()
        });
        let batch = batch(&kinds.map(|kind| (kind, &b"{}"[..])));
        let outcome = outcome(&sink, &batch).await;
        assert_eq!(outcome, Err(expected.to_owned()), "{kind:?} {kinds:?}");
    }
}

/// The `log` sink looks into events, brokers do not.
#[tokio::test]
async fn only_the_log_sink_minds_what_is_in_an_event() {
    let noise = batch(&[("page", b"\xff\xff\xff no")]);
    for (kind, is_taken) in [
        (SinkKind::Log, false),
        (SinkKind::Kafka, true),
        (SinkKind::Pubsub, true),
    ] {
        let sink = sink(&Settings {
            sink: kind,
            ..Settings::default()
        });
        assert_eq!(outcome(&sink, &noise).await.is_ok(), is_taken, "{kind:?}");
    }
}

#[test]
fn the_time_since_a_batch_was_sent_is_the_client_s_word() {
    let now = 1_700_000_001_500_000;
    for (seconds, nanos, passed) in [
        (1_700_000_000, 500_000_000, 1000),
        (1_700_000_002, 0, -500),
        (0, 0, 1_700_000_001_500),
        (i64::MIN, 0, 9_223_372_036_854),
        (i64::MAX, i32::MAX, -9_223_372_036_854),
    ] {
        let sent = SentTime { seconds, nanos };
        assert_eq!(sent.until_ms(now), passed, "{sent:?}");
    }
}

#[tokio::test]
async fn a_broker_fails_one_batch_in_so_many_and_names_each_event() {
    let sink = sink(&Settings {
        publisher: Publisher::Broker {
            least: Duration::ZERO,
            most: Duration::ZERO,
            fail_one_in: 3,
        },
        ..Settings::default()
    });
    let batch = batch(&[("page", b"a"), ("click", b"b")]);
    let mut failed = Vec::new();
    for n in 1..=9 {
        if let Err(error) = outcome(&sink, &batch).await {
            failed.push(n);
            if n == 9 {
                assert!(error.starts_with("%!s(PANIC="), "{error}");
                continue;
            }
            assert!(
                error.starts_with("error when sending messages: "),
                "{error}"
            );
            assert!(error.ends_with(", <nil>"), "{error}");
        }
    }
    assert_eq!(failed, [3, 6, 9]);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let settings = Settings {
        queue: 0,
        ..Settings::default()
    };
    let error = start(settings).await.expect_err("no queue").to_string();
    assert!(error.contains("queue of 0"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = Wire::Json.decode(&bytes);
        let _ = Wire::Protobuf.decode(&bytes);
    }

    #[test]
    fn text_like_a_batch_makes_no_decoder_panic(
        text in r#"[{}\[\],:"0-9a-e\\u ]{0,40}|\{"(req_guid|events|sent_time)":[{}\[\]"0-9,:nul]{0,20}\}"#,
    ) {
        let _ = Wire::Json.decode(text.as_bytes());
    }
}
