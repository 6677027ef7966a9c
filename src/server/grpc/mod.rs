//! Unary gRPC over cleartext HTTP/2, refusal for refusal as grpc-go answers.
//!
//! ```text
//! TCP ─► serve ─► stream ─► Head::read ─► method? ─► message ─► Service::call ─► Answer
//!                             │ 400 405 415  │ 12       │ 2 4 8 12 13       │ any status
//!                             └──────────────┴──────────┴───────────────────┴─► trailers only
//! ```
//!
//! A general gRPC library answers what it does not like in its own words; an inspector is judged
//! by how it shows the words of the real server, so everything above HTTP/2 is done here: the
//! length prefix, the statuses, which headers come in which order. HTTP/2 itself is hyper's.
//!
//! Bounds: [`MESSAGE_MAX`] for a message, [`STREAMS_MAX`] calls at once on a connection,
//! [`HEADERS_MAX`] for a request's headers. A client that says nothing is given up after
//! [`GREETING_MAX`], one that answers no HTTP/2 ping after two hours, as grpc-go does.

mod answer;
mod connection;
mod gzip;
mod head;
mod message;
mod status;

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use hyper::HeaderMap;

pub use connection::serve;
pub use status::{Code, Status};

/// Largest request message taken, bytes; grpc-go's own limit.
pub const MESSAGE_MAX: usize = 4 * 1024 * 1024;

/// Calls at once on one connection; a client waits with further ones. grpc-go has no limit.
pub const STREAMS_MAX: u32 = 1024;

/// Largest list of headers of one request, bytes as HTTP/2 counts them.
pub const HEADERS_MAX: u32 = 1024 * 1024;

/// How long a client may take to begin; grpc-go's own limit.
pub const GREETING_MAX: Duration = Duration::from_mins(2);

/// What is called.
pub trait Service: Send + Sync + 'static {
    /// Its full name, `package.Name`.
    fn name(&self) -> &str;

    /// Whether it has that method.
    fn has(&self, method: &str) -> bool;

    /// Answers a call of one of its methods. `metadata` are the request's headers, the message is
    /// without its prefix. A call the client gave up is dropped.
    fn call(
        &self,
        method: &str,
        metadata: &HeaderMap,
        message: Bytes,
    ) -> impl Future<Output = Result<Vec<u8>, Status>> + Send;
}
