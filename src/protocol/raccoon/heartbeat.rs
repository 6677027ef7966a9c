//! Pings of the server, our pongs, our own pings.
//!
//! ```text
//!  server ─ping─► us ─pong─► server: moves its read deadline to now + PONG_WAIT, nothing else does
//!         ◄ every PING_INTERVAL, one ticker for all connections ►
//! ```

use std::time::Duration;

use super::ackmode::figure;
use crate::frame::{Frame, Stamp};
use crate::protocol::{Fact, Outbox, pongs};

/// What every ping of the server carries.
const PAYLOAD: &[u8] = b"--ping--";
/// Name of the deadline for the next ping.
const OVERDUE: &str = "server ping overdue";
/// Periods a ping may take before something is wrong.
const PATIENCE: u32 = 2;
/// Slack besides, for short periods.
const SLACK: Duration = Duration::from_millis(500);
/// A period of this share of the pong wait leaves no room for a late pong.
const CLOSE: (u32, u32) = (9, 10);
const GROUP: &str = "heartbeat";

/// What was seen of pings and pongs.
#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    pong_wait: Duration,
    opened: Option<Stamp>,
    first_after: Option<Duration>,
    last: Option<Stamp>,
    pings: u64,
    periods: u64,
    period_sum: Duration,
    shortest: Option<Duration>,
    longest: Option<Duration>,
    /// The ping our next pong answers.
    unanswered: Option<Stamp>,
    pong_delay: Option<(Duration, Duration)>,
    /// Our own newest ping: when it went out, and its payload.
    own: Option<(Stamp, Box<[u8]>)>,
    trips: Option<(Duration, Duration, u64)>,
    missing_told: bool,
    close_told: bool,
    foreign_told: bool,
}

impl Heartbeat {
    pub(super) fn new(pong_wait: Duration) -> Self {
        Self {
            pong_wait,
            ..Self::default()
        }
    }

    pub(super) fn opened(&mut self, now: Stamp) {
        self.opened = Some(now);
    }

    /// A ping of the server came.
    pub(super) fn ping(&mut self, frame: &Frame<'_>, out: &mut Outbox) {
        let at = frame.at;
        self.pings += 1;
        self.unanswered.get_or_insert(at);
        if frame.payload != PAYLOAD && !std::mem::replace(&mut self.foreign_told, true) {
            out.note("a ping that does not carry --ping--, as every ping of a Raccoon server does: something in between pings too, and its pings say nothing about the server");
        }
        if let Some(last) = self.last.replace(at) {
            self.period(at.since(last), out);
        } else {
            self.first_after = self.opened.map(|opened| at.since(opened));
        }
        if let Some(period) = self.mean_period() {
            self.missing_told = false;
            out.deadline(OVERDUE, at.after(period * PATIENCE + SLACK));
        }
    }

    fn period(&mut self, period: Duration, out: &mut Outbox) {
        self.periods += 1;
        self.period_sum += period;
        self.shortest = Some(self.shortest.map_or(period, |known| known.min(period)));
        self.longest = Some(self.longest.map_or(period, |known| known.max(period)));
        if self.is_close() && !std::mem::replace(&mut self.close_told, true) {
            let (period, wait) = (figure(period), pongs::words(self.pong_wait));
            out.note(format!(
                "the server pings every {period} and is presumed to wait {wait} for a pong (raccoon.pong_wait): with PING_INTERVAL that close to PONG_WAIT even prompt clients are cut now and then; lower the one or raise the other"
            ));
        }
    }

    /// A pong of ours went out.
    pub(super) fn pong_sent(&mut self, at: Stamp) {
        if let Some(ping) = self.unanswered.take() {
            let delay = at.since(ping);
            let most = self.pong_delay.map_or(delay, |(_, most)| most.max(delay));
            self.pong_delay = Some((delay, most));
        }
    }

    /// A ping of ours went out.
    pub(super) fn own_ping(&mut self, frame: &Frame<'_>) {
        self.own = Some((frame.at, frame.payload.into()));
    }

