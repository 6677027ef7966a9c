//! One session's conversation with a `WebSocketMQ` broker.
//!
//! It knows what to do when; what it knows of each matter is kept by that matter: [`Registration`],
//! [`Topics`], [`Clients`], [`Calls`], [`Proxied`], [`Pressure`]. The value passes from connection
//! to connection.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::calls::Calls;
use super::clients::{self, Clients};
use super::dialect::{Dialect, Generation, Speak};
use super::envelope::{Envelope, Kind, REGISTER};
use super::order::Order;
use super::outgoing::{Introduction, Pen};
use super::picture::Picture;
use super::pressure::{Brings, Pressure};
use super::proxied::{PROXY, Proxied};
use super::registration::Registration;
use super::settings::Settings;
use super::summary::{reply, unknown};
use super::topics::Topics;
use super::{close, generation1, lint};
use crate::entry::{Badge, Summary};
use crate::frame::{Direction, Frame, FrameKind, Opening, Stamp};
use crate::protocol::{
    Command, CommandError, End, Fact, Milestone, Outbox, Protocol, control, url,
};

/// Shortest `client_id` the broker survives.
const CLIENT_ID_MIN: usize = 8;

const REGISTRATION_DEADLINE: &str = "registration";

/// What is remembered of the session.
pub(super) struct Conversation {
    pub(super) settings: Settings,
    pub(super) pen: Pen,
    /// The dialect, once known, and what speaks for it.
    dialect: Option<(Dialect, String)>,
    registration: Registration,
    pub(super) topics: Topics,
    pub(super) clients: Clients,
    pub(super) calls: Calls,
    proxied: Proxied,
    pressure: Pressure,
    closing: bool,
    /// What the broker's close frame meant.
    closed: Option<&'static str>,
    /// Time limits of requests, by id, until the request is seen leaving.
    pub(super) limits: HashMap<String, Duration>,
}

impl Conversation {
    pub(super) fn new(mut settings: Settings, instance: [u8; 16]) -> Self {
        let rules = std::mem::take(&mut settings.responders);
        let mut clients = Clients::default();
        let every = Some(settings.clients_every).filter(|every| !every.is_zero());
        clients.watch(every, None);
        let dialect = match settings.generation {
            Speak::Told(dialect) => Some((dialect, "told by profile or flag".to_owned())),
            Speak::Auto | Speak::Probe => None,
        };
        Self {
            pen: Pen::new(
                instance,
                dialect.as_ref().map_or(Dialect::G2, |(known, _)| *known),
            ),
            dialect,
            registration: Registration::default(),
            topics: Topics::default(),
            clients,
            calls: Calls::new(rules, settings.hold_calls),
            proxied: Proxied::default(),
            pressure: Pressure::default(),
            closing: false,
            closed: None,
            limits: HashMap::new(),
            settings,
        }
    }

