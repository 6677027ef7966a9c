//! Calls of ours to other clients through `system:proxy`, and their inner halves.

#![expect(
    clippy::unused_self,
    reason = "the matter is not kept yet; its places in the conversation are"
)]

use std::sync::Arc;

use super::envelope::Envelope;
use super::picture;
use crate::frame::Frame;

/// Topic that calls another client.
pub(super) const PROXY: &str = "system:proxy";

/// Own calls through the broker to a client, itself included.
#[derive(Default)]
pub(super) struct Proxied {}

impl Proxied {
    /// A request on [`PROXY`] was seen leaving.
    pub(super) fn asked(&mut self, _frame: &Frame<'_>, _envelope: &Envelope<'_>) {}

    /// Its reply came; what there is to remark about it.
    pub(super) fn answered(
        &mut self,
        _frame: &Frame<'_>,
        _envelope: &Envelope<'_>,
    ) -> Option<String> {
        None
    }

    /// A call of the broker came: the number of the own call it is the inner half of, if any.
    pub(super) fn inner(&mut self, _frame: &Frame<'_>, _envelope: &Envelope<'_>) -> Option<u64> {
        None
    }

    /// The connection has ended.
    pub(super) fn ended(&mut self) {}

    /// The newest calls, oldest first.
    pub(super) fn picture(&self) -> Arc<[picture::Proxied]> {
        Arc::default()
    }
}
