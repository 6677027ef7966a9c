//! When documents are due. Pure: time comes in as stamps.
//!
//! The schedule is open-loop: document number n is due n intervals after the first, whatever
//! became of those before it. A server that is slow, or a sender that falls behind, moves nothing;
//! latency counts from the time a document was due, so waiting cannot hide in it.

use std::time::Duration;

use crate::frame::Stamp;

/// The schedule of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Documents per second; none to send as fast as replies allow.
    pub(super) rate: Option<f64>,
    /// How long documents become due; none for as long as there are any.
    length: Option<Duration>,
    start: Option<Stamp>,
    handed: u64,
}

impl Pace {
    pub(super) fn new(rate: Option<f64>, length: Option<Duration>) -> Self {
        Self {
            rate,
            length,
            start: None,
            handed: 0,
        }
    }

    /// When the next document is due. The first call starts the schedule at `now`.
    pub(super) fn due(&mut self, now: Stamp) -> Stamp {
        let start = *self.start.get_or_insert(now);
        match self.rate {
            None => now,
            Some(rate) => start.after(Duration::from_secs_f64(self.handed as f64 / rate)),
        }
    }

    /// True if a document due at `due` lies behind the end of the schedule.
    pub(super) fn is_over(&self, due: Stamp) -> bool {
        self.start
            .zip(self.length)
            .is_some_and(|(start, length)| due.since(start) >= length)
    }

    /// The next document was handed over.
    pub(super) fn advance(&mut self) {
        self.handed += 1;
    }

    /// Share of the schedule that has passed, 0 to 1, and what is left of it; `None` if it has no
    /// end in time.
    pub(super) fn passed(&self, now: Stamp) -> Option<(f64, Duration)> {
        let length = self.length?;
        let passed = self.start.map_or(Duration::ZERO, |start| now.since(start));
        let share = passed.as_secs_f64() / length.as_secs_f64().max(f64::EPSILON);
        Some((share.min(1.0), length.saturating_sub(passed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    #[test]
    fn the_schedule_knows_nothing_of_delays() {
        let start = clock::now();
        let mut pace = Pace::new(Some(4.0), None);
        assert_eq!(pace.due(start), start);
        pace.advance();
        let late = start.after(Duration::from_secs(9));
        assert_eq!(pace.due(late).since(start), Duration::from_millis(250));
        for _ in 0..7 {
            pace.advance();
        }
        assert_eq!(pace.due(late).since(start), Duration::from_secs(2));
    }

    #[test]
    fn without_a_rate_everything_is_due_now() {
        let mut pace = Pace::new(None, Some(Duration::from_secs(1)));
        let start = clock::now();
        pace.due(start);
        pace.advance();
        let later = start.after(Duration::from_millis(999));
        assert_eq!(pace.due(later), later);
        assert!(!pace.is_over(later));
        assert!(pace.is_over(start.after(Duration::from_secs(1))));
    }

    #[test]
    fn what_has_passed_is_bounded_by_the_whole() {
        let start = clock::now();
        let mut pace = Pace::new(Some(10.0), Some(Duration::from_secs(4)));
        assert_eq!(pace.passed(start), Some((0.0, Duration::from_secs(4))));
        pace.due(start);
        let (share, left) = pace.passed(start.after(Duration::from_secs(1))).unwrap();
        assert!((share - 0.25).abs() < 1e-9);
        assert_eq!(left, Duration::from_secs(3));
        let over = pace.passed(start.after(Duration::from_secs(9))).unwrap();
        assert_eq!(over, (1.0, Duration::ZERO));
        assert_eq!(Pace::new(Some(1.0), None).passed(start), None);
    }
}
