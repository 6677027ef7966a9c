//! One session's conversation with a `WebSocketMQ` broker.
//!
//! It knows what to do when; what it knows of each matter is kept by that matter: [`Registration`],
//! [`Topics`], [`Clients`], [`Calls`], [`Proxied`], [`Pressure`]. The value passes from connection
//! to connection.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::asks::Asks;
use super::calls::{self, Calls};
use super::client_id::CLIENT_ID_MIN;
use super::clients::{self, Clients};
use super::correlations::Correlations;
use super::detection::{Detection, Learned};
use super::dialect::Dialect;
use super::ending::Traces;
use super::envelope::{Envelope, Kind, REGISTER, REGISTERED_1};
use super::first::noting;
use super::heartbeat::Heartbeat;
use super::order::Order;
use super::outgoing::Pen;
use super::picture::Picture;
use super::presenting::Presenting;
use super::pressure::Pressure;
use super::probe::Probe;
use super::proxied::{PROXY, Proxied};
use super::registration::{self, Registration};
use super::settings::Settings;
use super::summary::{published, reply, unknown};
use super::topics::Topics;
use super::unanswered;
use crate::entry::{Badge, Summary};
use crate::frame::{Direction, Frame, FrameKind, Opening, Stamp};
use crate::protocol::foreign::Foreign;
use crate::protocol::{
    Command, CommandError, End, Fact, Outbox, Protocol, System, Unanswered, control, url,
};

/// What is remembered of the session.
pub(super) struct Conversation {
    pub(super) settings: Settings,
    pub(super) pen: Pen,
    pub(super) detection: Detection,
    pub(super) presenting: Presenting,
    pub(super) probe: Probe,
    pub(super) registration: Registration,
    pub(super) topics: Topics,
    pub(super) clients: Clients,
    pub(super) calls: Calls,
    pub(super) correlations: Correlations,
    pub(super) heartbeat: Heartbeat,
    pub(super) foreign: Foreign,
    pub(super) traces: Traces,
    pub(super) proxied: Proxied,
    pub(super) asks: Asks,
    pub(super) pressure: Pressure,
    /// Time limits of requests, by id, until the request is seen leaving.
    pub(super) limits: HashMap<String, Duration>,
}

impl Conversation {
    pub(super) fn new(mut settings: Settings, instance: [u8; 16]) -> Self {
        let rules = std::mem::take(&mut settings.responders);
        let mut clients = Clients::default();
        let every = Some(settings.clients_every).filter(|every| !every.is_zero());
        clients.watch(every, None);
        let detection = Detection::new(settings.generation);
        let dialect = detection.known().map_or(Dialect::G2, |(known, _)| known);
        Self {
            pen: Pen::new(instance, dialect),
            detection,
            presenting: Presenting::default(),
            probe: Probe::default(),
            registration: Registration::default(),
            topics: Topics::default(),
            clients,
            calls: Calls::new(rules, settings.hold_calls, instance),
            correlations: Correlations::default(),
            heartbeat: Heartbeat::default(),
            foreign: Foreign::to(System::WebSocketMq),
            traces: Traces::default(),
            proxied: Proxied::default(),
            asks: Asks::default(),
            pressure: Pressure::default(),
            limits: HashMap::new(),
            settings,
        }
    }

