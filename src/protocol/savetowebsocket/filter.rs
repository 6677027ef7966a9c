//! What the server does with filters, as it is coded, which is not as it is documented.
//!
//! Only members at the top of the event are looked at, by exact name, and compared as whole
//! strings, letter case included. The steps, in order; the first that decides ends it:
//!
//! ```text
//! 1  types, account_ids and asset_codes all empty ─────────────► passes
//! 2  types given ── `type` a string not in the list ───────────► dropped
//!                └─ `type` missing or no string: goes on (fails open)
//! 3  account_ids given ── neither buyer_account_id nor
//!                         seller_account_id in the list ───────► dropped (fails closed)
//! 4  asset_codes given ── `asset_code` a string not listed ────► dropped
//!                      └─ `asset_code` missing or no string: goes on (fails open)
//! 5  ──────────────────────────────────────────────────────────► passes
//! ```
//!
//! `min_amount` and `custom` are never read. The built-in server decides by this, and the
//! inspector can say with it why an event came or did not come.

use super::Filters;
use crate::schema::gojson::{Kind, SyntaxError, Value};

/// What a member the filters look at holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Found {
    /// The event has no such member.
    #[default]
    Missing,
    /// It has one of this kind, which no filter looks into.
    Other(Kind),
    /// The string that is compared.
    Text(String),
}

impl Found {
    fn is_in(&self, list: &[String]) -> bool {
        matches!(self, Self::Text(text) if list.contains(text))
    }

    /// True for a string that `list` does not hold: what is no string is let through.
    fn is_excluded_by(&self, list: &[String]) -> bool {
        matches!(self, Self::Text(text) if !list.contains(text))
    }
}

/// Everything of an event the filters can see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `type`
    pub kind: Found,
    /// `buyer_account_id`
    pub buyer: Found,
    /// `seller_account_id`
    pub seller: Found,
    /// `asset_code`
    pub asset: Found,
}

/// Why the server would refuse to look at an event at all; nobody gets it then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEvent {
    /// The text is no JSON.
    #[error("reading an event: {0}; the server sends JSON objects only")]
    Syntax(#[from] SyntaxError),
    /// The text is JSON but neither an object nor `null`.
    #[error("reading an event: it is a JSON {}; the server sends JSON objects only", .0.go_name())]
    NoObject(Kind),
}

impl Facts {
    /// Reads `event`; a repeated member counts with its last value, and `null` is an event
    /// without members.
    pub fn read(event: &[u8]) -> Result<Self, NoEvent> {
        let value = Value::parse(event)?;
        if !matches!(value.kind(), Kind::Object | Kind::Null) {
            return Err(NoEvent::NoObject(value.kind()));
        }
        let mut facts = Self::default();
        for (name, value) in value.members() {
            let place = match name.as_str() {
                "type" => &mut facts.kind,
                "buyer_account_id" => &mut facts.buyer,
                "seller_account_id" => &mut facts.seller,
                "asset_code" => &mut facts.asset,
                _ => continue,
            };
            *place = value
                .string()
                .map_or(Found::Other(value.kind()), Found::Text);
        }
        Ok(facts)
    }

    /// The step that decides whether a client with these filters gets the event.
    #[must_use]
    pub fn decide(&self, filters: &Filters) -> Step {
        let Filters {
            types,
            account_ids,
            asset_codes,
            ..
        } = filters;
        if types.is_empty() && account_ids.is_empty() && asset_codes.is_empty() {
            return Step::Unfiltered;
        }
        if !types.is_empty() && self.kind.is_excluded_by(types) {
            return Step::Type;
        }
        let listed = self.buyer.is_in(account_ids) || self.seller.is_in(account_ids);
        if !account_ids.is_empty() && !listed {
            return Step::Accounts;
        }
        if !asset_codes.is_empty() && self.asset.is_excluded_by(asset_codes) {
            return Step::Asset;
        }
        Step::Matched {
            type_unread: !types.is_empty() && !self.kind.is_in(types),
            asset_unread: !asset_codes.is_empty() && !self.asset.is_in(asset_codes),
        }
    }
}

/// The step that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// 1: nothing is filtered by; passes.
    Unfiltered,
    /// 2: the event's `type` is not in `types`; dropped.
    Type,
    /// 3: neither of the two accounts is in `account_ids`; dropped.
    Accounts,
    /// 4: the event's `asset_code` is not in `asset_codes`; dropped.
    Asset,
    /// 5: nothing dropped it; passes.
    Matched {
        /// `types` is given but the event has no string `type` to compare.
        type_unread: bool,
        /// `asset_codes` is given but the event has no string `asset_code` to compare.
        asset_unread: bool,
    },
}

