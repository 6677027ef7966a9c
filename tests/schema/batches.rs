//! Raccoon's batch documents: to the byte, and what is refused.

use wspect::compose::{self, ComposeError, Context, Prepared};
use wspect::hex;
use wspect::protocol::raccoon::{EncodedBatch, Serialization, Transport, Wire};
use wspect::protocol::{Command, Settings, System};
use wspect::schema::Schema;

/// 2023-11-14T22:13:20.123456Z
const NOW: i64 = 1_700_000_000_123_456;

fn parse_with(
    text: &str,
    wire: Wire,
    serialization: Serialization,
) -> Result<Vec<Prepared>, ComposeError> {
    let mut settings = Settings::default();
    settings.raccoon.wire = wire;
    settings.raccoon.serialization = serialization;
    let mut context = Context::new(NOW, 1);
    compose::parse(
        text,
        System::Raccoon,
        &settings,
        Schema::demo(),
        &mut context,
    )
}

fn one(text: &str, wire: Wire, serialization: Serialization) -> (Prepared, EncodedBatch) {
    let mut all = parse_with(text, wire, serialization).expect("the document is right");
    let prepared = all.remove(0);
    assert!(all.is_empty());
    let Command::Batch(batch) = prepared.command.clone() else {
        panic!("{:?}", prepared.command);
    };
    (prepared, batch)
}

fn json(text: &str) -> String {
    let (_, batch) = one(text, Wire::Json, Serialization::Json);
    String::from_utf8(batch.bytes.to_vec()).expect("the JSON wire is text")
}

fn refused(text: &str) -> String {
    parse_with(text, Wire::Protobuf, Serialization::Protobuf)
        .expect_err("the document is wrong")
        .to_string()
}

/// The sample of the protocol's description: one JSON event, one protobuf event.
const SAMPLE: &str = r#"{"req_guid":"demo-0001","sent_time":{"seconds":1700000000,"nanos":123456789},
 "events":[{"type":"page","serialization":"json","data":{"name":"home"}},
           {"type":"click","data":{"button":"user_click"}}]}"#;

#[test]
fn the_sample_on_both_wires() {
    let (prepared, batch) = one(SAMPLE, Wire::Protobuf, Serialization::Protobuf);
    assert_eq!(
        hex::encode(&batch.bytes),
        "0a0964656d6f2d30303031120b0880e2cfaa0610959aef3a1a170a0f7b226e616d65223a22686f6d65227d1204706167651a150a0c0a0a757365725f636c69636b1205636c69636b"
    );
    assert_eq!(
        (batch.guid.as_str(), batch.wire),
        ("demo-0001", Wire::Protobuf)
    );
    assert_eq!(prepared.key.as_deref(), Some("demo-0001"));
    assert!(prepared.expects_reply);
    assert_eq!(prepared.label, "page×1 click×1");
    let (_, batch) = one(SAMPLE, Wire::Json, Serialization::Protobuf);
    assert_eq!(
        String::from_utf8_lossy(&batch.bytes),
        r#"{"req_guid":"demo-0001","sent_time":{"seconds":1700000000,"nanos":123456789},"events":[{"event_bytes":"eyJuYW1lIjoiaG9tZSJ9","type":"page"},{"event_bytes":"Cgp1c2VyX2NsaWNr","type":"click"}]}"#
    );
}

#[test]
fn the_preview_names_message_size_and_destination() {
    let (prepared, _) = one(SAMPLE, Wire::Protobuf, Serialization::Protobuf);
    let preview = prepared.preview.unwrap();
    assert_eq!(preview.size, 72);
    let [page, click] = preview.events.as_slice() else {
        panic!("{preview:?}");
    };
    assert_eq!((page.size, page.serialization), (15, Serialization::Json));
    assert_eq!(page.destination, "clickstream-page-log");
    assert_eq!(click.message.as_deref(), Some("demo.ClickEvent"));
}

