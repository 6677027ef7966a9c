//! Does the server drop a batch whose guid it has seen on this connection? A dropped batch is
//! answered with an ordinary success, so only repetitions tell, and not all of them.

use std::time::Duration;

use super::memory::Answer;
use super::names;

/// A swallowed batch is answered this many times faster than one that is published.
const FASTER: u32 = 4;
/// Below this, latencies are too short to be compared.
const COMPARABLE: Duration = Duration::from_millis(10);

/// What the replies to repeated guids say.
#[derive(Debug, Default)]
pub(super) struct Dedup {
    /// A guid that had succeeded failed when it was sent again: it was published anew.
    failed_again: u32,
    /// A guid sent twice got a success, then the failure of its first batch.
    raced: u32,
    /// Repetitions answered much faster than batches that are published, and as slowly.
    fast: u32,
    slow: u32,
    /// Successful repetitions that tell nothing.
    plain: u32,
}

impl Dedup {
    /// A reply to a guid that was sent more than once came. `usual` is what a batch with events
    /// takes on this connection, if that is known.
    pub(super) fn answered(&mut self, answer: &Answer, code: i64, usual: Option<Duration>) {
        let success = i64::from(answer.before) == names::OK;
        match code {
            // Both went out before either was answered, so the success was the repetition's: it
            // was swallowed while the first batch was still being published.
            names::INTERNAL_ERROR if success && answer.raced => self.raced += 1,
            names::INTERNAL_ERROR if success => self.failed_again += 1,
            names::OK if success && !answer.raced => {
                match usual.filter(|usual| *usual >= COMPARABLE) {
                    Some(usual) if answer.latency * FASTER <= usual => self.fast += 1,
                    Some(usual) if answer.latency * 2 >= usual => self.slow += 1,
                    _ => self.plain += 1,
                }
            }
            _ => {}
        }
    }

    /// What is to be said of it, and whether it is worth a warning.
    pub(super) fn verdict(&self) -> (&'static str, String) {
        let times = |count: u32| match count {
            1 => "once".to_owned(),
            count => format!("{count} times"),
        };
        if self.failed_again > 0 {
            let count = times(self.failed_again);
            (
                "off",
                format!(
                    "a guid that had succeeded failed when it was sent again, {count}: the second batch was published too"
                ),
            )
        } else if self.raced > 0 {
            let count = times(self.raced);
            (
                "probably on",
                format!(
                    "a guid sent twice got a success and then its first batch's failure, {count}: the repetition was swallowed"
                ),
            )
        } else if self.fast > self.slow {
            let count = times(self.fast);
            (
                "probably on",
                format!(
                    "a repeated guid was acknowledged without the time publishing takes, {count}"
                ),
            )
        } else if self.slow > 0 {
            let count = times(self.slow);
            (
                "probably off",
                format!("a repeated guid took as long as publishing takes, {count}"),
            )
        } else if self.plain > 0 {
            ("unknown", "repeated guids were acknowledged, which happens either way; where acks come before publishing only the server's events_duplicate_total tells".to_owned())
        } else {
            ("unknown", "no guid was sent twice; in SYNC, sending a slow batch again under its guid would tell, else the server's events_duplicate_total".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameKind;
    use crate::transport::clock;

    const USUAL: Option<Duration> = Some(Duration::from_millis(100));

    fn after(took_ms: u64, raced: bool, before: i64) -> Answer {
        Answer {
            latency: Duration::from_millis(took_ms),
            sent: clock::now(),
            number: 1,
            kind: FrameKind::Binary,
            sends: 2,
            replies: 2,
            raced,
            before: before as u8,
            has_events: true,
        }
    }

    #[test]
    fn without_repetitions_it_is_unknown() {
        assert_eq!(Dedup::default().verdict().0, "unknown");
    }

    #[test]
    fn a_repetition_that_fails_was_published_again() {
        let mut dedup = Dedup::default();
        dedup.answered(&after(90, false, 1), 3, USUAL);
        assert_eq!(dedup.verdict().0, "off");
    }

    #[test]
    fn a_repetition_after_a_failure_is_processed_either_way() {
        let mut dedup = Dedup::default();
        dedup.answered(&after(90, false, 3), 3, USUAL);
        dedup.answered(&after(90, false, 3), 1, USUAL);
        assert_eq!(dedup.verdict().0, "unknown");
    }

    #[test]
    fn speed_tells_where_publishing_takes_time() {
        let mut dedup = Dedup::default();
        dedup.answered(&after(1, false, 1), 1, USUAL);
        assert_eq!(dedup.verdict().0, "probably on");
        let mut dedup = Dedup::default();
        dedup.answered(&after(95, false, 1), 1, USUAL);
        assert_eq!(dedup.verdict().0, "probably off");
        let mut dedup = Dedup::default();
        dedup.answered(&after(1, false, 1), 1, Some(Duration::from_millis(1)));
        let (verdict, why) = dedup.verdict();
        assert!(verdict == "unknown" && why.contains("either way"), "{why}");
    }

    #[test]
    fn a_race_shows_the_swallowed_repetition() {
        let mut dedup = Dedup::default();
        dedup.answered(&after(90, true, 1), 3, USUAL);
        assert_eq!(dedup.verdict().0, "probably on");
    }
}
