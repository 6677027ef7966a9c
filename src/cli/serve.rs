//! `wspect serve`.

use super::{Globals, exit};

/// Arguments of `wspect serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to speak.
    pub system: String,
}

/// Runs it; the value is the exit code.
pub async fn run(_args: Args, _globals: &Globals) -> anyhow::Result<u8> {
    Err(exit::usage("`wspect serve` is not part of this build"))
}
