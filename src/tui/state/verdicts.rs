//! A session's events counted by what a filter set says of them.

use std::sync::Arc;

use crate::protocol::savetowebsocket::{Judgement, Reasoner, Standing, Step};
use crate::session::SessionId;
use crate::store::tally::{Assay, Count};
use crate::store::{Tally, Timeline};

use super::filters::Which;
use super::judges::is_event;

/// What decided, as far as classes tell.
const DECIDERS: [Option<&str>; 5] = [
    None,
    Some("types"),
    Some("account_ids"),
    Some("asset_codes"),
    Some("min_amount"),
];

/// Events a filter set says the same of: how the verdicts stand to each other, and which filters
/// decided them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    /// How the verdicts stand to each other.
    pub standing: Standing,
    /// The filter that decided as documented.
    pub documented: Option<&'static str>,
    /// The filter that decided as coded.
    pub coded: Option<&'static str>,
}

impl Class {
    /// The class of an event that was judged so.
    #[must_use]
    pub fn of(judgement: Judgement) -> Self {
        let standing = judgement.standing();
        // Where nothing is dropped there is nothing to tell apart.
        let told = standing != Standing::Both;
        let decider = |step: Step| step.filter().filter(|_| told);
        Self {
            standing,
            documented: decider(judgement.documented),
            coded: decider(judgement.coded),
        }
    }

    fn number(self) -> u32 {
        let decider = |name| DECIDERS.iter().position(|known| *known == name);
        let standing = Standing::ALL
            .iter()
            .position(|known| *known == self.standing);
        let place = |place: Option<usize>| place.unwrap_or(0) as u32;
        place(standing) * 64 + place(decider(self.documented)) * 8 + place(decider(self.coded))
    }

    fn numbered(number: u32) -> Self {
        let decider = |number: u32| DECIDERS[number as usize % DECIDERS.len()];
        Self {
            standing: Standing::ALL[number as usize / 64 % Standing::ALL.len()],
            documented: decider(number / 8 % 8),
            coded: decider(number % 8),
        }
    }

    /// What the events of the class do, to follow `what` or a count.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self.standing {
            Standing::Both => "arrives either way",
            Standing::OnlyAsCoded => "arrives although the documentation says no",
            Standing::OnlyAsDocumented => "is promised, but the server drops it",
            Standing::Neither => "arrives neither way",
        }
    }

    /// The events of the class, in a few words.
    #[must_use]
    pub fn short(self) -> String {
        let by = |name: Option<&str>| name.map_or(String::new(), |name| format!(" by {name}"));
        match self.standing {
            Standing::Both => "the expected".to_owned(),
            Standing::OnlyAsCoded => format!("the undocumented{}", by(self.documented)),
            Standing::OnlyAsDocumented => format!("the promised, dropped{}", by(self.coded)),
            Standing::Neither => format!("the dropped{}", by(self.coded)),
        }
    }

    /// What decided, in a few words; empty where nothing drops.
    #[must_use]
    pub fn decided(self) -> String {
        let by = |name: Option<&str>| name.map_or_else(|| "no filter".to_owned(), str::to_owned);
        match (self.standing, self.documented, self.coded) {
            (Standing::Both, ..) => String::new(),
            (Standing::OnlyAsCoded, Some("min_amount"), _) => {
                "min_amount: the server never looks at it".to_owned()
            }
            (Standing::OnlyAsCoded, Some("types"), _) => {
                "types: no string `type`, which the server lets through".to_owned()
            }
            (Standing::OnlyAsCoded, Some("asset_codes"), _) => {
                "asset_codes: no string `asset_code`, which the server lets through".to_owned()
            }
            (Standing::OnlyAsCoded, documented, _) => by(documented),
            (Standing::OnlyAsDocumented, _, Some("account_ids")) => {
                "account_ids: the server looks at buyer and seller only".to_owned()
            }
            (Standing::OnlyAsDocumented, _, Some("asset_codes")) => {
                "asset_codes: the server compares the whole text".to_owned()
            }
            (Standing::OnlyAsDocumented, _, coded) => by(coded),
            (Standing::Neither, documented, coded) if documented == coded => by(coded),
            (Standing::Neither, documented, coded) => {
                format!("{}; as documented {}", by(coded), by(documented))
            }
        }
    }
}

/// A tally of the events of one session under a filter set.
#[derive(Debug)]
pub struct Counting {
    /// Which set.
    pub which: Which,
    /// The set.
    pub reasoner: Arc<Reasoner>,
    /// Whose events.
    pub events_of: SessionId,
    tally: Tally,
}

impl Counting {
    /// Counts what `reasoner` says of the events in `timeline`, which is that of `events_of`.
    #[must_use]
    pub fn new(
        which: Which,
        reasoner: Arc<Reasoner>,
        events_of: SessionId,
        timeline: &Timeline,
    ) -> Self {
        let judge = Arc::clone(&reasoner);
        let assay = Assay::new(move |entry| {
            is_event(entry).then(|| Class::of(judge.judge(entry.payload)).number())
        });
        Self {
            which,
            reasoner,
            events_of,
            tally: Tally::new(assay, timeline),
        }
    }

    /// The job.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The job, to go on with.
    pub fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// What was counted so far, in the order of the standings.
    #[must_use]
    pub fn counts(&self) -> Vec<(Class, &Count)> {
        let counts = self.tally.counts().iter();
        counts
            .map(|(number, count)| (Class::numbered(*number), count))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_what_its_number_says() {
        for standing in Standing::ALL {
            for documented in DECIDERS {
                for coded in DECIDERS {
                    let class = Class {
                        standing,
                        documented,
                        coded,
                    };
                    assert_eq!(Class::numbered(class.number()), class);
                }
            }
        }
    }
}
