//! How close this connection may be to the broker's limit for slow readers.
//!
//! The broker keeps a queue for each client (16 messages by default, 32 in the sample servers) and
//! drops what does not fit; the third drop of a connection's life closes it with 1008. Nothing on
//! the wire tells of a drop: it can only be inferred.

#![expect(
    clippy::unused_self,
    reason = "the matter is not kept yet; its places in the conversation are"
)]

use std::time::Duration;

use crate::frame::Stamp;

/// What is known of the broker's queue for us.
#[derive(Debug, Default)]
pub(super) struct Pressure {}

impl Pressure {
    /// Something that brings a message back was sent: a request, a subscription, a publish on a
    /// topic of our own.
    pub(super) fn asked(&mut self, _now: Stamp) {}

    /// Such a message came.
    pub(super) fn came(&mut self, _now: Stamp) {}

    /// Nothing was read for `span`, although there may have been something.
    pub(super) fn paused(&mut self, _span: Duration, _now: Stamp) {}
}
