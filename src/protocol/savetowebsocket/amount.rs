//! Amounts of events: exact text, unit, and the value in whole units.

use std::borrow::Cow;

use super::decimal::Decimal;

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Whole units of the asset, with up to 7 decimals.
    Units,
    /// Stroops: 10 million make a unit.
    Stroops,
    /// The smallest units of a contract's token. How many make a unit stands in the contract, not
    /// in the event; 7 decimals are assumed, which all classic assets have.
    Token,
    /// Nothing says what it counts; taken as whole units.
    Unknown,
}

impl Unit {
    /// The word a person reads behind a figure.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Stroops => "stroops",
            Self::Token => "smallest units",
            Self::Unknown => "unit unknown",
        }
    }

    /// `number` of this unit in whole units.
    #[must_use]
    pub fn whole(self, number: Decimal) -> Decimal {
        match self {
            Self::Units | Self::Unknown => number,
            Self::Stroops | Self::Token => number.from_stroops(),
        }
    }
}

/// An amount of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount<'a> {
    /// Path of the member: `amount`, `details.amount`, `data_decoded.value`.
    pub field: &'static str,
    /// The digits as they stand in the event, without quotes.
    pub text: Cow<'a, str>,
    /// What it counts.
    pub unit: Unit,
    /// In whole units, exact; `None` if the text is no number (`""` is common).
    pub value: Option<Decimal>,
}

impl<'a> Amount<'a> {
    pub(super) fn new(field: &'static str, text: Cow<'a, str>, unit: Unit) -> Self {
        let value = Decimal::parse(&text).map(|number| unit.whole(number));
        Self {
            field,
            text,
            unit,
            value,
        }
    }
}
