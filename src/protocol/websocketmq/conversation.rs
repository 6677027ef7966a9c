//! One connection's conversation with a `WebSocketMQ` broker.

use std::collections::HashMap;
use std::time::Duration;

use super::echoes::Echoes;
use super::envelope::{Envelope, Kind, REGISTER};
use super::ids::Ids;
use super::responders::Responders;
use super::settings::Settings;
use super::summary::{reply, unknown};
use super::{close, generation1, lint, outgoing};
use crate::entry::{Badge, Summary};
use crate::frame::{Direction, Frame, FrameKind, Opening, Stamp};
use crate::protocol::{Command, CommandError, End, Milestone, Outbox, Protocol, control, url};
use crate::schema::scan;

/// How long the broker waits for the answer to a call of its own.
const BROKER_WAIT: Duration = Duration::from_secs(10);
/// Shortest `client_id` the broker survives.
const CLIENT_ID_MIN: usize = 8;
/// Clock difference below which nothing is said: the broker tells whole seconds.
const SKEW: Duration = Duration::from_secs(3);

const REGISTRATION_DEADLINE: &str = "registration";
const REPLIES_DEADLINE: &str = "delayed replies";

/// What is remembered of the connection.
pub(super) struct Conversation {
    settings: Settings,
    pub(super) ids: Ids,
    responders: Responders,
    client_id: Option<String>,
    /// When the registration counts as unanswered; `None` once it is settled.
    registration_due: Option<Stamp>,
    registered: bool,
    closing: bool,
    /// What the broker's close frame meant.
    closed: Option<&'static str>,
    /// Time limits of requests, by id, until the request is seen leaving.
    pub(super) limits: HashMap<String, Duration>,
    echoes: Echoes,
}

impl Conversation {
    pub(super) fn new(mut settings: Settings, instance: [u8; 16]) -> Self {
        Self {
            ids: Ids::new(instance),
            responders: Responders::new(std::mem::take(&mut settings.responders)),
            settings,
            client_id: None,
            registration_due: None,
            registered: false,
            closing: false,
            closed: None,
            limits: HashMap::new(),
            echoes: Echoes::default(),
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
            Kind::Response | Kind::Error | Kind::Ack => {
                let settles = !self.registered && envelope.topic == REGISTER;
                if settles {
                    self.registered(&envelope, frame.at, out);
                }
                reply(&envelope)
            }
            Kind::Subscribe | Kind::Unsubscribe => {
                Summary::new(Badge::Message, envelope.label()).noting("only clients send this type")
            }
            Kind::Unknown(_) => unknown(frame, &envelope),
        }
    }

    fn published<'a>(&mut self, frame: &Frame<'a>, envelope: Envelope<'a>) -> Summary<'a> {
        let echo = self.echoes.is_one(frame, &envelope.topic);
        let summary = Summary::new(Badge::Publish, envelope.topic);
        if echo {
            summary.noting("the echo of our own publish: the broker delivers to the sender too")
        } else {
            summary
        }
    }

