//! One open connection: what the socket has for us and takes from us, in one go.
//!
//! ```text
//!   pump:  flush ─► went_out ─┐
//!          read  ─► receive  ─┼─► Talk ─► outlet ─► flush, in the same wake
//!          calls ─► answered ─┘
//! ```
//!
//! A session whose target is a REST or gRPC address has no socket of its own, only calls.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::books::Books;
use super::lifecycle::EndedBy;
use super::liveness::Checked;
use super::talk::{FIN_WAIT, Talk, UNWRITTEN_MAX};
use super::twins::Link;
use crate::frame::{Opening, Stamp};
use crate::protocol::Command;
use crate::transport::{Broken, Connection, Outlet, Sent};

/// An open connection and the conversation on it.
pub(super) struct Live {
    carrier: Carrier,
    pub(super) talk: Talk,
    sent: Vec<Sent>,
}

/// What frames cross.
enum Carrier {
    Socket(Box<Connection>),
    /// Nothing but calls; the outlet stays empty.
    Calls {
        outlet: Box<Outlet>,
        ended: Option<oneshot::Receiver<String>>,
    },
}

impl Carrier {
    fn outlet(&mut self) -> &mut Outlet {
        match self {
            Self::Socket(connection) => connection.outlet(),
            Self::Calls { outlet, .. } => outlet,
        }
    }
}

impl Live {
    pub(super) fn new(books: &mut Books, link: Link, opening: Opening, now: Stamp) -> Self {
        let mut carrier = match link {
            Link::Socket(connection) => Carrier::Socket(connection),
            Link::Calls(ended) => Carrier::Calls {
                outlet: Box::new(Outlet::new(now)),
                ended,
            },
        };
        let has_socket = matches!(carrier, Carrier::Socket(_));
        let talk = Talk::new(books, carrier.outlet(), opening, (now, has_socket));
        Self {
            carrier,
            talk,
            sent: Vec::new(),
        }
    }

    /// True while more may be queued.
    pub(super) fn has_room(&self) -> bool {
        let unwritten = match &self.carrier {
            Carrier::Socket(connection) => connection.unwritten(),
            Carrier::Calls { .. } => 0,
        };
        unwritten < UNWRITTEN_MAX && self.talk.has_room()
    }

    /// When [`Self::elapse`] should be called next.
    pub(super) fn next_wake(&self, books: &mut Books) -> Option<Instant> {
        self.talk.next_wake(books)
    }

    /// Reads and writes all that can be now. Pending if that was nothing.
    pub(super) fn pump(
        &mut self,
        books: &mut Books,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Broken>> {
        match &mut self.carrier {
            Carrier::Socket(connection) => connection.attach(cx.waker()),
            Carrier::Calls { .. } => return self.pump_calls(books, cx).map(Ok),
        }
        let mut progress = match self.write_out(books) {
            Ok(progress) => progress,
            Err(broken) => return Poll::Ready(Err(broken)),
        };
        let Self {
            carrier: Carrier::Socket(connection),
            talk,
            ..
        } = self
        else {
            return Poll::Pending;
        };
        let read = connection.read(|received, out| {
            progress = true;
            talk.receive(books, out, received);
            if books.log.is_full() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        progress |= talk.poll_calls(books, connection.outlet(), cx);
        // What the frames just read called for (pongs above all) goes out in the same wake.
        match (self.write_out(books), read) {
            (_, Err(broken)) | (Err(broken), Ok(())) => Poll::Ready(Err(broken)),
            (Ok(more), Ok(())) if progress || more => Poll::Ready(Ok(())),
            (Ok(_), Ok(())) => Poll::Pending,
        }
    }

    /// The same where there are only calls.
    fn pump_calls(&mut self, books: &mut Books, cx: &mut Context<'_>) -> Poll<()> {
        let Carrier::Calls { outlet, ended } = &mut self.carrier else {
            return Poll::Pending;
        };
        let mut progress = self.talk.poll_calls(books, outlet, cx);
        if let Some(Poll::Ready(why)) = ended.as_mut().map(|ended| Pin::new(ended).poll(cx)) {
            *ended = None;
            let why = why.unwrap_or_else(|_| "the connection has ended".to_owned());
            self.talk.lost_touch(EndedBy::Peer, "fin", why);
            progress = true;
        }
        if progress {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Flushes until nothing is queued or the socket takes no more; logs what went out.
    fn write_out(&mut self, books: &mut Books) -> Result<bool, Broken> {
        let Self {
            carrier: Carrier::Socket(connection),
            talk,
            sent,
        } = self
        else {
            return Ok(false);
        };
        let mut progress = false;
        loop {
            let flushed = connection.flush(sent);
            let any = !sent.is_empty();
            for message in sent.drain(..) {
                talk.went_out(books, connection.outlet(), &message);
            }
            progress |= any;
            flushed?;
            if !any {
                return Ok(progress);
            }
        }
    }

    /// Starts the closing handshake, once.
    pub(super) fn close(&mut self, books: &mut Books, code: u16, reason: &str, now: Stamp) {
        self.talk
            .close(books, self.carrier.outlet(), (code, reason), now);
    }

    /// Performs what the user wants sent.
    pub(super) fn command(&mut self, books: &mut Books, command: Command, now: Stamp) {
        self.talk
            .command(books, self.carrier.outlet(), command, now);
    }

    /// Lets passed deadlines pass.
    pub(super) fn elapse(&mut self, books: &mut Books, now: Stamp) {
        self.talk.elapse(books, self.carrier.outlet(), now);
    }

    /// Nothing was read for `span`, because the consumer of the session was behind.
    pub(super) fn paused(&mut self, books: &mut Books, span: Duration, now: Stamp) {
        self.talk.paused(books, self.carrier.outlet(), span, now);
    }

    /// A health check came to something. Where there are only REST requests, it is what tells that
    /// the server has gone while nobody sends.
    pub(super) fn checked(&mut self, books: &Books, checked: &Checked) {
        if checked.is_unreachable && books.twins.is_rest_alone() {
            let why = checked.check.error.clone().unwrap_or_default();
            self.talk.lost_touch(EndedBy::Network, "unreachable", why);
        }
    }

    /// Nothing more can be read or written.
    pub(super) fn broke(&mut self, books: &mut Books, broken: Broken, now: Stamp) {
        let fault = match &broken {
            Broken::Protocol(what) => Some((1002, what.clone())),
            Broken::TooBig { size, limit } => Some((
                1009,
                format!("a message of {size} bytes is over the limit of {limit}"),
            )),
            Broken::Fin { .. } | Broken::Reset | Broken::Io(_) => None,
        };
        if let Some((code, what)) = fault {
            books.note(what);
            self.close(books, code, "", now);
            // The close frame is worth one try; reading on would not mean anything.
            let _ = self.write_out(books);
        }
        self.talk.facts.broken = Some(broken);
        self.talk.over = true;
    }

    /// Ends our half of TCP, within a bound.
    pub(super) async fn shutdown(&mut self) {
        if let Carrier::Socket(connection) = &mut self.carrier {
            let _ = tokio::time::timeout(FIN_WAIT, connection.shutdown()).await;
        }
    }
}
