//! One connection's conversation with a Raccoon server.

use std::time::Duration;

use super::ack::Ack;
use super::batch::Batch;
use super::guids::Guids;
use super::{EncodedBatch, Settings, Transport, Wire, exchange, names};
use crate::entry::{Badge, Kinds, Summary, Verdict};
use crate::frame::{Direction, Exchange, Frame, FrameKind, Opening, Stamp};
use crate::protocol::pongs::Pongs;
use crate::protocol::{
    Call, Command, CommandError, End, Milestone, Outbox, Outgoing, Protocol, Route, control, url,
};

/// How long after the 101 a refusal is waited for before the connection counts as usable.
const REFUSAL_WINDOW: Duration = Duration::from_millis(300);
/// Clock difference below which nothing is said: the server tells whole seconds, truncated.
const SKEW: Duration = Duration::from_secs(3);

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

/// What is remembered of the connection's frames.
pub(super) struct Conversation {
    ack_timeout: Duration,
    phase: Phase,
    window_ends: Option<Stamp>,
    pongs: Pongs,
    guids: Guids,
    /// Batches sent and not yet answered that had no guid the server could read.
    nameless: u32,
    /// Of those, the ones with camelCase names.
    camel_case: u32,
    skew_told: bool,
    /// There is no WebSocket: no refusal, no pings, no acks by themselves.
    only_calls: bool,
    /// A batch with a null event has been sent.
    null_event: bool,
}

