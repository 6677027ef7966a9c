//! Frames to messages: fragments put together, RFC 6455 § 5 violations named.
//!
//! Tungstenite's own message layer fails a connection over text that is not UTF-8 and hides
//! fragments, reserved bits and masks. An inspector has to show all of these, so messages are put
//! together here, from frames whose headers tungstenite's frame layer has read.

use std::borrow::Cow;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::outlet::apply_mask;
use crate::frame::{FrameKind, Stamp, Wire};

/// A whole message or control frame as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    /// When its last byte was read.
    pub at: Stamp,
    /// Its kind.
    pub kind: FrameKind,
    /// Unmasked payload.
    pub payload: Cow<'a, [u8]>,
    /// How it looked on the wire.
    pub wire: Wire,
    /// A violation the connection survives: the sentence for the row.
    pub problem: Option<&'static str>,
}

/// A violation after which the stream of frames means nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    /// What RFC 6455 forbids.
    Protocol(String),
    /// A message beyond the limit, bytes.
    TooBig { size: u64, limit: usize },
}

/// A message being put together.
#[derive(Debug)]
struct Partial {
    kind: FrameKind,
    payload: Vec<u8>,
    wire: Wire,
    problem: Option<&'static str>,
}

/// Puts fragments together; at most `limit` bytes of one message are held.
#[derive(Debug)]
pub(super) struct Assembly {
    partial: Option<Partial>,
    limit: usize,
}

/// Most fragments of one message.
const FRAGMENTS_MAX: usize = 1 << 20;

const MASKED: &str = "masked by the server, which RFC 6455 forbids; read all the same";
const RESERVED: &str =
    "reserved bits set though no extension was negotiated; the payload is shown as it came";

impl Assembly {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            partial: None,
            limit,
        }
    }

    /// Room left for the next frame's payload, bytes.
    pub(super) fn room(&self) -> usize {
        self.limit
            - self
                .partial
                .as_ref()
                .map_or(0, |partial| partial.payload.len())
    }

    /// True while a message is incomplete.
    pub(super) fn is_open(&self) -> bool {
        self.partial.is_some()
    }

    /// Takes the next frame, of `wire` bytes in all; returns the message it completes.
    pub(super) fn accept<'a>(
        &mut self,
        header: &FrameHeader,
        payload: &'a [u8],
        wire: u64,
        at: Stamp,
    ) -> Result<Option<Received<'a>>, Violation> {
        let (mask, last) = (header.mask, header.is_final);
        let rsv = u8::from(header.rsv1) << 2 | u8::from(header.rsv2) << 1 | u8::from(header.rsv3);
        let mut frame = Received {
            at,
            kind: FrameKind::Binary,
            payload: unmasked(payload, mask),
            wire: Wire {
                bytes: wire,
                rsv,
                mask,
                fragments: Vec::new(),
            },
            problem: match (mask, rsv) {
                (None, 0) => None,
                (None, _) => Some(RESERVED),
                (Some(_), _) => Some(MASKED),
            },
        };
        match header.opcode {
            OpCode::Control(control) => {
                frame.kind = control_kind(control, last, payload.len())?;
                Ok(Some(frame))
            }
            OpCode::Data(Data::Continue) => self.extend(&frame, last),
            OpCode::Data(data) => {
                if self.partial.is_some() {
                    return Err(violation(
                        "a new message began before the last one was complete",
                    ));
                }
                frame.kind = data_kind(data)?;
                if last {
                    return Ok(Some(frame));
                }
                frame.wire.fragments.push(payload.len() as u32);
                self.partial = Some(Partial {
                    kind: frame.kind,
                    payload: frame.payload.into_owned(),
                    wire: frame.wire,
                    problem: frame.problem,
                });
                Ok(None)
            }
        }
    }

    fn extend<'a>(
        &mut self,
        frame: &Received<'a>,
        last: bool,
    ) -> Result<Option<Received<'a>>, Violation> {
        let Some(partial) = &mut self.partial else {
            return Err(violation(
                "a continuation frame without a message to continue",
            ));
        };
        // Empty frames cost the sender two bytes and us four: their number is bounded too.
        if partial.wire.fragments.len() >= FRAGMENTS_MAX {
            return Err(violation("a message of more than a million fragments"));
        }
        partial.payload.extend_from_slice(&frame.payload);
        partial.wire.bytes += frame.wire.bytes;
        partial.wire.fragments.push(frame.payload.len() as u32);
        partial.problem = partial.problem.or(frame.problem);
        if !last {
            return Ok(None);
        }
        Ok(self.partial.take().map(|partial| Received {
            at: frame.at,
            kind: partial.kind,
            payload: Cow::Owned(partial.payload),
            wire: partial.wire,
            problem: partial.problem,
        }))
    }
}

