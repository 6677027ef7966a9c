//! Named ways to connect.

mod format;

pub use format::{Heartbeat, Limits, Profile, Tls};
