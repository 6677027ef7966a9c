//! `wspect send`: documents out, replies in.
//!
//! ```text
//!  FILE ─► compose ─► Order::Send ─► session ─► wire
//!             ▲ filled in when due                 │
//!             └ clock, --repeat, --rate, --for     ▼
//!  stdout ◄── a line per reply ◄── Desk ◄── deliveries
//! ```
//!
//! The documents are read and checked before anything is sent, and filled in when they are due, so
//! `${uuid}` and `${now}` are new each time.

mod desk;
mod documents;
mod pace;
mod progress;
mod run;
mod unacked;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use self::desk::Desk;
use self::documents::Documents;
use self::pace::Pace;
use self::progress::Progress;
use self::run::Run;
use self::unacked::Unacked;
use super::connect_flags::ConnectFlags;
use super::stdout::Output;
use super::{Globals, exit, interrupt, target};
use crate::duration;
use crate::protocol::System;
use crate::protocol::raccoon::{Retry, Serialization, Transport, Wire};
use crate::protocol::savetowebsocket::Introduction;
use crate::protocol::websocketmq::{Pacing, WINDOW};
use crate::sanitise;
use crate::saved::Saved;
use crate::session::{self, Plan, SessionId};

/// Arguments of `wspect send`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to connect to.
    pub target: String,
    /// Documents to send, JSON or TOML: a file, or @NAME for one saved under a name; - or nothing
    /// reads standard input.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Send all documents this many times; with --for as often as the time allows.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub repeat: Option<u64>,
    /// Documents per second, whether or not replies come; latency then counts from the time each
    /// one was due.
    #[arg(long, value_name = "R", value_parser = rate)]
    pub rate: Option<f64>,
    /// Send all documents again and again for this long.
    #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
    pub length: Option<Duration>,
    /// Write what was sent and not answered, or not sent at all, to this file: the same bytes as
    /// documents, to be sent again.
    #[arg(long, value_name = "FILE")]
    pub unacked: Option<PathBuf>,
    /// No line per reply; the summary on stderr remains.
    #[arg(short, long)]
    pub quiet: bool,
    /// Raccoon: encoding of the whole batch.
    #[arg(long, value_name = "WIRE", value_parser = ["protobuf", "json"])]
    pub wire: Option<String>,
    /// Raccoon: encoding of each event.
    #[arg(long, value_name = "SERIALIZATION", value_parser = ["protobuf", "json", "raw"])]
    pub serialization: Option<String>,
    /// Raccoon: what batches go over; where omitted, the profile's or the target's own.
    #[arg(long, value_name = "TRANSPORT", value_parser = ["websocket", "rest", "grpc"])]
    pub transport: Option<String>,
    /// Send also what the server would throw away in silence, crash on or hang up over (Raccoon,
    /// SaveToWebSocket, WebSocketMQ).
    #[arg(long)]
    pub no_lint: bool,
    /// WebSocketMQ: send also what makes other people's pages reload or runs code in them.
    #[arg(long)]
    pub yes: bool,
    /// WebSocketMQ: most replies and own publishes outstanding at a time, 0 for any number. A
    /// broker of generation 2 drops what is beyond 16, and hangs up at the third drop.
    #[arg(long, value_name = "N", default_value_t = WINDOW)]
    pub window: usize,
    /// Raccoon: send a failed batch again, with the same guid: a number of attempts, or what a
    /// published client does (go-ws, go-rest, go-grpc, js, python, java).
    #[arg(long, value_name = "N|CLIENT", value_parser = Retry::told)]
    pub retry: Option<Retry>,
    /// How long a reply, and the way to being connected, may take.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::parse)]
    pub timeout: Duration,
    /// How to connect.
    #[command(flatten)]
    pub connect: ConnectFlags,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if rate.is_finite() && (0.001..=1e6).contains(&rate) {
        Ok(rate)
    } else {
        Err("a rate is between 0.001 and 1000000 per second".to_owned())
    }
}

