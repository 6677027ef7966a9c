//! One connection's conversation with a `SaveToWebSocket` server.

use std::sync::Arc;
use std::time::Duration;

use super::event::{self, Kind};
use super::history::Change;
use super::lint;
use super::register::{self, Reading};
use super::settling::Settling;
use super::{Filters, ROW};
use crate::entry::{Badge, Summary, Verdict};
use crate::frame::{Direction, Frame, FrameKind, Opening, Stamp, close_parts};
use crate::protocol::pongs::{self, Pongs};
use crate::protocol::{Command, CommandError, End, Milestone, Outbox, Protocol, control};

/// From the 101 to the end of TCP if no register was taken.
const REGISTRATION: Duration = Duration::from_secs(10);
/// How long the welcome is waited for before the register is sent without it.
const WELCOME: Duration = Duration::from_secs(2);
/// How far from a deadline an end may lie and still be blamed on it.
const TOLERANCE: Duration = Duration::from_millis(500);

const REGISTRATION_DEADLINE: &str = "registration";
const WELCOME_DEADLINE: &str = "welcome";

/// The one register that is answered asks under this key.
pub(super) const KEY: &str = "register";

/// How far the registration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    /// No register yet.
    None,
    /// One has been handed out for sending.
    HandedOut,
    /// One the server takes has been seen leaving.
    Asked,
    /// It was answered.
    Registered,
}

/// What is remembered of the connection.
pub(super) struct Conversation {
    filters: Filters,
    progress: Progress,
    /// We sent a close frame; what comes back echoes it.
    closing: bool,
    /// Registers seen leaving that the server drops.
    dropped: u32,
    registration_due: Option<Stamp>,
    welcome_due: Option<Stamp>,
    pongs: Pongs,
    /// An update that may not have taken effect yet.
    settling: Option<Settling>,
    /// Our newest ping, and the newest round trip.
    ping: Option<(Box<[u8]>, Stamp)>,
    trip: Option<Duration>,
}

impl Conversation {
    pub(super) fn new(filters: Filters) -> Self {
        Self {
            filters,
            progress: Progress::None,
            closing: false,
            dropped: 0,
            registration_due: None,
            welcome_due: None,
            pongs: Pongs::new("pong deadline", pongs::WAIT),
            settling: None,
            ping: None,
            trip: None,
        }
    }

    /// Sends the profile's register, once.
    fn introduce(&mut self, out: &mut Outbox) {
        if self.progress > Progress::None {
            return;
        }
        self.progress = Progress::HandedOut;
        match register::encode(&self.filters) {
            Ok(message) => out.send_text(message),
            Err(why) => out.milestones.push(Milestone::Failed(format!(
                "cannot register with the profile's filters: {why}"
            ))),
        }
    }

