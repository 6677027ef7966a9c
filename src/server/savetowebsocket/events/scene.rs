//! What the makers of events draw from.

use serde_json::Value;

use super::cast::{Asset, Cast, Party};
use super::template::{Place, Slot, Slots};
use crate::server::dice::Dice;

/// The dice, the pool of accounts, contracts and assets, and the slots of the event being made.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) dice: Dice,
    pub(super) cast: Cast,
    pub(super) slots: Slots,
}

impl Scene {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let cast = Cast::new(&mut dice);
        Self {
            dice,
            cast,
            slots: Slots::default(),
        }
    }

    pub(super) fn account(&mut self) -> Party {
        self.dice.pick(&self.cast.accounts).clone()
    }

    /// Two accounts that differ.
    pub(super) fn pair(&mut self) -> (Party, Party) {
        let count = self.cast.accounts.len() as u64;
        let first = self.dice.between(0, count - 1);
        let second = (first + self.dice.between(1, count - 1)) % count;
        let party = |index: u64| self.cast.accounts[index as usize].clone();
        (party(first), party(second))
    }

    pub(super) fn contract(&mut self) -> Party {
        self.dice.pick(&self.cast.contracts).clone()
    }

    pub(super) fn asset(&mut self) -> Asset {
        self.dice.pick(&self.cast.assets).clone()
    }

    pub(super) fn issued(&mut self) -> Asset {
        self.dice.pick(&self.cast.assets[1..]).clone()
    }

    /// A price around `middle` with four decimals.
    pub(super) fn price(&mut self, middle: f64) -> f64 {
        let swing = self.dice.between(9_000, 11_000) as f64 / 10_000.0;
        (middle * swing * 10_000.0).round() / 10_000.0
    }

    /// Closing time in whole seconds, as a string of digits.
    pub(super) fn unix(&mut self) -> String {
        self.slots.add(Slot::Unix).text()
    }

    /// Closing time, whole seconds.
    pub(super) fn time(&mut self) -> String {
        self.slots.add(Slot::Time).text()
    }

    /// A moment after closing, as a processor's own clock would say it.
    pub(super) fn moment_later(&mut self) -> String {
        self.slots.add(Slot::Moment).text()
    }

    /// Number of the ledger.
    pub(super) fn sequence(&mut self) -> Value {
        self.slots.add(Slot::Ledger).number()
    }

    /// Hash of the ledger.
    pub(super) fn ledger_hash(&mut self) -> String {
        self.slots.add(Slot::LedgerHash).text()
    }

    /// A hash no other event has.
    pub(super) fn hash(&mut self) -> String {
        self.slots.add(Slot::Hash).text()
    }

    /// An amount in units of 10^-7.
    pub(super) fn money(&mut self) -> Place {
        self.slots.add(Slot::Money)
    }

    /// A whole number, drawn anew for each event.
    pub(super) fn number(&mut self, low: u64, high: u64) -> Place {
        self.slots.add(Slot::Number { low, high })
    }

    /// Where the event grows when it is to be longer than it is.
    pub(super) fn filler(&mut self) -> String {
        self.slots.add(Slot::Filler).text()
    }
}

/// A number as Go writes a float: without a fraction if it has none.
pub(super) fn float(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}
