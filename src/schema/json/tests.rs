use super::*;

#[test]
fn spans_point_at_the_values() {
    let text = br#" {"a": [1, "x\n"], "b":true}"#;
    let root = tree(text, 0).unwrap();
    let piece = |node: &Node| {
        let span = node.span.clone().unwrap();
        std::str::from_utf8(&text[span]).unwrap().to_owned()
    };
    assert_eq!(piece(&root), r#"{"a": [1, "x\n"], "b":true}"#);
    let a = root.child("a").unwrap();
    assert_eq!(piece(a), r#"[1, "x\n"]"#);
    assert_eq!(piece(&a.children[1]), r#""x\n""#);
    assert_eq!(a.children[1].value, Value::Text("x\n".to_owned()));
    assert_eq!(piece(root.child("b").unwrap()), "true");
    assert_eq!(tree(b"7", 40).unwrap().span, Some(40..41));
}

#[test]
fn numbers_keep_their_digits() {
    for number in [
        "0",
        "-0",
        "12345678901234567890123",
        "1.0",
        "0.10000000000000000001",
        "-1.5e-300",
        "1E+2",
    ] {
        let node = tree(number.as_bytes(), 0).unwrap();
        assert_eq!(node.value, Value::Number(number.to_owned()));
    }
}

#[test]
fn order_and_duplicates_are_kept() {
    let text = r#"{"b":1,"a":{},"b":[]}"#;
    assert_eq!(tree(text.as_bytes(), 0).unwrap().to_json(), text);
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_and_marked() {
    let node = tree(b"{\"a\":\"x\xffy\"}", 0).unwrap();
    let a = node.child("a").unwrap();
    assert_eq!(a.value, Value::Text("x\u{fffd}y".to_owned()));
    assert_eq!(a.hint.as_deref(), Some(r"not all UTF-8: x\xffy"));
}

#[test]
fn errors_say_where_and_what() {
    for (text, offset, what) in [
        ("", 0, "the text ends where a value should be"),
        ("{\"a\":1} x", 8, "the value has ended, but `x` follows"),
        ("{\"a\" 1}", 5, "`1` where `:` should be"),
        ("{a:1}", 1, "`a` where a member name in quotes should be"),
        ("[1,]", 3, "`]` where a value should be"),
        ("[1 2]", 3, "`2` where `,` or `]` should be"),
        (
            "{\"a\":1,}",
            7,
            "`}` where a member name in quotes should be",
        ),
        ("nul", 0, "no value; `null` begins like this"),
        ("01", 1, "the value has ended, but `1` follows"),
        ("-", 1, "the text ends where a digit should be"),
        ("1.", 2, "the text ends where a digit should be"),
        ("1e+", 3, "the text ends where a digit should be"),
        ("\"abc", 4, "the text ends inside a string"),
        ("\"a\\q\"", 2, "an escape JSON does not know"),
        ("\"a\nb\"", 2, "byte 0x0a inside a string must be escaped"),
        ("\u{feff}1", 0, "byte 0xef where a value should be"),
    ] {
        let error = tree(text.as_bytes(), 0).unwrap_err();
        assert_eq!(
            (error.offset, error.what.as_str()),
            (offset, what),
            "{text}"
        );
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(tree(nested(DEPTH_MAX).as_bytes(), 0).is_ok());
    let error = tree(nested(DEPTH_MAX + 1).as_bytes(), 0).unwrap_err();
    assert_eq!(error.offset, DEPTH_MAX);
    assert!(tree("[".repeat(1_000_000).as_bytes(), 0).is_err());
}

#[test]
fn the_number_of_values_has_a_limit() {
    let text = format!("[{}0]", "0,".repeat(NODES_MAX));
    assert!(
        tree(text.as_bytes(), 0)
            .unwrap_err()
            .what
            .contains("more than")
    );
}

#[test]
fn an_outline_keeps_what_lies_too_deep_as_it_came() {
    let inner = format!(
        r#"[{{"k\u0041":[-1.50,"é\n",null,[]]}},{}{{}}]"#,
        "0, ".repeat(NODES_MAX)
    );
    let text = format!(r#"{{"a":{{"b":{{"c":{{"d":{inner}}}}}}},"n":7}}"#);
    assert!(tree(text.as_bytes(), 0).is_err());
    let (root, levels) = outline(text.as_bytes(), 0).unwrap();
    assert_eq!(levels, Some(4));
    let path = ["a", "b", "c", "d"];
    let deep = path.iter().try_fold(&root, |node, name| node.child(name));
    assert_eq!(deep.unwrap().value, Value::Unread(inner));
    assert_eq!(root.to_json(), text);

    let small = br#"{"a":[1]}"#;
    assert_eq!(outline(small, 0), Ok((tree(small, 0).unwrap(), None)));
    let wide = format!("[{}0]", "0,".repeat(NODES_MAX));
    assert!(outline(wide.as_bytes(), 0).is_err());
    let broken = text.replace("-1.50", "-1.");
    let error = outline(broken.as_bytes(), 0).unwrap_err();
    assert!(error.what.contains("a digit"), "{error}");
}

#[test]
fn a_stream_is_read_value_by_value() {
    let text = b"{\"a\":1} [2]\n3";
    let (first, end) = prefix(text, 0).unwrap();
    assert_eq!((first.to_json().as_str(), end), ("{\"a\":1}", 7));
    let (second, more) = prefix(&text[end..], end).unwrap();
    assert_eq!((second.span, more), (Some(8..11), 4));
}
