//! Batches sent again, as a client library would: same guid, same bytes. Pure: time comes in.
//!
//! ```text
//!         sent                 failed, covered, attempts left
//!  (new) ─────► flying ───────────────────────────────────────► waiting ─ due ─► sending ─┐
//!                 │ ▲ ▲                                                                   │
//!            done │ │ └──────────────────────── sent: attempt n + 1 ◄────────────────────┘
//!                 ▼ └ failed otherwise: forgotten, with a word if attempts are used up
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::frame::Stamp;
use crate::protocol::Outgoing;
use crate::protocol::raccoon::{Failure, RetryPolicy};

/// Most batches followed at once; further ones are sent once.
const FOLLOWED_MAX: usize = 10_000;

/// The batches of one connection that may be sent again.
#[derive(Debug, Default)]
pub(super) struct Retries {
    policy: Option<RetryPolicy>,
    batches: HashMap<Arc<str>, Batch>,
    /// What waits, by when it is due.
    due: BTreeMap<(Instant, u64), Arc<str>>,
    count: u64,
}

#[derive(Debug)]
struct Batch {
    outgoing: Outgoing,
    first: Stamp,
    attempts: u32,
    phase: Phase,
    /// Why the newest attempt failed.
    why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Flying,
    Waiting,
    Sending,
}

/// What follows from a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing: it is not followed, or such a failure is not tried again.
    Nothing,
    /// It is sent again; the sentence says when.
    Again(String),
    /// No attempt is left; the sentence says so.
    UsedUp(String),
}

impl Next {
    /// The sentence.
    pub(super) fn words(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Again(words) | Self::UsedUp(words) => Some(words),
        }
    }
}

impl Retries {
    pub(super) fn new(policy: Option<RetryPolicy>) -> Self {
        Self {
            policy,
            ..Self::default()
        }
    }

    /// False if nothing is ever sent again, which is the rule.
    pub(super) fn is_on(&self) -> bool {
        self.policy.is_some()
    }

    /// How long an attempt may take, if the policy says so.
    pub(super) fn timeout(&self) -> Option<Duration> {
        self.policy.as_ref()?.timeout
    }

    /// Takes note of a batch that goes out under `key`. For a further attempt, the sentence that
    /// tells which.
    pub(super) fn sent(
        &mut self,
        key: &str,
        outgoing: impl FnOnce() -> Outgoing,
        at: Stamp,
    ) -> Option<String> {
        let policy = self.policy.as_ref()?;
        if let Some(batch) = self.batches.get_mut(key)
            && batch.phase == Phase::Sending
        {
            batch.phase = Phase::Flying;
            batch.attempts += 1;
            return Some(format!(
                "attempt {} of {}, same req_guid, sent {:.1} s after the first: {}",
                batch.attempts,
                policy.attempts,
                at.since(batch.first).as_secs_f64(),
                batch.why
            ));
        }
        if self.batches.len() < FOLLOWED_MAX || self.batches.contains_key(key) {
            let batch = Batch {
                outgoing: outgoing(),
                first: at,
                attempts: 1,
                phase: Phase::Flying,
                why: String::new(),
            };
            self.batches.insert(key.into(), batch);
        }
        None
    }

    /// A success came for `key`.
    pub(super) fn done(&mut self, key: &str) {
        if self
            .batches
            .get(key)
            .is_some_and(|batch| batch.phase != Phase::Waiting)
        {
            self.batches.remove(key);
        } else if self.batches.remove(key).is_some() {
            // A late success spares the next attempt.
            self.due.retain(|_, due| **due != *key);
        }
    }

    /// The attempt under `key` came to nothing.
    pub(super) fn failed(&mut self, key: &str, failure: &Failure, now: Stamp) -> Next {
        let Some(policy) = &self.policy else {
            return Next::Nothing;
        };
        let Some(batch) = self.batches.get_mut(key) else {
            return Next::Nothing;
        };
        if batch.phase != Phase::Flying {
            return Next::Nothing;
        }
        let (made, all) = (batch.attempts, policy.attempts);
        if !policy.covers(failure) {
            self.batches.remove(key);
            return Next::Nothing;
        }
        if made >= all {
            self.batches.remove(key);
            return Next::UsedUp(format!("{made} of {all} attempts used up"));
        }
        let wait = policy.wait_before(made + 1);
        batch.phase = Phase::Waiting;
        batch.why = failure.words();
        self.count += 1;
        self.due.insert((now.mono + wait, self.count), key.into());
        Next::Again(format!(
            "attempt {made} of {all}: {}; sent again in {:.1} s",
            batch.why,
            wait.as_secs_f64()
        ))
    }

