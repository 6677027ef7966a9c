//! Frames to messages: fragments put together, RFC 6455 § 5 violations named.
//!
//! Tungstenite's own message layer fails a connection over text that is not UTF-8 and hides
//! fragments, reserved bits and masks. An inspector has to show all of these, so messages are put
//! together here, from the frames of tungstenite's frame layer.

use bytes::{Bytes, BytesMut};
use tokio_tungstenite::tungstenite::protocol::frame::Frame as WireFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::frame::{FrameKind, Stamp, Wire};

/// A whole message or control frame as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// When its last byte was read.
    pub at: Stamp,
    /// Its kind.
    pub kind: FrameKind,
    /// Unmasked payload.
    pub payload: Bytes,
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
    payload: BytesMut,
    wire: Wire,
    problem: Option<&'static str>,
}

/// Puts fragments together; at most `limit` bytes of one message are held.
#[derive(Debug)]
pub(super) struct Assembly {
    partial: Option<Partial>,
    limit: usize,
}

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

    /// Takes the next frame; returns the message it completes.
    pub(super) fn accept(
        &mut self,
        frame: WireFrame,
        at: Stamp,
    ) -> Result<Option<Received>, Violation> {
        let header = frame.header();
        let (opcode, last, mask) = (header.opcode, header.is_final, header.mask);
        let rsv = u8::from(header.rsv1) << 2 | u8::from(header.rsv2) << 1 | u8::from(header.rsv3);
        let wire = Wire {
            bytes: frame.len() as u64,
            rsv,
            mask,
            fragments: Vec::new(),
        };
        let problem = match (mask, rsv) {
            (Some(_), _) => Some(MASKED),
            (None, 0) => None,
            (None, _) => Some(RESERVED),
        };
        let payload = unmasked(frame.into_payload(), mask);
        let whole = |kind, payload| Received {
            at,
            kind,
            payload,
            wire: wire.clone(),
            problem,
        };
        match opcode {
            OpCode::Control(control) => {
                let kind = control_kind(control, last, payload.len())?;
                Ok(Some(whole(kind, payload)))
            }
            OpCode::Data(Data::Continue) => self.extend(&payload, wire.bytes, last, at, problem),
            OpCode::Data(data) => {
                if self.partial.is_some() {
                    return Err(violation(
                        "a new message began before the last one was complete",
                    ));
                }
                let kind = data_kind(data)?;
                if last {
                    return Ok(Some(whole(kind, payload)));
                }
                let wire = Wire {
                    fragments: vec![payload.len() as u32],
                    ..wire
                };
                let payload = BytesMut::from(&payload[..]);
                self.partial = Some(Partial {
                    kind,
                    payload,
                    wire,
                    problem,
                });
                Ok(None)
            }
        }
    }

    fn extend(
        &mut self,
        payload: &[u8],
        wire_bytes: u64,
        last: bool,
        at: Stamp,
        problem: Option<&'static str>,
    ) -> Result<Option<Received>, Violation> {
        let Some(partial) = &mut self.partial else {
            return Err(violation(
                "a continuation frame without a message to continue",
            ));
        };
        let size = partial.payload.len() + payload.len();
        if size > self.limit {
            return Err(Violation::TooBig {
                size: size as u64,
                limit: self.limit,
            });
        }
        partial.payload.extend_from_slice(payload);
        partial.wire.bytes += wire_bytes;
        // Empty frames cost the sender two bytes and us four: their number is bounded too.
        if partial.wire.fragments.len() > 1 << 20 {
            return Err(violation("a message of more than a million fragments"));
        }
        partial.wire.fragments.push(payload.len() as u32);
        partial.problem = partial.problem.or(problem);
        if !last {
            return Ok(None);
        }
        Ok(self.partial.take().map(|partial| Received {
            at,
            kind: partial.kind,
            payload: partial.payload.freeze(),
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

fn unmasked(payload: Bytes, mask: Option<[u8; 4]>) -> Bytes {
    let Some(mask) = mask else { return payload };
    payload
        .iter()
        .zip(mask.iter().cycle())
        .map(|(byte, key)| byte ^ key)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    fn frame(opcode: OpCode, last: bool, payload: &'static [u8]) -> WireFrame {
        let mut frame = WireFrame::from_payload(
            tokio_tungstenite::tungstenite::protocol::frame::FrameHeader::default(),
            Bytes::from_static(payload),
        );
        frame.header_mut().opcode = opcode;
        frame.header_mut().is_final = last;
        frame
    }

    const TEXT: OpCode = OpCode::Data(Data::Text);
    const MORE: OpCode = OpCode::Data(Data::Continue);
    const PING: OpCode = OpCode::Control(Control::Ping);

    #[test]
    fn a_control_frame_overtakes_the_fragments_it_sits_between() {
        let mut assembly = Assembly::new(100);
        let at = clock::now();
        assert_eq!(assembly.accept(frame(TEXT, false, b"he"), at), Ok(None));
        let ping = assembly
            .accept(frame(PING, true, b"p"), at)
            .unwrap()
            .unwrap();
        assert_eq!(ping.kind, FrameKind::Ping);
        let text = assembly
            .accept(frame(MORE, true, b"llo"), at)
            .unwrap()
            .unwrap();
        assert_eq!(
            (text.kind, &text.payload[..]),
            (FrameKind::Text, &b"hello"[..])
        );
        assert_eq!(text.wire.fragments, [2, 3]);
        assert_eq!(text.wire.bytes, 2 + 2 + 2 + 3);
    }

    #[test]
    fn the_limit_counts_all_fragments() {
        let mut assembly = Assembly::new(4);
        let at = clock::now();
        assembly.accept(frame(TEXT, false, b"abc"), at).unwrap();
        assert_eq!(assembly.room(), 1);
        let error = assembly.accept(frame(MORE, true, b"de"), at).unwrap_err();
        assert_eq!(error, Violation::TooBig { size: 5, limit: 4 });
    }

    #[test]
    fn violations_by_case() {
        let at = clock::now();
        let fresh = || Assembly::new(100);
        assert!(fresh().accept(frame(MORE, true, b""), at).is_err());
        assert!(fresh().accept(frame(PING, false, b""), at).is_err());
        assert!(
            fresh()
                .accept(frame(OpCode::Data(Data::Reserved(3)), true, b""), at)
                .is_err()
        );
        let mut open = fresh();
        open.accept(frame(TEXT, false, b""), at).unwrap();
        assert!(open.accept(frame(TEXT, true, b""), at).is_err());
    }

    #[test]
    fn a_masked_server_frame_is_read_and_told() {
        let mut masked = frame(TEXT, true, b"\x01\x02");
        masked.header_mut().mask = Some([1, 2, 3, 4]);
        let received = Assembly::new(9)
            .accept(masked, clock::now())
            .unwrap()
            .unwrap();
        assert_eq!(&received.payload[..], b"\0\0");
        assert_eq!(received.problem, Some(MASKED));
    }
}
