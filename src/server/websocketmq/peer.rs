//! The broker's end of one connection: a bounded queue of messages, and the calls the other side
//! has not answered yet.
//!
//! ```text
//! deliver ──► queue (room 16 or 32) ──► whoever writes it to the client
//!      └ full: dropped; the third drop ends the connection
//! ask ─► queue, waits for room ─► … ─► settle(id) ─► result
//! ```

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::dialect::Dialect;
use super::envelope::{Draft, Fault, kind};
use super::faults;
use super::time::go_duration;
use crate::sanitise::line;

/// The drop that ends a connection, counted over its whole life.
const DROPS_MAX: u32 = 3;

/// Most room a queue may have, whatever the settings say.
const ROOM_MAX: usize = 1 << 16;

/// Longest a message's sender stands still while the slow client is being closed.
pub(super) const CLOSE_WAIT: Duration = Duration::from_secs(5);

/// What a client answered: a payload, if it gave one, or its error.
pub(super) type Outcome = Result<Option<Vec<u8>>, Fault>;

/// Shared by the connection's own task, the registry and everybody who sends to this client.
#[derive(Debug)]
pub(super) struct Peer {
    id: String,
    queue: mpsc::Sender<Vec<u8>>,
    dropped: AtomicU32,
    /// Dialect 2.0 drops without end.
    patient: bool,
    /// Set at the third drop: the connection is to be closed.
    overrun: CancellationToken,
    /// Set when the connection is over.
    gone: CancellationToken,
    calls: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
}

/// A fresh random id as Go programs of this system make them: 32 hexadecimal digits.
pub(super) fn new_id() -> String {
    Uuid::new_v4().simple().to_string()
}

impl Peer {
    /// A peer for the client `id`, and the end of its queue that has room for `room` messages.
    pub(super) fn new(
        id: &str,
        room: usize,
        dialect: Dialect,
    ) -> (Arc<Self>, mpsc::Receiver<Vec<u8>>) {
        let (queue, messages) = mpsc::channel(room.clamp(1, ROOM_MAX));
        let peer = Arc::new(Self {
            id: id.to_owned(),
            queue,
            dropped: AtomicU32::new(0),
            patient: dialect == Dialect::V2_0,
            overrun: CancellationToken::new(),
            gone: CancellationToken::new(),
            calls: Mutex::default(),
        });
        (peer, messages)
    }

    /// The client's id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Resolves at the third drop.
    pub(super) async fn overrun(&self) {
        self.overrun.cancelled().await;
    }

    /// Resolves when what was queued has been taken to be written, or nobody takes it.
    pub(super) async fn written(&self) {
        faults::written(&self.queue).await;
    }

    /// Says that the connection is over; open calls fail at once.
    pub(super) fn leave(&self) {
        self.gone.cancel();
    }

    /// Queues a message, or drops it if there is no room. Whoever causes the third drop waits
    /// until the connection is over, or [`CLOSE_WAIT`] has passed.
    pub(super) async fn deliver(&self, message: Vec<u8>) {
        if self.overrun.is_cancelled() {
            return;
        }
        if !matches!(
            self.queue.try_send(message),
            Err(mpsc::error::TrySendError::Full(_))
        ) {
            return;
        }
        let dropped = self.dropped.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let id = line(&self.id);
        tracing::info!("client {id}: queue full, message dropped, {dropped} so far");
        if dropped == DROPS_MAX && !self.patient {
            self.overrun.cancel();
            // Either way the sender goes on.
            let _ = timeout(CLOSE_WAIT, self.gone.cancelled()).await;
        }
    }

    /// Asks the client and waits at most `patience` for the answer. Unlike other messages a
    /// request is never dropped: it waits up to `room_wait` for room in the queue. The error is
    /// the text the broker reports.
    pub(super) async fn ask(
        &self,
        topic: &str,
        payload: Option<&[u8]>,
        room_wait: Duration,
        patience: Duration,
    ) -> Result<Option<Vec<u8>>, String> {
        let (call, answered) = self.open_call();
        let (client, id) = (&self.id, &call.id);
        let message = Draft {
            id,
            kind: kind::REQUEST,
            topic,
            payload,
            error: None,
        };
        tokio::select! {
            biased;
            () = self.gone.cancelled() => {
                return Err(format!(
                    "client {client} context done before sending request: context canceled"
                ));
            }
            sent = timeout(room_wait, self.queue.send(message.write())) => {
                if sent.is_err() {
                    return Err(format!(
                        "timeout sending request to client {client} (ID: {id}): \
                         context deadline exceeded"
                    ));
                }
            }
        }
        tokio::select! {
            biased;
            Ok(outcome) = answered => outcome.map_err(|Fault { code, message }| format!(
                "client {client} responded with error (code {code}) for request ID {id}: {message}"
            )),
            () = self.gone.cancelled() => Err(format!(
                "client {client} context done while waiting for response (ID: {id}): \
                 context canceled"
            )),
            () = tokio::time::sleep(patience) => Err(format!(
                "request to client {client} (ID: {id}) timed out after {}",
                go_duration(patience)
            )),
        }
    }

    /// Hands an answer to whoever asked; an unknown or late id is ignored, the first answer wins.
    pub(super) fn settle(&self, id: &str, outcome: Outcome) {
        let waiting = self.calls().remove(id);
        if let Some(waiting) = waiting {
            // Nobody waits any more if the asker gave up just now.
            let _ = waiting.send(outcome);
        }
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Outcome>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_call(&self) -> (Call<'_>, oneshot::Receiver<Outcome>) {
        let (answer, answered) = oneshot::channel();
        let id = new_id();
        self.calls().insert(id.clone(), answer);
        (Call { peer: self, id }, answered)
    }
}

/// An open call; forgotten when dropped.
struct Call<'a> {
    peer: &'a Peer,
    id: String,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.peer.calls().remove(&self.id);
    }
}
