//! Bytes ⇄ frames. Asynchronous; knows no protocol.

pub mod backoff;
pub mod clock;
mod dial;

pub use dial::{Dial, TlsOptions};
