//! One client, from the 101 to the end.
//!
//! ```text
//!  101 ─► welcome ─► (register, 10 s) ─► registered ─► events …
//!            reads:   register, pings answered, pongs renew the 60 s
//!            writes:  queue, ping every 30 s; queue ended ─► empty close frame
//!  end:   client closed ─► code echoed      deadline missed ─► TCP ends, no close frame
//! ```

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, sleep_until, timeout};

use super::Settings;
use super::hub::{ClientId, Hub, Membership, Parcel, Registration};
use super::register::WELCOME;
use crate::server::wire::{self, Decoder, Ending, Link, Opcode, Received, Writer};

/// gorilla's write buffer: longer messages leave in fragments.
const WRITE_BUFFER: usize = 1024;

/// From this length on gorilla no longer fills its buffer: twice the buffer and the room for two
/// headers.
const UNBUFFERED: usize = 2 * (WRITE_BUFFER + 14) + 1;

/// How long what we wrote last may take to be read before TCP is ended for good. Ending it while
/// bytes of the client are unread makes a reset of it, which can swallow our last frame.
const LINGER: Duration = Duration::from_millis(250);

/// Messages written in one go at most, and bytes: a busy channel costs one write, not hundreds.
const BATCH: usize = 64;
const BATCH_BYTES: usize = 16 * 1024;

/// Serves an upgraded connection until it ends.
pub(super) async fn serve(hub: &Hub, settings: &Settings, stream: TcpStream, decoder: Decoder) {
    let opened = Instant::now();
    let mut link = Link::tcp(stream, decoder);
    let writer = link.writer().clone();
    let Membership {
        id,
        mut channel,
        cut,
    } = hub.join(WELCOME);
    let mut registered = false;
    let ended = tokio::select! {
        biased;
        () = cut.cancelled() => Ended::Abruptly,
        ended = reads(hub, id, settings, &mut link, &mut registered) => ended,
        written = writes(settings, &mut channel, &writer) => match written {
            Ok(()) => Ended::InOrder,
            Err(error) => {
                tracing::debug!("writing to client {id} failed: {error}");
                Ended::Abruptly
            }
        }
    };
    hub.leave(id);
    // However this goes, the connection is over.
    let _ = timeout(LINGER, async {
        let over = match ended {
            Ended::InOrder | Ended::Refused => writer.shutdown().await,
            Ended::Abruptly => {
                writer.end().await;
                Ok(())
            }
        };
        if over.is_ok() && ended != Ended::Refused {
            while link.recv().await.is_ok() {}
        }
    })
    .await;
    drop((link, writer));
    let register_by = opened + settings.registration_deadline;
    if !registered && Instant::now() < register_by {
        // The real server's timer goes on without the client, and tells in the end.
        sleep_until(register_by).await;
        tracing::info!("{TIMEOUT}");
    }
}

/// What the log says of a client that did not register in time.
const TIMEOUT: &str = "Client registration timeout";

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// What was to be written has been written, or is to be.
    InOrder,
    /// TCP ends where it is, in the middle of a message if need be.
    Abruptly,
    /// The client says too much. What it goes on to say is not read, so that TCP ends in a reset,
    /// behind the close frame that has been written.
    Refused,
}

/// Reads until the client closes or a deadline passes.
async fn reads(
    hub: &Hub,
    id: ClientId,
    settings: &Settings,
    link: &mut Link,
    registered: &mut bool,
) -> Ended {
    let opened = Instant::now();
    let register_by = sleep_until(opened + settings.registration_deadline);
    let pong_by = sleep_until(opened + settings.pong_deadline);
    tokio::pin!(register_by, pong_by);
    loop {
        let received = tokio::select! {
            received = link.recv() => received,
            () = &mut register_by, if !*registered => {
                tracing::info!("{TIMEOUT}");
                return Ended::Abruptly;
            }
            () = &mut pong_by => return Ended::Abruptly,
        };
        match received {
            Ok(Received::Text(message) | Received::Binary(message)) => {
                *registered |= hub.received(id, &message) == Registration::First;
            }
            Ok(Received::Pong(_)) => pong_by
                .as_mut()
                .reset(Instant::now() + settings.pong_deadline),
            Ok(Received::Ping(_)) => {}
            Err(ending) => {
                tracing::debug!("client {id} ended: {ending:?}");
                return match ending {
                    Ending::Violation(violation) if violation.is_too_big() => Ended::Refused,
                    _ => Ended::InOrder,
                };
            }
        }
    }
}

/// Writes what is in the channel, and pings; ends with an empty close frame when the hub has
/// given the client up and the channel is drained.
async fn writes(
    settings: &Settings,
    channel: &mut mpsc::Receiver<Parcel>,
    writer: &Writer,
) -> io::Result<()> {
    let limit = settings.write_timeout;
    let mut pings = (!settings.ping_every.is_zero())
        .then(|| interval_at(Instant::now() + settings.ping_every, settings.ping_every));
    loop {
        tokio::select! {
            parcel = channel.recv() => {
                let Some(parcel) = parcel else {
                    return timeout(limit, writer.close(None, "")).await?;
                };
                let encode = |out: &mut BytesMut| batch(parcel, channel, out);
                timeout(limit, writer.with(encode)).await??;
            }
            () = next_ping(pings.as_mut()) => timeout(limit, writer.ping(b"")).await??,
        }
    }
}

/// Encodes what came and some of what waits behind it.
fn batch(first: Parcel, channel: &mut mpsc::Receiver<Parcel>, out: &mut BytesMut) {
    let waiting = std::iter::from_fn(|| channel.try_recv().ok());
    for parcel in std::iter::once(first).chain(waiting.take(BATCH - 1)) {
        match parcel {
            Parcel::One(message) => encode(&message, out),
            Parcel::Queued(messages) => messages.iter().for_each(|m| encode(m, out)),
        }
        if out.len() >= BATCH_BYTES {
            return;
        }
    }
}

fn encode(message: &[u8], out: &mut BytesMut) {
    wire::fragments(Opcode::Text, &fragments(message), out);
}

async fn next_ping(pings: Option<&mut tokio::time::Interval>) {
    match pings {
        Some(pings) => {
            pings.tick().await;
        }
        None => std::future::pending().await,
    }
}

/// The frames gorilla makes of a message.
fn fragments(message: &[u8]) -> Vec<&[u8]> {
    if message.len() >= UNBUFFERED {
        vec![message, &[]]
    } else {
        message.chunks(WRITE_BUFFER).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_leave_in_the_fragments_gorilla_makes() {
        for (length, frames) in [
            (0, &[][..]),
            (1, &[1][..]),
            (1024, &[1024]),
            (1025, &[1024, 1]),
            (2048, &[1024, 1024]),
            (2049, &[1024, 1024, 1]),
            (2076, &[1024, 1024, 28]),
            (2077, &[2077, 0]),
            (200_023, &[200_023, 0]),
        ] {
            let message = vec![b'x'; length];
            let lengths: Vec<usize> = fragments(&message).iter().map(|part| part.len()).collect();
            assert_eq!(lengths, frames, "{length}");
        }
    }
}
