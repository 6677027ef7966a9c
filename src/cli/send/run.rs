//! The run of `send`: hands documents over when they are due, takes what comes back.
//!
//! ```text
//!  ┌─► hand over all that is due ──► wait: delivery · room · next due · patience · interrupt ─┐
//!  └───────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use std::future::pending;
use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::desk::{Desk, Due};
use super::documents::Documents;
use super::pace::Pace;
use super::progress::Progress;
use crate::cli::course::End;
use crate::cli::exit;
use crate::cli::stdout::{self, Output};
use crate::duration;
use crate::entry::Outcome;
use crate::frame::Stamp;
use crate::protocol::{Command, System};
use crate::session::{Deliveries, Delivery, Handle, Order};
use crate::transport::clock;

/// Most documents under way at once when no rate is given.
const WINDOW: usize = 1_000;
/// Most documents under way at once with a rate: as many as the ledger follows.
const WINDOW_AT_RATE: usize = 100_000;
/// Payload under way at which no more is made.
const HELD_MAX: usize = 64 << 20;
/// Documents handed over at once, before replies are looked at again.
const PORTION: usize = 256;
/// Payload at which a portion is large enough.
const PORTION_BYTES: usize = 256 << 10;
/// How long the closing handshake may take before the run ends without it.
const CLOSING: Duration = Duration::from_secs(5);

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

/// What handing over waits for.
enum Hold {
    /// A reply, or a state.
    Delivery,
    /// Room in the session's queue of orders.
    Queue,
    /// The next document's time.
    Until(Stamp),
    /// Nothing: there is more to hand over at once.
    Nothing,
}

/// Everything a run has at hand.
pub(super) struct Run {
    pub(super) documents: Documents,
    pub(super) desk: Desk,
    pub(super) pace: Pace,
    pub(super) patience: Duration,
    pub(super) output: Output,
    pub(super) progress: Progress,
    pub(super) deliveries: Deliveries,
    pub(super) handle: Handle,
    pub(super) interrupt: CancellationToken,
}

impl Run {
    /// Sends everything and waits for the replies, or until interrupted.
    pub(super) async fn converse(&mut self) -> anyhow::Result<()> {
        let mut stuck = Stuck {
            since: clock::now(),
            sent: 0,
        };
        loop {
            let hold = self.hand_over()?;
            if self.documents.is_used_up() && self.desk.is_idle() {
                return Ok(());
            }
            let now = clock::now();
            self.progress.show(&self.desk, &self.pace, now);
            let due = match hold {
                Hold::Until(due) => Some(due),
                Hold::Nothing => Some(now),
                Hold::Delivery | Hold::Queue => None,
            };
            let orders = self.handle.orders.clone();
            tokio::select! {
                biased;
                () = self.interrupt.cancelled() => return Ok(()),
                delivery = self.deliveries.recv() => {
                    let delivery = delivery.ok_or_else(ended)?;
                    if let Some(end) = self.receive(delivery).await? {
                        return Err(end.into_error());
                    }
                }
                room = orders.reserve(), if matches!(hold, Hold::Queue) => {
                    drop(room.map_err(|_| ended())?);
                }
                () = until(due) => {}
                () = until(stuck.until(&self.desk, now, self.patience)) => {
                    return Err(self.stuck());
                }
                () = until(self.progress.next(now)) => {}
            }
        }
    }

    /// Hands over what is due now, as far as there is room.
    fn hand_over(&mut self) -> anyhow::Result<Hold> {
        if !self.desk.course.is_live() {
            return Ok(Hold::Delivery);
        }
        self.documents.read_as(
            self.desk.system().unwrap_or(System::Generic),
            self.desk.dialect(),
        )?;
        let orders = self.handle.orders.clone();
        let permit = match orders.try_reserve() {
            Ok(permit) => permit,
            Err(TrySendError::Full(())) => return Ok(Hold::Queue),
            Err(TrySendError::Closed(())) => return Err(ended()),
        };
        let mut portion = Vec::new();
        let hold = self.fill(&mut portion);
        // What was made is sent, whatever came after it.
        match portion.len() {
            0 => {}
            1 => permit.send(Order::Send(portion.remove(0))),
            _ => permit.send(Order::SendAll(portion)),
        }
        hold
    }