impl Args {
    /// Lets the flags outrank the plan, and keeps everything off the wire that was not asked for.
    fn amend(&self, plan: &mut Plan) {
        let raccoon = &mut plan.settings.raccoon;
        match self.wire.as_deref() {
            Some("json") => raccoon.wire = Wire::Json,
            Some(_) => raccoon.wire = Wire::Protobuf,
            None => {}
        }
        match self.serialization.as_deref() {
            Some("json") => raccoon.serialization = Serialization::Json,
            Some("raw") => raccoon.serialization = Serialization::Raw,
            Some(_) => raccoon.serialization = Serialization::Protobuf,
            None => {}
        }
        match self.transport.as_deref() {
            Some("rest") => raccoon.transport = Some(Transport::Rest),
            Some("grpc") => raccoon.transport = Some(Transport::Grpc),
            Some(_) => raccoon.transport = Some(Transport::WebSocket),
            None => {}
        }
        if let Some(retry) = &self.retry {
            raccoon.retry = retry.clone();
        }
        raccoon.lint &= !self.no_lint;
        plan.settings.savetowebsocket.unlinted = self.no_lint;
        plan.settings.websocketmq.unlinted = self.no_lint;
        raccoon.ack_timeout = self.timeout;
        raccoon.health = Some(String::new());
        raccoon.metrics_url = None;
        plan.settings.websocketmq.request_timeout = self.timeout;
        plan.reply_timeout = self.timeout;
        plan.traffic = None;
        plan.ping_every = Duration::ZERO;
    }
}

/// Runs it; the value is the exit code.
pub async fn run(args: Args, globals: &Globals) -> anyhow::Result<u8> {
    let mut target = target::resolve(&args.target, &args.connect, globals).await?;
    args.amend(&mut target.plan);
    for warning in &target.warnings {
        exit::warn(warning);
    }
    let unacked = args.unacked.clone().map(Unacked::create).transpose()?;
    let interrupt = interrupt::token();
    let saved = Saved::new(crate::profile::config_dir(globals.config.as_deref()).as_deref());
    let read = tokio::select! {
        read = documents::read(args.file.clone(), saved) => read,
        () = interrupt.cancelled() => return Ok(exit::INTERRUPTED),
    };
    let repeat = args.repeat.or(args.length.is_none().then_some(1));
    let mut documents =
        Documents::new(read?, &target.plan, repeat.unwrap_or(u64::MAX)).allowing(args.yes);
    if let Some(system) = target.plan.system {
        // What cannot be sent is refused before anybody is called.
        documents.read_as(system, None)?;
    }
    let total = repeat.and_then(|repeat| documents.total(repeat));
    let (feed, deliveries) = session::queue();
    let name = target.plan.name.clone();
    let pacing = Pacing::new(args.window, &target.plan.settings.websocketmq.subscribe);
    let by_hand = target.plan.system == Some(System::SaveToWebSocket)
        && target.plan.settings.savetowebsocket.register == Introduction::Manual;
    let handle = session::start(target.plan, SessionId(1), feed, CancellationToken::new());
    let mut run = Run {
        documents,
        desk: Desk::new(name, args.rate.is_some())
            .quiet(args.quiet)
            .registering(by_hand)
            .pacing(pacing)
            .keeping_unacked(args.unacked.is_some()),
        pace: Pace::new(args.rate, args.length),
        progress: Progress::new(total),
        patience: args.timeout,
        output: Output::new(interrupt.clone(), target.secrets.clone()),
        deliveries,
        handle,
        interrupt,
    };
    let ended = run.converse().await;
    let closed = run.finish().await;
    let sentence = run.desk.sentence(args.rate);
    // With stderr gone there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{}", sanitise::line(&sentence));
    for line in run.desk.details() {
        let _ = writeln!(std::io::stderr().lock(), "  {}", sanitise::line(&line));
    }
    if let Some(unacked) = unacked {
        unacked.write(&run.desk, &args.target)?;
    }
    if run.interrupt.is_cancelled() {
        return Ok(exit::INTERRUPTED);
    }
    ended?;
    closed?;
    run.verdict()
}

#[cfg(test)]
mod tests;
