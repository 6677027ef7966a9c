//! How each system speaks: one trait, one table, one folder per system.
//!
//! Protocol code is sans-IO. Values come in (frames in wire order for both directions, commands,
//! time), values go out (a [`Summary`], and an [`Outbox`] the session empties). No socket, no
//! clock, no file: every recorded transcript is a test.
//!
//! ```text
//!             opened ─┐                       ┌─► sends      frames to write
//!  observed (in, out) ─┼─► Protocol ─► Outbox ─┼─► milestones registering, live, refused
//!          commanded ─┤                       ├─► deadlines  named, shown as countdowns
//!            elapsed ─┘                       └─► notes      diagnoses
//! ```
//!
//! A protocol value lives as long as one connection. What decodes bodies is a separate
//! [`Decoder`], because a body follows from its frame alone and is asked for elsewhere.

mod command;
pub mod control;
mod foreign;
pub mod generic;
mod outbox;
mod pongs;
pub mod raccoon;
mod reading;
pub mod savetowebsocket;
mod standing;
mod url;
pub mod websocketmq;

use std::sync::Arc;
use std::time::Duration;

use crate::body::Body;
use crate::entry::Summary;
use crate::frame::{Direction, Frame, Opening, Stamp};
use crate::schema::Schema;

pub use command::{Command, CommandError};
pub use outbox::{Call, Milestone, Note, Outbox, Outgoing, Route};
pub use standing::Fact;

/// One connection's conversation, seen from the client.
///
/// Made when a connection opens (and made anew on every reconnect, unless the one before has left
/// an heir), owned by the session's task, dropped when the connection ends.
pub trait Protocol: Send {
    /// Called once, when the handshake has succeeded.
    fn opened(&mut self, opening: &Opening, now: Stamp, out: &mut Outbox);

    /// Called for every frame in wire order, in both directions, control frames included.
    fn observed<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a>;

    /// Called when the user wants something sent.
    fn commanded(
        &mut self,
        command: Command,
        now: Stamp,
        out: &mut Outbox,
    ) -> Result<(), CommandError>;

    /// Called when nothing was read for `span` although there may have been something: whoever
    /// takes the session's entries was behind.
    fn paused(&mut self, _span: Duration, _now: Stamp, _out: &mut Outbox) {}

    /// Called when a deadline set in the outbox has passed; it has been dropped by then. Called as
    /// well at the moment the outbox was told to wake it.
    fn elapsed(&mut self, now: Stamp, out: &mut Outbox);

    /// What has been found out about this connection, for the panel of the session. Asked a few
    /// times a second while there is traffic.
    fn standing(&self, _now: Stamp) -> Vec<Fact> {
        Vec::new()
    }

    /// How the conversation with a broker stands, for the panels (`WebSocketMQ`). Asked a few
    /// times a second while there is traffic.
    fn broker(&self, _now: Stamp) -> Option<Arc<websocketmq::Picture>> {
        None
    }

    /// Called when the connection has ended: the value for the session's next connection, where
    /// that is to know something of this one. [`opened`](Self::opened) is called on it again.
    fn bequeath(&mut self, _now: Stamp) -> Option<Box<dyn Protocol>> {
        None
    }

    /// Asked when an ask is given up, because its time was over or the connection has ended: what
    /// that means in this system.
    fn unanswered(&self, _ask: &Unanswered<'_>, _now: Stamp) -> Option<String> {
        None
    }

    /// Asked when the connection has ended: what that means in this system, if it knows better
    /// than the general explanation.
    fn explain_end(&self, _end: &End) -> Option<String> {
        None
    }
}

/// An ask that is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered<'a> {
    /// Its correlation key.
    pub key: &'a str,
    /// What it was about.
    pub label: &'a str,
    /// The way it went: `In` for one that we did not answer.
    pub direction: Direction,
    /// True if the connection has ended; else its time was over.
    pub cut: bool,
}

/// How a connection ended, as far as a protocol may judge it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Time from the upgrade to the end.
    pub after: Duration,
    /// Code of the peer's close frame; 1005 for one without a code, 1006 for none.
    pub code: u16,
    /// True if we ended it.
    pub by_us: bool,
    /// True if TCP was reset rather than finished.
    pub reset: bool,
    /// True if TCP was finished in the middle of a frame or message.
    pub cut: bool,
}

