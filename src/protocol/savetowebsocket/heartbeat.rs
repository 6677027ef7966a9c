//! Pings of the server, our pongs, our own pings.
//!
//! ```text
//!  server ─ping, no payload─► us ─pong─► server: reads on for 60 s, nothing else renews that
//!         ◄── every 30 s, counted from the upgrade ──►
//! ```

use std::time::Duration;

use crate::frame::{Frame, Stamp};
use crate::protocol::pongs::Pongs;
use crate::protocol::{End, Fact, Outbox};

use super::registration::words;

/// What a Raccoon server's pings carry.
const RACCOON: &[u8] = b"--ping--";
const DEADLINE: &str = "pong deadline";
const GROUP: &str = "heartbeat";

/// What was seen of pings and pongs.
#[derive(Debug)]
pub(super) struct Heartbeat {
    wait: Duration,
    /// Pings are left unanswered on purpose.
    held: bool,
    pongs: Pongs,
    opened: Option<Stamp>,
    /// The newest pong we sent; the upgrade before there is one.
    renewed: Option<Stamp>,
    ponged: u64,
    /// A pong is overdue, and that was told.
    warned: bool,
    last: Option<Stamp>,
    pings: u64,
    periods: Option<(Duration, Duration, Duration)>,
    unanswered: Option<Stamp>,
    delay: Option<Duration>,
    foreign_told: bool,
    /// Our newest ping, and the newest round trip.
    own: Option<(Box<[u8]>, Stamp)>,
    pub(super) trip: Option<Duration>,
}

impl Heartbeat {
    pub(super) fn new(wait: Duration, held: bool) -> Self {
        Self {
            wait,
            held,
            pongs: Pongs::new(DEADLINE, wait),
            opened: None,
            renewed: None,
            ponged: 0,
            warned: false,
            last: None,
            pings: 0,
            periods: None,
            unanswered: None,
            delay: None,
            foreign_told: false,
            own: None,
            trip: None,
        }
    }

    pub(super) fn opened(&mut self, now: Stamp, out: &mut Outbox) {
        self.opened = Some(now);
        self.renewed = Some(now);
        self.pongs.opened(now, out);
        out.wake(now.after(self.warn_after()));
    }

    /// 45 s of 60.
    fn warn_after(&self) -> Duration {
        self.wait * 3 / 4
    }

    /// A ping of the server came. A sentence if it is another system's.
    pub(super) fn ping(&mut self, frame: &Frame<'_>, out: &mut Outbox) -> Option<&'static str> {
        self.pings += 1;
        self.unanswered.get_or_insert(frame.at);
        if let Some(last) = self.last.replace(frame.at) {
            let period = frame.at.since(last);
            let (sum, least, most) = self.periods.unwrap_or((Duration::ZERO, period, period));
            self.periods = Some((sum + period, least.min(period), most.max(period)));
        }
        if frame.payload.is_empty() || std::mem::replace(&mut self.foreign_told, true) {
            return None;
        }
        if frame.payload == RACCOON {
            return Some(
                "the pings carry --ping--, as a Raccoon server's do; try --system raccoon",
            );
        }
        out.note("a ping with a payload: this server's pings have none, so something in between pings too, and its pings say nothing about the server");
        None
    }

    /// A pong of ours went out.
    pub(super) fn pong_sent(&mut self, at: Stamp, out: &mut Outbox) {
        if let Some(ping) = self.unanswered.take() {
            self.delay = Some(at.since(ping));
        }
        self.ponged += 1;
        self.renewed = Some(at);
        self.pongs.sent(at, out);
        if std::mem::replace(&mut self.warned, false) {
            out.wake(at.after(self.warn_after()));
        }
    }

    /// A ping of ours went out.
    pub(super) fn own_ping(&mut self, frame: &Frame<'_>) {
        self.own = Some((frame.payload.into(), frame.at));
    }

    /// A pong came.
    pub(super) fn pong(&mut self, frame: &Frame<'_>) {
        let asked = self.own.take_if(|(payload, _)| **payload == *frame.payload);
        self.trip = asked.map(|(_, at)| frame.at.since(at)).or(self.trip);
    }

    /// Warns when the server's patience runs short.
    pub(super) fn elapsed(&mut self, now: Stamp, out: &mut Outbox) {
        self.pongs.elapsed(now, out);
        let Some(renewed) = self.renewed.filter(|_| !self.warned) else {
            return;
        };
        let due = renewed.after(self.warn_after());
        if now.mono < due.mono {
            out.wake(due);
            return;
        }
        self.warned = true;
        if now.since(renewed) >= self.wait {
            // The deadline itself was told just now.
            return;
        }
        let silent = words(now.since(renewed));
        let left = words(self.wait.saturating_sub(now.since(renewed)));
        let why = if self.held {
            "they are held back, as was asked for"
        } else if self.unanswered.is_some() {
            "a ping of the server is not answered yet"
        } else {
            "no ping of the server came to be answered: something in between may swallow them"
        };
        out.note(format!(
            "no pong was sent for {silent} ({why}): the server cuts in {left}, whatever else is sent"
        ));
    }

    pub(super) fn stop(&mut self, out: &mut Outbox) {
        self.pongs.stop(out);
        self.warned = true;
    }

    /// How long before `end` the newest pong was sent.
    pub(super) fn since_pong(&self, end: &End) -> Option<Duration> {
        let (opened, renewed) = self.opened.zip(self.renewed)?;
        Some(end.after.saturating_sub(renewed.since(opened)))
    }

    /// The sentence, if the end of the connection looks like the server's read deadline.
    pub(super) fn explain(&self, end: &End) -> Option<String> {
        let mut text = self.pongs.explain(end)?;
        text.push_str(if self.held {
            "; pongs were held back on purpose"
        } else if self.pings == 0 {
            "; no ping of it had come to be answered"
        } else if self.unanswered.is_some() {
            "; its last ping was not answered"
        } else {
            "; every ping seen was answered, so the pongs were late or lost on their way"
        });
        Some(text)
    }

    pub(super) fn facts(&self, facts: &mut Vec<Fact>) {
        let mean = self.periods.and_then(|(sum, least, most)| {
            let count = u32::try_from(self.pings.checked_sub(1)?).ok()?;
            Some((sum.checked_div(count)?, most.saturating_sub(least)))
        });
        let text = match (mean, self.last) {
            (Some((mean, jitter)), _) => format!(
                "every {:.1} s, jitter {:.1} ms ({} seen), last",
                mean.as_secs_f64(),
                jitter.as_secs_f64() * 1e3,
                self.pings
            ),
            (None, Some(_)) => "one seen, last".to_owned(),
            (None, None) => "none yet; the first comes 30 s after the upgrade".to_owned(),
        };
        let mut fact = Fact::new(GROUP, "server pings", text);
        fact.at = self.last;
        facts.push(fact);
        if self.held {
            let text = format!(
                "held back on purpose; the server cuts {} after the upgrade or the last one",
                words(self.wait)
            );
            facts.push(Fact::new(GROUP, "our pongs", text).warning(true));
        } else if let Some(delay) = self.delay {
            let text = format!(
                "{} sent, newest {:.1} ms after its ping",
                self.ponged,
                delay.as_secs_f64() * 1e3
            );
            facts.push(Fact::new(GROUP, "our pongs", text));
        }
        if let Some(renewed) = self.renewed {
            let text = format!(
                "{} after our last pong (or the upgrade), due",
                words(self.wait)
            );
            let fact = Fact::new(GROUP, "server's deadline", text).at(renewed.after(self.wait));
            facts.push(fact.warning(self.warned));
        }
    }
}
