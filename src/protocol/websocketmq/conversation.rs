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
use super::pressure::Pressure;
use super::proxied::{PROXY, Proxied};
use super::registration::Registration;
use super::settings::Settings;
use super::summary::{reply, unknown};
use super::topics::Topics;
use super::{close, generation1, lint};
use crate::entry::{Badge, Summary};
use crate::frame::{Direction, Frame, FrameKind, Opening, Stamp};
use crate::protocol::{Command, CommandError, End, Milestone, Outbox, Protocol, control, url};

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
        clients.watch(Some(settings.clients_every).filter(|every| !every.is_zero()));
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
            Kind::Publish => self.published(frame, envelope),
            Kind::Request => self.called(frame, &envelope, out),
            Kind::Response | Kind::Error | Kind::Ack => self.replied(frame, &envelope, out),
            Kind::Subscribe | Kind::Unsubscribe => {
                Summary::new(Badge::Message, envelope.label()).noting("only clients send this type")
            }
            Kind::Unknown(_) => unknown(frame, &envelope),
        }
    }

    fn published<'a>(&mut self, frame: &Frame<'a>, envelope: Envelope<'a>) -> Summary<'a> {
        let remark = self.topics.came(frame, &envelope);
        self.pressure.came(frame.at);
        let mut summary = Summary::new(Badge::Publish, envelope.topic);
        summary.note = remark;
        summary
    }

    /// A reply of the broker.
    fn replied<'a>(
        &mut self,
        frame: &Frame<'a>,
        envelope: &Envelope<'a>,
        out: &mut Outbox,
    ) -> Summary<'a> {
        self.pressure.came(frame.at);
        let mut summary = reply(envelope);
        if self.registration.is_awaited() && envelope.topic == REGISTER {
            self.registered(envelope, frame.at, out);
        } else if envelope.kind == Kind::Ack {
            self.topics.acknowledged(envelope, frame.at);
        } else if envelope.topic == clients::LIST {
            self.listed(envelope, frame.at, out);
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

    fn listed(&mut self, envelope: &Envelope<'_>, at: Stamp, out: &mut Outbox) {
        let answer = match envelope.failure() {
            Some((code, message)) => Err(format!("{code} {message}")),
            None => Ok(envelope.payload),
        };
        let own = &self.registration.identity.id;
        for change in self.clients.listed(answer, own, at) {
            out.note(change);
        }
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
        let next = [self.calls.next_due(), self.clients.next_due()];
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
            if let Some(message) = self.pen.subscribe(now, &id, &topic) {
                out.send_text(message);
            }
        }
        self.ask_clients(now, out);
    }

    fn ask_clients(&mut self, now: Stamp, out: &mut Outbox) {
        if self.clients.is_due(now) {
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
                self.topics.sent(frame, &envelope);
                Summary::new(Badge::Publish, envelope.label())
            }
            Kind::Request if envelope.topic == REGISTER => self.ask(Badge::Register, &envelope),
            Kind::Request => {
                if envelope.topic == PROXY {
                    self.proxied.asked(frame, &envelope);
                }
                self.ask(Badge::Request, &envelope)
            }
            Kind::Subscribe => {
                self.topics.asked(&envelope, true, frame.at);
                self.ask(Badge::Subscribe, &envelope)
            }
            Kind::Unsubscribe => {
                self.topics.asked(&envelope, false, frame.at);
                self.ask(Badge::Unsubscribe, &envelope)
            }
            Kind::Response | Kind::Error | Kind::Ack => {
                self.calls.replied(&envelope, frame.at);
                reply(&envelope)
            }
            Kind::Unknown(_) => unknown(frame, &envelope),
        };
        if envelope.asks(Direction::Out) {
            self.pressure.asked(frame.at);
        }
        let lints = lint::notes(frame.payload, &envelope);
        if !lints.is_empty() {
            summary.note = Some(lints.join("; "));
        }
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
                self.clients.watch(every);
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
        }))
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
            return self.closed.map(str::to_owned);
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
