//! Made-up traffic of a Stellar pipeline: ledgers, and the events each of them brings.
//!
//! The shapes, member orders and quirks are those of the real pipeline's processors: buyer and
//! seller the wrong way round, codes padded with NUL, some events without a `type`, contract
//! events with both the raw dump and the decoded twin. Which accounts, amounts and kinds appear
//! follows from the seed alone; time comes in with each ledger.

mod cast;
mod contracts;
mod ledger;
mod market;
mod payments;

use cast::{Asset, Cast, Party};

use serde_json::Value;

use crate::server::dice::Dice;

/// Makes ledger after ledger.
#[derive(Clone, Debug)]
pub struct Generator {
    scene: Scene,
}

/// What all events of a ledger share, and the dice.
#[derive(Clone, Debug)]
struct Scene {
    dice: Dice,
    cast: Cast,
    sequence: u64,
    hash: String,
    /// Microseconds since the Unix epoch.
    closed_us: i64,
}

type Make = fn(&mut Scene) -> Value;

/// How often each kind comes, in parts of the sum.
const MIX: [(u64, Make); 22] = [
    (28, payments::filtered),
    (4, payments::blank),
    (10, payments::app),
    (3, payments::create_account),
    (5, payments::trustline),
    (2, payments::trustline_flags),
    (6, payments::effect),
    (5, payments::transaction),
    (12, market::trade),
    (2, market::metrics),
    (2, market::token_price),
    (2, market::asset_stats),
    (2, market::order_book),
    (1, market::ticker_asset),
    (6, contracts::transfer),
    (3, contracts::swap_event),
    (1, contracts::mint),
    (6, contracts::router),
    (5, contracts::sync),
    (1, contracts::new_pair),
    (2, contracts::invocation),
    (1, contracts::from_rpc),
];

impl Generator {
    /// A generator whose first ledger has the number `first`.
    #[must_use]
    pub fn new(seed: u64, first: u64) -> Self {
        let mut dice = Dice::new(seed);
        let cast = Cast::new(&mut dice);
        let scene = Scene {
            dice,
            cast,
            sequence: first.saturating_sub(1),
            hash: String::new(),
            closed_us: 0,
        };
        Self { scene }
    }

    /// The `count` events of the next ledger, which closed at `closed_us` (microseconds since
    /// the Unix epoch). The first two are about the ledger itself.
    pub fn ledger(&mut self, closed_us: i64, count: usize) -> Vec<Vec<u8>> {
        let scene = &mut self.scene;
        scene.sequence += 1;
        scene.closed_us = closed_us;
        scene.hash = scene.dice.hash();
        let total = MIX.iter().map(|(weight, _)| weight).sum();
        (0..count)
            .map(|index| {
                let make = match index {
                    0 => ledger::latest,
                    1 => ledger::metrics,
                    _ => draw(scene.dice.between(1, total)),
                };
                make(scene).to_string().into_bytes()
            })
            .collect()
    }
}

/// The kind the `ticket`-th part of the mix belongs to.
fn draw(mut ticket: u64) -> Make {
    for (weight, make) in MIX {
        if ticket <= weight {
            return make;
        }
        ticket -= weight;
    }
    MIX[0].1
}

impl Scene {
    fn account(&mut self) -> Party {
        self.dice.pick(&self.cast.accounts).clone()
    }

    /// Two accounts that differ.
    fn pair(&mut self) -> (Party, Party) {
        let count = self.cast.accounts.len() as u64;
        let first = self.dice.between(0, count - 1);
        let second = (first + self.dice.between(1, count - 1)) % count;
        let party = |index: u64| self.cast.accounts[index as usize].clone();
        (party(first), party(second))
    }

    fn contract(&mut self) -> Party {
        self.dice.pick(&self.cast.contracts).clone()
    }

    fn asset(&mut self) -> Asset {
        self.dice.pick(&self.cast.assets).clone()
    }

    fn issued(&mut self) -> Asset {
        self.dice.pick(&self.cast.assets[1..]).clone()
    }

    /// Mostly small, sometimes large; in units of 10^-7.
    fn stroops(&mut self) -> u64 {
        let digits = self.dice.between(1, 6);
        let whole = self.dice.between(1, 10_u64.pow(digits as u32));
        let fraction = if self.dice.chance(40) {
            self.dice.between(0, 9_999_999)
        } else {
            0
        };
        whole * 10_000_000 + fraction
    }

    /// A price around `middle` with four decimals.
    fn price(&mut self, middle: f64) -> f64 {
        let swing = self.dice.between(9_000, 11_000) as f64 / 10_000.0;
        (middle * swing * 10_000.0).round() / 10_000.0
    }

    /// Closing time in whole seconds, as a string of digits.
    fn unix(&self) -> String {
        self.closed_us.div_euclid(1_000_000).to_string()
    }

    /// Closing time, whole seconds.
    fn time(&self) -> String {
        rfc3339(self.closed_us.div_euclid(1_000_000) * 1_000_000)
    }

    /// A moment after closing, as a processor's own clock would say it.
    fn moment_later(&mut self) -> String {
        let later = self.dice.between(200_000, 1_900_000);
        rfc3339(self.closed_us.saturating_add_unsigned(later))
    }
}

fn rfc3339(us: i64) -> String {
    jiff::Timestamp::from_microsecond(us).map_or_else(
        |_| "0001-01-01T00:00:00Z".to_owned(),
        |timestamp| timestamp.to_string(),
    )
}

/// An amount as most processors write it: exactly seven decimals.
fn decimal(stroops: u64) -> String {
    format!("{}.{:07}", stroops / 10_000_000, stroops % 10_000_000)
}

/// A number as Go writes a float: without a fraction if it has none.
fn float(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}

#[cfg(test)]
mod tests;
