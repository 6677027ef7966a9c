//! What a client did wrong, in the words of the library that would have noticed.

use super::header::{Header, Start};
use super::{CONTROL_MAX, Flavour, Opcode};

/// Longest close reason: a control frame less its two bytes of code.
const REASON_MAX: usize = CONTROL_MAX - 2;

const PROTOCOL_ERROR: u16 = 1002;
const TOO_BIG: u16 = 1009;
const INTERNAL: u16 = 1011;

/// The reserved bit that marks a compressed message.
pub(super) const RSV1: u8 = 4;

/// A framing error. The connection cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Code and reason of the close frame the library writes; `None` if it just stops.
    pub close: Option<(u16, String)>,
    unmasked: bool,
    ends_tcp: bool,
}

impl Violation {
    /// The library gives up and ends TCP.
    pub(super) const SILENT: Self = Self {
        close: None,
        unmasked: false,
        ends_tcp: false,
    };

    /// A frame without a mask, which nhooyr leaves to its user to close for.
    pub(super) const UNMASKED: Self = Self {
        close: None,
        unmasked: true,
        ends_tcp: false,
    };

    /// True if the library wrote nothing and left TCP open, because a frame had no mask.
    #[must_use]
    pub fn is_unmasked(&self) -> bool {
        self.unmasked
    }

    /// True if coder ends TCP behind its close frame instead of leaving that to the client.
    #[must_use]
    pub fn ends_tcp(&self) -> bool {
        self.ends_tcp
    }

    pub(super) fn ending_tcp(mut self, ends: bool) -> Self {
        self.ends_tcp = ends;
        self
    }

    fn closing(code: u16, reason: String) -> Self {
        Self {
            close: Some((code, reason)),
            unmasked: false,
            ends_tcp: false,
        }
    }

    /// True if a message was longer than is taken.
    #[must_use]
    pub fn is_too_big(&self) -> bool {
        matches!(self.close, Some((TOO_BIG, _)))
    }

    fn gorilla(mut text: String) -> Self {
        if text.len() > REASON_MAX {
            text.truncate(text.floor_char_boundary(REASON_MAX));
        }
        Self::closing(PROTOCOL_ERROR, text)
    }

    /// coder/websocket cannot shorten a text: one that does not fit becomes 1011 without a reason.
    fn coder(code: u16, text: String) -> Self {
        if text.len() > REASON_MAX {
            Self::closing(INTERNAL, String::new())
        } else {
            Self::closing(code, text)
        }
    }
}

/// Gorilla judges the first two bytes and reports everything wrong with them at once.
/// `mid_message` tells whether a fragmented message is open.
pub(super) fn gorilla_start(start: Start, mid_message: bool) -> Result<(), Violation> {
    let mut errors: Vec<String> = Vec::new();
    for (bit, name) in [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")] {
        if start.rsv & bit != 0 {
            errors.push(format!("{name} set"));
        }
    }
    match Opcode::from_code(start.opcode) {
        Some(opcode) if opcode.is_control() => {
            if usize::from(start.short_length) > CONTROL_MAX {
                errors.push("len > 125 for control".to_owned());
            }
            if !start.fin {
                errors.push("FIN not set on control".to_owned());
            }
        }
        Some(Opcode::Continuation) if !mid_message => {
            errors.push("continuation after FIN".to_owned());
        }
        Some(Opcode::Text | Opcode::Binary) if mid_message => {
            errors.push("data before FIN".to_owned());
        }
        Some(_) => {}
        None => errors.push(format!("bad opcode {}", start.opcode)),
    }
    if !start.masked {
        errors.push("bad MASK".to_owned());
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Violation::gorilla(errors.join(", ")))
    }
}

/// Coder stops at the first thing wrong with a whole header. A missing mask is not its business
/// here: see [`super::Decoder`].
pub(super) fn coder_header(header: &Header, mid_message: bool) -> Result<(), Violation> {
    let protocol = |text: String| Err(Violation::coder(PROTOCOL_ERROR, text));
    let Some(opcode) = Opcode::from_code(header.opcode) else {
        return protocol(format!("received unknown opcode opcode({})", header.opcode));
    };
    if opcode.is_control() {
        if header.length > CONTROL_MAX as u64 {
            return protocol(format!(
                "received control frame payload with invalid length: {}",
                header.length
            ));
        }
        if !header.fin {
            return protocol("received fragmented control frame".to_owned());
        }
    } else if opcode == Opcode::Continuation && !mid_message {
        return protocol("received continuation frame without text or binary frame".to_owned());
    } else if opcode != Opcode::Continuation && mid_message {
        return protocol(
            "received new data message without finishing the previous message".to_owned(),
        );
    }
    Ok(())
}

