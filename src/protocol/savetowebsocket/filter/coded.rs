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

use std::borrow::Cow;

use super::super::Filters;
use super::Step;
use crate::schema::gojson::{Kind, SyntaxError, Value};
use crate::schema::scan;

/// What a member the filters look at holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Found<'a> {
    /// The event has no such member.
    #[default]
    Missing,
    /// It has one of this kind, which no filter looks into.
    Other(Kind),
    /// The string that is compared.
    Text(Cow<'a, str>),
}

impl<'a> Found<'a> {
    fn of(value: &'a [u8]) -> Self {
        // Values of a checked text: there is one, and it is sound.
        Value::parse(value).map_or(Self::Missing, |value| match value.string() {
            None => Self::Other(value.kind()),
            Some(owned) => {
                Self::Text(scan::plain_str(value.raw()).map_or(Cow::Owned(owned), Cow::Borrowed))
            }
        })
    }

    /// The string that is compared, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Missing | Self::Other(_) => None,
        }
    }
}

/// Everything of an event the server's filters can see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// `type`
    pub kind: Found<'a>,
    /// `buyer_account_id`
    pub buyer: Found<'a>,
    /// `seller_account_id`
    pub seller: Found<'a>,
    /// `asset_code`
    pub asset: Found<'a>,
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

impl<'a> Facts<'a> {
    /// Reads `event`; a repeated member counts with its last value, and `null` is an event
    /// without members.
    pub fn read(event: &'a [u8]) -> Result<Self, NoEvent> {
        let value = Value::parse(event)?;
        if !matches!(value.kind(), Kind::Object | Kind::Null) {
            return Err(NoEvent::NoObject(value.kind()));
        }
        let mut facts = Self::default();
        for (key, value) in scan::members(value.raw()) {
            if let Some(place) = facts.place(key) {
                *place = Found::of(value);
            }
        }
        Ok(facts)
    }

    fn place(&mut self, key: &[u8]) -> Option<&mut Found<'a>> {
        let places = [
            ("type", &mut self.kind),
            ("buyer_account_id", &mut self.buyer),
            ("seller_account_id", &mut self.seller),
            ("asset_code", &mut self.asset),
        ];
        let mut places = places.into_iter();
        let found = places.find(|(name, _)| scan::key_is(key, name));
        found.map(|(_, place)| place)
    }

    /// The step that decides whether a client with these filters gets the event.
    #[must_use]
    pub fn decide(&self, filters: &Filters) -> Step {
        self.decide_by(&Lists {
            types: &filters.types,
            accounts: &filters.account_ids,
            assets: &filters.asset_codes,
        })
    }

    pub(super) fn decide_by<L: List>(&self, lists: &Lists<'_, L>) -> Step {
        let Lists {
            types,
            accounts,
            assets,
        } = lists;
        if types.is_unset() && accounts.is_unset() && assets.is_unset() {
            return Step::Unfiltered;
        }
        let kind = self.kind.text();
        if !types.is_unset() && kind.is_some_and(|kind| !types.holds(kind)) {
            return Step::Type;
        }
        let listed = |found: &Found<'_>| found.text().is_some_and(|text| accounts.holds(text));
        if !accounts.is_unset() && !listed(&self.buyer) && !listed(&self.seller) {
            return Step::Accounts;
        }
        let asset = self.asset.text();
        if !assets.is_unset() && asset.is_some_and(|asset| !assets.holds(asset)) {
            return Step::Asset;
        }
        Step::Matched {
            type_unread: !types.is_unset() && kind.is_none(),
            asset_unread: !assets.is_unset() && asset.is_none(),
        }
    }
}

/// The lists the server compares with.
pub(super) struct Lists<'a, L> {
    pub(super) types: &'a L,
    pub(super) accounts: &'a L,
    pub(super) assets: &'a L,
}

/// A list of whole strings to be found again.
pub(super) trait List {
    fn is_unset(&self) -> bool;
    fn holds(&self, text: &str) -> bool;
}

impl List for Vec<String> {
    fn is_unset(&self) -> bool {
        self.is_empty()
    }

    fn holds(&self, text: &str) -> bool {
        self.iter().any(|listed| listed == text)
    }
}

impl List for std::collections::HashSet<String> {
    fn is_unset(&self) -> bool {
        self.is_empty()
    }

    fn holds(&self, text: &str) -> bool {
        self.contains(text)
    }
}

#[cfg(test)]
mod tests;
