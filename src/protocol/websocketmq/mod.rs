//! WebSocketMQ.

mod settings;

use std::sync::Arc;

use super::{Command, CommandError, Confidence, Decoder, Outbox, Protocol, Row, System};
use crate::body::Body;
use crate::entry::{Badge, Summary};
use crate::frame::{Frame, Opening, Stamp};

pub use settings::{Responder, Settings};

/// This system's row of the protocol table.
pub const ROW: Row = Row {
    system: System::WebSocketMq,
    name: "websocketmq",
    title: "WebSocketMQ",
    recognise: |_| Confidence::NONE,
    make: |_| Box::new(Conversation),
    decoder: |_, _| Arc::new(Reader),
};

struct Conversation;

impl Protocol for Conversation {
    fn opened(&mut self, _: &Opening, _: Stamp, _: &mut Outbox) {}

    fn observed<'a>(&mut self, _: &Frame<'a>, _: &mut Outbox) -> Summary<'a> {
        Summary::new(Badge::Message, "")
    }

    fn commanded(&mut self, _: Command, _: Stamp, _: &mut Outbox) -> Result<(), CommandError> {
        Ok(())
    }

    fn elapsed(&mut self, _: Stamp, _: &mut Outbox) {}
}

struct Reader;

impl Decoder for Reader {
    fn body(&self, _: &Frame<'_>) -> Body {
        Body::default()
    }
}
