//! Sessions against servers, well behaved and not, of ours and not: real sockets on loopback,
//! every wait is for a condition and bounded.

mod harness;
mod lifecycle;
mod metrics;
mod misbehaviour;
mod stellar;
mod tls;
mod websocketmq;
