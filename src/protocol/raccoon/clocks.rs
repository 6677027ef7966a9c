//! The server's clock against ours, from replies that tell whole seconds, truncated.
//!
//! A reply written between our sending the batch (`t0`) and our reading the reply (`t1`) that
//! says second `s` bounds the difference: the server's clock then showed at least `s` and less
//! than `s + 1`. So it is ahead of ours by more than `s - t1` and by less than `s + 1 - t0`. Every
//! reply cuts the window, and what is left is all that can be said honestly.

use std::fmt::Write as _;
use std::time::Duration;

use crate::frame::Stamp;

const SECOND: i64 = 1_000_000;
/// A difference that is surely larger is worth telling.
const SKEW: i64 = 2 * SECOND;
/// A clock drifts: after this time the window is measured anew.
const FRESH: Duration = Duration::from_mins(10);

/// By how much the server's clock is ahead of ours, microseconds; negative if it is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) low: i64,
    pub(super) high: i64,
}

/// What the replies say.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    window: Option<Window>,
    since: Option<Stamp>,
    replies: u64,
    skew_told: bool,
    /// Newest and largest lag of a batch's `sent_time` behind its frame, seconds.
    lag: Option<(i64, i64)>,
    /// Batches without a usable `sent_time`.
    untimed: u64,
}

impl Clocks {
    /// A reply that says `seconds` was read at `read`; its batch went out at `sent`, if that is
    /// known. Returns a sentence the first time the clocks surely differ.
    pub(super) fn reply(
        &mut self,
        seconds: i64,
        sent: Option<Stamp>,
        read: Stamp,
    ) -> Option<String> {
        if seconds <= 0 {
            return None;
        }
        let server = seconds.saturating_mul(SECOND);
        let cut = Window {
            low: server.saturating_sub(read.wall_us),
            high: sent.map_or(i64::MAX, |sent| {
                server.saturating_add(SECOND).saturating_sub(sent.wall_us)
            }),
        };
        let stale = self.since.is_some_and(|since| read.since(since) > FRESH);
        let window = if let Some(known) = self.window.filter(|_| !stale) {
            let both = Window {
                low: known.low.max(cut.low),
                high: known.high.min(cut.high),
            };
            // Else one of the clocks was set, and what was known before is void.
            if both.low < both.high { both } else { cut }
        } else {
            self.since = Some(read);
            self.replies = 0;
            cut
        };
        self.window = Some(window);
        self.replies += 1;
        self.skew()
    }

    fn skew(&mut self) -> Option<String> {
        let window = self.window?;
        let (far, way) = if window.low > SKEW {
            (window.low, "ahead of")
        } else if window.high < -SKEW {
            (window.high.saturating_neg(), "behind")
        } else {
            return None;
        };
        if std::mem::replace(&mut self.skew_told, true) {
            return None;
        }
        let far = far / SECOND;
        Some(format!(
            "the server's clock is at least {far} s {way} this one (its sent_time counts whole seconds): latencies it computes from sent_time are off by that much"
        ))
    }

    /// A batch with this `sent_time`, seconds, went out.
    pub(super) fn batch(&mut self, sent_time: Option<i64>, at: Stamp) {
        let Some(seconds) = sent_time.filter(|seconds| *seconds > 0) else {
            self.untimed += 1;
            return;
        };
        let lag = (at.wall_us / SECOND).saturating_sub(seconds);
        let most = self.lag.map_or(lag, |(_, most)| most.max(lag));
        self.lag = Some((lag, most));
    }

    /// The window as text; `None` before the first reply.
    pub(super) fn window(&self) -> Option<(String, bool)> {
        let window = self.window?;
        let skewed = window.low > SKEW || window.high < -SKEW;
        let replies = match self.replies {
            1 => "1 reply".to_owned(),
            count => format!("{count} replies"),
        };
        let text = if window.high == i64::MAX {
            format!("{} or more ({replies})", offset(window.low))
        } else {
            let (low, high) = (offset(window.low), offset(window.high));
            format!("between {low} and {high} ({replies}, which tell whole seconds)")
        };
        Some((text, skewed))
    }

