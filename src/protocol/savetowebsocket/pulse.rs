//! How the stream of events is doing: what comes how often, ledgers, repetitions, sizes.

use std::time::Duration;

use super::event::Reading;
use super::ledgers::{GROUP, Ledgers};
use super::registration::words;
use crate::frame::{Frame, Stamp};
use crate::protocol::foreign::digest;
use crate::protocol::{Fact, Outbox};

/// Types kept apart; the others are counted together.
const KINDS_MAX: usize = 32;
/// Bytes of a type's name that are kept.
const NAME_MAX: usize = 64;
/// Types named in a line.
const KINDS_SHOWN: usize = 6;
/// Time rates are taken over.
const SPAN: Duration = Duration::from_secs(5);
/// Events a repetition is recognised among, about: one slot each, the newer one wins.
const SEEN: usize = 8_192;

/// What was seen of the events of a connection.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    pub(super) ledgers: Ledgers,
    events: u64,
    last: Option<Stamp>,
    kinds: Vec<Kind>,
    /// The type of the event before: runs of one type are the rule.
    newest: usize,
    others: u64,
    /// When the current counts of rates began.
    span: Option<Stamp>,
    /// Digests, each in the slot of its low bits.
    seen: Vec<u64>,
    repeated: u64,
    same_place: u64,
    largest: usize,
    largest_kind: Box<str>,
}

/// One type of event.
#[derive(Debug, Default)]
struct Kind {
    name: Box<str>,
    count: u64,
    /// Of `count`, those within the current span.
    lately: u64,
    /// Per second, over the span before.
    rate: f64,
}

impl Pulse {
    /// An event came.
    pub(super) fn event(&mut self, reading: &Reading<'_>, frame: &Frame<'_>, out: &mut Outbox) {
        let (text, at) = (frame.payload, frame.at);
        self.events += 1;
        self.last = Some(at);
        self.turn(at);
        self.count(&reading.label);
        if let Some(ledger) = reading.ledger {
            self.ledgers.event(ledger, at, out);
        }
        if text.len() > self.largest {
            self.largest = text.len();
            self.largest_kind = shortened(&reading.label);
        }
        if self.remember(digest(text)) {
            self.repeated += 1;
        } else if let (Some(hash), Some(index)) = (reading.hash, reading.index)
            && self.remember(digest(hash) ^ digest(index).rotate_left(1))
        {
            self.same_place += 1;
        }
    }

    /// True if that digest is among the newest.
    fn remember(&mut self, digest: u64) -> bool {
        if self.seen.is_empty() {
            self.seen = vec![0; SEEN];
        }
        let slot = &mut self.seen[digest as usize % SEEN];
        std::mem::replace(slot, digest) == digest
    }

    fn count(&mut self, label: &str) {
        let name = &label[..label.floor_char_boundary(NAME_MAX)];
        let is_it = |kind: &Kind| *kind.name == *name;
        let index = if self.kinds.get(self.newest).is_some_and(is_it) {
            self.newest
        } else if let Some(index) = self.kinds.iter().position(is_it) {
            index
        } else if self.kinds.len() < KINDS_MAX {
            self.kinds.push(Kind {
                name: name.into(),
                ..Kind::default()
            });
            self.kinds.len() - 1
        } else {
            self.others += 1;
            return;
        };
        self.newest = index;
        self.kinds[index].count += 1;
        self.kinds[index].lately += 1;
    }

    /// Begins a new span of rates when the old one is over.
    fn turn(&mut self, at: Stamp) {
        let start = *self.span.get_or_insert(at);
        let passed = at.since(start);
        if passed < SPAN {
            return;
        }
        for kind in &mut self.kinds {
            kind.rate = kind.lately as f64 / passed.as_secs_f64();
            kind.lately = 0;
        }
        self.span = Some(at);
    }

    /// Events per second of a type: of the span before, as long as that is not long ago.
    fn rate(&self, kind: &Kind, now: Stamp) -> f64 {
        let Some(start) = self.span else {
            return 0.0;
        };
        let passed = now.since(start).as_secs_f64().max(1.0);
        if passed > SPAN.as_secs_f64() || kind.rate == 0.0 {
            kind.lately as f64 / passed
        } else {
            kind.rate
        }
    }

