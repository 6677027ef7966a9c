//! The few pages of HTTP/1.1 the real servers speak before a WebSocket opens, header for header.
//!
//! ```text
//! TCP ─► Channel::head ─► route ─┬─► Channel::respond ─► Channel::head …   (keep-alive)
//!                                └─► upgrade::accept ─► wire::Decoder, and 101 is written
//! ```

mod body;
mod head;
mod origin;
mod response;
#[cfg(test)]
mod tests;
pub mod upgrade;

use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

pub use body::BodyError;
pub use head::Head;
pub use origin::Origins;
pub use response::Response;

/// Longest request head; Go's own limit.
pub const HEAD_MAX: usize = 1024 * 1024;

/// Longest body read only to get to the next request; Go's own limit.
const SKIPPED_MAX: usize = 256 * 1024;

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
            if let Some(end) = head::end(&self.buffer, searched) {
                let bytes = self.buffer.split_to(end);
                return match Head::parse(&bytes) {
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
            if self.buffer.len() > HEAD_MAX {
                self.io
                    .write_all(&Response::head_too_large().bytes())
                    .await?;
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
        let response = if keep { response } else { response.closing() };
        let bytes = if head.method == "HEAD" {
            response.head_bytes()
        } else {
            response.bytes()
        };
        self.io.write_all(&bytes).await?;
        Ok(keep)
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
