//! Request bodies, by `Content-Length` or chunked, as whole byte strings.

use std::io;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Channel, Head};

/// Longest line of a chunked body: a size, an extension, a trailer.
const LINE_MAX: usize = 4096;

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It breaks the rules of its coding.
    #[error("the request's body is malformed: {0}")]
    Malformed(&'static str),
    /// It is longer than the server takes.
    #[error("the request's body is longer than {0} bytes")]
    TooLong(usize),
    /// The connection failed or ended before the body did.
    #[error("the connection ended inside the request's body: {0}")]
    Io(#[from] io::Error),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    /// Reads the body that belongs to `head`, at most `limit` bytes. Tells a client that waits to
    /// be told to go on.
    pub async fn body(&mut self, head: &Head, limit: usize) -> Result<Vec<u8>, BodyError> {
        if head.has_token("Expect", "100-continue") && !self.has_more() {
            let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
            self.io.write_all(go_on).await?;
        }
        // Until it has been read to its end.
        self.body_broken = true;
        let body = if head.has_token("Transfer-Encoding", "chunked") {
            self.chunked(limit).await?
        } else {
            let length = match head.value("Content-Length") {
                Some(value) => std::str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .ok_or(BodyError::Malformed("Content-Length is not a number"))?,
                None => 0,
            };
            if length > limit {
                return Err(BodyError::TooLong(limit));
            }
            self.take(length).await?.to_vec()
        };
        self.body_unread = false;
        self.body_broken = false;
        Ok(body)
    }

    async fn chunked(&mut self, limit: usize) -> Result<Vec<u8>, BodyError> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let size = line[..].split(|&b| b == b';').next().unwrap_or_default();
            let size = std::str::from_utf8(size.trim_ascii())
                .ok()
                .filter(|text| !text.starts_with('+'))
                .and_then(|text| usize::from_str_radix(text, 16).ok())
                .ok_or(BodyError::Malformed("a chunk has no size"))?;
            if size == 0 {
                while !self.line().await?.is_empty() {}
                return Ok(body);
            }
            if size > limit - body.len() {
                return Err(BodyError::TooLong(limit));
            }
            body.extend_from_slice(&self.take(size).await?);
            if !self.line().await?.is_empty() {
                return Err(BodyError::Malformed("a chunk is longer than its size"));
            }
        }
    }

    /// A line without its end.
    async fn line(&mut self) -> Result<BytesMut, BodyError> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.buffer) {
                let mut line = self.buffer.split_to(end);
                self.buffer.advance(1);
                if line.ends_with(b"\r") {
                    line.truncate(line.len() - 1);
                }
                return Ok(line);
            }
            if self.buffer.len() > LINE_MAX {
                return Err(BodyError::Malformed(
                    "a line of the chunked body has no end",
                ));
            }
            self.fill().await?;
        }
    }

    async fn take(&mut self, length: usize) -> Result<BytesMut, BodyError> {
        while self.buffer.len() < length {
            self.fill().await?;
        }
        Ok(self.buffer.split_to(length))
    }

    async fn fill(&mut self) -> io::Result<()> {
        match self.io.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
