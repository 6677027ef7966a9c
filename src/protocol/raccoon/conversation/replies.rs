//! Replies: met with their batches, and judged.

use super::{Conversation, Once, Phase, REFUSAL_DEADLINE};
use crate::entry::{Badge, Summary, Verdict};
use crate::frame::{Frame, FrameKind, Stamp};
use crate::protocol::raccoon::ack::Ack;
use crate::protocol::raccoon::memory::Answer;
use crate::protocol::raccoon::{exchange, names, refusal};
use crate::protocol::{Milestone, Outbox};

/// What a reply without a contract's code is counted as.
const NO_CODE: &str = "(no code of the contract)";
const MISMATCH: &str = "the reply's opcode differs from its batch's: a Raccoon server answers text with text and binary with binary";

impl Conversation {
    /// A message came, over the WebSocket or as the answer to a call.
    pub(super) fn reply<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        let is_call = frame.kind == FrameKind::Response;
        let ack = Ack::read(frame);
        if ack.error.is_some() || !ack.is_possible() {
            let exchange = frame.exchange();
            let failed = exchange.and_then(|exchange| exchange::failure(frame, &exchange));
            return failed.unwrap_or_else(|| self.odd(frame, ack, out));
        }
        if !is_call {
            if ack.is_refusal() {
                return self.refusal(&ack, out);
            }
            self.goes_live(out);
            self.traces.reply = Some(frame.at);
            if ack.is_success() {
                self.traces.succeeded(frame.at);
            }
        }
        let answer = match ack.key() {
            Some(guid) => self.memory.answered(guid, ack.code, frame.at),
            None => None,
        };
        let sent = answer.filter(|answer| answer.sends == 1);
        let skew = self
            .clocks
            .reply(ack.sent, sent.map(|answer| answer.sent), frame.at);
        if let Some(skew) = skew {
            out.note(skew);
        }
        let mut note = match &answer {
            Some(answer) => self.met(answer, &ack, frame, out),
            None if is_call => None,
            None => self.unmet(&ack).map(str::to_owned),
        };
        if !ack.is_success() {
            let why = self.failure(&ack, note, out);
            note = Some(in_call(frame, &why).unwrap_or(why));
        }
        let mut summary = summary(&ack);
        if ack.key().is_some() || is_call {
            let verdict = if ack.is_success() {
                Verdict::Ok
            } else {
                Verdict::Error
            };
            summary = summary.answering(ack.guid.unwrap_or_default(), verdict);
        }
        summary.note = note;
        summary
    }

    /// The batch of the reply is known.
    fn met(
        &mut self,
        answer: &Answer,
        ack: &Ack<'_>,
        frame: &Frame<'_>,
        out: &mut Outbox,
    ) -> Option<String> {
        let mut note = None;
        if answer.sends == 1 && answer.replies == 1 {
            let late = self.evidence.answered(answer, ack.code);
            self.tell_sync(out);
            if late && self.evidence.is_told_async() {
                note = Some("this ack came after a younger batch's: with EVENT_ACK=0 acks come in request order, so the server runs SYNC or something in between reorders".to_owned());
                if self.is_first(Once::Disorder) {
                    out.notes.extend(note.clone().map(crate::protocol::Note));
                }
            }
        } else if answer.kind != FrameKind::Request {
            self.evidence.settled();
            note = self.again(answer, ack.code);
        }
        let is_call = frame.kind == FrameKind::Response;
        if !is_call && answer.kind != FrameKind::Request && answer.kind != frame.kind {
            self.counts.mismatched += 1;
            if self.is_first(Once::Mismatch) {
                out.note(MISMATCH);
            }
            note.get_or_insert_with(|| MISMATCH.to_owned());
        }
        note
    }

    /// Another reply to a guid, or a reply to one that was sent more than once.
    fn again(&mut self, answer: &Answer, code: i64) -> Option<String> {
        let reversed = i64::from(answer.before) == names::OK && code == names::INTERNAL_ERROR;
        if answer.replies > answer.sends {
            self.counts.doubles += 1;
            let times = answer.sends;
            return Some(if reversed {
                "a success came before under this guid, and now a failure: the final state is the failure".to_owned()
            } else {
                format!(
                    "reply {} to a guid that was sent {times} time(s): a Raccoon server answers each message once, so something in between repeats replies, or another client's came here",
                    answer.replies
                )
            });
        }
        let usual = self.evidence.usual();
        self.dedup.answered(answer, code, usual);
        (reversed && answer.raced).then(|| "success, then failure under one guid: the repetition was swallowed by dedup while the first batch was still being published; the final state is the failure".to_owned())
    }

    /// No batch of this reply is known.
    fn unmet(&mut self, ack: &Ack<'_>) -> Option<&'static str> {
        self.evidence.settled();
        if self.memory.is_empty() {
            // The system was recognised by this very reply, so its batch was not seen.
            return None;
        }
        if ack.key().is_some() {
            self.counts.strangers += 1;
            return Some(
                "answers a guid that was never sent on this connection: acks are bound to their connection, so something in between mixes connections up",
            );
        }
        let counts = &mut self.counts;
        if counts.camel_case > 0 && ack.is_success() {
            counts.camel_case -= 1;
            counts.nameless = counts.nameless.saturating_sub(1);
            return Some(
                "a success without req_guid, and a batch with camelCase names was sent: its content was probably discarded",
            );
        }
        if counts.nameless > 0 {
            counts.nameless -= 1;
            return Some("answers a batch without req_guid; which one cannot be told");
        }
        Some("no req_guid although every batch sent had one: the server could not read it")
    }

    /// What a failed batch is told with, and what it says about the server.
    fn failure(&mut self, ack: &Ack<'_>, note: Option<String>, out: &mut Outbox) -> String {
        let types = ack.key().and_then(|guid| self.memory.event_types(guid));
        let several = types.as_ref().is_some_and(|types| types.len() > 1);
        let mut text = ack.notes_for(types.as_deref()).join("; ");
        if let Some(note) = note.filter(|_| ack.key().is_some()) {
            text = format!("{note}; {text}");
        }
        if ack.code == names::INTERNAL_ERROR {
            self.counts.partial += u64::from(several);
            self.evidence.failed();
        }
        self.tell_sync(out);
        text
    }

    /// Tells once that the server was found to be SYNC.
    fn tell_sync(&mut self, out: &mut Outbox) {
        if self.evidence.is_proven_sync() && self.is_first(Once::Sync) {
            let verdict = self.evidence.verdict();
            out.note(format!(
                "the server is {}, it acknowledges after publishing: {}",
                verdict.title(),
                verdict.evidence
            ));
        }
    }

    fn refusal<'a>(&mut self, ack: &Ack<'a>, out: &mut Outbox) -> Summary<'a> {
        let judged = self.circumstances.judge(ack);
        let mut advice = judged.advice;
        let id = refusal::refused_id(&ack.reason).map(|(_, id)| id);
        if let Some("") = id {
            advice = format!(
                "the id is empty (no {} header, or one without a value) and another connection without an id is there: set a unique id",
                self.settings.id_header
            );
        }
        if let Some(note) = ack.notes().into_iter().next() {
            advice = format!("{advice}; {note}");
        }
        if self.phase != Phase::Refused {
            self.phase = Phase::Refused;
            self.window_ends = None;
            let bytes = ack.broken_reason.map(<[u8]>::len);
            let long = bytes.unwrap_or(ack.reason.len()) > LONG_REASON;
            let long = id.map_or(long, |id| id.len() > refusal::ID_MAX);
            self.traces.refused = Some((ack.code, long));
            out.drop_deadline(REFUSAL_DEADLINE);
            self.pongs.stop(out);
            self.heartbeat.stop(out);
            out.milestones.push(Milestone::Refused {
                code: ack.code,
                reason: ack.reason.clone().into_owned(),
                advice: advice.clone(),
                retry_after_ms: u64::try_from(judged.retry_after.as_millis()).unwrap_or(u64::MAX),
            });
        }
        let mut summary = summary(ack).noting(advice);
        summary.badge = Badge::Refusal;
        summary
    }

    /// A message that is none of the replies a Raccoon server sends.
    fn odd<'a>(&mut self, frame: &Frame<'a>, ack: Ack<'a>, out: &mut Outbox) -> Summary<'a> {
        let is_call = frame.kind == FrameKind::Response;
        let recognised = if is_call {
            None
        } else {
            self.foreign.judge(frame)
        };
        if let Some(what) = &recognised
            && self.is_first(Once::Foreign)
        {
            out.note(what.clone());
        }
        let mut read = if let Some(error) = ack.error {
            let read = Summary::new(Badge::Malformed, frame.glance()).failing(error);
            if is_call {
                read.answering("", Verdict::Error)
            } else {
                read
            }
        } else {
            if recognised.is_none() && !is_call {
                self.goes_live(out);
            }
            let mut read = summary(&ack);
            read.note = ack.notes().into_iter().next();
            if ack.key().is_some() || is_call {
                read = read.answering(ack.guid.unwrap_or_default(), Verdict::Error);
            }
            read
        };
        if recognised.is_some() {
            read.note = recognised;
            read.badge = Badge::Malformed;
            read.counted = "";
        }
        read
    }

    /// Why no ack came, as far as one can tell.
    pub(super) fn why_unanswered(&self, key: &str, cut: bool, now: Stamp) -> String {
        let sent = self.memory.get(key);
        let is_call = sent.is_some_and(|sent| sent.kind == FrameKind::Request);
        if cut && !is_call {
            return "the connection ended before the ack: the batch may have been published all the same, and its ack is not sent again after a reconnect; sent again it is published twice then, since dedup forgets with the connection".to_owned();
        }
        if is_call {
            return "the call was not answered: a SYNC server answers when its sink does, an ASYNC one when its queue has room".to_owned();
        }
        let blocked = self
            .heartbeat
            .own_unanswered(now)
            .is_some_and(|waits| waits > std::time::Duration::from_secs(1));
        if blocked {
            return "our newest ping is unanswered too, so the server's reader is blocked: back-pressure (its queue is full), or the connection is dead".to_owned();
        }
        if self.evidence.is_proven_sync() {
            return "the server is SYNC and its sink is slow (Pub/Sub and Kinesis may take a minute, Kafka five); the ack may still come, and sending the batch again publishes it twice".to_owned();
        }
        "no ack in time: SYNC with a slow sink, back-pressure, or the handler crashed; the ack may still come".to_owned()
    }
}

/// A failure with what its call says, if it came in one.
fn in_call(frame: &Frame<'_>, why: &str) -> Option<String> {
    let exchange = frame.exchange()?;
    Some(match exchange.status() {
        Some(status) if status != 200 => format!("HTTP {status}; {why}"),
        _ => {
            let over = if exchange.is_grpc() { "RPC" } else { "request" };
            format!(
                "the {over} is OK and the batch is not: status=2 inside a successful call; {why}"
            )
        }
    })
}

/// Length of a duplicate's reason whose id is too long for the close frame, with the default group.
const LONG_REASON: usize = refusal::ID_MAX + "duplicated connection: [--default--] ,".len();

fn summary<'a>(ack: &Ack<'a>) -> Summary<'a> {
    let mut summary = Summary::new(Badge::Ack, ack.label());
    summary.counted = names::code(ack.code).unwrap_or(NO_CODE);
    summary
}
