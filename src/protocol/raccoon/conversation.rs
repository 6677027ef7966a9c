//! One connection's conversation with a Raccoon server.
//!
//! ```text
//!  batch out ─► Batch::read ─► memory, evidence, clocks ─► Summary (asks)
//!  ack in    ─► Ack::read ───► replies: met with its batch, judged ─► Summary (answers)
//!  ping, pong ─► heartbeat, pongs       end ─► traces       panel ─► standing
//! ```

mod replies;
mod standing;

use std::time::Duration;

use super::ackmode::Evidence;
use super::batch::Batch;
use super::clocks::Clocks;
use super::dedup::Dedup;
use super::ending::Traces;
use super::heartbeat::Heartbeat;
use super::memory::{Memory, Repeat};
use super::refusal::Circumstances;
use super::{EncodedBatch, Settings, Transport, Wire, exchange, identity, names};
use crate::entry::{Badge, Kinds, Summary};
use crate::frame::{Direction, Frame, FrameKind, Opening, Stamp};
use crate::protocol::foreign::{self, Foreign};
use crate::protocol::pongs::Pongs;
use crate::protocol::{
    Call, Command, CommandError, End, Fact, Milestone, Outbox, Outgoing, Protocol, Route,
    Unanswered, control, url,
};

/// How long after the 101 a refusal is waited for before the connection counts as usable.
const REFUSAL_WINDOW: Duration = Duration::from_millis(300);

const REFUSAL_DEADLINE: &str = "refusal window";

/// Where the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Upgraded; a refusal may still come.
    Opened,
    /// A reply came, or the window passed without a refusal.
    Live,
    /// Turned away.
    Refused,
}

/// What is counted of this connection's replies, beyond their codes.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Batches sent and not yet answered that had no guid the server could read.
    nameless: u32,
    /// Of those, the ones with camelCase names.
    camel_case: u32,
    /// Replies beyond the number of times their guid was sent.
    doubles: u64,
    /// Replies to guids never sent here.
    strangers: u64,
    /// Failures of batches with more than one event.
    partial: u64,
    /// Replies whose opcode is not their batch's.
    mismatched: u64,
}

/// What is told once per connection.
#[derive(Clone, Copy, Debug)]
enum Once {
    /// The server is SYNC.
    Sync,
    /// Acks out of order where the profile says ASYNC.
    Disorder,
    /// The endpoint is another system's.
    Foreign,
    /// A reply with another opcode.
    Mismatch,
}

/// What is remembered of the connection's frames.
pub(super) struct Conversation {
    settings: Settings,
    phase: Phase,
    /// There is no WebSocket: no refusal, no pings, no acks by themselves.
    only_calls: bool,
    window_ends: Option<Stamp>,
    pongs: Pongs,
    heartbeat: Heartbeat,
    memory: Memory,
    evidence: Evidence,
    dedup: Dedup,
    clocks: Clocks,
    foreign: Foreign,
    traces: Traces,
    circumstances: Circumstances,
    counts: Counts,
    /// Bits of what was told, by [`Once`].
    told: u8,
}

impl Conversation {
    pub(super) fn new(settings: &Settings) -> Self {
        let pong_wait = settings.pong_wait;
        Self {
            phase: Phase::Opened,
            only_calls: false,
            window_ends: None,
            pongs: Pongs::new("pong deadline (presumed)", pong_wait),
            heartbeat: Heartbeat::new(pong_wait),
            memory: Memory::default(),
            evidence: Evidence::new(settings.ack_mode),
            dedup: Dedup::default(),
            clocks: Clocks::default(),
            foreign: Foreign::to(super::ROW.system),
            traces: Traces::default(),
            circumstances: Circumstances::default(),
            counts: Counts::default(),
            told: 0,
            settings: settings.clone(),
        }
    }

    fn batch<'a>(&mut self, frame: &Frame<'a>) -> Summary<'a> {
        let batch = Batch::read(frame);
        let is_call = frame.kind == FrameKind::Request;
        let mut notes = batch.notes(frame.at.wall_us / 1_000_000);
        let digest = foreign::digest(frame.message());
        let (number, repeat) = self.memory.sent(&batch, frame, digest);
        if let Some(repeat) = repeat {
            notes.insert(0, repeated(repeat, is_call));
        }
        if batch.error.is_none() {
            self.clocks.batch(batch.sent, frame.at);
        }
        if is_call {
            // The answer to a call is its own, so a guid is not needed to tell which it is.
            notes.retain(|note| !note.starts_with("no req_guid"));
        } else {
            self.foreign.sent(digest);
            let forget = self.settings.ack_timeout;
            self.evidence.sent(number, frame.at, forget);
            self.trace(&batch, frame.at);
        }
        let badge = if batch.error.is_some() {
            Badge::Malformed
        } else {
            Badge::Batch
        };
        let (label, kinds) = if batch.error.is_some() && batch.tally.total() == 0 {
            (frame.glance(), Kinds::default())
        } else {
            batch.tally.labelled()
        };
        let mut summary = Summary::new(badge, label);
        summary.kinds = kinds;
        summary.group = super::way(frame);
        // A call is its own answer's address; without a guid the session gives it a key.
        if !batch.guid.is_empty() || is_call {
            summary = summary.asking(batch.guid, Some(self.settings.ack_timeout));
        }
        summary.note = notes.into_iter().next();
        summary.error = batch.error;
        summary
    }

    /// Remembers of a batch what may explain the end of the connection, or a reply without guid.
    fn trace(&mut self, batch: &Batch<'_>, at: Stamp) {
        if batch.null_event {
            self.traces.null_event = Some(at);
        }
        if batch.error.is_some() {
            self.traces.malformed = Some(at);
        } else {
            self.traces.valid = Some(at);
        }
        if batch.guid.is_empty() {
            self.counts.nameless = self.counts.nameless.saturating_add(1);
            self.counts.camel_case += u32::from(batch.camel_case);
        }
    }

    /// True the first time.
    fn is_first(&mut self, what: Once) -> bool {
        let bit = 1 << what as u8;
        let first = self.told & bit == 0;
        self.told |= bit;
        first
    }

    fn goes_live(&mut self, out: &mut Outbox) {
        if self.phase == Phase::Opened {
            self.phase = Phase::Live;
            self.window_ends = None;
            out.drop_deadline(REFUSAL_DEADLINE);
            out.milestones
                .push(Milestone::Live("the server answered".to_owned()));
        }
    }
}

