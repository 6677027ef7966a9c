//! JSON to bytes, and what is said when it does not fit.

use serde_json::{Value, json};
use wspect::hex;
use wspect::schema::Schema;

use super::{everything, sink};

fn encode(json: &Value) -> Result<Vec<u8>, String> {
    let schema = sink();
    let message = everything(&schema);
    schema
        .encode(&message, json)
        .map_err(|error| error.to_string())
}

#[test]
fn the_sample_batch_comes_out_byte_for_byte() {
    let schema = Schema::default();
    let request = schema.message("SendEventRequest", "test").unwrap();
    let json = json!({
        "req_guid": "demo-0001",
        "sent_time": {"seconds": 1_700_000_000, "nanos": 123_456_789},
        "events": [
            {"event_bytes": "eyJuYW1lIjoiaG9tZSJ9", "type": "page"},
            {"event_bytes": "Cgp1c2VyX2NsaWNr", "type": "click"},
        ],
    });
    assert_eq!(
        hex::encode(&schema.encode(&request, &json).unwrap()),
        "0a0964656d6f2d30303031120b0880e2cfaa0610959aef3a1a170a0f7b226e616d65223a22686f6d65227d1204706167651a150a0c0a0a757365725f636c69636b1205636c69636b"
    );
}

#[test]
fn values_by_kind() {
    for (json, bytes) in [
        (json!({"a_double": 1.5}), "09000000000000f83f"),
        (json!({"a_float": "NaN"}), "150000c07f"),
        (json!({"an_int32": -1}), "18ffffffffffffffffff01"),
        (
            json!({"an_int64": "9223372036854775807"}),
            "20ffffffffffffffff7f",
        ),
        (json!({"a_uint32": 3e2}), "28ac02"),
        (json!({"a_sint32": -2}), "3803"),
        (json!({"a_fixed32": 1}), "4d01000000"),
        (json!({"a_bool": true}), "6801"),
        (json!({"some_bytes": "-_8"}), "7a02fbff"),
        (json!({"colour": "COLOUR_RED"}), "800101"),
        (json!({"colour": -1}), "8001ffffffffffffffffff01"),
        (json!({"packed": [1, -1]}), "a201020201"),
        (json!({"unpacked": [1, -1]}), "a80102a80101"),
        (json!({"byName": {"a": 0}}), "f201050a01611000"),
        (json!({"inner": {}}), "8a0100"),
        (json!({"maybe": 0}), "900100"),
        (json!({"number": 0}), "c80200"),
        (json!({"span": "1.5s"}), "9a0308080110 80cab5ee01"),
        (json!({"span": "500ms"}), "9a03061080cab5ee01"),
        (json!({"wrapped": "x"}), "a203030a0178"),
        (json!({"value": null}), "ba03020800"),
        (json!({"mask": "aB,c"}), "ca03080a03615f620a0163"),
    ] {
        let expected = bytes.replace(' ', "");
        assert_eq!(
            encode(&json).map(|bytes| hex::encode(&bytes)),
            Ok(expected),
            "{json}"
        );
    }
}

#[test]
fn defaults_and_nulls_are_not_written() {
    let json = json!({
        "an_int32": 0, "a_string": "", "a_bool": false, "a_double": 0.0, "packed": [],
        "inner": null, "by_name": {}, "colour": "COLOUR_UNSPECIFIED", "time": null,
    });
    assert_eq!(encode(&json), Ok(Vec::new()));
}

/// Each of these is refused with a message that contains the text.
fn refused(cases: &[(Value, &str)]) {
    for (json, said) in cases {
        let error = encode(json).expect_err("it does not fit");
        assert!(error.contains(said), "{json}\n{error}");
    }
}