    /// The next batch whose wait is over.
    pub(super) fn due(&mut self, now: Instant) -> Option<(Arc<str>, Outgoing)> {
        let (&(at, _), _) = self.due.first_key_value()?;
        if at > now {
            return None;
        }
        let (_, key) = self.due.pop_first()?;
        let batch = self.batches.get_mut(&key)?;
        batch.phase = Phase::Sending;
        Some((key, batch.outgoing.clone()))
    }

    /// When [`Self::due`] has something next.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first_key_value().map(|(&(at, _), _)| at)
    }

    /// Batches that wait for their next attempt.
    pub(super) fn waiting(&self) -> usize {
        self.due.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::raccoon::{FailureKind as Kind, Retry};
    use crate::transport::clock;

    fn retries(text: &str) -> Retries {
        Retries::new(Retry::told(text).unwrap().policy())
    }

    fn outgoing() -> Outgoing {
        Outgoing::Text("{}".into())
    }

    #[test]
    fn attempts_follow_one_another_until_they_are_used_up() {
        let mut retries = retries("python");
        let start = clock::now();
        assert_eq!(retries.sent("g", outgoing, start), None);
        let mut now = start;
        for (n, wait) in [(2, 0), (3, 2), (4, 4)] {
            let next = retries.failed("g", &Failure::of(Kind::Timeout), now);
            let words = format!(
                "attempt {} of 4: no answer came in time; sent again in {wait}.0 s",
                n - 1
            );
            assert_eq!(next, Next::Again(words));
            let due = now.after(Duration::from_secs(wait));
            assert_eq!(retries.next_due(), Some(due.mono));
            let early = due.before(Duration::from_millis(1)).mono;
            assert_eq!((retries.due(early), retries.waiting()), (None, 1));
            now = due;
            let (key, again) = retries.due(now.mono).unwrap();
            assert_eq!((&*key, again), ("g", outgoing()));
            let note = retries
                .sent("g", || panic!("the bytes are kept"), now)
                .unwrap();
            assert!(
                note.starts_with(&format!("attempt {n} of 4, same req_guid, sent ")),
                "{note}"
            );
            assert!(note.ends_with("no answer came in time"), "{note}");
        }
        let next = retries.failed("g", &Failure::of(Kind::Connection), now);
        assert_eq!(next, Next::UsedUp("4 of 4 attempts used up".to_owned()));
        assert_eq!((retries.waiting(), retries.batches.len()), (0, 0));
    }

    #[test]
    fn what_ends_a_batch() {
        let failed = Failure::of(Kind::Timeout);
        let now = clock::now();
        // A success; a failure that is not tried again; a late success while waiting.
        let mut one = retries("3");
        one.sent("g", outgoing, now);
        one.done("g");
        assert_eq!(one.failed("g", &failed, now), Next::Nothing);
        let mut two = retries("go-grpc");
        two.sent("g", outgoing, now);
        assert_eq!(two.failed("g", &failed, now), Next::Nothing);
        assert!(two.batches.is_empty());
        let mut three = retries("3");
        three.sent("g", outgoing, now);
        three.failed("g", &failed, now);
        three.done("g");
        assert_eq!((three.waiting(), three.batches.len()), (0, 0));
    }

    #[test]
    fn without_a_policy_nothing_is_followed() {
        let mut none = Retries::new(None);
        let now = clock::now();
        assert_eq!(none.sent("g", || panic!("not asked for"), now), None);
        assert_eq!(
            none.failed("g", &Failure::of(Kind::Timeout), now),
            Next::Nothing
        );
        assert!(!none.is_on());
    }

    #[test]
    fn a_guid_sent_by_hand_again_starts_anew() {
        let mut retries = retries("2");
        let now = clock::now();
        retries.sent("g", outgoing, now);
        assert_eq!(retries.sent("g", outgoing, now), None);
        let next = retries.failed("g", &Failure::of(Kind::Timeout), now);
        assert!(matches!(next, Next::Again(_)), "{next:?}");
        assert_eq!(
            next.words().map(|words| words.contains("attempt 1 of 2")),
            Some(true)
        );
    }
}
