//! The clients of the broker, as `system:list_clients` tells them.
//!
//! There are no presence events: arrivals and departures are differences of two answers.

#![expect(
    clippy::unused_self,
    reason = "the matter is not kept yet; its places in the conversation are"
)]

use std::sync::Arc;
use std::time::Duration;

use super::picture;
use crate::frame::Stamp;

/// Topic that lists them.
pub(super) const LIST: &str = "system:list_clients";

/// The clients of a session's broker, over all its connections.
#[derive(Default)]
pub(super) struct Clients {
    every: Option<Duration>,
}

impl Clients {
    /// How often to ask; `None` for never.
    pub(super) fn watch(&mut self, every: Option<Duration>) {
        self.every = every;
    }

    /// When to ask next.
    pub(super) fn next_due(&self) -> Option<Stamp> {
        None
    }

    /// True once it is time to ask; the next time is set.
    pub(super) fn is_due(&mut self, _now: Stamp) -> bool {
        false
    }

    /// An answer came, asked for by whomever: this payload, or that failure. Returns sentences
    /// on who came and who left.
    pub(super) fn listed(
        &mut self,
        _answer: Result<Option<&[u8]>, String>,
        _own: &str,
        _now: Stamp,
    ) -> Vec<String> {
        Vec::new()
    }

    /// A connection has ended.
    pub(super) fn ended(&mut self) {}

    /// The table; `None` if nobody ever asked.
    pub(super) fn picture(&self) -> Option<Arc<picture::Clients>> {
        None
    }
}
