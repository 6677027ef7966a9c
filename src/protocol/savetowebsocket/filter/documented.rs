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

use super::super::{Amount, Asset, Columns, Decimal, Filters, Named};
use super::Step;

/// All filters but the types, made ready to compare.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    accounts: Option<HashSet<String>>,
    assets: Option<Assets>,
    amount: Minimum,
}

/// The assets of a list by how they were written.
#[derive(Clone, Debug, Default)]
struct Assets {
    /// Lumens, and codes with their issuer.
    whole: HashSet<Asset<'static>>,
    /// Codes that stand for those of all issuers.
    codes: HashSet<String>,
}

/// `min_amount`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Minimum {
    /// Empty.
    Unset,
    /// A text that is no number.
    NoNumber,
    /// In whole units.
    AtLeast(Decimal),
}

impl Wanted {
    pub(super) fn new(filters: &Filters) -> Self {
        let Filters {
            account_ids,
            asset_codes,
            ..
        } = filters;
        Self {
            accounts: (!account_ids.is_empty()).then(|| account_ids.iter().cloned().collect()),
            assets: (!asset_codes.is_empty()).then(|| Assets::new(asset_codes)),
            amount: Minimum::of(&filters.min_amount),
        }
    }

    pub(super) fn is_unset(&self) -> bool {
        self.accounts.is_none() && self.assets.is_none() && self.amount == Minimum::Unset
    }

    pub(super) const fn minimum(&self) -> &Minimum {
        &self.amount
    }

    /// The first account that is listed.
    pub(super) fn account<'c, 'a>(&self, columns: &'c Columns<'a>) -> Option<&'c Named<'a>> {
        let listed = self.accounts.as_ref()?;
        let mut accounts = columns.accounts.iter();
        accounts.find(|account| listed.contains(&*account.text))
    }

    /// The first asset that is listed.
    pub(super) fn asset<'c, 'a>(&self, columns: &'c Columns<'a>) -> Option<&'c Named<'a>> {
        let listed = self.assets.as_ref()?;
        let mut assets = columns.assets.iter();
        assets.find(|named| listed.holds(&named.asset()))
    }

    /// The first amount that is large enough.
    pub(super) fn amount<'c, 'a>(&self, columns: &'c Columns<'a>) -> Option<&'c Amount<'a>> {
        let Minimum::AtLeast(minimum) = &self.amount else {
            return None;
        };
        let reaches = |value: &Decimal| value >= minimum;
        let mut amounts = columns.amounts.iter();
        amounts.find(|amount| amount.value.as_ref().is_some_and(reaches))
    }

    /// The step that decides, of those behind the types.
    pub(super) fn decide(&self, columns: &Columns<'_>) -> Step {
        if self.accounts.is_some() && self.account(columns).is_none() {
            return Step::Accounts;
        }
        if self.assets.is_some() && self.asset(columns).is_none() {
            return Step::Asset;
        }
        if self.amount != Minimum::Unset && self.amount(columns).is_none() {
            return Step::Amount;
        }
        MATCHED
    }
}

pub(super) const MATCHED: Step = Step::Matched {
    type_unread: false,
    asset_unread: false,
};

impl Assets {
    /// An empty text names no asset.
    fn new(listed: &[String]) -> Self {
        let mut assets = Self::default();
        for text in listed.iter().filter(|text| !text.is_empty()) {
            let asset = Asset::parse(text);
            if asset.is_native() || asset.issuer.is_some() {
                assets.whole.insert(Asset {
                    code: asset.code.into_owned().into(),
                    issuer: asset.issuer.map(|issuer| issuer.into_owned().into()),
                });
            } else {
                assets.codes.insert(asset.code.into_owned());
            }
        }
        assets
    }

    fn holds(&self, asset: &Asset<'_>) -> bool {
        self.whole.contains(asset) || (!asset.is_native() && self.codes.contains(&*asset.code))
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
