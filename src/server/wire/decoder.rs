//! Client frames to messages, without IO.

use bytes::{Buf, Bytes, BytesMut};

use super::header::{Header, Start};
use super::violation::{self, RSV1, Violation};
use super::{Flavour, Opcode, deflate};

/// Something whole that a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A text message, its fragments joined; not checked for UTF-8.
    Text(Bytes),
    /// A binary message, its fragments joined.
    Binary(Bytes),
    /// A ping, possibly from between two fragments.
    Ping(Bytes),
    /// A pong.
    Pong(Bytes),
    /// A close frame whose payload passed the flavour's checks; nothing is read after it.
    Close(Bytes),
}

/// Puts client frames together.
///
/// Feed it bytes with [`Decoder::buffer`], ask [`Decoder::poll`] until it has nothing more. It
/// holds at most one message of `limit` bytes, the largest read, and 125 bytes of a control frame.
/// After a violation or a close it stays silent.
#[derive(Debug)]
pub struct Decoder {
    flavour: Flavour,
    limit: usize,
    /// Whether permessage-deflate was agreed on.
    deflates: bool,
    buffer: BytesMut,
    /// The data frame whose payload is arriving.
    frame: Option<Payload>,
    /// The message under construction; open from a data frame's header to its last byte.
    message: Option<Message>,
    /// A frame without a mask has been passed over.
    unmasked: bool,
    ended: bool,
}

#[derive(Debug)]
struct Payload {
    remaining: u64,
    mask: Mask,
    fin: bool,
}

#[derive(Debug)]
struct Message {
    opcode: Opcode,
    packed: bool,
    data: BytesMut,
}

impl Decoder {
    /// A decoder for one connection that takes messages of up to `limit` bytes.
    #[must_use]
    pub fn new(flavour: Flavour, limit: usize) -> Self {
        Self {
            flavour,
            limit,
            deflates: false,
            buffer: BytesMut::new(),
            frame: None,
            message: None,
            unmasked: false,
            ended: false,
        }
    }

    /// The same decoder, for a connection on which permessage-deflate was agreed on.
    #[must_use]
    pub fn deflating(mut self) -> Self {
        self.deflates = true;
        self
    }

    /// Whether permessage-deflate was agreed on.
    #[must_use]
    pub fn deflates(&self) -> bool {
        self.deflates
    }

