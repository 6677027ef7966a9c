//! Why a profile cannot be used.

use thiserror::Error;

/// Why a profile cannot be used.
#[derive(Debug, Error)]
pub enum ProfileError {
    /// Nothing of that name.
    #[error("{0}")]
    Unknown(String),
}
