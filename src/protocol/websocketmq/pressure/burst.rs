//! Messages sent so close together that their answers come in one go.

use std::time::Duration;

use super::{MEMORY, seconds};
use crate::frame::Stamp;

/// A longer gap ends a burst.
const GAP: Duration = Duration::from_millis(50);

/// A burst of messages that bring one back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Burst {
    began: Stamp,
    ended: Stamp,
    sent: u32,
    /// The most that were owed to us at once during it.
    pub(super) outstanding: u32,
}

/// The bursts of a connection: the one going on, and the largest of late.
#[derive(Debug, Default)]
pub(super) struct Bursts {
    current: Option<Burst>,
    largest: Option<Burst>,
}

impl Bursts {
    /// A message went out; so many are owed to us now.
    pub(super) fn sent(&mut self, now: Stamp, outstanding: u32) {
        let current = self.current.filter(|burst| now.since(burst.ended) <= GAP);
        let mut burst = current.unwrap_or(Burst {
            began: now,
            ended: now,
            sent: 0,
            outstanding: 0,
        });
        burst.ended = now;
        burst.sent = burst.sent.saturating_add(1);
        burst.outstanding = burst.outstanding.max(outstanding);
        self.current = Some(burst);
        let known = self.largest(now);
        if known.is_none_or(|known| known.outstanding <= burst.outstanding) {
            self.largest = Some(burst);
        }
    }

    /// The largest of the last minute.
    pub(super) fn largest(&self, now: Stamp) -> Option<Burst> {
        let recent = |burst: &Burst| now.since(burst.ended) < MEMORY;
        self.largest
            .filter(recent)
            .or_else(|| self.current.filter(recent))
    }
}

impl Burst {
    /// What it was, seen from `now`.
    pub(super) fn sentence(&self, now: Stamp) -> String {
        format!(
            "{} messages of ours that bring one back went out within {}, {} before, with up to {} answers owed to us at once",
            self.sent,
            seconds(self.ended.since(self.began)),
            seconds(now.since(self.ended)),
            self.outstanding
        )
    }
}
