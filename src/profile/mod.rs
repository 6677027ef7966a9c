//! Named ways to connect.

mod error;
mod format;
mod validate;

pub use error::ProfileError;
pub use format::{Heartbeat, Limits, Profile, Tls};
pub use validate::check_header;
