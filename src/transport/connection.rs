//! An open WebSocket connection: messages out of it, messages into it, nothing awaited.
//!
//! The session calls [`Connection::attach`] with its waker, then reads and flushes until both
//! would block. Nothing here answers pings or close frames; that is the session's decision.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::task::Waker;

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tungstenite::protocol::frame::{Frame as WireFrame, FrameHeader, FrameSocket};

use super::assembly::{Assembly, Received, Violation};
use super::bridge::Bridge;
use super::stream::Stream;
use crate::frame::{FrameKind, Stamp, Wire};

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    socket: FrameSocket<Bridge<Stream>>,
    assembly: Assembly,
    limit: usize,
    /// Wire bytes of all frames parsed so far, to know whether a frame was cut off.
    parsed: u64,
    /// Sent messages not yet wholly handed to the socket, with the wire offset where each ends.
    pending: VecDeque<(u64, Sent)>,
    queued: u64,
}

/// A message as sent; `at` is when its last byte went to the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When its last byte was handed to the socket.
    pub at: Stamp,
    /// Its kind.
    pub kind: FrameKind,
    /// Unmasked payload.
    pub payload: Bytes,
    /// How it looks on the wire.
    pub wire: Wire,
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
    pub(super) fn new(stream: Stream, rest: Vec<u8>, read_at: Stamp, limit: usize) -> Self {
        let bridge = Bridge::new(stream, rest.len() as u64, read_at);
        Self {
            socket: FrameSocket::from_partially_read(bridge, rest),
            assembly: Assembly::new(limit),
            limit,
            parsed: 0,
            pending: VecDeque::new(),
            queued: 0,
        }
    }

    /// Whom to wake when there is more to read or room to write.
    pub fn attach(&mut self, waker: &Waker) {
        self.socket.get_mut().attach(waker);
    }

    /// The next whole message or control frame; `None` if that would block.
    pub fn read(&mut self) -> Result<Option<Received>, Broken> {
        loop {
            let frame = match self.socket.read(Some(self.assembly.room())) {
                Ok(Some(frame)) => frame,
                Ok(None) => {
                    let cut = self.socket.get_ref().read > self.parsed || self.assembly.is_open();
                    return Err(Broken::Fin { cut });
                }
                Err(error) => return would_block(self.broken(error)),
            };
            self.parsed += frame.len() as u64;
            let at = self.socket.get_ref().read_at;
            match self.assembly.accept(frame, at) {
                Ok(Some(received)) => return Ok(Some(received)),
                Ok(None) => {}
                Err(Violation::Protocol(what)) => return Err(Broken::Protocol(what)),
                Err(Violation::TooBig { size, limit }) => {
                    return Err(Broken::TooBig { size, limit });
                }
            }
        }
    }

    /// Queues a message; [`Self::flush`] writes it. Control payloads are cut at 125 bytes.
    pub fn queue(&mut self, kind: FrameKind, payload: Bytes) {
        let opcode = match kind {
            FrameKind::Text => OpCode::Data(Data::Text),
            FrameKind::Ping => OpCode::Control(Control::Ping),
            FrameKind::Pong => OpCode::Control(Control::Pong),
            FrameKind::Close => OpCode::Control(Control::Close),
            FrameKind::Binary | FrameKind::Request | FrameKind::Response => {
                OpCode::Data(Data::Binary)
            }
        };
        let payload = if kind.is_control() {
            payload.slice(..payload.len().min(125))
        } else {
            payload
        };
        let mask: [u8; 4] = rand::random();
        let header = FrameHeader {
            opcode,
            mask: Some(mask),
            ..FrameHeader::default()
        };
        let frame = WireFrame::from_payload(header, payload.clone());
        let bytes = frame.len() as u64;
        // The bridge gathers and never fails here; what the socket says comes out of `flush`.
        let _ = self.socket.write(frame);
        self.queued += bytes;
        let wire = Wire {
            bytes,
            mask: Some(mask),
            ..Wire::default()
        };
        let at = self.socket.get_ref().written_at;
        self.pending.push_back((
            self.queued,
            Sent {
                at,
                kind,
                payload,
                wire,
            },
        ));
    }

    /// Writes what is queued as far as the socket takes it, and appends to `sent` what is wholly
    /// written. True if nothing is left.
    pub fn flush(&mut self, sent: &mut Vec<Sent>) -> Result<bool, Broken> {
        if self.pending.is_empty() {
            return Ok(true);
        }
        let result = self.socket.get_mut().flush();
        let (written, at) = (
            self.socket.get_ref().written,
            self.socket.get_ref().written_at,
        );
        while let Some((end, _)) = self.pending.front()
            && *end <= written
        {
            sent.extend(
                self.pending
                    .pop_front()
                    .map(|(_, message)| Sent { at, ..message }),
            );
        }
        match result {
            Ok(()) => Ok(self.pending.is_empty()),
            Err(error) => would_block(io_broken(&error)).map(|_: Option<()>| false),
        }
    }

    /// Bytes queued and not yet written.
    pub fn unwritten(&self) -> usize {
        self.socket.get_ref().unwritten()
    }

    /// Ends our half of TCP, politely for TLS.
    pub async fn shutdown(&mut self) {
        let _ = self.socket.get_mut().stream_mut().shutdown().await;
    }

    fn broken(&self, error: tungstenite::Error) -> Option<Broken> {
        match error {
            tungstenite::Error::Io(error) => io_broken(&error),
            tungstenite::Error::Capacity(tungstenite::error::CapacityError::MessageTooLong {
                size,
                ..
            }) => {
                let before = self.limit - self.assembly.room();
                Some(Broken::TooBig {
                    size: (size + before) as u64,
                    limit: self.limit,
                })
            }
            tungstenite::Error::Protocol(error) => Some(Broken::Protocol(error.to_string())),
            other => Some(Broken::Io(other.to_string())),
        }
    }
}

/// `None` stands for "would block".
fn would_block<T>(broken: Option<Broken>) -> Result<Option<T>, Broken> {
    broken.map_or(Ok(None), Err)
}

fn io_broken(error: &io::Error) -> Option<Broken> {
    match error.kind() {
        io::ErrorKind::WouldBlock => None,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => Some(Broken::Reset),
        // rustls says this when TCP ends without a TLS goodbye.
        io::ErrorKind::UnexpectedEof => Some(Broken::Fin { cut: true }),
        _ => Some(Broken::Io(error.to_string())),
    }
}
