//! Telling the echo of an own publish from somebody else's message.

use std::collections::VecDeque;
use std::hash::BuildHasher as _;
use std::time::Duration;

use super::envelope::Envelope;
use crate::frame::{Frame, Stamp};
use crate::schema::{gojson, scan};

/// Own publishes waited for at most; the oldest is forgotten.
const EXPECTED_MAX: usize = 64;
/// How long an echo is waited for; without a subscription none comes.
const WAIT: Duration = Duration::from_secs(5);

/// Own publishes that the broker may deliver back, by hash of topic and payload.
#[derive(Default)]
pub(super) struct Echoes {
    expected: VecDeque<(u64, Stamp)>,
    hasher: foldhash::fast::RandomState,
}

impl Echoes {
    /// Remembers a publish seen leaving.
    pub(super) fn expect(&mut self, frame: &Frame<'_>, envelope: &Envelope<'_>) {
        if self.expected.len() == EXPECTED_MAX {
            self.expected.pop_front();
        }
        // The broker takes white space out and escapes `<`, `>` and `&`.
        let mut relayed = Vec::new();
        gojson::relay(envelope.payload.unwrap_or(b"null"), &mut relayed);
        let hash = self.hasher.hash_one((&*envelope.topic, relayed.as_slice()));
        self.expected.push_back((hash, frame.at));
    }

    /// True if this publish brings back one of ours. Costs nothing while none is outstanding.
    pub(super) fn is_one(&mut self, frame: &Frame<'_>, topic: &str) -> bool {
        while let Some((_, at)) = self.expected.front()
            && frame.at.since(*at) > WAIT
        {
            self.expected.pop_front();
        }
        if self.expected.is_empty() {
            return false;
        }
        let payload = scan::member(frame.payload, "payload").unwrap_or(b"null");
        let hash = self.hasher.hash_one((topic, payload));
        let found = self.expected.iter().position(|(known, _)| *known == hash);
        found.is_some_and(|index| self.expected.remove(index).is_some())
    }
}
