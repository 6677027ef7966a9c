//! Bytes to trees, with a schema.

use wspect::body::{Node, Value};
use wspect::hex;
use wspect::schema::{Schema, put};

use super::{everything, files, protos, sink};

const BATCH: &str = "0a0964656d6f2d30303031120b0880e2cfaa0610959aef3a1a170a0f7b226e616d65223a22686f6d65227d1204706167651a150a0c0a0a757365725f636c69636b1205636c69636b";

fn read(bytes: &[u8]) -> (Node, Option<String>) {
    let schema = sink();
    let message = everything(&schema);
    let decoded = schema.read(&message, bytes, 0);
    (decoded.root, decoded.error.map(|error| error.to_string()))
}

fn hint<'a>(node: &'a Node, name: &str) -> &'a str {
    node.child(name)
        .and_then(|node| node.hint.as_deref())
        .unwrap_or("")
}

#[test]
fn the_sample_batch_by_its_contract() {
    let schema = Schema::default();
    let request = schema.message("SendEventRequest", "test").unwrap();
    let root = schema
        .decode(&request, &hex::decode(BATCH).unwrap(), 0)
        .unwrap();
    assert_eq!(
        root.to_json(),
        r#"{"req_guid":"demo-0001","sent_time":"2023-11-14T22:13:20.123456789Z","events":[{"event_bytes":"eyJuYW1lIjoiaG9tZSJ9","type":"page"},{"event_bytes":"Cgp1c2VyX2NsaWNr","type":"click"}]}"#
    );
    assert_eq!(hint(&root, "sent_time"), "Timestamp");
    let events = root.child("events").unwrap();
    assert_eq!(events.span, Some(24..72));
    assert_eq!(
        events.children[0].hint.as_deref(),
        Some("raystack.raccoon.v1beta1.Event")
    );
    assert_eq!(
        events.children[0].child("event_bytes").unwrap().span,
        Some(26..43)
    );
}

#[test]
fn enums_show_name_and_number() {
    let schema = Schema::default();
    let response = schema.message("SendEventResponse", "test").unwrap();
    let reply = hex::decode("080210051881e2cfaa062a0c0a087265715f677569641200").unwrap();
    let root = schema.decode(&response, &reply, 0).unwrap();
    assert_eq!(
        root.to_json(),
        r#"{"status":"STATUS_ERROR","code":"CODE_MAX_USER_LIMIT_REACHED","sent_time":1700000001,"data":{"req_guid":""}}"#
    );
    assert_eq!(hint(&root, "code"), "Code 5");
    let root = schema.decode(&response, &[0x10, 0x63], 0).unwrap();
    assert_eq!(
        root.child("code").unwrap().value,
        Value::Number("99".to_owned())
    );
    assert_eq!(hint(&root, "code"), "Code, no value of that number");
}

