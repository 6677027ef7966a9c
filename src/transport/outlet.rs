//! Where frames go out: formatted and masked into one buffer, written in few system calls, and
//! reported as sent when their last byte went to the socket.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::clock;
use crate::frame::{FrameKind, Stamp, Wire};

/// Capacity kept when the buffer is empty.
const KEPT: usize = 64 << 10;
/// Longest payload of a control frame.
const CONTROL_MAX: usize = 125;

/// A message as sent; `at` is when its last byte was handed to the socket.
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

/// Frames on their way out.
#[derive(Debug)]
pub struct Outlet {
    buffer: Vec<u8>,
    /// Bytes of `buffer` already written.
    done: usize,
    /// Messages not yet wholly written, with the stream offset where each ends.
    pending: VecDeque<(u64, Sent)>,
    queued: u64,
    written: u64,
    written_at: Stamp,
}

impl Outlet {
    /// An empty one. A session without WebSocket has one that stays so.
    #[must_use]
    pub fn new(now: Stamp) -> Self {
        Self {
            buffer: Vec::new(),
            done: 0,
            pending: VecDeque::new(),
            queued: 0,
            written: 0,
            written_at: now,
        }
    }

    /// Queues a message, unfragmented and masked. Control payloads are cut at 125 bytes.
    pub fn queue(&mut self, kind: FrameKind, mut payload: Bytes) {
        if kind.is_control() {
            payload.truncate(CONTROL_MAX);
        }
        let mask: [u8; 4] = rand::random();
        let header = FrameHeader {
            opcode: opcode(kind),
            mask: Some(mask),
            ..FrameHeader::default()
        };
        let len = payload.len() as u64;
        header
            .format(len, &mut self.buffer)
            .expect("writing to a Vec cannot fail");
        let at = self.buffer.len();
        self.buffer.extend_from_slice(&payload);
        apply_mask(&mut self.buffer[at..], mask);
        let wire = Wire {
            bytes: header.len(len) as u64 + len,
            mask: Some(mask),
            ..Wire::default()
        };
        self.queued += wire.bytes;
        let sent = Sent {
            at: self.written_at,
            kind,
            payload,
            wire,
        };
        self.pending.push_back((self.queued, sent));
    }

    /// Bytes queued and not yet written.
    #[must_use]
    pub fn unwritten(&self) -> usize {
        self.buffer.len() - self.done
    }

    /// Writes as much as the socket takes and appends to `sent` what is wholly written.
    pub(super) fn flush(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin),
        waker: &Waker,
        sent: &mut Vec<Sent>,
    ) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let result = self.write(stream, waker);
        while let Some((end, _)) = self.pending.front()
            && *end <= self.written
        {
            let at = self.written_at;
            sent.extend(
                self.pending
                    .pop_front()
                    .map(|(_, message)| Sent { at, ..message }),
            );
        }
        result
    }

    fn write(&mut self, stream: &mut (impl AsyncWrite + Unpin), waker: &Waker) -> io::Result<()> {
        let mut context = Context::from_waker(waker);
        while self.done < self.buffer.len() {
            // Before the call: the peer may have the bytes, and answer, before it returns.
            let at = clock::now();
            match Pin::new(&mut *stream).poll_write(&mut context, &self.buffer[self.done..]) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(count)) => {
                    self.done += count;
                    self.written += count as u64;
                    self.written_at = at;
                }
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => return Ok(()),
            }
        }
        self.buffer.clear();
        self.buffer.shrink_to(KEPT);
        self.done = 0;
        match Pin::new(stream).poll_flush(&mut context) {
            Poll::Ready(result) => result,
            Poll::Pending => Ok(()),
        }
    }
}

fn opcode(kind: FrameKind) -> OpCode {
    match kind {
        FrameKind::Text => OpCode::Data(Data::Text),
        FrameKind::Ping => OpCode::Control(Control::Ping),
        FrameKind::Pong => OpCode::Control(Control::Pong),
        FrameKind::Close => OpCode::Control(Control::Close),
        FrameKind::Binary | FrameKind::Request | FrameKind::Response => OpCode::Data(Data::Binary),
    }
}

/// Masks or unmasks `bytes`, which begin a payload.
pub(super) fn apply_mask(bytes: &mut [u8], mask: [u8; 4]) {
    let mut words = bytes.chunks_exact_mut(4);
    for word in &mut words {
        for (byte, key) in word.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(mask) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_twice_is_nothing() {
        for len in [0, 1, 3, 4, 5, 1_000] {
            let plain: Vec<u8> = (0..len).map(|n| n as u8).collect();
            let mut bytes = plain.clone();
            apply_mask(&mut bytes, [1, 2, 3, 250]);
            assert!(len == 0 || bytes != plain);
            apply_mask(&mut bytes, [1, 2, 3, 250]);
            assert_eq!(bytes, plain);
        }
    }

    #[test]
    fn a_message_is_sent_when_its_last_byte_is_written() {
        let now = clock::now();
        let mut outlet = Outlet::new(now);
        outlet.queue(FrameKind::Text, Bytes::from_static(b"hello"));
        outlet.queue(FrameKind::Ping, Bytes::from(vec![7; 200]));
        let mut wire = Vec::new();
        let mut sent = Vec::new();
        outlet
            .flush(&mut wire, Waker::noop(), &mut sent)
            .expect("a Vec takes everything");
        assert_eq!(sent.len(), 2);
        assert_eq!(wire.len() as u64, sent[0].wire.bytes + sent[1].wire.bytes);
        assert_eq!(sent[1].payload.len(), CONTROL_MAX);
        assert_eq!(outlet.unwritten(), 0);
    }
}
