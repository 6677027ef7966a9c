//! The built-in servers answer recorded clients as the real servers did.
#![expect(
    clippy::unwrap_used,
    reason = "tests: a fixture that cannot be read is a failure"
)]

mod client;
mod cors;
mod echo;
mod faults;
mod grpc;
mod metrics;
mod mq;
mod mq1;
mod raccoon;
mod replay;
mod rpc;
mod stellar;
mod stellar_switches;
mod transcript;
