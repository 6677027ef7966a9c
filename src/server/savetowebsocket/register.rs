//! The three messages of this server that are not events: `welcome`, `register`, `registered`.
//!
//! A `register` is read as Go reads JSON into a struct: names in any letter case, unknown
//! members ignored, the last of repeated members counts, `null` changes nothing. One wrong type
//! in a known member refuses the whole message, and refusing means silence.

use crate::protocol::savetowebsocket::Filters;
use crate::schema::gojson::{Kind, Value, quote, relay, same_name};

/// First message on every connection. Members in alphabetical order; `custom` is not mentioned.
pub(super) const WELCOME: &[u8] = br#"{"format":{"filters":{"account_ids":[],"asset_codes":[],"min_amount":"","types":[]},"type":"register"},"message":"Please send registration message to begin receiving events","type":"welcome"}"#;

/// The filters of a `register`; lists that were left out or `null` are told apart from empty
/// ones because the reply echoes the difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Register {
    types: Option<Vec<String>>,
    account_ids: Option<Vec<String>>,
    asset_codes: Option<Vec<String>>,
    min_amount: String,
    /// Any JSON, as it will be echoed.
    custom: Option<Vec<u8>>,
}

/// A known member of the wrong JSON type.
#[derive(Debug, PartialEq, Eq)]
struct WrongType;

impl Register {
    /// Reads a client's message; `None` if the server would ignore it, for whatever reason.
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        let value = Value::parse(message).ok()?;
        if value.kind() != Kind::Object {
            return None;
        }
        let mut kind = String::new();
        let mut register = Self::default();
        for (name, value) in value.members() {
            if same_name(&name, "type") {
                set_string(&mut kind, value).ok()?;
            } else if same_name(&name, "filters") {
                register.set_filters(value).ok()?;
            }
        }
        (kind == "register").then_some(register)
    }

    fn set_filters(&mut self, value: Value<'_>) -> Result<(), WrongType> {
        match value.kind() {
            Kind::Object => {}
            Kind::Null => return Ok(()),
            _ => return Err(WrongType),
        }
        for (name, value) in value.members() {
            if same_name(&name, "types") {
                set_list(&mut self.types, value)?;
            } else if same_name(&name, "account_ids") {
                set_list(&mut self.account_ids, value)?;
            } else if same_name(&name, "asset_codes") {
                set_list(&mut self.asset_codes, value)?;
            } else if same_name(&name, "min_amount") {
                set_string(&mut self.min_amount, value)?;
            } else if same_name(&name, "custom") {
                let mut echoed = Vec::new();
                relay(value.raw(), &mut echoed);
                self.custom = Some(echoed);
            }
        }
        Ok(())
    }

    /// The `registered` reply: outer members in alphabetical order, filters in the order the
    /// server declares them.
    pub(super) fn reply(&self) -> Vec<u8> {
        let mut out = b"{\"filters\":{\"types\":".to_vec();
        write_list(self.types.as_deref(), &mut out);
        out.extend_from_slice(b",\"account_ids\":");
        write_list(self.account_ids.as_deref(), &mut out);
        out.extend_from_slice(b",\"asset_codes\":");
        write_list(self.asset_codes.as_deref(), &mut out);
        out.extend_from_slice(b",\"min_amount\":");
        quote(&self.min_amount, &mut out);
        out.extend_from_slice(b",\"custom\":");
        out.extend_from_slice(self.custom.as_deref().unwrap_or(b"null"));
        out.extend_from_slice(
            br#"},"message":"Registration successful, processing queued events","type":"registered"}"#,
        );
        out
    }

    /// What decides about events from now on.
    pub(super) fn into_filters(self) -> Filters {
        Filters {
            types: self.types.unwrap_or_default(),
            account_ids: self.account_ids.unwrap_or_default(),
            asset_codes: self.asset_codes.unwrap_or_default(),
            min_amount: self.min_amount,
            custom: self
                .custom
                .map(|custom| String::from_utf8_lossy(&custom).into_owned()),
        }
    }
}

fn set_string(place: &mut String, value: Value<'_>) -> Result<(), WrongType> {
    match value.kind() {
        Kind::Null => {}
        _ => *place = value.string().ok_or(WrongType)?,
    }
    Ok(())
}

fn set_list(place: &mut Option<Vec<String>>, value: Value<'_>) -> Result<(), WrongType> {
    *place = match value.kind() {
        Kind::Null => None,
        Kind::Array => {
            let mut list = Vec::new();
            for element in value.elements() {
                let mut text = String::new();
                set_string(&mut text, element)?;
                list.push(text);
            }
            Some(list)
        }
        _ => return Err(WrongType),
    };
    Ok(())
}

fn write_list(list: Option<&[String]>, out: &mut Vec<u8>) {
    let Some(list) = list else {
        out.extend_from_slice(b"null");
        return;
    };
    out.push(b'[');
    for (index, text) in list.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        quote(text, out);
    }
    out.push(b']');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(message: &str) -> Option<String> {
        let register = Register::read(message.as_bytes())?;
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
        .unwrap();
        assert_eq!(register.types.as_deref(), Some(&["b".to_owned()][..]));
        assert_eq!(register.min_amount, "1");
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
        let register =
            Register::read(b"{\"type\":\"register\",\"filters\":{\"types\":[\"a\xff\"]}}");
        assert_eq!(
            register.unwrap().into_filters().types,
            vec!["a\u{FFFD}".to_owned()]
        );
    }
}
