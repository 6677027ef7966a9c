//! Defaults < config file < profile < flags, validated.

use thiserror::Error;

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// A value is out of range.
    #[error("{0}")]
    Invalid(String),
}
