//! The command line: clap types, one file per command.
//!
//! ```text
//! Cli ─► Command ─► tail, send, serve, profile, schema, …      each: Args + run(Args, &Globals)
//!             │
//!             ├ connect_flags   how to connect, shared by all that connect
//!             ├ target          TARGET + flags ─► session::Plan
//!             └ exit            errors ─► stderr and exit code
//! ```
//!
//! Commands are thin: they wire modules together and own no behaviour of their own. `anyhow` lives
//! here and in `main` only.

pub mod broker_flags;
pub mod completions;
pub mod connect_flags;
mod course;
pub mod demo;
pub mod exit;
pub mod explain;
pub mod filter_flags;
pub mod interrupt;
pub mod log;
pub mod man;
pub mod profile;
pub mod schema;
pub mod schema_flags;
pub mod send;
pub mod serve;
mod stdout;
pub mod tail;
pub mod target;
pub mod watch;

use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand};

use connect_flags::ConnectFlags;

const USAGE: &str = "wspect [OPTIONS] [TARGET]...\n       wspect <COMMAND> [OPTIONS]";

const AFTER_HELP: &str = "\
Targets:
  NAME                   a profile: your own or a built-in one (`wspect profile list`)
  ws://… or wss://…      a WebSocket URL
  http(s)://…            a Raccoon server's REST address
  grpc(s)://HOST:PORT    a Raccoon server's gRPC address
  demo:SYSTEM            a built-in server with live traffic: raccoon, stellar, mq, echo

Exit codes:
  0  fine    1  could not connect, or the connection was lost for good
  2  wrong usage, profile, schema or document
  3  the peer refused or failed something that was sent, or an expectation was not met in time
  130  interrupted";

/// Terminal inspector and debugger for WebSocket event streams.
#[derive(Debug, Parser)]
#[command(
    name = "wspect",
    version,
    about,
    override_usage = USAGE,
    after_help = AFTER_HELP,
    max_term_width = 100,
    subcommand_precedence_over_arg = true
)]
pub struct Cli {
    /// What to connect to: opens the screen with one tab for each; without one, the profile picker.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// How to connect.
    #[command(flatten)]
    pub connect: ConnectFlags,
    /// For every command.
    #[command(flatten)]
    pub globals: Globals,
    /// The command; the screen if there is none.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options every command takes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Globals {
    /// Where profiles and config.toml are, instead of the platform's directory.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "WSPECT_CONFIG",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub config: Option<PathBuf>,
    /// Append a log to this file.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub log: Option<PathBuf>,
    /// Log more: -v what happens, -vv with details, -vvv everything.
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global options")]
    pub verbose: u8,
}

/// One variant per command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the screen on all built-in servers at once.
    Demo(watch::DemoArgs),
    /// Print what a connection carries as JSON lines.
    Tail(tail::Args),
    /// Send documents, wait for the replies, print them as JSON lines.
    Send(send::Args),
    /// Say of stored events whether they would come through filters, and why not.
    Explain(explain::Args),
    /// Run a built-in server of one system.
    Serve(serve::Args),
    /// Saved ways to connect.
    #[command(subcommand)]
    Profile(profile::Command),
    /// Look into schemas; decode or encode one message.
    Schema(schema::Args),
    /// Print a completion script for a shell.
    Completions(completions::Args),
    /// Print the manual page (troff).
    Man(man::Args),
}

/// Runs what was asked for. The value is the exit code; for errors see [`exit`].
pub async fn run(cli: Cli) -> anyhow::Result<u8> {
    let Some(command) = cli.command else {
        return watch::run(cli.targets, cli.connect, &cli.globals).await;
    };
    if !cli.targets.is_empty() || cli.connect != ConnectFlags::default() {
        return Err(exit::usage(
            "the command comes first: targets and connection options that stand before it would \
             be lost. Write `wspect COMMAND [OPTIONS] TARGET`",
        ));
    }
    let globals = &cli.globals;
    match command {
        Command::Demo(args) => watch::demo(args, globals).await,
        Command::Tail(args) => tail::run(args, globals).await,
        Command::Send(args) => send::run(args, globals).await,
        Command::Explain(args) => explain::run(args, globals),
        Command::Serve(args) => serve::run(args, globals).await,
        Command::Profile(command) => profile::run(command, globals),
        Command::Schema(args) => schema::run(args, globals),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

impl Cli {
    /// True if the terminal is going to be the screen's, so that nothing else may write to it.
    #[must_use]
    pub fn wants_screen(&self) -> bool {
        matches!(self.command, None | Some(Command::Demo(_)))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_target_is_no_command_and_a_command_no_target() {
        let cli = Cli::parse_from(["wspect", "raccoon-local", "demo:mq"]);
        assert_eq!(cli.targets, ["raccoon-local", "demo:mq"]);
        assert!(cli.command.is_none());
        let cli = Cli::parse_from(["wspect", "tail", "demo:mq"]);
        assert!(cli.targets.is_empty());
        assert!(matches!(cli.command, Some(Command::Tail(_))));
    }
}