#[test]
fn fields_the_schema_does_not_know_are_shown() {
    // 1900: "new", then a_bool as a string.
    let (root, error) = read(b"\xe2\x76\x03new\x6a\x02hi");
    assert_eq!(error, None);
    assert_eq!(root.to_json(), r#"{"1900":"new","13":"hi"}"#);
    assert_eq!(hint(&root, "1900"), "unknown field, string");
    assert_eq!(hint(&root, "13"), "not the wire type of `a_bool`, string");
}

#[test]
fn packed_and_unpacked_are_both_read() {
    let (root, _) = read(b"\xa2\x01\x03\x01\x02\x03\xa0\x01\x04\xaa\x01\x02\x05\x06");
    assert_eq!(
        root.to_json(),
        r#"{"packed":[-1,1,-2,2],"unpacked":[-3,3]}"#
    );
    let packed = root.child("packed").unwrap();
    assert_eq!(packed.span, Some(0..9));
    assert_eq!(packed.children[1].span, Some(4..5));
    assert_eq!(packed.children[3].span, Some(6..9));
}

#[test]
fn elements_apart_have_no_common_span() {
    let (root, _) = read(b"\xb2\x01\x01a\x68\x01\xb2\x01\x01b");
    assert_eq!(root.to_json(), r#"{"strings":["a","b"],"a_bool":true}"#);
    let strings = root.child("strings").unwrap();
    assert_eq!(strings.span, None);
    assert_eq!(strings.children[1].span, Some(6..10));
}

#[test]
fn what_comes_twice_is_shown_twice() {
    let (root, _) = read(b"\x18\x01\x18\x02");
    assert_eq!(root.to_json(), r#"{"an_int32":1,"an_int32":2}"#);
    assert_eq!(
        root.children[0].hint.as_deref(),
        Some("int32, sent again below; the last counts")
    );
    assert_eq!(root.children[1].hint.as_deref(), Some("int32"));
}

#[test]
fn maps_are_objects_with_defaults_for_what_is_missing() {
    // by_name: {"a": 1}, {"b"}, {}; by_flag {true: ff}; by_number {-1}.
    let (root, error) = read(
        b"\xf2\x01\x05\x0a\x01a\x10\x01\xf2\x01\x03\x0a\x01b\xf2\x01\x00\
          \x82\x02\x05\x08\x01\x12\x01\xff\
          \xfa\x01\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    );
    assert_eq!(error, None);
    assert_eq!(
        root.to_json(),
        r#"{"by_name":{"a":1,"b":0,"":0},"by_flag":{"true":"/w=="},"by_number":{"-1":{}}}"#
    );
    assert_eq!(root.child("by_name").unwrap().span, Some(0..17));
}

#[test]
fn what_was_read_before_an_error_is_kept_with_its_place() {
    // inner { a_string: "ok", then a string that is cut off }.
    let (root, error) = read(b"\x8a\x01\x07\x72\x02ok\x72\x09x");
    assert_eq!(root.to_json(), r#"{"inner":{"a_string":"ok"}}"#);
    assert_eq!(
        error.as_deref(),
        Some(
            "not sink.Everything at byte 8: a length reaches beyond the end; truncated, or not \
             protobuf"
        )
    );
}

#[test]
fn offsets_count_from_where_the_message_stands() {
    let schema = sink();
    let message = schema.message("sink.Everything", "test").unwrap();
    let root = schema.decode(&message, b"\x68\x01", 100).unwrap();
    assert_eq!(root.child("a_bool").unwrap().span, Some(100..102));
    let error = schema.decode(&message, b"\x68", 100).unwrap_err();
    assert!(error.to_string().contains("at byte 101"), "{error}");
}

#[test]
fn text_that_is_not_utf8_is_shown_and_marked() {
    let (root, error) = read(b"\x72\x03a\xffb");
    assert_eq!(error, None);
    assert_eq!(
        root.child("a_string").unwrap().value,
        Value::Text("a\u{fffd}b".to_owned())
    );
    assert!(hint(&root, "a_string").contains("not all UTF-8"));
}

#[test]
fn well_known_types_out_of_range_stay_objects() {
    // time { nanos: -1 }, span { seconds: 1, nanos: -1 }, time with an unknown field.
    for (bytes, json) in [
        (
            &b"\x92\x03\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"[..],
            r#"{"time":{"nanos":-1}}"#,
        ),
        (
            b"\x9a\x03\x0d\x08\x01\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            r#"{"span":{"seconds":1,"nanos":-1}}"#,
        ),
        (
            b"\x92\x03\x04\x08\x01\x18\x01",
            r#"{"time":{"seconds":1,"3":1}}"#,
        ),
        (b"\x92\x03\x00", r#"{"time":"1970-01-01T00:00:00Z"}"#),
        (b"\x9a\x03\x00", r#"{"span":"0s"}"#),
        (b"\xa2\x03\x00", r#"{"wrapped":""}"#),
        (b"\xb2\x03\x00", r#"{"structure":{}}"#),
    ] {
        let (root, _) = read(bytes);
        assert_eq!(root.to_json(), json);
    }
}

#[test]
fn an_any_is_opened_if_its_message_is_known() {
    let any = |url: &str, value: &[u8]| {
        let (mut inner, mut bytes) = (Vec::new(), Vec::new());
        put::bytes(&mut inner, 1, url.as_bytes());
        put::bytes(&mut inner, 2, value);
        put::bytes(&mut bytes, 58, &inner);
        read(&bytes).0
    };
    let root = any("x.test/sink.Everything", b"\x68\x01");
    assert_eq!(
        root.to_json(),
        r#"{"any":{"@type":"x.test/sink.Everything","a_bool":true}}"#
    );
    assert_eq!(
        root.child("any").unwrap().child("a_bool").unwrap().span,
        Some(29..31)
    );
    let root = any("x.test/google.protobuf.Duration", b"\x08\x01");
    assert_eq!(
        root.to_json(),
        r#"{"any":{"@type":"x.test/google.protobuf.Duration","value":"1s"}}"#
    );
    for (url, value) in [
        ("x.test/no.Such", &b"\x68\x01"[..]),
        ("x.test/sink.Everything", b"\x68"),
    ] {
        let root = any(url, value);
        assert!(
            root.child("any").unwrap().child("type_url").is_some(),
            "{url}"
        );
    }
}

#[test]
fn nesting_ends_at_a_hundred() {
    let mut bytes = Vec::new();
    for _ in 0..110 {
        let mut outer = b"\x8a\x01".to_vec();
        put::varint(&mut outer, bytes.len() as u64);
        outer.extend_from_slice(&bytes);
        bytes = outer;
    }
    let (_, error) = read(&bytes);
    assert!(error.unwrap().contains("nested deeper than 100 levels"));
}

#[test]
fn groups_of_proto2_are_read_and_written() {
    let schema = Schema::load(&files(&["legacy.proto"]), &protos()).unwrap();
    let message = schema.message("legacy.Old", "test").unwrap();
    let bytes = b"\x0a\x01x\x1b\x0a\x01a\x1c\x1b\x1c";
    let root = schema.decode(&message, bytes, 0).unwrap();
    assert_eq!(root.to_json(), r#"{"id":"x","part":[{"name":"a"},{}]}"#);
    let json = serde_json::from_str(&root.to_json()).unwrap();
    assert_eq!(schema.encode(&message, &json).unwrap(), bytes);
    let missing = serde_json::json!({"count": 1});
    let error = schema.encode(&message, &missing).unwrap_err().to_string();
    assert!(
        error.contains("the required field `id` (string) is missing"),
        "{error}"
    );
}
