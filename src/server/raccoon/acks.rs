//! SYNC acknowledgements: all of the process are written by one task, without a deadline. So a
//! client that stops reading holds up everybody's acks, in the real server and here.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::message::{Code, Reply, Wire};
use super::pool::Outcome;
use super::{seconds, write_reply};
use crate::server::wire::Writer;

/// Guids remembered for one connection. The real server remembers all; beyond this many, ours
/// takes repeated batches for new ones.
const SEEN_MAX: usize = 1_000_000;

/// A settled batch on its way back.
pub(super) struct Settled {
    ticket: Ticket,
    guid: String,
    outcome: Outcome,
}

/// Where the ack of one batch goes.
#[derive(Clone)]
pub(super) struct Ticket {
    pub(super) acks: mpsc::Sender<Settled>,
    pub(super) writer: Writer,
    pub(super) wire: Wire,
    pub(super) seen: Option<Seen>,
}

impl Ticket {
    /// Hands the outcome to the task that writes acks; waits while that is busy.
    pub(super) async fn settle(self, guid: String, outcome: Outcome) {
        let acks = self.acks.clone();
        let settled = Settled {
            ticket: self,
            guid,
            outcome,
        };
        // Fails only when the whole server ends.
        let _ = acks.send(settled).await;
    }
}

/// Writes acks until the server ends. `lost` says when they are lost instead, as most are in the
/// real server when it stops.
pub(super) async fn run(mut settled: mpsc::Receiver<Settled>, lost: impl Fn() -> bool + Send) {
    while let Some(settled) = settled.recv().await {
        let Settled {
            ticket,
            guid,
            outcome,
        } = settled;
        let reply = match outcome {
            Ok(()) => Reply::success(&guid, seconds()),
            Err(error) => {
                if let Some(seen) = &ticket.seen {
                    seen.forget(&guid);
                }
                publish_failure(&guid, &error)
            }
        };
        if lost() {
            continue;
        }
        if let Err(error) = write_reply(&ticket.writer, ticket.wire, &reply).await {
            tracing::debug!("raccoon: the ack of {guid:?} was lost: {error}");
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
