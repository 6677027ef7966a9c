//! `wspect tail`: what a connection carries, line by line.
//!
//! ```text
//!  session ──queue──► Printer ──lines──► stdout, in large pieces, flushed when the queue is empty
//!                       │
//!                       └► over by --limit, --until, --for, a signal, or the end of the session
//! ```

mod printer;
mod twin;

use std::future::pending;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use self::printer::{Done, Format, Printer, Wanted};
use self::twin::Twin;
use super::connect_flags::ConnectFlags;
use super::course::End;
use super::stdout::{self, Output};
use super::{Globals, exit, interrupt, target};
use crate::duration;
use crate::protocol::System;
use crate::protocol::savetowebsocket::Reasoner;
use crate::protocol::savetowebsocket::filter::checks::{Answer, Check};
use crate::session::{self, Deliveries, Delivery, Handle, SessionId};
use crate::store::Filter;
use crate::transport::clock;

/// How long the closing handshake may take before the run ends without it.
const CLOSING: Duration = Duration::from_secs(5);

/// How long a stream without events may have been open before more is said of it.
const SILENCE: Duration = Duration::from_secs(3);

/// Arguments of `wspect tail`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to connect to.
    pub target: String,
    /// End after this many printed frames.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// End after this time.
    #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
    pub period: Option<Duration>,
    /// Print only the lines this jq expression is true for.
    #[arg(long, value_name = "JQ")]
    pub filter: Option<String>,
    /// End with success at the line this jq expression is true for; exit code 3 if none comes.
    #[arg(long, value_name = "JQ")]
    pub until: Option<String>,
    /// How lines are written.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Add the payload itself, as `text` or `base64`.
    #[arg(long)]
    pub raw: bool,
    /// Leave out the decoded bodies.
    #[arg(long)]
    pub no_body: bool,
    /// What the filters are held to.
    #[command(flatten)]
    pub held: HeldTo,
    /// How to connect.
    #[command(flatten)]
    pub connect: ConnectFlags,
}

/// What the filters of a `SaveToWebSocket` stream are held to.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "SaveToWebSocket filters")]
pub struct HeldTo {
    /// Leave out the events the filters would not let through if they worked as documented.
    #[arg(long)]
    pub documented: bool,
    /// Open a second connection without filters, and print which events should have come through
    /// the filters and did not, or came and should not have.
    #[arg(long)]
    pub shadow: bool,
}

impl Args {
    fn wanted(&self) -> anyhow::Result<Wanted> {
        Ok(Wanted {
            filter: compile("--filter", self.filter.as_deref())?,
            until: compile("--until", self.until.as_deref())?,
            limit: self.limit,
            format: self.format,
            raw: self.raw,
            body: !self.no_body,
            documented: None,
        })
    }

    /// `--documented` and `--shadow` ask for filters, which one system has.
    fn check(&self, system: Option<System>) -> anyhow::Result<()> {
        let flag = match (self.held.documented, self.held.shadow) {
            (true, _) => "--documented",
            (_, true) => "--shadow",
            _ => return Ok(()),
        };
        match system {
            None | Some(System::SaveToWebSocket) => Ok(()),
            Some(other) => Err(exit::usage(format!(
                "{flag} is about the filters of SaveToWebSocket; {} speaks {}",
                self.target,
                other.name()
            ))),
        }
    }
}

fn compile(flag: &str, text: Option<&str>) -> anyhow::Result<Option<Filter>> {
    text.map(Filter::compile).transpose().map_err(|error| {
        let text = text.unwrap_or_default();
        exit::usage(format!("{flag} `{text}` is not a jq expression: {error}"))
    })
}

/// Why a run is over.
#[derive(Debug)]
enum Why {
    Printer(Done),
    Period,
    Interrupted,
}

