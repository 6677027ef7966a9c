//! Flooding a client: frames serialised once, written in large pieces.

use std::fmt::Write as _;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};

use crate::server::wire::{Opcode, Writer, frame};

/// Bytes handed to the socket at once, about.
const WRITE_SIZE: usize = 256 * 1024;

/// How often a limited flood writes.
const STEP: Duration = Duration::from_millis(10);

/// Largest payload of one message.
const PAYLOAD_MAX: usize = 16 * 1024 * 1024;

/// What to flood with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flood {
    /// Every message.
    pub payload: Payload,
    /// Messages to each client; `None` for no end.
    pub count: Option<u64>,
    /// Messages a second to each client; `None` for as fast as it reads.
    pub rate: Option<u64>,
}

/// Size and kind of a message; written `400:json`, `256:protobuf`, `64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Payload bytes.
    pub size: usize,
    /// What they are.
    pub kind: Kind,
}

/// What the bytes of a flood message are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A JSON object in a text frame: type, number, amount, padding.
    Json,
    /// A nested protobuf message in a binary frame.
    Protobuf,
    /// Letters in a text frame.
    Text,
}

impl FromStr for Payload {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (size, kind) = text.split_once(':').unwrap_or((text, "json"));
        let kind = match kind {
            "json" => Kind::Json,
            "protobuf" => Kind::Protobuf,
            "text" => Kind::Text,
            other => return Err(format!("`{other}` is none of json, protobuf, text")),
        };
        let least = kind.least();
        match size.parse() {
            Ok(size) if (least..=PAYLOAD_MAX).contains(&size) => Ok(Self { size, kind }),
            _ => Err(format!(
                "`{size}` is not a size from {least} to {PAYLOAD_MAX} bytes; \
                 write for example 400:json or 256:protobuf"
            )),
        }
    }
}

impl Kind {
    /// Fewest bytes a message of this kind needs.
    fn least(self) -> usize {
        match self {
            Self::Json | Self::Protobuf => 64,
            Self::Text => 0,
        }
    }
}

/// Encoded frames, all of the same length.
#[derive(Clone, Debug)]
pub(super) struct Block {
    bytes: Bytes,
    frame: usize,
}

impl Block {
    fn frames(&self) -> u64 {
        (self.bytes.len() / self.frame) as u64
    }

    /// The first `count` frames.
    fn first(&self, count: u64) -> Bytes {
        let end = self.frame * usize::try_from(count).unwrap_or(usize::MAX);
        self.bytes.slice(..end.min(self.bytes.len()))
    }
}

impl Flood {
    /// Encodes about 256 KiB of frames, or one if it is larger.
    pub(super) fn block(&self) -> Block {
        let mut out = BytesMut::new();
        let opcode = match self.payload.kind {
            Kind::Protobuf => Opcode::Binary,
            Kind::Json | Kind::Text => Opcode::Text,
        };
        let mut first = 0;
        for n in 0_u32.. {
            frame(opcode, true, &self.payload.message(n), &mut out);
            first = if n == 0 { out.len() } else { first };
            if out.len() + first > WRITE_SIZE {
                break;
            }
        }
        Block {
            bytes: out.freeze(),
            frame: first,
        }
    }

    /// Writes until the count is reached; an error means the client is gone.
    pub(super) async fn run(&self, block: &Block, writer: &Writer) -> io::Result<()> {
        let mut left = self.count.unwrap_or(u64::MAX);
        let Some(rate) = self.rate else {
            while left > 0 {
                let count = left.min(block.frames());
                writer.block(block.first(count)).await?;
                left -= count;
            }
            return Ok(());
        };
        let mut ticker = tokio::time::interval(STEP);
        let mut steps = 0_u64;
        let mut sent = 0_u64;
        while left > 0 {
            ticker.tick().await;
            steps += 1;
            let due = rate.saturating_mul(steps) / (1000 / STEP.as_millis() as u64);
            while sent < due && left > 0 {
                let count = (due - sent).min(left).min(block.frames());
                writer.block(block.first(count)).await?;
                sent += count;
                left -= count;
            }
        }
        Ok(())
    }
}