    fn received<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        let envelope = Envelope::read(frame.payload, Direction::In);
        if let Some(header) = envelope.header {
            return generation1::summary(header);
        }
        if let Some(fault) = envelope.fault {
            return Summary::new(Badge::Malformed, frame.glance()).failing(fault);
        }
        match envelope.kind {
            Kind::Publish => self.published(frame, envelope, out),
            Kind::Request => self.called(frame, &envelope, out),
            Kind::Response | Kind::Error | Kind::Ack => self.replied(frame, &envelope, out),
            Kind::Subscribe | Kind::Unsubscribe => {
                Summary::new(Badge::Message, envelope.label()).noting("only clients send this type")
            }
            Kind::Unknown(_) => unknown(frame, &envelope),
        }
    }

    fn published<'a>(
        &mut self,
        frame: &Frame<'a>,
        envelope: Envelope<'a>,
        out: &mut Outbox,
    ) -> Summary<'a> {
        let came = self.topics.came(frame, &envelope, self.dialect());
        if let Some(echo) = came.echo {
            self.pressure.echoed(echo.missed, frame.at);
        }
        if let Some(at) = came.wake {
            out.wake(at);
        }
        let mut summary = Summary::new(Badge::Publish, envelope.topic);
        summary.note = came.remark;
        summary
    }

    /// A reply of the broker.
    fn replied<'a>(
        &mut self,
        frame: &Frame<'a>,
        envelope: &Envelope<'a>,
        out: &mut Outbox,
    ) -> Summary<'a> {
        if let Some(id) = envelope.id.as_deref() {
            self.pressure.answered(id, frame.at);
        }
        let mut summary = reply(envelope);
        if self.registration.is_awaited() && envelope.topic == REGISTER {
            self.registered(envelope, frame.at, out);
        } else if envelope.topic == clients::LIST {
            self.listed(frame, envelope, out);
        } else if let Some(remark) = self.topics.acknowledged(envelope, frame.at) {
            summary.note = Some(remark);
        } else if envelope.topic == PROXY
            && let Some(remark) = self.proxied.answered(frame, envelope)
        {
            summary.note = Some(match summary.note {
                Some(note) => format!("{note}; {remark}"),
                None => remark,
            });
        }
        summary
    }

    fn listed(&mut self, frame: &Frame<'_>, envelope: &Envelope<'_>, out: &mut Outbox) {
        let (own, size) = (&self.registration.identity, frame.payload.len());
        for change in self.clients.listed(envelope, size, own, frame.at) {
            out.note(change);
        }
        self.schedule(out);
    }

    /// The broker calls us: there is always an answer, at once or later.
    fn called<'a>(
        &mut self,
        frame: &Frame<'a>,
        envelope: &Envelope<'a>,
        out: &mut Outbox,
    ) -> Summary<'a> {
        let proxied = self.proxied.inner(frame, envelope);
        for message in self.calls.came(&mut self.pen, frame, envelope, proxied) {
            out.send_text(message);
        }
        self.schedule(out);
        let summary = Summary::new(Badge::Request, envelope.label());
        let wait = self.dialect().broker_wait();
        match envelope.id.clone() {
            Some(id) => summary.asking(id, Some(wait)),
            None => summary.noting("a call without an id: answered without one"),
        }
    }

    /// Has [`Protocol::elapsed`] called when something is due next.
    fn schedule(&self, out: &mut Outbox) {
        let next = [
            self.calls.next_due(),
            self.clients.next_due(),
            self.topics.next_due(),
        ];
        for due in next.into_iter().flatten() {
            out.wake(due);
        }
    }

    fn registered(&mut self, envelope: &Envelope<'_>, at: Stamp, out: &mut Outbox) {
        out.drop_deadline(REGISTRATION_DEADLINE);
        let how = self.registration.answered(envelope, at, out);
        self.live(how, at, out);
    }

    /// Ready for use.
    fn live(&mut self, how: String, now: Stamp, out: &mut Outbox) {
        out.milestones.push(Milestone::Live(how));
        for topic in self.topics.wanted(&self.settings.subscribe) {
            let id = self.pen.id(now);
            match self.pen.subscribe(now, &id, &topic) {
                Some(message) => out.send_text(message),
                // What it remarks is for those who ask by hand.
                None => drop(self.topics.local(&topic, true)),
            }
        }
        if self.settings.register || !self.settings.clients_every.is_zero() {
            self.clients.opened(now);
        }
        self.ask_clients(now, out);
    }

    /// A subscription where the dialect has none on the wire.
    fn noted(&mut self, topic: &str, on: bool, out: &mut Outbox) {
        if let Some(remark) = self.topics.local(topic, on) {
            out.note(remark);
        }
    }

    fn ask_clients(&mut self, now: Stamp, out: &mut Outbox) {
        if self.dialect().lists_clients() && self.clients.is_due(now) {
            let (id, ttl) = (self.pen.id(now), self.settings.request_timeout);
            let message = self.pen.request(now, &id, clients::LIST, Some(b"{}"), ttl);
            out.send_text(message);
        }
        self.schedule(out);
    }

    fn sent<'a>(&mut self, frame: &Frame<'a>) -> Summary<'a> {
        let envelope = Envelope::read(frame.payload, Direction::Out);
        if let Some(header) = envelope.header {
            return generation1::summary(header);
        }
        if let Some(fault) = lint::fault(frame.payload, &envelope) {
            return Summary::new(Badge::Malformed, frame.glance())
                .failing(fault)
                .noting("the broker closes the connection over this with 1007");
        }
        let mut summary = match envelope.kind {
            Kind::Publish => {
                let (remark, returns) = self.topics.sent(frame, &envelope, self.dialect());
                if returns {
                    self.pressure.published(frame.at);
                }
                let mut summary = Summary::new(Badge::Publish, envelope.label());
                summary.note = remark;
                summary
            }
            Kind::Request if envelope.topic == REGISTER => self.ask(Badge::Register, &envelope),
            Kind::Request => {
                if envelope.topic == PROXY {
                    self.proxied.asked(frame, &envelope);
                } else if envelope.topic == clients::LIST {
                    self.clients.asked(&envelope, frame.at);
                }
                self.ask(Badge::Request, &envelope)
            }
            Kind::Subscribe => self.changed(Badge::Subscribe, frame, &envelope),
            Kind::Unsubscribe => self.changed(Badge::Unsubscribe, frame, &envelope),
            Kind::Response | Kind::Error | Kind::Ack => {
                self.calls.replied(&envelope, frame.at);
                reply(&envelope)
            }
            Kind::Unknown(_) => unknown(frame, &envelope),
        };
        if envelope.asks(Direction::Out)
            && let Some(id) = envelope.id.as_deref()
        {
            let brings = match envelope.kind {
                Kind::Request => Brings::Reply,
                _ => Brings::Ack,
            };
            self.pressure.asked(brings, id, frame.at);
        }
        let lints = lint::notes(frame.payload, &envelope);
        if !lints.is_empty() {
            let remark = summary.note.take();
            // What the broker makes of an unknown type is told by the lints.
            let remark = remark.filter(|_| !matches!(envelope.kind, Kind::Unknown(_)));
            let notes: Vec<String> = remark.into_iter().chain(lints).collect();
            summary.note = Some(notes.join("; "));
        }
        summary
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
        let mut summary = self.ask(badge, envelope);
        summary.note = remark;
        summary
    }

    fn ask<'a>(&mut self, badge: Badge, envelope: &Envelope<'a>) -> Summary<'a> {
        let summary = Summary::new(badge, envelope.label());
        match envelope.id.clone() {
            Some(id) if envelope.asks(Direction::Out) => {
                let own = self.limits.remove(&*id);
                summary.asking(id, Some(own.unwrap_or(self.settings.request_timeout)))
            }
            _ => summary,
        }
    }

    /// What is spoken: as known, else the newest generation.
    fn dialect(&self) -> Dialect {
        self.pen.dialect()
    }

    fn register(&mut self, now: Stamp, out: &mut Outbox) {
        let due = now.after(self.settings.request_timeout);
        self.registration.sent(now, due);
        out.deadline(REGISTRATION_DEADLINE, due);
        if self.dialect().generation() == Generation::One {
            if self.settings.page_session_id.is_empty() {
                self.settings.page_session_id = self.pen.page(now);
            }
            let page = &self.settings.page_session_id;
            self.registration.identity.page.clone_from(page);
            out.send_text(self.pen.register_1(now, page));
            return;
        }
        let id = self.pen.id(now);
        let own = Introduction {
            client_id: &self.registration.identity.asked,
            name: &self.settings.client_name,
            kind: &self.settings.client_type,
            url: &self.settings.client_url,
        };
        out.send_text(own.message(&id));
    }

    fn steer(&mut self, order: Order, now: Stamp, out: &mut Outbox) {
        match order {
            Order::HoldCalls(on) => self.calls.hold(on),
            Order::WatchClients(every) => {
                self.clients.watch(every, Some(now));
                self.ask_clients(now, out);
            }
            Order::Register { name, kind, url } => {
                self.settings.client_name = name;
                self.settings.client_type = kind;
                self.settings.client_url = url;
                self.register(now, out);
            }
            Order::Speak(dialect) => {
                self.dialect = Some((dialect, "told".to_owned()));
                self.pen.write_in(dialect);
            }
            Order::Probe => {}
        }
    }
}