    /// A pong came; returns the round trip if it answers our newest ping.
    pub(super) fn pong(&mut self, frame: &Frame<'_>) -> Option<Duration> {
        let (sent, _) = self
            .own
            .take_if(|(_, payload)| **payload == *frame.payload)?;
        let took = frame.at.since(sent);
        let (best, _, count) = self.trips.unwrap_or((took, took, 0));
        self.trips = Some((best.min(took), took, count + 1));
        Some(took)
    }

    /// Tells when a ping is missing.
    pub(super) fn elapsed(&mut self, now: Stamp, out: &mut Outbox) {
        let Some((last, period)) = self.last.zip(self.mean_period()) else {
            return;
        };
        let silent = now.since(last);
        if silent >= period * PATIENCE + SLACK && !std::mem::replace(&mut self.missing_told, true) {
            let (silent, period) = (figure(silent), figure(period));
            out.note(format!(
                "no ping of the server for {silent}, and it pinged every {period}: its ping loop is held up by another connection, or something in between swallows control frames; without pings no pong of ours renews its read deadline"
            ));
        }
    }

    pub(super) fn stop(&mut self, out: &mut Outbox) {
        if self.mean_period().is_some() {
            out.drop_deadline(OVERDUE);
        }
    }

    /// How long our newest ping has been waiting for its pong.
    pub(super) fn own_unanswered(&self, now: Stamp) -> Option<Duration> {
        self.own.as_ref().map(|(sent, _)| now.since(*sent))
    }

    /// True if pings come about as far apart as a pong is waited for.
    pub(super) fn is_close(&self) -> bool {
        let (share, whole) = CLOSE;
        self.mean_period()
            .is_some_and(|period| period * whole >= self.pong_wait * share)
    }

    fn mean_period(&self) -> Option<Duration> {
        let periods = u32::try_from(self.periods)
            .ok()
            .filter(|count| *count > 0)?;
        Some(self.period_sum / periods)
    }

    pub(super) fn facts(&self, now: Stamp, facts: &mut Vec<Fact>) {
        if let Some((period, last)) = self.mean_period().zip(self.last) {
            let (short, long) = (
                self.shortest.unwrap_or(period),
                self.longest.unwrap_or(period),
            );
            let jitter = figure(long.saturating_sub(short));
            let text = format!(
                "every {}, jitter {jitter} ({} seen), last",
                figure(period),
                self.pings
            );
            facts.push(
                Fact::new(GROUP, "server pings", text)
                    .at(last)
                    .warning(self.missing_told),
            );
        } else if let Some(last) = self.last {
            facts.push(
                Fact::new(GROUP, "server pings", "one seen, period unknown yet, last").at(last),
            );
        } else {
            facts.push(Fact::new(
                GROUP,
                "server pings",
                "none yet; the first comes within one period",
            ));
        }
        if let Some(phase) = self.first_after {
            let text = format!("the first came {} after the upgrade", figure(phase));
            facts.push(Fact::new(GROUP, "phase", text));
        }
        self.pong_facts(now, facts);
    }

