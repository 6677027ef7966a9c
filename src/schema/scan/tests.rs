use super::*;

const SAMPLE: &str = r#" { "id" : "a\"b" , "n":12.50,"o":{"x":"}\"{","y":[1,{"z":2}]} ,
    "t":true,"re\u0071":"esc","last":null } trailing"#;

fn found(name: &str) -> Option<&'static str> {
    member(SAMPLE.as_bytes(), name).map(|raw| std::str::from_utf8(raw).unwrap())
}

#[test]
fn finds_top_level_members_by_kind() {
    for (name, raw) in [
        ("id", r#""a\"b""#),
        ("n", "12.50"),
        ("o", r#"{"x":"}\"{","y":[1,{"z":2}]}"#),
        ("t", "true"),
        ("req", r#""esc""#),
        ("last", "null"),
    ] {
        assert_eq!(found(name), Some(raw), "{name}");
    }
}

#[test]
fn nested_members_are_not_top_level() {
    assert_eq!(found("x"), None);
    assert_eq!(found("z"), None);
    let inner = path(SAMPLE.as_bytes(), &["o", "x"]);
    assert_eq!(inner, Some(&br#""}\"{""#[..]));
    assert_eq!(path(SAMPLE.as_bytes(), &["o", "y", "z"]), None);
}

#[test]
fn no_object_has_no_members() {
    for text in [
        "", "[]", "\"a\"", "12", "{", "{}", "{\"a\"", "{\"a\":", "{\"a\":}", "{a:1}",
    ] {
        assert_eq!(member(text.as_bytes(), "a"), None, "{text}");
    }
}

#[test]
fn a_value_that_does_not_end_is_not_found() {
    for text in [
        "{\"a\":\"x",
        "{\"a\":\"x\\\"",
        "{\"a\":[1,2",
        "{\"a\":{\"b\":\"}",
    ] {
        assert_eq!(member(text.as_bytes(), "a"), None, "{text}");
    }
}

#[test]
fn what_follows_a_hit_is_not_looked_at() {
    let text = b"{\"id\":7,\xff garbage";
    assert_eq!(member(text, "id"), Some(&b"7"[..]));
}

#[test]
fn of_equal_names_the_first_is_found() {
    assert_eq!(member(br#"{"a":1,"a":2}"#, "a"), Some(&b"1"[..]));
}

#[test]
fn any_case_is_only_for_who_asks() {
    let text = br#"{"REQ_Guid":"x"}"#;
    assert_eq!(member(text, "req_guid"), None);
    assert_eq!(member_any_case(text, "req_guid"), Some(&br#""x""#[..]));
}

#[test]
fn strings_end_at_their_quote_wherever_it_stands() {
    for pad in 0..120 {
        let (x, y) = ("x".repeat(pad), "!\u{80}]".repeat(pad));
        let text = format!("{{\"{y}\":\"{x}\\\\\",\"{x}\\u0062\":\"{y}\\\"{x}\",\"c\":1}}");
        let text = text.as_bytes();
        assert_eq!(member(text, "c"), Some(&b"1"[..]), "{pad}");
        let second = member(text, &format!("{x}b")).and_then(string);
        assert_eq!(second.unwrap(), format!("{y}\"{x}"), "{pad}");
    }
}

#[test]
fn strings_are_unescaped() {
    for (raw, text) in [
        (r#""plain""#, Some("plain")),
        (r#""a\n\"\u00e4\ud83d\ude00""#, Some("a\n\"ä😀")),
        (r#""\ud83d alone""#, Some("\u{fffd} alone")),
        (r#""bad \x""#, None),
        ("12", None),
        ("\"", None),
    ] {
        assert_eq!(string(raw.as_bytes()).as_deref(), text, "{raw}");
    }
    assert_eq!(string(b"\"\xff\"").as_deref(), Some("\u{fffd}"));
}
