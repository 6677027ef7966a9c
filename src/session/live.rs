//! One open connection: what the socket has for us and takes from us, in one go.
//!
//! ```text
//!   pump:  flush ─► went_out ─┐
//!          read  ─► receive  ─┴─► Talk ─► outlet ─► flush, in the same wake
//! ```

use std::ops::ControlFlow;
use std::task::{Context, Poll};
use std::time::Instant;

use super::books::Books;
use super::talk::{FIN_WAIT, Talk, UNWRITTEN_MAX};
use crate::frame::{Opening, Stamp};
use crate::protocol::Command;
use crate::transport::{Broken, Connection, Sent};

/// An open connection and the conversation on it.
pub(super) struct Live {
    connection: Connection,
    pub(super) talk: Talk,
    sent: Vec<Sent>,
}

impl Live {
    pub(super) fn new(
        books: &mut Books,
        mut connection: Connection,
        opening: Opening,
        now: Stamp,
    ) -> Self {
        let talk = Talk::new(books, connection.outlet(), opening, now);
        Self {
            connection,
            talk,
            sent: Vec::new(),
        }
    }

    /// True while more may be queued.
    pub(super) fn has_room(&self) -> bool {
        self.connection.unwritten() < UNWRITTEN_MAX && self.talk.has_room()
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
        self.connection.attach(cx.waker());
        let mut progress = match self.write_out(books) {
            Ok(progress) => progress,
            Err(broken) => return Poll::Ready(Err(broken)),
        };
        let Self {
            connection, talk, ..
        } = self;
        let read = connection.read(|received, out| {
            progress = true;
            talk.receive(books, out, received);
            if books.log.is_full() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        progress |= self.talk.poll_calls(books, self.connection.outlet(), cx);
        // What the frames just read called for (pongs above all) goes out in the same wake.
        match (self.write_out(books), read) {
            (_, Err(broken)) | (Err(broken), Ok(())) => Poll::Ready(Err(broken)),
            (Ok(more), Ok(())) if progress || more => Poll::Ready(Ok(())),
            (Ok(_), Ok(())) => Poll::Pending,
        }
    }

    /// Flushes until nothing is queued or the socket takes no more; logs what went out.
    fn write_out(&mut self, books: &mut Books) -> Result<bool, Broken> {
        let mut progress = false;
        loop {
            let flushed = self.connection.flush(&mut self.sent);
            let any = !self.sent.is_empty();
            for message in self.sent.drain(..) {
                self.talk
                    .went_out(books, self.connection.outlet(), &message);
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
            .close(books, self.connection.outlet(), (code, reason), now);
    }

    /// Performs what the user wants sent.
    pub(super) fn command(&mut self, books: &mut Books, command: Command, now: Stamp) {
        self.talk
            .command(books, self.connection.outlet(), command, now);
    }

    /// Lets passed deadlines pass.
    pub(super) fn elapse(&mut self, books: &mut Books, now: Stamp) {
        self.talk.elapse(books, self.connection.outlet(), now);
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
        let _ = tokio::time::timeout(FIN_WAIT, self.connection.shutdown()).await;
    }
}
