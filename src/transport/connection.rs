//! An open WebSocket connection: messages out of it, messages into it, nothing awaited.
//!
//! The session attaches its waker, then reads and flushes until both would block. Nothing here
//! answers pings or close frames; that is the session's decision.

use std::io;
use std::ops::ControlFlow;
use std::task::Waker;

use tokio::io::AsyncWriteExt as _;

use super::assembly::{Assembly, Received, Violation};
use super::inlet::Inlet;
use super::outlet::{Outlet, Sent};
use super::stream::Stream;
use crate::frame::Stamp;

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    waker: Waker,
    inlet: Inlet,
    assembly: Assembly,
    limit: usize,
    outlet: Outlet,
}

/// Why no more can be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The peer ended TCP; `cut` if a frame or message was incomplete.
    Fin {
        /// A frame or message was incomplete.
        cut: bool,
    },
    /// The peer reset TCP.
    Reset,
    /// RFC 6455 was violated.
    Protocol(String),
    /// A message beyond the limit was announced.
    TooBig {
        /// Size of the message, bytes.
        size: u64,
        /// The limit, bytes.
        limit: usize,
    },
    /// Anything else the system said.
    Io(String),
}

impl Connection {
    /// A connection over `stream`, of which `rest` was read behind the handshake at `read_at`.
    pub(super) fn new(stream: Stream, rest: &[u8], read_at: Stamp, limit: usize) -> Self {
        Self {
            stream,
            waker: Waker::noop().clone(),
            inlet: Inlet::new(rest, read_at),
            assembly: Assembly::new(limit),
            limit,
            outlet: Outlet::new(read_at),
        }
    }

    /// Whom to wake when there is more to read or room to write.
    pub fn attach(&mut self, waker: &Waker) {
        self.waker.clone_from(waker);
    }

    /// Hands every whole message and control frame there is to `take`, with the outlet for what
    /// it calls for. Ends when reading would block, or when `take` breaks.
    pub fn read(
        &mut self,
        mut take: impl FnMut(&Received<'_>, &mut Outlet) -> ControlFlow<()>,
    ) -> Result<(), Broken> {
        loop {
            while let Some(frame) = self.inlet.next(self.assembly.room(), self.limit)? {
                let payload = self.inlet.bytes(frame.payload);
                let at = self.inlet.read_at;
                let message = self
                    .assembly
                    .accept(&frame.header, payload, frame.wire, at)?;
                if let Some(message) = message
                    && take(&message, &mut self.outlet).is_break()
                {
                    return Ok(());
                }
            }
            match self.inlet.fill(&mut self.stream, &self.waker) {
                Ok(None) => return Ok(()),
                Ok(Some(0)) => {
                    let cut = self.inlet.is_cut() || self.assembly.is_open();
                    return Err(Broken::Fin { cut });
                }
                Ok(Some(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Where messages are queued; [`Self::flush`] writes them.
    pub fn outlet(&mut self) -> &mut Outlet {
        &mut self.outlet
    }

    /// Writes what is queued as far as the socket takes it, and appends to `sent` what is wholly
    /// written.
    pub fn flush(&mut self, sent: &mut Vec<Sent>) -> Result<(), Broken> {
        self.outlet.flush(&mut self.stream, &self.waker, sent)?;
        Ok(())
    }

    /// Bytes queued and not yet written.
    #[must_use]
    pub fn unwritten(&self) -> usize {
        self.outlet.unwritten()
    }

    /// Ends our half of TCP, politely for TLS.
    pub async fn shutdown(&mut self) {
        let _ = self.stream.shutdown().await;
    }
}

impl From<Violation> for Broken {
    fn from(violation: Violation) -> Self {
        match violation {
            Violation::Protocol(what) => Self::Protocol(what),
            Violation::TooBig { size, limit } => Self::TooBig { size, limit },
        }
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Self::Reset,
            // rustls says this when TCP ends without a TLS goodbye.
            io::ErrorKind::UnexpectedEof => Self::Fin { cut: true },
            _ => Self::Io(error.to_string()),
        }
    }
}