    fn received<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        let reading = event::read(frame.payload);
        match reading.kind {
            Kind::Welcome => {
                if self.welcome_due.take().is_some() {
                    out.drop_deadline(WELCOME_DEADLINE);
                }
                self.introduce(out);
                Summary::new(Badge::Welcome, "asks for a register within 10 s")
            }
            Kind::Registered => self.registered(frame, out),
            Kind::Event if self.progress == Progress::Registered => {
                self.settle(frame, out);
                Summary::new(Badge::Event, reading.label)
            }
            Kind::Event => Summary::new(Badge::Event, reading.label)
                .noting("an event before `registered`, which the real server never sends"),
            Kind::Malformed => Summary::new(Badge::Malformed, frame.glance())
                .failing("not a JSON object: every message of this server is one, or null"),
        }
    }

    /// Tells once the newest update has surely taken effect.
    fn settle(&mut self, frame: &Frame<'_>, out: &mut Outbox) {
        let over = self.settling.as_mut().map(|it| it.is_over(frame.at));
        if over == Some(true) {
            self.settling = None;
            out.filters.push(Change::Settled(frame.seq));
        }
    }

    fn registered<'a>(&mut self, frame: &Frame<'_>, out: &mut Outbox) -> Summary<'a> {
        let label = register::in_force(frame.payload).label();
        if self.progress != Progress::Registered {
            self.progress = Progress::Registered;
            self.registration_due = None;
            out.drop_deadline(REGISTRATION_DEADLINE);
            out.filters.push(Change::Confirmed(frame.seq));
            out.milestones
                .push(Milestone::Live(format!("registered for {label}")));
        }
        Summary::new(Badge::Registered, label).answering(KEY, Verdict::Ok)
    }

    fn sent<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        let wanted = match register::read(frame.payload) {
            Reading::Taken(wanted) => wanted,
            Reading::Dropped(why) => {
                self.dropped += 1;
                return Summary::new(Badge::Malformed, frame.glance())
                    .failing(why)
                    .noting("the server drops this message without a reply");
            }
            Reading::Ignored => {
                return Summary::new(Badge::Message, frame.glance())
                    .noting("the server ignores everything but a register");
            }
        };
        out.filters.push(Change::Asked {
            since: frame.seq,
            at: frame.at,
            filters: Arc::new(wanted.filters()),
        });
        let mut notes = lint::lints(&wanted);
        let mut summary = Summary::new(Badge::Register, wanted.label());
        if self.progress >= Progress::Asked {
            self.settling = Some(Settling::new(frame.at, self.trip));
            notes.insert(0, "only the first register is answered: this one replaces all filters (those left out become empty) for later events, and up to 256 already chosen still arrive".to_owned());
        } else {
            self.progress = Progress::Asked;
            summary = summary.asking(KEY, Some(REGISTRATION));
        }
        summary.note = (!notes.is_empty()).then(|| notes.join("; "));
        summary
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
    fn opened(&mut self, _: &Opening, now: Stamp, out: &mut Outbox) {
        out.milestones.push(Milestone::Registering(
            "waiting for the welcome to send the filters".to_owned(),
        ));
        self.registration_due = Some(now.after(REGISTRATION));
        out.deadline(REGISTRATION_DEADLINE, now.after(REGISTRATION));
        self.welcome_due = Some(now.after(WELCOME));
        out.deadline(WELCOME_DEADLINE, now.after(WELCOME));
        self.pongs.opened(now, out);
    }

    fn observed<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        match (frame.kind, frame.direction) {
            (FrameKind::Text | FrameKind::Binary, Direction::In) => {
                return self.received(frame, out);
            }
            (FrameKind::Text | FrameKind::Binary, Direction::Out) => return self.sent(frame, out),
            (FrameKind::Ping, Direction::Out) => {
                self.ping = Some((frame.payload.into(), frame.at));
            }
            (FrameKind::Pong, Direction::In) => {
                let asked = self
                    .ping
                    .take_if(|(payload, _)| **payload == *frame.payload);
                self.trip = asked.map(|(_, at)| frame.at.since(at)).or(self.trip);
            }
            (FrameKind::Pong, Direction::Out) => self.pongs.sent(frame.at, out),
            (FrameKind::Close, Direction::Out) => self.closing = true,
            _ => {}
        }
        let mut summary = control::summary(frame).unwrap_or_default();
        if frame.kind == FrameKind::Close && !self.closing {
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
                self.progress = self.progress.max(Progress::HandedOut);
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

    fn elapsed(&mut self, now: Stamp, out: &mut Outbox) {
        let passed = |due: Option<Stamp>| due.is_some_and(|due| now.mono >= due.mono);
        if passed(self.welcome_due) {
            self.welcome_due = None;
            if self.progress == Progress::None {
                out.note("no welcome within 2 s of the upgrade, which the real server sends at once; registering all the same");
                self.introduce(out);
            }
        }
        if passed(self.registration_due) {
            self.registration_due = None;
            out.note(format!(
                "not registered within 10 s: the server now ends TCP without a close frame; registers it dropped without a reply: {}",
                self.dropped
            ));
        }
        self.pongs.elapsed(now, out);
    }

    fn explain_end(&self, end: &End) -> Option<String> {
        if end.by_us || self.closing {
            return None;
        }
        let cause = match end.code {
            1005 => return Some("an empty close frame: the server's buffer of 256 events overflowed, because this client was too slow or a burst too fast; register again".to_owned()),
            1006 => "TCP ended without a close frame",
            _ => return None,
        };
        let late = end.after + TOLERANCE >= REGISTRATION;
        if self.progress != Progress::Registered && late && end.after <= REGISTRATION + TOLERANCE {
            return Some(format!(
                "{cause} 10 s after the upgrade: no register was taken; dropped without a reply: {}",
                self.dropped
            ));
        }
        self.pongs.explain(end).or_else(|| {
            Some(format!(
                "{cause}: this server does so when its pipeline ends or crashes (one client leaving can do that), or when a write to us stood still for 10 s"
            ))
        })
    }
}
