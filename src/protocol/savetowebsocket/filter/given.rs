//! Filters as text: what a register carries, alone or whole.

use super::super::advice;
use super::super::register::{self, Reading};
use super::Filters;
use crate::schema::gojson::Value;

/// Filters read from text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// What the server makes of them.
    pub filters: Filters,
    /// Members it does not know, a sentence for each.
    pub unknown: Vec<String>,
}

impl Given {
    /// Reads the JSON of `filters`, or of a whole `register` or `registered` message, as the
    /// server does: names in any letter case, one wrong type and all is refused. The error is a
    /// sentence about the text.
    pub fn read(text: &str) -> Result<Self, String> {
        let value = Value::parse(text.as_bytes()).map_err(|error| error.to_string())?;
        let inner = value.member("filters").unwrap_or(value);
        let filters = String::from_utf8_lossy(inner.raw());
        let message = format!(r#"{{"type":"register","filters":{filters}}}"#);
        match register::read(message.as_bytes()) {
            Reading::Taken(wanted) => Ok(Self {
                filters: wanted.filters(),
                unknown: wanted
                    .unknown
                    .iter()
                    .map(|name| advice::unknown(name))
                    .collect(),
            }),
            Reading::Dropped(why) => Err(format!(
                "{why}; the server drops such a register without a reply"
            )),
            Reading::Ignored => Ok(Self::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_alone_or_in_their_message() {
        for text in [
            r#"{"types":["payment"],"min_amount":"5"}"#,
            r#"{"Types":["payment"],"MIN_AMOUNT":"5","custom":null}"#,
            r#"{"type":"register","filters":{"types":["payment"],"min_amount":"5"}}"#,
            r#"{"filters":{"types":["payment"],"account_ids":null,"min_amount":"5"},"message":"","type":"registered"}"#,
        ] {
            let given = Given::read(text).unwrap();
            assert_eq!(given.filters.types, ["payment"], "{text}");
            assert_eq!(given.filters.min_amount, "5", "{text}");
        }
        assert_eq!(Given::read("null").unwrap(), Given::default());
        let slipped = Given::read(r#"{"account_id":["G"]}"#).unwrap();
        assert!(slipped.unknown[0].contains("did you mean `account_ids`"));
    }

    #[test]
    fn what_the_server_would_drop_is_refused() {
        for (text, why) in [
            (r#"{"types":"payment"}"#, "`types` must be"),
            (r#"{"min_amount":100}"#, "`min_amount` must be a string"),
            ("[]", "`filters` must be an object"),
            ("{oops", "not JSON at byte 1"),
        ] {
            let error = Given::read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
