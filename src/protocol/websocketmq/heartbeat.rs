//! The server's pings: generation 2 sends one every 30 s (the sample servers every 15 s), the
//! first one interval after the connect, counting `1`, `2`, `3`…; a pong that does not come within
//! half the interval ends the connection with 1008. Generation 1 never sends any.

use std::fmt::Write as _;
use std::time::Duration;

use super::dialect::Generation;
use crate::frame::{Frame, Stamp};
use crate::protocol::Fact;

const GROUP: &str = "heartbeat";
/// The longest interval the broker's defaults give.
const LONGEST: Duration = Duration::from_secs(30);
/// How much later than usual a ping may be before that is told.
const LATE: Duration = Duration::from_secs(5);

/// What was seen of pings and pongs on one connection.
#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    opened: Option<Stamp>,
    /// When the newest ping came.
    last: Option<Stamp>,
    /// Between the newest two, or from the connect to the first.
    interval: Option<Duration>,
    count: u64,
    /// The number in the newest ping, where it is one.
    number: Option<u64>,
    /// Numbers that did not follow the one before.
    jumps: u64,
    /// A ping we have not answered.
    unanswered: Option<Stamp>,
}

impl Heartbeat {
    pub(super) fn opened(&mut self, now: Stamp) {
        *self = Self {
            opened: Some(now),
            ..Self::default()
        };
    }

    /// A ping of the server; what there is to remark.
    pub(super) fn pinged(&mut self, frame: &Frame<'_>) -> Option<String> {
        let before = self.last.replace(frame.at).or(self.opened);
        self.interval = before.map(|before| frame.at.since(before));
        self.count += 1;
        self.unanswered.get_or_insert(frame.at);
        let number = std::str::from_utf8(frame.payload).ok();
        let number = number.and_then(|text| text.parse::<u64>().ok());
        let expected = self.number.map_or(1, |last| last.saturating_add(1));
        self.number = number;
        let number = number?;
        if number == expected {
            return None;
        }
        self.jumps += 1;
        Some(format!(
            "the ping carries {number} where {expected} was due: the broker counts its pings on each connection, so one went missing or something in between sends its own"
        ))
    }

    /// A pong of ours left.
    pub(super) fn ponged(&mut self) {
        self.unanswered = None;
    }

    /// When the newest ping we did not answer came.
    pub(super) fn unanswered(&self) -> Option<Stamp> {
        self.unanswered
    }

    /// How long the broker waits for a pong, as far as its pings tell.
    pub(super) fn wait(&self) -> Option<Duration> {
        self.interval.map(|interval| interval / 2)
    }

    /// For the panel.
    pub(super) fn facts(&self, generation: Option<Generation>, now: Stamp) -> Vec<Fact> {
        let Some(last) = self.last else {
            let open = self
                .opened
                .map_or(Duration::ZERO, |opened| now.since(opened));
            let text = match generation {
                Some(Generation::One) => {
                    "none: generation 1 never sends any, an idle link is silent for ever".to_owned()
                }
                _ if open <= LONGEST + LATE => {
                    "none yet: the broker sends the first after 30 s (sample servers 15 s)"
                        .to_owned()
                }
                _ => format!(
                    "none in {} s: switched off in this broker, or this is generation 1",
                    open.as_secs()
                ),
            };
            return vec![Fact::new(GROUP, "pings", text)];
        };
        let mut text = format!("{} received", self.count);
        if let Some(interval) = self.interval {
            let _ = write!(text, ", every {:.1} s", interval.as_secs_f64());
        }
        if let Some(number) = self.number {
            let _ = write!(text, ", the newest carries {number}");
        }
        if self.jumps > 0 {
            let _ = write!(text, ", {} out of sequence", self.jumps);
        }
        let mut facts = vec![
            Fact::new(GROUP, "pings", text)
                .at(last)
                .warning(self.jumps > 0),
        ];
        let due = self.interval.map(|interval| last.after(interval));
        if let Some(due) = due {
            let late = now.since(due) > LATE;
            let text = if late {
                "overdue: the broker may have gone, or forgotten this connection"
            } else {
                "one interval after the last"
            };
            facts.push(Fact::new(GROUP, "next ping", text).at(due).warning(late));
        }
        if let (Some(came), Some(wait)) = (self.unanswered, self.wait()) {
            let text = "a ping is not answered: the broker closes with 1008 `ping failure` when half its interval is over";
            let fact = Fact::new(GROUP, "pong", text).at(came.after(wait));
            facts.push(fact.warning(true));
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Direction, FrameKind};
    use crate::transport::clock;

    fn ping(at: Stamp, payload: &[u8]) -> Frame<'_> {
        Frame {
            seq: 0,
            at,
            direction: Direction::In,
            kind: FrameKind::Ping,
            payload,
        }
    }

    fn told(heartbeat: &Heartbeat, now: Stamp) -> String {
        let facts = heartbeat.facts(Some(Generation::Two), now);
        let lines = facts
            .iter()
            .map(|fact| format!("{}: {}", fact.name, fact.value));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn pings_are_counted_and_timed() {
        let start = clock::now();
        let mut heartbeat = Heartbeat::default();
        heartbeat.opened(start);
        assert!(told(&heartbeat, start).contains("none yet"));
        let mut at = start;
        for number in 1..=3_u32 {
            at = at.after(Duration::from_secs(15));
            let payload = number.to_string();
            assert_eq!(heartbeat.pinged(&ping(at, payload.as_bytes())), None);
            heartbeat.ponged();
        }
        let text = told(&heartbeat, at);
        assert!(
            text.contains("3 received, every 15.0 s, the newest carries 3"),
            "{text}"
        );
        assert!(!text.contains("not answered"));
        let text = told(&heartbeat, at.after(Duration::from_secs(21)));
        assert!(text.contains("overdue"), "{text}");
    }

    #[test]
    fn a_jump_of_the_counter_is_told() {
        let start = clock::now();
        let mut heartbeat = Heartbeat::default();
        heartbeat.opened(start);
        assert_eq!(heartbeat.pinged(&ping(start, b"1")), None);
        let text = heartbeat.pinged(&ping(start, b"4")).unwrap();
        assert!(text.contains("4 where 2 was due"), "{text}");
    }

    #[test]
    fn a_ping_left_unanswered_is_a_warning() {
        let start = clock::now();
        let mut heartbeat = Heartbeat::default();
        heartbeat.opened(start);
        let at = start.after(Duration::from_secs(2));
        heartbeat.pinged(&ping(at, b"1"));
        assert_eq!(heartbeat.wait(), Some(Duration::from_secs(1)));
        assert!(told(&heartbeat, at).contains("ping failure"));
    }
}