impl Conversation {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            ack_timeout: settings.ack_timeout,
            phase: Phase::Opened,
            window_ends: None,
            // The server does not announce its deadline; 60 s is its default.
            pongs: Pongs::new("pong deadline (presumed)"),
            guids: Guids::default(),
            nameless: 0,
            camel_case: 0,
            skew_told: false,
            only_calls: false,
            null_event: false,
        }
    }

    fn batch<'a>(&mut self, frame: &Frame<'a>) -> Summary<'a> {
        let batch = Batch::read(frame);
        let mut notes = batch.notes(frame.at.wall_us / 1_000_000);
        let is_call = frame.kind == FrameKind::Request;
        self.null_event |= batch.null_event && !is_call;
        if is_call {
            // A call's answer is its own, and dedup is the WebSocket's alone.
            notes.retain(|note| !note.starts_with("no req_guid"));
            if !batch.guid.is_empty() && self.guids.remember(&batch.guid, frame.kind) {
                notes.insert(0, "this req_guid was sent before on this connection: over REST and gRPC there is no dedup, so its events are published twice".to_owned());
            }
        } else if batch.guid.is_empty() {
            self.nameless = self.nameless.saturating_add(1);
            self.camel_case += u32::from(batch.camel_case);
        } else if self.guids.remember(&batch.guid, frame.kind) {
            notes.insert(0, "this req_guid was sent before on this connection: with dedup on the server drops the batch with a success, without it the events are published twice".to_owned());
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
        // Without a guid the session gives a call a key.
        if !batch.guid.is_empty() || is_call {
            summary = summary.asking(batch.guid, Some(self.ack_timeout));
        }
        summary.note = notes.into_iter().next();
        summary.error = batch.error;
        summary
    }

    fn ack<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        if let Some(exchange) = frame.exchange() {
            return self.answer(frame, &exchange, out);
        }
        let ack = Ack::read(frame);
        if let Some(error) = ack.error {
            return Summary::new(Badge::Malformed, frame.glance()).failing(error);
        }
        if ack.is_refusal() {
            return self.refusal(&ack, out);
        }
        self.goes_live(out);
        self.compare_clocks(&ack, frame.at, out);
        let nameless = ack.key().is_none().then(|| self.nameless_note(&ack));
        let note = if ack.is_success() && ack.code == names::OK {
            let guid = ack.key();
            let mismatch = guid.and_then(|guid| self.guids.mismatch(guid, frame.kind));
            mismatch.or(nameless).map(str::to_owned)
        } else {
            ack.notes().into_iter().next()
        };
        let verdict = if ack.is_success() {
            Verdict::Ok
        } else {
            Verdict::Error
        };
        let mut summary = Summary::new(Badge::Ack, ack.label());
        if ack.key().is_some() {
            summary = summary.answering(ack.guid.unwrap_or_default(), verdict);
        }
        summary.note = note;
        summary
    }

    /// The answer to a call. It says nothing about the WebSocket.
    fn answer<'a>(
        &mut self,
        frame: &Frame<'a>,
        exchange: &Exchange<'a>,
        out: &mut Outbox,
    ) -> Summary<'a> {
        if let Some(failure) = exchange::failure(frame, exchange) {
            return failure;
        }
        let ack = Ack::read(frame);
        if let Some(error) = ack.error {
            let summary = Summary::new(Badge::Malformed, frame.glance()).failing(error);
            return summary.answering("", Verdict::Error);
        }
        self.compare_clocks(&ack, frame.at, out);
        let mut summary = Summary::new(Badge::Ack, ack.label());
        let mut note = ack.notes().into_iter().next();
        let verdict = if ack.is_success() {
            Verdict::Ok
        } else {
            let over = if exchange.is_grpc() { "RPC" } else { "request" };
            let why = note.unwrap_or_default();
            note = Some(format!(
                "the {over} is OK and the batch is not: status={} inside a successful call; {why}",
                ack.status
            ));
            Verdict::Error
        };
        summary = summary.answering(ack.guid.unwrap_or_default(), verdict);
        summary.note = note;
        summary
    }

    fn refusal<'a>(&mut self, ack: &Ack<'_>, out: &mut Outbox) -> Summary<'a> {
        let facts = ack.refusal();
        if self.phase != Phase::Refused {
            self.phase = Phase::Refused;
            self.window_ends = None;
            out.drop_deadline(REFUSAL_DEADLINE);
            self.pongs.stop(out);
            out.milestones.push(Milestone::Refused {
                code: ack.code,
                reason: ack.reason.clone().into_owned(),
                advice: facts.advice.clone(),
                retry_after_ms: facts.retry_after_ms,
            });
        }
        Summary::new(Badge::Refusal, ack.label()).noting(facts.advice)
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

    /// Why a reply names no batch.
    fn nameless_note(&mut self, ack: &Ack<'_>) -> &'static str {
        if self.camel_case > 0 && ack.is_success() {
            self.camel_case -= 1;
            self.nameless = self.nameless.saturating_sub(1);
            return "a success without req_guid, and a batch with camelCase names was sent: its content was probably discarded";
        }
        if self.nameless > 0 {
            self.nameless -= 1;
            return "answers a batch without req_guid; which one cannot be told";
        }
        "no req_guid although every batch sent had one: the server could not read it"
    }

    /// Tells once how far the server's clock is off.
    fn compare_clocks(&mut self, ack: &Ack<'_>, at: Stamp, out: &mut Outbox) {
        if self.skew_told || ack.sent <= 0 {
            return;
        }
        let ahead = ack
            .sent
            .saturating_mul(1_000_000)
            .saturating_sub(at.wall_us);
        if ahead.unsigned_abs() > SKEW.as_micros() as u64 {
            self.skew_told = true;
            let way = if ahead > 0 { "ahead of" } else { "behind" };
            let seconds = ahead.unsigned_abs() / 1_000_000;
            out.note(format!(
                "the server's clock is about {seconds} s {way} this one (its sent_time counts whole seconds)"
            ));
        }
    }
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
    }

    fn observed<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        match (frame.kind, frame.direction) {
            (FrameKind::Text | FrameKind::Binary | FrameKind::Request, Direction::Out) => {
                self.batch(frame)
            }
            (FrameKind::Text | FrameKind::Binary | FrameKind::Response, Direction::In) => {
                self.ack(frame, out)
            }
            (FrameKind::Pong, Direction::Out) => {
                self.pongs.sent(frame.at, out);
                control::summary(frame).unwrap_or_default()
            }
            _ => control::summary(frame).unwrap_or_default(),
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
    }

    fn explain_end(&self, end: &End) -> Option<String> {
        if end.by_us || self.only_calls {
            return None;
        }
        if self.phase == Phase::Refused {
            return Some(match end.code {
                1006 => "refused, and the close frame is missing: the reason did not fit, which is so for an id of more than 101 bytes",
                _ => "refused after the upgrade; the binary frame before says why",
            }.to_owned());
        }
        if end.code != 1006 {
            return None;
        }
        if self.null_event {
            return Some("TCP ended without a close frame after a batch with a null event, which crashes the server's handler".to_owned());
        }
        self.pongs.explain(end).or_else(|| {
            Some("TCP ended without a close frame: this server does so when it shuts down or crashes, and then events it has just acknowledged may be lost".to_owned())
        })
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