/// What it means to send a guid again.
fn repeated(repeat: Repeat, is_call: bool) -> String {
    let content = if repeat.same {
        ""
    } else {
        ", with other content"
    };
    let before = match i64::from(repeat.code) {
        names::INTERNAL_ERROR => {
            " after it failed: the events that were published then are published again, the server has forgotten the guid"
        }
        _ if is_call => ": over REST and gRPC there is no dedup, so the events are published twice",
        _ => {
            ": with dedup on the server drops the batch with a success, without it the events are published twice"
        }
    };
    format!("this req_guid was sent before on this connection{content}{before}")
}

impl Protocol for Conversation {
    fn opened(&mut self, opening: &Opening, now: Stamp, out: &mut Outbox) {
        if !url::is_websocket(&opening.url) {
            self.only_calls = true;
            self.phase = Phase::Live;
            let how = exchange::first_sign(opening);
            out.milestones.push(Milestone::Live(how));
            return;
        }
        let ends = now.after(REFUSAL_WINDOW);
        self.window_ends = Some(ends);
        out.deadline(REFUSAL_DEADLINE, ends);
        self.pongs.opened(now, out);
        self.heartbeat.opened(now);
        self.foreign.opened(opening);
        self.traces.opened = Some(now);
        self.circumstances = Circumstances::new(opening, self.settings.pong_wait);
        if !opening.reconnect {
            if let Some(warning) = identity::warning(&self.settings) {
                out.note(warning);
            }
            identity::odd_upgrade(&self.settings, opening, out);
        }
    }

    fn observed<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        match (frame.kind, frame.direction) {
            (FrameKind::Text | FrameKind::Binary | FrameKind::Request, Direction::Out) => {
                return self.batch(frame);
            }
            (FrameKind::Text | FrameKind::Binary | FrameKind::Response, Direction::In) => {
                return self.reply(frame, out);
            }
            (FrameKind::Ping, Direction::In) => self.heartbeat.ping(frame, out),
            (FrameKind::Ping, Direction::Out) => self.heartbeat.own_ping(frame),
            (FrameKind::Pong, Direction::In) => {
                if let Some(took) = self.heartbeat.pong(frame) {
                    self.evidence.round_trip(took);
                }
            }
            (FrameKind::Pong, Direction::Out) => {
                self.heartbeat.pong_sent(frame.at);
                self.pongs.sent(frame.at, out);
            }
            _ => {}
        }
        control::summary(frame).unwrap_or_default()
    }

    fn commanded(
        &mut self,
        command: Command,
        _: Stamp,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        match command {
            Command::Raw(outgoing) => out.sends.push(outgoing),
            Command::Batch(batch) => out.sends.push(outgoing(batch)),
            other => {
                return Err(CommandError::NotSpoken {
                    system: super::ROW.title,
                    command: other.name(),
                });
            }
        }
        Ok(())
    }

    fn elapsed(&mut self, now: Stamp, out: &mut Outbox) {
        if self.window_ends.is_some_and(|ends| now.mono >= ends.mono) {
            self.window_ends = None;
            self.phase = Phase::Live;
            out.milestones.push(Milestone::Live(
                "no refusal came within 300 ms of the upgrade".to_owned(),
            ));
        }
        self.pongs.elapsed(now, out);
        self.heartbeat.elapsed(now, out);
    }

    fn standing(&self, now: Stamp) -> Vec<Fact> {
        self.facts(now)
    }

    fn unanswered(&self, ask: &Unanswered<'_>, now: Stamp) -> Option<String> {
        Some(self.why_unanswered(ask.key, ask.cut, now))
    }

    fn explain_end(&self, end: &End) -> Option<String> {
        if self.only_calls {
            return None;
        }
        let state = (self.evidence.waiting(), self.heartbeat.is_close());
        self.traces
            .explain(end, &self.pongs, self.settings.pong_wait, state)
    }
}

/// The frame or call that carries a batch.
fn outgoing(batch: EncodedBatch) -> Outgoing {
    let route = match (batch.transport, batch.wire) {
        (Transport::WebSocket, Wire::Protobuf) => return Outgoing::Binary(batch.bytes),
        (Transport::WebSocket, Wire::Json) => return Outgoing::Text(batch.bytes),
        (Transport::Rest, _) => Route::Rest,
        (Transport::Grpc, _) => Route::Grpc,
    };
    Outgoing::Call(Call {
        route,
        content_type: match batch.wire {
            Wire::Protobuf => "application/proto".into(),
            Wire::Json => "application/json".into(),
        },
        method: names::SEND_EVENT.into(),
        body: batch.bytes,
    })
}
