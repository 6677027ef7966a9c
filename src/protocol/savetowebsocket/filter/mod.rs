//! What filters do with an event, twice: as the guide documents it and as the server really
//! behaves.
//!
//! ```text
//!              ┌─► coded        the server's own steps: four members, whole strings ─┐
//!  event ──────┤                                                                     ├─► Judgement
//!              └─► documented   every account, asset and amount the event names ─────┘      │
//!                                                                  sentences, on demand ◄───┘
//!                                                                  Explanation
//! ```
//!
//! A [`Reasoner`] is a filter set made ready; [`Reasoner::judge`] is cheap enough for every event
//! of a busy stream, [`Reasoner::explain`] says the same in words.

pub mod checks;
pub mod coded;
pub mod documented;
pub mod explain;
pub mod given;

use std::collections::HashSet;

use self::coded::Lists;
use self::documented::Wanted;
use super::{Columns, Filters};

pub use self::coded::{Facts, Found, NoEvent};
pub use self::explain::{Explanation, Verdict};

/// The step that decided. The order is that of the looks: the first that drops ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// 0: neither an object nor `null`; the server's pipeline refuses it and nobody gets it.
    NoEvent,
    /// 1: nothing is filtered by; passes.
    Unfiltered,
    /// 2: dropped by `types`.
    Type,
    /// 3: dropped by `account_ids`.
    Accounts,
    /// 4: dropped by `asset_codes`.
    Asset,
    /// Dropped by `min_amount`, as documented; the server never does.
    Amount,
    /// 5: nothing dropped it; passes.
    Matched {
        /// `types` is given but the event has no string `type` to compare; the server lets it
        /// through all the same. Never true as documented.
        type_unread: bool,
        /// The same of `asset_codes` and `asset_code`.
        asset_unread: bool,
    },
}

impl Step {
    /// True if the client gets the event.
    #[must_use]
    pub const fn passes(self) -> bool {
        matches!(self, Self::Unfiltered | Self::Matched { .. })
    }

    /// The filter that decided, if it was one alone: the one that dropped, or that let through
    /// what it could not read.
    #[must_use]
    pub const fn filter(self) -> Option<&'static str> {
        match self {
            Self::Type
            | Self::Matched {
                type_unread: true, ..
            } => Some("types"),
            Self::Accounts => Some("account_ids"),
            Self::Asset
            | Self::Matched {
                asset_unread: true, ..
            } => Some("asset_codes"),
            Self::Amount => Some("min_amount"),
            Self::NoEvent | Self::Unfiltered | Self::Matched { .. } => None,
        }
    }
}

/// Both verdicts about one event, without words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// As the guide documents it.
    pub documented: Step,
    /// As the server really behaves.
    pub coded: Step,
}

impl Judgement {
    /// How the two stand to each other.
    #[must_use]
    pub const fn standing(self) -> Standing {
        match (self.documented.passes(), self.coded.passes()) {
            (true, true) => Standing::Both,
            (false, true) => Standing::OnlyAsCoded,
            (true, false) => Standing::OnlyAsDocumented,
            (false, false) => Standing::Neither,
        }
    }
}

/// How the two verdicts stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// Promised, and it comes.
    Both,
    /// It arrives although the documentation says no.
    OnlyAsCoded,
    /// Promised, but the server drops it.
    OnlyAsDocumented,
    /// Neither promised nor coming.
    Neither,
}

impl Standing {
    /// All of them, in the order they are counted and shown.
    pub const ALL: [Self; 4] = [
        Self::Both,
        Self::OnlyAsCoded,
        Self::OnlyAsDocumented,
        Self::Neither,
    ];

    /// Its name in output for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::OnlyAsCoded => "only_as_coded",
            Self::OnlyAsDocumented => "only_as_documented",
            Self::Neither => "neither",
        }
    }

    /// What it means for who waits for the event.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Both => "promised, and it comes",
            Self::OnlyAsCoded => "arrives although the documentation says no",
            Self::OnlyAsDocumented => "promised, but the server drops it",
            Self::Neither => "neither promised nor coming",
        }
    }
}

/// A filter set, made ready to judge many events.
#[derive(Clone, Debug)]
pub struct Reasoner {
    filters: Filters,
    types: HashSet<String>,
    accounts: HashSet<String>,
    assets: HashSet<String>,
    wanted: Wanted,
}

impl Reasoner {
    /// Prepares `filters`; any are allowed, also those that can never match.
    #[must_use]
    pub fn new(filters: &Filters) -> Self {
        let set = |list: &[String]| list.iter().cloned().collect();
        Self {
            types: set(&filters.types),
            accounts: set(&filters.account_ids),
            assets: set(&filters.asset_codes),
            wanted: Wanted::new(filters),
            filters: filters.clone(),
        }
    }

    /// The filters as they were given.
    #[must_use]
    pub const fn filters(&self) -> &Filters {
        &self.filters
    }

    /// Both verdicts about `event`, any bytes. Cheap: no sentences.
    #[must_use]
    pub fn judge(&self, event: &[u8]) -> Judgement {
        let Ok(facts) = Facts::read(event) else {
            return Judgement {
                documented: Step::NoEvent,
                coded: Step::NoEvent,
            };
        };
        Judgement {
            documented: self.documented(&facts, event),
            coded: self.coded(&facts),
        }
    }

    fn coded(&self, facts: &Facts<'_>) -> Step {
        facts.decide_by(&Lists {
            types: &self.types,
            accounts: &self.accounts,
            assets: &self.assets,
        })
    }

    /// The event's columns are read only if the filters ask for more than its type.
    fn documented(&self, facts: &Facts<'_>, event: &[u8]) -> Step {
        if !self.is_of_type(facts) {
            return Step::Type;
        }
        if self.wanted.is_unset() {
            return if self.types.is_empty() {
                Step::Unfiltered
            } else {
                documented::MATCHED
            };
        }
        self.wanted.decide(&Columns::read(event))
    }

    fn is_of_type(&self, facts: &Facts<'_>) -> bool {
        let listed = |kind: &str| self.types.contains(kind);
        self.types.is_empty() || facts.kind.text().is_some_and(listed)
    }

    /// Both verdicts about `event` in sentences.
    #[must_use]
    pub fn explain(&self, event: &[u8]) -> Explanation {
        explain::explain(self, event)
    }
}

#[cfg(test)]
mod tests;
