//! The conversation on one open connection: protocol, deadlines, pings, the closing handshake.
//!
//! ```text
//!  went_out ─┐                                   ┌─► outlet: sends, pongs, close
//!  receive  ─┴─► observed ─► Books::record ─► apply ─► books: milestones, deadlines, notes
//! ```

mod calls;
mod reach;
mod retries;
mod told;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Map;

use self::calls::Calls;
use super::books::{Books, Crossing};
use super::ending::Facts;
use super::lifecycle::{EndedBy, State};
use super::retry::Retries;
use super::snapshot::Countdown;
use crate::frame::{Direction, Frame, FrameKind, Opening, Stamp, close_parts, close_payload};
use crate::protocol::{self, Command, CommandError, Evidence, Outbox, Outgoing, Protocol, System};
use crate::transport::{Outlet, Received, Sent};

/// Unwritten bytes at which no more orders are taken and no more pongs are queued.
pub(super) const UNWRITTEN_MAX: usize = 4 << 20;
/// How long the peer may take to answer our close frame.
const CLOSE_WAIT: Duration = Duration::from_secs(3);
/// How long the peer may take to end TCP after both close frames.
pub(super) const FIN_WAIT: Duration = Duration::from_secs(1);
/// Own pings awaiting their pong; more means nobody answers.
const PINGS_MAX: usize = 16;

/// Everything that ends with a connection, but the connection.
pub(super) struct Talk {
    protocol: Box<dyn Protocol>,
    opening: Opening,
    pinned: bool,
    outbox: Outbox,
    deadlines: Vec<(Cow<'static, str>, Stamp)>,
    /// When the protocol wants to be called besides.
    wake: Option<Stamp>,
    pings: VecDeque<(Bytes, Stamp)>,
    ping_count: u64,
    next_ping: Option<Instant>,
    next_traffic: Option<Instant>,
    calls: Calls,
    retries: Retries,
    /// False where the target is a REST or gRPC address: there are only calls then.
    has_socket: bool,
    pub(super) facts: Facts,
    close_by: Option<Instant>,
    pub(super) opened_at: Stamp,
    pub(super) usable_since: Option<Stamp>,
    /// The least wait before the next dial, when the server refused us.
    pub(super) retry_after: Option<Duration>,
    /// The opening steps failed: this connection counts as a failed attempt.
    pub(super) failed: Option<String>,
    /// Nothing more is to be done; the connection can be dropped.
    pub(super) over: bool,
}

impl Talk {
    /// The conversation on a connection that was opened at `now`, over a socket or with calls
    /// alone.
    pub(super) fn new(
        books: &mut Books,
        out: &mut Outlet,
        opening: Opening,
        (now, has_socket): (Stamp, bool),
    ) -> Self {
        let evidence = Evidence {
            opening: &opening,
            first: None,
        };
        let pinned = if books.system.is_some() {
            true
        } else if let Some((system, confidence)) = protocol::recognise(&evidence) {
            books.pin(system, confidence.why);
            true
        } else {
            false
        };
        let system = books.system.unwrap_or(System::Generic);
        books.decoder = Some(books.plan.decoder(system));
        let heir = books.heir.take();
        let every = books.plan.ping_every;
        let raccoon = &books.plan.settings.raccoon;
        let policy = raccoon.retry.policy().filter(|_| system == System::Raccoon);
        let mut talk = Self {
            protocol: heir.unwrap_or_else(|| (system.row().make)(&books.plan.settings)),
            opening,
            pinned,
            outbox: Outbox::default(),
            deadlines: Vec::new(),
            wake: None,
            pings: VecDeque::new(),
            ping_count: 0,
            next_ping: (has_socket && !every.is_zero())
                .then(|| now.mono + every.min(Duration::from_secs(1))),
            next_traffic: None,
            calls: Calls::default(),
            retries: Retries::new(policy),
            has_socket,
            facts: Facts::default(),
            close_by: None,
            opened_at: now,
            usable_since: None,
            retry_after: None,
            failed: None,
            over: false,
        };
        if has_socket && books.plan.settings.pongs_held {
            books.note("pings of the server are not answered, as was asked for: see when and how it ends the connection");
        }
        talk.protocol.opened(&talk.opening, now, &mut talk.outbox);
        talk.apply(books, out, now);
        talk
    }

