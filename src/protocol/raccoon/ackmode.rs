//! Does the server acknowledge before it publishes (ASYNC) or after (SYNC)? Nothing on the wire
//! says so; what was seen is weighed, and told together with the answer.

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::names;
use crate::frame::{FrameKind, Stamp};

/// Acks of lone batches that make a latency worth comparing.
const LONE_MIN: u64 = 5;
/// Acks in request order, with other batches waiting, that are worth something.
const ORDERED_MIN: u64 = 50;
/// By how much an ack must be slower than a round trip to suggest that publishing is waited for.
const SLOWER_BY: Duration = Duration::from_millis(5);

/// When the server acknowledges: its setting `EVENT_ACK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AckMode {
    /// `EVENT_ACK=0`: as soon as the batch is decoded.
    Async,
    /// `EVENT_ACK=1`: when every event of the batch has been published, or failed.
    Sync,
}

impl AckMode {
    /// The name, with the server's setting.
    const fn title(self) -> &'static str {
        match self {
            Self::Async => "ASYNC (EVENT_ACK=0)",
            Self::Sync => "SYNC (EVENT_ACK=1)",
        }
    }
}

/// How much the evidence is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// Nothing else explains it.
    Certain,
    /// Something else could, but hardly.
    Likely,
    /// Something else could as well.
    Weak,
}

/// What was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The mode; `None` if it cannot be told.
    pub(super) mode: Option<AckMode>,
    pub(super) strength: Strength,
    /// What speaks for it, or what would tell.
    pub(super) evidence: String,
}

impl Verdict {
    /// The mode with how sure that is.
    pub(super) fn title(&self) -> String {
        match (self.mode, self.strength) {
            (None, _) => "unknown".to_owned(),
            (Some(mode), Strength::Certain) => mode.title().to_owned(),
            (Some(mode), Strength::Likely) => format!("probably {}", mode.title()),
            (Some(mode), Strength::Weak) => format!("perhaps {}", mode.title()),
        }
    }
}

/// A mean of durations.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    count: u64,
    sum: Duration,
}

impl Mean {
    fn add(&mut self, took: Duration) {
        self.count += 1;
        self.sum = self.sum.saturating_add(took);
    }

    fn value(self) -> Duration {
        let micros = self.sum.as_micros() / u128::from(self.count.max(1));
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// What was seen so far on this connection.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    told: Option<AckMode>,
    /// Replies with code 3.
    failures: u64,
    /// Acks that came after the ack of a younger batch.
    pub(super) reordered: u64,
    /// Acks that came after the `BAD_REQUEST` of a younger batch.
    pub(super) overtaken: u64,
    /// Acks in request order while other batches waited.
    ordered: u64,
    most_waiting: u32,
    waiting: u32,
    last_sent: Option<Stamp>,
    /// Highest number of an answered batch, by whether it was decoded.
    highest: Option<u32>,
    highest_bad: Option<u32>,
    /// The batch sent while no other waited, until another is sent.
    lone: Option<u32>,
    /// Latencies of lone batches with events.
    lone_acks: Mean,
    /// Round trips of pings and of lone batches without events.
    trips: Mean,
}

impl Evidence {
    /// `told` is what the profile says.
    pub(super) fn new(told: Option<AckMode>) -> Self {
        Self {
            told,
            ..Self::default()
        }
    }

    /// Batches over the WebSocket that wait for their ack, as far as one can count.
    pub(super) fn waiting(&self) -> u32 {
        self.waiting
    }

    /// A batch went out over the WebSocket. After `forget` without any, none is waited for.
    pub(super) fn sent(&mut self, number: u32, at: Stamp, forget: Duration) {
        let before = self.last_sent.replace(at);
        if before.is_some_and(|before| at.since(before) > forget) {
            self.waiting = 0;
        }
        self.lone = (self.waiting == 0).then_some(number);
        self.waiting = self.waiting.saturating_add(1);
        self.most_waiting = self.most_waiting.max(self.waiting);
    }

