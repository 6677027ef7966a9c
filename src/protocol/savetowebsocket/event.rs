//! What the server sends: `welcome`, `registered`, and events of many shapes.

use std::borrow::Cow;

use super::shape::{Fields, Shape};
use crate::schema::scan;

/// What a message from the server is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// The greeting.
    Welcome,
    /// The answer to the first register.
    Registered,
    /// Anything else that is a JSON object, or `null`.
    #[default]
    Event,
    /// Not what the server can send.
    Malformed,
}

/// The cheap reading of a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading<'a> {
    /// What it is.
    pub(super) kind: Kind,
    /// The event's type, or in parentheses what its shape tells of.
    pub(super) label: Cow<'a, str>,
    /// The ledger it is of, where a member near the type says so.
    pub(super) ledger: Option<u64>,
    /// The transaction's hash, raw.
    pub(super) hash: Option<&'a [u8]>,
    /// The event's index, raw.
    pub(super) index: Option<&'a [u8]>,
}

/// Longest event that is read behind its type through nested members; longer ones up to the first.
const NESTED_MAX: usize = 16 << 10;

/// One pass over the top-level members. The server's own messages have the type last, so that what
/// sets them apart from an event of the same type has been seen by then.
pub(super) fn read(text: &[u8]) -> Reading<'_> {
    if let Some(fields) = Fields::behind_the_ledger(text) {
        return Reading {
            label: Cow::Borrowed(fields.shape().label()),
            ledger: fields.ledger(),
            ..Reading::default()
        };
    }
    let (mut format, mut filters) = (false, false);
    let mut typed = None;
    let mut named = None;
    let mut members = 0;
    let mut found = Reading::default();
    for (key, value) in scan::members(text) {
        members += 1;
        match key {
            b"type" if typed.is_none() => {
                typed = scan::string(value);
                found.kind = match typed.as_deref() {
                    Some("welcome") if format => Kind::Welcome,
                    Some("registered") if filters => Kind::Registered,
                    _ => Kind::Event,
                };
                if found.kind != Kind::Event {
                    break;
                }
            }
            b"effect_type" | b"message_type" => named = named.or_else(|| scan::string(value)),
            b"format" => format = true,
            b"filters" => filters = true,
            b"ledger_sequence" | b"ledger_seq_num" | b"ledger_seq" | b"ledger" | b"sequence"
            | b"LedgerSeqNum" => found.ledger = found.ledger.or_else(|| ledger(value)),
            b"transaction_hash" | b"tx_hash" => found.hash = Some(value),
            b"event_index" => found.index = Some(value),
            _ => {}
        }
        let nested = matches!(value.first(), Some(b'{' | b'['));
        if nested && typed.is_some() && text.len() > NESTED_MAX {
            break;
        }
    }
    if let Some(label) = typed {
        found.label = label;
        return found;
    }
    let trimmed = text.trim_ascii();
    if members == 0 && !matches!(trimmed, b"{}" | b"null") {
        found.kind = Kind::Malformed;
    }
    found.label = match named {
        Some(named) => named,
        None if trimmed == b"null" => Cow::Borrowed("null"),
        None => Cow::Borrowed(Shape::of(text).label()),
    };
    found
}

/// A ledger's number; zero is what processors write that do not know it.
fn ledger(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 19 {
        return None;
    }
    let number = value.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u64::from(byte - b'0'))
    })?;
    (number > 0).then_some(number)
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
    fn ledger_hash_and_index_are_read_on_the_way() {
        for (text, ledger) in [
            (
                r#"{"type":"payment","memo":"","ledger_seq_num":60123456}"#,
                Some(60_123_456),
            ),
            (r#"{"ledger_sequence":7,"type":"x","ledger":8}"#, Some(7)),
            (r#"{"sequence":5,"hash":"x"}"#, Some(5)),
            (r#"{"ledger_sequence":0,"type":"payment"}"#, None),
            (r#"{"ledger":"5"}"#, None),
            (r#"{"ledger":-5}"#, None),
            (r#"{"ledger":99999999999999999999}"#, None),
            (r#"{"inner":{"ledger":5}}"#, None),
        ] {
            assert_eq!(read(text.as_bytes()).ledger, ledger, "{text}");
        }
        let reading = read(br#"{"tx_hash":"ab","type":"contract","data":{},"event_index":3}"#);
        assert_eq!(
            (reading.hash, reading.index),
            (Some(&b"\"ab\""[..]), Some(&b"3"[..]))
        );
    }

    #[test]
    fn long_events_are_not_read_to_the_end() {
        let filler = "x".repeat(NESTED_MAX);
        let text =
            format!(r#"{{"ledger":5,"type":"contract","data":["{filler}"],"event_index":3}}"#);
        let reading = read(text.as_bytes());
        assert_eq!((reading.ledger, reading.index), (Some(5), None));
    }

    #[test]
    fn a_type_is_borrowed() {
        let reading = read(br#"{"type":"payment","rest":[1,2"#);
        assert!(matches!(reading.label, Cow::Borrowed("payment")));
    }
}
