//! What the server sends: `welcome`, `registered`, and events of many shapes.

use std::borrow::Cow;

use super::Shape;
use crate::schema::scan;

/// What a message from the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The greeting.
    Welcome,
    /// The answer to the first register.
    Registered,
    /// Anything else that is a JSON object, or `null`.
    Event,
    /// Not what the server can send.
    Malformed,
}

/// The cheap reading of a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading<'a> {
    /// What it is.
    pub(super) kind: Kind,
    /// The event's type, or in parentheses what its shape tells of.
    pub(super) label: Cow<'a, str>,
}

/// Reads members until the type is known. The server's own messages have it last, so that what
/// sets them apart from an event of the same type has been seen by then.
pub(super) fn read(text: &[u8]) -> Reading<'_> {
    let (mut format, mut filters) = (false, false);
    let mut named = None;
    let mut members = 0;
    for (key, value) in scan::members(text) {
        members += 1;
        match key {
            b"type" => {
                if let Some(label) = scan::string(value) {
                    let kind = match &*label {
                        "welcome" if format => Kind::Welcome,
                        "registered" if filters => Kind::Registered,
                        _ => Kind::Event,
                    };
                    return Reading { kind, label };
                }
            }
            b"effect_type" | b"message_type" => named = named.or_else(|| scan::string(value)),
            b"format" => format = true,
            b"filters" => filters = true,
            _ => {}
        }
    }
    let trimmed = text.trim_ascii();
    let kind = if members > 0 || matches!(trimmed, b"{}" | b"null") {
        Kind::Event
    } else {
        Kind::Malformed
    };
    let label = match named {
        Some(named) => named,
        None if trimmed == b"null" => Cow::Borrowed("null"),
        None => Cow::Borrowed(Shape::of(text).label()),
    };
    Reading { kind, label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_labels_by_case() {
        for (text, kind, label) in [
            (
                r#"{"format":{},"message":"","type":"welcome"}"#,
                Kind::Welcome,
                "welcome",
            ),
            (
                r#"{"filters":{},"message":"","type":"registered"}"#,
                Kind::Registered,
                "registered",
            ),
            (r#"{"type":"registered"}"#, Kind::Event, "registered"),
            (r#"{"a":1,"type":"payment"}"#, Kind::Event, "payment"),
            (
                r#"{"type":7,"effect_type":"account_credited"}"#,
                Kind::Event,
                "account_credited",
            ),
            (
                r#"{"events":[],"message_type":"stellar_contract_events"}"#,
                Kind::Event,
                "stellar_contract_events",
            ),
            (r#"{"sequence":1,"closed_at":"x"}"#, Kind::Event, "(ledger)"),
            (
                r#"{"base_asset":"XLM:","quote_asset":"","bid_count":0,"ask_min":1}"#,
                Kind::Event,
                "(orderbook)",
            ),
            (r#"{"x":{"type":"inner"}}"#, Kind::Event, "(no type)"),
            ("{}", Kind::Event, "(no type)"),
            (" null\n", Kind::Event, "null"),
            ("[1]", Kind::Malformed, "(no type)"),
            ("", Kind::Malformed, "(no type)"),
        ] {
            let reading = read(text.as_bytes());
            assert_eq!((reading.kind, &*reading.label), (kind, label), "{text}");
        }
    }

    #[test]
    fn a_type_is_borrowed() {
        let reading = read(br#"{"type":"payment","rest":[1,2"#);
        assert!(matches!(reading.label, Cow::Borrowed("payment")));
    }
}