    fn received<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        self.traces.heard = true;
        let envelope = Envelope::read(frame.payload, Direction::In);
        if let Some(fault) = &envelope.fault {
            let summary = Summary::new(Badge::Malformed, frame.glance()).failing(fault.clone());
            return noting(summary, self.judge(frame, out));
        }
        let answers_probe = self.probe.is_running() && self.probe.is_answered_by(&envelope);
        let learned = self.detection.heard(&envelope);
        if learned != Learned::Nothing {
            self.learn(learned, frame.at, out);
        }
        if answers_probe {
            self.probed(&envelope, frame.at, out);
        }
        if envelope.is_first_generation() {
            if envelope.kind == Kind::Publish && envelope.topic == REGISTERED_1 {
                return self.welcomed_first(frame, &envelope, out);
            }
            if self.is_reply(&envelope, Direction::In) {
                return self.replied_first(frame, envelope, out);
            }
            if let Some(summary) = self.on_a_correlation(&envelope, Direction::In) {
                return summary;
            }
        }
        match envelope.kind {
            Kind::Publish => self.published(frame, envelope, out),
            Kind::Request => self.called(frame, &envelope, out),
            Kind::Response | Kind::Error | Kind::Ack => self.replied(frame, &envelope, out),
            Kind::Subscribe | Kind::Unsubscribe => {
                let summary = Summary::new(Badge::Message, envelope.label())
                    .noting("only clients send this type");
                noting(summary, self.judge(frame, out))
            }
            Kind::Unknown(_) => noting(unknown(frame, &envelope), self.judge(frame, out)),
        }
    }

    /// Looks whether a message that no broker sends is another system's; told once, and in every
    /// such frame.
    fn judge(&mut self, frame: &Frame<'_>, out: &mut Outbox) -> Vec<String> {
        let known = self.foreign.found.is_some();
        let what = self.foreign.judge(frame);
        if let Some(what) = what.as_ref().filter(|_| !known) {
            out.note(what.clone());
        }
        what.into_iter().collect()
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
        let badge = published(&envelope);
        let topic = envelope.topic;
        let mut summary = if topic.is_empty() {
            Summary::new(badge, "(no topic)")
        } else {
            Summary::new(badge, topic)
        };
        summary.note = came.remark;
        summary
    }

    /// A reply of the broker.
    pub(super) fn replied<'a>(
        &mut self,
        frame: &Frame<'a>,
        envelope: &Envelope<'a>,
        out: &mut Outbox,
    ) -> Summary<'a> {
        if let Some(id) = envelope.id.as_deref() {
            self.pressure.answered(id, frame.at);
        }
        let mut summary = reply(envelope);
        let remark = self.asks.replied(envelope, frame.at);
        summary.note = joined(summary.note, remark.map(str::to_owned));
        if self.registration.is_awaited() && envelope.topic == REGISTER {
            self.registered(envelope, frame.at, out);
        } else if envelope.topic == clients::LIST {
            self.listed(frame, envelope, out);
        } else if let Some(remark) = self.topics.acknowledged(envelope, frame.at) {
            summary.note = joined(summary.note, Some(remark));
        } else if envelope.topic == PROXY
            && let Some(remark) = self.proxied.answered(frame, envelope)
        {
            summary.note = joined(summary.note, Some(remark));
        }
        summary
    }

    fn listed(&mut self, frame: &Frame<'_>, envelope: &Envelope<'_>, out: &mut Outbox) {
        let unknown = envelope.failure().is_some_and(|(code, _)| code == 404);
        if unknown || envelope.failure().is_none() {
            let learned = self.detection.lists(!unknown);
            self.learn(learned, frame.at, out);
        }
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
        // A registration comes from clients alone: this is our own, come back.
        if registration::is_one(envelope) || self.foreign.found.is_some() {
            let told = self.judge(frame, out);
            if !told.is_empty() {
                return noting(Summary::new(Badge::Request, envelope.label()), told);
            }
        }
        if let Some(id) = envelope
            .id
            .as_deref()
            .filter(|_| envelope.is_first_generation())
        {
            self.correlations.asked(Direction::In, id, &envelope.topic);
        }
        let own = &self.registration.identity;
        let proxied = self.proxied.inner(frame, envelope, [&own.id, &own.asked]);
        let came = self.calls.came(&mut self.pen, frame, envelope, proxied);
        for message in came.sends {
            out.send_text(message);
        }
        for note in came.notes {
            out.note(note);
        }
        self.schedule(out);
        let mut summary = Summary::new(Badge::Request, envelope.label());
        summary.note = came.remark;
        match envelope.id.clone() {
            Some(id) => summary.asking(id, Some(calls::wait(envelope))),
            None => summary.noting("a call without an id: answered without one"),
        }
    }

    /// Has [`Protocol::elapsed`] called when something is due next.
    fn schedule(&self, out: &mut Outbox) {
        let next = [
            self.calls.next_due(),
            self.clients
                .next_due()
                .filter(|_| self.dialect().lists_clients()),
            self.topics.next_due(),
            self.presenting.next_due(),
        ];
        for due in next.into_iter().flatten() {
            out.wake(due);
        }
    }

    /// The connection is ready: subscribes to what is wanted, asks who else is there.
    pub(super) fn use_it(&mut self, now: Stamp, out: &mut Outbox) {
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

    /// What is spoken: as known, else the newest generation.
    pub(super) fn dialect(&self) -> Dialect {
        self.pen.dialect()
    }

    /// The id the broker knows us by, as far as it is known.
    pub(super) fn own_id(&self) -> Option<String> {
        let identity = &self.registration.identity;
        let id = [&identity.id, &identity.asked];
        id.into_iter().find(|id| !id.is_empty()).cloned()
    }

    fn steer(&mut self, order: Order, now: Stamp, out: &mut Outbox) {
        match order {
            Order::HoldCalls(on) => self.calls.hold(on),
            Order::WatchClients(every) => {
                self.clients.watch(every, Some(now));
                self.ask_clients(now, out);
            }
            Order::Register { name, kind, url } => self.rename((name, kind, url), now, out),
            Order::Probe | Order::Speak(_) => self.redirect(&order, now, out),
        }
    }

    /// A ping, pong or close.
    fn controlled(&mut self, frame: &Frame<'_>, out: &mut Outbox) -> Option<String> {
        match (frame.kind, frame.direction) {
            (FrameKind::Ping, Direction::In) => {
                self.traces.heard = true;
                let learned = self.detection.pinged(frame.payload);
                self.learn(learned, frame.at, out);
                self.heartbeat.pinged(frame)
            }
            (FrameKind::Pong, Direction::Out) => {
                self.heartbeat.ponged();
                None
            }
            (FrameKind::Close, Direction::Out) => {
                self.traces.close_left();
                None
            }
            (FrameKind::Close, Direction::In) => self.traces.closed(frame.payload),
            _ => None,
        }
    }
}

