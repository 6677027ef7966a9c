//! Calls over the session's REST and gRPC twins: each a task, both halves logged as frames.
//!
//! ```text
//!  Outgoing::Call ─► waiting ─► launch: Request frame, ask under K ─► task ─┬─► answer: Response
//!                    (in order)                                             │   frame, answers K
//!                                                                           └─► none: K is lost
//! ```
//!
//! An answer belongs to its call whatever it names: an HTTP 400 or a gRPC error carries no guid.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::books::{Books, Crossing};
use super::super::lifecycle::EndedBy;
use super::super::twins::Client;
use super::Talk;
use crate::entry::{Correlation, Summary, Verdict};
use crate::frame::{Direction, Frame, FrameKind, Stamp, Wire, exchange_payload};
use crate::profile::secret;
use crate::protocol::{Call, CommandError};
use crate::transport::{Answer, CallError, Outlet, Request};

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
    waiting: VecDeque<(Client, Call)>,
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

    fn wait(&mut self, client: Client, call: Call) {
        self.waiting_bytes += call.body.len();
        self.waiting.push_back((client, call));
    }

    fn next(&mut self) -> Option<(Client, Call)> {
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

    /// Takes a call: it starts at once if not too many are under way.
    pub(super) fn call(&mut self, books: &mut Books, out: &mut Outlet, call: Call, now: Stamp) {
        let mut note = None;
        match books.twins.client(call.route, |told| note = Some(told)) {
            Ok(client) => self.calls.wait(client, call),
            Err(why) => books.reject(call.route.name(), CommandError::Invalid(why)),
        }
        if let Some(note) = note {
            books.note(note);
        }
        self.launch_waiting(books, out, now);
    }

    fn launch_waiting(&mut self, books: &mut Books, out: &mut Outlet, now: Stamp) {
        while let Some((client, call)) = self.calls.next() {
            self.launch(books, out, &client, &call, now);
        }
    }

    fn launch(
        &mut self,
        books: &mut Books,
        out: &mut Outlet,
        client: &Client,
        call: &Call,
        now: Stamp,
    ) {
        self.calls.count += 1;
        let mut request = client.request(call, Duration::ZERO);
        let payload = payload_of(&request);
        let frame = frame(books, FrameKind::Request, Direction::Out, now, &payload);
        let mut summary = self.protocol.observed(&frame, &mut self.outbox);
        let (key, within) = self.key(books, &summary);
        request.limit = within + GRACE;
        summary.correlation = Correlation::Asks {
            key: key.to_string().into(),
            within: Some(within),
        };
        books.record(&crossing(frame, &wire(&payload)), summary);
        let client = client.clone();
        self.calls.flying.spawn(async move {
            let result = client.call(request).await;
            Landed { key, result }
        });
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
                Err(error) => tracing::error!("a call's task failed: {error}"),
            }
        }
        if any {
            let now = crate::transport::clock::now();
            self.launch_waiting(books, out, now);
        }
        any
    }

    fn land(&mut self, books: &mut Books, out: &mut Outlet, landed: Landed) {
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
        if !self.has_socket && error.is_unreachable() {
            self.lost_touch(EndedBy::Network, "unreachable", why.clone());
        }
        // An ask given up before has been told as lost already.
        if let Some(lost) = books.ledger.fail(Direction::Out, asked, &why) {
            books.lose(&lost, None, crate::transport::clock::now());
        }
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
