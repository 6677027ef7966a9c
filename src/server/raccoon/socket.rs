//! One WebSocket: identity, refusal, the read loop.
//!
//! ```text
//! 101 ─► join ─┬─ refused: binary reply, close 1008, TCP ends
//!              └─ read: decode ─┬─ undecodable ─► code 2, at once
//!                               ├─ seen before  ─► code 1, at once (dedup)
//!                               ├─ ASYNC        ─► code 1, then enqueue
//!                               └─ SYNC         ─► enqueue with a ticket
//! ```
//!
//! What is written at once is gathered as long as there are whole messages in what was read, and
//! leaves in one write before the reader waits for anything: for more to read, or for room in the
//! queue.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::{Instant, timeout, timeout_at};

use super::acks::{Seen, Ticket};
use super::faults::Acks;
use super::hub::{Identity, Refusal, Seat};
use super::message::{Code, Reply, Wire};
use super::metrics::Unread;
use super::pool::{Job, Waiting};
use super::settings::Ack;
use super::{Raccoon, seconds};
use crate::frame::{close_parts, close_payload};
use crate::server::http::Head;
use crate::server::wire::{
    self, CONTROL_MAX, Decoder, Flavour, Incoming, Opcode, ReadError, Reader, Writer,
};

const POLICY_VIOLATION: u16 = 1008;

/// Bytes of replies that are gathered at most.
const GATHERED_MAX: usize = 64 * 1024;

/// The read loop is over: the connection ends without a further word. Why it counts as a failed
/// batch, if it does.
struct Gone(Option<Unread>);

/// Serves an upgraded connection to its end.
pub(super) async fn converse(raccoon: &Raccoon, stream: TcpStream, decoder: Decoder, head: &Head) {
    let settings = &raccoon.settings;
    let (read, write) = stream.into_split();
    let writer = Writer::new(write);
    let identity = Identity::of(head, settings);
    match raccoon
        .hub
        .join(identity, &writer, settings.max_connections)
    {
        Ok(seat) => {
            let group = seat.identity().group().into();
            let mut socket = Socket {
                raccoon,
                reader: Reader::new(read, decoder),
                writer: writer.clone(),
                replies: BytesMut::new(),
                seen: settings.dedup.then(Seen::default),
                group,
                deadline: Instant::now() + settings.pong_wait,
            };
            let Gone(why) = socket.serve(&seat).await;
            if let Some(why) = why {
                raccoon.metrics.unread(&socket.group, why);
            }
            drop(seat);
            writer.end().await;
        }
        Err(refusal) => {
            let refused = refuse(&writer, &refusal);
            let _ = timeout(settings.write_wait, refused).await;
        }
    }
}

/// Refuses as the real server does: always in protobuf, and the close frame is left out if its
/// reason does not fit.
async fn refuse(writer: &Writer, refusal: &Refusal) -> std::io::Result<()> {
    let mut payload = close_payload(POLICY_VIOLATION, "");
    payload.extend_from_slice(&refusal.reason);
    writer
        .with(|out| {
            Wire::Protobuf.append(&refusal.reply, out);
            if payload.len() <= CONTROL_MAX {
                wire::frame(Opcode::Close, true, &payload, out);
            }
        })
        .await
}

struct Socket<'a> {
    raccoon: &'a Raccoon,
    reader: Reader<OwnedReadHalf>,
    writer: Writer,
    /// Frames that are still to be written.
    replies: BytesMut,
    seen: Option<Seen>,
    group: Arc<[u8]>,
    /// Until when something must be read; only a pong moves it.
    deadline: Instant,
}