impl Protocol for Conversation {
    fn opened(&mut self, opening: &Opening, now: Stamp, out: &mut Outbox) {
        self.pen.opened(now);
        let asked = url::query(&opening.url, "client_id").unwrap_or_default();
        if (1..CLIENT_ID_MIN).contains(&asked.len()) {
            out.note("the client_id has fewer than 8 bytes: the broker goes dead on this connection right after the 101; choose a longer one");
        }
        self.registration.opened(&asked);
        self.closing = false;
        self.closed = None;
        out.milestones.push(Milestone::Registering(format!(
            "waiting for the answer to {REGISTER}"
        )));
        self.register(now, out);
    }

    fn observed<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        if let Some(mut summary) = control::summary(frame) {
            if frame.kind == FrameKind::Close {
                match frame.direction {
                    Direction::Out => self.closing = true,
                    Direction::In if !self.closing => {
                        self.closed = close::note(frame.payload);
                        summary.note = self.closed.map(str::to_owned);
                    }
                    Direction::In => {}
                }
            }
            return summary;
        }
        match frame.direction {
            Direction::In => self.received(frame, out),
            Direction::Out => self.sent(frame),
        }
    }

    fn commanded(
        &mut self,
        command: Command,
        now: Stamp,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        match command {
            Command::Raw(outgoing) => out.sends.push(outgoing),
            Command::Steer(order) => self.steer(order, now, out),
            Command::Subscribe { topic } if !topic.is_empty() && !self.dialect().subscribes() => {
                self.noted(&topic, true, out);
            }
            Command::Unsubscribe { topic } if !topic.is_empty() && !self.dialect().subscribes() => {
                self.noted(&topic, false, out);
            }
            other => {
                if let Some(message) = self.encode(other, now)? {
                    out.send_text(message);
                }
            }
        }
        self.schedule(out);
        Ok(())
    }

    fn elapsed(&mut self, now: Stamp, out: &mut Outbox) {
        if self.registration.is_overdue(now) {
            out.milestones.push(Milestone::Registering(format!(
                "{REGISTER} was not answered; the connection may be usable all the same"
            )));
            out.note("no answer to system:register: a broker of generation 1 stays silent, and so does one that got a client_id of fewer than 8 bytes");
        }
        for message in self.calls.due(&mut self.pen, now) {
            out.send_text(message);
        }
        for sentence in self.topics.elapsed(now) {
            out.note(sentence);
        }
        self.ask_clients(now, out);
    }

    fn paused(&mut self, span: Duration, now: Stamp, _: &mut Outbox) {
        self.pressure.paused(span, now);
    }

    fn broker(&self, now: Stamp) -> Option<Arc<Picture>> {
        let (topics, topics_forgotten) = self.topics.picture(now);
        let (calls, holding) = self.calls.picture();
        Some(Arc::new(Picture {
            dialect: self.dialect.clone(),
            identity: self.registration.identity.clone(),
            topics,
            topics_forgotten,
            clients: self.clients.picture(),
            calls,
            holding,
            proxied: self.proxied.picture(),
            pressure: self.pressure.picture(now),
        }))
    }

    fn standing(&self, now: Stamp) -> Vec<Fact> {
        self.pressure.facts(now)
    }

    fn bequeath(&mut self, now: Stamp) -> Option<Box<dyn Protocol>> {
        self.topics.ended();
        self.clients.ended();
        self.calls.ended(now);
        self.proxied.ended();
        self.pressure = Pressure::default();
        self.limits.clear();
        let left = Self::new(Settings::default(), [0; 16]);
        Some(Box::new(std::mem::replace(self, left)))
    }

    fn explain_end(&self, end: &End) -> Option<String> {
        if end.by_us || self.closing {
            return None;
        }
        if end.code != 1006 {
            let known = self.closed?;
            let cause = (end.code == 1008)
                .then(|| self.pressure.likely_cause())
                .flatten();
            return Some(match cause {
                Some(cause) => format!("{known}: {cause}"),
                None => known.to_owned(),
            });
        }
        let asked = self.registration.identity.asked.len();
        let short = (1..CLIENT_ID_MIN).contains(&asked);
        Some(if short {
            "TCP ended without a close frame, on a connection that was dead from the start: its client_id has fewer than 8 bytes"
        } else {
            "TCP ended without a close frame: the broker does so when it shuts down, or when we took nothing for 10 s"
        }.to_owned())
    }
}
