//! The server's end of one connection: writing to it from anywhere, in one order.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::message::Message;
use crate::server::websocketmq::faults::{self, Manner};

/// Messages that may wait for being written. The real server has no queue: whoever has something
/// to say waits for the socket, as many at once as there are. Here those wait for room.
const ROOM: usize = 256;

/// Shared by the connection's own task and everybody who sends to this client.
#[derive(Debug)]
pub(super) struct Peer {
    id: String,
    queue: mpsc::Sender<Vec<u8>>,
    write_timeout: Duration,
    closing: CancellationToken,
}

impl Peer {
    /// A peer, and the end of its queue.
    pub(super) fn new(id: String, write_timeout: Duration) -> (Arc<Self>, mpsc::Receiver<Vec<u8>>) {
        let (queue, messages) = mpsc::channel(ROOM);
        let peer = Arc::new(Self {
            id,
            queue,
            write_timeout,
            closing: CancellationToken::new(),
        });
        (peer, messages)
    }

    /// The id the server has made up for it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Resolves when what was queued has been taken to be written, or nobody takes it.
    pub(super) async fn written(&self) {
        faults::written(&self.queue).await;
    }

    /// Sends a message; false if the connection is over, or has taken nothing for as long as a
    /// write may take.
    pub(super) async fn send(&self, message: &Message) -> bool {
        self.send_text(message.write()).await
    }

    /// Sends a reply in that manner.
    pub(super) async fn reply(&self, reply: &Message, manner: Manner) {
        for _ in 0..manner.copies {
            self.send_text(manner.spell(reply.write())).await;
        }
    }

    async fn send_text(&self, text: Vec<u8>) -> bool {
        let text = match self.queue.try_send(text) {
            Ok(()) => return true,
            Err(mpsc::error::TrySendError::Closed(_)) => return false,
            Err(mpsc::error::TrySendError::Full(text)) => text,
        };
        matches!(
            timeout(self.write_timeout, self.queue.send(text)).await,
            Ok(Ok(()))
        )
    }

    /// Tells the connection's task to close it.
    pub(super) fn close(&self) {
        self.closing.cancel();
    }

    /// Resolves when it is to be closed.
    pub(super) async fn closing(&self) {
        self.closing.cancelled().await;
    }

    /// Resolves when the connection's task is over.
    pub(super) async fn gone(&self) {
        self.queue.closed().await;
    }
}
