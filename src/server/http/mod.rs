//! The few pages of HTTP/1.1 the real servers speak before a WebSocket opens, header for header.
//!
//! ```text
//! TCP ─► Channel::head ─► route ─┬─► Channel::respond ─► Channel::head …   (keep-alive)
//!                                └─► upgrade::accept ─► wire::Decoder, and 101 is written
//! ```

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

pub use head::Head;
pub use origin::Origins;
pub use response::Response;

/// Longest request head; Go's own limit.
pub const HEAD_MAX: usize = 1024 * 1024;

/// One TCP connection while it speaks HTTP. It keeps what was read beyond a request head.
#[derive(Debug)]
pub struct Channel<S = TcpStream> {
    io: S,
    buffer: BytesMut,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    /// A channel over a fresh connection.
    pub fn new(io: S) -> Self {
        Self {
            io,
            buffer: BytesMut::new(),
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
                    Ok(head) => Ok(Some(head)),
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

    /// Writes an answer. False if the connection must end now: either side asked for it, or the
    /// request announced a body, which nobody read.
    pub async fn respond(&mut self, head: &Head, response: Response) -> io::Result<bool> {
        let keep = head.keeps_alive() && !head.has_body();
        let response = if keep { response } else { response.closing() };
        self.io.write_all(&response.bytes()).await?;
        Ok(keep)
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
