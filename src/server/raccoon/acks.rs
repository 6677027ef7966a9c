//! SYNC acknowledgements: all of the process are written by one task, without a deadline. So a
//! client that stops reading holds up everybody's acks, in the real server and here.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::BytesMut;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::faults::Acks;
use super::message::{Code, Reply, Wire};
use super::metrics::Metrics;
use super::pool::Outcome;
use super::seconds;
use crate::server::wire::Writer;

/// Acks that may wait for the one that writes them; those of one connection leave together.
pub(super) const WAITING_MAX: usize = 32;

/// Guids remembered for one connection. The real server remembers all; beyond this many, ours
/// takes repeated batches for new ones.
const SEEN_MAX: usize = 1_000_000;

/// A settled batch on its way back.
pub(super) struct Settled {
    ticket: Ticket,
    guid: String,
    outcome: Outcome,
    at: Instant,
}

/// Where the ack of one batch goes.
#[derive(Clone)]
pub(super) struct Ticket {
    pub(super) acks: mpsc::Sender<Settled>,
    pub(super) writer: Writer,
    pub(super) wire: Wire,
    pub(super) seen: Option<Seen>,
    pub(super) times: Acks,
    pub(super) arrived: Instant,
}

impl Ticket {
    /// Hands the outcome to the task that writes acks; waits while that is busy.
    pub(super) async fn settle(self, guid: String, outcome: Outcome) {
        if outcome.is_err()
            && let Some(seen) = &self.seen
        {
            seen.forget(&guid);
        }
        let acks = self.acks.clone();
        let settled = Settled {
            ticket: self,
            guid,
            outcome,
            at: Instant::now(),
        };
        // Fails only when the whole server ends.
        let _ = acks.send(settled).await;
    }
}

impl Settled {
    fn append(&self, metrics: &Metrics, out: &mut BytesMut) {
        let Self {
            ticket,
            guid,
            outcome,
            at,
        } = self;
        metrics.acked(ticket.arrived.elapsed(), at.elapsed());
        let reply = match outcome {
            Ok(()) => Reply::success(guid, seconds()),
            Err(error) => publish_failure(guid, error),
        };
        for _ in 0..ticket.times.count() {
            ticket.wire.append(&reply, out);
        }
    }
}

/// Writes acks until the server ends. `lost` says when they are lost instead, as most are in the
/// real server when it stops.
pub(super) async fn run(
    mut settled: mpsc::Receiver<Settled>,
    metrics: Metrics,
    lost: impl Fn() -> bool + Send,
) {
    let mut waiting = Vec::with_capacity(WAITING_MAX);
    while settled.recv_many(&mut waiting, WAITING_MAX).await > 0 {
        let mut rest = waiting.drain(..).peekable();
        while let Some(first) = rest.next() {
            let writer = &first.ticket.writer;
            let mut frames = BytesMut::new();
            first.append(&metrics, &mut frames);
            while let Some(next) = rest.next_if(|next| next.ticket.writer.same(writer)) {
                next.append(&metrics, &mut frames);
            }
            if lost() {
                continue;
            }
            let written = writer.with(|out| out.unsplit(frames)).await;
            if let Err(error) = written {
                tracing::debug!("raccoon: the ack of {:?} was lost: {error}", first.guid);
            }
        }
    }
}

/// The reply to a batch that could not be published.
pub(super) fn publish_failure(guid: &str, error: &str) -> Reply {
    let reason = format!("cannot publish events: {error}");
    Reply::failure(Code::InternalError, &reason, Some(guid), seconds())
}

/// The guids one connection has sent, for dropping repeated batches. Kept as hashes.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    hashes: Arc<Mutex<HashSet<u64>>>,
    hasher: RandomState,
}

impl Seen {
    /// Remembers a guid; false if it was known.
    pub(super) fn is_new(&self, guid: &str) -> bool {
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = self.hasher.hash_one(guid);
        if hashes.len() >= SEEN_MAX {
            return !hashes.contains(&hash);
        }
        hashes.insert(hash)
    }

    fn forget(&self, guid: &str) {
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        hashes.remove(&self.hasher.hash_one(guid));
    }
}
