//! The `wspect` program: parse, start the log and the runtime, dispatch, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use wspect::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let code = run(cli).unwrap_or_else(|error| cli::exit::report(&error));
    ExitCode::from(code)
}

fn run(cli: Cli) -> anyhow::Result<u8> {
    cli::log::start(&cli)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.min(4))
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(cli::run(cli));
    // A look-up or a blocking read that is still under way must not hold up the exit.
    runtime.shutdown_background();
    outcome
}
