//! The few pages of HTTP/1.1 the real servers speak before a WebSocket opens, header for header.
//!
//! ```text
//! TCP ─► Channel::head ─► route ─┬─► Channel::respond ─► Channel::head …   (keep-alive)
//!                                └─► upgrade::accept ─► wire::Decoder, and 101 is written
//! ```

mod body;
mod head;
pub mod mux;
mod origin;
pub mod path;
mod response;
#[cfg(test)]
mod tests;
pub mod upgrade;

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

pub use body::BodyError;
pub use head::Head;
pub use origin::Origins;
use response::Refusal;
pub use response::Response;

/// Longest request head; Go's own limit.
pub const HEAD_MAX: usize = 1024 * 1024;

/// What Go lets a head be longer.
const HEAD_SLOP: usize = 4096;

/// Longest body read only to get to the next request; Go's own limit.
const SKIPPED_MAX: usize = 256 * 1024;

/// How long Go reads on after it has ended its half.
const LINGER: Duration = Duration::from_millis(500);

/// One TCP connection while it speaks HTTP. It keeps what was read beyond a request head.
#[derive(Debug)]
pub struct Channel<S = TcpStream> {
    io: S,
    buffer: BytesMut,
    body_unread: bool,
    /// Nothing behind the body can be found any more.
    body_broken: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    /// A channel over a fresh connection.
    pub fn new(io: S) -> Self {
        Self {
            io,
            buffer: BytesMut::new(),
            body_unread: false,
            body_broken: false,
        }
    }

    /// Reads the next request head. `None` when the client ended or the head was so wrong that it
    /// was answered here (400, 431) and the connection is over.
    pub async fn head(&mut self) -> io::Result<Option<Head>> {
        let mut searched = 0;
        loop {
            let end = head::end(&self.buffer, searched);
            if let Some(end) = end.filter(|&end| end <= HEAD_MAX + HEAD_SLOP) {
                let bytes = self.buffer.split_to(end);
                return match Head::parse(&bytes) {
                    Ok(head) if !head.expects_what_it_gets() => {
                        let refusal = Response::empty(417).with("Connection", "close");
                        self.io.write_all(&refusal.bytes(&head, true)).await?;
                        Ok(None)
                    }
                    Ok(head) => {
                        self.body_unread = head.has_body();
                        Ok(Some(head))
                    }
                    Err(refusal) => {
                        self.io.write_all(&refusal.bytes()).await?;
                        Ok(None)
                    }
                };
            }
            if self.buffer.len() > HEAD_MAX + HEAD_SLOP {
                self.io
                    .write_all(&Refusal::head_too_large().bytes())
                    .await?;
                self.linger().await;
                return Ok(None);
            }
            searched = self.buffer.len();
            if self.io.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Writes an answer. False if the connection must end now: the client asked for it, or the
    /// request has a body nobody read and it is too long to be read just to get past it.
    pub async fn respond(&mut self, head: &Head, response: Response) -> io::Result<bool> {
        let past =
            !self.body_unread || (!self.body_broken && self.body(head, SKIPPED_MAX).await.is_ok());
        let keep = past && head.keeps_alive();
        self.io.write_all(&response.bytes(head, keep)).await?;
        if !past {
            self.linger().await;
        }
        Ok(keep)
    }

    /// Ends our half of TCP and reads on for a moment, as Go does: ending both with something
    /// unread would be a reset, which can take the answer with it.
    async fn linger(&mut self) {
        let _ = self.io.shutdown().await;
        let _ = tokio::time::timeout(LINGER, self.left()).await;
    }

    /// Waits until the client ends the connection; what it sends meanwhile is lost.
    pub async fn left(&mut self) {
        loop {
            self.buffer.clear();
            match self.io.read_buf(&mut self.buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// True if the client sent something behind the head it should have waited with.
    pub fn has_more(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The connection and what was read beyond the last head.
    pub fn into_parts(self) -> (S, BytesMut) {
        (self.io, self.buffer)
    }

    pub(super) fn io(&mut self) -> &mut S {
        &mut self.io
    }
}
