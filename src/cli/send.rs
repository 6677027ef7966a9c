//! `wspect send`: documents out, replies in.
//!
//! ```text
//!  FILE ─► compose ─► Order::Send ─► session ─► wire
//!             ▲ one repetition at a time           │
//!             └ clock, --repeat, --rate            ▼
//!  stdout ◄── a line per reply ◄── Desk ◄── deliveries
//! ```
//!
//! Every repetition of the documents is prepared when it is due, so `${uuid}` and `${now}` are new
//! each time; all of the first is checked before anything is sent.

mod desk;
mod documents;

use std::future::pending;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use self::desk::{Desk, Due};
use self::documents::Documents;
use super::connect_flags::ConnectFlags;
use super::course::End;
use super::stdout::{self, Output};
use super::{Globals, exit, interrupt, target};
use crate::duration;
use crate::frame::Stamp;
use crate::protocol::System;
use crate::protocol::raccoon::{Serialization, Wire};
use crate::sanitise;
use crate::session::{self, Deliveries, Handle, Order, Plan, SessionId};
use crate::transport::clock;

/// Most documents under way at once when no rate is given.
const WINDOW: usize = 1_000;
/// Most documents under way at once with a rate: as many as the ledger follows.
const WINDOW_AT_RATE: usize = 100_000;
/// How long the closing handshake may take before the run ends without it.
const CLOSING: Duration = Duration::from_secs(5);

/// Arguments of `wspect send`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to connect to.
    pub target: String,
    /// Documents to send, JSON or TOML; - or nothing reads standard input.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Send all documents this many times.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub repeat: u64,
    /// Documents per second, whether or not replies come; latency then counts from the time each
    /// one was due.
    #[arg(long, value_name = "R", value_parser = rate)]
    pub rate: Option<f64>,
    /// Raccoon: encoding of the whole batch.
    #[arg(long, value_name = "WIRE", value_parser = ["protobuf", "json"])]
    pub wire: Option<String>,
    /// Raccoon: encoding of each event.
    #[arg(long, value_name = "SERIALIZATION", value_parser = ["protobuf", "json", "raw"])]
    pub serialization: Option<String>,
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
        raccoon.ack_timeout = self.timeout;
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
    let interrupt = interrupt::token();
    let read = tokio::select! {
        read = documents::read(args.file.clone()) => read,
        () = interrupt.cancelled() => return Ok(exit::INTERRUPTED),
    };
    let mut documents = Documents::new(read?, target.plan.clone(), args.repeat);
    if let Some(system) = target.plan.system {
        // What cannot be sent is refused before anybody is called.
        documents.refill(system)?;
    }
    let (feed, deliveries) = session::queue();
    let name = target.plan.name.clone();
    let handle = session::start(target.plan, SessionId(1), feed, CancellationToken::new());
    let mut run = Run {
        documents,
        desk: Desk::new(name, args.rate.is_some()),
        pace: Pace {
            interval: args.rate.map(|rate| Duration::from_secs_f64(1.0 / rate)),
            next: None,
        },
        patience: args.timeout,
        output: Output::new(interrupt.clone(), target.secrets.clone()),
        deliveries,
        handle,
        interrupt,
    };
    let ended = run.converse().await;
    let closed = run.finish().await;
    let sentence = run.desk.sentence();
    // With stderr gone there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{}", sanitise::line(&sentence));
    if run.interrupt.is_cancelled() {
        return Ok(exit::INTERRUPTED);
    }
    ended?;
    closed?;
    run.verdict()
}

/// When the next document is due.
struct Pace {
    /// Time between documents; none to send as fast as replies allow.
    interval: Option<Duration>,
    next: Option<Stamp>,
}

impl Pace {
    /// When the document at hand is due.
    fn due(&mut self, now: Stamp) -> Stamp {
        match self.interval {
            None => now,
            Some(_) => *self.next.get_or_insert(now),
        }
    }

    /// The document at hand was handed over.
    fn advance(&mut self) {
        if let (Some(interval), Some(next)) = (self.interval, &mut self.next) {
            *next = next.after(interval);
        }
    }
}

fn ended() -> anyhow::Error {
    exit::connection("the session ended by itself")
}

/// Since when nothing could be sent, or nothing was seen of what was handed over.
struct Stuck {
    since: Stamp,
    sent: u64,
}

impl Stuck {
    /// When patience ends, as things stand.
    fn until(&mut self, desk: &Desk, now: Stamp, patience: Duration) -> Option<Stamp> {
        let moving = desk.course.is_live() && !desk.is_waiting_to_go_out();
        if moving || desk.counts.sent != self.sent {
            self.since = now;
            self.sent = desk.counts.sent;
        }
        (!moving).then(|| self.since.after(patience))
    }
}

struct Run {
    documents: Documents,
    desk: Desk,
    pace: Pace,
    patience: Duration,
    output: Output,
    deliveries: Deliveries,
    handle: Handle,
    interrupt: CancellationToken,
}

