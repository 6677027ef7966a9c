//! Why a built-in server cannot start.

use std::io;
use std::time::Duration;

/// Longest time a setting may say; clocks overflow somewhere beyond it.
const TIME_MAX: Duration = Duration::from_hours(24 * 365);

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

/// Refuses settings that say more than a year.
pub(super) fn check_times(
    system: &'static str,
    settings: &[(&str, Duration)],
) -> Result<(), ServerError> {
    match settings.iter().find(|(_, time)| *time > TIME_MAX) {
        None => Ok(()),
        Some((name, _)) => Err(ServerError::Settings {
            system,
            what: format!("{name} is more than a year; give less, or 0 where that means never"),
        }),
    }
}
