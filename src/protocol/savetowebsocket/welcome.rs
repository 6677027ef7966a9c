//! The welcome: the same 191 bytes on every connection of the known server.

use crate::schema::gojson::Value;
use crate::schema::scan;

/// What the known server sends.
const KNOWN: &[u8] = br#"{"format":{"filters":{"account_ids":[],"asset_codes":[],"min_amount":"","types":[]},"type":"register"},"message":"Please send registration message to begin receiving events","type":"welcome"}"#;
/// Bytes of an unknown text that are quoted.
const SHOWN: usize = 120;

/// The instruction in it, for the row.
pub(super) fn instruction(text: &[u8]) -> String {
    let words = scan::member(text, "message").and_then(scan::string);
    let mut words = words.unwrap_or_default().into_owned();
    if words.len() > SHOWN {
        words.truncate(words.floor_char_boundary(SHOWN));
        words.push('…');
    }
    words
}

/// What is not as the known server has it; `None` if it is the known welcome, whatever the order
/// of its members.
pub(super) fn difference(text: &[u8]) -> Option<String> {
    if text == KNOWN {
        return None;
    }
    let mut parts = Vec::new();
    let message = |text| scan::member(text, "message").and_then(scan::string);
    if message(text) != message(KNOWN) {
        parts.push(format!(
            "it says “{}” instead of “{}”",
            instruction(text),
            instruction(KNOWN)
        ));
    }
    let (mut here, mut known) = (filters(text), filters(KNOWN));
    here.sort_unstable();
    known.sort_unstable();
    let named = |names: &[String]| names.join(", ");
    let new: Vec<_> = here
        .iter()
        .filter(|it| !known.contains(it))
        .cloned()
        .collect();
    let gone: Vec<_> = known
        .iter()
        .filter(|it| !here.contains(it))
        .cloned()
        .collect();
    if !new.is_empty() {
        parts.push(format!("it names further filters: {}", named(&new)));
    }
    if !gone.is_empty() {
        parts.push(format!("it does not name {}", named(&gone)));
    }
    if parts.is_empty() {
        return None;
    }
    let parts = parts.join("; ");
    Some(format!(
        "not the welcome of the known server: {parts}; what is said here of the server may not hold"
    ))
}

/// The filters whose format it gives.
fn filters(text: &[u8]) -> Vec<String> {
    let format = scan::path(text, &["format", "filters"]);
    let value = format.and_then(|format| Value::parse(format).ok());
    value.map_or_else(Vec::new, |value| {
        value.members().map(|(name, _)| name).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_welcome_in_any_order_is_nothing_to_tell() {
        assert_eq!(KNOWN.len(), 191);
        let guide = br#"{"type":"welcome","message":"Please send registration message to begin receiving events","format":{"type":"register","filters":{"types":[],"account_ids":[],"asset_codes":[],"min_amount":""}}}"#;
        assert_eq!(difference(KNOWN), None);
        assert_eq!(difference(guide), None);
        assert!(instruction(KNOWN).starts_with("Please send registration"));
    }

    #[test]
    fn other_words_and_other_filters_are_told() {
        let other = br#"{"format":{"filters":{"types":[],"ledgers":[]}},"message":"Hello","type":"welcome"}"#;
        let text = difference(other).unwrap();
        for part in [
            "“Hello”",
            "further filters: ledgers",
            "does not name account_ids",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
