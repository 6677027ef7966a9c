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
//! Two generations of wire format have been in use, and each in dialects that answer differently
//! (or not at all) to the same message; [`Dialect`] lists them. This is generation 2, one flat JSON
//! object per message. Generation 1 has a `header` and a `body`; there a client registers with an
//! event and subscribes in dialect 1.1 alone:
//!
//! ```text
//!  101 ─► event _client.register ─► event _internal.client.registered: live
//!           ├─► event ─► the server's handlers         ◄── event: pushed by the server
//!           └─► request ─► response … response │ silence    one for each handler
//! ```
//!
//! The broker of generation 2 closes the connection over a message it cannot decode, a numeric `id`
//! included; it answers every other misuse with silence or an `error`. A server of generation 1
//! ignores what it cannot decode. Registration is enforced nowhere.

mod answer;
mod asks;
mod calls;
mod caution;
mod client_id;
mod clients;
mod close;
mod commands;
pub mod conventions;
mod conversation;
mod correlations;
mod detection;
mod dialect;
mod echoes;
mod ending;
mod envelope;
mod failing;
mod failure;
mod first;
mod foresight;
mod gist;
mod heartbeat;
mod ids;
mod joined;
mod leaving;
mod lint;
mod order;
mod outgoing;
mod pacing;
mod peer;
mod picture;
mod presenting;
mod pressure;
mod probe;
mod proxied;
mod reader;
mod recognise;
mod registration;
mod responder;
mod responders;
mod settings;
mod standing;
mod summary;
mod telling;
mod topics;
mod unanswered;
mod upgrade;

use std::sync::Arc;
use std::time::Duration;

use super::{Row, System};

pub use answer::Answer;
pub use caution::{Caution, hazard, unchecked};
pub use client_id::{CLIENT_ID_MIN, authority, client_id, is_usual_path, shared, too_short};
pub use dialect::{Dialect, Generation, Speak};
pub use foresight::{Reaction, foresee};
pub use joined::{Joined, join};
pub use order::Order;
pub use pacing::{Pacing, WINDOW};
pub use picture::{
    Call, CallState, Client, Clients, Hops, Identity, Picture, Pressure, Proxied, Registration,
    Subscription, Topic,
};
pub use responder::{Failure, Misbehaviour, Responder, ResponderError};
pub use settings::Settings;

/// This system's row of the protocol table.
pub const ROW: Row = Row {
    system: System::WebSocketMq,
    name: "websocketmq",
    title: "WebSocketMQ",
    recognise: recognise::recognise,
    refused_upgrade: |_, answer| upgrade::explain(answer),
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