    /// Puts what is due now into `portion`, as far as there is room.
    fn fill(&mut self, portion: &mut Vec<Command>) -> anyhow::Result<Hold> {
        let mut size = 0;
        while portion.len() < PORTION && size < PORTION_BYTES {
            if !self.has_room() {
                return Ok(Hold::Delivery);
            }
            if let Err(due) = self.desk.paced(clock::now()) {
                return Ok(due.map_or(Hold::Delivery, Hold::Until));
            }
            let due = match self.upcoming()? {
                ControlFlow::Continue(due) => due,
                ControlFlow::Break(hold) => return Ok(hold),
            };
            size += due.command.size();
            portion.push(due.command.clone());
            self.desk.hand(due);
        }
        Ok(Hold::Nothing)
    }

    /// The document that is due now: one that found no connection, or a new one.
    fn upcoming(&mut self) -> anyhow::Result<ControlFlow<Hold, Due>> {
        if let Some(due) = self.desk.again() {
            return Ok(ControlFlow::Continue(due));
        }
        let now = clock::now();
        let at = self.pace.due(now);
        if self.pace.is_over(at) {
            self.documents.stop();
        }
        if self.documents.is_used_up() {
            return Ok(ControlFlow::Break(Hold::Delivery));
        }
        if at.mono > now.mono {
            return Ok(ControlFlow::Break(Hold::Until(at)));
        }
        let made = self.documents.make(now)?;
        Ok(made.map_or(ControlFlow::Break(Hold::Delivery), |command| {
            self.pace.advance();
            ControlFlow::Continue(Due::new(command, at))
        }))
    }

    fn has_room(&self) -> bool {
        let window = match self.pace.rate {
            Some(_) => WINDOW_AT_RATE,
            None => WINDOW,
        };
        self.desk.under_way() < window && self.desk.held() < HELD_MAX
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

    /// Takes a delivery and what waits behind it, and writes what came of it.
    async fn receive(&mut self, delivery: Delivery) -> anyhow::Result<Option<End>> {
        let mut next = Some(delivery);
        let mut end = None;
        while let Some(delivery) = next {
            end = end.or(self.take(delivery));
            if end.is_some() || self.desk.out.len() >= stdout::CHUNK {
                break;
            }
            next = self.deliveries.try_recv().ok();
        }
        if !self.desk.out.is_empty() {
            self.progress.clear();
        }
        let written = self.output.write(&mut self.desk.out).await;
        written.context("writing to stdout")?;
        Ok(end)
    }

    fn take(&mut self, delivery: Delivery) -> Option<End> {
        let taken = self.desk.take(&delivery);
        let told = taken.end.as_ref().map_or("", End::sentence);
        let notes = delivery.notes.iter().filter(|note| !told.contains(*note));
        let errors = taken.rejected.iter().map(ToString::to_string);
        let untold = |remark: &&String| !self.documents.has_told(remark);
        let remarks = taken.remarks.iter().filter(untold).cloned();
        for sentence in errors.chain(remarks).chain(notes.cloned()) {
            self.progress.clear();
            exit::warn(&sentence);
        }
        if let Some(buffer) = delivery.chunk.into_buffer() {
            // A full queue of free buffers needs no more of them.
            let _ = self.handle.buffers.try_send(buffer);
        }
        taken.end
    }

    /// Closes the connection, and prints the replies that came before its end.
    pub(super) async fn finish(&mut self) -> anyhow::Result<()> {
        self.progress.end();
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

    /// The exit code.
    pub(super) fn verdict(&self) -> anyhow::Result<u8> {
        let counts = self.desk.counts;
        if counts.is_fine() {
            return Ok(exit::OK);
        }
        let errors = counts.replies[Outcome::Error as usize];
        Err(exit::refused(format!(
            "of {} documents {errors} were refused or failed, {} had no reply in time, {} could \
             not be sent",
            counts.sent + counts.rejected,
            counts.lost,
            counts.rejected
        )))
    }
}

fn ended() -> anyhow::Error {
    exit::connection("the session ended by itself")
}

/// Waits until `moment`; for ever without one.
async fn until(moment: Option<Stamp>) {
    match moment {
        Some(moment) => sleep_until(moment.mono.into()).await,
        None => pending().await,
    }
}