/// Decodes single frames, on whatever thread somebody looks at them.
pub trait Decoder: Send + Sync {
    /// The decoded tree of `frame`; total: what does not decode says so in the body.
    fn body(&self, frame: &Frame<'_>) -> Body;

    /// What `frame` tells in one line, for a row whose label does not say it; cheap enough to be
    /// made for every row on screen at every draw. Texts from the wire are in it as they came:
    /// sanitise it. `None` where the label says it all.
    fn gist(&self, _frame: &Frame<'_>) -> Option<String> {
        None
    }
}

/// The systems wspect speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum System {
    /// Raccoon event ingestion.
    Raccoon,
    /// The Stellar event stream of `SaveToWebSocket`.
    SaveToWebSocket,
    /// The `WebSocketMQ` broker.
    WebSocketMq,
    /// Anything else.
    Generic,
}

impl System {
    /// The word used in profiles, on the command line and in JSON lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The system of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        PROTOCOLS
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.system)
    }

    /// The table row of this system.
    #[must_use]
    pub fn row(self) -> &'static Row {
        PROTOCOLS
            .iter()
            .find(|row| row.system == self)
            .unwrap_or(&PROTOCOLS[PROTOCOLS.len() - 1])
    }
}

/// What recognition may look at: whatever is known so far.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The handshake (URL, headers).
    pub opening: &'a Opening,
    /// The first frame from the peer, once there is one.
    pub first: Option<&'a Frame<'a>>,
}

/// How sure a recogniser is, 0 (not this system) to 100, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confidence {
    /// 0 to 100.
    pub percent: u8,
    /// The observation that decided.
    pub why: &'static str,
}

impl Confidence {
    /// Not this system, as far as one can see.
    pub const NONE: Self = Self {
        percent: 0,
        why: "",
    };

    /// `percent` sure because of `why`.
    #[must_use]
    pub const fn new(percent: u8, why: &'static str) -> Self {
        Self { percent, why }
    }
}

/// What a protocol may know of the outside when it is made.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Sixteen random bytes of this session; ids are derived from them.
    pub instance: [u8; 16],
    /// True if pings of the server are left unanswered, to see what it does then.
    pub pongs_held: bool,
    /// `[raccoon]` of the profile.
    pub raccoon: raccoon::Settings,
    /// `[savetowebsocket]` of the profile.
    pub savetowebsocket: savetowebsocket::Settings,
    /// `[websocketmq]` of the profile.
    pub websocketmq: websocketmq::Settings,
    /// `[[on_open]]` and `[correlate]` of the profile.
    pub generic: generic::Settings,
}

/// One system: its name, how to recognise it, how to make its values.
pub struct Row {
    /// Which system.
    pub system: System,
    /// The word used in profiles, on the command line and in JSON lines.
    pub name: &'static str,
    /// The word a person reads.
    pub title: &'static str,
    /// Cheap and total.
    pub recognise: fn(&Evidence<'_>) -> Confidence,
    /// What an answer that is no upgrade means in this system, if it knows better than HTTP.
    pub refused_upgrade: fn(&Settings, &Opening) -> Option<String>,
    /// What it means that nobody listens any more right after TCP ended without a close frame.
    pub gone: Option<&'static str>,
    /// The least time between two dials, also when somebody asks for one.
    pub dial_gap: Duration,
    /// Makes the conversation of one connection.
    pub make: fn(&Settings) -> Box<dyn Protocol>,
    /// Makes the decoder of one session.
    pub decoder: fn(&Settings, Arc<Schema>) -> Arc<dyn Decoder>,
}

/// All systems; the last row is the one that always fits.
pub static PROTOCOLS: [Row; 4] = [
    raccoon::ROW,
    savetowebsocket::ROW,
    websocketmq::ROW,
    generic::ROW,
];

/// The system the evidence speaks for, with the reason; `None` if nothing but the generic
/// reading fits yet.
#[must_use]
pub fn recognise(evidence: &Evidence<'_>) -> Option<(System, Confidence)> {
    PROTOCOLS
        .iter()
        .map(|row| (row.system, (row.recognise)(evidence)))
        .filter(|(system, confidence)| *system != System::Generic && confidence.percent >= 50)
        .max_by_key(|(_, confidence)| confidence.percent)
}
