//! `WebSocketMQ`: publish and subscribe, and calls in both directions, through a broker.
//!
//! ```text
//!  101 ─► request system:register ─► response: live ─► subscribe_request ─► subscription_ack
//!                                      │
//!                                      ├─► publish (both ways, never acknowledged)
//!                                      ├─► request ─► response | error        we ask
//!                                      └─► request ─► responder's reply | 404  the broker asks
//! ```
//!
//! This is generation 2, one flat JSON object per message. Frames of generation 1 (`header` and
//! `body`) are recognised and shown, not spoken.
//!
//! The broker closes the connection over a message it cannot decode, a numeric `id` included; it
//! answers every other misuse with silence or an `error`. Registration is enforced nowhere.

mod close;
mod commands;
mod conversation;
mod echoes;
mod envelope;
mod generation1;
mod ids;
mod lint;
mod outgoing;
mod reader;
mod recognise;
mod responders;
mod settings;
mod summary;

use std::sync::Arc;
use std::time::Duration;

use super::{Row, System};

pub use settings::{Responder, Settings};

/// This system's row of the protocol table.
pub const ROW: Row = Row {
    system: System::WebSocketMq,
    name: "websocketmq",
    title: "WebSocketMQ",
    recognise: recognise::recognise,
    refused_upgrade: |_, _| None,
    gone: None,
    dial_gap: Duration::ZERO,
    make: |settings| {
        Box::new(conversation::Conversation::new(
            settings.websocketmq.clone(),
            settings.instance,
        ))
    },
    decoder: |_, _| Arc::new(reader::Reader),
};