#[test]
fn guid_and_time_are_filled_in_unless_told_otherwise() {
    let text = json(r#"{"events":[]}"#);
    let guid = &text[13..49];
    assert_eq!(uuid::Uuid::parse_str(guid).unwrap().get_version_num(), 4);
    assert_eq!(
        &text[50..],
        r#","sent_time":{"seconds":1700000000,"nanos":123456000},"events":[]}"#
    );
    for (document, wire) in [
        (r#"{"req_guid":null,"sent_time":null}"#, r#"{"events":[]}"#),
        (
            r#"{"req_guid":"","sent_time":"1969-12-31T23:59:59.5Z"}"#,
            r#"{"req_guid":"","sent_time":{"seconds":-1,"nanos":500000000},"events":[]}"#,
        ),
        (
            r#"{"req_guid":"${random:x}-${counter}","sent_time":{"seconds":-5}}"#,
            r#"{"req_guid":"x-1","sent_time":{"seconds":-5,"nanos":0},"events":[]}"#,
        ),
    ] {
        assert_eq!(json(document), wire);
    }
    let (prepared, batch) = one(
        r#"{"req_guid":null,"sent_time":null}"#,
        Wire::Protobuf,
        Serialization::Raw,
    );
    assert!(batch.bytes.is_empty());
    assert_eq!(
        (prepared.label.as_str(), prepared.key.as_deref()),
        ("empty", Some(""))
    );
}

#[test]
fn payloads_by_kind() {
    for (event, base64) in [
        (
            r#"{"type":"t","data":{"b" : 1.50, "a":"ä"}}"#,
            "eyJiIjoxLjUwLCJhIjoiw6QifQ==",
        ),
        (r#"{"type":"t","base64":"AAEC"}"#, "AAEC"),
        (r#"{"type":"t","base64":"AA\nEC"}"#, "AAEC"),
        (r#"{"type":"t","hex":"00 01 02"}"#, "AAEC"),
        (r#"{"type":"t","text":"hi"}"#, "aGk="),
        (r#"{"type":"t","base64":""}"#, ""),
        (r#"{"type":"t","event_bytes":"AAEC"}"#, "AAEC"),
        (r#"{"type":"t","event_bytes":[0,1,2]}"#, "AAEC"),
        (r#"{"type":"t","serialization":"raw","data":"hi"}"#, "aGk="),
    ] {
        let text = json(&format!(
            r#"{{"req_guid":null,"sent_time":null,"events":[{event}]}}"#
        ));
        let wanted = format!(r#"{{"events":[{{"event_bytes":"{base64}","type":"t"}}]}}"#);
        assert_eq!(text, wanted);
    }
}

#[test]
fn templates_reach_into_data() {
    let document = r#"{"events":[{"type":"click","message":"demo.ClickEvent",
        "data":{"button":"buy ${counter}","at":"${now}","position":{"x":${random:7..7}}}}]}"#;
    let (_, batch) = one(document, Wire::Protobuf, Serialization::Protobuf);
    let text = hex::encode(&batch.bytes);
    // "buy 1", the time of the context, zigzag 7.
    for piece in ["0a056275792031", "0880e2cfaa0610", "2a02080e"] {
        assert!(text.contains(piece), "{piece} in {text}");
    }
}

#[test]
fn a_captured_request_is_a_document() {
    let captured = r#"{"req_guid":"guid-2","sent_time":{"seconds":1767225600,"nanos":5000000},"events":[{"event_bytes":"eyJ1cmwiOiIvaG9tZSIsIm1zIjoxMn0=","type":"page"},{"event_bytes":"CgIIARIFaW5uZXI=","type":"click"}]}"#;
    assert_eq!(json(captured), captured);
}

#[test]
fn streams_and_toml_give_several_batches() {
    let stream = "{\"req_guid\":\"a\"}\n\n{\"req_guid\":\"b\",\"events\":[]} {\"req_guid\":\"c\"}";
    let toml = "[[batch]]\nreq_guid = \"a\"\n\n[[batch]]\nreq_guid = \"b\"\n\
                [[batch.events]]\ntype = \"click\"\ndata = { button = \"x\", at = 2026-01-01T00:00:00Z }\n\
                [[batch]]\nreq_guid = \"c\"\n";
    for text in [stream, toml] {
        let all = parse_with(text, Wire::Protobuf, Serialization::Protobuf).unwrap();
        let keys: Vec<_> = all.iter().filter_map(|one| one.key.as_deref()).collect();
        assert_eq!(keys, ["a", "b", "c"]);
    }
}

/// Wrong documents, and what is said of them.
const WRONG: &[(&str, &str)] = &[
    (
        "{\"evnets\":[]}",
        "document 1, line 1: unknown key `evnets`; did you mean `events`?",
    ),
    (
        "{}\n{\n\"events\":[\n{\"type\":1}]}",
        "document 2, line 4: `events[0].type` must be a string, found a number",
    ),
    (
        "{\"reqGuid\":\"x\"}",
        "unknown key `reqGuid`; write `req_guid`: the server ignores camelCase and still says success",
    ),
    (
        r#"{"events":[{"type":"x","eventBytes":"AA=="}]}"#,
        "`events[0].eventBytes`; the server ignores camelCase and publishes an empty event with a success ack; write `data`",
    ),
    (r#"{"type":"click","data":{}}"#, "events stand in a list"),
    (
        r#"{"events":{}}"#,
        "`events` must be an array, found an object",
    ),
    (
        r#"{"events":[null]}"#,
        "`events[0]` must be an object, found null",
    ),
    (r#"{"events":[{"data":{}}]}"#, "`events[0]` needs `type`"),
    (
        r#"{"events":[{"type":"click"}]}"#,
        "`events[0]` has no payload",
    ),
    (
        r#"{"events":[{"type":"click","data":{},"hex":"00"}]}"#,
        "`events[0].hex` stands beside `data`; keep one",
    ),
    (
        r#"{"events":[{"type":"click","type":"page","data":{}}]}"#,
        "`events[0].type` is there twice",
    ),
    (
        r#"{"events":[{"type":"other","data":{}}]}"#,
        "no message is mapped to event type `other`; name one with \"message\"",
    ),
    (
        r#"{"events":[{"type":"x","message":"demo.ClikEvent","data":{}}]}"#,
        "`events[0].message` names the message `demo.ClikEvent`, which no schema defines; the nearest is `demo.ClickEvent`",
    ),
    (
        r#"{"events":[{"type":"x","base64":"AA"}]}"#,
        "`events[0].base64` is not padded standard base64",
    ),
    (
        r#"{"events":[{"type":"x","hex":"0g"}]}"#,
        "`events[0].hex` is not hex: 'g' at character 2",
    ),
    (
        r#"{"events":[{"type":"x","event_bytes":[256]}]}"#,
        "`events[0].event_bytes[0]` must be a byte",
    ),
    (
        r#"{"wire":"xml"}"#,
        "`wire` is \"xml\"; it can be protobuf or json",
    ),
    (
        r#"{"serialization":"avro"}"#,
        "`serialization` is \"avro\"; it can be protobuf, json or raw",
    ),
    (
        r#"{"sent_time":"soon"}"#,
        "`sent_time` must be a time such as",
    ),
    (
        r#"{"sent_time":1700000000}"#,
        "`sent_time` must be a time such as",
    ),
    (
        r#"{"sent_time":{"seconds":1,"nano":2}}"#,
        "unknown key `sent_time.nano`; did you mean `nanos`?",
    ),
    (
        "{\"events\":[}",
        "document 1, line 1: not JSON: `}` where a value should be",
    ),
    (
        "{}\n{\"events\":",
        "document 2, line 2: not JSON: the text ends",
    ),
    ("{}\nhello", "document 2, line 2: not JSON"),
    ("[]", "must be an object, found an array"),
    (
        "{\n\"req_guid\":\"${nope}\"}",
        "document 1, line 2: unknown template ${nope}",
    ),
    (
        "[[batch]]\nevents = 1",
        "document 1: `events` must be an array, found a number",
    ),
    ("req_guid = ", "document 1, line 1: not TOML"),
];

#[test]
fn wrong_documents_say_where_and_what_instead() {
    for (document, said) in WRONG {
        let error = refused(document);
        assert!(error.contains(said), "{document}\n{error}\n{said}");
    }
}

#[test]
fn data_that_does_not_fit_is_refused_with_its_path_and_line() {
    let document = "{\"events\":[\n{\"type\":\"page\",\"data\":{}},\n{\"type\":\"purchase\",\"data\":{\n\"items\":[{},\n{\"price\":\"much\"}]}}]}";
    assert_eq!(
        refused(document),
        "document 1, line 5: `events[1].data.items[1].price` does not fit demo.PurchaseEvent: \
         expected double, found the string \"much\""
    );
    let unknown = r#"{"events":[{"type":"click","data":{"buton":"x"}}]}"#;
    assert!(refused(unknown).contains(
        "`events[0].data.buton` does not fit demo.ClickEvent: there is no such field; \
         the nearest is `button`"
    ));
    // Named with JSON events, the message is checked all the same.
    let named = r#"{"serialization":"json","events":[{"type":"x","message":"ClickEvent","data":{"buton":"x"}}]}"#;
    assert!(refused(named).contains("does not fit demo.ClickEvent"));
}

#[test]
fn environment_is_what_the_context_says() {
    let env = |name: &str| (name == "WHO").then(|| "me".to_owned());
    let mut context = Context::new(NOW, 1).with_env(&env);
    let parsed = compose::parse(
        r#"{"req_guid":"${env:WHO}"} {"req_guid":"${counter}"}"#,
        System::Raccoon,
        &Settings::default(),
        Schema::demo(),
        &mut context,
    );
    let keys: Vec<_> = parsed
        .unwrap()
        .into_iter()
        .filter_map(|one| one.key)
        .collect();
    assert_eq!(keys, ["me", "2"]);
    assert!(refused(r#"{"req_guid":"${env:WHO}"}"#).contains("WHO is not set"));
}

#[test]
fn messages_as_they_stand_go_out_byte_for_byte() {
    let raw = r#"{ "req_guid":"h-1", "sent_time":{"seconds":1700000000}, "events":[] }"#;
    for (document, wire, transport, bytes) in [
        (
            format!(r#"{{"raw":{raw}}}"#),
            Wire::Json,
            Transport::WebSocket,
            raw.as_bytes(),
        ),
        (
            r#"{"text":"{\"req_guid\":\"h-1\"}","transport":"rest"}"#.to_owned(),
            Wire::Json,
            Transport::Rest,
            br#"{"req_guid":"h-1"}"#.as_slice(),
        ),
        (
            r#"{"hex":"0a03682d31","transport":"grpc"}"#.to_owned(),
            Wire::Protobuf,
            Transport::Grpc,
            b"\x0a\x03h-1",
        ),
    ] {
        let (prepared, batch) = one(&document, Wire::Protobuf, Serialization::Protobuf);
        assert_eq!((batch.wire, batch.transport), (wire, transport));
        assert_eq!((&batch.bytes[..], batch.guid.as_str()), (bytes, "h-1"));
        assert_eq!(prepared.key.as_deref(), Some("h-1"));
    }
}

#[test]
fn what_the_server_would_lose_is_refused_and_can_be_insisted_on() {
    let lost = r#"{"raw":{"reqGuid":"x","events":[null]}}"#;
    let error = refused(lost);
    assert!(error.contains("write `req_guid`"), "{error}");
    assert!(error.contains("crashes the server's handler"), "{error}");
    assert!(error.contains("\"lint\": false"), "{error}");
    let insisted = lost.replace("}}", "},\"lint\":false}");
    let (prepared, batch) = one(&insisted, Wire::Protobuf, Serialization::Protobuf);
    assert_eq!(batch.bytes, &br#"{"reqGuid":"x","events":[null]}"#[..]);
    assert_eq!(prepared.warnings.len(), 2, "{prepared:?}");
}

#[test]
fn what_is_odd_is_told() {
    let text = r#"{"req_guid":null,"sent_time":null,"events":[{"type":"","text":""}]}"#;
    let (prepared, _) = one(text, Wire::Json, Serialization::Json);
    let all = prepared.warnings.join("\n");
    for needle in [
        "no req_guid",
        "no sent_time",
        "without event_bytes: 1 of 1",
        "`clickstream--log`",
    ] {
        assert!(all.contains(needle), "{needle}: {all}");
    }
}

#[test]
fn grpc_has_one_wire() {
    let events = r#""events":[{"type":"a","text":"x"}]"#;
    let error = refused(&format!(r#"{{"transport":"grpc","wire":"json",{events}}}"#));
    assert!(error.contains("gRPC has one wire, protobuf"), "{error}");
    let error = refused(r#"{"transport":"grpc","raw":{"req_guid":"a"}}"#);
    assert!(error.contains("gRPC has one wire, protobuf"), "{error}");
    let document = format!(r#"{{"transport":"grpc",{events}}}"#);
    let (_, batch) = one(&document, Wire::Json, Serialization::Json);
    assert_eq!(batch.wire, Wire::Protobuf);
}

#[test]
fn servers_of_old_are_written_to_in_both_spellings() {
    let text = json(r#"{"req_guid":"a","legacy_keys":true,"events":[{"type":"t","hex":"00"}]}"#);
    assert!(
        text.ends_with(r#""events":[{"event_bytes":"AA==","eventBytes":"AA==","type":"t"}]}"#),
        "{text}"
    );
}
