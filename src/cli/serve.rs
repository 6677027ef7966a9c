//! `wspect serve`: a built-in server on its own, until a signal stops it.
//!
//! The first line on stdout is the URL to dial. Those of further listeners follow, one a line: REST,
//! gRPC, metrics.

mod echo;
mod raccoon;
mod savetowebsocket;
mod websocketmq;

use std::io::{self, Write as _};

use super::{Globals, exit, interrupt};
use crate::server::{self, Running, ServerError};

/// Arguments of `wspect serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to listen; port 0 takes a free one. Without it, the address of the built-in profile:
    /// port 8080 for raccoon (gRPC one above) and savetowebsocket, 8081 for websocketmq (9000 as
    /// 1.3, 3001 as 1.1), 9001 for echo.
    #[arg(long, global = true, value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// What to speak.
    #[command(subcommand)]
    pub system: System,
}

/// The built-in servers.
#[derive(Debug, clap::Subcommand)]
pub enum System {
    /// Takes batches of events over WebSocket, REST and gRPC and acknowledges them.
    Raccoon(Box<raccoon::Flags>),
    /// Sends Stellar events, made up or from a file, to clients that register.
    Savetowebsocket(Box<savetowebsocket::Flags>),
    /// Relays publishes, answers requests, asks its clients.
    Websocketmq(Box<websocketmq::Flags>),
    /// Sends back what it gets; can flood.
    Echo(echo::Flags),
}

impl System {
    /// Where the built-in profile of the system looks for it.
    fn usual_address(&self) -> String {
        match self {
            Self::Raccoon(_) | Self::Savetowebsocket(_) => "127.0.0.1:8080".to_owned(),
            Self::Websocketmq(flags) => flags.usual_address(),
            Self::Echo(_) => "127.0.0.1:9001".to_owned(),
        }
    }

    async fn start(&self, listen: String) -> Result<Running, ServerError> {
        match self {
            Self::Raccoon(flags) => server::raccoon::start(flags.settings(listen)).await,
            Self::Savetowebsocket(flags) => {
                let started = server::savetowebsocket::start(flags.settings(listen)).await;
                started.map(|(running, _)| running)
            }
            Self::Websocketmq(flags) => flags.start(listen).await,
            Self::Echo(flags) => server::echo::start(flags.settings(listen)).await,
        }
    }
}

/// Runs it; the value is the exit code. Only a signal ends it, and it stops in order then.
pub async fn run(args: Args, _globals: &Globals) -> anyhow::Result<u8> {
    let usual = args.system.usual_address();
    let listen = args.listen.unwrap_or(usual);
    let signalled = interrupt::token();
    let running = args.system.start(listen).await.map_err(explained)?;
    announce(&running)?;
    signalled.cancelled().await;
    running.stop().await;
    Ok(exit::INTERRUPTED)
}

fn explained(error: ServerError) -> anyhow::Error {
    match error {
        ServerError::Bind { .. } => exit::connection(error),
        ServerError::Settings { .. } => exit::usage(error),
    }
}

/// Tells the URLs. That nobody reads them is no reason not to serve.
fn announce(running: &Running) -> io::Result<()> {
    let further = [
        running.rest_url(),
        running.grpc_url(),
        running.metrics_url(),
    ];
    let mut text = running.url().to_owned();
    for url in further.into_iter().flatten() {
        text.push('\n');
        text.push_str(&url);
    }
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests;
