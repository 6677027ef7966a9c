//! `wspect [TARGET…]` and `wspect demo`: the screen.

use super::connect_flags::ConnectFlags;
use super::{Globals, exit};

/// Arguments of `wspect demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {}

/// Opens the screen on `targets`; without any, on the profile picker.
pub async fn run(
    _targets: Vec<String>,
    _flags: ConnectFlags,
    _globals: &Globals,
) -> anyhow::Result<u8> {
    Err(exit::usage("the screen is not part of this build"))
}

/// Opens the screen on all built-in servers.
pub async fn demo(_args: DemoArgs, globals: &Globals) -> anyhow::Result<u8> {
    let targets = ["demo:raccoon", "demo:stellar", "demo:mq", "demo:echo"]
        .map(str::to_owned)
        .to_vec();
    run(targets, ConnectFlags::default(), globals).await
}
