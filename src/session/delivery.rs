//! What leaves a session, and the queue it leaves through.
//!
//! The queue is bounded twice: 64 deliveries, and 32 MiB of payload. At either bound the session
//! waits, TCP slows the server down, and nothing is lost; pings are still answered.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::plan::SessionId;
use super::snapshot::Snapshot;
use crate::entry::Chunk;
use crate::frame::Seq;
use crate::protocol::{CommandError, Decoder};

/// Most deliveries in the queue.
const SLOTS: usize = 64;
/// Most payload bytes in the queue.
const BYTES: usize = 32 << 20;

/// A command that was not carried out, or several in a row for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What kind of command it was.
    pub command: &'static str,
    /// Why.
    pub error: CommandError,
    /// How many; no rejection is left uncounted.
    pub count: u32,
}

/// Entries of a delivery that belong to batches sent more than once, by sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Failures (replies and lost asks) after which the batch will be sent again.
    pub failed: Vec<Seq>,
    /// Frames that are a further attempt.
    pub sent: Vec<Seq>,
}

/// What a session hands over after a read wake or a state change.
pub struct Delivery {
    /// Which session.
    pub session: SessionId,
    /// New entries, possibly none; follows the previous delivery's chunk without a gap.
    pub chunk: Chunk,
    /// A newer picture of the session, if there is one.
    pub snapshot: Option<Arc<Snapshot>>,
    /// Set once the system is known (again): decodes this session's frames from now on.
    pub decoder: Option<Arc<dyn Decoder>>,
    /// Diagnoses for the notices.
    pub notes: Vec<String>,
    /// Commands that were not carried out.
    pub rejections: Vec<Rejection>,
    /// Which of the entries belong to batches sent more than once.
    pub retries: Attempts,
    /// True for the session's last delivery.
    pub last: bool,
    /// Room taken in the queue; freed on drop.
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

impl Delivery {
    /// A delivery of entries alone; what else there is to tell is set by the caller.
    #[must_use]
    pub fn new(session: SessionId, chunk: Chunk) -> Self {
        Self {
            session,
            chunk,
            snapshot: None,
            decoder: None,
            notes: Vec::new(),
            rejections: Vec::new(),
            retries: Attempts::default(),
            last: false,
            permit: None,
        }
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery")
            .field("session", &self.session)
            .field("entries", &self.chunk.len())
            .field("notes", &self.notes)
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

/// The session's end of the queue.
#[derive(Clone, Debug)]
pub struct Feed {
    pub(super) queue: mpsc::Sender<Delivery>,
    pub(super) room: Arc<Semaphore>,
}

/// The consumer's end of the queue.
pub type Deliveries = mpsc::Receiver<Delivery>;

/// A queue for any number of sessions and one consumer.
#[must_use]
pub fn queue() -> (Feed, Deliveries) {
    let (queue, deliveries) = mpsc::channel(SLOTS);
    (
        Feed {
            queue,
            room: Arc::new(Semaphore::new(BYTES)),
        },
        deliveries,
    )
}

/// The consumer has gone; the session should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

impl Feed {
    /// Waits for room, then hands `delivery` over.
    pub async fn send(&self, mut delivery: Delivery) -> Result<(), Gone> {
        let bytes = delivery.chunk.payload_len().clamp(1, BYTES) as u32;
        let room = Arc::clone(&self.room);
        delivery.permit = Some(room.acquire_many_owned(bytes).await.map_err(|_| Gone)?);
        self.queue.send(delivery).await.map_err(|_| Gone)
    }
}
