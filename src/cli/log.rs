//! `--log FILE` and `-v`.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::{Cli, exit};

/// Starts the log if one is wanted. `--log` appends to a file only its owner can read; `-v` alone
/// goes to stderr, and is refused where the screen needs the terminal. `WSPECT_LOG` may name what
/// is logged: `TARGET=LEVEL`, separated by commas.
pub fn start(cli: &Cli) -> anyhow::Result<()> {
    let globals = &cli.globals;
    if globals.log.is_none() && globals.verbose == 0 {
        return Ok(());
    }
    let writer = match &globals.log {
        Some(path) => BoxMakeWriter::new(Mutex::new(open(path)?)),
        None if cli.wants_screen() => {
            return Err(exit::usage(
                "-v would write over the screen; say where the log goes with --log FILE",
            ));
        }
        None => BoxMakeWriter::new(std::io::stderr),
    };
    let level = match globals.verbose {
        0 | 1 => "wspect=info,warn",
        2 => "wspect=debug,info",
        _ => "trace",
    };
    let told = std::env::var("WSPECT_LOG").unwrap_or_else(|_| level.to_owned());
    let filter: Targets = told.parse().map_err(|error| {
        exit::usage(format!(
            "WSPECT_LOG is {told:?}, which is no log filter: {error}; \
             write for example wspect=debug"
        ))
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false);
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .init();
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map_err(|error| {
        exit::usage(format!(
            "cannot open the log file {}: {error}; name a file in a folder you can write to",
            path.display()
        ))
    })
}
