//! Calls over the session's REST and gRPC twins: each a task, both halves logged as frames.
//!
//! ```text
//!  Outgoing::Call ─► waiting ─► launch: Request frame, ask under K ─► task ─┬─► answer: Response
//!                    (in order)                                             │   frame, answers K
//!                                                                           └─► none: K is lost
//! ```
//!
//! An answer belongs to its call whatever it names: an HTTP 400 or a gRPC error carries no guid.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};

use super::super::books::{Books, Crossing};
use super::super::lifecycle::EndedBy;
use super::super::twins::Client;
use super::Talk;
use crate::entry::{Badge, Correlation, Summary, Verdict};
use crate::frame::{Direction, Frame, FrameKind, Stamp, Wire, exchange_payload};
use crate::profile::secret;
use crate::protocol::raccoon::{Failure, FailureKind};
use crate::protocol::{Call, CommandError, Outgoing};
use crate::transport::{Answer, CallError, Outlet, Request, clock};

/// Most calls under way at once; further ones wait in order.
const FLYING_MAX: usize = 128;
/// Calls waiting at which no more orders are taken.
const WAITING_MAX: usize = 1_024;
/// Bytes of waiting calls at which no more orders are taken.
const WAITING_BYTES_MAX: usize = 4 << 20;
/// How much longer than its ask a call may take, so that a late answer is seen to be late.
const GRACE: Duration = Duration::from_secs(30);

/// The calls of one connection. Dropped with it, which ends those under way.
#[derive(Debug, Default)]
pub(super) struct Calls {
    flying: JoinSet<Landed>,
    /// To end a call whose batch is sent again; kept only where that may be.
    aborts: HashMap<Arc<str>, AbortHandle>,
    /// With the key of a batch that is sent again.
    waiting: VecDeque<(Client, Call, Option<Arc<str>>)>,
    waiting_bytes: usize,
    /// Calls launched so far.
    count: u64,
    /// The newest failure told, so that a server that is down is told once.
    told: String,
}

/// A call that is over.
#[derive(Debug)]
struct Landed {
    /// What the ledger knows it by.
    key: Arc<str>,
    result: Result<Answer, CallError>,
}

impl Calls {
    /// True while more may be handed over.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < WAITING_MAX && self.waiting_bytes < WAITING_BYTES_MAX
    }

    fn wait(&mut self, client: Client, (call, again): (Call, Option<Arc<str>>)) {
        self.waiting_bytes += call.body.len();
        self.waiting.push_back((client, call, again));
    }

    /// Ends the call under `key`, if there is one: its answer is wanted no more.
    pub(super) fn forget(&mut self, key: &str) {
        if let Some(call) = self.aborts.remove(key) {
            call.abort();
        }
    }

    fn next(&mut self) -> Option<(Client, Call, Option<Arc<str>>)> {
        if self.flying.len() >= FLYING_MAX {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.waiting_bytes -= next.1.body.len();
        Some(next)
    }
}

impl Talk {
    /// True while more calls may be handed over.
    pub(in crate::session) fn has_room(&self) -> bool {
        self.calls.has_room()
    }

    /// Takes a call: it starts at once if not too many are under way. One that is made again has
    /// its key.
    pub(super) fn call(
        &mut self,
        books: &mut Books,
        out: &mut Outlet,
        call: (Call, Option<Arc<str>>),
        now: Stamp,
    ) {
        let mut note = None;
        let route = call.0.route;
        match books.twins.client(route, |told| note = Some(told)) {
            Ok(client) => self.calls.wait(client, call),
            Err(why) => books.reject(route.name(), CommandError::Invalid(why)),
        }
        if let Some(note) = note {
            books.note(note);
        }
        self.launch_waiting(books, out, now);
    }

    fn launch_waiting(&mut self, books: &mut Books, out: &mut Outlet, now: Stamp) {
        while let Some((client, call, again)) = self.calls.next() {
            self.launch(books, out, (&client, &call, again), now);
        }
    }

    fn launch(
        &mut self,
        books: &mut Books,
        out: &mut Outlet,
        (client, call, again): (&Client, &Call, Option<Arc<str>>),
        now: Stamp,
    ) {
        self.calls.count += 1;
        let mut request = client.request(call, Duration::ZERO);
        let payload = payload_of(&request);
        let frame = frame(books, FrameKind::Request, Direction::Out, now, &payload);
        let mut summary = self.protocol.observed(&frame, &mut self.outbox);
        let (key, within) = self.key(books, &summary);
        let key = again.unwrap_or(key);
        let within = self.retries.timeout().unwrap_or(within);
        request.limit = within + GRACE;
        let outgoing = || Outgoing::Call(call.clone());
        if let Some(note) = self.retries.sent(&key, outgoing, now) {
            books.retries.sent.push(frame.seq);
            summary.note = Some(note);
        }
        summary.correlation = Correlation::Asks {
            key: key.to_string().into(),
            within: Some(within),
        };
        books.record(&crossing(frame, &wire(&payload)), summary);
        let client = client.clone();
        let landing = Arc::clone(&key);
        let abort = self.calls.flying.spawn(async move {
            let result = client.call(request).await;
            Landed {
                key: landing,
                result,
            }
        });
        if self.retries.is_on() {
            self.calls.aborts.insert(key, abort);
        }
        if !self.outbox.is_empty() {
            self.apply(books, out, now);
        }
    }

