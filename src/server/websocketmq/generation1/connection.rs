//! One client's socket, from the 101 to the end.
//!
//! ```text
//!        ┌ reads: texts to the broker, pings answered, all else ignored
//!  101 ──┤
//!        └ writes: the peer's queue, compressed if that was agreed on, 10 s at most
//!  end: client closed ─► echoed whole · too long 1009 · bad frame 1002 · unmasked 1000 or 1011
//!       server stops ─► 1000 (1.3) or TCP ends (1.1) · write stuck ─► TCP ends
//! ```

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::message::Message;
use super::peer::Peer;
use super::{Broker, FAREWELL, Server};
use crate::server::dice::Dice;
use crate::server::websocketmq::ending::{Ending, heard};
use crate::server::websocketmq::faults::Countdown;
use crate::server::websocketmq::peer::CLOSE_WAIT;
use crate::server::websocketmq::work::{self, Work};
use crate::server::wire::{Decoder, Incoming, Opcode, Reader, Writer, deflate, frame};

/// How many of a hundred messages that wait are overtaken by the next one, about as it was seen of
/// the real 1.1.
const OVERTAKEN: u64 = 40;

/// Messages written at once, when so many wait.
const BATCH_MAX: usize = 64;

/// Serves an upgraded connection until it ends.
pub(super) async fn serve(server: &Arc<Server>, stream: TcpStream, decoder: Decoder) {
    let deflates = decoder.deflates();
    let (read, write) = stream.into_split();
    let mut reader = Reader::new(read, decoder);
    let writer = Writer::new(write);
    let write_timeout = server.settings.write_timeout;
    let (peer, mut queue) = Peer::new(server.broker.new_id(), write_timeout);
    server.broker.join(&peer);
    tracing::info!("client {} connected", peer.id());
    let out = Out {
        writer: &writer,
        deflates,
        shuffles: matches!(server.broker, Broker::Bus(_)),
        limit: write_timeout,
    };
    let (slow, given) = work::channel();
    let ending = tokio::select! {
        ending = reads(server, &peer, &mut reader, &writer, slow) => ending,
        () = work::run(given) => Ending::Lost,
        () = out.writes(&mut queue) => Ending::Lost,
        () = peer.closing() => Ending::Close(1000, FAREWELL),
    };
    tracing::debug!("client {} ends: {ending:?}", peer.id());
    server.broker.leave(&peer);
    tracing::info!("client {} disconnected", peer.id());
    if let Ending::Violation(violation) = &ending
        && violation.is_unmasked()
    {
        // The handler's own code closes then, and the library takes what follows for a header,
        // which ends it.
        let (code, reason) = server.broker.unmasked();
        let closing = async {
            if writer.close(Some(code), reason).await.is_ok() {
                heard(&mut reader).await;
            }
        };
        // Either way the connection is over.
        let _ = timeout(CLOSE_WAIT, closing).await;
    }
    ending.finish(&mut reader, &writer).await;
}

async fn reads(
    server: &Arc<Server>,
    peer: &Arc<Peer>,
    reader: &mut Reader,
    writer: &Writer,
    slow: mpsc::Sender<Work>,
) -> Ending {
    let mut countdown = Countdown::new(&server.settings.faults);
    loop {
        match reader.next().await {
            Ok(Incoming::Text(text)) => {
                match Message::read(&text) {
                    Ok(message) => {
                        if let Some(work) = server.broker.receive(peer, message).await
                            && slow.send(work).await.is_err()
                        {
                            return Ending::Lost;
                        }
                    }
                    Err(why) => tracing::info!("client {}: message ignored: {why}", peer.id()),
                }
                if let Some(ending) = countdown.count() {
                    // What the last message was answered is still written.
                    peer.written().await;
                    return ending;
                }
            }
            Ok(Incoming::Binary(_)) => {
                tracing::info!("client {}: binary message ignored", peer.id());
            }
            Ok(Incoming::Ping(payload)) => {
                if writer.pong(&payload).await.is_err() {
                    return Ending::Lost;
                }
            }
            Ok(Incoming::Pong(_)) => {}
            Ok(Incoming::Close(payload)) => return Ending::Closed(payload),
            Err(error) => return error.into(),
        }
    }
}

/// How messages leave.
struct Out<'a> {
    writer: &'a Writer,
    deflates: bool,
    /// Whether messages that wait together overtake each other, as those of 1.1 do: there each is
    /// written by a task of its own.
    shuffles: bool,
    limit: Duration,
}

impl Out<'_> {
    /// Returns when a write fails or takes too long.
    async fn writes(&self, queue: &mut mpsc::Receiver<Vec<u8>>) {
        let mut dice = Dice::new(rand::random());
        let mut batch = Vec::new();
        while queue.recv_many(&mut batch, BATCH_MAX).await > 0 {
            if self.shuffles {
                let mut at = 1;
                while at < batch.len() {
                    if dice.chance(OVERTAKEN) {
                        batch.swap(at - 1, at);
                        at += 1;
                    }
                    at += 1;
                }
            }
            let written = self.writer.with(|out| {
                for text in batch.drain(..) {
                    if self.deflates {
                        deflate::message(&text, out);
                    } else {
                        frame(Opcode::Text, true, &text, out);
                    }
                }
            });
            if !matches!(timeout(self.limit, written).await, Ok(Ok(()))) {
                return;
            }
        }
    }
}
