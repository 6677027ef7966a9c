//! What is comparable of an event, whatever its shape: when, where, who, which asset, how much.

mod nested;
mod time;

use std::borrow::Cow;

use super::amount::{Amount, Unit};
use super::asset::Asset;
use super::shape::{Fields, Key, Shape};
use crate::schema::scan;

pub use time::Time;

/// Most accounts, assets or amounts taken from one event, each.
pub const NAMED_MAX: usize = 32;

/// A text of an event with the member it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// Path of the member: `seller_id`, `details.from`, `topic_decoded[1].address`.
    pub field: Cow<'static, str>,
    /// The text, escapes resolved, otherwise as it stands; never empty.
    pub text: Cow<'a, str>,
    /// Of an asset, the issuer where it stands in a member of its own; never empty.
    pub issuer: Option<Cow<'a, str>>,
}

impl<'a> Named<'a> {
    fn new(field: impl Into<Cow<'static, str>>, text: Cow<'a, str>) -> Self {
        Self {
            field: field.into(),
            text,
            issuer: None,
        }
    }

    /// The text read as the name of an asset, with the issuer if one stands beside it.
    #[must_use]
    pub fn asset(&self) -> Asset<'_> {
        Asset::of(&self.text, self.issuer.as_deref().unwrap_or_default())
    }
}

/// What is comparable of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns<'a> {
    /// Its shape.
    pub shape: Shape,
    /// `type`, if it is a string.
    pub kind: Option<Cow<'a, str>>,
    /// When it happened, as the event says.
    pub time: Option<Time<'a>>,
    /// The ledger's sequence number; never 0, which unfilled members hold.
    pub ledger: Option<u64>,
    /// Accounts, the plainest members first, decoded addresses last; contracts only among the
    /// decoded addresses.
    pub accounts: Vec<Named<'a>>,
    /// Assets, in whatever spelling they came.
    pub assets: Vec<Named<'a>>,
    /// Amounts moved, the one a person would call *the* amount first.
    pub amounts: Vec<Amount<'a>>,
    /// The transaction's hash.
    pub hash: Option<Cow<'a, str>>,
    /// The event's index within its transaction.
    pub index: Option<u64>,
}

/// Members that hold an account, in the order in which a person would look at them.
const ACCOUNTS: [Key; 15] = [
    Key::BuyerAccountId,
    Key::SellerAccountId,
    Key::SourceAccountId,
    Key::DestinationAccountId,
    Key::AccountId,
    Key::Account,
    Key::Funder,
    Key::SellerId,
    Key::BuyerId,
    Key::CounterpartyId,
    Key::InvokingAccount,
    Key::CreatorAccount,
    Key::ExecutorAccount,
    Key::Recipient,
    Key::FeePayer,
];

/// Members that hold an asset, and those that hold its issuer.
const ASSETS: [(Key, Option<Key>); 7] = [
    (Key::AssetCode, Some(Key::AssetIssuer)),
    (Key::Code, Some(Key::Issuer)),
    (Key::SellAsset, None),
    (Key::BuyAsset, None),
    (Key::BaseAsset, Some(Key::BaseIssuer)),
    (Key::QuoteAsset, Some(Key::QuoteIssuer)),
    (Key::CounterAsset, None),
];

/// Members that hold a ledger's number, the surest first.
const LEDGERS: [Key; 8] = [
    Key::LedgerSeqNum,
    Key::LedgerSequence,
    Key::LedgerSeq,
    Key::Ledger,
    Key::Sequence,
    Key::ReaderSequence,
    Key::BlockHeight,
    Key::FirstSeenLedger,
];

impl<'a> Columns<'a> {
    /// Reads what an event holds of them, in one walk over its top level and one over each of the
    /// few objects known to hold more. Total: what is not there, or not of the kind it should be,
    /// is left out; at most [`NAMED_MAX`] of each kind are kept.
    #[must_use]
    pub fn read(event: &'a [u8]) -> Self {
        Self::of(&Fields::read(event))
    }

