//! How near this client is to being given up as too slow.
//!
//! The server keeps up to 256 messages for a client. One more, and the client gets no further
//! events: what is kept is still written, then an empty close frame. That depends on how fast the
//! feed hands events over, how fast the server writes them, and whether we read. What can be seen
//! from here: how dense events come, and when we did not read.

use std::time::Duration;

use super::history::BUFFERED;
use super::registration::words;
use crate::frame::Stamp;
use crate::protocol::{End, Fact, Outbox};

/// Events within that long make a burst.
const WINDOW: Duration = Duration::from_millis(100);
/// How close to the end a burst counts as its cause.
const LATELY: Duration = Duration::from_secs(2);
/// A pause in reading worth a word.
const PAUSE: Duration = Duration::from_secs(1);
/// A write of the server that stands still for that long ends the connection.
const WRITE: Duration = Duration::from_secs(10);
const GROUP: &str = "slow consumer";

/// Bursts and pauses.
#[derive(Debug, Default)]
pub(super) struct Strain {
    opened: Option<Stamp>,
    window: Option<Stamp>,
    /// Events in it.
    events: u64,
    largest: u64,
    largest_at: Option<Stamp>,
    /// The newest window that alone would fill half of the server's buffer.
    dense: Option<(Stamp, u64)>,
    pauses: u64,
    longest: Duration,
    last_pause: Option<(Stamp, Duration)>,
}

impl Strain {
    pub(super) fn opened(&mut self, now: Stamp) {
        self.opened = Some(now);
    }

    /// An event came.
    #[inline]
    pub(super) fn event(&mut self, at: Stamp) {
        if self.window.is_none_or(|start| at.since(start) >= WINDOW) {
            self.window = Some(at);
            self.events = 0;
        }
        self.events += 1;
        if self.events > self.largest {
            self.largest = self.events;
            self.largest_at = Some(at);
        }
        if self.events >= BUFFERED / 2 {
            self.dense = Some((at, self.events));
        }
    }

    /// Nothing was read for `span`.
    pub(super) fn paused(&mut self, span: Duration, now: Stamp, out: &mut Outbox) {
        self.pauses += 1;
        self.longest = self.longest.max(span);
        self.last_pause = Some((now, span));
        if span >= PAUSE {
            out.note(format!(
                "nothing was read for {}: the server keeps {BUFFERED} events for a client and then gives it up, and a write that stands still for {} ends the connection",
                words(span),
                words(WRITE)
            ));
        }
    }

    fn is_lately(&self, end: &End, at: Stamp) -> bool {
        self.opened
            .is_some_and(|opened| end.after.saturating_sub(at.since(opened)) <= LATELY)
    }

    /// What the overflow came from, for an empty close frame.
    pub(super) fn cause(&self, end: &End) -> String {
        if let Some((_, span)) = self
            .last_pause
            .filter(|(at, span)| self.is_lately(end, *at) && *span >= WINDOW * 2)
        {
            return format!(
                "this client did not read for {} shortly before: what takes its entries was behind",
                words(span)
            );
        }
        if let Some((_, events)) = self.dense.filter(|(at, _)| self.is_lately(end, *at)) {
            return format!(
                "a burst, although this client read all the time: {events} events came within {} ms, and the feed handed over more than the server could write",
                WINDOW.as_millis()
            );
        }
        "a burst too fast for the server's writer, or a client that read too slowly (neither was seen from here)".to_owned()
    }

    /// The pause in reading that stood long enough for a write of the server to fail.
    pub(super) fn stalled(&self, end: &End) -> Option<Duration> {
        let (at, span) = self.last_pause?;
        (span + LATELY >= WRITE && self.is_lately(end, at)).then_some(span)
    }

    pub(super) fn facts(&self, now: Stamp, facts: &mut Vec<Fact>) {
        if self.largest > 0 {
            let text = format!(
                "the server keeps {BUFFERED} it has not written; at most {} came within {} ms,",
                self.largest,
                WINDOW.as_millis()
            );
            let mut fact = Fact::new(GROUP, "bursts", text).warning(self.largest >= BUFFERED / 2);
            fact.at = self.largest_at;
            facts.push(fact);
        }
        let text = match self.last_pause {
            None => "never paused".to_owned(),
            Some((at, span)) => format!(
                "paused {} times, longest {}, newest {} until {} ago",
                self.pauses,
                words(self.longest),
                words(span),
                words(now.since(at))
            ),
        };
        facts.push(Fact::new(GROUP, "our reading", text).warning(self.longest >= PAUSE));
        let (risk, why) = self.risk(now);
        let fact = Fact::new(GROUP, "risk", format!("{risk}: {why}"));
        facts.push(fact.warning(risk == "high"));
    }

    fn risk(&self, now: Stamp) -> (&'static str, String) {
        let pause = self.last_pause.filter(|(at, _)| now.since(*at) < WRITE);
        if let Some((_, span)) = pause.filter(|(_, span)| *span >= PAUSE) {
            return (
                "high",
                format!("reading stood still for {} just now", words(span)),
            );
        }
        // The larger the burst that was survived, the nearer one that is not.
        match self.largest * 100 / BUFFERED {
            share @ 50.. => (
                "high",
                format!("the largest burst was {share} % of what the server keeps"),
            ),
            share @ 15.. => (
                "some",
                format!("the largest burst was {share} % of what the server keeps"),
            ),
            _ => ("low", "events come one by one".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    const MS: Duration = Duration::from_millis(1);

    fn end(after: Duration) -> End {
        End {
            after,
            code: 1005,
            by_us: false,
            reset: false,
            cut: false,
        }
    }

    fn burst(count: u64) -> (Strain, Stamp) {
        let start = clock::now();
        let mut strain = Strain::default();
        strain.opened(start);
        for n in 0..count {
            strain.event(start.after(MS * 500).after(Duration::from_micros(100 * n)));
        }
        (strain, start)
    }

    #[test]
    fn a_dense_run_just_before_is_a_burst_drop() {
        let (strain, _) = burst(300);
        let text = strain.cause(&end(MS * 600));
        assert!(text.contains("300 events came within 100 ms"), "{text}");
        let later = strain.cause(&end(MS * 5_000));
        assert!(later.contains("neither was seen"), "{later}");
    }

    #[test]
    fn a_pause_just_before_is_ours() {
        let (mut strain, start) = burst(300);
        let mut out = Outbox::default();
        strain.paused(MS * 1_800, start.after(MS * 2_000), &mut out);
        assert!(out.notes[0].0.contains("nothing was read for 1.8 s"));
        let text = strain.cause(&end(MS * 2_100));
        assert!(text.contains("did not read for 1.8 s"), "{text}");
        assert_eq!(strain.stalled(&end(MS * 2_100)), None);
        strain.paused(MS * 11_000, start.after(MS * 14_000), &mut out);
        assert_eq!(strain.stalled(&end(MS * 14_100)), Some(MS * 11_000));
    }

    #[test]
    fn the_risk_follows_the_largest_burst() {
        for (events, risk) in [(3, "low"), (60, "some"), (200, "high")] {
            let (strain, start) = burst(events);
            let mut facts = Vec::new();
            strain.facts(start.after(MS * 900), &mut facts);
            let fact = facts.iter().find(|fact| fact.name == "risk").unwrap();
            assert!(fact.value.starts_with(risk), "{events}: {}", fact.value);
            assert_eq!(fact.warning, risk == "high");
        }
    }
}
