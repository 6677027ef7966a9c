//! The register message: written, read as the server reads it, and looked over.

use super::Filters;
use crate::schema::gojson::{self, Kind, Value};

/// Largest message the server takes; a larger one is answered with close 1009.
pub(super) const SIZE_MAX: usize = 512 * 1024;

/// The message for these filters. The error says what the server would not take.
pub(super) fn encode(filters: &Filters) -> Result<Vec<u8>, String> {
    let custom = match &filters.custom {
        Some(json) => Value::parse(json.as_bytes())
            .map_err(|error| format!("`custom` is not JSON: {error}"))?
            .raw(),
        None => b"null",
    };
    let mut out = Vec::from(&br#"{"type":"register","filters":{"types":"#[..]);
    list(&filters.types, &mut out);
    out.extend_from_slice(br#","account_ids":"#);
    list(&filters.account_ids, &mut out);
    out.extend_from_slice(br#","asset_codes":"#);
    list(&filters.asset_codes, &mut out);
    out.extend_from_slice(br#","min_amount":"#);
    gojson::quote(&filters.min_amount, &mut out);
    out.extend_from_slice(br#","custom":"#);
    out.extend_from_slice(custom);
    out.extend_from_slice(b"}}");
    if out.len() > SIZE_MAX {
        return Err(format!(
            "the register message has {} bytes; the server takes {SIZE_MAX} and closes with 1009 beyond",
            out.len()
        ));
    }
    Ok(out)
}

fn list(values: &[String], out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        gojson::quote(value, out);
    }
    out.push(b']');
}

/// What the server makes of a message from the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It takes the filters.
    Taken(Wanted),
    /// It drops the message without a reply: one known field has the wrong JSON type.
    Dropped(String),
    /// It is no register; ignored without a reply.
    Ignored,
}

/// The filters of a register or registered message, as far as they count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) types: Vec<String>,
    pub(super) account_ids: Vec<String>,
    pub(super) asset_codes: Vec<String>,
    pub(super) min_amount: String,
    /// JSON text.
    pub(super) custom: Option<String>,
    /// Whether each of the three lists was given as one, rather than left out or `null`.
    pub(super) listed: [bool; 3],
    /// Members of `filters` that the server does not know.
    pub(super) unknown: Vec<String>,
}

/// Reads a message as the server does: names in any letter case, `null` for absent, one wrong
/// type and all is dropped.
pub(super) fn read(text: &[u8]) -> Reading {
    let message = match Value::parse(text) {
        Ok(message) => message,
        Err(error) => return Reading::Dropped(error.to_string()),
    };
    match message.kind() {
        Kind::Object => {}
        Kind::Null => return Reading::Ignored,
        kind => return Reading::Dropped(format!("{} where an object should be", kind.go_name())),
    }
    let mut register = false;
    let mut wanted = Wanted::default();
    for (name, value) in message.members() {
        if value.kind() == Kind::Null {
        } else if gojson::same_name(&name, "type") {
            match value.string() {
                Some(kind) => register = kind == "register",
                None => return Reading::Dropped(misfit(&name, "a string", value)),
            }
        } else if gojson::same_name(&name, "filters") {
            if value.kind() != Kind::Object {
                return Reading::Dropped(misfit(&name, "an object", value));
            }
            if let Err(why) = wanted.take(value) {
                return Reading::Dropped(why);
            }
        }
    }
    if register {
        Reading::Taken(wanted)
    } else {
        Reading::Ignored
    }
}

fn misfit(name: &str, expected: &str, found: Value<'_>) -> String {
    format!(
        "`{name}` must be {expected}, not {}",
        found.kind().go_name()
    )
}

/// The filters in force, out of a registered message.
pub(super) fn in_force(text: &[u8]) -> Wanted {
    let mut wanted = Wanted::default();
    if let Ok(message) = Value::parse(text)
        && let Some(filters) = message.member("filters")
    {
        // What the server sends fits its own types.
        let _ = wanted.take(filters);
    }
    wanted
}

impl Wanted {
    fn take(&mut self, filters: Value<'_>) -> Result<(), String> {
        for (name, value) in filters.members() {
            let is = |known| gojson::same_name(&name, known);
            if is("custom") {
                self.custom = (value.kind() != Kind::Null)
                    .then(|| String::from_utf8_lossy(value.raw()).into_owned());
            } else if is("types") {
                self.types = strings(&name, value)?;
                self.listed[0] = value.kind() == Kind::Array;
            } else if is("account_ids") {
                self.account_ids = strings(&name, value)?;
                self.listed[1] = value.kind() == Kind::Array;
            } else if is("asset_codes") {
                self.asset_codes = strings(&name, value)?;
                self.listed[2] = value.kind() == Kind::Array;
            } else if !is("min_amount") {
                self.unknown.push(name);
            } else if value.kind() != Kind::Null {
                self.min_amount = value
                    .string()
                    .ok_or_else(|| misfit(&name, "a string", value))?;
            }
        }
        Ok(())
    }

    /// The filters, as a profile has them.
    pub(super) fn filters(&self) -> Filters {
        Filters {
            types: self.types.clone(),
            account_ids: self.account_ids.clone(),
            asset_codes: self.asset_codes.clone(),
            min_amount: self.min_amount.clone(),
            custom: self.custom.clone(),
        }
    }

    /// The filters in short; `everything` if none is set.
    pub(super) fn label(&self) -> String {
        self.filters().label()
    }
}

fn strings(name: &str, value: Value<'_>) -> Result<Vec<String>, String> {
    match value.kind() {
        Kind::Null => Ok(Vec::new()),
        Kind::Array => value
            .elements()
            .map(|element| match element.kind() {
                Kind::Null => Ok(String::new()),
                _ => element
                    .string()
                    .ok_or_else(|| misfit(name, "an array of strings", element)),
            })
            .collect(),
        _ => Err(misfit(name, "an array of strings", value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters() -> Filters {
        Filters {
            types: vec!["payment".into()],
            asset_codes: vec!["USDC:G\"".into()],
            ..Filters::default()
        }
    }

    #[test]
    fn written_as_the_server_wants_it() {
        let written = encode(&filters()).unwrap();
        assert_eq!(
            String::from_utf8(written.clone()).unwrap(),
            r#"{"type":"register","filters":{"types":["payment"],"account_ids":[],"asset_codes":["USDC:G\""],"min_amount":"","custom":null}}"#
        );
        let Reading::Taken(wanted) = read(&written) else {
            panic!("not taken")
        };
        assert_eq!(wanted.label(), r#"types=payment assets=USDC:G""#);
    }

    #[test]
    fn custom_is_passed_on_as_it_is() {
        let custom = |json: &str| {
            encode(&Filters {
                custom: Some(json.into()),
                ..Filters::default()
            })
        };
        let written = custom(r#"{"b": 1.10}"#).unwrap();
        assert!(written.ends_with(br#""custom":{"b": 1.10}}}"#));
        assert!(
            custom("{oops")
                .unwrap_err()
                .contains("`custom` is not JSON")
        );
    }

    #[test]
    fn what_the_server_makes_of_a_message() {
        for (text, taken) in [
            (r#"{"type":"register"}"#, Some(true)),
            (
                r#"{"TYPE":"register","FILTERS":{"Types":["x"]}}"#,
                Some(true),
            ),
            (r#"{"type":"register","filters":null}"#, Some(true)),
            (r#"{"type":"register","filters":{"min_amount":100}}"#, None),
            (r#"{"type":"register","filters":{"types":"payment"}}"#, None),
            (r#"{"type":"register","filters":{"account_ids":[1]}}"#, None),
            (r#"{"type":"register","filters":[]}"#, None),
            ("[]", None),
            ("oops", None),
            ("null", Some(false)),
            ("{}", Some(false)),
            (r#"{"type":"Register"}"#, Some(false)),
            (r#"{"type":"subscribe"}"#, Some(false)),
        ] {
            let found = match read(text.as_bytes()) {
                Reading::Taken(_) => Some(true),
                Reading::Ignored => Some(false),
                Reading::Dropped(_) => None,
            };
            assert_eq!(found, taken, "{text}");
        }
    }
}