    /// The key and deadline of a request: what its protocol says; if that is nothing, or in use, a
    /// key of the call's own.
    fn key(&self, books: &Books, summary: &Summary<'_>) -> (Arc<str>, Duration) {
        let own = self.calls.count;
        match &summary.correlation {
            Correlation::Asks { key, within } => {
                let key: Arc<str> = if key.is_empty() {
                    format!("call {own}").into()
                } else if books.ledger.is_open(Direction::Out, key) {
                    format!("{key} (call {own})").into()
                } else {
                    (&**key).into()
                };
                (key, within.unwrap_or(books.plan.reply_timeout))
            }
            _ => (format!("call {own}").into(), books.plan.reply_timeout),
        }
    }

    /// Takes what has landed. True if anything had.
    pub(in crate::session) fn poll_calls(
        &mut self,
        books: &mut Books,
        out: &mut Outlet,
        cx: &mut Context<'_>,
    ) -> bool {
        let mut any = false;
        while !books.log.is_full()
            && let Poll::Ready(Some(joined)) = self.calls.flying.poll_join_next(cx)
        {
            any = true;
            match joined {
                Ok(landed) => self.land(books, out, landed),
                Err(error) if error.is_cancelled() => {}
                Err(error) => tracing::error!("a call's task failed: {error}"),
            }
        }
        if any {
            let now = clock::now();
            self.launch_waiting(books, out, now);
        }
        any
    }

    fn land(&mut self, books: &mut Books, out: &mut Outlet, landed: Landed) {
        self.calls.aborts.remove(&landed.key);
        match landed.result {
            Ok(answer) => self.answered(books, out, &landed.key, &answer),
            Err(error) => self.unanswered(books, &landed.key, &error),
        }
    }

    fn answered(&mut self, books: &mut Books, out: &mut Outlet, asked: &str, answer: &Answer) {
        self.calls.told.clear();
        let headers = answer.headers.iter().map(masked);
        let payload = exchange_payload(&answer.start_line, headers, &answer.body);
        let at = answer.at;
        let frame = frame(books, FrameKind::Response, Direction::In, at, &payload);
        let mut summary = self.protocol.observed(&frame, &mut self.outbox);
        let (verdict, foreign) = match &summary.correlation {
            Correlation::Answers { key, verdict } => {
                // A call whose guid was in use has it in its key, with its number behind.
                let is_own = key.is_empty()
                    || asked == &**key
                    || asked.starts_with(&format!("{key} (call "));
                (*verdict, (!is_own).then(|| key.to_string()))
            }
            _ if answer.status == 200 => (Verdict::Ok, None),
            _ => (Verdict::Error, None),
        };
        if let Some(foreign) = foreign {
            summary.note = Some(format!(
                "the answer names {foreign}, but its call carried {asked}: something between \
                 mixes answers up"
            ));
        }
        summary.correlation = Correlation::Answers {
            key: asked.to_owned().into(),
            verdict,
        };
        if self.retries.is_on() {
            let failure = (verdict == Verdict::Error).then(|| failure_of(answer, &summary));
            let place = (frame.seq, at);
            self.settle(books, asked, failure.as_ref(), place, &mut summary.note);
        }
        books.record(&crossing(frame, &wire(&payload)), summary);
        if !self.outbox.is_empty() {
            self.apply(books, out, at);
        }
    }

    fn unanswered(&mut self, books: &mut Books, asked: &str, error: &CallError) {
        let why = error.to_string();
        if self.calls.told != why {
            books.note(why.clone());
            self.calls.told.clone_from(&why);
        }
        // An ask given up before has been told as lost already.
        if let Some(lost) = books.ledger.fail(Direction::Out, asked, &why) {
            let note = self.protocol.unanswered(&lost.told(false), clock::now());
            self.give_up(books, &lost, note, clock::now());
        }
        // While something waits to be sent again, the server may come back.
        if !self.has_socket && error.is_unreachable() && self.retries.waiting() == 0 {
            self.lost_touch(EndedBy::Network, "unreachable", why);
        }
    }
}

/// What a failed answer means to a client library.
fn failure_of(answer: &Answer, summary: &Summary<'_>) -> Failure {
    let rpc = answer
        .headers
        .iter()
        .rev()
        .find(|(name, _)| name.eq_ignore_ascii_case("grpc-status"));
    Failure {
        kind: summary.error.is_some().then_some(FailureKind::Undecodable),
        http: Some(answer.status),
        rpc: rpc.and_then(|(_, value)| value.trim().parse().ok()),
        batch: summary.badge == Badge::Ack,
    }
}

/// What is logged of a request: secrets masked.
fn payload_of(request: &Request) -> Vec<u8> {
    let headers = request.headers.iter().map(masked);
    exchange_payload(&request.start_line, headers, &request.body)
}

fn masked((name, value): &(String, String)) -> (&str, &str) {
    (name, secret::mask_header(name, value))
}

fn frame<'a>(
    books: &Books,
    kind: FrameKind,
    direction: Direction,
    at: Stamp,
    payload: &'a [u8],
) -> Frame<'a> {
    Frame {
        seq: books.log.next(),
        at,
        direction,
        kind,
        payload,
    }
}

fn wire(payload: &[u8]) -> Wire {
    Wire {
        bytes: payload.len() as u64,
        ..Wire::default()
    }
}

fn crossing<'a>(frame: Frame<'a>, wire: &'a Wire) -> Crossing<'a> {
    Crossing {
        frame,
        wire,
        problem: None,
        round_trip: None,
    }
}