    /// Whose habits it follows.
    #[must_use]
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// Bytes that are there but belong to nothing whole yet.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.buffer.len()
    }

    /// Where to append what was read.
    pub fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The next whole thing, `None` until more bytes are there.
    pub fn poll(&mut self) -> Result<Option<Incoming>, Violation> {
        if self.ended {
            self.buffer.clear();
            return Ok(None);
        }
        // Coder reads on for the client's close, but not from inside a message, nor if it has done
        // so already for want of a mask.
        let found = self.advance().map_err(|violation| {
            let whole = self.frame.as_ref().is_some_and(|frame| frame.fin);
            let inside = self.message.is_some() && !whole;
            violation.ending_tcp(inside || self.unmasked)
        });
        if matches!(found, Err(_) | Ok(Some(Incoming::Close(_)))) {
            self.ended = true;
        }
        found
    }

    fn advance(&mut self) -> Result<Option<Incoming>, Violation> {
        loop {
            if self.frame.is_some() {
                if !self.take_payload()? {
                    return Ok(None);
                }
                if let Some(message) = self.finish_frame()? {
                    return Ok(Some(message));
                }
                continue;
            }
            let judged = self.judged_header();
            if judged.is_err()
                && let Some(header) = Header::parse(&self.buffer)
            {
                // It has been read; what follows it has not.
                self.buffer.advance(header.size);
            }
            let Some(header) = judged? else {
                return Ok(None);
            };
            let Some(mask) = header.mask else {
                if self.flavour == Flavour::Nhooyr {
                    return Err(Violation::UNMASKED);
                }
                // Coder gives up on the message but reads on, taking the unmasked payload for the
                // next header. Gorilla has complained already.
                self.buffer.advance(header.size);
                self.message = None;
                self.unmasked = true;
                continue;
            };
            let opcode = Opcode::from_code(header.opcode).unwrap_or(Opcode::Continuation);
            if opcode.is_control() {
                return self.take_control(opcode, &header, mask);
            }
            self.buffer.advance(header.size);
            self.open_frame(opcode, &header, mask)?;
        }
    }

    /// The header at the front of the buffer, found acceptable.
    fn judged_header(&self) -> Result<Option<Header>, Violation> {
        let mid_message = self.message.is_some();
        if self.flavour == Flavour::Gorilla {
            let Some(start) = Start::parse(&self.buffer) else {
                return Ok(None);
            };
            violation::gorilla_start(start, mid_message)?;
        }
        let Some(header) = Header::parse(&self.buffer) else {
            return Ok(None);
        };
        violation::length(header.length)?;
        if self.flavour != Flavour::Gorilla {
            violation::coder_rsv(&header, self.deflates)?;
            if header.mask.is_some() {
                violation::coder_header(&header, mid_message)?;
            }
        }
        Ok(Some(header))
    }

    fn take_control(
        &mut self,
        opcode: Opcode,
        header: &Header,
        mask: [u8; 4],
    ) -> Result<Option<Incoming>, Violation> {
        let length = header.length as usize; // at most 125 by now
        if self.buffer.len() < header.size + length {
            return Ok(None);
        }
        self.buffer.advance(header.size);
        let mut payload = self.buffer.split_to(length);
        Mask::new(mask).apply(&mut payload);
        let payload = payload.freeze();
        Ok(Some(match opcode {
            Opcode::Ping => Incoming::Ping(payload),
            Opcode::Pong => Incoming::Pong(payload),
            _ => {
                violation::close_payload(self.flavour, &payload)?;
                Incoming::Close(payload)
            }
        }))
    }

    fn open_frame(
        &mut self,
        opcode: Opcode,
        header: &Header,
        mask: [u8; 4],
    ) -> Result<(), Violation> {
        let message = self.message.get_or_insert_with(|| Message {
            opcode,
            packed: header.rsv & RSV1 != 0,
            data: BytesMut::new(),
        });
        // Gorilla refuses at the announcement, coder when the bytes are there.
        let announced = (message.data.len() as u64).saturating_add(header.length);
        if self.flavour == Flavour::Gorilla && announced > self.limit as u64 {
            return Err(violation::too_big(self.flavour, self.limit));
        }
        self.frame = Some(Payload {
            remaining: header.length,
            mask: Mask::new(mask),
            fin: header.fin,
        });
        Ok(())
    }

    /// Moves what is there of the current payload into the message; true once it is complete.
    fn take_payload(&mut self) -> Result<bool, Violation> {
        let (Some(frame), Some(message)) = (&mut self.frame, &mut self.message) else {
            return Ok(false);
        };
        let available = frame.remaining.min(self.buffer.len() as u64) as usize;
        let mut part = self.buffer.split_to(available);
        frame.mask.apply(&mut part);
        frame.remaining -= available as u64;
        if message.data.is_empty() {
            message.data = part;
        } else {
            message.data.extend_from_slice(&part);
        }
        if message.data.len() > self.limit {
            return Err(violation::too_big(self.flavour, self.limit));
        }
        Ok(frame.remaining == 0)
    }

    fn finish_frame(&mut self) -> Result<Option<Incoming>, Violation> {
        if !self.frame.take().is_some_and(|frame| frame.fin) {
            return Ok(None);
        }
        let Some(message) = self.message.take() else {
            return Ok(None);
        };
        let data = if message.packed {
            // The limit counts what comes out; a stream that cannot be read ends TCP.
            match deflate::unpack(&message.data, self.limit) {
                Ok(data) => data.into(),
                Err(deflate::Unpacked::TooLong) => {
                    return Err(violation::too_big(self.flavour, self.limit));
                }
                Err(deflate::Unpacked::Corrupt) => return Err(Violation::SILENT),
            }
        } else {
            message.data.freeze()
        };
        Ok(Some(match message.opcode {
            Opcode::Text => Incoming::Text(data),
            _ => Incoming::Binary(data),
        }))
    }
}

/// A masking key and how far it has been used.
#[derive(Debug)]
struct Mask {
    key: [u8; 4],
    at: usize,
}

impl Mask {
    fn new(key: [u8; 4]) -> Self {
        Self { key, at: 0 }
    }

    /// Unmasks the next part of a payload in place.
    fn apply(&mut self, part: &mut [u8]) {
        let mut key = self.key;
        key.rotate_left(self.at % 4);
        let mut chunks = part.chunks_exact_mut(4);
        for chunk in &mut chunks {
            for (byte, mask) in chunk.iter_mut().zip(key) {
                *byte ^= mask;
            }
        }
        for (byte, mask) in chunks.into_remainder().iter_mut().zip(key) {
            *byte ^= mask;
        }
        self.at += part.len();
    }
}
