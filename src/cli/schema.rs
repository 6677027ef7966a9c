//! `wspect schema`.

use super::schema_flags::SchemaFlags;
use super::{Globals, exit};

/// Arguments of `wspect schema`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where schemas come from.
    #[command(flatten)]
    pub schema: SchemaFlags,
}

/// Runs it; the value is the exit code.
pub async fn run(_args: Args, _globals: &Globals) -> anyhow::Result<u8> {
    Err(exit::usage("`wspect schema` is not part of this build"))
}
