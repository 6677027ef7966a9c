//! One connection's conversation with a `SaveToWebSocket` server.

use std::sync::Arc;
use std::time::Duration;

use super::ending::{Traces, Witnesses};
use super::event::{self, Kind, Reading as Message};
use super::heartbeat::Heartbeat;
use super::history::Change;
use super::judged::Judged;
use super::pulse::Pulse;
use super::register::{self, Reading, SIZE_MAX, Wanted};
use super::registration::{Progress, Registration, words};
use super::settling::Settling;
use super::silence::Silence;
use super::strain::Strain;
use super::{Filters, ROW, Settings, lint, upgrade, welcome};
use crate::entry::{Badge, Summary, Verdict};
use crate::frame::{Direction, Frame, FrameKind, Opening, Stamp, close_parts};
use crate::protocol::foreign::{self, Foreign};
use crate::protocol::{Command, CommandError, End, Fact, Outbox, Protocol, System, control};

/// The one register that is answered asks under this key.
pub(super) const KEY: &str = "register";

/// What is remembered of the connection.
pub(super) struct Conversation {
    registration: Registration,
    heartbeat: Heartbeat,
    strain: Strain,
    pulse: Pulse,
    silence: Silence,
    judged: Judged,
    foreign: Foreign,
    traces: Traces,
    opening: Opening,
    /// The filters believed in force.
    in_force: Arc<Filters>,
    label: String,
    /// An update that may not have taken effect yet.
    settling: Option<Settling>,
    updates: u32,
    /// We sent a close frame; what comes back echoes it.
    closing: bool,
    /// The server sent one.
    closed: bool,
}

impl Conversation {
    pub(super) fn new(settings: Settings, pongs_held: bool) -> Self {
        let Settings {
            filters,
            register,
            register_within,
            pong_wait,
            silence,
            unlinted: _,
        } = settings;
        Self {
            registration: Registration::new(filters, register, register_within),
            heartbeat: Heartbeat::new(pong_wait, pongs_held),
            strain: Strain::default(),
            pulse: Pulse::default(),
            silence: Silence::new(silence),
            judged: Judged::default(),
            foreign: Foreign::to(System::SaveToWebSocket),
            traces: Traces::default(),
            opening: Opening::default(),
            in_force: Arc::default(),
            label: String::new(),
            settling: None,
            updates: 0,
            closing: false,
            closed: false,
        }
    }