    /// True once a close frame was queued or received.
    pub(super) fn is_closing(&self) -> bool {
        self.close_by.is_some()
    }

    /// When [`Self::elapse`] should be called next.
    pub(super) fn next_wake(&self, books: &mut Books) -> Option<Instant> {
        let deadline = self.deadlines.iter().map(|(_, at)| at.mono).min();
        let due = books.ledger.next_due();
        [
            deadline,
            self.wake.map(|at| at.mono),
            due,
            self.next_ping,
            self.next_traffic,
            self.retries.next_due(),
            self.close_by,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    pub(super) fn went_out(&mut self, books: &mut Books, out: &mut Outlet, message: &Sent) {
        if message.kind == FrameKind::Ping
            && let Some(ping) = self
                .pings
                .iter_mut()
                .find(|(payload, _)| *payload == message.payload)
        {
            ping.1 = message.at;
        }
        let frame = Frame {
            seq: books.log.next(),
            at: message.at,
            direction: Direction::Out,
            kind: message.kind,
            payload: &message.payload,
        };
        let crossing = Crossing {
            frame,
            wire: &message.wire,
            problem: None,
            round_trip: None,
        };
        self.observe(books, out, &crossing);
    }

    pub(super) fn receive(&mut self, books: &mut Books, out: &mut Outlet, received: &Received<'_>) {
        let mut frame = Frame {
            seq: books.log.next(),
            at: received.at,
            direction: Direction::In,
            kind: received.kind,
            payload: &received.payload,
        };
        if !self.pinned && !frame.kind.is_control() {
            self.recognise(books, out, &frame);
            frame.seq = books.log.next();
        }
        let round_trip = self.round_trip(books, received);
        let (wire, problem) = (&received.wire, received.problem);
        self.observe(
            books,
            out,
            &Crossing {
                frame,
                wire,
                problem,
                round_trip,
            },
        );
        match received.kind {
            FrameKind::Ping => {
                books.health.pinged(received.at);
                let held = books.plan.settings.pongs_held;
                if out.unwritten() < UNWRITTEN_MAX && !self.is_closing() && !held {
                    out.queue(FrameKind::Pong, Bytes::copy_from_slice(&received.payload));
                }
            }
            FrameKind::Close => self.peer_closed(books, out, received),
            _ => {}
        }
    }

    /// The round trip a pong to one of our pings completes.
    fn round_trip(&mut self, books: &mut Books, received: &Received<'_>) -> Option<Duration> {
        if received.kind != FrameKind::Pong {
            return None;
        }
        let at = self
            .pings
            .iter()
            .position(|(payload, _)| **payload == *received.payload)?;
        let (_, asked) = self.pings.drain(..=at).next_back()?;
        let took = received.at.since(asked);
        books.health.round_trip(took);
        books.changed = true;
        Some(took)
    }

    /// The first data frame decides which system this is.
    fn recognise(&mut self, books: &mut Books, out: &mut Outlet, frame: &Frame<'_>) {
        self.pinned = true;
        let evidence = Evidence {
            opening: &self.opening,
            first: Some(frame),
        };
        let Some((system, confidence)) = protocol::recognise(&evidence) else {
            books.pin(System::Generic, "nothing of a known system was seen");
            return;
        };
        books.pin(system, confidence.why);
        self.protocol = (system.row().make)(&books.plan.settings);
        self.deadlines.clear();
        self.wake = None;
        self.protocol
            .opened(&self.opening, frame.at, &mut self.outbox);
        self.apply(books, out, frame.at);
    }

    fn observe(&mut self, books: &mut Books, out: &mut Outlet, crossing: &Crossing<'_>) {
        let mut summary = self.protocol.observed(&crossing.frame, &mut self.outbox);
        if self.retries.is_on() {
            self.follow(books, &crossing.frame, &mut summary);
        }
        books.record(crossing, summary);
        if !self.outbox.is_empty() {
            self.apply(books, out, crossing.frame.at);
        }
    }

    fn peer_closed(&mut self, books: &mut Books, out: &mut Outlet, received: &Received<'_>) {
        if self.facts.theirs.is_some() {
            return;
        }
        self.facts.theirs = Some(received.payload.to_vec());
        if self.facts.ours.is_none() {
            // RFC 6455 § 5.5.1: answer with the code that came; codes that must not be on the
            // wire are answered with 1002.
            let reply = match close_parts(&received.payload) {
                Some((1000..=1003 | 1007..=1014 | 3000..=4999, _)) => {
                    received.payload[..2].to_vec()
                }
                Some(_) => close_payload(1002, ""),
                None => Vec::new(),
            };
            out.queue(FrameKind::Close, reply.into());
            let detail = "the server closes; the closing handshake is completed";
            books.enter(State::Closing, detail, Map::new(), received.at);
        }
        self.facts.replied = true;
        self.close_by = Some(received.at.mono + FIN_WAIT);
    }

    /// Starts the closing handshake, once.
    pub(super) fn close(
        &mut self,
        books: &mut Books,
        out: &mut Outlet,
        (code, reason): (u16, &str),
        now: Stamp,
    ) {
        if self.is_closing() {
            return;
        }
        if !self.has_socket {
            self.lost_touch(EndedBy::Us, "close", "Closed on request.".to_owned());
            return;
        }
        let payload = close_payload(code, reason);
        self.facts.ours = Some(payload.clone());
        self.facts.replied = true;
        out.queue(FrameKind::Close, payload.into());
        self.close_by = Some(now.mono + CLOSE_WAIT);
        let facts = Map::from_iter([
            ("code".to_owned(), code.into()),
            ("reason".to_owned(), reason.into()),
        ]);
        books.enter(
            State::Closing,
            "we close; the server's answer is awaited",
            facts,
            now,
        );
    }

    /// Ends a session that has only calls.
    pub(super) fn lost_touch(&mut self, by: EndedBy, how: &'static str, why: String) {
        self.facts.calls.get_or_insert((by, how, why));
        self.over = true;
    }

    /// Performs what the user wants sent.
    pub(super) fn command(
        &mut self,
        books: &mut Books,
        out: &mut Outlet,
        command: Command,
        now: Stamp,
    ) {
        if self.is_closing() {
            books.reject_offline(&command);
            return;
        }
        let name = command.name();
        if let Err(error) = self.protocol.commanded(command, now, &mut self.outbox) {
            books.reject(name, error);
        }
        self.apply(books, out, now);
    }

    /// Lets passed deadlines pass: the protocol's, the ledger's, pings, the closing handshake.
    pub(super) fn elapse(&mut self, books: &mut Books, out: &mut Outlet, now: Stamp) {
        let before = self.deadlines.len();
        self.deadlines.retain(|(_, at)| at.mono > now.mono);
        let passed = self.deadlines.len() != before;
        if passed {
            self.show_deadlines(books);
        }
        let woken = self.wake.take_if(|at| at.mono <= now.mono).is_some();
        if passed || woken {
            books.stirred = true;
            self.protocol.elapsed(now, &mut self.outbox);
            self.apply(books, out, now);
        }
        while !books.log.is_full()
            && let Some(lost) = books.ledger.expire(now.mono)
        {
            let note = self.protocol.unanswered(&lost.told(false), now);
            self.give_up(books, &lost, note, now);
        }
        self.send_again(books, out, now);
        if self.next_ping.is_some_and(|due| due <= now.mono) {
            self.ping(books, out, now);
        }
        if self.next_traffic.is_some_and(|due| due <= now.mono) {
            self.traffic(books, out, now);
        }
        if self.close_by.is_some_and(|due| due <= now.mono) {
            self.facts.overdue = true;
            self.over = true;
        }
    }

    /// Nothing was read for `span`, because the consumer of the session was behind.
    pub(super) fn paused(
        &mut self,
        books: &mut Books,
        out: &mut Outlet,
        span: Duration,
        now: Stamp,
    ) {
        self.protocol.paused(span, now, &mut self.outbox);
        self.apply(books, out, now);
    }

    /// Sends the next set of what the plan has the session send by itself.
    fn traffic(&mut self, books: &mut Books, out: &mut Outlet, now: Stamp) {
        self.next_traffic = None;
        let Some(traffic) = books.plan.traffic.clone() else {
            return;
        };
        if books.state != State::Live {
            return;
        }
        self.next_traffic = Some(now.mono + traffic.every);
        for command in (traffic.make)(books.traffic_sent, now) {
            self.command(books, out, command, now);
        }
        books.traffic_sent += 1;
    }

    fn ping(&mut self, books: &Books, out: &mut Outlet, now: Stamp) {
        self.next_ping = Some(now.mono + books.plan.ping_every);
        if self.is_closing() {
            self.next_ping = None;
            return;
        }
        if self.pings.len() == PINGS_MAX {
            self.pings.pop_front();
        }
        self.ping_count += 1;
        let payload = Bytes::from(format!("wspect {}", self.ping_count));
        self.pings.push_back((payload.clone(), now));
        out.queue(FrameKind::Ping, payload);
    }

    /// Empties the outbox.
    fn apply(&mut self, books: &mut Books, out: &mut Outlet, now: Stamp) {
        let outbox = std::mem::take(&mut self.outbox);
        for note in outbox.notes {
            books.note(note.0);
        }
        for outgoing in outbox.sends {
            self.send(books, out, outgoing, now);
        }
        if !outbox.deadlines.is_empty() {
            for (name, at) in outbox.deadlines {
                self.deadlines.retain(|(known, _)| *known != name);
                self.deadlines.extend(at.map(|at| (name, at)));
            }
            self.show_deadlines(books);
        }
        if let Some(at) = outbox.wake {
            let earlier = self.wake.filter(|known| known.mono <= at.mono);
            self.wake = Some(earlier.unwrap_or(at));
        }
        for change in outbox.filters {
            books.filters.take(change, books.connections);
            books.changed = true;
        }
        for milestone in outbox.milestones {
            self.reach(books, out, milestone, now);
        }
    }

    fn send(&mut self, books: &mut Books, out: &mut Outlet, outgoing: Outgoing, now: Stamp) {
        let (kind, payload) = match outgoing {
            Outgoing::Close { code, reason } => {
                self.close(books, out, (code, &reason), now);
                return;
            }
            Outgoing::Call(call) => return self.call(books, out, (call, None), now),
            Outgoing::Text(payload) => (FrameKind::Text, payload),
            Outgoing::Binary(payload) => (FrameKind::Binary, payload),
            Outgoing::Ping(payload) => (FrameKind::Ping, payload),
            Outgoing::Pong(payload) => (FrameKind::Pong, payload),
        };
        if !self.has_socket {
            let what = format!(
                "this session has no WebSocket: its target is {}, so it sends batches and no \
                 frames; connect to the ws:// address for a {} frame",
                books.plan.dial.shown_url,
                kind.name()
            );
            books.reject("raw frame", CommandError::Invalid(what));
        } else if !self.is_closing() {
            out.queue(kind, payload);
        }
    }

    fn show_deadlines(&self, books: &mut Books) {
        books.countdowns = self
            .deadlines
            .iter()
            .map(|(name, at)| Countdown {
                name: name.to_string(),
                at: *at,
            })
            .collect();
        books.countdowns.sort_by_key(|countdown| countdown.at.mono);
        books.changed = true;
    }
}
