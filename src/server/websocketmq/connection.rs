//! One client's socket, from the 101 to the end.
//!
//! ```text
//!            ┌ reads: messages to the broker, pings answered, pongs noted
//!  101 ──────┼ writes: the peer's queue, 10 s for each
//!            └ pings: "1", "2", …, half the interval for each pong
//!  end: client closed ─► echoed whole · bad JSON 1007 · no pong 1008 · third drop 1008
//!       write stuck ─► TCP ends · server stops ─► TCP ends
//! ```

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, interval_at, timeout};

use super::broker::{Broker, Effect, Member};
use super::ending::Ending;
use super::faults::Countdown;
use super::registry::Client;
use super::work::{self, Work};
use crate::sanitise::line;
use crate::server::wire::{Decoder, Incoming, Reader, Writer};

/// Serves an upgraded connection until it ends.
pub(super) async fn serve(
    broker: &Arc<Broker>,
    stream: TcpStream,
    decoder: Decoder,
    client: Client,
) {
    let (read, write) = stream.into_split();
    let mut reader = Reader::new(read, decoder);
    let writer = Writer::new(write);
    let settings = broker.settings();
    let (member, mut queue) = broker.join(client);
    let (heard, pongs) = watch::channel(Bytes::new());
    let (slow, given) = work::channel();
    let ending = tokio::select! {
        ending = reads(broker, &member, &mut reader, &writer, heard, slow) => ending,
        () = work::run(given) => Ending::Lost,
        () = writes(&mut queue, &writer, settings.write_timeout) => Ending::Lost,
        () = pings(&writer, pongs, settings.ping_every) => Ending::Close(1008, "ping failure"),
        () = member.peer.overrun() => Ending::Close(1008, "too many dropped messages"),
    };
    tracing::debug!("client {} ends: {ending:?}", member.peer.id());
    if matches!(ending, Ending::Close(..)) {
        // The broker forgets the client once the closing handshake is over, not before; whoever
        // caused the third drop waits for that.
        ending.finish(&mut reader, &writer).await;
        broker.leave(&member);
    } else {
        broker.leave(&member);
        ending.finish(&mut reader, &writer).await;
    }
}

async fn reads(
    broker: &Arc<Broker>,
    member: &Member,
    reader: &mut Reader,
    writer: &Writer,
    pongs: watch::Sender<Bytes>,
    slow: mpsc::Sender<Work>,
) -> Ending {
    let settings = broker.settings();
    let mut countdown = Countdown::new(&settings.faults);
    let mut pace = Pace::new(settings.spares_bursts);
    loop {
        match reader.next().await {
            Ok(Incoming::Text(message) | Incoming::Binary(message)) => {
                let lets_write = match broker.receive(member, &message).await {
                    Ok(Effect::Done) => pace.count(INLINE),
                    Ok(Effect::Answered) => pace.count(ASIDE),
                    Ok(Effect::Pending(work)) => {
                        if slow.send(work).await.is_err() {
                            return Ending::Lost;
                        }
                        pace.count(ASIDE)
                    }
                    Err(why) => {
                        let id = line(member.peer.id());
                        tracing::info!("client {id}: undecodable message: {why}");
                        return Ending::Close(1007, "failed to unmarshal JSON");
                    }
                };
                if let Some(ending) = countdown.count() {
                    // What the last message was answered is still written.
                    member.peer.written().await;
                    return ending;
                }
                if lets_write {
                    tokio::task::yield_now().await;
                }
            }
            Ok(Incoming::Ping(payload)) => {
                if writer.pong(&payload).await.is_err() {
                    return Ending::Lost;
                }
            }
            Ok(Incoming::Pong(payload)) => {
                pongs.send_replace(payload);
            }
            Ok(Incoming::Close(payload)) => return Ending::Closed(payload),
            Err(error) => return error.into(),
        }
    }
}

/// Quarters of a write for each request taken in, which the real broker handles beside reading on.
const ASIDE: u8 = 3;

/// The same for everything else, which it handles before reading on.
const INLINE: u8 = 1;

/// How often the queue is written while messages that have come in one go are taken in. The real
/// broker reads a burst faster than it writes what follows from it: a queue of 32 stands 50
/// requests at once and not 200, and not 50 publishes to oneself.
#[derive(Debug)]
struct Pace {
    spares: bool,
    quarters: u8,
}

impl Pace {
    const fn new(spares: bool) -> Self {
        Self {
            spares,
            quarters: ASIDE,
        }
    }

    /// Counts a message; false if the next one is taken in before anything is written.
    const fn count(&mut self, share: u8) -> bool {
        self.quarters += share;
        let lets_write = self.quarters >= 4;
        self.quarters %= 4;
        lets_write || self.spares
    }
}

/// Returns when a write fails or takes too long.
async fn writes(queue: &mut mpsc::Receiver<Vec<u8>>, writer: &Writer, limit: Duration) {
    while let Some(message) = queue.recv().await {
        if !matches!(timeout(limit, writer.text(&message)).await, Ok(Ok(()))) {
            return;
        }
        // One at a time: what else has come in is taken in meanwhile.
        tokio::task::yield_now().await;
    }
}

/// Returns when a ping is not answered in time with the same payload.
async fn pings(writer: &Writer, mut pongs: watch::Receiver<Bytes>, every: Duration) {
    if every.is_zero() {
        return std::future::pending().await;
    }
    let mut ticks = interval_at(Instant::now() + every, every);
    for counter in 1_u64.. {
        ticks.tick().await;
        let payload = counter.to_string();
        let exchange = async {
            writer.ping(payload.as_bytes()).await.is_ok()
                && pongs
                    .wait_for(|pong| pong == payload.as_bytes())
                    .await
                    .is_ok()
        };
        if timeout(every / 2, exchange).await != Ok(true) {
            return;
        }
    }
}

/// What becomes of a client whose id is shorter than eight bytes: the socket is open and nothing
/// is ever read, answered or closed. Returns when the client has gone.
pub(super) async fn ignore(stream: TcpStream) {
    loop {
        match stream.ready(tokio::io::Interest::READABLE).await {
            Ok(ready) if !ready.is_read_closed() => {
                // Unread bytes keep the socket ready, so its end must be looked for.
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            _ => return,
        }
    }
}
