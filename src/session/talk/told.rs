//! What the protocol tells of the connection when it is asked.

use std::sync::Arc;

use super::Talk;
use crate::frame::Stamp;
use crate::protocol::{self, Fact, Protocol, websocketmq};
use crate::session::books::Books;

impl Talk {
    /// What the protocol has found out about the connection.
    pub(in crate::session) fn standing(&self, now: Stamp) -> Arc<[Fact]> {
        self.protocol.standing(now).into()
    }

    /// How the conversation with the broker stands.
    pub(in crate::session) fn broker(&self, now: Stamp) -> Option<Arc<websocketmq::Picture>> {
        self.protocol.broker(now)
    }

    /// What this connection leaves for the next; nothing more is asked of the protocol.
    pub(in crate::session) fn bequeath(&mut self, now: Stamp) -> Option<Box<dyn Protocol>> {
        self.protocol.bequeath(now)
    }

    /// Gives up every ask: the connection has ended.
    pub(in crate::session) fn abandon(&self, books: &mut Books, now: Stamp) {
        while let Some(lost) = books.ledger.abandon() {
            let note = self.protocol.unanswered(&lost.told(true), now);
            books.lose(&lost, note, now);
        }
        self.drop_retries(books);
    }

    /// What the protocol says of the end, if it knows.
    pub(in crate::session) fn explain(&self, end: &protocol::End) -> Option<String> {
        self.protocol.explain_end(end)
    }
}
