//! Where frames come in: one buffer the socket is read into, headers parsed in place, payloads
//! handed on as slices of it.
//!
//! All frames of a system call are taken before the next one, and each carries the stamp of the
//! call that completed it. Nothing is allocated per frame.

use std::io::{self, Cursor};
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::assembly::Violation;
use super::clock;
use crate::frame::Stamp;

/// Usual size of the buffer, and so the most one system call reads.
const BUFFER: usize = 256 << 10;
/// Longest frame header, bytes.
const HEADER_MAX: usize = 14;

/// A frame in the buffer.
pub(super) struct Located {
    pub(super) header: FrameHeader,
    /// Where its payload is in [`Inlet::bytes`].
    pub(super) payload: Range<usize>,
    /// Bytes on the wire, header included.
    pub(super) wire: u64,
}

/// The buffer and what of it is filled.
#[derive(Debug)]
pub(super) struct Inlet {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// When the newest bytes were read.
    pub(super) read_at: Stamp,
}

impl Inlet {
    /// A buffer that begins with `rest`, read at `read_at`.
    pub(super) fn new(rest: &[u8], read_at: Stamp) -> Self {
        let mut buffer = vec![0; BUFFER.max(rest.len() + HEADER_MAX)];
        buffer[..rest.len()].copy_from_slice(rest);
        Self {
            buffer,
            start: 0,
            end: rest.len(),
            read_at,
        }
    }

    /// True if bytes of an incomplete frame are waiting.
    pub(super) fn is_cut(&self) -> bool {
        self.start < self.end
    }

    /// Payload bytes of a located frame.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// The next whole frame in the buffer, its payload at most `room` bytes.
    pub(super) fn next(&mut self, room: usize, limit: usize) -> Result<Option<Located>, Violation> {
        let Some((header, len, at)) = self.header()? else {
            return Ok(None);
        };
        if len > room as u64 {
            let size = len.saturating_add((limit - room) as u64);
            return Err(Violation::TooBig { size, limit });
        }
        let from = self.start + at;
        let until = from + len as usize;
        if until > self.end {
            self.make_room(until - self.start);
            return Ok(None);
        }
        let wire = (until - self.start) as u64;
        self.start = until;
        Ok(Some(Located {
            header,
            payload: from..until,
            wire,
        }))
    }

    /// The header at the start of the buffer, the payload length, and the header's length.
    fn header(&self) -> Result<Option<(FrameHeader, u64, usize)>, Violation> {
        let bytes = &self.buffer[self.start..self.end];
        if let [first @ (0x81 | 0x82), len @ 0..=125, ..] = *bytes {
            // A whole unmasked message with a short length: what most frames are.
            let data = if first == 0x81 {
                Data::Text
            } else {
                Data::Binary
            };
            let header = FrameHeader {
                opcode: OpCode::Data(data),
                ..FrameHeader::default()
            };
            return Ok(Some((header, u64::from(len), 2)));
        }
        let mut cursor = Cursor::new(bytes);
        let parsed = FrameHeader::parse(&mut cursor);
        match parsed {
            Ok(header) => Ok(header.map(|(header, len)| (header, len, cursor.position() as usize))),
            Err(error) => Err(Violation::Protocol(error.to_string())),
        }
    }

    /// Sees to it that a frame of `need` bytes fits behind `start`.
    fn make_room(&mut self, need: usize) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if need > self.buffer.len() {
            self.buffer.resize(need, 0);
        }
    }

    /// Reads once. `Ok(None)` if that would block, `Ok(Some(0))` at the end of the stream.
    pub(super) fn fill(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        waker: &Waker,
    ) -> io::Result<Option<usize>> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.buffer.len() > BUFFER {
                self.buffer.truncate(BUFFER);
                self.buffer.shrink_to_fit();
            }
        } else if self.end == self.buffer.len() {
            self.make_room(HEADER_MAX);
        }
        let mut target = ReadBuf::new(&mut self.buffer[self.end..]);
        let mut context = Context::from_waker(waker);
        match Pin::new(stream).poll_read(&mut context, &mut target) {
            Poll::Ready(Ok(())) => {
                let count = target.filled().len();
                self.end += count;
                self.read_at = clock::now();
                Ok(Some(count))
            }
            Poll::Ready(Err(error)) => Err(error),
            Poll::Pending => Ok(None),
        }
    }
}