    pub(super) fn facts(&self, now: Stamp, narrowed: bool, facts: &mut Vec<Fact>) {
        let Some(last) = self.last else {
            facts.push(Fact::new(GROUP, "events", "none yet"));
            return;
        };
        let others = if self.others > 0 { "more than " } else { "" };
        let text = format!(
            "{} of {others}{} types, last",
            self.events,
            self.kinds.len()
        );
        facts.push(Fact::new(GROUP, "events", text).at(last));
        facts.push(Fact::new(GROUP, "rates", self.rates(now)));
        self.ledgers.facts(narrowed, facts);
        if self.repeated > 0 {
            let text = format!(
                "{} events had the bytes of one before (looked for among the newest {SEEN}); some processors repeat by design, else the pipeline restarted or polls again",
                self.repeated
            );
            facts.push(Fact::new(GROUP, "repeated", text));
        }
        if self.same_place > 0 {
            let text = format!(
                "{} with transaction and event index of one before, and other bytes",
                self.same_place
            );
            facts.push(Fact::new(GROUP, "same event", text));
        }
        let text = format!("{} bytes ({})", self.largest, self.largest_kind);
        facts.push(Fact::new(GROUP, "largest", text));
    }

    /// The most frequent types with their rates.
    fn rates(&self, now: Stamp) -> String {
        let mut kinds: Vec<&Kind> = self.kinds.iter().collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.count));
        let shown = kinds.iter().take(KINDS_SHOWN);
        let mut parts: Vec<String> = shown
            .map(|kind| {
                let rate = self.rate(kind, now);
                format!("{} {rate:.1}/s ({})", kind.name, kind.count)
            })
            .collect();
        let left = kinds.len().saturating_sub(KINDS_SHOWN);
        if left > 0 {
            parts.push(format!("and {left} more types"));
        }
        parts.join(" · ")
    }

    /// How long ago the newest event came, and the newest ledger, in words.
    pub(super) fn last_words(&self, now: Stamp) -> Option<String> {
        let ago = words(now.since(self.last?));
        Some(match self.ledgers.age(now) {
            Some(ledger) => format!("last event {ago} before, last ledger {ledger}"),
            None => format!("last event {ago} before"),
        })
    }
}

fn shortened(label: &str) -> Box<str> {
    label[..label.floor_char_boundary(NAME_MAX)].into()
}

#[cfg(test)]
mod tests {
    use super::super::event;
    use super::*;
    use crate::frame::{Direction, FrameKind};
    use crate::transport::clock;

    fn feed(pulse: &mut Pulse, at: Stamp, text: &str) -> Outbox {
        let mut out = Outbox::default();
        let frame = Frame {
            seq: 0,
            at,
            direction: Direction::In,
            kind: FrameKind::Text,
            payload: text.as_bytes(),
        };
        pulse.event(&event::read(frame.payload), &frame, &mut out);
        out
    }

    fn text(pulse: &Pulse, now: Stamp) -> String {
        let mut facts = Vec::new();
        pulse.facts(now, false, &mut facts);
        let lines = facts
            .iter()
            .map(|fact| format!("{}: {}\n", fact.name, fact.value));
        lines.collect()
    }

    #[test]
    fn rates_ledgers_and_sizes_are_told() {
        let (mut pulse, start) = (Pulse::default(), clock::now());
        let mut at = start;
        for n in 0..60 {
            at = start.after(Duration::from_millis(100 * n));
            let ledger = 60_000_000 + n / 50;
            feed(
                &mut pulse,
                at,
                &format!(r#"{{"type":"payment","memo":"{n}","ledger_seq_num":{ledger}}}"#),
            );
        }
        feed(&mut pulse, at, r#"{"type":"trade"}"#);
        let text = text(&pulse, at);
        for part in [
            "61 of 2 types",
            "payment 10.0/s (60)",
            "60000001, first seen",
            "largest: 56 bytes (payment)",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("repeated"), "{text}");
    }

    #[test]
    fn repetitions_by_bytes_and_by_place() {
        let (mut pulse, now) = (Pulse::default(), clock::now());
        let event = |time: u32| {
            format!(
                r#"{{"timestamp":{time},"transaction_hash":"ab","type":"contract","event_index":3}}"#
            )
        };
        for time in [1, 1, 2] {
            feed(&mut pulse, now, &event(time));
        }
        let text = text(&pulse, now);
        assert!(text.contains("repeated: 1 events"), "{text}");
        assert!(text.contains("same event: 1 with"), "{text}");
    }

    #[test]
    fn types_without_end_are_counted_together() {
        let (mut pulse, now) = (Pulse::default(), clock::now());
        for n in 0..1_000 {
            feed(
                &mut pulse,
                now,
                &format!(r#"{{"type":"t{n}{}"}}"#, "é".repeat(100)),
            );
        }
        assert_eq!(
            (pulse.kinds.len(), pulse.others),
            (KINDS_MAX, 1_000 - KINDS_MAX as u64)
        );
        assert!(pulse.kinds.iter().all(|kind| kind.name.len() <= NAME_MAX));
    }
}