/// Two remarks as one.
fn joined(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}

impl Protocol for Conversation {
    fn opened(&mut self, opening: &Opening, now: Stamp, out: &mut Outbox) {
        self.pen.opened(now);
        let asked = url::query(&opening.url, "client_id").unwrap_or_default();
        self.traces = Traces::opened(now, (1..CLIENT_ID_MIN).contains(&asked.len()));
        self.correlations = Correlations::default();
        self.heartbeat.opened(now);
        self.foreign.opened(opening);
        self.probe = Probe::default();
        self.present_on(opening, now, out);
        self.schedule(out);
    }

    fn observed<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        if let Some(mut summary) = control::summary(frame) {
            summary.note = self.controlled(frame, out);
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
        self.presented(now, out);
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
            dialect: self
                .detection
                .known()
                .map(|(dialect, why)| (dialect, why.to_owned())),
            identity: self.registration.identity.clone(),
            topics,
            topics_forgotten,
            clients: self.clients.picture(),
            calls,
            calls_forgotten: self.calls.forgotten(),
            holding,
            proxied: self.proxied.picture(),
            pressure: self.pressure.picture(now),
        }))
    }

    fn standing(&self, now: Stamp) -> Vec<Fact> {
        let mut facts = self.facts(now);
        facts.extend(self.pressure.facts(now));
        facts
    }

    fn bequeath(&mut self, now: Stamp) -> Option<Box<dyn Protocol>> {
        self.registration.ended();
        self.topics.ended();
        self.clients.ended();
        self.calls.ended(now);
        self.proxied.ended();
        self.asks.ended();
        self.pressure = Pressure::default();
        self.limits.clear();
        let left = Self::new(Settings::default(), [0; 16]);
        Some(Box::new(std::mem::replace(self, left)))
    }

    fn unanswered(&self, ask: &Unanswered<'_>, _: Stamp) -> Option<String> {
        let silent = ask.direction == Direction::In && self.calls.is_silent(ask.key);
        Some(unanswered::why(ask, self.dialect(), silent).to_owned())
    }

    fn explain_end(&self, end: &End) -> Option<String> {
        let generation = self.dialect().generation();
        let pressure = self.pressure.likely_cause();
        self.traces
            .explain(end, generation, &self.heartbeat, pressure)
    }
}
