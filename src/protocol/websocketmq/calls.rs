//! Calls of the broker: answered by a responder, by hand, or refused.
//!
//! ```text
//!  request ─┬─ a responder matches ─► planned ─► answered │ silent
//!           ├─ held ─► answered by hand │ refused just before its time is over
//!           └─ refused at once
//! ```

#![expect(
    clippy::unused_self,
    reason = "the matter is not kept yet; its places in the conversation are"
)]

use std::sync::Arc;

use super::answer::Answer;
use super::envelope::Envelope;
use super::outgoing::Pen;
use super::picture;
use super::responder::Responder;
use super::responders::Responders;
use crate::frame::{Frame, Stamp};

/// The calls of a session, over all its connections.
pub(super) struct Calls {
    responders: Responders,
    holding: bool,
}

impl Calls {
    pub(super) fn new(rules: Vec<Responder>, holding: bool) -> Self {
        Self {
            responders: Responders::new(rules),
            holding,
        }
    }

    /// A call came. What is to be sent at once is returned; the rest comes from [`Self::due`].
    pub(super) fn came(
        &mut self,
        pen: &mut Pen,
        frame: &Frame<'_>,
        envelope: &Envelope<'_>,
        _proxied: Option<u64>,
    ) -> Vec<Vec<u8>> {
        let id = envelope.id.as_deref();
        let answer = self.responders.answer(pen, id, &envelope.topic, frame.at);
        answer.into_iter().collect()
    }

    /// An answer by hand: what is to be sent, if anything.
    pub(super) fn by_hand(
        &mut self,
        pen: &mut Pen,
        id: &str,
        topic: &str,
        answer: &Answer,
        now: Stamp,
    ) -> Option<Vec<u8>> {
        let id = Some(id).filter(|id| !id.is_empty());
        pen.reply(now, id, topic, answer)
    }

    /// A reply of ours was seen leaving, whoever sent it.
    pub(super) fn replied(&mut self, _envelope: &Envelope<'_>, _now: Stamp) {}

    /// Whether to keep what no responder matches.
    pub(super) fn hold(&mut self, on: bool) {
        self.holding = on;
    }

    /// When something is to be done next.
    pub(super) fn next_due(&self) -> Option<Stamp> {
        self.responders.next_due()
    }

    /// What is to be sent now.
    pub(super) fn due(&mut self, _pen: &mut Pen, now: Stamp) -> Vec<Vec<u8>> {
        self.responders.due(now)
    }

    /// The connection has ended.
    pub(super) fn ended(&mut self, _now: Stamp) {}

    /// The newest calls, oldest first, and whether calls are held.
    pub(super) fn picture(&self) -> (Arc<[picture::Call]>, bool) {
        (Arc::default(), self.holding)
    }
}
