//! The built-in servers answer recorded clients as the real servers did.
#![expect(
    clippy::unwrap_used,
    reason = "tests: a fixture that cannot be read is a failure"
)]

mod client;
mod echo;
mod grpc;
mod mq;
mod raccoon;
mod replay;
mod rpc;
mod stellar;
mod transcript;