    fn received<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        let message = event::read(frame.payload);
        match message.kind {
            Kind::Welcome => self.welcomed(frame, out),
            Kind::Registered => self.registered(frame, out),
            Kind::Event if self.registration.progress == Progress::Registered => {
                self.event(&message, frame, out);
                Summary::new(Badge::Event, message.label)
            }
            Kind::Event => self.early(message, frame, out),
            Kind::Malformed => {
                let summary = Summary::new(Badge::Malformed, frame.glance());
                match self.stranger(frame, out) {
                    Some(what) => summary.failing(what),
                    None => summary
                        .failing("not a JSON object: every message of this server is one, or null"),
                }
            }
        }
    }

    fn welcomed<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        let words = welcome::instruction(frame.payload);
        let label = format!("asks for a register within 10 s: “{words}”");
        let odd = self.registration.welcomed(frame.at, out);
        let mut summary = Summary::new(Badge::Welcome, label);
        let difference = welcome::difference(frame.payload);
        summary.note = odd.map(str::to_owned).or(difference);
        summary
    }

    fn event(&mut self, message: &Message<'_>, frame: &Frame<'_>, out: &mut Outbox) {
        if let Some(settling) = &mut self.settling
            && settling.is_over(frame.at)
        {
            self.settling = None;
            if let Some((_, settled)) = &mut self.traces.update {
                *settled = true;
            }
            out.filters.push(Change::Settled(frame.seq));
        }
        self.strain.event(frame.at);
        self.silence.event(frame.at, out);
        self.pulse.event(message, frame, out);
        self.judged
            .event(frame.payload, self.settling.is_some(), out);
    }

    /// Something like an event before `registered`: the known server never sends that, another
    /// system may.
    fn early<'a>(
        &mut self,
        message: Message<'a>,
        frame: &Frame<'a>,
        out: &mut Outbox,
    ) -> Summary<'a> {
        let note = self.stranger(frame, out).unwrap_or_else(|| {
            "an event before `registered`, which the known server never sends".to_owned()
        });
        Summary::new(Badge::Event, message.label).noting(note)
    }

    /// A sentence if the frame is another system's; nothing is sent to it by itself then.
    fn stranger(&mut self, frame: &Frame<'_>, out: &mut Outbox) -> Option<String> {
        let known = self.foreign.found.is_some();
        let what = self.foreign.judge(frame)?;
        if !known {
            self.registration.hold(out);
            out.note(what.clone());
        }
        Some(what)
    }

    fn registered<'a>(&mut self, frame: &Frame<'_>, out: &mut Outbox) -> Summary<'a> {
        let echoed = register::in_force(frame.payload);
        let (first, note) = self.registration.answered(&echoed, frame.at, out);
        if first {
            out.filters.push(Change::Confirmed(frame.seq));
            self.silence.begin(frame.at, out);
            if self.updates == 0 {
                self.apply(&echoed);
            }
        }
        let mut label = echoed.label();
        if self.registration.is_as_asked() {
            label.push_str(", as asked");
        }
        let mut summary = Summary::new(Badge::Registered, label).answering(KEY, Verdict::Ok);
        summary.note = note;
        summary
    }

    /// Filters count from now on.
    fn apply(&mut self, wanted: &Wanted) {
        self.in_force = Arc::new(wanted.filters());
        self.label = wanted.label();
        self.judged.by(&self.in_force);
    }

    fn sent<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        self.traces.sent = Some(frame.at);
        self.foreign.sent(foreign::digest(frame.payload));
        let size = frame.payload.len();
        if size > SIZE_MAX {
            self.traces.oversize = Some((frame.at, size));
            return Summary::new(Badge::Message, frame.glance()).noting(format!(
                "{size} bytes: the server takes {SIZE_MAX} and will close with 1009"
            ));
        }
        match register::read(frame.payload) {
            Reading::Taken(wanted) => self.asked(&wanted, frame, out),
            Reading::Dropped(why) => {
                let next = self.registration.dropped(frame, &why, &self.label);
                Summary::new(Badge::Malformed, frame.glance())
                    .failing(why)
                    .noting(format!("the server drops this message silently; {next}"))
            }
            Reading::Ignored => {
                let why = "no register";
                let next = self.registration.dropped(frame, why, &self.label);
                Summary::new(Badge::Message, frame.glance()).noting(format!(
                    "the server ignores everything but a register, silently; {next}"
                ))
            }
        }
    }

    fn asked<'a>(&mut self, wanted: &Wanted, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        out.filters.push(Change::Asked {
            since: frame.seq,
            at: frame.at,
            filters: Arc::new(wanted.filters()),
        });
        let mut notes = lint::lints(wanted);
        let mut summary = Summary::new(Badge::Register, wanted.label());
        if self.registration.asked(wanted, frame.at) {
            self.apply(wanted);
            summary = summary.asking(KEY, Some(self.registration.within()));
        } else {
            self.updates = self.updates.saturating_add(1);
            self.settling = Some(Settling::new(frame.at, self.heartbeat.trip));
            self.traces.update = Some((frame.at, false));
            self.apply(wanted);
            notes.insert(0, "not acknowledged, only the first register is answered: it replaces all filters (those left out become empty) for later events, and up to 256 already chosen still arrive".to_owned());
        }
        summary.note = (!notes.is_empty()).then(|| notes.join("; "));
        summary
    }

    fn controlled(&mut self, frame: &Frame<'_>, out: &mut Outbox) {
        match (frame.kind, frame.direction) {
            (FrameKind::Ping, Direction::In) => {
                if let Some(what) = self.heartbeat.ping(frame, out) {
                    self.foreign.found.get_or_insert_with(|| what.to_owned());
                    out.note(what);
                }
            }
            (FrameKind::Ping, Direction::Out) => self.heartbeat.own_ping(frame),
            (FrameKind::Pong, Direction::In) => self.heartbeat.pong(frame),
            (FrameKind::Pong, Direction::Out) => self.heartbeat.pong_sent(frame.at, out),
            (FrameKind::Close, Direction::Out) => {
                // Behind the server's close frame ours is the reply to it.
                self.closing |= !self.closed;
                self.heartbeat.stop(out);
            }
            (FrameKind::Close, Direction::In) => {
                self.closed = true;
                let reason = close_parts(frame.payload).map(|(_, reason)| reason.to_vec());
                self.traces.reason = reason.unwrap_or_default();
                self.heartbeat.stop(out);
            }
            _ => {}
        }
    }

    fn is_narrowed(&self) -> bool {
        let filters = &self.in_force;
        !(filters.types.is_empty()
            && filters.account_ids.is_empty()
            && filters.asset_codes.is_empty())
    }

    fn update_fact(&self, facts: &mut Vec<Fact>) {
        let Some((at, settled)) = self.traces.update else {
            return;
        };
        let state = if settled {
            "in effect by now"
        } else {
            "events may still be chosen by the filters before"
        };
        let text = format!(
            "{} ({} updates, none acknowledged; {state}), sent",
            self.label, self.updates
        );
        facts.push(Fact::new("filters", "updated to", text).at(at));
    }
}