    /// The broker calls us: there is always an answer, at once or when its responder says.
    fn called<'a>(
        &mut self,
        frame: &Frame<'a>,
        envelope: &Envelope<'a>,
        out: &mut Outbox,
    ) -> Summary<'a> {
        let id = envelope.id.as_deref();
        match self.responders.answer(id, &envelope.topic, frame.at) {
            Some(message) => out.send_text(message),
            None => self.await_replies(out),
        }
        let summary = Summary::new(Badge::Request, envelope.label());
        match envelope.id.clone() {
            Some(id) => summary.asking(id, Some(BROKER_WAIT)),
            None => summary.noting("a call without an id: answered without one"),
        }
    }

    fn await_replies(&self, out: &mut Outbox) {
        match self.responders.next_due() {
            Some(due) => out.deadline(REPLIES_DEADLINE, due),
            None => out.drop_deadline(REPLIES_DEADLINE),
        }
    }

    fn registered(&mut self, envelope: &Envelope<'_>, at: Stamp, out: &mut Outbox) {
        self.registered = true;
        self.registration_due = None;
        out.drop_deadline(REGISTRATION_DEADLINE);
        let how = match envelope.failure() {
            Some((code, message)) => format!(
                "usable, though the broker refused the registration with {code} {message} (generation 2.0 has none)"
            ),
            None => self.welcome(envelope.payload.unwrap_or_default(), at, out),
        };
        out.milestones.push(Milestone::Live(how));
        for topic in self
            .settings
            .subscribe
            .iter()
            .filter(|topic| !topic.is_empty())
        {
            let id = self.ids.next();
            out.send_text(outgoing::subscribe(&id, topic));
        }
    }

    /// What the answer to the registration tells.
    fn welcome(&self, payload: &[u8], at: Stamp, out: &mut Outbox) -> String {
        let text = |name| scan::member(payload, name).and_then(scan::string);
        let id = text("serverAssignedId").unwrap_or_default();
        let name = text("clientName").unwrap_or_default();
        let time = text("serverTime").unwrap_or_default();
        if self.client_id.as_deref().is_some_and(|own| own != id) {
            out.note(format!(
                "the broker assigned the id {id} instead of the client_id of the URL, as generations 2.1 and 2.2 do"
            ));
        }
        if let Ok(server) = time.parse::<jiff::Timestamp>() {
            let ahead = server.as_microsecond().saturating_sub(at.wall_us);
            if ahead.unsigned_abs() > SKEW.as_micros() as u64 {
                let way = if ahead > 0 { "ahead of" } else { "behind" };
                let seconds = ahead.unsigned_abs() / 1_000_000;
                out.note(format!(
                    "the broker's clock is about {seconds} s {way} this one"
                ));
            }
        }
        format!("registered as {name}, id {id}, server time {time}")
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
                self.echoes.expect(frame, &envelope);
                Summary::new(Badge::Publish, envelope.label())
            }
            Kind::Request if envelope.topic == REGISTER => self.ask(Badge::Register, &envelope),
            Kind::Request => self.ask(Badge::Request, &envelope),
            Kind::Subscribe => self.ask(Badge::Subscribe, &envelope),
            Kind::Unsubscribe => self.ask(Badge::Unsubscribe, &envelope),
            Kind::Response | Kind::Error | Kind::Ack => reply(&envelope),
            Kind::Unknown(_) => unknown(frame, &envelope),
        };
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
}

impl Protocol for Conversation {
    fn opened(&mut self, opening: &Opening, now: Stamp, out: &mut Outbox) {
        self.ids.opened(now);
        self.client_id = url::query(&opening.url, "client_id").filter(|id| !id.is_empty());
        let client_id = self.client_id.as_deref().unwrap_or_default();
        if (1..CLIENT_ID_MIN).contains(&client_id.len()) {
            out.note("the client_id has fewer than 8 bytes: the broker goes dead on this connection right after the 101; choose a longer one");
        }
        out.milestones.push(Milestone::Registering(format!(
            "waiting for the answer to {REGISTER}"
        )));
        let due = now.after(self.settings.request_timeout);
        self.registration_due = Some(due);
        out.deadline(REGISTRATION_DEADLINE, due);
        let id = self.ids.next();
        let (name, kind) = (&self.settings.client_name, &self.settings.client_type);
        out.send_text(outgoing::register(&id, client_id, name, kind));
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
        _: Stamp,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        match command {
            Command::Raw(outgoing) => out.sends.push(outgoing),
            other => out.send_text(self.encode(other)?),
        }
        Ok(())
    }

    fn elapsed(&mut self, now: Stamp, out: &mut Outbox) {
        if self
            .registration_due
            .is_some_and(|due| now.mono >= due.mono)
        {
            self.registration_due = None;
            out.milestones.push(Milestone::Registering(format!(
                "{REGISTER} was not answered; the connection may be usable all the same"
            )));
            out.note("no answer to system:register: a broker of generation 1 stays silent, and so does one that got a client_id of fewer than 8 bytes");
        }
        if self.responders.next_due().is_some() {
            for message in self.responders.due(now) {
                out.send_text(message);
            }
            self.await_replies(out);
        }
    }

    fn explain_end(&self, end: &End) -> Option<String> {
        if end.by_us || self.closing {
            return None;
        }
        if end.code != 1006 {
            return self.closed.map(str::to_owned);
        }
        let short = self
            .client_id
            .as_ref()
            .is_some_and(|id| id.len() < CLIENT_ID_MIN);
        Some(if short {
            "TCP ended without a close frame, on a connection that was dead from the start: its client_id has fewer than 8 bytes"
        } else {
            "TCP ended without a close frame: the broker does so when it shuts down, or when we took nothing for 10 s"
        }.to_owned())
    }
}
