//! TOML documents, turned into the JSON text the other readers take.

use serde_json::{Map, Value as Json};
use toml::Value;

use super::error::{ComposeError, Position};
use crate::toml_error;

/// True if the first line that says something begins like TOML and like no JSON.
pub(super) fn looks_like_toml(text: &str) -> bool {
    let Some(line) = text.lines().map(str::trim).find(|line| !line.is_empty()) else {
        return false;
    };
    if line.starts_with('#') {
        return true;
    }
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let bracketed = line.trim_start_matches('[');
    let name = &bracketed[..bracketed.find(|c| !is_bare(c)).unwrap_or(bracketed.len())];
    let follows = bracketed[name.len()..].trim_start();
    if name.is_empty() || matches!(name, "true" | "false" | "null") {
        return false;
    }
    match line.len() - bracketed.len() {
        0 => follows.starts_with(['=', '.']),
        1 | 2 => follows.starts_with([']', '.']) && !name.starts_with(|c: char| c.is_ascii_digit()),
        _ => false,
    }
}

/// The documents of a TOML text as JSON: each table of `[[batch]]` or `[[message]]`, or the whole.
pub(super) fn toml_documents(text: &str) -> Result<Vec<String>, ComposeError> {
    let mut table: toml::Table = toml::from_str(text).map_err(|error| ComposeError::Syntax {
        at: Position {
            document: 1,
            line: error
                .span()
                .map(|span| toml_error::line_at(text, span.start)),
        },
        what: format!("not TOML: {}", toml_error::explain(error.message())),
    })?;
    for list in ["batch", "message"] {
        if let Some(Value::Array(_)) = table.get(list) {
            let Some(Value::Array(documents)) = table.remove(list) else {
                break;
            };
            if let Some(beside) = table.keys().next() {
                let at = Position {
                    document: 1,
                    line: None,
                };
                return Err(ComposeError::UnknownKey {
                    at,
                    path: beside.clone(),
                    advice: format!("beside [[{list}]] there can be nothing"),
                });
            }
            return Ok(documents
                .into_iter()
                .map(|one| json(one).to_string())
                .collect());
        }
    }
    Ok(vec![json(Value::Table(table)).to_string()])
}

fn json(value: Value) -> Json {
    match value {
        Value::String(text) => Json::String(text),
        Value::Integer(number) => Json::from(number),
        // What is not finite has no JSON number; the protobuf mapping spells it as text.
        Value::Float(number) if number.is_finite() => Json::from(number),
        Value::Float(number) if number.is_nan() => Json::from("NaN"),
        Value::Float(number) if number > 0.0 => Json::from("Infinity"),
        Value::Float(_) => Json::from("-Infinity"),
        Value::Boolean(flag) => Json::Bool(flag),
        Value::Datetime(time) => Json::String(time.to_string()),
        Value::Array(elements) => elements.into_iter().map(json).collect(),
        Value::Table(table) => Json::Object(
            table
                .into_iter()
                .map(|(name, value)| (name, json(value)))
                .collect::<Map<_, _>>(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_is_told_from_json_by_its_first_line() {
        for (text, is_toml) in [
            ("[[batch]]\n", true),
            ("\n# a comment\n", true),
            ("req_guid = \"x\"", true),
            ("register.types = []", true),
            ("[register]", true),
            ("{\"a\":1}", false),
            ("[1,2]", false),
            ("[true]", false),
            ("[[1]]", false),
            ("\"text\"", false),
            ("12", false),
            ("hello", false),
            ("", false),
        ] {
            assert_eq!(looks_like_toml(text), is_toml, "{text}");
        }
    }

    #[test]
    fn tables_become_documents_in_order() {
        let text = "[[batch]]\nreq_guid = \"a\"\n[[batch.events]]\ntype = \"t\"\n\
                    data = { n = 1.5, big = 9007199254740993, at = 2026-01-01T00:00:00Z, x = nan }\n\
                    [[batch]]\nreq_guid = \"b\"\n";
        assert_eq!(
            toml_documents(text).unwrap(),
            [
                r#"{"req_guid":"a","events":[{"type":"t","data":{"n":1.5,"big":9007199254740993,"at":"2026-01-01T00:00:00Z","x":"NaN"}}]}"#,
                r#"{"req_guid":"b"}"#
            ]
        );
        assert_eq!(toml_documents("ping = \"x\"").unwrap(), [r#"{"ping":"x"}"#]);
    }

    #[test]
    fn errors_name_the_line() {
        let error = toml_documents("[[batch]]\nreq_guid = \n")
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("document 1, line 2: not TOML"), "{error}");
        let error = toml_documents("other = 1\n[[batch]]\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("unknown key `other`; beside [[batch]]"),
            "{error}"
        );
    }
}
