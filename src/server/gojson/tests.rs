use proptest::prelude::*;

use super::*;

const SYNTAX_ERRORS: &[(&str, &str)] = &[
    ("", "unexpected end of JSON input"),
    ("{\"a\":1", "unexpected end of JSON input"),
    ("\"abc", "unexpected end of JSON input"),
    ("{} x", "invalid character 'x' after top-level value"),
    (
        "not json",
        "invalid character 'o' in literal null (expecting 'u')",
    ),
    (
        "tru",
        "invalid character ' ' in literal true (expecting 'e')",
    ),
    (
        "xyz",
        "invalid character 'x' looking for beginning of value",
    ),
    (
        "{a:1}",
        "invalid character 'a' looking for beginning of object key string",
    ),
    ("{\"a\" 1}", "invalid character '1' after object key"),
    (
        "{\"a\":1 2}",
        "invalid character '2' after object key:value pair",
    ),
    ("[1 2]", "invalid character '2' after array element"),
    (
        "[1,]",
        "invalid character ']' looking for beginning of value",
    ),
    (
        "{\"a\":1,}",
        "invalid character '}' looking for beginning of object key string",
    ),
    ("01", "invalid character '1' after top-level value"),
    ("-", "invalid character ' ' in numeric literal"),
    (
        "1.x",
        "invalid character 'x' after decimal point in numeric literal",
    ),
    (
        "1e+",
        "invalid character ' ' in exponent of numeric literal",
    ),
    ("\"\\x\"", "invalid character 'x' in string escape code"),
    (
        "\"\\u12g\"",
        "invalid character 'g' in \\u hexadecimal character escape",
    ),
    ("\"\u{1}\"", "invalid character '\\x01' in string literal"),
    (
        "\u{feff}{}",
        "invalid character 'ï' looking for beginning of value",
    ),
    (
        "'",
        "invalid character '\\'' looking for beginning of value",
    ),
];

#[test]
fn syntax_errors_in_gos_words() {
    for (text, error) in SYNTAX_ERRORS {
        assert_eq!(check(text.as_bytes()), Err((*error).to_owned()), "{text}");
    }
    let deep = "[".repeat(10_001);
    let error = "invalid character '[' exceeded max depth".to_owned();
    assert_eq!(check(deep.as_bytes()), Err(error));
}

#[test]
fn what_is_json() {
    for text in [
        "null",
        " {} ",
        "[]",
        "0",
        "-0.5e-3",
        "1E5",
        "\"\\u00e9\\n\"",
        "[[],{\"a\":[1,2]}]",
        "true\n",
        "{\"\":\"\"}",
    ] {
        assert_eq!(check(text.as_bytes()), Ok(()), "{text}");
    }
    assert_eq!(check(b"\"\xff\xfe\""), Ok(()));
}

#[test]
fn a_walk_over_an_object() {
    let text = br#" { "a" : [1, {"x":"]"}, "s"] , "B\u0041":null , "c":{} } "#;
    assert_eq!(check(text), Ok(()));
    let mut cursor = Cursor::new(text);
    assert_eq!(cursor.kind(), Kind::Object);
    cursor.enter();
    assert_eq!(cursor.key().as_deref(), Some("a"));
    cursor.enter();
    let mut elements = Vec::new();
    while cursor.element() {
        elements.push(cursor.skip());
    }
    assert_eq!(elements, [&b"1"[..], br#"{"x":"]"}"#, br#""s""#]);
    assert_eq!(cursor.key().as_deref(), Some("BA"));
    assert_eq!(cursor.skip(), b"null");
    assert_eq!(cursor.key().as_deref(), Some("c"));
    cursor.enter();
    assert_eq!(cursor.key(), None);
    assert_eq!(cursor.key(), None);
}

#[test]
fn strings_with_bad_bytes_and_half_pairs() {
    for (text, read) in [
        (&b"\"\xff\xfe\""[..], "\u{fffd}\u{fffd}"),
        (b"\"a\xe2\x82b\"", "a\u{fffd}\u{fffd}b"),
        (br#""\ud83d\ude00""#, "😀"),
        (br#""\ud83dx""#, "\u{fffd}x"),
        (br#""\ude00\u0041""#, "\u{fffd}A"),
        (br#""\\\/\"""#, "\\/\""),
    ] {
        assert_eq!(Cursor::new(text).string(), read);
    }
}

#[test]
fn keys_in_any_case() {
    for (key, fits) in [
        ("req_guid", true),
        ("REQ_Guid", true),
        ("reqGuid", false),
        ("req_guid2", false),
        ("req_gui", false),
    ] {
        assert_eq!(folds_to(key, "req_guid"), fits, "{key}");
    }
    assert!(folds_to("eventſ", "events"));
}

#[test]
fn strings_as_go_writes_them() {
    let mut out = String::new();
    quote("<a&b>\u{2028}\u{1}\u{8}\"\\é", &mut out);
    assert_eq!(out, r#""\u003ca\u0026b\u003e\u2028\u0001\b\"\\é""#);
}

#[test]
fn base64_and_where_it_breaks() {
    for (text, bytes) in [
        ("", &b""[..]),
        ("e30=", b"{}"),
        ("e3\r\n0=\n", b"{}"),
        ("YWJj", b"abc"),
        ("YQ==", b"a"),
    ] {
        assert_eq!(decode_base64(text.as_bytes()), Ok(bytes.to_vec()), "{text}");
    }
    for (text, at) in [
        ("{}", 0),
        ("YQ", 0),
        ("YWJjYQ", 4),
        ("YQ=", 3),
        ("YQ=x", 2),
        ("YQ==x", 4),
        ("_-8=", 0),
        ("Y===", 1),
        ("YWJj=", 4),
    ] {
        let error = format!("illegal base64 data at input byte {at}");
        assert_eq!(decode_base64(text.as_bytes()), Err(error), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_cursor_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut cursor = Cursor::new(&bytes);
        let _ = (cursor.kind(), cursor.key(), cursor.element(), cursor.skip().len());
        let mut cursor = Cursor::new(&bytes);
        cursor.enter();
        let _ = (cursor.string(), cursor.string(), cursor.skip().len());
        let _ = (check(&bytes), decode_base64(&bytes));
    }

    #[test]
    fn what_serde_writes_is_json(text in any::<String>(), number in any::<f64>()) {
        let value = serde_json::json!({"k": [text.clone(), number], text.clone(): null});
        let json = value.to_string();
        prop_assert_eq!(check(json.as_bytes()), Ok(()));
        let mut quoted = String::new();
        quote(&text, &mut quoted);
        prop_assert_eq!(check(quoted.as_bytes()), Ok(()));
        prop_assert_eq!(Cursor::new(quoted.as_bytes()).string(), text);
    }
}
