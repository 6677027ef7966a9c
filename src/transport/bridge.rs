//! The bridge between tokio's streams and tungstenite's synchronous frame core.
//!
//! Tungstenite reads from `Read` until it says `WouldBlock`; tokio streams want a waker. The
//! bridge holds one waker and turns `Pending` into `WouldBlock`, so all frames of a wake are read
//! in one go instead of awaited one by one. It also stamps every read and write at the socket.
//!
//! Writes are gathered and leave in [`Bridge::flush`], one system call for many frames.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::clock;
use crate::frame::Stamp;

/// A tokio stream seen as `Read + Write` that never blocks.
#[derive(Debug)]
pub(super) struct Bridge<S> {
    stream: S,
    waker: Waker,
    /// When the newest bytes were read.
    pub(super) read_at: Stamp,
    /// When bytes were last written.
    pub(super) written_at: Stamp,
    /// Bytes read in all.
    pub(super) read: u64,
    /// Bytes handed to the socket in all.
    pub(super) written: u64,
    out: Vec<u8>,
    /// Bytes of `out` already written.
    done: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Bridge<S> {
    /// A bridge over `stream`, of which `read` bytes were already read at `read_at`.
    pub(super) fn new(stream: S, read: u64, read_at: Stamp) -> Self {
        Self {
            stream,
            waker: Waker::noop().clone(),
            read_at,
            written_at: read_at,
            read,
            written: 0,
            out: Vec::new(),
            done: 0,
        }
    }

    /// Whom to wake when the stream is ready again.
    pub(super) fn attach(&mut self, waker: &Waker) {
        if !self.waker.will_wake(waker) {
            self.waker.clone_from(waker);
        }
    }

    /// Bytes gathered and not yet written.
    pub(super) fn unwritten(&self) -> usize {
        self.out.len() - self.done
    }

    /// The stream itself, for shutting it down.
    pub(super) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Read for Bridge<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut context = Context::from_waker(&self.waker);
        let mut target = ReadBuf::new(buf);
        match Pin::new(&mut self.stream).poll_read(&mut context, &mut target) {
            Poll::Ready(Ok(())) => {
                let count = target.filled().len();
                self.read += count as u64;
                self.read_at = clock::now();
                Ok(count)
            }
            Poll::Ready(Err(error)) => Err(error),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Write for Bridge<S> {
    /// Gathers; the session bounds what it queues by [`Bridge::unwritten`].
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.out.extend_from_slice(buf);
        Ok(buf.len())
    }

    /// Writes what was gathered; `WouldBlock` if the socket does not take all of it now.
    fn flush(&mut self) -> io::Result<()> {
        let mut context = Context::from_waker(&self.waker);
        while self.done < self.out.len() {
            match Pin::new(&mut self.stream).poll_write(&mut context, &self.out[self.done..]) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(count)) => {
                    self.done += count;
                    self.written += count as u64;
                    self.written_at = clock::now();
                }
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => return Err(io::ErrorKind::WouldBlock.into()),
            }
        }
        self.out.clear();
        self.done = 0;
        self.out.shrink_to(64 << 10);
        match Pin::new(&mut self.stream).poll_flush(&mut context) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}