impl Payload {
    /// Message number `n`; always `size` bytes.
    fn message(self, n: u32) -> Vec<u8> {
        match self.kind {
            Kind::Json => self.json(n),
            Kind::Protobuf => self.protobuf(n),
            Kind::Text => letters(self.size),
        }
    }

    fn json(self, n: u32) -> Vec<u8> {
        let kind = ["page", "click", "trade", "payment"][n as usize % 4];
        let mut text = format!(r#"{{"type":"{kind}","seq":{},"#, 10_000_000 + n);
        if self.size >= 128 {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                r#""account":{{"id":"GA{n:010}","asset":"USDC"}},"amount":"{}.50","#,
                100 + n % 900
            );
        }
        text.push_str(r#""pad":""#);
        let mut bytes = text.into_bytes();
        bytes.extend(letters(self.size.saturating_sub(bytes.len() + 2)));
        bytes.extend_from_slice(b"\"}");
        bytes
    }

    fn protobuf(self, n: u32) -> Vec<u8> {
        let mut inner = Vec::new();
        delimited(1, format!("GA{n:010}").as_bytes(), &mut inner);
        delimited(2, b"USDC", &mut inner);
        inner.put_u8(3 << 3 | 1);
        inner.put_f64_le(100.5);
        let mut out = Vec::new();
        out.put_u8(1 << 3 | 5);
        out.put_u32_le(n);
        delimited(2, b"payment", &mut out);
        delimited(3, &inner, &mut out);
        let pad = |length| {
            let mut field = Vec::new();
            delimited(15, &letters(length), &mut field);
            field
        };
        let room = self.size.saturating_sub(out.len());
        // Where the length needs one more byte, no field is one byte longer: leave room for two.
        let fits = |length: &usize| matches!(room.checked_sub(pad(*length).len()), Some(0 | 2..));
        out.extend(pad((0..=room).rev().find(fits).unwrap_or(0)));
        if out.len() + 2 == self.size {
            out.extend_from_slice(&[14 << 3, 0]);
        }
        out
    }
}

fn letters(count: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(count).collect()
}

/// A length-delimited protobuf field.
fn delimited(number: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.put_u8(number << 3 | 2);
    prost::encoding::encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_the_size_asked_for() {
        for kind in [Kind::Json, Kind::Protobuf, Kind::Text] {
            for size in (64..300).chain([400, 1024, 16_430, 16_431, 16_432, 16_433, 20_000]) {
                let payload = Payload { size, kind };
                for n in [0, 1, 3, 4095] {
                    assert_eq!(payload.message(n).len(), size, "{payload:?} {n}");
                }
            }
        }
    }

    #[test]
    fn json_is_json() {
        for size in [64, 400, 1024] {
            let kind = Kind::Json;
            let message = Payload { size, kind }.message(7);
            let value: serde_json::Value = serde_json::from_slice(&message).unwrap();
            assert_eq!(value["type"], "payment");
        }
    }

    #[test]
    fn sizes_are_written_with_their_kind() {
        for (text, size, kind) in [
            ("64", 64, Kind::Json),
            ("400:json", 400, Kind::Json),
            ("256:protobuf", 256, Kind::Protobuf),
            ("0:text", 0, Kind::Text),
        ] {
            assert_eq!(text.parse(), Ok(Payload { size, kind }));
        }
        for text in ["", "63", "x", "64:xml", "99999999999"] {
            assert!(text.parse::<Payload>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_block_holds_whole_frames_up_to_the_write_size() {
        let payload = Payload {
            size: 64,
            kind: Kind::Json,
        };
        let flood = Flood {
            payload,
            count: None,
            rate: None,
        };
        let block = flood.block();
        assert_eq!(block.frame, 66);
        assert_eq!(block.frames(), (WRITE_SIZE / 66) as u64);
        assert_eq!(block.first(2).len(), 132);
    }
}
