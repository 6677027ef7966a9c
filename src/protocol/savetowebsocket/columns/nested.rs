//! The few members below the top level that hold something comparable.

use std::borrow::Cow;

use super::{Columns, NAMED_MAX, Named, numeral};
use crate::protocol::savetowebsocket::amount::{Amount, Unit};
use crate::protocol::savetowebsocket::asset;
use crate::protocol::savetowebsocket::shape::{Fields, Key};
use crate::schema::scan;

/// Members of `details` that hold an account, with their paths.
const DETAILS: [(&[u8], &str); 6] = [
    (b"from", "details.from"),
    (b"to", "details.to"),
    (b"funder", "details.funder"),
    (b"trustor", "details.trustor"),
    (b"authorizer", "details.authorizer"),
    (b"destination", "details.destination"),
];

impl<'a> Columns<'a> {
    pub(super) fn nested(&mut self, fields: &Fields<'a>) {
        if let Some(details) = fields.raw(Key::Details) {
            self.details(details);
        }
        if let Some(topics) = fields.raw(Key::TopicDecoded) {
            self.topics(topics);
        }
        if let Some(data) = fields.raw(Key::DataDecoded) {
            self.data(data);
        }
        if let Some(entry) = fields.raw(Key::ContractData) {
            self.contract_data(entry);
        }
        if let Some(farmers) = fields.raw(Key::Farmers) {
            for (index, farmer) in scan::elements(farmers).take(NAMED_MAX).enumerate() {
                self.account(format!("farmers[{index}]"), farmer);
            }
        }
    }

    fn account(&mut self, field: impl Into<Cow<'static, str>>, raw: &'a [u8]) {
        let text = scan::string(raw).filter(|text| !text.is_empty());
        if let Some(text) = text.filter(|_| self.accounts.len() < NAMED_MAX) {
            self.accounts.push(Named::new(field, text));
        }
    }

    fn details(&mut self, details: &'a [u8]) {
        for (name, value) in scan::members(details) {
            match name {
                b"asset" => {
                    if let Some(text) = scan::string(value).filter(|text| !text.is_empty()) {
                        self.assets.push(Named::new("details.asset", text));
                    }
                }
                b"amount" => self.amount("details.amount", value, Unit::Stroops),
                b"starting_balance" => {
                    self.amount("details.starting_balance", value, Unit::Stroops);
                }
                _ => {
                    if let Some((_, path)) = DETAILS.iter().find(|(known, _)| *known == name) {
                        self.account(*path, value);
                    }
                }
            }
            if self.assets.len() >= NAMED_MAX || self.amounts.len() >= NAMED_MAX {
                break;
            }
        }
    }

    fn amount(&mut self, path: &'static str, raw: &'a [u8], unit: Unit) {
        if let Some(text) = numeral(raw) {
            self.amounts.push(Amount::new(path, text, unit));
        }
    }

    /// Addresses are objects; a text that names an asset is the last topic of the token contracts
    /// of classic assets.
    fn topics(&mut self, topics: &'a [u8]) {
        for (index, topic) in scan::elements(topics).take(NAMED_MAX).enumerate() {
            if topic.first() == Some(&b'{') {
                if let Some(address) = scan::member(topic, "address") {
                    self.account(address_path(index), address);
                }
            } else if let Some(text) = scan::string(topic)
                && asset::is_canonical(&text)
                && self.assets.len() < NAMED_MAX
            {
                let path = format!("topic_decoded[{index}]");
                self.assets.push(Named::new(path, text));
            }
        }
    }

    /// The amount of a token event: a number of 128 bits, or one in a map under `amount`.
    fn data(&mut self, data: &'a [u8]) {
        // The contract of a classic asset names it, and counts in stroops.
        let unit = if self.assets.is_empty() {
            Unit::Token
        } else {
            Unit::Stroops
        };
        if let Some(raw) = scan::member(data, "value") {
            self.amount("data_decoded.value", raw, unit);
        } else if let Some(raw) = scan::path(data, &["entries", "amount", "value"]) {
            self.amount("data_decoded.entries.amount.value", raw, unit);
        }
    }

    fn contract_data(&mut self, entry: &'a [u8]) {
        let mut code = None;
        let mut issuer = None;
        for (name, value) in scan::members(entry) {
            match name {
                b"asset_code" => code = scan::string(value).filter(|code| !code.is_empty()),
                b"asset_issuer" => {
                    issuer = scan::string(value).filter(|issuer| !issuer.is_empty());
                }
                b"balance_holder" => self.account("contract_data.balance_holder", value),
                _ => {}
            }
        }
        if let Some(text) = code {
            self.assets.push(Named {
                issuer,
                ..Named::new("contract_data.asset_code", text)
            });
        }
    }
}

/// The path of the address in a topic; those of the first few are no allocation.
fn address_path(index: usize) -> Cow<'static, str> {
    match index {
        0 => Cow::Borrowed("topic_decoded[0].address"),
        1 => Cow::Borrowed("topic_decoded[1].address"),
        2 => Cow::Borrowed("topic_decoded[2].address"),
        3 => Cow::Borrowed("topic_decoded[3].address"),
        _ => Cow::Owned(format!("topic_decoded[{index}].address")),
    }
}