impl Why {
    fn word(&self) -> &'static str {
        match self {
            Self::Printer(Done::Limit) => "limit",
            Self::Printer(Done::Until) => "until",
            Self::Printer(Done::Ended(end)) => end.word(),
            Self::Period => "for",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Runs it; the value is the exit code.
pub async fn run(args: Args, globals: &Globals) -> anyhow::Result<u8> {
    let mut wanted = args.wanted()?;
    let mut target = target::resolve(&args.target, &args.connect, globals).await?;
    if target.server.is_some() && args.connect.metrics.is_none() {
        // A demo has them for its screen; among a demo's lines they would only be in the way.
        target.plan.settings.raccoon.metrics_url = None;
    }
    for warning in &target.warnings {
        exit::warn(warning);
    }
    args.check(target.plan.system)?;
    let filters = &target.plan.settings.savetowebsocket.filters;
    wanted.documented = args.held.documented.then(|| Reasoner::new(filters));
    let started = clock::now();
    let interrupt = interrupt::token();
    let printer = Printer::new(wanted, target.plan.name.clone());
    let (feed, deliveries) = session::queue();
    let handle = session::start(
        target.plan.clone(),
        SessionId(1),
        feed,
        CancellationToken::new(),
    );
    let mut run = Run {
        twin: args.held.shadow.then(|| Twin::new(&target.plan)),
        printer,
        output: Output::new(interrupt.clone(), target.secrets.clone()),
        deliveries,
        handle,
        interrupt,
    };
    let why = match run.follow(args.period).await {
        Ok(why) => why,
        Err(error) => {
            run.close().await;
            return given_up(error);
        }
    };
    let now = clock::now();
    run.printer
        .summarise(why.word(), now, now.since(started), run.twin.as_ref());
    run.output.write(&mut run.printer.out).await?;
    if now.since(started) >= SILENCE {
        warn_of_silence(&run.printer.silence());
    }
    if let Some((count, failure)) = run.printer.failures() {
        exit::warn(&format!(
            "a filter failed on {count} entries, first: {failure}"
        ));
    }
    let seen = run.printer.seen();
    verdict(why, args.until.as_deref(), seen)
}

/// What a failed write means: a reader that was too slow for an interrupted run is no error of the
/// connection.
fn given_up(error: std::io::Error) -> anyhow::Result<u8> {
    if error.kind() == std::io::ErrorKind::TimedOut {
        exit::warn(&error.to_string());
        return Ok(exit::INTERRUPTED);
    }
    Err(anyhow::Error::from(error).context("writing to stdout"))
}

/// The exit code, or the error that carries it.
fn verdict(why: Why, until: Option<&str>, seen: u64) -> anyhow::Result<u8> {
    match (why, until) {
        (Why::Interrupted, _) => Ok(exit::INTERRUPTED),
        (Why::Printer(Done::Ended(end)), _) => Err(end.into_error()),
        (Why::Printer(Done::Until), _) | (_, None) => Ok(exit::OK),
        (why, Some(until)) => Err(exit::refused(format!(
            "--until `{until}` matched none of {seen} entries before the run ended by --{}",
            why.word()
        ))),
    }
}

struct Run {
    twin: Option<Twin>,
    printer: Printer,
    output: Output,
    deliveries: Deliveries,
    handle: Handle,
    interrupt: CancellationToken,
}

impl Run {
    /// Prints until something ends the run, then what the session still has to say.
    async fn follow(&mut self, period: Option<Duration>) -> std::io::Result<Why> {
        let over = async {
            match period {
                Some(period) => tokio::time::sleep(period).await,
                None => pending().await,
            }
        };
        tokio::pin!(over);
        loop {
            let delivery = tokio::select! {
                biased;
                () = self.interrupt.cancelled() => return self.finish(Why::Interrupted).await,
                () = &mut over => return self.finish(Why::Period).await,
                woken = either(&mut self.deliveries, self.twin.as_mut()) => woken,
            };
            let delivery = match delivery {
                Woken::First(delivery) => delivery,
                Woken::Second(second) => {
                    if let Some(done) = self.second(second).await? {
                        self.close().await;
                        return Ok(Why::Printer(done));
                    }
                    continue;
                }
            };
            let Some(delivery) = delivery else {
                let sentence = "the session ended by itself".to_owned();
                return Ok(Why::Printer(Done::Ended(End::Lost(sentence))));
            };
            let mut done = self.printer.take(&delivery);
            if let Some(twin) = &mut self.twin {
                twin.first(&delivery);
                done = done.or(self.printer.mismatches(twin));
            }
            if !self.printer.tells_notes() || matches!(done, Some(Done::Ended(_))) {
                warn_of(&delivery.notes, done.as_ref());
            }
            if let Some(buffer) = delivery.chunk.into_buffer() {
                // A full queue of free buffers needs no more of them.
                let _ = self.handle.buffers.try_send(buffer);
            }
            if done.is_some()
                || self.deliveries.is_empty()
                || self.printer.out.len() >= stdout::CHUNK
            {
                self.output.write(&mut self.printer.out).await?;
            }
            if let Some(done) = done {
                self.close().await;
                return Ok(Why::Printer(done));
            }
        }
    }

    /// Takes what the second session delivered, or what its time has come to say.
    async fn second(&mut self, delivery: Option<Delivery>) -> std::io::Result<Option<Done>> {
        let Some(twin) = &mut self.twin else {
            return Ok(None);
        };
        if let Some(delivery) = delivery {
            twin.second(delivery);
        }
        let done = self.printer.mismatches(twin);
        self.output.write(&mut self.printer.out).await?;
        Ok(done)
    }

    /// Ends the session and prints what was received before its end.
    async fn finish(&mut self, why: Why) -> std::io::Result<Why> {
        self.handle.cancel.cancel();
        if let Some(twin) = &mut self.twin {
            twin.close().await;
        }
        let closing = tokio::time::sleep(CLOSING);
        tokio::pin!(closing);
        loop {
            let delivery = tokio::select! {
                biased;
                delivery = self.deliveries.recv() => delivery,
                () = &mut closing => None,
            };
            let Some(delivery) = delivery else { break };
            if let Some(done) = self.printer.take(&delivery)
                && !matches!(done, Done::Ended(_))
            {
                self.output.write(&mut self.printer.out).await?;
                self.close().await;
                return Ok(Why::Printer(done));
            }
            self.output.write(&mut self.printer.out).await?;
            if delivery.last {
                break;
            }
        }
        Ok(why)
    }

    /// Ends the session in order; what it still delivers is not wanted any more.
    async fn close(&mut self) {
        self.handle.cancel.cancel();
        if let Some(twin) = &mut self.twin {
            twin.close().await;
        }
        let drained = async { while self.deliveries.recv().await.is_some() {} };
        // A server that does not answer the close frame must not hold up the exit.
        let _ = tokio::time::timeout(CLOSING, drained).await;
    }
}

/// Which of the two sessions had something.
enum Woken {
    First(Option<Delivery>),
    Second(Option<Delivery>),
}

/// Waits for both, neither of them first: one that is busy must not hold up the other.
async fn either(deliveries: &mut Deliveries, twin: Option<&mut Twin>) -> Woken {
    let second = async {
        match twin {
            Some(twin) => twin.next().await,
            None => pending().await,
        }
    };
    tokio::select! {
        delivery = deliveries.recv() => Woken::First(delivery),
        second = second => Woken::Second(second),
    }
}

/// Tells what can be the cause that no event came, in order.
fn warn_of_silence(checks: &[Check]) {
    let open = |check: &&Check| check.answer != Answer::Excluded;
    for (n, check) in checks.iter().filter(open).enumerate() {
        if n == 0 {
            exit::warn("no event came; what it can be, the likeliest first:");
        }
        exit::warn(&format!("{}. {} {}", n + 1, check.asks, check.says));
    }
}

/// Tells the session's diagnoses, except the one the error message will repeat.
fn warn_of(notes: &[String], done: Option<&Done>) {
    let told = match done {
        Some(Done::Ended(end)) => end.sentence(),
        _ => "",
    };
    for note in notes {
        if !told.contains(note.as_str()) {
            exit::warn(note);
        }
    }
}

#[cfg(test)]
mod tests;