#[test]
fn misfits_name_the_path_and_the_expected_type() {
    refused(&[
        (
            json!([]),
            "cannot encode sink.Everything: expected an object (sink.Everything), found an array",
        ),
        (
            json!({"an_int32": "x"}),
            "at `an_int32`: expected int32 (a whole number), found the string \"x\"",
        ),
        (
            json!({"an_int32": 1.5}),
            "expected int32 (a whole number), found the number 1.5",
        ),
        (
            json!({"an_int32": 3_000_000_000_u32}),
            "expected int32 (the number is out of its range)",
        ),
        (
            json!({"a_uint64": -1}),
            "expected uint64 (the number is out of its range)",
        ),
        (
            json!({"inners": [{}, {"a_bool": 1}]}),
            "at `inners[1].a_bool`: expected bool, found the number 1",
        ),
        (
            json!({"inner": {"inner": 3}}),
            "at `inner.inner`: expected an object (sink.Everything)",
        ),
        (
            json!({"strings": "x"}),
            "at `strings`: expected an array (repeated string)",
        ),
        (
            json!({"strings": [null]}),
            "at `strings[0]`: expected string, found null",
        ),
        (
            json!({"a_strin": "x"}),
            "at `a_strin`: there is no such field; the nearest is `a_string`",
        ),
        (json!({"zzzzzz": 1}), "it has a_double, a_float"),
        (
            json!({"inner": {"a_strin": "x"}}),
            "at `inner.a_strin`: sink.Everything has no such field",
        ),
    ]);
}

#[test]
fn misfits_of_names_maps_and_well_known_types() {
    refused(&[
        (
            json!({"colour": "COLOUR_RD"}),
            "sink.Colour has no value \"COLOUR_RD\"; the nearest is `COLOUR_RED`",
        ),
        (
            json!({"colour": "ZZZZ"}),
            "it has COLOUR_UNSPECIFIED, COLOUR_RED",
        ),
        (
            json!({"some_bytes": "not base64!"}),
            "expected bytes (a base64 string)",
        ),
        (
            json!({"by_number": {"x": {}}}),
            "at `by_number.x`: expected a key that is int64, found \"x\"",
        ),
        (
            json!({"by_name": [1]}),
            "expected an object (map from string to int32)",
        ),
        (
            json!({"text": "a", "number": 1}),
            "at `number`: `text` is set as well, and only one",
        ),
        (
            json!({"a_string": "a", "aString": "b"}),
            "`a_string` is set as well",
        ),
        (
            json!({"time": "yesterday"}),
            "expected google.protobuf.Timestamp (a time such as",
        ),
        (json!({"time": 12}), "expected google.protobuf.Timestamp"),
        (json!({"span": "soon"}), "expected google.protobuf.Duration"),
        (
            json!({"a_float": 1e300}),
            "expected float (the number is out of its range)",
        ),
        (
            json!({"any": {"@type": "x/no.Such"}}),
            "at `any.@type`: no schema defines the message `no.Such`",
        ),
    ]);
}

#[test]
fn well_known_types_come_back_as_they_were_written() {
    let written = json!({
        "time": "2026-01-01T00:00:00.005Z",
        "span": "-3.25s",
        "wrapped": "w",
        "wrapped_number": 12,
        "structure": {"a": [1.5, "x", null, {"b": true}], "c": {}},
        "value": ["v"],
        "values": [1.0, []],
        "any": {"@type": "type.test/sink.Everything", "a_string": "inside"},
    });
    let bytes = encode(&written).unwrap();
    let schema = sink();
    let message = schema.message("sink.Everything", "test").unwrap();
    let root = schema.decode(&message, &bytes, 0).unwrap();
    let read: Value = serde_json::from_str(&root.to_json()).unwrap();
    assert_eq!(read, written);
}

#[test]
fn times_before_1970_count_their_nanoseconds_forward() {
    let bytes = encode(&json!({"time": "1969-12-31T23:59:59.5Z"})).unwrap();
    assert_eq!(
        bytes,
        hex::decode("92031108ffffffffffffffffff011080cab5ee01").unwrap()
    );
}

#[test]
fn too_deep_is_refused() {
    let mut json = json!({});
    for _ in 0..101 {
        json = json!({"inner": json});
    }
    assert!(
        encode(&json)
            .unwrap_err()
            .contains("nested deeper than 100 levels")
    );
}
