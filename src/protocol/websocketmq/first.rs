//! Replies in generation 1: matched by correlation id alone, several to one request, events among
//! them.

use std::borrow::Cow;

use super::conversation::Conversation;
use super::correlations::Asked;
use super::dialect::Dialect;
use super::envelope::{Envelope, Kind, REGISTERED_1};
use super::registration;
use super::summary::reply;
use crate::entry::{Badge, Summary, Verdict};
use crate::frame::{Direction, Frame};
use crate::protocol::Outbox;

/// Said of a success that belongs to nothing.
const STRAY: &str = "a stray reply, without a correlationID: 1.2 and 1.3 send one when the handler of an event, or of a request without a correlationID, returns something";

impl Conversation {
    /// True for what answers a request: a reply, or an event on a correlation id that is known.
    pub(super) fn is_reply(&mut self, envelope: &Envelope<'_>, direction: Direction) -> bool {
        envelope.is_first_generation()
            && match envelope.kind {
                Kind::Response | Kind::Error => true,
                Kind::Publish => {
                    self.events_answer() && self.correlations.awaits(direction, &envelope.topic)
                }
                _ => false,
            }
    }

    /// False where an event on a correlation id is known to answer nothing.
    fn events_answer(&self) -> bool {
        !matches!(self.dialect(), Dialect::G1_2 | Dialect::G1_3)
    }

    /// The summary of an event whose topic is a correlation id, where that answers nothing.
    pub(super) fn on_a_correlation<'a>(
        &mut self,
        envelope: &Envelope<'a>,
        direction: Direction,
    ) -> Option<Summary<'a>> {
        let is_one = envelope.is_first_generation()
            && envelope.kind == Kind::Publish
            && self.correlations.awaits(direction, &envelope.topic);
        is_one.then(|| {
            let topic = self.correlations.topic(direction, &envelope.topic);
            Summary::new(Badge::Event, topic.unwrap_or_default())
                .noting("an event on the correlation id of a request: only 1.1 takes that for an answer, 1.2 and 1.3 wait on")
        })
    }

    /// Gives a reply the topic of its request, and an event the id it answers; returns the request
    /// and what there is to remark.
    pub(super) fn place(
        &mut self,
        envelope: &mut Envelope<'_>,
        direction: Direction,
    ) -> (Option<Asked>, Vec<String>) {
        let mut remarks = Vec::new();
        if envelope.kind == Kind::Publish {
            envelope.id = Some(std::mem::take(&mut envelope.topic));
            remarks.push(
                "an event on the correlation id of a request: in 1.1, which drops the replies of clients, it is what answers"
                    .to_owned(),
            );
        }
        let Some(id) = envelope.id.as_deref() else {
            if direction == Direction::In && envelope.kind == Kind::Response {
                remarks.push(STRAY.to_owned());
            }
            return (None, remarks);
        };
        let topic = envelope
            .head
            .as_ref()
            .and_then(|head| head.topic.as_deref());
        if envelope.kind != Kind::Publish && topic.is_some_and(|topic| topic != id) {
            remarks.push(
                "its topic is not its correlationID: it is matched by the correlationID alone"
                    .to_owned(),
            );
        }
        let asked = self.correlations.replied(direction, id);
        if let Some(asked) = &asked {
            envelope.topic = Cow::Owned(asked.topic.to_string());
            // A second answer of ours is remarked where calls are settled.
            if asked.replies > 1 && direction == Direction::In {
                remarks.push(many(asked.replies));
            }
        }
        (asked, remarks)
    }

    /// A reply of the server.
    pub(super) fn replied_first<'a>(
        &mut self,
        frame: &Frame<'a>,
        mut envelope: Envelope<'a>,
        out: &mut Outbox,
    ) -> Summary<'a> {
        let (_, remarks) = self.place(&mut envelope, Direction::In);
        let summary = self.replied(frame, &envelope, out);
        noting(summary, remarks)
    }

    /// A reply of ours.
    pub(super) fn answered_first<'a>(
        &mut self,
        frame: &Frame<'a>,
        mut envelope: Envelope<'a>,
    ) -> Summary<'a> {
        let dropped = envelope.kind != Kind::Publish && self.dialect() == Dialect::G1_1;
        let (_, mut remarks) = self.place(&mut envelope, Direction::Out);
        if dropped {
            remarks.push("the server of 1.1 drops every reply of a client: only an event whose topic is the correlation id answers".to_owned());
            return noting(reply(&envelope), remarks);
        }
        let summary = self.answered(frame, &envelope);
        noting(summary, remarks)
    }

    /// The acknowledgement of a registration.
    pub(super) fn welcomed_first<'a>(
        &mut self,
        frame: &Frame<'a>,
        envelope: &Envelope<'a>,
        out: &mut Outbox,
    ) -> Summary<'a> {
        let body = envelope.content(frame.payload);
        let mut summary = Summary::new(Badge::Registered, REGISTERED_1);
        if let Some(page) = registration::page_of(body) {
            summary = summary.answering(page, Verdict::Ok);
        }
        summary.note = self.acknowledged(envelope, body, frame.at, out);
        summary
    }
}

/// What a second reply means.
fn many(replies: u32) -> String {
    format!(
        "reply {replies} to one request: in 1.2 and 1.3 every handler of the topic replies, and so does the minified script"
    )
}

/// Adds remarks to what the summary says already.
pub(super) fn noting(mut summary: Summary<'_>, remarks: Vec<String>) -> Summary<'_> {
    if !remarks.is_empty() {
        let said: Vec<String> = summary.note.take().into_iter().chain(remarks).collect();
        summary.note = Some(said.join("; "));
    }
    summary
}