    fn pong_facts(&self, now: Stamp, facts: &mut Vec<Fact>) {
        if let Some((newest, most)) = self.pong_delay {
            let text = format!(
                "{} after the ping, at most {}",
                figure(newest),
                figure(most)
            );
            facts.push(Fact::new(GROUP, "our pongs", text));
        }
        if let Some((best, newest, count)) = self.trips {
            let text = format!(
                "round trip {}, best {} of {count}",
                figure(newest),
                figure(best)
            );
            facts.push(Fact::new(GROUP, "our pings", text));
        }
        if let Some(waits) = self
            .own_unanswered(now)
            .filter(|waits| *waits > Duration::from_secs(2))
        {
            let text = format!(
                "unanswered for {}: the server's reader may be blocked",
                figure(waits)
            );
            facts.push(Fact::new(GROUP, "our newest ping", text).warning(true));
        }
        let wait = pongs::words(self.pong_wait);
        let mut text = format!("{wait} after our last pong (presumed: raccoon.pong_wait)");
        if self.is_close() {
            text.push_str(", hardly longer than the pings' period: periodic cuts ahead");
        }
        facts.push(Fact::new(GROUP, "server's deadline", text).warning(self.is_close()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Direction, FrameKind};
    use crate::transport::clock;

    const SECOND: Duration = Duration::from_secs(1);

    fn ping(at: Stamp, payload: &[u8]) -> Frame<'_> {
        Frame {
            seq: 0,
            at,
            direction: Direction::In,
            kind: FrameKind::Ping,
            payload,
        }
    }

    fn pinged(wait: Duration, every: Duration, count: u32) -> (Heartbeat, Outbox, Stamp) {
        let (mut heartbeat, mut out) = (Heartbeat::new(wait), Outbox::default());
        let start = clock::now();
        heartbeat.opened(start);
        let mut at = start.after(every / 3);
        for _ in 0..count {
            heartbeat.ping(&ping(at, PAYLOAD), &mut out);
            heartbeat.pong_sent(at.after(Duration::from_millis(1)));
            at = at.after(every);
        }
        (heartbeat, out, at.before(every))
    }

    fn text(heartbeat: &Heartbeat, now: Stamp) -> String {
        let mut facts = Vec::new();
        heartbeat.facts(now, &mut facts);
        let lines = facts
            .iter()
            .map(|fact| format!("{}: {}\n", fact.name, fact.value));
        lines.collect()
    }

    #[test]
    fn period_jitter_phase_and_our_delay_are_told() {
        let (heartbeat, out, last) = pinged(SECOND * 60, SECOND * 30, 3);
        let text = text(&heartbeat, last);
        for part in [
            "every 30.0 s, jitter 0 µs (3 seen)",
            "10.0 s after the upgrade",
            "1.0 ms after the ping",
            "60 s after our last pong",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(out.notes.is_empty(), "{out:?}");
    }

    #[test]
    fn no_ping_for_much_longer_than_the_period_is_told_once_per_gap() {
        let (mut heartbeat, _, last) = pinged(SECOND * 60, SECOND * 10, 3);
        let mut out = Outbox::default();
        heartbeat.elapsed(last.after(SECOND * 19), &mut out);
        assert!(out.notes.is_empty());
        heartbeat.elapsed(last.after(SECOND * 21), &mut out);
        heartbeat.elapsed(last.after(SECOND * 22), &mut out);
        assert_eq!(out.notes.len(), 1);
        assert!(out.notes[0].0.contains("pinged every 10.0 s"), "{out:?}");
    }

    #[test]
    fn a_period_close_to_the_pong_wait_is_a_misconfiguration() {
        let (heartbeat, out, _) = pinged(SECOND * 10, SECOND * 10, 4);
        assert!(heartbeat.is_close());
        assert_eq!(out.notes.len(), 1);
        assert!(
            out.notes[0]
                .0
                .contains("PING_INTERVAL that close to PONG_WAIT")
        );
    }

    #[test]
    fn pings_of_somebody_else_are_told() {
        let (mut heartbeat, mut out) = (Heartbeat::new(SECOND * 60), Outbox::default());
        heartbeat.ping(&ping(clock::now(), b""), &mut out);
        assert!(out.notes[0].0.contains("something in between"));
    }

    #[test]
    fn our_own_pings_measure_and_an_unanswered_one_is_told() {
        let (mut heartbeat, _, now) = pinged(SECOND * 60, SECOND * 30, 1);
        heartbeat.own_ping(&ping(now, b"wspect 1"));
        assert_eq!(heartbeat.pong(&ping(now, b"other")), None);
        assert_eq!(
            heartbeat.pong(&ping(now.after(SECOND), b"wspect 1")),
            Some(SECOND)
        );
        heartbeat.own_ping(&ping(now.after(SECOND), b"wspect 2"));
        let text = text(&heartbeat, now.after(SECOND * 9));
        assert!(text.contains("unanswered for 8.0 s"), "{text}");
    }
}
