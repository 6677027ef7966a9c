//! Raccoon: batches of events up, acks down.
//!
//! ```text
//!  101 ─► refusal window (300 ms) ─► live ─► batch ─► ack OK | BAD_REQUEST | INTERNAL_ERROR
//!              │                             (matched by data["req_guid"], in any order)
//!              └─► binary reply with code 4 or 5, then close 1008: refused
//! ```
//!
//! The server speaks only when spoken to, except for pings and for the refusal, which is a
//! binary protobuf reply even to a client that speaks JSON. Each reply has the opcode of its
//! batch. Only pongs keep the connection alive.
//!
//! What is diagnosed, and where:
//!
//! | Signal | Where |
//! | --- | --- |
//! | refusal (codes 4 and 5) in any mode, with or without its close frame; stale entry | `refusal`, `Conversation::refusal`, `ending` |
//! | success without guid, unknown guid, double ack, success then failure, wrong opcode | `Conversation::{unmet, met, again}` |
//! | no ack in time, or none before the end | `Conversation::why_unanswered` |
//! | guid sent again, empty or constant | `conversation::repeated`, `Batch::notes` |
//! | events without payload or type, camelCase, null events, `sent_time` missing, odd or old, oversized event | `Batch::notes` |
//! | acks out of order, code 2 overtaking, any code 3: SYNC or ASYNC | `ackmode` |
//! | repeated guids: dedup on or off | `dedup` |
//! | reasons with `%!s(PANIC=` or `<nil>`: what became of each event | `failure` |
//! | decoder texts of `BAD_REQUEST`, wrong content type | `Ack::notes_for` |
//! | ping period, jitter, phase, missing pings, period close to the pong wait | `heartbeat` |
//! | EOF after the pong wait, null event, mixed batches, back-pressure, shutdown window | `ending` |
//! | server's clock against ours | `clocks` |
//! | HTTP 400, 403, 404, 405 on the upgrade | `upgrade` |
//! | status of a REST or gRPC call, OK calls with `status=2` | `exchange`, `replies::in_call` |
//! | id missing, empty or a user's own; subprotocol and compression | `identity` |
//! | an endpoint of another system, an echo | `foreign` |
//! | which published client wrote a batch | `clients` |

mod ack;
mod ackmode;
mod batch;
mod clients;
mod clocks;
mod conversation;
mod dedup;
mod ending;
mod exchange;
mod failure;
mod heartbeat;
mod identity;
mod json;
pub mod lint;
mod memory;
pub mod metrics;
mod names;
mod payload;
mod probe;
mod protobuf;
mod reader;
mod recognise;
mod refusal;
mod retry;
mod sample;
mod settings;
mod tags;
mod tally;
mod upgrade;

use std::sync::Arc;
use std::time::Duration;

use super::{Row, System};
use crate::frame::{Frame, FrameKind};

pub use ackmode::AckMode;
pub use identity::{Identity, MARK};
pub use names::meaning_of as code_meaning;
pub use probe::probe;
pub use retry::{Failure, Kind as FailureKind, On, Preset, Retry, RetryPolicy};
pub use sample::payloads;
pub use settings::{EncodedBatch, Serialization, Settings, Transport, Wire};
pub use tally::Tally;

/// Raccoon's row of the protocol table.
pub const ROW: Row = Row {
    system: System::Raccoon,
    name: "raccoon",
    title: "Raccoon",
    recognise: recognise::recognise,
    refused_upgrade: |settings, answer| upgrade::explain(&settings.raccoon, answer),
    gone: None,
    dial_gap: Duration::ZERO,
    make: |settings| Box::new(conversation::Conversation::new(&settings.raccoon)),
    decoder: |_, schema| Arc::new(reader::Reader::new(schema)),
};

/// True if the message in `frame` is JSON: a text frame, or an exchange that says so.
///
/// A gRPC body is protobuf whatever its content type says, and so is a REST body of a type the
/// server does not know, as far as anybody can tell; but the refusal of such a type is JSON, with
/// the request's own type repeated on it.
fn is_json(frame: &Frame<'_>) -> bool {
    match frame.exchange() {
        None => frame.kind == FrameKind::Text,
        Some(exchange) if exchange.is_grpc() => false,
        Some(exchange) => exchange.is_json() || exchange.body.trim_ascii_start().starts_with(b"{"),
    }
}

/// How the message in `frame` travels: its transport and its wire.
fn way(frame: &Frame<'_>) -> &'static str {
    match frame.exchange() {
        None if frame.kind == FrameKind::Text => "WebSocket JSON",
        None => "WebSocket protobuf",
        Some(exchange) if exchange.is_grpc() => "gRPC",
        Some(_) if is_json(frame) => "REST JSON",
        Some(_) => "REST protobuf",
    }
}
