use super::*;
use proptest::prelude::*;

fn relayed(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    relay(Value::parse(text).unwrap().raw(), &mut out);
    out
}

#[test]
fn takes_what_json_allows() {
    for text in [
        "null",
        " true\n",
        "-0",
        "1.50e+3",
        "\"\"",
        "[]",
        "{}",
        "[ ]",
        "{ }",
        "[1,[2,{}],\"]\"]",
        "{\"a\":{\"b\":[null]},\"a\":1}",
        "\"\\u00e9\\\"\"",
    ] {
        assert!(Value::parse(text.as_bytes()).is_ok(), "{text}");
    }
    assert!(Value::parse(b"\"\xff\xfe\"").is_ok());
}

#[test]
fn refuses_what_json_does_not() {
    for text in [
        "",
        "  ",
        "{\"id\":",
        "[1,]",
        "{,}",
        "{\"a\" 1}",
        "{a:1}",
        "01",
        "1.",
        "-",
        "1e",
        "nul",
        "{} {}",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\t\"",
        "\u{feff}{}",
        "[1}",
        "'a'",
    ] {
        assert!(Value::parse(text.as_bytes()).is_err(), "{text:?}");
    }
}

#[test]
fn nesting_ends_where_go_ends_it() {
    let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    assert!(Value::parse(&nested(DEPTH_MAX)).is_ok());
    assert!(Value::parse(&nested(DEPTH_MAX + 1)).is_err());
}

#[test]
fn members_come_in_order_with_repeats() {
    let value = Value::parse(br#" { "a" : 1 , "b":[1, {"a":2}] ,"a":"x" } "#).unwrap();
    let seen: Vec<_> = value
        .members()
        .map(|(name, value)| (name, value.raw().to_vec()))
        .collect();
    let expected: [(&str, &[u8]); 3] = [("a", b"1"), ("b", br#"[1, {"a":2}]"#), ("a", br#""x""#)];
    assert_eq!(
        seen,
        expected.map(|(name, raw)| (name.to_owned(), raw.to_vec()))
    );
    assert_eq!(value.member("a").unwrap().string().unwrap(), "x");
    assert_eq!(value.member("b").unwrap().elements().count(), 2);
}

#[test]
fn strings_decode_as_go_decodes_them() {
    for (text, decoded) in [
        (&br#""\u00e9\ud83d\ude00\/\n""#[..], "é😀/\n"),
        (br#""\ud83d""#, "\u{FFFD}"),
        (br#""\ud83d\u0041""#, "\u{FFFD}A"),
        (br#""\udc00x""#, "\u{FFFD}x"),
        (b"\"bad\xff\xfeutf8\"", "bad\u{FFFD}\u{FFFD}utf8"),
        (b"\"\xe2\x82\"", "\u{FFFD}\u{FFFD}"),
    ] {
        assert_eq!(Value::parse(text).unwrap().string().unwrap(), decoded);
    }
}

#[test]
fn what_is_passed_on_keeps_its_spelling() {
    assert_eq!(
        relayed(b"{\"b\": 1, \"a\":\"<x>\", \"n\": 12345678901234567890 ,\"f\":1.0, \"s\":\"a \\\" b\" }"),
        br#"{"b":1,"a":"\u003cx\u003e","n":12345678901234567890,"f":1.0,"s":"a \" b"}"#
    );
    assert_eq!(
        relayed("\"\u{2028}&\u{2029}\"".as_bytes()),
        br#""\u2028\u0026\u2029""#
    );
    assert_eq!(relayed(b"\"\xff\\u00e9\""), b"\"\xff\\u00e9\"");
}

#[test]
fn strings_are_written_as_go_writes_them() {
    let mut out = Vec::new();
    quote("a\"\\\n\u{1}\u{7f}<&>é\u{2028}", &mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "\"a\\\"\\\\\\n\\u0001\u{7f}\\u003c\\u0026\\u003eé\\u2028\""
    );
}

#[test]
fn integers_are_strict() {
    for (text, value) in [
        ("5", Some(5)),
        ("-7", Some(-7)),
        ("1.0", None),
        ("1e2", None),
        ("9223372036854775808", None),
        ("\"5\"", None),
    ] {
        assert_eq!(
            Value::parse(text.as_bytes()).unwrap().integer(),
            value,
            "{text}"
        );
    }
}

#[test]
fn names_match_in_any_case() {
    assert!(same_name("FILTERS", "filters"));
    assert!(same_name("filter\u{17F}", "filters"));
    assert!(!same_name("filter", "filters"));
    assert!(!same_name("account_id", "account_ids"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(value) = Value::parse(&bytes) {
            let _ = (value.string(), value.integer(), value.members().count());
        }
    }

    #[test]
    fn json_like_text_is_survived(text in "[\\[\\]{}\",:\\\\ue0-9 tfn.-]{0,48}") {
        if let Ok(value) = Value::parse(text.as_bytes()) {
            let once = relayed(text.as_bytes());
            prop_assert_eq!(&relayed(&once), &once);
            prop_assert_eq!(value.elements().count() + value.members().count(),
                Value::parse(&once).unwrap().elements().count()
                    + Value::parse(&once).unwrap().members().count());
        }
    }

    #[test]
    fn a_written_string_is_read_back(text in any::<String>()) {
        let mut out = Vec::new();
        quote(&text, &mut out);
        prop_assert_eq!(Value::parse(&out).unwrap().string().unwrap(), text);
    }
}