impl Step {
    /// True if the client gets the event.
    #[must_use]
    pub const fn passes(self) -> bool {
        matches!(self, Self::Unfiltered | Self::Matched { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(types: &[&str], accounts: &[&str], assets: &[&str]) -> Filters {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        Filters {
            types: own(types),
            account_ids: own(accounts),
            asset_codes: own(assets),
            ..Filters::default()
        }
    }

    fn decide(event: &str, filters: &Filters) -> Step {
        Facts::read(event.as_bytes()).unwrap().decide(filters)
    }

    const SENDER: &str = "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV";
    const USDC: &str = "USDC:GBQLHN7QXLK3OQAR5GAA7KDILA7BL7THDH3BLPOZWRMHMJPWTOZAFYWC";

    /// Lines of the sample file each filter lets through, as the real server did.
    #[test]
    fn the_twenty_samples_pass_as_recorded() {
        let samples = include_str!("../../../tests/fixtures/stellar-events.jsonl");
        let all: Vec<usize> = (1..=20).collect();
        let cases: [(Filters, &[usize]); 9] = [
            (
                filters(&["payment"], &[], &[]),
                &[1, 2, 3, 5, 10, 11, 19, 20],
            ),
            (filters(&["contract_event"], &[], &[]), &[11, 19, 20]),
            (filters(&["trade"], &[], &[]), &[6, 7, 11, 19, 20]),
            (filters(&[], &[SENDER], &[]), &[1]),
            (filters(&[], &[""], &[]), &[2]),
            (
                filters(&[], &[], &["USDC"]),
                &[6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
            ),
            (
                filters(&[], &[], &[USDC]),
                &[1, 3, 6, 7, 8, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20],
            ),
            (
                filters(&[], &[], &["USD"]),
                &[6, 7, 8, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20],
            ),
            (filters(&["payment"], &[], &["USDC"]), &[10, 11, 19, 20]),
        ];
        for (filters, expected) in cases {
            let passed: Vec<usize> = samples
                .lines()
                .zip(1..)
                .filter(|(line, _)| decide(line, &filters).passes())
                .map(|(_, number)| number)
                .collect();
            assert_eq!(passed, expected, "{filters:?}");
        }
        let by_amount = Filters {
            min_amount: "1000000".to_owned(),
            custom: Some("{\"a\":1}".to_owned()),
            ..Filters::default()
        };
        let passed = samples
            .lines()
            .zip(1..)
            .filter(|(line, _)| decide(line, &by_amount).passes());
        assert_eq!(passed.map(|(_, number)| number).collect::<Vec<_>>(), all);
    }

    #[test]
    fn the_step_that_decided_is_named() {
        let given = filters(&["payment"], &[SENDER], &["XLM"]);
        let matched = |type_unread, asset_unread| Step::Matched {
            type_unread,
            asset_unread,
        };
        for (event, step) in [
            (r#"{"type":"trade"}"#.to_owned(), Step::Type),
            (r#"{"type":"Payment"}"#.to_owned(), Step::Type),
            (r#"{"type":"payment"}"#.to_owned(), Step::Accounts),
            (
                format!(r#"{{"type":"payment","buyer_account_id":"{SENDER}","asset_code":"x"}}"#),
                Step::Asset,
            ),
            (
                format!(r#"{{"type":"payment","buyer_account_id":"{SENDER}","asset_code":"XLM"}}"#),
                matched(false, false),
            ),
            (
                format!(r#"{{"type":5,"seller_account_id":"{SENDER}"}}"#),
                matched(true, true),
            ),
            (
                format!(
                    r#"{{"TYPE":"trade","type":"trade","type":"payment","seller_account_id":"{SENDER}"}}"#
                ),
                matched(false, true),
            ),
        ] {
            assert_eq!(decide(&event, &given), step, "{event}");
        }
        assert_eq!(decide("{}", &Filters::default()), Step::Unfiltered);
        assert!(decide("null", &filters(&["payment"], &[], &["XLM"])).passes());
        assert!(!decide("null", &filters(&[], &[SENDER], &[])).passes());
    }

    #[test]
    fn what_is_no_object_is_no_event() {
        assert_eq!(Facts::read(b"[1,2]"), Err(NoEvent::NoObject(Kind::Array)));
        assert_eq!(
            Facts::read(b"\"str\""),
            Err(NoEvent::NoObject(Kind::String))
        );
        assert!(matches!(Facts::read(b"not json"), Err(NoEvent::Syntax(_))));
        assert!(Facts::read(b"{\"type\":\"payment\",\"bad\":\"\xff\xfe\"}").is_ok());
    }
}
