//! Telling the echo of an own publish from somebody else's message.
//!
//! The broker delivers a publish to its sender too, if that subscribed. Generation 2 strips the
//! id, so an echo is known by its payload; generation 1.1 keeps the `messageID`.

use std::collections::VecDeque;
use std::hash::BuildHasher as _;
use std::time::Duration;

use super::dialect::Generation;
use super::envelope::Envelope;
use crate::frame::{Frame, Seq, Stamp};
use crate::schema::{gojson, scan};

/// Own publishes waited for at most, on one topic; the oldest is forgotten.
const EXPECTED_MAX: usize = 64;
/// How long an echo is waited for; without a subscription none comes.
const WAIT: Duration = Duration::from_secs(5);

/// Own publishes on one topic that the broker may deliver back.
#[derive(Debug, Default)]
pub(super) struct Echoes {
    expected: VecDeque<Expected>,
}

#[derive(Clone, Copy, Debug)]
struct Expected {
    /// What it is known by.
    mark: u64,
    seq: Seq,
    at: Stamp,
    /// True if the broker had acknowledged our subscription when it was sent.
    sure: bool,
}

/// An own publish that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Echo {
    /// Entry of the publish.
    pub(super) seq: Seq,
    /// From the publish to its echo.
    pub(super) after: Duration,
    /// Own publishes sent before it that should have come back before it and did not. Only
    /// generation 2 keeps the order.
    pub(super) missed: u32,
}

impl Echoes {
    /// Remembers a publish seen leaving; `sure` if it must come back.
    pub(super) fn expect(
        &mut self,
        frame: &Frame<'_>,
        envelope: &Envelope<'_>,
        sure: bool,
        hasher: &foldhash::fast::RandomState,
    ) {
        let mark = if envelope.generation == Some(Generation::One) {
            message_id(frame).map(|id| hasher.hash_one(id))
        } else {
            // The broker takes white space out and escapes `<`, `>` and `&`.
            let mut relayed = Vec::new();
            gojson::relay(envelope.payload.unwrap_or(b"null"), &mut relayed);
            Some(hasher.hash_one(relayed.as_slice()))
        };
        let Some(mark) = mark else { return };
        if self.expected.len() == EXPECTED_MAX {
            self.expected.pop_front();
        }
        self.expected.push_back(Expected {
            mark,
            seq: frame.seq,
            at: frame.at,
            sure,
        });
    }

    /// True while any is waited for: what came need not be looked at otherwise.
    #[inline]
    pub(super) fn any(&self) -> bool {
        !self.expected.is_empty()
    }

    /// The own publish this message brings back, if it does.
    pub(super) fn find(
        &mut self,
        frame: &Frame<'_>,
        hasher: &foldhash::fast::RandomState,
    ) -> Option<Echo> {
        while let Some(oldest) = self.expected.front()
            && frame.at.since(oldest.at) > WAIT
        {
            self.expected.pop_front();
        }
        if self.expected.is_empty() {
            return None;
        }
        let headed = scan::member(frame.payload, "header").is_some();
        let mark = if headed {
            hasher.hash_one(message_id(frame)?)
        } else {
            hasher.hash_one(scan::member(frame.payload, "payload").unwrap_or(b"null"))
        };
        let index = self.expected.iter().position(|known| known.mark == mark)?;
        let found = self.expected.remove(index)?;
        let mut missed = 0;
        if !headed {
            let passed_over = self.expected.drain(..index);
            missed = passed_over.filter(|known| known.sure).count() as u32;
        }
        Some(Echo {
            seq: found.seq,
            after: frame.at.since(found.at),
            missed,
        })
    }

    /// Nothing is waited for any more.
    pub(super) fn clear(&mut self) {
        self.expected.clear();
    }
}

/// Generation 1: the message's own id; none if it is empty.
fn message_id<'a>(frame: &Frame<'a>) -> Option<&'a [u8]> {
    scan::path(frame.payload, &["header", "messageID"]).filter(|id| id.len() > 2)
}