    pub(super) fn of(fields: &Fields<'a>) -> Self {
        let shape = fields.shape();
        let mut columns = Self {
            shape,
            kind: fields.text(Key::Type),
            time: Time::of(fields, shape),
            ledger: fields.ledger(),
            accounts: Vec::new(),
            assets: Vec::new(),
            amounts: Vec::new(),
            hash: fields
                .filled(Key::TransactionHash)
                .or_else(|| fields.filled(Key::TxHash)),
            index: fields.number(Key::EventIndex),
        };
        columns.top_level(fields);
        columns.nested(fields);
        columns
    }

    fn top_level(&mut self, fields: &Fields<'a>) {
        for key in ACCOUNTS {
            if let Some(text) = fields.filled(key) {
                self.accounts.push(Named::new(key.name(), text));
            }
        }
        for (key, issuer) in ASSETS {
            let code = fields.text(key);
            let issuer = issuer.and_then(|issuer| fields.filled(issuer));
            // An empty code is how asset statistics spell lumens.
            let lumens = key == Key::AssetCode && issuer.is_none() && code.as_deref() == Some("");
            let code = if lumens && self.shape == Shape::AssetStats {
                Some(Cow::Borrowed("native"))
            } else {
                code.filter(|code| !code.is_empty())
            };
            if let Some(text) = code {
                self.assets.push(Named {
                    issuer,
                    ..Named::new(key.name(), text)
                });
            }
        }
        for key in [
            Key::Amount,
            Key::StartingBalance,
            Key::SellAmount,
            Key::AmountA,
            Key::AmountB,
        ] {
            if let Some(text) = fields.numeral(key) {
                let unit = unit(self.shape, key, fields, &text);
                self.amounts.push(Amount::new(key.name(), text, unit));
            }
        }
    }
}

/// What the amount in a top-level member counts.
fn unit(shape: Shape, key: Key, fields: &Fields<'_>, text: &str) -> Unit {
    match (shape, key) {
        (Shape::TickerAsset, _) => Unit::Stroops,
        (_, Key::AmountA | Key::AmountB) => Unit::Token,
        (Shape::ContractInvocationExtractor, _) => Unit::Unknown,
        (Shape::Unknown, Key::Amount) => {
            let is_text = fields.raw(key).is_some_and(|raw| raw.starts_with(b"\""));
            if is_text && text.contains('.') {
                Unit::Units
            } else {
                Unit::Unknown
            }
        }
        _ => Unit::Units,
    }
}

impl<'a> Fields<'a> {
    /// A string, escapes resolved.
    pub(super) fn text(&self, key: Key) -> Option<Cow<'a, str>> {
        self.raw(key).and_then(scan::string)
    }

    /// A string that is not empty.
    pub(super) fn filled(&self, key: Key) -> Option<Cow<'a, str>> {
        self.text(key).filter(|text| !text.is_empty())
    }

    /// The digits of a number, or of a string of digits that is not empty.
    pub(super) fn numeral(&self, key: Key) -> Option<Cow<'a, str>> {
        self.raw(key).and_then(numeral)
    }

    /// A whole number that is not negative, written as number or as string.
    pub(super) fn number(&self, key: Key) -> Option<u64> {
        self.numeral(key)?.parse().ok()
    }

    /// The ledger's number under any of its names; that of an RPC event stands in its id.
    pub(super) fn ledger(&self) -> Option<u64> {
        let told = LEDGERS.into_iter().filter(|key| self.keys().has(*key));
        let found = told
            .filter_map(|key| self.number(key))
            .find(|number| *number > 0);
        found.or_else(|| {
            let id = self.filled(Key::Id)?;
            let (order, _) = id.split_once('-')?;
            // The upper half of a total order id is the ledger.
            let ledger = order.parse::<u64>().ok()? >> 32;
            (order.len() == 19 && ledger > 0).then_some(ledger)
        })
    }
}

/// The digits in a raw value: a number as it stands, or the inside of a string.
pub(super) fn numeral(raw: &[u8]) -> Option<Cow<'_, str>> {
    match raw.first()? {
        b'"' => scan::string(raw).filter(|text| !text.is_empty()),
        b'-' | b'0'..=b'9' => std::str::from_utf8(raw).ok().map(Cow::Borrowed),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
