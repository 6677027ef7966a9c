//! One WebSocket: identity, refusal, the read loop.
//!
//! ```text
//! 101 ─► join ─┬─ refused: binary reply, close 1008, TCP ends
//!              └─ read: decode ─┬─ undecodable ─► code 2, at once
//!                               ├─ seen before  ─► code 1, at once (dedup)
//!                               ├─ ASYNC        ─► code 1, then enqueue
//!                               └─ SYNC         ─► enqueue with a ticket
//! ```

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::acks::{Seen, Ticket};
use super::hub::{Identity, Refusal};
use super::message::{Code, Reply, Wire};
use super::pool::{Job, Waiting};
use super::settings::Ack;
use super::{Raccoon, seconds, write_reply};
use crate::frame::close_payload;
use crate::server::http::Head;
use crate::server::wire::{CONTROL_MAX, Decoder, Link, Opcode, Received, Writer};

const POLICY_VIOLATION: u16 = 1008;

/// The read loop is over: the connection ends without a further word.
struct Gone;

/// Serves an upgraded connection to its end.
pub(super) async fn converse(raccoon: &Raccoon, stream: TcpStream, decoder: Decoder, head: &Head) {
    let settings = &raccoon.settings;
    let link = Link::tcp(stream, decoder);
    let identity = Identity::of(head, settings);
    match raccoon
        .hub
        .join(identity, link.writer(), settings.max_connections)
    {
        Ok(seat) => {
            let writer = link.writer().clone();
            Socket::new(raccoon).read(link).await;
            drop(seat);
            // Batches still being published hold writers, too; TCP must not wait for them.
            writer.end().await;
        }
        Err(refusal) => {
            let refused = refuse(link.writer(), &refusal);
            let _ = timeout(settings.write_wait, refused).await;
        }
    }
}

/// Refuses as the real server does: always in protobuf, and the close frame is left out if its
/// reason does not fit.
async fn refuse(writer: &Writer, refusal: &Refusal) -> std::io::Result<()> {
    write_reply(writer, Wire::Protobuf, &refusal.reply).await?;
    let mut payload = close_payload(POLICY_VIOLATION, "");
    payload.extend_from_slice(&refusal.reason);
    if payload.len() <= CONTROL_MAX {
        writer.frame(Opcode::Close, true, &payload).await?;
    }
    Ok(())
}

struct Socket<'a> {
    raccoon: &'a Raccoon,
    seen: Option<Seen>,
}

impl<'a> Socket<'a> {
    fn new(raccoon: &'a Raccoon) -> Self {
        Self {
            raccoon,
            seen: raccoon.settings.dedup.then(Seen::default),
        }
    }

    /// Reads until the client leaves, breaks the protocol, or lets the deadline pass, which only
    /// a pong moves.
    async fn read(&self, mut link: Link) {
        let wait = self.raccoon.settings.pong_wait;
        let mut deadline = Instant::now() + wait;
        loop {
            // Checked by itself, as Go does: what has arrived meanwhile is not read any more.
            if Instant::now() >= deadline {
                return;
            }
            let Ok(Ok(received)) = timeout_at(deadline, link.recv()).await else {
                return;
            };
            let taken = match received {
                Received::Text(bytes) => self.take(link.writer(), Wire::Json, &bytes).await,
                Received::Binary(bytes) => self.take(link.writer(), Wire::Protobuf, &bytes).await,
                Received::Ping(_) => Ok(()),
                Received::Pong(_) => {
                    deadline = Instant::now() + wait;
                    Ok(())
                }
            };
            if let Err(Gone) = taken {
                return;
            }
        }
    }

    async fn take(&self, writer: &Writer, wire: Wire, bytes: &[u8]) -> Result<(), Gone> {
        let (batch, read) = wire.decode(bytes);
        if let Err(error) = read {
            let reason = format!("cannot deserialize request: {error}");
            let reply = Reply::failure(Code::BadRequest, &reason, Some(&batch.guid), seconds());
            return answer(writer, wire, &reply).await;
        }
        if batch.events.iter().any(Option::is_none) {
            return Err(Gone); // a null event crashes the real handler
        }
        let known = self.seen.as_ref().is_some_and(|s| !s.is_new(&batch.guid));
        let sync = self.raccoon.settings.ack == Ack::Sync;
        if known || !sync {
            let reply = Reply::success(&batch.guid, seconds());
            answer(writer, wire, &reply).await?;
        }
        if known {
            return Ok(());
        }
        let waiting = if sync {
            Waiting::Socket(Ticket {
                acks: self.raccoon.acks.clone(),
                writer: writer.clone(),
                wire,
                seen: self.seen.clone(),
            })
        } else {
            Waiting::Nobody
        };
        let queued = self.raccoon.pool.enqueue(Job { batch, waiting }).await;
        queued.map_err(|_| Gone)
    }
}

async fn answer(writer: &Writer, wire: Wire, reply: &Reply) -> Result<(), Gone> {
    write_reply(writer, wire, reply).await.map_err(|_| Gone)
}
