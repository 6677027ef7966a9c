//! Batches sent again: what the frames of this connection mean to [`Retries`], and what it wants
//! sent.
//!
//! [`Retries`]: crate::session::retry::Retries

use std::sync::Arc;

use super::super::books::Books;
use super::super::ledger::{Lost, Why};
use super::super::retry::Next;
use super::Talk;
use crate::entry::{Correlation, Summary, Verdict};
use crate::frame::{Direction, Frame, FrameKind, Seq, Stamp};
use crate::protocol::Outgoing;
use crate::protocol::raccoon::{Failure, FailureKind};
use crate::transport::Outlet;

impl Talk {
    /// Takes note of a frame of the socket that asks or answers; its summary gets a remark.
    pub(super) fn follow(
        &mut self,
        books: &mut Books,
        frame: &Frame<'_>,
        summary: &mut Summary<'_>,
    ) {
        let payload = || bytes::Bytes::copy_from_slice(frame.payload);
        let outgoing = || match frame.kind {
            FrameKind::Text => Outgoing::Text(payload()),
            _ => Outgoing::Binary(payload()),
        };
        let timeout = self.retries.timeout();
        match (&mut summary.correlation, frame.direction) {
            (Correlation::Asks { key, within }, Direction::Out) => {
                *within = timeout.or(*within);
                if let Some(note) = self.retries.sent(key, outgoing, frame.at) {
                    books.retries.sent.push(frame.seq);
                    summary.note = Some(note);
                }
            }
            (Correlation::Answers { key, verdict }, Direction::In) => {
                let failure = Failure {
                    batch: true,
                    ..Failure::default()
                };
                let failure = (*verdict == Verdict::Error).then_some(failure);
                let key: Arc<str> = (&**key).into();
                let place = (frame.seq, frame.at);
                self.settle(books, &key, failure.as_ref(), place, &mut summary.note);
            }
            _ => {}
        }
    }

    /// An answer came for `key`: a success, or a failure. What follows goes into `note`.
    pub(super) fn settle(
        &mut self,
        books: &mut Books,
        key: &str,
        failure: Option<&Failure>,
        (seq, at): (Seq, Stamp),
        note: &mut Option<String>,
    ) -> Next {
        let Some(failure) = failure else {
            self.retries.done(key);
            return Next::Nothing;
        };
        let next = self.retries.failed(key, failure, at);
        if let Some(words) = next.words() {
            let before = note
                .take()
                .map_or_else(String::new, |note| format!("; {note}"));
            *note = Some(format!("{words}{before}"));
        }
        match &next {
            Next::Nothing => {}
            Next::Again(_) => books.retries.failed.push(seq),
            Next::UsedUp(words) => books.note(format!("batch {key} failed for good: {words}")),
        }
        next
    }

    /// Logs an ask that was given up; it may be made again.
    pub(super) fn give_up(
        &mut self,
        books: &mut Books,
        lost: &Lost,
        mut note: Option<String>,
        now: Stamp,
    ) {
        let kind = match &lost.why {
            Why::Timeout => Some(FailureKind::Timeout),
            Why::Failed(_) => Some(FailureKind::Connection),
            _ => None,
        };
        if let Some(kind) = kind.filter(|_| self.retries.is_on()) {
            let place = (books.log.next(), now);
            let failure = Failure::of(kind);
            let next = self.settle(books, &lost.key, Some(&failure), place, &mut note);
            if matches!(next, Next::Again(_)) {
                self.calls.forget(&lost.key);
            }
        }
        books.lose(lost, note, now);
    }

    /// Sends what is due once more.
    pub(super) fn send_again(&mut self, books: &mut Books, out: &mut Outlet, now: Stamp) {
        while self.has_room()
            && let Some((key, outgoing)) = self.retries.due(now.mono)
        {
            match outgoing {
                Outgoing::Call(call) => self.call(books, out, (call, Some(key)), now),
                outgoing => self.send(books, out, outgoing, now),
            }
        }
    }

    /// Tells what will not be sent again because the connection has ended.
    pub(super) fn drop_retries(&self, books: &mut Books) {
        let waiting = self.retries.waiting();
        if waiting > 0 {
            books.note(format!(
                "{waiting} failed batches waited to be sent again when the connection ended; they \
                 were not"
            ));
        }
    }
}
