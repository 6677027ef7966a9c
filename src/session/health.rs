//! The figures of a session: latencies, round trips, rates, counts.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use hdrhistogram::Histogram;

use super::snapshot::{LabelLatency, LatencySummary, Rates, Rtt};
use crate::entry::{Outcome, Totals};
use crate::frame::{Direction, Stamp};

/// Labels with a histogram of their own; the rest counts only in the total.
const LABELS_MAX: usize = 64;
/// Labels shown.
const LABELS_SHOWN: usize = 16;
/// Round-trip times kept for the sparkline.
const RTT_KEPT: usize = 60;
/// Longest latency told apart from longer ones; it bounds a histogram to some 45 KiB.
const LATENCY_MAX: Duration = Duration::from_hours(24);
/// Span the rates are taken over.
const RATE_SPAN: Duration = Duration::from_secs(1);

/// The figures of a session, kept over all its connections.
#[derive(Debug)]
pub(super) struct Health {
    all: Histogram<u64>,
    by_label: HashMap<Box<str>, Histogram<u64>>,
    pub(super) outcomes: [u64; 5],
    pub(super) lost: u64,
    pub(super) refusals: u64,
    pub(super) totals: Totals,
    rtt: VecDeque<Duration>,
    /// Totals at past moments, about one second of them.
    past: VecDeque<(Stamp, Totals)>,
    server_ping: Option<Stamp>,
    server_ping_every: Option<Duration>,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            all: histogram(),
            by_label: HashMap::new(),
            outcomes: [0; 5],
            lost: 0,
            refusals: 0,
            totals: Totals::default(),
            rtt: VecDeque::new(),
            past: VecDeque::new(),
            server_ping: None,
            server_ping_every: None,
        }
    }
}

/// Nanoseconds, two significant digits (1 %), growing as needed.
fn histogram() -> Histogram<u64> {
    Histogram::new(2).expect("two significant digits are legal")
}

impl Health {
    /// Counts a reply; latencies of replies that met their ask in time are measured.
    pub(super) fn replied(
        &mut self,
        outcome: Outcome,
        latency: Option<Duration>,
        label: Option<&str>,
    ) {
        self.outcomes[outcome as usize] += 1;
        let (Some(latency), Some(label)) = (latency, label) else {
            return;
        };
        let nanos = latency.min(LATENCY_MAX).as_nanos() as u64;
        measure(&mut self.all, nanos);
        if let Some(own) = self.by_label.get_mut(label) {
            measure(own, nanos);
        } else if self.by_label.len() < LABELS_MAX {
            let mut own = histogram();
            measure(&mut own, nanos);
            self.by_label.insert(label.into(), own);
        }
    }

    /// Counts a frame of `len` payload bytes.
    pub(super) fn crossed(&mut self, direction: Direction, len: usize) {
        match direction {
            Direction::In => {
                self.totals.frames_in += 1;
                self.totals.bytes_in += len as u64;
            }
            Direction::Out => {
                self.totals.frames_out += 1;
                self.totals.bytes_out += len as u64;
            }
        }
    }

    /// Counts a round trip of our own ping.
    pub(super) fn round_trip(&mut self, took: Duration) {
        if self.rtt.len() == RTT_KEPT {
            self.rtt.pop_front();
        }
        self.rtt.push_back(took);
    }

    /// A ping of the server came.
    pub(super) fn pinged(&mut self, at: Stamp) {
        if let Some(before) = self.server_ping.replace(at) {
            self.server_ping_every = Some(at.since(before));
        }
    }

    /// The connection has ended: what belongs to it alone is forgotten.
    pub(super) fn disconnected(&mut self) {
        self.server_ping = None;
        self.server_ping_every = None;
    }

    pub(super) fn server_ping(&self) -> (Option<Stamp>, Option<Duration>) {
        (self.server_ping, self.server_ping_every)
    }

    pub(super) fn rtt(&self) -> Rtt {
        Rtt {
            last: self.rtt.back().copied(),
            recent: self.rtt.iter().copied().collect(),
        }
    }

    /// Traffic over the last second; call it now and then, it keeps the past it needs.
    pub(super) fn rates(&mut self, now: Stamp) -> Rates {
        while self.past.len() > 1 && now.since(self.past[1].0) >= RATE_SPAN {
            self.past.pop_front();
        }
        let rates = self
            .past
            .front()
            .map_or_else(Rates::default, |(then, before)| {
                let seconds = now.since(*then).as_secs_f64().max(0.05);
                let per_second = |new: u64, old: u64| (new - old) as f64 / seconds;
                Rates {
                    frames_in: per_second(self.totals.frames_in, before.frames_in),
                    bytes_in: per_second(self.totals.bytes_in, before.bytes_in),
                    frames_out: per_second(self.totals.frames_out, before.frames_out),
                    bytes_out: per_second(self.totals.bytes_out, before.bytes_out),
                }
            });
        let crowded = self
            .past
            .back()
            .is_some_and(|(then, _)| now.since(*then) < RATE_SPAN / 20);
        if !crowded {
            self.past.push_back((now, self.totals));
        }
        rates
    }

    pub(super) fn latency(&self) -> LatencySummary {
        summary(&self.all)
    }

    pub(super) fn by_label(&self) -> Vec<LabelLatency> {
        let mut all: Vec<_> = self
            .by_label
            .iter()
            .map(|(label, own)| (own.len(), label))
            .collect();
        all.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        all.truncate(LABELS_SHOWN);
        all.into_iter()
            .map(|(_, label)| LabelLatency {
                label: label.to_string(),
                latency: summary(&self.by_label[label]),
            })
            .collect()
    }
}

fn measure(histogram: &mut Histogram<u64>, nanos: u64) {
    histogram
        .record(nanos)
        .expect("an auto-resizing histogram takes any value below its largest");
}

fn summary(histogram: &Histogram<u64>) -> LatencySummary {
    let at = |quantile| Duration::from_nanos(histogram.value_at_quantile(quantile));
    LatencySummary {
        count: histogram.len(),
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        max: Duration::from_nanos(histogram.max()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    #[test]
    fn percentiles_are_within_a_percent() {
        let mut health = Health::default();
        for n in 1..=1_000 {
            health.replied(Outcome::Ok, Some(Duration::from_micros(n)), Some("click"));
        }
        let latency = health.latency();
        let off = latency.p50.as_secs_f64() / 500e-6 - 1.0;
        assert!(off.abs() < 0.011, "{off}");
        assert_eq!(latency.count, 1_000);
        assert_eq!(health.by_label()[0].label, "click");
    }

    #[test]
    fn only_the_first_labels_get_a_histogram() {
        let mut health = Health::default();
        for n in 0..1_000 {
            health.replied(
                Outcome::Ok,
                Some(Duration::from_millis(1)),
                Some(&n.to_string()),
            );
        }
        assert_eq!(health.by_label.len(), LABELS_MAX);
        assert_eq!(health.latency().count, 1_000);
    }

    #[test]
    fn rates_fall_to_zero_when_nothing_comes() {
        let mut health = Health::default();
        let start = clock::now();
        health.rates(start);
        health.totals.frames_in = 500;
        let busy = health.rates(start.after(Duration::from_millis(500)));
        assert!((busy.frames_in - 1_000.0).abs() < 1.0, "{busy:?}");
        for tenths in 6..30 {
            health.rates(start.after(Duration::from_millis(100 * tenths)));
        }
        assert!(health.rates(start.after(Duration::from_secs(3))).frames_in < 1e-9);
    }
}