    /// How the batches' `sent_time` compares with when they went out.
    pub(super) fn lag(&self) -> Option<String> {
        let untimed = match self.untimed {
            0 => String::new(),
            count => format!("{count} without a usable one"),
        };
        let Some((newest, most)) = self.lag else {
            return (!untimed.is_empty()).then_some(untimed);
        };
        let mut text = match newest {
            0 => "as the frame".to_owned(),
            lag if lag < 0 => format!("{} s ahead of the frame", -lag),
            lag => format!("{lag} s before the frame"),
        };
        if most > newest && most > 0 {
            let _ = write!(text, ", at most {most} s");
        }
        if !untimed.is_empty() {
            let _ = write!(text, "; {untimed}");
        }
        Some(text)
    }
}

fn offset(micros: i64) -> String {
    let seconds = micros.unsigned_abs() as f64 / 1e6;
    let way = if micros < 0 { "behind" } else { "ahead" };
    if seconds < 100.0 {
        format!("{seconds:.2} s {way}")
    } else {
        format!("{seconds:.0} s {way}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    /// 2026-01-01T12:00:00.5Z
    fn half_past() -> Stamp {
        Stamp {
            wall_us: 1_767_268_800 * SECOND + SECOND / 2,
            ..clock::now()
        }
    }

    const NOON: i64 = 1_767_268_800;
    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn one_reply_bounds_the_difference_to_a_second_and_the_latency() {
        let mut clocks = Clocks::default();
        let sent = half_past();
        assert_eq!(clocks.reply(NOON, Some(sent), sent.after(MS * 10)), None);
        let window = clocks.window.unwrap();
        assert_eq!((window.low, window.high), (-510_000, 500_000));
    }

    #[test]
    fn further_replies_narrow_the_window() {
        let mut clocks = Clocks::default();
        for tenth in 0..10_u32 {
            let sent = half_past().after(MS * 100 * tenth);
            let server = sent.wall_us / SECOND;
            clocks.reply(server, Some(sent), sent.after(MS));
        }
        let window = clocks.window.unwrap();
        assert!(
            window.low >= -110_000 && window.high <= 110_000,
            "{window:?}"
        );
        assert!(window.low <= 0 && window.high >= 0, "{window:?}");
        assert!(clocks.window().unwrap().0.contains("10 replies"));
    }

    #[test]
    fn a_clock_that_is_surely_off_is_told_once() {
        let mut clocks = Clocks::default();
        let sent = half_past();
        let note = clocks.reply(NOON + 60, Some(sent), sent.after(MS)).unwrap();
        assert!(note.contains("59 s ahead"), "{note}");
        assert_eq!(clocks.reply(NOON + 60, Some(sent), sent.after(MS)), None);
        let mut behind = Clocks::default();
        let note = behind.reply(NOON - 60, Some(sent), sent.after(MS)).unwrap();
        assert!(note.contains("59 s behind"), "{note}");
        assert!(behind.window().unwrap().1);
    }

    #[test]
    fn an_ack_that_took_seconds_is_no_skew() {
        let mut clocks = Clocks::default();
        let sent = half_past();
        // Written when the batch came in, read 20 s later.
        assert_eq!(
            clocks.reply(NOON, Some(sent), sent.after(MS * 20_000)),
            None
        );
    }

    #[test]
    fn a_clock_that_was_set_starts_the_window_anew() {
        let mut clocks = Clocks::default();
        let sent = half_past();
        clocks.reply(NOON, Some(sent), sent.after(MS));
        clocks.reply(NOON + 100, Some(sent), sent.after(MS));
        assert!(clocks.window.unwrap().low > 90 * SECOND);
    }

    #[test]
    fn the_lag_of_sent_time_is_told() {
        let mut clocks = Clocks::default();
        assert_eq!(clocks.lag(), None);
        clocks.batch(Some(NOON - 8), half_past());
        clocks.batch(Some(NOON), half_past());
        clocks.batch(Some(-5), half_past());
        let text = clocks.lag().unwrap();
        assert_eq!(text, "as the frame, at most 8 s; 1 without a usable one");
    }
}
