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

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, sleep_until, timeout};

use super::Settings;
use super::hub::{ClientId, Hub, Membership, Registration};
use super::register::WELCOME;
use crate::server::wire::{Decoder, Link, Opcode, Received, Writer};

/// gorilla's write buffer: longer messages leave in fragments.
const WRITE_BUFFER: usize = 1024;

/// From this length on gorilla no longer fills its buffer: twice the buffer and the room for two
/// headers.
const UNBUFFERED: usize = 2 * (WRITE_BUFFER + 14) + 1;

/// How long what we wrote last may take to be read before TCP is ended for good. Ending it while
/// bytes of the client are unread makes a reset of it, which can swallow our last frame.
const LINGER: Duration = Duration::from_millis(250);

/// Serves an upgraded connection until it ends.
pub(super) async fn serve(hub: &Hub, settings: &Settings, stream: TcpStream, decoder: Decoder) {
    let mut link = Link::tcp(stream, decoder);
    let writer = link.writer().clone();
    let membership = hub.join(settings.queue, WELCOME);
    let Membership { id, mut queue, cut } = membership;
    tokio::select! {
        biased;
        () = cut.cancelled() => {}
        () = reads(hub, id, settings, &mut link) => {}
        written = writes(settings, &mut queue, &writer) => {
            if let Err(error) = written {
                tracing::debug!("writing to client {id} failed: {error}");
            }
        }
    }
    hub.leave(id);
    // However this goes, the connection is over.
    let _ = timeout(LINGER, async {
        if writer.shutdown().await.is_ok() {
            while link.recv().await.is_ok() {}
        }
    })
    .await;
}

/// Reads until the client closes or a deadline passes.
async fn reads(hub: &Hub, id: ClientId, settings: &Settings, link: &mut Link) {
    let opened = Instant::now();
    let register_by = sleep_until(opened + settings.registration_deadline);
    let pong_by = sleep_until(opened + settings.pong_deadline);
    tokio::pin!(register_by, pong_by);
    let mut registered = false;
    loop {
        let received = tokio::select! {
            received = link.recv() => received,
            () = &mut register_by, if !registered => return,
            () = &mut pong_by => return,
        };
        match received {
            Ok(Received::Text(message) | Received::Binary(message)) => {
                registered |= hub.received(id, &message) == Registration::First;
            }
            Ok(Received::Pong(_)) => pong_by
                .as_mut()
                .reset(Instant::now() + settings.pong_deadline),
            Ok(Received::Ping(_)) => {}
            Err(ending) => {
                tracing::debug!("client {id} ended: {ending:?}");
                return;
            }
        }
    }
}

/// Writes what is queued, and pings; ends with an empty close frame when the hub has given the
/// client up and the queue is drained.
async fn writes(
    settings: &Settings,
    queue: &mut mpsc::Receiver<bytes::Bytes>,
    writer: &Writer,
) -> io::Result<()> {
    let limit = settings.write_timeout;
    let mut pings = (!settings.ping_every.is_zero())
        .then(|| interval_at(Instant::now() + settings.ping_every, settings.ping_every));
    loop {
        tokio::select! {
            message = queue.recv() => {
                let Some(message) = message else {
                    return timeout(limit, writer.close(None, "")).await?;
                };
                let parts = fragments(&message);
                timeout(limit, writer.fragments(Opcode::Text, &parts)).await??;
            }
            () = next_ping(pings.as_mut()) => timeout(limit, writer.ping(b"")).await??,
        }
    }
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
