//! One client's socket, from the 101 to the end.
//!
//! ```text
//!            ┌ reads: messages to the broker, pings answered, pongs noted
//!  101 ──────┼ writes: the peer's queue, 10 s for each
//!            └ pings: "1", "2", …, half the interval for each pong
//!  end: client closed ─► echoed whole · bad JSON 1007 · no pong 1008 · third drop 1008
//!       write stuck ─► TCP ends · server stops ─► TCP ends
//! ```

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at, timeout};

use super::broker::{Broker, Member};
use super::peer::CLOSE_WAIT;
use super::registry::Client;
use crate::server::wire::{
    Decoder, Flavour, Incoming, ReadError, Reader, Violation, Writer, close_echo,
};

/// Slow handlers and proxied calls one connection may have running; at the bound nothing further
/// is read from it. The real broker has no bound.
const WORK_MAX: usize = 1024;

/// How long the last frame may take to be read before TCP is ended for good. Ending it while
/// bytes of the client are unread makes a reset of it, which can swallow that frame.
const LINGER: Duration = Duration::from_millis(250);

/// Why a connection ends.
#[derive(Debug)]
enum Ending {
    /// The client closed, with this payload.
    Closed(Bytes),
    /// We close, with this code and reason, and wait for the client's answer.
    Close(u16, &'static str),
    /// The client broke the protocol.
    Violation(Violation),
    /// TCP is gone, or not worth another frame.
    Lost,
}

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
    let ending = tokio::select! {
        ending = reads(broker, &member, &mut reader, &writer, heard) => ending,
        () = writes(&mut queue, &writer, settings.write_timeout) => Ending::Lost,
        () = pings(&writer, pongs, settings.ping_every) => Ending::Close(1008, "ping failure"),
        () = member.peer.overrun() => Ending::Close(1008, "too many dropped messages"),
    };
    tracing::debug!("client {} ends: {ending:?}", member.peer.id());
    if matches!(ending, Ending::Close(..)) {
        // The broker forgets the client once the closing handshake is over, not before; whoever
        // caused the third drop waits for that.
        finish(ending, &mut reader, &writer).await;
        broker.leave(&member);
    } else {
        broker.leave(&member);
        finish(ending, &mut reader, &writer).await;
    }
}

async fn reads(
    broker: &Arc<Broker>,
    member: &Member,
    reader: &mut Reader,
    writer: &Writer,
    pongs: watch::Sender<Bytes>,
) -> Ending {
    let mut work = JoinSet::new();
    loop {
        let incoming = tokio::select! {
            Some(_) = work.join_next(), if !work.is_empty() => continue,
            incoming = reader.next(), if work.len() < WORK_MAX => incoming,
        };
        match incoming {
            Ok(Incoming::Text(message) | Incoming::Binary(message)) => {
                match broker.receive(member, &message).await {
                    Ok(None) => {}
                    Ok(Some(slow)) => {
                        work.spawn(slow);
                    }
                    Err(why) => {
                        tracing::debug!("undecodable message: {why}");
                        return Ending::Close(1007, "failed to unmarshal JSON");
                    }
                }
                // Lets the queue be written before the next message adds to it.
                tokio::task::yield_now().await;
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
            Err(ReadError::Violation(violation)) => return Ending::Violation(violation),
            Err(ReadError::Eof | ReadError::Socket(_)) => return Ending::Lost,
        }
    }
}

/// Returns when a write fails or takes too long.
async fn writes(queue: &mut mpsc::Receiver<Vec<u8>>, writer: &Writer, limit: Duration) {
    while let Some(message) = queue.recv().await {
        if !matches!(timeout(limit, writer.text(&message)).await, Ok(Ok(()))) {
            return;
        }
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

/// Writes what the library writes at such an end, then ends TCP.
async fn finish(ending: Ending, reader: &mut Reader, writer: &Writer) {
    // However these go, the connection is over.
    match ending {
        Ending::Close(code, reason) => {
            // Behind whatever is being written, and answered if the client still reads.
            let _ = timeout(CLOSE_WAIT, async {
                if writer.close(Some(code), reason).await.is_ok() {
                    answered(reader).await;
                }
            })
            .await;
        }
        Ending::Closed(payload) => {
            let echo = writer.with(|out| close_echo(Flavour::Coder, &payload, out));
            let _ = timeout(LINGER, last(echo, reader, writer)).await;
        }
        Ending::Violation(Violation {
            close: Some((code, reason)),
        }) => {
            let close = writer.close(Some(code), &reason);
            let _ = timeout(LINGER, last(close, reader, writer)).await;
        }
        Ending::Violation(Violation { close: None }) | Ending::Lost => {}
    }
}

/// Writes the last frame and ends our half of TCP at once; then reads away what the client has
/// still sent, so that its end is no reset.
async fn last(
    frame: impl Future<Output = std::io::Result<()>>,
    reader: &mut Reader,
    writer: &Writer,
) {
    if frame.await.is_ok() && writer.shutdown().await.is_ok() {
        answered(reader).await;
    }
}

/// Reads on until the client has closed, or TCP has ended.
async fn answered(reader: &mut Reader) {
    loop {
        match reader.next().await {
            Ok(Incoming::Close(_)) | Err(_) => return,
            Ok(_) => {}
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
