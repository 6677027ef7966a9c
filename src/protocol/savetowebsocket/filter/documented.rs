//! What the guide promises: every filter that is not empty must match.
//!
//! The guide does not say which members are compared, so all that can be meant are: an account
//! in any account-like member, an asset in any asset-like one, and one amount that is large
//! enough. Where it leaves more open, the strictest reading holds, *must match*:
//!
//! - an event without any member a filter speaks of is dropped;
//! - a `min_amount` that is no decimal number matches nothing;
//! - `custom` is not in the guide and decides nothing.
//!
//! Types and accounts are compared as whole strings. An asset in the list is `native` (also
//! written `XLM`), `CODE:ISSUER`, or a bare `CODE`, which stands for that code of any issuer; NUL
//! padding counts for nothing. Amounts are compared exactly, in whole units: stroops are divided
//! by 10,000,000 first.

use std::collections::HashSet;

use super::super::Filters;
use super::Step;
use super::fields::{Amount, Asset, Decimal, Fields, Named};

/// All filters but the types, made ready to compare.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    accounts: HashSet<String>,
    assets: HashSet<Asset>,
    codes: HashSet<String>,
    amount: Minimum,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Minimum {
    Unset,
    NoNumber,
    AtLeast(Decimal),
}

impl Wanted {
    pub(super) fn new(filters: &Filters) -> Self {
        let (mut assets, mut codes) = (HashSet::new(), HashSet::new());
        for text in &filters.asset_codes {
            match Asset::of(text, None) {
                Asset::Bare(code) => {
                    codes.insert(code);
                }
                asset => {
                    assets.insert(asset);
                }
            }
        }
        Self {
            accounts: filters.account_ids.iter().cloned().collect(),
            assets,
            codes,
            amount: Minimum::of(&filters.min_amount),
        }
    }

    pub(super) fn is_unset(&self) -> bool {
        self.accounts.is_empty() && !self.has_assets() && self.amount == Minimum::Unset
    }

    fn has_assets(&self) -> bool {
        !self.assets.is_empty() || !self.codes.is_empty()
    }

    pub(super) fn account<'f, 'a>(&self, fields: &'f Fields<'a>) -> Option<&'f Named<'a>> {
        let mut accounts = fields.accounts.iter();
        accounts.find(|account| self.accounts.contains(&*account.text))
    }

    pub(super) fn asset<'f, 'a>(&self, fields: &'f Fields<'a>) -> Option<&'f Named<'a>> {
        let mut assets = fields.assets.iter();
        let found = assets
            .find(|(_, asset)| self.assets.contains(asset) || self.codes.contains(asset.code()));
        found.map(|(named, _)| named)
    }

    pub(super) fn amount<'f, 'a>(&self, fields: &'f Fields<'a>) -> Option<&'f Amount<'a>> {
        let Minimum::AtLeast(minimum) = &self.amount else {
            return None;
        };
        let mut amounts = fields.amounts.iter();
        amounts.find(|amount| amount.value >= *minimum)
    }

    pub(super) const fn minimum(&self) -> &Minimum {
        &self.amount
    }

    /// The step that decides, of those behind the types.
    pub(super) fn decide(&self, fields: &Fields<'_>) -> Step {
        if !self.accounts.is_empty() && self.account(fields).is_none() {
            return Step::Accounts;
        }
        if self.has_assets() && self.asset(fields).is_none() {
            return Step::Asset;
        }
        if self.amount != Minimum::Unset && self.amount(fields).is_none() {
            return Step::Amount;
        }
        Step::Matched {
            type_unread: false,
            asset_unread: false,
        }
    }
}

impl Minimum {
    fn of(text: &str) -> Self {
        match text {
            "" => Self::Unset,
            _ => Decimal::parse(text).map_or(Self::NoNumber, Self::AtLeast),
        }
    }
}