impl Run {
    /// Sends everything and waits for the replies, or until interrupted.
    async fn converse(&mut self) -> anyhow::Result<()> {
        let mut stuck = Stuck {
            since: clock::now(),
            sent: 0,
        };
        loop {
            let live = self.desk.course.is_live();
            if live {
                self.prepare()?;
            }
            if self.documents.is_used_up() && self.desk.is_idle() {
                return Ok(());
            }
            let now = clock::now();
            let due = (live && self.has_room() && self.has_next()).then(|| self.pace.due(now));
            let ready = due.filter(|due| due.mono <= now.mono);
            let orders = self.handle.orders.clone();
            tokio::select! {
                () = self.interrupt.cancelled() => return Ok(()),
                delivery = self.deliveries.recv() => {
                    let delivery = delivery.ok_or_else(ended)?;
                    if let Some(end) = self.receive(delivery).await? {
                        return Err(end.into_error());
                    }
                }
                permit = orders.reserve(), if ready.is_some() => {
                    let permit = permit.map_err(|_| ended())?;
                    if let Some(due) = self.next(ready.unwrap_or(now)) {
                        permit.send(Order::Send(due.command.clone()));
                        self.desk.hand(due);
                    }
                }
                () = until(due.filter(|_| ready.is_none())) => {}
                () = until(stuck.until(&self.desk, now, self.patience)) => {
                    return Err(self.stuck());
                }
            }
        }
    }

    fn has_room(&self) -> bool {
        let window = match self.pace.interval {
            Some(_) => WINDOW_AT_RATE,
            None => WINDOW,
        };
        self.desk.under_way() < window
    }

    fn stuck(&self) -> anyhow::Error {
        let patience = duration::show(self.patience);
        exit::refused(if self.desk.course.is_live() {
            format!("documents were handed over but did not go out within {patience}")
        } else {
            format!(
                "not ready to send within {patience}; look at the states in `wspect tail`, or \
                 allow more with --timeout"
            )
        })
    }

    /// Makes documents ready, once it is known for which system.
    fn prepare(&mut self) -> anyhow::Result<()> {
        let system = self.desk.system().unwrap_or(System::Generic);
        self.documents.refill(system)
    }

    fn has_next(&self) -> bool {
        self.desk.waits() || self.documents.has_next()
    }

    /// The next document: one that found no connection, or a new one.
    fn next(&mut self, at: Stamp) -> Option<Due> {
        if let Some(due) = self.desk.again() {
            return Some(due);
        }
        let prepared = self.documents.next()?;
        self.pace.advance();
        Some(Due {
            command: prepared.command,
            at,
        })
    }

    /// Takes a delivery and writes what came of it when the queue is empty.
    async fn receive(&mut self, delivery: session::Delivery) -> anyhow::Result<Option<End>> {
        let taken = self.desk.take(&delivery);
        for error in &taken.rejected {
            exit::warn(&error.to_string());
        }
        for remark in &taken.remarks {
            exit::warn(remark);
        }
        let end = taken.end;
        let told = end.as_ref().map_or("", End::sentence);
        for note in &delivery.notes {
            if !told.contains(note.as_str()) {
                exit::warn(note);
            }
        }
        if let Some(buffer) = delivery.chunk.into_buffer() {
            // A full queue of free buffers needs no more of them.
            let _ = self.handle.buffers.try_send(buffer);
        }
        if end.is_some() || self.deliveries.is_empty() || self.desk.out.len() >= stdout::CHUNK {
            let written = self.output.write(&mut self.desk.out).await;
            written.context("writing to stdout")?;
        }
        Ok(end)
    }

    /// Closes the connection, and prints the replies that came before its end.
    async fn finish(&mut self) -> anyhow::Result<()> {
        self.handle.cancel.cancel();
        let closing = sleep(CLOSING);
        tokio::pin!(closing);
        loop {
            let delivery = tokio::select! {
                biased;
                delivery = self.deliveries.recv() => delivery,
                () = &mut closing => None,
            };
            let Some(delivery) = delivery else { break };
            let last = delivery.last;
            self.desk.take(&delivery);
            if last {
                break;
            }
        }
        let written = self.output.write(&mut self.desk.out).await;
        written.context("writing to stdout")
    }

    fn verdict(&self) -> anyhow::Result<u8> {
        let counts = self.desk.counts;
        if counts.is_fine() {
            Ok(exit::OK)
        } else {
            let errors = counts.replies[crate::entry::Outcome::Error as usize];
            Err(exit::refused(format!(
                "of {} documents {errors} were refused or failed, {} had no reply in time, {} \
                 could not be sent",
                counts.sent + counts.rejected,
                counts.lost,
                counts.rejected
            )))
        }
    }
}

/// Waits until `moment`; for ever without one.
async fn until(moment: Option<Stamp>) {
    match moment {
        Some(moment) => sleep_until(moment.mono.into()).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests;