    /// A reply came over the WebSocket that tells nothing about the order.
    pub(super) fn settled(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// A failure to publish came, over any transport.
    pub(super) fn failed(&mut self) {
        self.failures += 1;
    }

    /// The first reply to a batch sent once came. True if it came out of order.
    pub(super) fn answered(&mut self, answer: &super::memory::Answer, code: i64) -> bool {
        if answer.kind == FrameKind::Request {
            return false;
        }
        let others = self.waiting > 1;
        self.waiting = self.waiting.saturating_sub(1);
        let number = Some(answer.number);
        if code == names::BAD_REQUEST {
            self.highest_bad = self.highest_bad.max(number);
            return false;
        }
        let late = number < self.highest;
        if late {
            self.reordered += 1;
        } else if number < self.highest_bad {
            self.overtaken += 1;
        } else if others {
            self.ordered += 1;
        }
        self.highest = self.highest.max(number);
        if self.lone == number {
            self.lone = None;
            if answer.has_events {
                self.lone_acks.add(answer.latency);
            } else {
                self.trips.add(answer.latency);
            }
        }
        late
    }

    /// A ping of ours was answered.
    pub(super) fn round_trip(&mut self, took: Duration) {
        self.trips.add(took);
    }

    /// What a lone batch with events usually takes, once some were answered.
    pub(super) fn usual(&self) -> Option<Duration> {
        (self.lone_acks.count > 0).then(|| self.lone_acks.value())
    }

    /// True if something was seen that happens in SYNC only.
    pub(super) fn is_proven_sync(&self) -> bool {
        self.failures + self.reordered + self.overtaken > 0
    }

    /// True if the profile says ASYNC.
    pub(super) fn is_told_async(&self) -> bool {
        self.told == Some(AckMode::Async)
    }

    /// Weighs what was seen.
    pub(super) fn verdict(&self) -> Verdict {
        let proof = self.proof();
        let found = |mode, strength, evidence| Verdict {
            mode: Some(mode),
            strength,
            evidence,
        };
        if let Some(told) = self.told {
            let mut evidence = "told by the profile".to_owned();
            if let (AckMode::Async, Some(proof)) = (told, proof) {
                let _ = write!(evidence, ", and contradicted: {proof} only in SYNC");
            }
            return found(told, Strength::Certain, evidence);
        }
        if let Some(proof) = proof {
            return found(AckMode::Sync, Strength::Certain, proof);
        }
        let (ack, trip) = (self.lone_acks.value(), self.trips.value());
        let comparable = self.lone_acks.count >= LONE_MIN && self.trips.count > 0;
        if comparable && ack >= trip * 5 && ack >= trip + SLOWER_BY {
            let (ack, trip) = (figure(ack), figure(trip));
            let evidence = format!(
                "acks of lone batches take {ack}, a round trip takes {trip}: something is waited for"
            );
            return found(AckMode::Sync, Strength::Likely, evidence);
        }
        let mut signs = Vec::new();
        if self.ordered >= ORDERED_MIN {
            signs.push(format!(
                "{} acks in request order while up to {} batches waited",
                self.ordered, self.most_waiting
            ));
        }
        if comparable && ack <= trip * 2 + Duration::from_millis(1) {
            let (ack, trip) = (figure(ack), figure(trip));
            signs.push(format!("acks take {ack}, a round trip {trip}"));
        }
        if signs.is_empty() {
            return Verdict {
                mode: None,
                strength: Strength::Weak,
                evidence: "an event the sink refuses would tell (code 3 comes only in SYNC), so would acks out of order; an empty batch measures the round trip without publishing anything".to_owned(),
            };
        }
        let evidence = format!(
            "{}; SYNC with one worker and a fast sink would look the same",
            signs.join(", ")
        );
        found(AckMode::Async, Strength::Weak, evidence)
    }

    /// What happens in SYNC only.
    fn proof(&self) -> Option<String> {
        let mut seen = Vec::new();
        for (count, what) in [
            (self.failures, "code 3 came"),
            (self.reordered, "acks came out of order"),
            (self.overtaken, "BAD_REQUEST overtook older acks"),
        ] {
            match count {
                0 => {}
                1 => seen.push(format!("{what} once")),
                count => seen.push(format!("{what} {count} times")),
            }
        }
        (!seen.is_empty()).then(|| seen.join(", "))
    }
}

/// A time as a person writes it: `90 µs`, `4.2 ms`, `12.0 s`.
pub(super) fn figure(time: Duration) -> String {
    let micros = time.as_micros();
    if micros < 1_000 {
        format!("{micros} µs")
    } else if micros < 1_000_000 {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::Answer;
    use super::*;
    use crate::transport::clock;

    const FORGET: Duration = Duration::from_secs(10);

    fn answer(number: u32, took: Duration) -> Answer {
        Answer {
            latency: took,
            sent: clock::now(),
            number,
            kind: FrameKind::Binary,
            sends: 1,
            replies: 1,
            before: 0,
            raced: false,
            has_events: true,
        }
    }

    fn found(evidence: &Evidence) -> (Option<AckMode>, Strength) {
        let verdict = evidence.verdict();
        assert!(!verdict.evidence.is_empty());
        (verdict.mode, verdict.strength)
    }

    fn burst(evidence: &mut Evidence, numbers: std::ops::Range<u32>) {
        for number in numbers {
            evidence.sent(number, clock::now(), FORGET);
        }
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn nothing_seen_is_unknown_and_says_what_would_tell() {
        let verdict = Evidence::default().verdict();
        assert_eq!((verdict.mode, verdict.title().as_str()), (None, "unknown"));
        assert!(verdict.evidence.contains("empty batch"), "{verdict:?}");
    }

    #[test]
    fn any_code_3_is_sync() {
        let mut evidence = Evidence::default();
        evidence.failed();
        assert_eq!(found(&evidence), (Some(AckMode::Sync), Strength::Certain));
        assert_eq!(evidence.verdict().evidence, "code 3 came once");
    }

    #[test]
    fn acks_out_of_order_are_sync() {
        let mut evidence = Evidence::default();
        burst(&mut evidence, 0..3);
        assert!(!evidence.answered(&answer(1, MS), 1));
        assert!(evidence.answered(&answer(0, MS), 1));
        assert!(!evidence.answered(&answer(2, MS), 1));
        assert_eq!(found(&evidence), (Some(AckMode::Sync), Strength::Certain));
    }

    #[test]
    fn code_2_overtaking_older_acks_is_sync_but_no_disorder() {
        let mut evidence = Evidence::default();
        burst(&mut evidence, 0..2);
        evidence.answered(&answer(1, MS), 2);
        assert!(!evidence.answered(&answer(0, MS), 1));
        assert_eq!((evidence.reordered, evidence.overtaken), (0, 1));
        assert_eq!(found(&evidence), (Some(AckMode::Sync), Strength::Certain));
    }

    #[test]
    fn calls_are_concurrent_and_prove_nothing_by_their_order() {
        let mut evidence = Evidence::default();
        for number in [1, 0] {
            let call = Answer {
                kind: FrameKind::Request,
                ..answer(number, MS)
            };
            assert!(!evidence.answered(&call, 1));
        }
        assert_eq!(found(&evidence).0, None);
    }

    fn lone(took: Duration) -> Evidence {
        let mut evidence = Evidence::default();
        evidence.round_trip(MS);
        for number in 0..5 {
            burst(&mut evidence, number..number + 1);
            evidence.answered(&answer(number, took), 1);
        }
        evidence
    }

    #[test]
    fn acks_much_slower_than_a_round_trip_are_probably_sync() {
        let evidence = lone(MS * 30);
        assert_eq!(found(&evidence), (Some(AckMode::Sync), Strength::Likely));
        let text = evidence.verdict().evidence;
        assert!(
            text.contains("take 30.0 ms, a round trip takes 1.0 ms"),
            "{text}"
        );
    }

    #[test]
    fn acks_as_fast_as_a_round_trip_are_perhaps_async() {
        assert_eq!(found(&lone(MS * 2)), (Some(AckMode::Async), Strength::Weak));
        assert_eq!(found(&lone(MS * 4)).0, None, "neither fast nor slow");
    }

    #[test]
    fn many_acks_in_order_are_perhaps_async() {
        let mut evidence = Evidence::default();
        burst(&mut evidence, 0..60);
        for number in 0..60 {
            evidence.answered(&answer(number, MS), 1);
        }
        assert_eq!(found(&evidence), (Some(AckMode::Async), Strength::Weak));
        assert!(evidence.verdict().evidence.contains("up to 60 batches"));
    }

    #[test]
    fn what_the_profile_says_outranks_and_is_contradicted() {
        let mut evidence = Evidence::new(Some(AckMode::Async));
        assert_eq!(evidence.verdict().evidence, "told by the profile");
        evidence.failed();
        assert_eq!(found(&evidence).0, Some(AckMode::Async));
        assert!(evidence.verdict().evidence.contains("contradicted"));
    }

    #[test]
    fn batches_that_are_never_answered_are_not_waited_for_forever() {
        let mut evidence = Evidence::default();
        let now = clock::now();
        evidence.sent(0, now, FORGET);
        evidence.sent(1, now.after(FORGET * 2), FORGET);
        assert_eq!(evidence.waiting(), 1);
    }
}