/// What a close frame of this server tells besides its code.
pub(super) fn close_note(payload: &[u8]) -> Option<&'static str> {
    match close_parts(payload) {
        None if payload.is_empty() => Some(
            "unless it echoes ours, an empty close frame means that the server's buffer of 256 events overflowed: this client was too slow, or a burst too fast",
        ),
        Some((1009, _)) => Some("a message to this server may have 512 KiB"),
        _ => None,
    }
}

impl Protocol for Conversation {
    fn opened(&mut self, opening: &Opening, now: Stamp, out: &mut Outbox) {
        self.foreign.opened(opening);
        self.opening = opening.clone();
        self.traces.opened = Some(now);
        self.strain.opened(now);
        self.registration.opened(now, out);
        self.heartbeat.opened(now, out);
        if let Some(cut) = opening.since_cut {
            out.note(format!(
                "connected again {} after TCP had ended without a close frame: the server listens, so its process lives or was started anew; events in between are lost",
                words(cut)
            ));
        }
        if let Some(what) = upgrade::ignored(opening) {
            out.note(what);
        }
    }

    fn observed<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        match (frame.kind, frame.direction) {
            (FrameKind::Text | FrameKind::Binary, Direction::In) => {
                return self.received(frame, out);
            }
            (FrameKind::Text | FrameKind::Binary, Direction::Out) => return self.sent(frame, out),
            _ => self.controlled(frame, out),
        }
        let mut summary = control::summary(frame).unwrap_or_default();
        let theirs = frame.kind == FrameKind::Close && frame.direction == Direction::In;
        if theirs && !self.closing {
            summary.note = close_note(frame.payload).map(str::to_owned);
        }
        summary
    }

    fn commanded(
        &mut self,
        command: Command,
        _: Stamp,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        match command {
            Command::Raw(outgoing) => out.sends.push(outgoing),
            Command::Register(filters) => {
                let message = register::encode(&filters).map_err(CommandError::Invalid)?;
                self.registration.commanded();
                out.send_text(message);
            }
            other => {
                return Err(CommandError::NotSpoken {
                    system: ROW.title,
                    command: other.name(),
                });
            }
        }
        Ok(())
    }

    fn paused(&mut self, span: Duration, now: Stamp, out: &mut Outbox) {
        self.strain.paused(span, now, out);
    }

    fn elapsed(&mut self, now: Stamp, out: &mut Outbox) {
        if self.registration.elapsed(now, out) {
            self.registration.without_welcome(out);
            if let Some(what) = self.foreign.by_url() {
                out.note(what.clone());
                self.foreign.found.get_or_insert(what);
            }
        }
        if self.closing || self.closed {
            return;
        }
        self.heartbeat.elapsed(now, out);
        let newest = self.pulse.ledgers.newest();
        self.silence.elapsed(now, &self.in_force, newest, out);
    }

    fn standing(&self, now: Stamp) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let Some(what) = &self.foreign.found {
            let fact = Fact::new("endpoint", "not SaveToWebSocket", what.as_str());
            facts.push(fact.warning(true));
        }
        self.registration.facts(&self.label, &mut facts);
        self.update_fact(&mut facts);
        self.judged.facts(&mut facts);
        if let Some(last) = self.silence.last().filter(|_| self.silence.is_told()) {
            let fact = Fact::new("stream", "silent", "no event since").at(last);
            facts.push(fact.warning(true));
        }
        if self.registration.progress == Progress::Registered {
            self.pulse.facts(now, self.is_narrowed(), &mut facts);
            self.strain.facts(now, &mut facts);
        }
        self.heartbeat.facts(&mut facts);
        upgrade::facts(&self.opening, &mut facts);
        facts
    }

    fn explain_end(&self, end: &End) -> Option<String> {
        if self.closing {
            return None;
        }
        let now = self.traces.opened?.after(end.after);
        let witnesses = Witnesses {
            registration: &self.registration,
            heartbeat: &self.heartbeat,
            strain: &self.strain,
            last: self.pulse.last_words(now),
        };
        self.traces.explain(end, &witnesses)
    }
}
