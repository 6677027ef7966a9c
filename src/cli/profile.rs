//! `wspect profile list|show|path|check`.

use super::{Globals, exit};

/// What to do with profiles.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// All profiles, your own first.
    List,
}

/// Runs it; the value is the exit code.
pub fn run(_command: Command, _globals: &Globals) -> anyhow::Result<u8> {
    Err(exit::usage("`wspect profile` is not part of this build"))
}
