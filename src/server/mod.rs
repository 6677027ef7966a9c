//! Built-in servers that answer as the real ones do: for `serve`, for `demo:*` targets, for tests.
//!
//! ```text
//! Listener::bind ─► spawn(background work)… ─► serve(handler) ─► Running ─► stop
//!                                                │
//!                                                └ one task per connection, each dropped when the
//!                                                  server stops, all joined
//! ```
//!
//! One folder or file per system; [`http`] is the way in for all of them, [`wire`] their side of
//! RFC 6455, [`grpc`] the other way in of Raccoon. No server here uses the client side of the program.

mod dice;
pub mod echo;
mod error;
pub mod gojson;
pub mod grpc;
pub mod http;
mod listener;
pub mod pattern;
pub mod raccoon;
pub mod savetowebsocket;
pub mod websocketmq;
pub mod wire;

pub use error::ServerError;
pub use listener::{Handler, Listener, Outage, Part, Running};
