use super::*;

fn hex(text: &str) -> Vec<u8> {
    crate::hex::decode(text).unwrap()
}

fn hint<'a>(node: &'a Node, name: &str) -> &'a str {
    node.child(name).unwrap().hint.as_deref().unwrap()
}

/// The sample batch of two events, one with JSON and one with protobuf inside.
const BATCH: &str = "0a0964656d6f2d30303031120b0880e2cfaa0610959aef3a1a170a0f7b226e616d65223a22686f6d65227d1204706167651a150a0c0a0a757365725f636c69636b1205636c69636b";

#[test]
fn a_batch_reads_without_its_schema() {
    let root = tree(&hex(BATCH), 0).unwrap();
    assert_eq!(
        root.to_json(),
        r#"{"1":"demo-0001","2":{"1":1700000000,"2":123456789},"3":{"1":"{\"name\":\"home\"}","2":"page"},"3":{"1":{"1":"user_click"},"2":"click"}}"#
    );
    assert_eq!(hint(&root, "1"), "string");
    assert_eq!(hint(&root, "3"), "message");
}

#[test]
fn spans_cover_tag_and_content() {
    let root = tree(&hex(BATCH), 100).unwrap();
    assert_eq!(root.span, Some(100..172));
    assert_eq!(root.children[0].span, Some(100..111));
    assert_eq!(root.children[1].span, Some(111..124));
    assert_eq!(root.children[1].children[0].span, Some(113..119));
    assert_eq!(
        root.children[3].children[0].children[0].span,
        Some(153..165)
    );
}

#[test]
fn numbers_tell_their_other_readings() {
    let bytes = hex("08ffffffffffffffffff0111000000000000f83f1d0000c03f2001");
    let root = tree(&bytes, 0).unwrap();
    assert_eq!(hint(&root, "1"), "varint (int64 -1)");
    assert_eq!(hint(&root, "2"), "fixed64 (double 1.5)");
    assert_eq!(hint(&root, "3"), "fixed32 (float 1.5)");
    assert_eq!(hint(&root, "4"), "varint");
    assert_eq!(
        root.to_json(),
        r#"{"1":18446744073709551615,"2":4609434218613702656,"3":1069547520,"4":1}"#
    );
}

#[test]
fn length_delimited_fields_are_guessed() {
    for (inner, value, said) in [
        (&b"hi"[..], Value::Text("hi".to_owned()), "string"),
        (
            b"two\nlines",
            Value::Text("two\nlines".to_owned()),
            "string",
        ),
        ("häß".as_bytes(), Value::Text("häß".to_owned()), "string"),
        (b"", Value::Text(String::new()), "empty"),
        (b"\x08\x01", Value::Object, "message"),
        (
            b"\x01\x02\xac\x02",
            Value::Bytes(b"\x01\x02\xac\x02".to_vec()),
            "bytes (as packed varints 1 2 300)",
        ),
        (
            b"\xff\xfe\xff",
            Value::Bytes(b"\xff\xfe\xff".to_vec()),
            "bytes",
        ),
    ] {
        let mut bytes = vec![0x0a, inner.len() as u8];
        bytes.extend_from_slice(inner);
        let root = tree(&bytes, 0).unwrap();
        assert_eq!(hint(&root, "1"), said, "{inner:?}");
        assert_eq!(root.children[0].value, value, "{inner:?}");
    }
}

#[test]
fn framed_printable_text_is_a_message() {
    // Field 4, 33 bytes of text: every byte is printable.
    let mut inner = b"\"!".to_vec();
    inner.extend_from_slice(&[b'x'; 33]);
    let mut bytes = vec![0x0a, 35];
    bytes.extend_from_slice(&inner);
    let root = tree(&bytes, 0).unwrap();
    assert_eq!(hint(&root, "1"), "message");
}

#[test]
fn groups_are_read() {
    let root = tree(b"\x13\x0a\x01x\x14\x18\x01", 0).unwrap();
    assert_eq!(root.to_json(), r#"{"2":{"1":"x"},"3":1}"#);
    assert_eq!(hint(&root, "2"), "group");
    assert_eq!(root.children[0].span, Some(0..5));
    assert!(tree(b"\x13\x0a\x01x", 0).is_none());
}

#[test]
fn what_is_no_message_is_none() {
    for bytes in [
        &b"{\"a\":1}"[..],
        b"\x00\x01",
        b"\x0a\x05abc",
        b"\x08",
        b"\x0e",
        b"\x14",
    ] {
        assert!(tree(bytes, 0).is_none(), "{bytes:?}");
    }
    assert!(tree(b"", 0).is_some_and(|root| root.children.is_empty()));
}

#[test]
fn what_was_read_before_an_error_is_kept() {
    let (root, error) = read(b"\x08\x01\x12\x05abc", 0);
    assert_eq!(root.to_json(), r#"{"1":1}"#);
    assert_eq!(error.unwrap().offset, 3);
}

#[test]
fn nesting_has_a_limit() {
    let mut bytes = b"\x08\x01".to_vec();
    for _ in 0..110 {
        let mut outer = vec![0x0a];
        let mut len = bytes.len();
        while len >= 0x80 {
            outer.push(len as u8 & 0x7f | 0x80);
            len >>= 7;
        }
        outer.push(len as u8);
        outer.extend_from_slice(&bytes);
        bytes = outer;
    }
    let mut node = &tree(&bytes, 0).unwrap();
    let mut depth = 0;
    while let Some(child) = node.children.first() {
        node = child;
        depth += 1;
    }
    assert_eq!(depth, DEPTH_MAX + 1);
    assert!(matches!(node.value, Value::Bytes(_)));
    assert!(tree(&[0x0b].repeat(1000), 0).is_none());
}
