use proptest::prelude::*;

use super::*;

const ACK: &[u8] = br#"{"badge":"ack","size":31,"latency_us":2100,"notes":[],"body":
  {"id":90071992547409931234,"price":"12.50","items":[{"n":1},{"n":2}],"code":5}}"#;

fn matches(text: &str) -> bool {
    Program::compile(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .matches(ACK)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn truth_of_the_first_output() {
    for (text, expected) in [
        (r#".badge == "ack""#, true),
        (r#".badge == "ack" and .latency_us > 2000"#, true),
        (".latency_us > 3000", false),
        ("select(.size < 100)", true),
        ("select(.size > 100)", false),
        ("empty", false),
        ("null", false),
        ("0", true),
        ("false, true", false),
        (".body.items[] | select(.n == 2)", true),
        ("any(.body.items[]; .n == 2)", true),
        (r#".body.price | test("^12")"#, true),
        (".body.id == 90071992547409931234", true),
        (".body.id == 90071992547409931235", false),
        (".missing.deeper", false),
        ("(.body.price | tonumber) * 2 == 25", true),
        (".. | select(. == 5)?", true),
        ("[range(5)] | length == 5", true),
        (r"[recurse(.items[]?)] | length > 0", true),
        (r"def twice(f): f | f; .size | twice(. + 1) == 33", true),
    ] {
        assert_eq!(matches(text), expected, "{text}");
    }
}

#[test]
fn outputs_are_compact_json_with_exact_numbers() {
    let program = Program::compile(".body.id, .body.items[].n, .badge").unwrap();
    assert_eq!(
        program.outputs(ACK, 3).unwrap(),
        ["90071992547409931234", "1", "2"]
    );
}

#[test]
fn refusals_name_the_column() {
    for (text, column, says) in [
        ("", 1, "empty"),
        (".badge ==", 10, "a value is missing"),
        (".badge = = 1", 10, "expected term, found `=`"),
        ("(.badge", 8, "never closed"),
        (r#".badge == "ack"#, 15, "never closed"),
        (".badge == 'ack'", 11, "double quotes"),
        (".a && .b", 4, "write `and`"),
        (".a .b .c d", 10, "`and`"),
        ("badge == 1", 1, "a field is written `.badge`"),
        ("selct(.a)", 1, "did you mean `select`?"),
        (".a | $x", 6, "there is no variable `$x`"),
        ("if .a then 1", 13, "else or end"),
        ("über", 1, ""),
        (".a | input", 6, "one value at a time"),
        ("halt", 1, "end the program"),
        ("env", 1, "environment"),
        ("$ENV.HOME", 1, "environment"),
        ("[repeat(1)]", 2, "never ends"),
        ("def f: f; f", 8, "calls itself"),
        ("def f: def g: f; g; f", 15, "calls itself"),
        ("recurse(. + 1)", 1, "goes down"),
        (r#""a" * .size"#, 5, "repeat it without bound"),
        (".body *= 2", 7, "repeat it without bound"),
        (r#"import "x" as x; ."#, 8, ""),
    ] {
        let error = Program::compile(text).expect_err(text);
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(error.what.contains(says), "{text}: {error}");
    }
}

#[test]
fn run_time_failures_are_told_not_panicked() {
    for (text, json) in [
        (".a - 1", &br#"{"a":"x"}"#[..]),
        (".", b"nonsense"),
        (".", b""),
        (".", b"# comment \"\n1"),
        ("[range(1000000)]", b"1"),
        (r#"error("no")"#, b"1"),
    ] {
        assert!(
            Program::compile(text).unwrap().matches(json).is_err(),
            "{text}"
        );
    }
}

#[test]
fn deep_and_absurd_json_is_refused_before_it_is_parsed() {
    let program = Program::compile(".").unwrap();
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    assert!(program.matches(&deep).is_err());
    assert!(program.matches(&b"9".repeat(1 << 20)).is_err());
    let fine = [b"[".repeat(DEPTH_MAX), b"]".repeat(DEPTH_MAX)].concat();
    assert_eq!(program.matches(&fine), Ok(true));
    let inner = Program::compile("fromjson").unwrap();
    let quoted = [b"\"", "[".repeat(100_000).as_bytes(), b"\""].concat();
    assert!(inner.matches(&quoted).is_err());
}

#[test]
fn expressions_that_nest_without_end_are_refused_or_fit_the_stack() {
    for (opening, middle, closing) in [
        ("(", "1", ")"),
        ("-", "1", ""),
        ("try ", "1", ""),
        ("if ", "1", " then 1 end"),
        (". as $x|", ".", ""),
        ("reduce ", ". ", "as $x(1;1)"),
        (".|", ".", ""),
        ("1,", "1", ""),
        ("1+", "1", ""),
        ("1 and ", "1", ""),
        ("1//", "1", ""),
        (".", "", "[0]"),
        ("", ".", "?"),
        ("def a:.;", ".", ""),
        ("def a:", "1", ";1"),
        ("label $x|", ".", ""),
        ("not|", ".", ""),
        ("map(", ".", ")"),
        ("\"\\(", "1", ")\""),
        ("{a:", "1", "}"),
        ("(-", "1", ")"),
        ("try (-", "1", ")"),
    ] {
        for times in [31, 42, 63, 64, 85, 127, 128, 1000] {
            let text = format!("{}{middle}{}", opening.repeat(times), closing.repeat(times));
            if let Ok(program) = Program::compile(&text) {
                let _ = program.matches(b"[1]");
            }
        }
    }
}

#[test]
fn a_program_can_go_to_another_thread() {
    fn check<T: Send + Sync>() {}
    check::<Program>();
}

#[test]
fn only_expressions_on_summary_members_do_without_the_body() {
    for text in [
        r#".badge == "ack""#,
        r#".badge=="ack" and .latency_us>2000"#,
        "select(.size > 3)",
        r#".label | test("click"; "i")"#,
        r#".label | startswith("a") or (.dir == "in" | not)"#,
        r#"has("latency_us")"#,
        r#"if .dir == "in" then .size > 1 else false end"#,
        ".",
        r#"["ack","batch"] | index("x")"#,
        r#"(.badge, .kind) == "ping""#,
        r#".["badge"] == "ack""#,
        r".latency_us // 0 > 5",
    ] {
        assert!(!needs_body(text), "{text}");
    }
    for text in [
        ".body.x == 1",
        ".key == 1",
        ".notes != []",
        ".error",
        ".. == 1",
        ".[]",
        "length > 3",
        "tostring | test(\"x\")",
        "keys",
        r#".["bo" + "dy"]"#,
        ". as $x | .badge | $x.body",
        ". as {body: $b} | $b",
        r#""\(.)""#,
        "[.] | .[0].body",
        "{a: .}",
        ". == {}",
        "def f: .body; f",
        "del(.badge) | .body",
        "try error catch .body",
        "has(\"body\")",
        "not valid (",
        ".text",
    ] {
        assert!(needs_body(text), "{text}");
    }
}

/// Pieces that expressions are made of.
const TOKENS: &[&str] = &[
    ".",
    ".badge",
    ".body",
    "[]",
    "?",
    "|",
    ",",
    "and",
    "or",
    "not",
    "==",
    "<",
    "-",
    "*",
    "/",
    "%",
    "+",
    "//",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    "\"a\"",
    "\"\\(.)\"",
    "0",
    "-1",
    "1.5",
    "length",
    "keys",
    "if",
    "then",
    "else",
    "end",
    "try",
    "error",
    "as $x",
    "$x",
    "reduce",
    "def f: .;",
    "f",
    "select(.)",
    "test(\"a\")",
    "tojson",
    "fromjson",
    "tonumber",
    "..",
    "..=.",
    "|=",
    "first",
    "sort",
    "@base64",
    "@json",
    "limit(2; .[])",
    "splits(\"a\")",
    "ascii_downcase",
    "implode",
    "todate",
    "getpath([\"a\", 0])",
    "del(.[0])",
    ".[1:]",
    ".[-1:]",
    "min",
    "group_by(.)",
    "ltrimstr(1)",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_expression_and_no_input_panics(
        tokens in prop::collection::vec(prop::sample::select(TOKENS), 1..7),
        joint in prop::sample::select(vec![" ", " | ", " | ", "? | "]),
        input in prop_oneof!["[\\[\\]{}\",:0-9eE.+a-z\\\\ -]{0,24}", Just(String::from_utf8_lossy(ACK).into_owned())],
        bytes in prop::collection::vec(any::<u8>(), 0..24),
    ) {
        let text = tokens.join(joint);
        let _ = needs_body(&text);
        let _ = plan::plan(&text);
        match Program::compile(&text) {
            Ok(program) => {
                let _ = program.outputs(input.as_bytes(), 50);
                let _ = program.outputs(&bytes, 50);
                let _ = program.outputs(ACK, 50);
            }
            Err(error) => prop_assert!(error.column <= text.chars().count() + 1),
        }
    }
}
