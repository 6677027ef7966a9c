//! Sessions against servers that are not ours, well behaved and not: real sockets on loopback,
//! every wait is for a condition and bounded.

mod harness;
mod lifecycle;
mod metrics;
mod misbehaviour;
mod tls;
