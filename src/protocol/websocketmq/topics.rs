//! Topics: what we subscribed to, and what came and went on each.

#![expect(
    clippy::unused_self,
    reason = "the matter is not kept yet; its places in the conversation are"
)]

use std::sync::Arc;

use super::echoes::Echoes;
use super::envelope::Envelope;
use super::picture::Topic;
use crate::frame::{Frame, Stamp};

/// The topics of a session, over all its connections.
#[derive(Default)]
pub(super) struct Topics {
    echoes: Echoes,
}

impl Topics {
    /// Topics to subscribe to on a new connection: those of the profile, and those subscribed by
    /// hand that were not given up.
    pub(super) fn wanted(&self, profile: &[String]) -> Vec<String> {
        let mut wanted = Vec::new();
        for topic in profile.iter().filter(|topic| !topic.is_empty()) {
            if !wanted.contains(topic) {
                wanted.push(topic.clone());
            }
        }
        wanted
    }

    /// A subscription (`on`) or its end was seen leaving.
    pub(super) fn asked(&mut self, _envelope: &Envelope<'_>, _on: bool, _now: Stamp) {}

    /// An acknowledgement or a refusal of one came.
    pub(super) fn acknowledged(&mut self, _envelope: &Envelope<'_>, _now: Stamp) {}

    /// A publish was seen leaving.
    pub(super) fn sent(&mut self, frame: &Frame<'_>, envelope: &Envelope<'_>) {
        self.echoes.expect(frame, envelope);
    }

    /// A publish came; what there is to remark about it.
    pub(super) fn came(&mut self, frame: &Frame<'_>, envelope: &Envelope<'_>) -> Option<String> {
        self.echoes.is_one(frame, &envelope.topic).then(|| {
            "the echo of our own publish: the broker delivers to the sender too".to_owned()
        })
    }

    /// The connection has ended: subscriptions vanish with it.
    pub(super) fn ended(&mut self) {
        self.echoes = Echoes::default();
    }

    /// The topics, and how many are not listed.
    pub(super) fn picture(&self, _now: Stamp) -> (Arc<[Topic]>, u64) {
        (Arc::default(), 0)
    }
}
