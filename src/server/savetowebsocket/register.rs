//! The three messages of this server that are not events: `welcome`, `register`, `registered`.
//!
//! A `register` is read as Go reads JSON into a struct: names in any letter case, unknown
//! members ignored, the last of repeated members counts, `null` changes nothing. One wrong type
//! in a known member refuses the whole message, and refusing means silence.

mod slice;

use self::slice::Slice;
use crate::protocol::savetowebsocket::Filters;
use crate::sanitise;
use crate::schema::gojson::{Kind, Value, quote, relay, same_name};
use crate::server::gojson;

/// First message on every connection. Members in alphabetical order; `custom` is not mentioned.
pub(super) const WELCOME: &[u8] = br#"{"format":{"filters":{"account_ids":[],"asset_codes":[],"min_amount":"","types":[]},"type":"register"},"message":"Please send registration message to begin receiving events","type":"welcome"}"#;

/// What the log says of an event that is lost for a client that has not registered.
pub(super) const QUEUE_FULL: &str = "Failed to queue message: message queue full";

/// The filters of a `register`; lists that were left out or `null` are told apart from empty
/// ones because the reply echoes the difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Register {
    types: Slice,
    account_ids: Slice,
    asset_codes: Slice,
    min_amount: String,
    /// Any JSON, as it was spelled.
    custom: Option<Vec<u8>>,
}

/// The first known member of the wrong JSON type: what it is, where, and what Go wanted.
struct WrongType {
    found: Kind,
    place: &'static str,
    wanted: &'static str,
}

impl WrongType {
    /// Go's text.
    fn text(&self) -> String {
        format!(
            "json: cannot unmarshal {} into Go {} of type {}",
            self.found.go_name(),
            self.place,
            self.wanted
        )
    }
}

impl Register {
    /// Reads a client's message: `None` if it is no register, an error in Go's words if it is
    /// not what the server can read. It is met with silence either way.
    pub(super) fn read(message: &[u8]) -> Result<Option<Self>, String> {
        gojson::check(message)?;
        let value = Value::parse(message).map_err(|error| error.to_string())?;
        match value.kind() {
            Kind::Object => {}
            Kind::Null => return Ok(None),
            found => {
                let (place, wanted) = ("value", "consumer.RegistrationMessage");
                return Err(wrong(found, place, wanted).text());
            }
        }
        let mut kind = String::new();
        let mut register = Self::default();
        let mut first = None;
        for (name, value) in value.members() {
            let read = if same_name(&name, "type") {
                let place = "struct field RegistrationMessage.type";
                set_string(&mut kind, value, place)
            } else if same_name(&name, "filters") {
                register.set_filters(value)
            } else {
                Ok(())
            };
            first = first.or(read.err());
        }
        match first {
            Some(error) => Err(error.text()),
            None => Ok((kind == "register").then_some(register)),
        }
    }

    /// Goes on behind a wrong type, as Go does; the first one is told.
    fn set_filters(&mut self, value: Value<'_>) -> Result<(), WrongType> {
        match value.kind() {
            Kind::Object => {}
            Kind::Null => return Ok(()),
            found => {
                let place = "struct field RegistrationMessage.filters";
                return Err(wrong(found, place, "consumer.ClientFilters"));
            }
        }
        let mut first = Ok(());
        for (name, value) in value.members() {
            let read = if same_name(&name, "types") {
                self.types
                    .set(value, "struct field ClientFilters.filters.types")
            } else if same_name(&name, "account_ids") {
                let place = "struct field ClientFilters.filters.account_ids";
                self.account_ids.set(value, place)
            } else if same_name(&name, "asset_codes") {
                let place = "struct field ClientFilters.filters.asset_codes";
                self.asset_codes.set(value, place)
            } else if same_name(&name, "min_amount") {
                let place = "struct field ClientFilters.filters.min_amount";
                set_string(&mut self.min_amount, value, place)
            } else {
                if same_name(&name, "custom") {
                    self.custom = Some(value.raw().to_vec());
                }
                Ok(())
            };
            first = first.and(read);
        }
        first
    }

    /// The `registered` reply: outer members in alphabetical order, filters in the order the
    /// server declares them.
    pub(super) fn reply(&self) -> Vec<u8> {
        let mut out = b"{\"filters\":{\"types\":".to_vec();
        self.types.write(&mut out);
        out.extend_from_slice(b",\"account_ids\":");
        self.account_ids.write(&mut out);
        out.extend_from_slice(b",\"asset_codes\":");
        self.asset_codes.write(&mut out);
        out.extend_from_slice(b",\"min_amount\":");
        quote(&self.min_amount, &mut out);
        out.extend_from_slice(b",\"custom\":");
        relay(self.custom.as_deref().unwrap_or(b"null"), &mut out);
        out.extend_from_slice(
            br#"},"message":"Registration successful, processing queued events","type":"registered"}"#,
        );
        out
    }

    /// As Go's `%+v` shows it in the log.
    pub(super) fn shown(&self) -> String {
        let custom = self.custom.as_deref().unwrap_or_default();
        let custom: Vec<_> = custom.iter().map(u8::to_string).collect();
        let text = format!(
            "{{Types:[{}] AccountIDs:[{}] AssetCodes:[{}] MinAmount:{} Custom:[{}]}}",
            self.types.list().join(" "),
            self.account_ids.list().join(" "),
            self.asset_codes.list().join(" "),
            self.min_amount,
            custom.join(" "),
        );
        sanitise::line(&text).into_owned()
    }

    /// What decides about events from now on.
    pub(super) fn into_filters(self) -> Filters {
        Filters {
            types: self.types.list().to_vec(),
            account_ids: self.account_ids.list().to_vec(),
            asset_codes: self.asset_codes.list().to_vec(),
            min_amount: self.min_amount,
            custom: self
                .custom
                .map(|custom| String::from_utf8_lossy(&custom).into_owned()),
        }
    }
}

const fn wrong(found: Kind, place: &'static str, wanted: &'static str) -> WrongType {
    WrongType {
        found,
        place,
        wanted,
    }
}

fn set_string(target: &mut String, value: Value<'_>, place: &'static str) -> Result<(), WrongType> {
    match value.kind() {
        Kind::Null => {}
        Kind::String => *target = value.string().unwrap_or_default(),
        found => return Err(wrong(found, place, "string")),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
