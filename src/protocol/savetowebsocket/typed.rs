//! Filters as a person writes them.

use super::Filters;
use super::register::{self, Reading};
use crate::schema::gojson::Value;
use crate::schema::scan;

/// Reads the object of a register's `filters`, or a whole register or `registered` message; empty
/// text means no filters. The server would take such filters; unlike the server, unknown members
/// are refused: they are mistyped. The error is a sentence.
pub fn read_filters(text: &str) -> Result<Filters, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Filters::default());
    }
    Value::parse(text.as_bytes())
        .map_err(|error| format!("{error}; write for example {{\"types\":[\"payment\"]}}"))?;
    let inner = scan::member(text.as_bytes(), "filters").unwrap_or(text.as_bytes());
    let mut message = br#"{"type":"register","filters":"#.to_vec();
    message.extend_from_slice(inner);
    message.push(b'}');
    match register::read(&message) {
        Reading::Taken(wanted) if wanted.unknown.is_empty() => Ok(wanted.filters()),
        Reading::Taken(wanted) => Err(format!(
            "no filter is called {}; there are types, account_ids, asset_codes, min_amount, custom",
            wanted.unknown.join(", ")
        )),
        Reading::Dropped(why) => Err(format!("the server would drop them: {why}")),
        Reading::Ignored => Err("these are no filters".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_in_a_message_or_not_at_all() {
        for (text, types, amount) in [
            ("", 0, ""),
            ("{}", 0, ""),
            (r#"{"types":["a","b"],"min_amount":"5"}"#, 2, "5"),
            (r#"{"type":"register","filters":{"Types":["a"]}}"#, 1, ""),
            (
                r#"{"filters":{"types":null},"message":"","type":"registered"}"#,
                0,
                "",
            ),
        ] {
            let filters = read_filters(text).unwrap();
            assert_eq!(
                (filters.types.len(), &*filters.min_amount),
                (types, amount),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in [
            ("{", "not JSON"),
            ("[1]", "an object"),
            (r#"{"types":"payment"}"#, "an array of strings"),
            (r#"{"min_amount":100}"#, "`min_amount` must be a string"),
            (r#"{"asset_code":["x"]}"#, "asset_code"),
        ] {
            let why = read_filters(text).unwrap_err();
            assert!(why.contains(part), "{why}");
        }
    }
}
