//! Canned answers to the broker's calls, some of them after a delay.

use bytes::Bytes;

use super::answer::Answer;
use super::outgoing::Pen;
use super::responder::Responder;
use crate::frame::Stamp;

/// Answers held back at most; beyond, an answer goes out without its delay.
const HELD_MAX: usize = 1_024;

/// The profile's responders, and the answers they hold back.
pub(super) struct Responders {
    rules: Vec<Responder>,
    held: Vec<(Stamp, Vec<u8>)>,
}

impl Responders {
    pub(super) fn new(rules: Vec<Responder>) -> Self {
        Self {
            rules,
            held: Vec::new(),
        }
    }

    /// The answer to send now; `None` if it is held back. What no rule matches gets the
    /// refusal of its generation.
    pub(super) fn answer(
        &mut self,
        pen: &mut Pen,
        id: Option<&str>,
        topic: &str,
        now: Stamp,
    ) -> Option<Vec<u8>> {
        let Some(rule) = self.rules.iter().find(|rule| rule.topic == topic) else {
            return pen.reply(now, id, topic, &Answer::Unhandled);
        };
        let payload = rule.reply.as_ref().map(|json| Bytes::from(json.clone()));
        let message = pen.reply(now, id, topic, &Answer::Payload(payload))?;
        if rule.delay.is_zero() || self.held.len() >= HELD_MAX {
            return Some(message);
        }
        self.held.push((now.after(rule.delay), message));
        None
    }

    /// When the next answer is due.
    pub(super) fn next_due(&self) -> Option<Stamp> {
        self.held
            .iter()
            .map(|(due, _)| *due)
            .min_by_key(|due| due.mono)
    }

    /// Takes out the answers that are due, in the order they became so.
    pub(super) fn due(&mut self, now: Stamp) -> Vec<Vec<u8>> {
        self.held.sort_by_key(|(due, _)| due.mono);
        let later = self.held.partition_point(|(due, _)| due.mono <= now.mono);
        self.held
            .drain(..later)
            .map(|(_, message)| message)
            .collect()
    }
}
