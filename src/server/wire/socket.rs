//! The codec over a socket: one [`Reader`], any number of [`Writer`] clones.

use std::io;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

use super::{Decoder, Incoming, Opcode, Violation, encode};

/// Bytes asked of the socket at once: few while little comes, more as long as reads come back full.
const READ_MIN: usize = 8 * 1024;
const READ_MAX: usize = 256 * 1024;

/// Why reading ended.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The client broke the protocol.
    #[error("the client broke the protocol: {0:?}")]
    Violation(Violation),
    /// TCP ended without a close frame.
    #[error("the client ended TCP without a close frame")]
    Eof,
    /// The socket failed, most often by a reset.
    #[error("reading from the client failed: {0}")]
    Socket(#[from] io::Error),
}

/// Reads messages and control frames. Answers nothing; see [`super::Link`] for that.
#[derive(Debug)]
pub struct Reader<R = OwnedReadHalf> {
    io: R,
    decoder: Decoder,
    /// What the next read asks for.
    wanted: usize,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// A reader over `io`; `decoder` may already hold bytes that came behind the upgrade request.
    pub fn new(io: R, decoder: Decoder) -> Self {
        Self {
            io,
            decoder,
            wanted: READ_MIN,
        }
    }

    /// The next whole thing. Cancel safe: a dropped call loses nothing.
    pub async fn next(&mut self) -> Result<Incoming, ReadError> {
        loop {
            if let Some(incoming) = self.buffered()? {
                return Ok(incoming);
            }
            self.fill().await?;
        }
    }

    /// The next whole thing of what has been read already.
    pub fn buffered(&mut self) -> Result<Option<Incoming>, ReadError> {
        self.decoder.poll().map_err(ReadError::Violation)
    }

    /// Reads once, for [`Reader::buffered`] to look at. Cancel safe.
    pub async fn fill(&mut self) -> Result<(), ReadError> {
        let buffer = self.decoder.buffer();
        buffer.reserve(self.wanted);
        let room = buffer.capacity() - buffer.len();
        let read = self.io.read_buf(buffer).await?;
        if read == 0 {
            return Err(ReadError::Eof);
        }
        if read == room {
            self.wanted = (self.wanted * 2).min(READ_MAX);
        } else if read < room / 8 {
            self.wanted = (self.wanted / 2).max(READ_MIN);
        }
        Ok(())
    }

    /// What it puts frames together with.
    pub fn decoder(&self) -> &Decoder {
        &self.decoder
    }
}

/// Writes whole frames; clones share one socket and take turns.
///
/// Every method is cancel safe in the sense that matters for a stream: a frame whose write was
/// given up half-way stays queued and goes out before the next one, so the client never sees a
/// torn frame. A write waits as long as the client does not read; put a timeout around it where
/// the real server has a deadline.
#[derive(Debug)]
pub struct Writer<W = OwnedWriteHalf> {
    shared: Arc<Mutex<Shared<W>>>,
    /// Cancelled by [`Writer::end`], which a write under way notices.
    ended: CancellationToken,
}

#[derive(Debug)]
struct Shared<W> {
    /// `None` once it has ended.
    io: Option<W>,
    /// Frames not yet written; they go before `block`.
    pending: BytesMut,
    block: Bytes,
}

impl<W> Clone for Writer<W> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            ended: self.ended.clone(),
        }
    }
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    /// A writer over `io`.
    pub fn new(io: W) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Shared {
                io: Some(io),
                pending: BytesMut::new(),
                block: Bytes::new(),
            })),
            ended: CancellationToken::new(),
        }
    }

    /// Writes one frame.
    pub async fn frame(&self, opcode: Opcode, fin: bool, payload: &[u8]) -> io::Result<()> {
        self.with(|out| encode::frame(opcode, fin, payload, out))
            .await
    }

    /// Writes a text message as one frame.
    pub async fn text(&self, payload: &[u8]) -> io::Result<()> {
        self.frame(Opcode::Text, true, payload).await
    }

    /// Writes a binary message as one frame.
    pub async fn binary(&self, payload: &[u8]) -> io::Result<()> {
        self.frame(Opcode::Binary, true, payload).await
    }

    /// Writes one message as a frame for each part.
    pub async fn fragments(&self, opcode: Opcode, parts: &[&[u8]]) -> io::Result<()> {
        self.with(|out| encode::fragments(opcode, parts, out)).await
    }

    /// Writes a ping of at most 125 bytes.
    pub async fn ping(&self, payload: &[u8]) -> io::Result<()> {
        self.frame(Opcode::Ping, true, payload).await
    }

    /// Writes a pong of at most 125 bytes.
    pub async fn pong(&self, payload: &[u8]) -> io::Result<()> {
        self.frame(Opcode::Pong, true, payload).await
    }

    /// Writes a close frame; without a code an empty one.
    pub async fn close(&self, code: Option<u16>, reason: &str) -> io::Result<()> {
        self.with(|out| encode::close(code, reason, out)).await
    }

    /// Writes what `encode` appends, which must be whole frames (several, if they should leave in
    /// one write).
    pub async fn with(&self, encode: impl FnOnce(&mut BytesMut)) -> io::Result<()> {
        let mut shared = self.shared.lock().await;
        if shared.block.has_remaining() {
            self.flush(&mut shared).await?;
        }
        encode(&mut shared.pending);
        self.flush(&mut shared).await
    }

    /// Writes many frames that were encoded before, without copying them.
    pub async fn block(&self, frames: Bytes) -> io::Result<()> {
        let mut shared = self.shared.lock().await;
        self.flush(&mut shared).await?;
        shared.block = frames;
        self.flush(&mut shared).await
    }

    /// Sends what a given-up write left behind, then ends our half of TCP.
    pub async fn shutdown(&self) -> io::Result<()> {
        let mut shared = self.shared.lock().await;
        self.flush(&mut shared).await?;
        match &mut shared.io {
            Some(io) => io.shutdown().await,
            None => Ok(()),
        }
    }

    /// Ends our half of TCP at once, whatever is still to be written: writes under way and later
    /// ones fail, also those of clones. For a server that closes a connection other tasks may
    /// still be writing to.
    pub async fn end(&self) {
        self.ended.cancel();
        self.shared.lock().await.io = None;
    }

    /// The same without waiting, for when the connection's task is dropped: whoever is writing
    /// notices.
    pub fn abandon(&self) {
        self.ended.cancel();
        if let Ok(mut shared) = self.shared.try_lock() {
            shared.io = None;
        }
    }

    /// True if both are clones of one writer.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// True once it has ended.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended.is_cancelled()
    }

    async fn flush(&self, shared: &mut MutexGuard<'_, Shared<W>>) -> io::Result<()> {
        let Shared { io, pending, block } = &mut **shared;
        let Some(open) = io else {
            pending.clear();
            block.clear();
            return Err(io::ErrorKind::NotConnected.into());
        };
        tokio::select! {
            biased;
            written = write_all(open, pending, block) => written,
            () = self.ended.cancelled() => {
                *io = None;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }
}

async fn write_all<W: AsyncWrite + Unpin>(
    io: &mut W,
    pending: &mut BytesMut,
    block: &mut Bytes,
) -> io::Result<()> {
    while pending.has_remaining() || block.has_remaining() {
        let written = if pending.has_remaining() {
            io.write_buf(pending).await?
        } else {
            io.write_buf(block).await?
        };
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    io.flush().await
}
