//! What is made of the messages that leave: ours, a person's, raw ones.

use std::time::Duration;

use super::conversation::Conversation;
use super::dialect::Generation;
use super::envelope::{Envelope, Kind};
use super::first::noting;
use super::pressure::Brings;
use super::proxied::PROXY;
use super::summary::{published, reply, unknown};
use super::{clients, lint, registration};
use crate::entry::{Badge, Summary};
use crate::frame::{Direction, Frame, FrameKind, Stamp};
use crate::protocol::foreign;

/// How much longer than a request's `ttl` its reply is waited for: the server of 1.1 answers with
/// an error when the `ttl` is over.
const TTL_GRACE: Duration = Duration::from_millis(500);

impl Conversation {
    /// A message was seen leaving.
    pub(super) fn sent<'a>(&mut self, frame: &Frame<'a>) -> Summary<'a> {
        self.foreign.sent(foreign::digest(frame.message()));
        let envelope = Envelope::read(frame.payload, Direction::Out);
        let fault = lint::fault(frame.payload, &envelope);
        self.traces
            .sent(frame.at, frame.payload.len(), fault.as_deref());
        if let Some(fault) = fault {
            let becomes = match self.detection.known() {
                Some((dialect, _)) if self.detection.is_sure() => match dialect.generation() {
                    Generation::One => lint::IGNORES,
                    Generation::Two => lint::CLOSES,
                },
                _ => lint::EITHER,
            };
            return Summary::new(Badge::Malformed, frame.glance())
                .failing(fault)
                .noting(becomes);
        }
        let mut notes = lint::notes(frame.payload, &envelope);
        notes.extend(self.misplaced(&envelope));
        let summary = self.left(frame, envelope, !notes.is_empty());
        noting(summary, notes)
    }

    /// A message that can be decoded was seen leaving; `known` if what becomes of it is told
    /// elsewhere.
    fn left<'a>(&mut self, frame: &Frame<'a>, envelope: Envelope<'a>, known: bool) -> Summary<'a> {
        if self.is_reply(&envelope, Direction::Out) {
            return self.answered_first(frame, envelope);
        }
        if let Some(summary) = self.on_a_correlation(&envelope, Direction::Out) {
            return summary;
        }
        if frame.kind == FrameKind::Binary && envelope.is_first_generation() {
            // Ignored, so nothing is due.
            return Summary::new(Badge::Message, envelope.label()).noting(lint::BINARY);
        }
        if let Some(id) = envelope.id.as_deref()
            && envelope.asks(Direction::Out)
        {
            if envelope.is_first_generation() {
                self.correlations.asked(Direction::Out, id, &envelope.topic);
            }
            let brings = match envelope.kind {
                Kind::Request => Brings::Reply,
                _ => Brings::Ack,
            };
            self.pressure.asked(brings, id, frame.at);
        }
        if registration::is_one(&envelope) {
            self.registration.left(frame, &envelope);
            return self.presented_as(frame, &envelope);
        }
        match envelope.kind {
            Kind::Publish => {
                let (remark, returns) = self.topics.sent(frame, &envelope, self.dialect());
                if returns {
                    self.pressure.published(frame.at);
                }
                let mut summary = Summary::new(published(&envelope), envelope.label());
                summary.note = remark;
                summary
            }
            Kind::Request => {
                if envelope.topic == PROXY {
                    self.proxied.asked(frame, &envelope);
                } else if envelope.topic == clients::LIST {
                    self.clients.asked(&envelope, frame.at);
                }
                self.ask(Badge::Request, &envelope, frame.at)
            }
            Kind::Subscribe => self.changed(Badge::Subscribe, frame, &envelope),
            Kind::Unsubscribe => self.changed(Badge::Unsubscribe, frame, &envelope),
            Kind::Response | Kind::Error => self.answered(frame, &envelope),
            Kind::Ack => reply(&envelope),
            Kind::Unknown(_) if known => Summary {
                note: None,
                ..unknown(frame, &envelope)
            },
            Kind::Unknown(_) => unknown(frame, &envelope),
        }
    }

    /// A reply of ours was seen leaving: it settles the call it answers.
    pub(super) fn answered<'a>(
        &mut self,
        frame: &Frame<'_>,
        envelope: &Envelope<'a>,
    ) -> Summary<'a> {
        let replied = self.calls.replied(envelope, frame.at);
        if let Some(number) = replied.proxied {
            self.proxied.replied(number, frame.at);
        }
        noting(reply(envelope), replied.remark.into_iter().collect())
    }

    /// What becomes of a message of the generation the other side does not speak.
    fn misplaced(&self, envelope: &Envelope<'_>) -> Option<String> {
        let (known, _) = self
            .detection
            .known()
            .filter(|_| self.detection.is_sure())?;
        let written = envelope.generation?;
        if written == known.generation() || self.probe.is_own(envelope) {
            return None;
        }
        Some(match written {
            Generation::One => "a message of generation 1 to a broker of generation 2, which finds no type in it and ignores it",
            Generation::Two => "a message of generation 2 to a server of generation 1, which finds no header in it and ignores it",
        }.to_owned())
    }

    /// A registration was seen leaving: what answers it has its id, or the page session id.
    fn presented_as<'a>(&mut self, frame: &Frame<'a>, envelope: &Envelope<'a>) -> Summary<'a> {
        if !envelope.is_first_generation() {
            return self.ask(Badge::Register, envelope, frame.at);
        }
        let summary = Summary::new(Badge::Register, envelope.label());
        match registration::page_of(envelope.content(frame.payload)) {
            Some(page) => summary.asking(page, Some(self.settings.request_timeout)),
            None => summary,
        }
    }

    /// A change of a subscription was seen leaving.
    fn changed<'a>(
        &mut self,
        badge: Badge,
        frame: &Frame<'_>,
        envelope: &Envelope<'a>,
    ) -> Summary<'a> {
        let due = frame.at.after(self.settings.request_timeout);
        let remark = self.topics.asked(
            (envelope.id.as_deref(), &envelope.topic),
            badge == Badge::Subscribe,
            self.dialect(),
            (frame.at, due),
        );
        let mut summary = self.ask(badge, envelope, frame.at);
        summary.note = remark;
        summary
    }

    fn ask<'a>(&mut self, badge: Badge, envelope: &Envelope<'a>, at: Stamp) -> Summary<'a> {
        let summary = Summary::new(badge, envelope.label());
        match envelope.id.clone() {
            Some(id) if envelope.asks(Direction::Out) => {
                let own = self.limits.remove(&*id);
                let told = envelope.ttl().map(|ttl| ttl + TTL_GRACE);
                let within = told.or(own).unwrap_or(self.settings.request_timeout);
                self.asks.asked(&id, at, within);
                summary.asking(id, Some(within))
            }
            _ => summary,
        }
    }
}
