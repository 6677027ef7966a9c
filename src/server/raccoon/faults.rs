//! Troubles made on purpose, by type of event: for a client that must cope with them.

use std::time::Duration;

use super::message::Batch;
use crate::server::pattern::{any, first};

pub use crate::server::pattern::Pattern as EventTypes;

/// What goes wrong, and for which events. A batch that has one such event is concerned as a whole,
/// but for failures and delays, which are each event's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Fail to be published, with that text; `%s` in it is the destination. Without a text, as an
    /// unknown destination fails with the sink in use. The first that matches counts.
    pub fail: Vec<(EventTypes, Option<String>)>,
    /// Take that long to be published; the first that matches counts.
    pub delay: Vec<(EventTypes, Duration)>,
    /// Are published but never acknowledged, in neither mode, over no transport.
    pub never_ack: Vec<EventTypes>,
    /// Are acknowledged twice; over WebSocket only, for elsewhere a second answer cannot be.
    pub ack_twice: Vec<EventTypes>,
    /// End the server as a crash would, once the events before are published: all connections end
    /// without a word and what was queued is lost. It serves on, as if it had been started again.
    pub die: Vec<EventTypes>,
}

/// How often a batch is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Acks {
    Never,
    #[default]
    Once,
    Twice,
}

impl Acks {
    /// As a number.
    pub(super) const fn count(self) -> usize {
        match self {
            Self::Never => 0,
            Self::Once => 1,
            Self::Twice => 2,
        }
    }
}

impl Faults {
    /// How often a batch is acknowledged.
    pub(super) fn acks(&self, batch: &Batch) -> Acks {
        if self.never_ack.is_empty() && self.ack_twice.is_empty() {
            return Acks::Once;
        }
        let has = |types: &[EventTypes]| {
            let mut events = batch.events.iter().flatten();
            events.any(|event| any(types, &event.kind))
        };
        if has(&self.never_ack) {
            Acks::Never
        } else if has(&self.ack_twice) {
            Acks::Twice
        } else {
            Acks::Once
        }
    }

    /// Whether publishing goes as if there were no faults.
    pub(super) fn spare_publishing(&self) -> bool {
        self.fail.is_empty() && self.delay.is_empty() && self.die.is_empty()
    }

    pub(super) fn delay(&self, kind: &str) -> Option<Duration> {
        first(&self.delay, kind).copied()
    }

    pub(super) fn failure(&self, kind: &str) -> Option<&Option<String>> {
        first(&self.fail, kind)
    }

    pub(super) fn is_deadly(&self, kind: &str) -> bool {
        any(&self.die, kind)
    }
}
