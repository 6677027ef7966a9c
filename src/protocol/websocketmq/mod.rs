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

mod answer;
mod calls;
mod clients;
mod close;
mod commands;
pub mod conventions;
mod conversation;
mod dialect;
mod echoes;
mod envelope;
mod generation1;
mod ids;
mod lint;
mod order;
mod outgoing;
mod picture;
mod pressure;
mod proxied;
mod reader;
mod recognise;
mod registration;
mod responder;
mod responders;
mod settings;
mod summary;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use super::{Row, System};

pub use answer::Answer;
pub use dialect::{Dialect, Generation, Speak};
pub use order::Order;
pub use picture::{
    Call, CallState, Client, Clients, Identity, Picture, Proxied, Registration, Subscription, Topic,
};
pub use responder::{Failure, Misbehaviour, Responder};
pub use settings::Settings;

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
