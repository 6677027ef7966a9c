//! Bytes ⇄ frames. Asynchronous; knows no protocol.
//!
//! ```text
//!  origin: DNS → TCP → (TLS) ─┬─ dialer: upgrade ──► Connection
//!                             │                        │ read:  socket → inlet → frames → assembly → Received
//!                             │                        └ write: outlet → socket, then Sent
//!                             ├─ rest: pool, HTTP/1.1 or 2 ──► Request → Answer
//!                             └─ grpc: one HTTP/2 connection ─► Request → Answer
//! ```
//!
//! Tungstenite's frame layer reads and writes the frame headers, over a bridge of our own between
//! tokio's streams and synchronous code: "pending" means "stop for now", so one wake takes all
//! there is, and payloads are slices of the buffer the socket was read into. Tungstenite's message
//! layer is not used: it fails a connection over broken UTF-8 and hides fragments, reserved bits
//! and masks, all of which an inspector is asked to show. Proxies and unix sockets will be further
//! ways for the dialer to get a stream.

mod assembly;
pub mod backoff;
mod call;
pub mod clock;
mod connection;
mod dial;
mod dialer;
mod error;
mod grpc;
mod handshake;
mod inlet;
mod origin;
mod outlet;
mod rest;
mod stream;
mod tls;
mod url;

pub use assembly::Received;
pub use call::{Answer, CallError, Fault, Request};
pub use connection::{Broken, Connection};
pub use dial::{Dial, TlsOptions};
pub use dialer::connect;
pub use error::DialError;
pub use grpc::Grpc;
pub use outlet::{Outlet, Sent};
pub use rest::Rest;