impl Socket<'_> {
    /// Reads until the client leaves, breaks the protocol, or lets the deadline pass.
    async fn serve(&mut self, seat: &Seat) -> Gone {
        loop {
            // Checked by itself, as Go does: what has arrived meanwhile is not read any more.
            if Instant::now() >= self.deadline {
                self.flush().await;
                return Gone(Some(Unread::Other));
            }
            let taken = match self.reader.buffered() {
                Ok(Some(incoming)) => self.take(incoming, seat).await,
                Ok(None) => self.fill().await,
                Err(error) => Err(self.broken(&error).await),
            };
            if let Err(gone) = taken {
                return gone;
            }
        }
    }

    /// Reads more, once what is to be said is said.
    async fn fill(&mut self) -> Result<(), Gone> {
        self.flush().await;
        match timeout_at(self.deadline, self.reader.fill()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.broken(&error).await),
            Err(_) => Err(Gone(Some(Unread::Other))),
        }
    }

    /// Reading failed: a client that broke the protocol is told so.
    async fn broken(&mut self, error: &ReadError) -> Gone {
        if let ReadError::Violation(violation) = error
            && let Some((code, reason)) = &violation.close
        {
            wire::close(Some(*code), reason, &mut self.replies);
        }
        self.flush().await;
        Gone(Some(match error {
            ReadError::Eof => Unread::Closed,
            ReadError::Violation(_) | ReadError::Socket(_) => Unread::Other,
        }))
    }

    async fn take(&mut self, incoming: Incoming, seat: &Seat) -> Result<(), Gone> {
        match incoming {
            Incoming::Text(bytes) => self.batch(Wire::Json, &bytes).await,
            Incoming::Binary(bytes) => self.batch(Wire::Protobuf, &bytes).await,
            Incoming::Pong(_) => {
                self.deadline = Instant::now() + self.raccoon.settings.pong_wait;
                Ok(())
            }
            Incoming::Ping(payload) => {
                self.flush().await;
                // The only thing the reader writes with a deadline; if it passes, it reads on.
                let pong = self.writer.pong(&payload);
                let written = timeout(self.raccoon.settings.write_wait, pong).await;
                if !matches!(written, Ok(Ok(()))) {
                    self.raccoon.metrics.pong_failed(seat.identity());
                }
                Ok(())
            }
            Incoming::Close(payload) => {
                wire::close_echo(Flavour::Gorilla, &payload, &mut self.replies);
                self.flush().await;
                // Go's library takes these for ordinary ends, the server for failures of a kind.
                Err(Gone(Some(match close_parts(&payload) {
                    None | Some((1000 | 1001, _)) => Unread::Closed,
                    Some(_) => Unread::Other,
                })))
            }
        }
    }

    async fn batch(&mut self, wire: Wire, bytes: &[u8]) -> Result<(), Gone> {
        let arrived = Instant::now();
        let raccoon = self.raccoon;
        let (batch, read) = wire.decode(bytes);
        if let Err(error) = read {
            raccoon.metrics.unread(&self.group, Unread::Serde);
            let reason = format!("cannot deserialize request: {error}");
            let reply = Reply::failure(Code::BadRequest, &reason, Some(&batch.guid), seconds());
            return self.reply(wire, &reply, Acks::Once).await;
        }
        if self.seen.as_ref().is_some_and(|s| !s.is_new(&batch.guid)) {
            raccoon.metrics.duplicate(&self.group);
            let reply = Reply::success(&batch.guid, seconds());
            return self.reply(wire, &reply, Acks::Once).await;
        }
        raccoon.metrics.read(&self.group, &batch, true);
        if batch.events.iter().any(Option::is_none) {
            self.flush().await;
            return Err(Gone(None)); // a null event crashes the real handler
        }
        let times = raccoon.settings.faults.acks(&batch);
        let waiting = match raccoon.settings.ack {
            Ack::Async => {
                let reply = Reply::success(&batch.guid, seconds());
                self.reply(wire, &reply, times).await?;
                Waiting::Nobody
            }
            Ack::Sync => Waiting::Socket(Ticket {
                acks: raccoon.acks.clone(),
                writer: self.writer.clone(),
                wire,
                seen: self.seen.clone(),
                times,
                arrived,
            }),
        };
        let job = Job {
            batch,
            group: Arc::clone(&self.group),
            arrived,
            waiting,
        };
        if raccoon.pool.publish_now(&job) {
            return Ok(());
        }
        let Some(job) = raccoon.pool.try_enqueue(job) else {
            return Ok(());
        };
        // From here on it takes as long as it takes.
        self.flush().await;
        let queued = raccoon.pool.enqueue(job).await;
        queued.map_err(|_| Gone(None))
    }

    async fn reply(&mut self, wire: Wire, reply: &Reply, times: Acks) -> Result<(), Gone> {
        for _ in 0..times.count() {
            wire.append(reply, &mut self.replies);
        }
        if self.replies.len() >= GATHERED_MAX {
            self.flush().await;
        }
        Ok(())
    }

    /// Writes the gathered replies, however long that takes. That nobody reads them any more is
    /// found out by reading, as in the real server.
    async fn flush(&mut self) {
        if self.replies.is_empty() {
            return;
        }
        let replies = self.replies.split();
        let written = self
            .writer
            .with(|out| out.extend_from_slice(&replies))
            .await;
        if let Err(error) = written {
            tracing::debug!("raccoon: replies were lost: {error}");
        }
    }
}
