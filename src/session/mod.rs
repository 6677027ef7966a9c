//! One connection from the first dial to the last retry: the place where transport meets protocol.
//!
//! ```text
//!            ┌────────── waiting ◄──────────┐  back-off, countdown, interruptible
//!            ▼                              │
//! idle ─► dialing ─► open ─► registering ─► live ─► closing ─► closed
//!            │         │          │                              │
//!            └─────────┴──────────┴────────► refused ────────────┤
//!                                                                └─► failed (attempts used up)
//! ```
//!
//! A target with an `http(s)://` or `grpc(s)://` address has no socket: dialing is `GET /ping` or
//! the beginning of HTTP/2, batches are calls, and the session ends when the server cannot be
//! reached any more. A session with a WebSocket can make calls too, to the twins of its target;
//! both halves of each are logged as frames, and its answer belongs to it whatever it names.
//!
//! A session's task owns the socket, the [`Protocol`](crate::protocol::Protocol) value, the ledger
//! of open asks and the health figures. It appends every frame and every state change to a
//! [`Chunk`](crate::entry::Chunk) and hands it over in a [`Delivery`]; nothing else leaves it.

mod actor;
mod asks;
mod books;
mod delivery;
mod ending;
mod facts;
mod health;
mod ledger;
mod lifecycle;
mod live;
mod liveness;
mod log;
mod metrics;
mod plan;
mod retry;
mod series;
mod snapshot;
mod talk;
mod telling;
mod twins;

pub use actor::start;
pub use asks::{LostAsk, OpenAsk};
pub use delivery::{Attempts, Deliveries, Delivery, Feed, Gone, Rejection, queue};
pub use lifecycle::{EndedBy, Ending, State};
pub use plan::{Handle, Order, Plan, SessionId, Traffic};
pub use snapshot::{
    Answers, Countdown, HealthCheck, LabelLatency, LatencySummary, Rates, Rtt, Snapshot,
};
