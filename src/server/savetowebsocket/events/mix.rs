//! Which kinds of events come, and how often.

use std::fmt;
use std::str::FromStr;

use super::kinds::{Family, KINDS};
use crate::nearest;

/// What takes all kinds, besides the names of families and kinds.
const ALL: &str = "all";
/// Largest weight.
const WEIGHT_MAX: u64 = 1_000_000;

/// How often each kind comes, in parts of the sum; and which come once a ledger.
///
/// Written as families and kinds with their weights: `payments`, `payments=70,contracts=30`,
/// `all,ledger-reader=5`. Without weights each name counts as much as its kinds do among all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    /// For each of [`KINDS`].
    weights: Vec<u64>,
    /// For each of [`KINDS`]: comes once at the start of a ledger.
    once: Vec<bool>,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            weights: KINDS.iter().map(|kind| kind.weight * SCALE).collect(),
            once: KINDS.iter().map(|kind| kind.weight == 0).collect(),
        }
    }
}

/// What a weight is multiplied with, so that a family's can be shared out.
const SCALE: u64 = 1000;

impl Mix {
    fn nothing() -> Self {
        Self {
            weights: vec![0; KINDS.len()],
            once: vec![false; KINDS.len()],
        }
    }

    /// The kinds that come once a ledger, by their place in the table.
    pub(super) fn once(&self) -> impl Iterator<Item = usize> {
        (0..KINDS.len()).filter(|kind| self.once[*kind])
    }

    /// The others, with their weights.
    pub(super) fn weights(&self) -> impl Iterator<Item = (usize, u64)> {
        let weighed = self.weights.iter().copied().enumerate();
        weighed.filter(|(_, weight)| *weight > 0)
    }

    fn add(&mut self, name: &str, weight: Option<u64>) -> Result<(), UnknownKind> {
        let family = Family::ALL.iter().find(|(n, _)| *n == name).map(|f| f.1);
        let meant: Vec<usize> = (0..KINDS.len())
            .filter(|at| {
                name == ALL || family == Some(KINDS[*at].family) || KINDS[*at].name == name
            })
            .collect();
        if meant.is_empty() {
            return Err(UnknownKind(name.to_owned()));
        }
        let sum: u64 = meant.iter().map(|at| KINDS[*at].weight).sum();
        for at in meant {
            let own = KINDS[at].weight;
            match (weight, sum) {
                (Some(0), _) => (self.weights[at], self.once[at]) = (0, false),
                // A weight makes even those come at random that come once a ledger otherwise.
                (Some(weight), 0) => self.weights[at] = weight * SCALE,
                (Some(weight), sum) if own > 0 => {
                    self.weights[at] = (weight * SCALE * own / sum).max(1);
                }
                (None, _) if own > 0 => self.weights[at] = own * SCALE,
                _ => self.once[at] = true,
            }
        }
        Ok(())
    }
}

/// A name that is neither a family nor a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind(String);

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let families = || Family::ALL.iter().map(|(name, _)| *name);
        let known = families()
            .chain(KINDS.iter().map(|kind| kind.name))
            .chain([ALL]);
        write!(f, "there is no kind of event called {:?}", self.0)?;
        match nearest::some(&self.0, known)[..] {
            [] => {
                let families: Vec<_> = families().collect();
                write!(f, "; there are {}, {ALL}", families.join(", "))
            }
            ref near => write!(f, "; did you mean {}?", near.join(" or ")),
        }
    }
}

impl std::error::Error for UnknownKind {}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut mix = Self::nothing();
        for part in text.split(',').map(str::trim) {
            let (name, weight) = match part.split_once('=') {
                None => (part, None),
                Some((name, weight)) => {
                    let weight = weight.parse().ok().filter(|w| *w <= WEIGHT_MAX);
                    let weight = weight.ok_or_else(|| {
                        format!("the weight in {part:?} is no number up to {WEIGHT_MAX}")
                    })?;
                    (name, Some(weight))
                }
            };
            mix.add(name, weight).map_err(|error| error.to_string())?;
        }
        if mix.weights().next().is_none() && mix.once().next().is_none() {
            return Err("nothing is left in the mix; give some kind a weight".to_owned());
        }
        Ok(mix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(mix: &str, name: &str) -> (u64, bool) {
        let mix: Mix = mix.parse().unwrap();
        let at = KINDS.iter().position(|kind| kind.name == name).unwrap();
        (mix.weights[at], mix.once[at])
    }

    #[test]
    fn all_is_the_default() {
        assert_eq!("all".parse(), Ok(Mix::default()));
    }

    #[test]
    fn families_share_their_weight_out() {
        assert_eq!(weight("payments", "filter-payments"), (56_000, false));
        assert_eq!(weight("payments", "app-trade"), (0, false));
        assert_eq!(weight("payments=88", "filter-payments"), (56_000, false));
        assert_eq!(weight("all,payments=0", "blank"), (0, false));
        assert_eq!(weight("ledgers", "latest-ledger"), (0, true));
        assert_eq!(weight("latest-ledger=5", "latest-ledger"), (5000, false));
        assert_eq!(
            weight("all,network-metrics=0", "network-metrics"),
            (0, false)
        );
        assert_eq!(weight("kale=1,passthrough=3", "passthrough"), (3000, false));
    }

    #[test]
    fn names_nobody_has_are_refused_with_the_nearest() {
        let refused = |text: &str| text.parse::<Mix>().unwrap_err();
        assert!(refused("payment").contains("did you mean payments"));
        assert!(refused("zzzzzzz").contains("payments, accounts, market"));
        assert!(refused("payments=x").contains("no number"));
        assert!(refused("kale=0").contains("nothing is left"));
    }
}
