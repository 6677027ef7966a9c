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
//! A session's task owns the socket, the [`Protocol`](crate::protocol::Protocol) value, the ledger
//! of open asks and the health figures. It appends every frame and every state change to a
//! [`Chunk`](crate::entry::Chunk) and hands it over in a [`Delivery`]; nothing else leaves it.

mod actor;
mod asks;
mod books;
mod delivery;
mod ending;
mod health;
mod ledger;
mod lifecycle;
mod live;
mod log;
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
pub use snapshot::{Countdown, LabelLatency, LatencySummary, Rates, Rtt, Snapshot};
