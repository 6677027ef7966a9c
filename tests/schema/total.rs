//! Nothing panics on any bytes, and what is encoded decodes to what it was.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use wspect::body::Node;
use wspect::schema::{Schema, json as reader, scan, wire};

use super::sink;

/// Bytes that look enough like the format to reach its corners.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let alphabet =
        b"{}[]\",:\\u0d8 \n\t-1.e+tfn\x00\x08\x0a\x12\x13\x14\x1a\x22\x7f\x80\xc3\xa4\xed\xff";
    prop_oneof![
        vec(any::<u8>(), 0..200),
        vec(proptest::sample::select(alphabet.to_vec()), 0..200),
    ]
}

fn spans_are_inside(node: &Node, len: usize) -> bool {
    node.span
        .as_ref()
        .is_none_or(|span| span.start <= span.end && span.end <= len)
        && node
            .children
            .iter()
            .all(|child| spans_are_inside(child, len))
}

/// JSON that fits `sink.Everything`, in the spelling decoding gives back.
fn fitting() -> impl Strategy<Value = Value> {
    let leaf = Just(Value::Object(Map::new()));
    leaf.prop_recursive(3, 12, 3, |inner| {
        let field = prop_oneof![
            any::<i32>()
                .prop_filter("default", |n| *n != 0)
                .prop_map(|n| ("an_int32", json!(n))),
            any::<u64>()
                .prop_filter("default", |n| *n != 0)
                .prop_map(|n| ("a_uint64", json!(n))),
            any::<i64>()
                .prop_filter("default", |n| *n != 0)
                .prop_map(|n| ("a_sint64", json!(n))),
            any::<i64>().prop_map(|n| ("wrapped_number", json!(n))),
            (-1e9..1e9_f64).prop_map(|n| ("a_double", json!(n))),
            ".{1,8}".prop_map(|text| ("a_string", json!(text))),
            vec(any::<i32>(), 1..4).prop_map(|list| ("packed", json!(list))),
            vec(any::<i32>(), 1..4).prop_map(|list| ("unpacked", json!(list))),
            vec(".{0,4}", 1..4).prop_map(|list| ("strings", json!(list))),
            btree_map("[a-z]{1,3}", any::<i32>(), 1..4).prop_map(|map| ("by_name", json!(map))),
            inner.clone().prop_map(|inner| ("inner", inner)),
            vec(inner.clone(), 1..3).prop_map(|list| ("inners", json!(list))),
            btree_map("-?[1-9][0-9]{0,5}", inner.clone(), 1..3)
                .prop_map(|map| ("by_number", json!(map))),
            inner.prop_map(|inner| ("deep", inner)),
            (0_i64..4_000_000_000, 0..1_000_000_000).prop_map(|(seconds, nanos)| {
                let time = jiff::Timestamp::new(seconds, nanos).expect("it is in range");
                ("time", json!(time.to_string()))
            }),
        ];
        vec(field, 0..6).prop_map(|fields| {
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn readers_take_any_bytes(bytes in bytes()) {
        let _ = scan::member(&bytes, "a");
        let _ = scan::path(&bytes, &["", "u0"]);
        for (key, value) in scan::members(&bytes) {
            let _ = (scan::key_is(key, "a"), scan::string(value), scan::plain_str(value));
        }
        if let Ok(node) = reader::tree(&bytes, 0) {
            prop_assert!(spans_are_inside(&node, bytes.len()));
        }
        let (node, _) = wire::read(&bytes, 0);
        prop_assert!(spans_are_inside(&node, bytes.len()));
        prop_assert!(wire::fields(&bytes).count() <= bytes.len() + 1);
    }

    #[test]
    fn schemas_take_any_bytes(bytes in bytes()) {
        let schema = Schema::demo();
        for name in ["demo.PurchaseEvent", "demo.PageEvent", "google.protobuf.Value", "google.protobuf.Any"] {
            let message = schema.message(name, "test").unwrap();
            let decoded = schema.read(&message, &bytes, 0);
            prop_assert!(spans_are_inside(&decoded.root, bytes.len()));
        }
    }

    #[test]
    fn json_is_read_as_serde_reads_it(bytes in bytes()) {
        let ours = reader::tree(&bytes, 0);
        let theirs: Result<Value, _> = serde_json::from_slice(&bytes);
        if let Ok(value) = theirs {
            let ours = ours.map(|node| serde_json::from_str::<Value>(&node.to_json()).unwrap());
            prop_assert_eq!(ours, Ok(value));
        }
    }

    #[test]
    fn a_member_found_is_the_one_serde_finds(text in fitting()) {
        let bytes = serde_json::to_vec(&text).unwrap();
        for (name, value) in text.as_object().unwrap() {
            let raw = scan::member(&bytes, name).unwrap();
            prop_assert_eq!(&serde_json::from_slice::<Value>(raw).unwrap(), value);
        }
        prop_assert_eq!(scan::members(&bytes).count(), text.as_object().unwrap().len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_encoded_decodes_to_what_it_was(json in fitting()) {
        let schema = sink();
        let message = schema.message("sink.Everything", "test").unwrap();
        let bytes = schema.encode(&message, &json).unwrap();
        let root = schema.decode(&message, &bytes, 0).unwrap();
        let read: Value = serde_json::from_str(&root.to_json()).unwrap();
        prop_assert_eq!(&read, &json);
        prop_assert_eq!(schema.encode(&message, &read).unwrap(), bytes.clone());
        prop_assert!(wire::tree(&bytes, 0).is_some());
    }
}
