//! Sums over entries as they pass: what a headless run tells at its end.

use std::fmt::Write as _;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::entry::{Badge, Chunk, EntryKind, Outcome, Totals};
use crate::frame::{Direction, Stamp};

/// Longest latency told apart, microseconds: an hour.
const LATENCY_MAX: u64 = 3_600_000_000;

/// Counts, rates and latencies of a run. Bounded: nothing in it grows with the entries.
#[derive(Clone, Debug)]
pub struct Statistics {
    totals: Totals,
    badges: [u64; Badge::ALL.len()],
    outcomes: [u64; Outcome::ALL.len()],
    lost: u64,
    latency: Histogram<u64>,
    /// Times of the first and the last frame.
    span: Option<(Stamp, Stamp)>,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            totals: Totals::default(),
            badges: [0; Badge::ALL.len()],
            outcomes: [0; Outcome::ALL.len()],
            lost: 0,
            latency: Histogram::new_with_max(LATENCY_MAX, 3).expect("three digits are legal"),
            span: None,
        }
    }
}

impl Statistics {
    /// Counts every entry of `chunk`.
    pub fn count(&mut self, chunk: &Chunk) {
        self.totals += chunk.totals();
        for entry in chunk.iter() {
            if entry.kind == EntryKind::Lost {
                self.lost += 1;
            }
            if entry.frame().is_none() {
                continue;
            }
            self.badges[entry.badge as usize] += 1;
            let (first, last) = self.span.get_or_insert((entry.at, entry.at));
            if entry.at.mono < first.mono {
                *first = entry.at;
            }
            if entry.at.mono > last.mono {
                *last = entry.at;
            }
            // Replies of ours are no replies to us; the session counts them.
            let outcome = entry.outcome.filter(|_| entry.direction == Direction::In);
            if let Some(outcome) = outcome {
                self.outcomes[outcome as usize] += 1;
                if let Some(latency) = entry.latency {
                    self.replied(latency);
                }
            }
        }
    }

    /// Counts one latency more; [`Self::count`] does it for replies.
    pub fn replied(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latency.saturating_record(micros);
    }

    /// Frames and bytes.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Replies with that outcome.
    #[must_use]
    pub fn outcome(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome as usize]
    }

    /// Asks whose reply never came.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Latencies, microseconds.
    #[must_use]
    pub fn latency(&self) -> &Histogram<u64> {
        &self.latency
    }

    /// From the first frame to the last.
    #[must_use]
    pub fn span(&self) -> Duration {
        self.span
            .map_or(Duration::ZERO, |(first, last)| last.since(first))
    }

    /// Frames per second between the first and the last; 0 if there are not two at two times.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let frames = self.totals.frames_in + self.totals.frames_out;
        let seconds = self.span().as_secs_f64();
        if frames < 2 || seconds <= 0.0 {
            return 0.0;
        }
        (frames - 1) as f64 / seconds
    }

    /// Appends the members of a `summary` line, each with its comma.
    pub fn write_json(&self, out: &mut String) {
        let totals = self.totals;
        let _ = write!(
            out,
            ",\"frames_in\":{},\"frames_out\":{},\"bytes_in\":{},\"bytes_out\":{},\
             \"frames_per_s\":{:.1},\"undecoded\":{},\"badges\":{{",
            totals.frames_in,
            totals.frames_out,
            totals.bytes_in,
            totals.bytes_out,
            self.rate(),
            totals.errors,
        );
        let seen = Badge::ALL.iter().zip(&self.badges);
        write_counts(seen.map(|(badge, count)| (badge.name(), *count)), out);
        out.push_str("},\"outcomes\":{");
        let outcomes = Outcome::ALL.iter().zip(&self.outcomes);
        write_counts(
            outcomes.map(|(outcome, count)| (outcome.name(), *count)),
            out,
        );
        let _ = write!(out, "}},\"lost\":{}", self.lost);
        if !self.latency.is_empty() {
            let at = |percent| self.latency.value_at_quantile(percent);
            let _ = write!(
                out,
                ",\"latency_us\":{{\"count\":{},\"p50\":{},\"p90\":{},\"p99\":{},\"max\":{}}}",
                self.latency.len(),
                at(0.5),
                at(0.9),
                at(0.99),
                self.latency.max(),
            );
        }
    }

    /// One line for a person: frames, outcomes, latencies.
    #[must_use]
    pub fn sentence(&self) -> String {
        let totals = self.totals;
        let mut out = format!("{} frames in, {} out", totals.frames_in, totals.frames_out);
        for (outcome, count) in Outcome::ALL.iter().zip(&self.outcomes) {
            if *count > 0 {
                let _ = write!(out, " · {} {count}", outcome.name());
            }
        }
        if self.lost > 0 {
            let _ = write!(out, " · lost {}", self.lost);
        }
        if !self.latency.is_empty() {
            let at = |percent| self.latency.value_at_quantile(percent) as f64 / 1e3;
            let _ = write!(
                out,
                " · latency p50 {:.1} p90 {:.1} p99 {:.1} max {:.1} ms",
                at(0.5),
                at(0.9),
                at(0.99),
                self.latency.max() as f64 / 1e3
            );
        }
        out
    }
}

/// Appends the counts that are not zero.
fn write_counts<'a>(counts: impl Iterator<Item = (&'a str, u64)>, out: &mut String) {
    for (index, (name, count)) in counts.filter(|(_, count)| *count > 0).enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(out, "{comma}\"{name}\":{count}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Draft;
    use crate::frame::{Direction, FrameKind, Wire};
    use crate::transport::clock;

    #[test]
    fn a_run_in_one_line() {
        let start = clock::now();
        let mut chunk = Chunk::new(0, Vec::new());
        let mut push = |after: u64, kind, badge, outcome, latency| {
            chunk.push(&Draft {
                at: start.after(Duration::from_millis(after)),
                kind,
                direction: Direction::In,
                payload: b"12345",
                wire: &Wire::default(),
                badge,
                label: "",
                outcome,
                latency,
                pair: None,
                asks: false,
                note: None,
                error: None,
            });
        };
        let text = EntryKind::Frame(FrameKind::Text);
        let ms = |millis| Some(Duration::from_millis(millis));
        push(0, EntryKind::Lifecycle, Badge::State, None, None);
        push(1_000, text, Badge::Ack, Some(Outcome::Ok), ms(2));
        push(1_500, text, Badge::Ack, Some(Outcome::Orphan), None);
        push(2_000, text, Badge::Pong, None, ms(50));
        push(9_000, EntryKind::Lost, Badge::Lost, None, None);
        let mut statistics = Statistics::default();
        statistics.count(&chunk);
        let mut json = String::new();
        statistics.write_json(&mut json);
        assert_eq!(
            json,
            concat!(
                r#","frames_in":3,"frames_out":0,"bytes_in":15,"bytes_out":0,"frames_per_s":2.0,"#,
                r#""undecoded":0,"badges":{"ack":2,"pong":1},"outcomes":{"ok":1,"orphan":1},"#,
                r#""lost":1,"latency_us":{"count":1,"p50":2000,"p90":2000,"p99":2000,"max":2000}"#
            )
        );
        assert_eq!(
            statistics.sentence(),
            "3 frames in, 0 out · ok 1 · orphan 1 · lost 1 · latency p50 2.0 p90 2.0 p99 2.0 \
             max 2.0 ms"
        );
    }

    #[test]
    fn nothing_divides_by_zero() {
        assert!(Statistics::default().rate().abs() < f64::EPSILON);
        assert_eq!(Statistics::default().sentence(), "0 frames in, 0 out");
    }
}
