//! `wspect send`.

use super::connect_flags::ConnectFlags;
use super::{Globals, exit};

/// Arguments of `wspect send`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to connect to.
    pub target: String,
    /// How to connect.
    #[command(flatten)]
    pub connect: ConnectFlags,
}

/// Runs it; the value is the exit code.
pub async fn run(_args: Args, _globals: &Globals) -> anyhow::Result<u8> {
    Err(exit::usage("`wspect send` is not part of this build"))
}
