//! Server frames to bytes: unmasked, RSV 0, everything else as the caller says.

use bytes::{BufMut, BytesMut};

use super::{Flavour, Opcode};
use crate::frame::{close_parts, close_payload};

/// RSV1: the message is compressed.
const COMPRESSED: u8 = 0x40;

/// Appends one frame.
pub fn frame(opcode: Opcode, fin: bool, payload: &[u8], out: &mut BytesMut) {
    let first = opcode.code() | if fin { 0x80 } else { 0 };
    raw(first, payload, out);
}

/// Appends a frame of a compressed message, not its last.
pub(super) fn compressed(opcode: Opcode, payload: &[u8], out: &mut BytesMut) {
    let mark = if opcode == Opcode::Continuation {
        0
    } else {
        COMPRESSED
    };
    raw(opcode.code() | mark, payload, out);
}

fn raw(first: u8, payload: &[u8], out: &mut BytesMut) {
    out.reserve(payload.len() + 10);
    out.put_u8(first);
    match payload.len() {
        short @ 0..=125 => out.put_u8(short as u8),
        medium @ 126..=0xffff => {
            out.put_u8(126);
            out.put_u16(medium as u16);
        }
        long => {
            out.put_u8(127);
            out.put_u64(long as u64);
        }
    }
    out.put_slice(payload);
}

/// Appends one message as a frame for each part; the last one is final. No parts are an empty
/// message.
pub fn fragments(opcode: Opcode, parts: &[&[u8]], out: &mut BytesMut) {
    let Some((last, before)) = parts.split_last() else {
        return frame(opcode, true, &[], out);
    };
    let mut opcode = opcode;
    for part in before {
        frame(opcode, false, part, out);
        opcode = Opcode::Continuation;
    }
    frame(opcode, true, last, out);
}

/// Appends a close frame; an empty one (1005 at the other side) without a code.
pub fn close(code: Option<u16>, reason: &str, out: &mut BytesMut) {
    let payload = code.map_or_else(Vec::new, |code| close_payload(code, reason));
    frame(Opcode::Close, true, &payload, out);
}

/// Appends the answer to a client's close frame with that payload.
pub fn close_echo(flavour: Flavour, payload: &[u8], out: &mut BytesMut) {
    match (flavour, close_parts(payload)) {
        (_, None) => frame(Opcode::Close, true, &[], out),
        (Flavour::Gorilla, Some((code, _))) => close(Some(code), "", out),
        (Flavour::Coder | Flavour::Nhooyr, Some(_)) => frame(Opcode::Close, true, payload, out),
    }
}
