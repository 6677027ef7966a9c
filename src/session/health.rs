//! The figures of a session: latencies, round trips, rates, counts.

use std::collections::VecDeque;
use std::time::Duration;

use super::series::{Latencies, Series};
use super::snapshot::{Answers, Rates, Rtt};
use crate::entry::{Outcome, Totals};
use crate::frame::{Direction, Stamp};

/// Round-trip times kept for the sparkline.
const RTT_KEPT: usize = 60;
/// Span the rates are taken over.
const RATE_SPAN: Duration = Duration::from_secs(1);

/// What became of the asks that went one way.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) latencies: Latencies,
    pub(super) outcomes: [u64; 5],
    pub(super) lost: u64,
    /// Replies by what their system counts them as.
    counts: Vec<(&'static str, u64)>,
}

/// The figures of a session, kept over all its connections.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Asks of ours.
    pub(super) asks: Tally,
    /// Asks of the peer, which we answer.
    pub(super) answers: Tally,
    pub(super) refusals: u64,
    pub(super) totals: Totals,
    rtt: VecDeque<Duration>,
    /// Totals at past moments, about one second of them.
    past: VecDeque<(Stamp, Totals)>,
    server_ping: Option<Stamp>,
    server_ping_every: Option<Duration>,
}

impl Tally {
    /// Counts a reply; latencies of replies that met their ask in time are measured.
    pub(super) fn replied(&mut self, outcome: Outcome, measured: Option<(Series, Duration)>) {
        self.outcomes[outcome as usize] += 1;
        if let Some((series, latency)) = measured {
            self.latencies.measure(series, latency);
        }
    }

    /// Counts a reply under a name of its system, if it has one; names are constants, so there are
    /// few.
    pub(super) fn count(&mut self, name: &'static str) {
        if name.is_empty() {
            return;
        }
        match self.counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((name, 1)),
        }
    }

    /// Replies by what their system counts them as, by name.
    pub(super) fn counts(&self) -> Vec<(&'static str, u64)> {
        let mut counts = self.counts.clone();
        counts.sort_unstable();
        counts
    }
}

impl Health {
    /// What became of the asks that went that way.
    pub(super) fn of_asks(&mut self, direction: Direction) -> &mut Tally {
        match direction {
            Direction::Out => &mut self.asks,
            Direction::In => &mut self.answers,
        }
    }

    /// What became of the asks a frame that goes that way can answer.
    pub(super) fn of_replies(&mut self, direction: Direction) -> &mut Tally {
        match direction {
            Direction::In => &mut self.asks,
            Direction::Out => &mut self.answers,
        }
    }

    /// How the peer's asks were answered.
    pub(super) fn answered(&self, open: usize) -> Answers {
        let tally = &self.answers;
        Answers {
            latency: tally.latencies.all(),
            by_label: tally.latencies.by_kind(),
            outcomes: tally.outcomes,
            counts: tally.counts(),
            open,
            lost: tally.lost,
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

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
