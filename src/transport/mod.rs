//! Bytes ⇄ frames. Asynchronous; knows no protocol.
//!
//! ```text
//!  dialer: DNS → TCP → (TLS) → upgrade ──► Connection
//!                                            │ read: socket → bridge → frames → assembly → Received
//!                                            └ write: queue → frames → bridge → socket → Sent
//! ```
//!
//! Tungstenite's frame layer does the framing, over a [bridge](self::connection) that turns
//! "pending" into "would block", so a wake reads all there is in one go. Its message layer is not
//! used: it fails a connection over broken UTF-8 and hides fragments, reserved bits and masks,
//! all of which an inspector is asked to show. Proxies and unix sockets will be further ways for
//! the dialer to get a stream.

mod assembly;
pub mod backoff;
mod bridge;
pub mod clock;
mod connection;
mod dial;
mod dialer;
mod error;
mod handshake;
mod stream;
mod tls;
mod url;

pub use assembly::Received;
pub use connection::{Broken, Connection, Sent};
pub use dial::{Dial, TlsOptions};
pub use dialer::connect;
pub use error::DialError;
