use super::*;

const RULE: &str = r#"{ event = "x", message = "a.X" }"#;

fn amended(text: &str) -> Result<String, AmendError> {
    with_rule(text, &TypeRule::message("x", "a.X"))
}

#[test]
fn every_way_a_schema_is_written() {
    for (before, after) in [
        ("", format!("[schema]\ntypes = [{RULE}]\n")),
        (
            "url = \"ws://h\" # mine\n\n[tls]\ninsecure = true\n",
            format!("url = \"ws://h\" # mine\n\n[tls]\ninsecure = true\n\n[schema]\ntypes = [{RULE}]\n"),
        ),
        (
            "[ schema ] # s\nfiles = [\"a.proto\"]\n\n[tls]\n",
            format!("[ schema ] # s\ntypes = [{RULE}]\nfiles = [\"a.proto\"]\n\n[tls]\n"),
        ),
        ("[schema]", format!("[schema]\ntypes = [{RULE}]\n")),
        ("[schema]\ntypes = []\n", format!("[schema]\ntypes = [{RULE}]\n")),
        (
            "[schema]\ntypes = [ { event = \"a\", message = \"A\" } ] # t\nfiles = []\n",
            format!("[schema]\ntypes = [ {{ event = \"a\", message = \"A\" }}, {RULE} ] # t\nfiles = []\n"),
        ),
        (
            "[schema]\ntypes = [\n  { event = \"a\", message = \"A\" }, # first\n  { event = \"b\", message = \"B\" }, # second\n]\n",
            format!("[schema]\ntypes = [\n  {{ event = \"a\", message = \"A\" }}, # first\n  {{ event = \"b\", message = \"B\" }},\n  {RULE}, # second\n]\n"),
        ),
        (
            "[schema]\ntypes = [{ message = \"Old\", event = \"x\" }, { event = \"b\", message = \"B\" }] # keep\n",
            format!("[schema]\ntypes = [{RULE}, {{ event = \"b\", message = \"B\" }}] # keep\n"),
        ),
        (
            "url = \"u\"\nschema.files = [\"a\"]\n",
            format!("url = \"u\"\nschema.types = [{RULE}]\nschema.files = [\"a\"]\n"),
        ),
        (
            "schema = { files = [\"a\"] }\n",
            format!("schema = {{ types = [{RULE}], files = [\"a\"] }}\n"),
        ),
        (
            "[[schema.types]]\nevent = \"a\"\nmessage = \"A\"\n\n[tls]\n",
            "[[schema.types]]\nevent = \"a\"\nmessage = \"A\"\n\n[tls]\n\n[[schema.types]]\nevent = \"x\"\nmessage = \"a.X\"\n".to_owned(),
        ),
    ] {
        assert_eq!(amended(before), Ok(after), "{before}");
    }
}

#[test]
fn what_cannot_be_changed_is_said_with_the_line_to_add() {
    let under_header = "[[schema.types]]\nevent = \"x\"\nmessage = \"A\"\n";
    for text in [under_header, "schema = 7\n", "[schema]\ntypes = 7\n"] {
        let error = amended(text).unwrap_err().to_string();
        assert!(error.contains(RULE), "{error}");
    }
    assert!(matches!(amended("url ="), Err(AmendError::Syntax(_))));
}

#[test]
fn a_header_inside_a_text_is_no_header() {
    let text = "description = \"\"\"\n[schema]\n\"\"\"\n[schema]\nfiles = []\n";
    let amended = amended(text);
    let ok = amended.as_ref().is_ok_and(|text| text.contains(RULE));
    assert!(
        ok || matches!(amended, Err(AmendError::Shape(_))),
        "{amended:?}"
    );
}

#[test]
fn texts_are_quoted_and_are_no_templates() {
    let rule = TypeRule::of_type("a\"b\\${env:X}", "raw");
    let text = with_rule("", &rule).unwrap();
    let table: toml::Table = toml::from_str(&text).unwrap();
    let event = table["schema"]["types"][0]["event"].as_str().unwrap();
    assert_eq!(event, "a\"b\\$${env:X}");
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn never_panics_and_never_says_anything_else(text in ".{0,80}", event in ".{0,12}") {
            let rule = TypeRule::of_type(&event, "M");
            if let Ok(amended) = with_rule(&text, &rule) {
                let table: toml::Table = toml::from_str(&amended).unwrap();
                prop_assert!(table.contains_key("schema"));
            }
        }
    }
}
