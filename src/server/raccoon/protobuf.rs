//! The protobuf wire as protobuf-go reads and writes it: what was read before an error is kept,
//! a known field of another wire type is an unknown field.

use prost::encoding::{encode_varint, encoded_len_varint};

use super::message::{Batch, Decoded, Event, Reply};

/// protobuf-go's text for anything that is no protobuf. (It separates `proto:` by a blank or by
/// U+00A0, chosen per build.)
pub(super) const INVALID: &str = "proto: cannot parse invalid wire-format data";

const INVALID_UTF8: &str = "string field contains invalid UTF-8";

/// Deepest nesting of groups in unknown fields.
const GROUPS_MAX: usize = 10_000;

/// The key of the one entry of `data`, encoded.
const GUID_KEY: &[u8] = b"\x0a\x08req_guid";

const VARINT: u8 = 0;
const DELIMITED: u8 = 2;

/// Reads a `SendEventRequest`.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let mut batch = Batch::default();
    let read = fields(bytes, |number, value| {
        match (number, value) {
            (1, Value::Delimited(guid)) => batch.guid = text(guid)?,
            // A repeated message field is merged into what is there.
            (2, Value::Delimited(timestamp)) => fields(timestamp, |number, value| {
                match (number, value) {
                    (1, Value::Varint(seconds)) => batch.sent.seconds = seconds as i64,
                    (2, Value::Varint(nanos)) => batch.sent.nanos = nanos as i32,
                    _ => {}
                }
                Ok(())
            })?,
            (3, Value::Delimited(bytes)) => {
                let (event, read) = event(bytes);
                batch.events.push(Some(event));
                read?;
            }
            _ => {}
        }
        Ok(())
    });
    (batch, read)
}

fn event(bytes: &[u8]) -> (Event, Result<(), String>) {
    let mut event = Event::default();
    let read = fields(bytes, |number, value| {
        match (number, value) {
            (1, Value::Delimited(payload)) => event.bytes = payload.to_vec(),
            (2, Value::Delimited(kind)) => event.kind = text(kind)?,
            _ => {}
        }
        Ok(())
    });
    (event, read)
}

/// Whether `bytes` could be a protobuf message of any type.
pub(super) fn parses(bytes: &[u8]) -> Result<(), String> {
    fields(bytes, |_, _| Ok(()))
}

fn text(bytes: &[u8]) -> Result<String, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(INVALID_UTF8.to_owned()),
    }
}

/// Writes a `SendEventResponse`, fields in order, zero values left out, map entries whole.
pub(super) fn encode(reply: &Reply) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    number_field(1, u64::from(reply.code.status()), &mut out);
    number_field(2, u64::from(reply.code.number()), &mut out);
    number_field(3, reply.sent_time as u64, &mut out);
    if !reply.reason.is_empty() {
        bytes_field(4, &reply.reason, &mut out);
    }
    if let Some(guid) = &reply.guid {
        let value = 1 + encoded_len_varint(guid.len() as u64) + guid.len();
        out.push(5 << 3 | DELIMITED);
        encode_varint((GUID_KEY.len() + value) as u64, &mut out);
        out.extend_from_slice(GUID_KEY);
        bytes_field(2, guid.as_bytes(), &mut out);
    }
    out
}

fn number_field(number: u8, value: u64, out: &mut Vec<u8>) {
    if value != 0 {
        out.push(number << 3 | VARINT);
        encode_varint(value, out);
    }
}

fn bytes_field(number: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(number << 3 | DELIMITED);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// The value of a field, as far as anybody here looks at it.
enum Value<'a> {
    Varint(u64),
    Delimited(&'a [u8]),
    Other,
}

/// Walks the fields of a message.
fn fields<'a>(
    bytes: &'a [u8],
    mut each: impl FnMut(u64, Value<'a>) -> Result<(), String>,
) -> Result<(), String> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (number, value) = field(&mut rest).ok_or_else(|| INVALID.to_owned())?;
        each(number, value)?;
    }
    Ok(())
}

/// The next field, groups stepped over; `None` if it is no protobuf.
fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let mut groups = Vec::new();
    let mut first = None;
    loop {
        let tag = varint(rest)?;
        let (number, kind) = (tag >> 3, tag & 7);
        if !(1..=0x1fff_ffff).contains(&number) {
            return None;
        }
        let first = *first.get_or_insert(number);
        let mut value = Value::Other;
        match kind {
            0 => value = Value::Varint(varint(rest)?),
            1 => *rest = rest.get(8..)?,
            2 => {
                let length = usize::try_from(varint(rest)?).ok()?;
                let (payload, after) = rest.split_at_checked(length)?;
                *rest = after;
                value = Value::Delimited(payload);
            }
            3 if groups.len() < GROUPS_MAX => groups.push(number),
            4 if groups.pop() == Some(number) => {}
            5 => *rest = rest.get(4..)?,
            _ => return None,
        }
        if groups.is_empty() {
            // A group is one unknown field, whatever was inside.
            let value = if kind == 4 { Value::Other } else { value };
            return Some((first, value));
        }
    }
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for (n, &byte) in rest.iter().enumerate().take(10) {
        if n == 9 && byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << (7 * n);
        if byte < 0x80 {
            *rest = &rest[n + 1..];
            return Some(value);
        }
    }
    None
}
