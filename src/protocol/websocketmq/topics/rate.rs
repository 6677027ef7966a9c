//! Messages per second, over the last seconds.

use std::time::Duration;

use crate::frame::Stamp;

/// Whole seconds a rate is taken over, besides the one that is running.
const SPAN: u64 = 4;
/// Seconds kept.
const KEPT: u64 = SPAN + 1;
/// After this time without a message every rate is zero.
pub(super) const MEMORY: Duration = Duration::from_secs(KEPT);

/// Counts of the last seconds. Time enters as what passed since a fixed moment before the first
/// message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rate {
    counts: [u32; KEPT as usize],
    /// The newest second counted.
    second: u64,
    /// When the first message of all came.
    first: Duration,
    any: bool,
}

impl Rate {
    /// Counts a message.
    #[inline]
    pub(super) fn count(&mut self, at: Duration) {
        let second = at.as_secs();
        if second != self.second || !self.any {
            self.advance(second, at);
        }
        self.counts[(second % KEPT) as usize] += 1;
    }

    #[cold]
    fn advance(&mut self, second: u64, at: Duration) {
        if !self.any {
            self.any = true;
            self.first = at;
        }
        // A clock that went back counts in the newest second's place; that harms nobody.
        for passed in (self.second + 1..=second).rev().take(KEPT as usize) {
            self.counts[(passed % KEPT) as usize] = 0;
        }
        self.second = self.second.max(second);
    }

    /// Messages per second at that moment.
    pub(super) fn at(&self, now: Duration) -> f64 {
        let second = now.as_secs();
        let oldest = second.saturating_sub(SPAN);
        let seconds = oldest.max(self.second.saturating_sub(SPAN))..=self.second;
        if !self.any || self.second < oldest {
            return 0.0;
        }
        let counted: u64 = seconds
            .map(|second| u64::from(self.counts[(second % KEPT) as usize]))
            .sum();
        let span = now.saturating_sub(self.first.max(Duration::from_secs(oldest)));
        counted as f64 / span.as_secs_f64().max(1.0)
    }
}

/// What passed since `origin`, which the first call sets.
pub(super) fn passed(origin: &mut Option<Stamp>, at: Stamp) -> Duration {
    at.since(*origin.get_or_insert(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_steady_stream_has_its_rate() {
        let mut rate = Rate::default();
        for n in 0..10_000 {
            rate.count(ms(n));
        }
        let per_second = rate.at(ms(9_999));
        assert!((per_second - 1_000.0).abs() < 5.0, "{per_second}");
    }

    #[test]
    fn a_young_stream_counts_from_its_first_message() {
        let mut rate = Rate::default();
        for n in 0..20 {
            rate.count(ms(100_000 + n * 100));
        }
        let per_second = rate.at(ms(102_000));
        assert!((per_second - 10.0).abs() < 0.5, "{per_second}");
        let mut one = Rate::default();
        one.count(ms(0));
        assert!((one.at(ms(0)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn silence_brings_it_to_zero_step_by_step() {
        let mut rate = Rate::default();
        for n in 0..5_000 {
            rate.count(ms(n));
        }
        let mut before = rate.at(ms(5_000));
        for second in 6..=10 {
            let now = rate.at(ms(second * 1_000));
            assert!(now < before || before == 0.0, "{second}: {now} {before}");
            before = now;
        }
        assert!(rate.at(Duration::from_secs(4) + MEMORY).abs() < 1e-9);
        rate.count(ms(60_000));
        assert!(rate.at(ms(60_000)) <= 1.0);
    }

    #[test]
    fn any_order_of_times_is_survived() {
        let mut rate = Rate::default();
        for at in [u64::MAX / 1_000_000, 0, 5, 3_000_000, 2] {
            rate.count(ms(at));
            assert!(rate.at(ms(at)) >= 0.0);
        }
    }
}
