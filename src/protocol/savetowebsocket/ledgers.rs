//! The ledgers events are of: the newest, how often a new one comes, gaps and steps back.
//!
//! A heuristic: the protocol has no sequence of its own, many events share a ledger, some shapes
//! have none or repeat old ones, and filters narrow what is seen.

use std::collections::VecDeque;

use super::registration::words;
use crate::frame::Stamp;
use crate::protocol::{Fact, Outbox};

/// Steps the mean is taken over.
const STEPS: usize = 16;
/// Events of several processors come interleaved; further back is a step back of the stream.
const INTERLEAVED: u64 = 16;
/// Further ahead is no ledger that was missed, but another number.
const JUMP: u64 = 10_000;
/// Steps back told by a sentence each.
const TOLD_MAX: u32 = 5;
pub(super) const GROUP: &str = "stream";

/// What was seen of them.
#[derive(Debug, Default)]
pub(super) struct Ledgers {
    newest: Option<(u64, Stamp)>,
    /// The ledger of the event before.
    last: u64,
    /// The newest steps: ledger, and when its first event came.
    steps: VecDeque<(u64, Stamp)>,
    gaps: u64,
    missing: u64,
    interleaved: u64,
    back: u32,
}

impl Ledgers {
    /// The newest ledger, and when its first event came.
    pub(super) fn newest(&self) -> Option<(u64, Stamp)> {
        self.newest
    }

    /// An event of `ledger` came.
    #[inline]
    pub(super) fn event(&mut self, ledger: u64, at: Stamp, out: &mut Outbox) {
        if ledger == self.last {
            return;
        }
        self.step(ledger, at, out);
    }

    fn step(&mut self, ledger: u64, at: Stamp, out: &mut Outbox) {
        self.last = ledger;
        let Some((newest, _)) = self.newest else {
            self.take(ledger, at);
            return;
        };
        if ledger > newest {
            let skipped = ledger - newest - 1;
            if skipped > JUMP {
                self.steps.clear();
            } else if skipped > 0 {
                self.gaps += 1;
                self.missing += skipped;
            }
            self.take(ledger, at);
        } else if newest - ledger > INTERLEAVED {
            self.back = self.back.saturating_add(1);
            if self.back <= TOLD_MAX {
                out.note(format!(
                    "the stream went back from ledger {newest} to {ledger}: the pipeline was started again from an earlier ledger, or its source repeats; expect duplicates"
                ));
            }
            self.steps.clear();
            self.take(ledger, at);
        } else if ledger != newest {
            self.interleaved += 1;
        }
    }

    fn take(&mut self, ledger: u64, at: Stamp) {
        self.newest = Some((ledger, at));
        if self.steps.len() > STEPS {
            self.steps.pop_front();
        }
        self.steps.push_back((ledger, at));
    }

    pub(super) fn facts(&self, narrowed: bool, facts: &mut Vec<Fact>) {
        let Some((newest, at)) = self.newest else {
            return;
        };
        facts.push(Fact::new(GROUP, "newest ledger", format!("{newest}, first seen")).at(at));
        let ends = self.steps.front().zip(self.steps.back());
        if let Some(((first, from), (last, to))) = ends
            && last > first
        {
            let every = to.since(*from).as_secs_f64() / (last - first) as f64;
            let text = format!("one every {every:.1} s, over the newest {}", last - first);
            facts.push(Fact::new(GROUP, "ledgers", text));
        }
        if self.gaps > 0 {
            let why = if narrowed {
                "the filters may have dropped all of their events"
            } else {
                "nothing is filtered, so they had no events, or they were lost"
            };
            let text = format!(
                "{} gaps, {} ledgers without an event: {why}",
                self.gaps, self.missing
            );
            facts.push(Fact::new(GROUP, "ledger gaps", text).warning(!narrowed));
        }
        if self.back > 0 {
            let text = format!("the stream went back {} times", self.back);
            facts.push(Fact::new(GROUP, "ledgers back", text).warning(true));
        }
        if self.interleaved > 0 {
            let text = format!(
                "{} times, by at most {INTERLEAVED}: processors that run one behind the other",
                self.interleaved
            );
            facts.push(Fact::new(GROUP, "older ledgers between", text));
        }
    }

    /// Age of the newest ledger in words, for a sentence.
    pub(super) fn age(&self, now: Stamp) -> Option<String> {
        let (ledger, at) = self.newest?;
        Some(format!("{ledger}, {} ago", words(now.since(at))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;
    use std::time::Duration;

    fn fed(ledgers: &[u64]) -> (Ledgers, Outbox) {
        let start = clock::now();
        let (mut seen, mut out) = (Ledgers::default(), Outbox::default());
        for (n, ledger) in ledgers.iter().enumerate() {
            let at = start.after(Duration::from_secs(5 * n as u64));
            seen.event(*ledger, at, &mut out);
            seen.event(*ledger, at, &mut out);
        }
        (seen, out)
    }

    fn text(seen: &Ledgers, narrowed: bool) -> String {
        let mut facts = Vec::new();
        seen.facts(narrowed, &mut facts);
        let lines = facts
            .iter()
            .map(|fact| format!("{}: {}\n", fact.name, fact.value));
        lines.collect()
    }

    #[test]
    fn ledgers_one_after_the_other_are_healthy() {
        let (seen, out) = fed(&[100, 101, 102, 103]);
        let text = text(&seen, false);
        assert!(
            text.contains("one every 5.0 s, over the newest 3"),
            "{text}"
        );
        assert!(!text.contains("gaps") && out.is_empty(), "{text}");
    }

    #[test]
    fn gaps_are_counted_and_filters_excuse_them() {
        let (seen, _) = fed(&[100, 103, 104, 110]);
        assert!(text(&seen, false).contains("2 gaps, 7 ledgers without an event: nothing is"));
        assert!(text(&seen, true).contains("the filters may have dropped"));
    }

    #[test]
    fn a_step_back_is_told_and_interleaving_is_not() {
        let (seen, out) = fed(&[100, 101, 100, 101, 99, 102]);
        assert!(out.is_empty());
        assert!(text(&seen, false).contains("2 times, by at most 16"));
        let (seen, out) = fed(&[5_000, 5_001, 100, 101]);
        assert!(
            out.notes[0].0.contains("from ledger 5001 to 100"),
            "{out:?}"
        );
        assert_eq!(seen.newest().map(|(ledger, _)| ledger), Some(101));
        assert!(!text(&seen, false).contains("gaps"));
    }

    #[test]
    fn numbers_no_ledger_has_do_not_panic() {
        let (seen, out) = fed(&[u64::MAX, 0, 1, u64::MAX, 2, u64::MAX - 1]);
        assert!(seen.back >= 2 && out.notes.len() <= TOLD_MAX as usize);
        assert_eq!(seen.missing, 0);
    }
}
