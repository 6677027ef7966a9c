//! Why a built-in server cannot start.

use std::io;

/// Why a built-in server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; choose another address or port (port 0 takes a free one)"
    )]
    Bind {
        /// The address as given.
        address: String,
        /// Why not.
        source: io::Error,
    },
    /// A setting makes no sense.
    #[error("cannot start the {system} server: {what}")]
    Settings {
        /// Which server.
        system: &'static str,
        /// Which setting, its value, and what would do.
        what: String,
    },
}
