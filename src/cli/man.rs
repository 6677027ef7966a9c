//! `wspect man`: the manual page, all commands in one.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::{Cli, exit};

/// Arguments of `wspect man`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Prints the page.
pub fn run(_args: &Args) -> anyhow::Result<u8> {
    let mut page = Vec::new();
    Man::new(Cli::command()).render(&mut page)?;
    std::io::stdout().lock().write_all(&page)?;
    Ok(exit::OK)
}
