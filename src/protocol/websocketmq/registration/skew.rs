//! How far the broker's clock is ahead of ours, and how sure that is.

use std::fmt;

use crate::frame::Stamp;

/// Clock difference below which nothing is said.
const LARGE_MS: i64 = 3_000;

/// A difference of two clocks: `ahead_ms` ± `within_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Skew {
    /// How far the broker's clock is ahead, milliseconds; negative if it is behind.
    pub(in super::super) ahead_ms: i64,
    /// How far off that may be.
    pub(in super::super) within_ms: i64,
}

impl Skew {
    /// From a time the broker wrote between a request of ours and its answer: RFC 3339, cut to
    /// whole seconds.
    pub(super) fn of_text(time: &str, between: (Option<Stamp>, Stamp)) -> Option<Self> {
        let written = time.parse::<jiff::Timestamp>().ok()?.as_millisecond();
        let resolution = if time.contains('.') { 1 } else { 1_000 };
        Self::of(written, resolution, between)
    }

    /// The same from a time in milliseconds.
    pub(super) fn of_millis(written: i64, between: (Option<Stamp>, Stamp)) -> Option<Self> {
        Self::of(written, 1, between)
    }

    /// The broker wrote when its clock was in `[written, written + resolution)` and ours between
    /// sending and reading.
    fn of(written: i64, resolution: i64, (sent, read): (Option<Stamp>, Stamp)) -> Option<Self> {
        let latest_of_ours = read.wall_us / 1_000;
        let earliest_of_ours = sent.map_or(latest_of_ours, |sent| sent.wall_us / 1_000);
        let least = written.checked_sub(latest_of_ours)?;
        let most = written
            .checked_add(resolution)?
            .checked_sub(earliest_of_ours)?;
        let width = most.checked_sub(least)?.max(0);
        Some(Self {
            ahead_ms: least.checked_add(width / 2)?,
            within_ms: (width + 1) / 2,
        })
    }

    /// True if somebody should know.
    pub(super) fn is_large(&self) -> bool {
        self.ahead_ms.saturating_abs() > LARGE_MS.saturating_add(self.within_ms)
    }
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |ms: i64| ms.unsigned_abs() as f64 / 1e3;
        if self.ahead_ms.saturating_abs() <= self.within_ms {
            return write!(f, "within {:.1} s of", seconds(self.within_ms));
        }
        let way = if self.ahead_ms > 0 {
            "ahead of"
        } else {
            "behind"
        };
        let (ahead, within) = (seconds(self.ahead_ms), seconds(self.within_ms));
        write!(f, "{ahead:.1} s (± {within:.1} s) {way}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::transport::clock;

    /// 2025-05-21T15:35:46.400Z
    const READ_US: i64 = 1_747_841_746_400_000;

    fn between() -> (Option<Stamp>, Stamp) {
        let read = Stamp {
            wall_us: READ_US,
            ..clock::now()
        };
        (Some(read.before(Duration::from_millis(200))), read)
    }

    #[test]
    fn a_whole_second_leaves_half_a_second_open() {
        let skew = Skew::of_text("2025-05-21T08:35:46-07:00", between()).unwrap();
        assert_eq!((skew.ahead_ms, skew.within_ms), (200, 600));
        assert_eq!(skew.to_string(), "within 0.6 s of");
        assert!(!skew.is_large());
    }

    #[test]
    fn another_hour_is_told_with_its_uncertainty() {
        let skew = Skew::of_text("2025-05-21T16:35:46Z", between()).unwrap();
        assert_eq!(skew.to_string(), "3600.2 s (± 0.6 s) ahead of");
        assert!(skew.is_large());
    }

    #[test]
    fn milliseconds_are_as_good_as_the_round_trip() {
        let skew = Skew::of_millis(READ_US / 1_000 - 5_000, between()).unwrap();
        assert_eq!((skew.ahead_ms, skew.within_ms), (-4_900, 101));
        assert_eq!(skew.to_string(), "4.9 s (± 0.1 s) behind");
    }

    #[test]
    fn what_is_no_time_is_no_skew() {
        assert_eq!(Skew::of_text("", between()), None);
        assert_eq!(Skew::of_text("tomorrow", between()), None);
        assert!(Skew::of_millis(i64::MAX, between()).is_none_or(|skew| skew.within_ms >= 0));
        assert!(Skew::of_millis(i64::MIN, between()).is_none());
    }
}