/// Coder's complaint about reserved bits, which it makes before it looks at the mask. RSV1 is no
/// trouble at the start of a message if compression was agreed on.
pub(super) fn coder_rsv(header: &Header, deflates: bool) -> Result<(), Violation> {
    let rsv = header.rsv;
    let starts = matches!(
        Opcode::from_code(header.opcode),
        Some(Opcode::Text | Opcode::Binary)
    );
    if rsv == 0 || (rsv == RSV1 && deflates && starts) {
        return Ok(());
    }
    Err(Violation::coder(
        PROTOCOL_ERROR,
        format!(
            "received header with unexpected rsv bits set: {}:{}:{}",
            rsv & RSV1 != 0,
            rsv & 2 != 0,
            rsv & 1 != 0
        ),
    ))
}

/// A length with its topmost bit set: both libraries give up without a close frame.
pub(super) fn length(length: u64) -> Result<(), Violation> {
    if i64::try_from(length).is_err() {
        return Err(Violation::SILENT);
    }
    Ok(())
}

/// A message longer than `limit` bytes.
pub(super) fn too_big(flavour: Flavour, limit: usize) -> Violation {
    match flavour {
        Flavour::Gorilla => Violation::closing(TOO_BIG, String::new()),
        // The library counts one byte further, to tell "at the limit" from "over it".
        Flavour::Coder | Flavour::Nhooyr => Violation::coder(
            TOO_BIG,
            format!("read limited at {} bytes", limit.saturating_add(1)),
        ),
    }
}

/// Checks the payload of a close frame.
pub(super) fn close_payload(flavour: Flavour, payload: &[u8]) -> Result<(), Violation> {
    let code = payload.first_chunk::<2>().map(|c| u16::from_be_bytes(*c));
    match (flavour, code) {
        // Gorilla takes a close of one byte for an empty one.
        (Flavour::Gorilla, None) => Ok(()),
        (Flavour::Gorilla, Some(code)) => {
            if !gorilla_accepts(code) {
                return Err(Violation::gorilla(format!("bad close code {code}")));
            }
            if simdutf8::basic::from_utf8(&payload[2..]).is_err() {
                let text = "invalid utf8 payload in close frame";
                return Err(Violation::gorilla(text.to_owned()));
            }
            Ok(())
        }
        (_, None) if payload.is_empty() => Ok(()),
        (_, None) => Err(Violation::coder(
            PROTOCOL_ERROR,
            format!(
                "received invalid close payload: close payload {} too small, \
                 cannot even contain the 2 byte status code",
                quoted_byte(payload[0])
            ),
        )),
        (_, Some(code)) if coder_accepts(code) => Ok(()),
        (_, Some(code)) => Err(Violation::coder(
            PROTOCOL_ERROR,
            format!(
                "received invalid close payload: invalid status code {}",
                coder_code_name(code)
            ),
        )),
    }
}

const fn gorilla_accepts(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1013 | 3000..=4999)
}

const fn coder_accepts(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

fn coder_code_name(code: u16) -> String {
    match code {
        1004 => "statusReserved".to_owned(),
        1005 => "StatusNoStatusRcvd".to_owned(),
        1006 => "StatusAbnormalClosure".to_owned(),
        1015 => "StatusTLSHandshake".to_owned(),
        other => format!("StatusCode({other})"),
    }
}

/// One byte the way Go quotes a string of it.
fn quoted_byte(byte: u8) -> String {
    match byte {
        b'"' => "\"\\\"\"".to_owned(),
        b'\\' => "\"\\\\\"".to_owned(),
        0x07 => "\"\\a\"".to_owned(),
        0x08 => "\"\\b\"".to_owned(),
        b'\t' => "\"\\t\"".to_owned(),
        b'\n' => "\"\\n\"".to_owned(),
        0x0b => "\"\\v\"".to_owned(),
        0x0c => "\"\\f\"".to_owned(),
        b'\r' => "\"\\r\"".to_owned(),
        0x20..=0x7e => format!("\"{}\"", char::from(byte)),
        other => format!("\"\\x{other:02x}\""),
    }
}
