//! What the server sends: `welcome`, `registered`, and events of many shapes.

use std::borrow::Cow;

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
    /// The event's type, or in parentheses what its members suggest.
    pub(super) label: Cow<'a, str>,
}

/// Reads members until the type is known. The server's own messages have it last, so that what
/// sets them apart from an event of the same type has been seen by then.
pub(super) fn read(text: &[u8]) -> Reading<'_> {
    let (mut format, mut filters) = (false, false);
    let mut named = None;
    let mut guess = None;
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
            _ => guess = guess.or_else(|| shape(key)),
        }
    }
    let trimmed = text.trim_ascii();
    let kind = if members > 0 || matches!(trimmed, b"{}" | b"null") {
        Kind::Event
    } else {
        Kind::Malformed
    };
    let label = match (named, guess) {
        (Some(named), _) => named,
        (None, Some(guess)) => Cow::Borrowed(guess),
        (None, None) if trimmed == b"null" => Cow::Borrowed("null"),
        (None, None) => Cow::Borrowed("(no type)"),
    };
    Reading { kind, label }
}

/// What a member suggests of an event without a type: the name of the processors' output that
/// has such a member.
fn shape(key: &[u8]) -> Option<&'static str> {
    Some(match key {
        b"total_transactions" => "(account year)",
        b"bid_count" => "(orderbook)",
        b"function_name" | b"invoking_account" | b"event_subtype" => "(contract invocation)",
        b"creator_account" => "(contract creation)",
        b"block_index" => "(kale block)",
        b"change_type" => "(ledger change)",
        b"Transaction" | b"LedgerSeqNum" => "(ledger transaction)",
        b"sequence" | b"ledger_hash" | b"previous_ledger_hash" => "(ledger)",
        _ => return None,
    })
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
            (r#"{"sequence":1,"hash":"x"}"#, Kind::Event, "(ledger)"),
            (
                r#"{"base_asset":"XLM:","bid_count":0}"#,
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