fn violation(what: &str) -> Violation {
    Violation::Protocol(what.to_owned())
}

fn data_kind(data: Data) -> Result<FrameKind, Violation> {
    match data {
        Data::Text => Ok(FrameKind::Text),
        Data::Binary => Ok(FrameKind::Binary),
        Data::Continue | Data::Reserved(_) => Err(Violation::Protocol(format!(
            "reserved opcode {}",
            u8::from(OpCode::Data(data))
        ))),
    }
}

fn control_kind(control: Control, last: bool, len: usize) -> Result<FrameKind, Violation> {
    let kind = match control {
        Control::Close => FrameKind::Close,
        Control::Ping => FrameKind::Ping,
        Control::Pong => FrameKind::Pong,
        Control::Reserved(code) => {
            return Err(Violation::Protocol(format!("reserved opcode {code}")));
        }
    };
    if !last {
        return Err(violation("a fragmented control frame"));
    }
    if len > 125 {
        return Err(violation("a control frame of more than 125 bytes"));
    }
    Ok(kind)
}

fn unmasked(payload: &[u8], mask: Option<[u8; 4]>) -> Cow<'_, [u8]> {
    let Some(mask) = mask else {
        return Cow::Borrowed(payload);
    };
    let mut payload = payload.to_vec();
    apply_mask(&mut payload, mask);
    Cow::Owned(payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    fn header(opcode: OpCode, is_final: bool) -> FrameHeader {
        FrameHeader {
            opcode,
            is_final,
            ..FrameHeader::default()
        }
    }

    fn accept<'a>(
        assembly: &mut Assembly,
        opcode: OpCode,
        last: bool,
        payload: &'a [u8],
    ) -> Result<Option<Received<'a>>, Violation> {
        let wire = 2 + payload.len() as u64;
        assembly.accept(&header(opcode, last), payload, wire, clock::now())
    }

    const TEXT: OpCode = OpCode::Data(Data::Text);
    const MORE: OpCode = OpCode::Data(Data::Continue);
    const PING: OpCode = OpCode::Control(Control::Ping);

    #[test]
    fn a_control_frame_overtakes_the_fragments_it_sits_between() {
        let mut assembly = Assembly::new(100);
        assert_eq!(accept(&mut assembly, TEXT, false, b"he"), Ok(None));
        let ping = accept(&mut assembly, PING, true, b"p").unwrap().unwrap();
        assert_eq!(ping.kind, FrameKind::Ping);
        let text = accept(&mut assembly, MORE, true, b"llo").unwrap().unwrap();
        assert_eq!(
            (text.kind, &text.payload[..]),
            (FrameKind::Text, &b"hello"[..])
        );
        assert_eq!(text.wire.fragments, [2, 3]);
        assert_eq!(text.wire.bytes, 2 + 2 + 2 + 3);
    }

    #[test]
    fn the_room_shrinks_with_every_fragment() {
        let mut assembly = Assembly::new(4);
        accept(&mut assembly, TEXT, false, b"abc").unwrap();
        assert_eq!(assembly.room(), 1);
    }

    #[test]
    fn violations_by_case() {
        let fresh = || Assembly::new(100);
        assert!(accept(&mut fresh(), MORE, true, b"").is_err());
        assert!(accept(&mut fresh(), PING, false, b"").is_err());
        assert!(accept(&mut fresh(), PING, true, &[0; 126]).is_err());
        assert!(accept(&mut fresh(), OpCode::Data(Data::Reserved(3)), true, b"").is_err());
        let mut open = fresh();
        accept(&mut open, TEXT, false, b"").unwrap();
        assert!(accept(&mut open, TEXT, true, b"").is_err());
    }

    #[test]
    fn a_masked_server_frame_is_read_and_told() {
        let mut masked = header(TEXT, true);
        masked.mask = Some([1, 2, 3, 4]);
        let mut assembly = Assembly::new(9);
        let received = assembly.accept(&masked, b"\x01\x02", 8, clock::now());
        let received = received.unwrap().unwrap();
        assert_eq!(&received.payload[..], b"\0\0");
        assert_eq!(received.problem, Some(MASKED));
    }
}
