use super::*;

fn reply(message: &str) -> Option<String> {
    let register = Register::read(message.as_bytes()).ok()??;
    Some(String::from_utf8(register.reply()).unwrap())
}

/// The reply to a register whose filters are echoed as `filters`.
fn echoing(filters: &str) -> String {
    format!(
        r#"{{"filters":{filters},"message":"Registration successful, processing queued events","type":"registered"}}"#
    )
}

const EVERYTHING: &str =
    r#"{"types":null,"account_ids":null,"asset_codes":null,"min_amount":"","custom":null}"#;

#[test]
fn welcome_has_its_191_bytes() {
    assert_eq!(WELCOME.len(), 191);
}

#[test]
fn a_register_without_filters_means_everything() {
    for message in [
        r#"{"type":"register"}"#,
        r#"{"type":"register","filters":null}"#,
        r#"{"type":"register","filters":{}}"#,
        r#"{"Type":"register","FILTERS":{"TYPES":null,"min_amount":null}}"#,
        r#"{"type":"register","filters":{"account_id":["x"],"type":5},"extra":[1]}"#,
        r#"{"type":"subscribe","type":"register","type":null}"#,
    ] {
        assert_eq!(reply(message), Some(echoing(EVERYTHING)), "{message}");
    }
}

#[test]
fn what_was_sent_is_echoed_in_declaration_order() {
    assert_eq!(
        reply(
            r#"{"filters":{"custom":{"b": 1, "a":"<x>"},"min_amount":"1 000","asset_codes":[],"types":["b","a<"],"account_ids":[null]},"type":"register"}"#
        ),
        Some(echoing(
            r#"{"types":["b","a\u003c"],"account_ids":[""],"asset_codes":[],"min_amount":"1 000","custom":{"b":1,"a":"\u003cx\u003e"}}"#
        ))
    );
    assert_eq!(
        reply(r#"{"type":"register","filters":{"custom":"s"}}"#),
        Some(echoing(
            r#"{"types":null,"account_ids":null,"asset_codes":null,"min_amount":"","custom":"s"}"#
        ))
    );
}

#[test]
fn repeated_filters_are_merged_as_go_merges_structs() {
    let register = Register::read(
        br#"{"type":"register","filters":{"types":["a"],"min_amount":"1"},"filters":{"types":["b"]}}"#,
    )
    .unwrap()
    .unwrap();
    assert_eq!(register.types.list(), ["b"]);
    assert_eq!(register.min_amount, "1");
}

/// A slice keeps its memory between two lists of the same name.
#[test]
fn nulls_bring_back_what_a_repeated_list_had_there() {
    for (lists, list) in [
        (&[r#"["a"]"#, "[null]"][..], r#"["a"]"#),
        (
            &[r#"["a","b"]"#, r#"["c"]"#, r#"["d",null]"#],
            r#"["d","b"]"#,
        ),
        (
            &[r#"["a","b"]"#, r#"["c"]"#, "[null,null,null]"],
            r#"["c","b",""]"#,
        ),
        (&[r#"["a","b"]"#, "[]", "[null]"], r#"[""]"#),
        (&[r#"["a"]"#, "null", "[null]"], r#"[""]"#),
        (&[r#"["a"]"#, "null"], "null"),
        (&[r#"["a"]"#, "[]"], "[]"),
    ] {
        let lists: Vec<_> = lists.iter().map(|l| format!(r#""types":{l}"#)).collect();
        let message = format!(r#"{{"type":"register","filters":{{{}}}}}"#, lists.join(","));
        let types = format!(
            r#"{{"types":{list},"account_ids":null,"asset_codes":null,"min_amount":"","custom":null}}"#
        );
        assert_eq!(reply(&message), Some(echoing(&types)), "{message}");
    }
}

#[test]
fn one_wrong_type_refuses_the_whole_message() {
    for message in [
        r#"{"type":"register","filters":{"min_amount":100}}"#,
        r#"{"type":"register","filters":{"types":"payment"}}"#,
        r#"{"type":"register","filters":{"account_ids":[1]}}"#,
        r#"{"type":"register","filters":[]}"#,
        r#"{"type":["register"]}"#,
        r#"[{"type":"register"}]"#,
        r#""register""#,
        "register",
        r#"{"type":"register"} {}"#,
    ] {
        assert_eq!(reply(message), None, "{message}");
    }
}

#[test]
fn other_messages_are_ignored() {
    for message in [
        "",
        "null",
        "{}",
        r#"{"type":"Register"}"#,
        r#"{"type":"unregister"}"#,
    ] {
        assert_eq!(reply(message), None, "{message}");
    }
}

#[test]
fn bytes_that_are_not_utf8_become_replacement_characters() {
    let register = Register::read(b"{\"type\":\"register\",\"filters\":{\"types\":[\"a\xff\"]}}");
    assert_eq!(
        register.unwrap().unwrap().into_filters().types,
        vec!["a\u{FFFD}".to_owned()]
    );
}

#[test]
fn what_goes_wrong_is_told_in_the_words_of_go() {
    let error = |message: &str| Register::read(message.as_bytes()).unwrap_err();
    for (message, text) in [
        ("", "unexpected end of JSON input"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ("{} {}", "invalid character '{' after top-level value"),
        (
            r#"{"type":5}"#,
            "json: cannot unmarshal number into Go struct field RegistrationMessage.type of type string",
        ),
        (
            r#"{"filters":{"types":"a","min_amount":1}}"#,
            "json: cannot unmarshal string into Go struct field ClientFilters.filters.types of type []string",
        ),
        (
            "[]",
            "json: cannot unmarshal array into Go value of type consumer.RegistrationMessage",
        ),
    ] {
        assert_eq!(error(message), text);
    }
}

#[test]
fn the_log_shows_filters_as_go_does() {
    let register = Register::read(
        br#"{"type":"register","filters":{"types":["a","b"],"min_amount":"1\u001b[2J","custom":{"x": 1}}}"#,
    );
    let shown = register.unwrap().unwrap().shown();
    assert!(!shown.contains('\u{1b}'), "{shown}");
    assert!(
        shown.starts_with("{Types:[a b] AccountIDs:[] AssetCodes:[] MinAmount:1"),
        "{shown}"
    );
    assert!(
        shown.ends_with(" Custom:[123 34 120 34 58 32 49 125]}"),
        "{shown}"
    );
}
