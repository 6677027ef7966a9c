//! What crosses the wire: one [`Frame`] per whole WebSocket message or control frame.
//!
//! A `Frame` borrows its payload. The transport makes one for the moment it is observed; the
//! store makes one again, from the bytes it kept, whenever somebody looks at a row.

mod exchange;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

pub use exchange::{Exchange, exchange_payload};

/// Position of an entry in its session's log; starts at 0 and never repeats within a session.
pub type Seq = u64;

/// When something happened, by both clocks.
///
/// Made by `transport::clock` at the socket; everything above receives it as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Monotonic time, for durations.
    pub mono: Instant,
    /// Wall time for display: microseconds since the Unix epoch.
    pub wall_us: i64,
}

impl Stamp {
    /// Time from `earlier` to `self`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.mono.saturating_duration_since(earlier.mono)
    }

    /// The stamp `span` before this one, as far back as the clocks go.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self {
            mono: self.mono.checked_sub(span).unwrap_or(self.mono),
            wall_us: self
                .wall_us
                .saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)),
        }
    }

    /// The stamp `delay` after this one.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self {
            mono: self.mono + delay,
            wall_us: self
                .wall_us
                .saturating_add(i64::try_from(delay.as_micros()).unwrap_or(i64::MAX)),
        }
    }
}

/// Which way a frame went, seen from wspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the peer to us.
    In,
    /// From us to the peer.
    Out,
}

impl Direction {
    /// The word used in JSON lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// The kind of a frame, as RFC 6455 names it; `Request` and `Response` are the two halves of a
/// REST or gRPC exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// Opcode 1.
    Text,
    /// Opcode 2.
    Binary,
    /// Opcode 9.
    Ping,
    /// Opcode 10.
    Pong,
    /// Opcode 8.
    Close,
    /// What we sent in a REST or gRPC exchange.
    Request,
    /// What came back in a REST or gRPC exchange.
    Response,
}

impl FrameKind {
    /// The word used in JSON lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Close => "close",
            Self::Request => "request",
            Self::Response => "response",
        }
    }

    /// True for ping, pong and close.
    #[must_use]
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Ping | Self::Pong | Self::Close)
    }
}

/// How a message looked on the wire, before it was put together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    /// Bytes on the (decrypted) wire, frame headers included.
    pub bytes: u64,
    /// RSV1, RSV2, RSV3 as bits 2, 1, 0 of the first frame.
    pub rsv: u8,
    /// Masking key of the first frame, if it was masked.
    pub mask: Option<[u8; 4]>,
    /// Payload length of every fragment in order; empty for an unfragmented message.
    pub fragments: Vec<u32>,
}

/// One whole WebSocket message, one control frame, or half of a REST or gRPC exchange.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Position in the session's log.
    pub seq: Seq,
    /// When its last byte was read, or when it was handed to the socket.
    pub at: Stamp,
    /// Which way it went.
    pub direction: Direction,
    /// Its kind.
    pub kind: FrameKind,
    /// The unmasked payload. For `Close`: two bytes of code, then the reason, or empty. For
    /// `Request` and `Response`: head and body, see [`Exchange`].
    pub payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Head and body of a `Request` or `Response`; `None` for every other kind.
    #[must_use]
    pub fn exchange(&self) -> Option<Exchange<'a>> {
        matches!(self.kind, FrameKind::Request | FrameKind::Response)
            .then(|| Exchange::of(self.payload))
    }

    /// The message in it: the payload, or an exchange's body.
    #[must_use]
    pub fn message(&self) -> &'a [u8] {
        self.exchange()
            .map_or(self.payload, |exchange| exchange.body)
    }

    /// True if a text frame's payload is not UTF-8, which RFC 6455 forbids and several real
    /// servers send all the same.
    #[must_use]
    pub fn is_broken_text(&self) -> bool {
        self.kind == FrameKind::Text && simdutf8::basic::from_utf8(self.payload).is_err()
    }
}

/// Bytes of a payload shown in hex where it is not text.
const HEX_SHOWN: usize = 16;
/// Bytes of a text shown at a glance.
const TEXT_SHOWN: usize = 80;

impl<'a> Frame<'a> {
    /// The start of the payload as a person reads it: text, or bytes in hex. Not sanitised.
    #[must_use]
    pub fn glance(&self) -> Cow<'a, str> {
        let message = self.message();
        match self.exchange() {
            Some(exchange) if message.is_empty() => return exchange.start_line(),
            Some(exchange) if exchange.is_json() => {}
            None if self.kind == FrameKind::Text => {}
            _ => return Cow::Owned(hex_glance(message)),
        }
        let cut = &message[..message.len().min(TEXT_SHOWN)];
        match std::str::from_utf8(cut) {
            Ok(text) => Cow::Borrowed(text),
            // The cut may have gone through a character.
            Err(error) if error.error_len().is_none() => {
                String::from_utf8_lossy(&cut[..error.valid_up_to()])
            }
            Err(_) => String::from_utf8_lossy(cut),
        }
    }
}

/// The first bytes in hex, and how many there are if not all are shown.
#[must_use]
pub fn hex_glance(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(3 * HEX_SHOWN + 16);
    for (index, byte) in bytes.iter().take(HEX_SHOWN).enumerate() {
        let gap = if index > 0 { " " } else { "" };
        let _ = write!(out, "{gap}{byte:02x}");
    }
    if bytes.len() > HEX_SHOWN {
        let _ = write!(out, " … {} bytes", bytes.len());
    }
    out
}

/// Code and reason of a close frame's payload; `None` if it carries no code (RFC 6455 § 7.1.5
/// calls that 1005).
#[must_use]
pub fn close_parts(payload: &[u8]) -> Option<(u16, &[u8])> {
    let (code, reason) = payload.split_first_chunk::<2>()?;
    Some((u16::from_be_bytes(*code), reason))
}

/// What a close code means (RFC 6455 § 7.4 and the IANA registry), in a few words.
#[must_use]
pub const fn close_meaning(code: u16) -> &'static str {
    match code {
        1000 => "normal closure",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "unsupported data",
        1005 => "no code received",
        1006 => "no close frame",
        1007 => "invalid payload data",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "mandatory extension missing",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        1015 => "TLS handshake failure",
        3000..=3999 => "registered for libraries and frameworks",
        4000..=4999 => "private to the application",
        _ => "not a code to be sent",
    }
}

/// The payload of a close frame.
#[must_use]
pub fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    payload
}

/// The facts of a finished handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// The URL that was dialed, secrets and all; mask it before showing it.
    pub url: String,
    /// Socket address of the peer.
    pub peer: String,
    /// HTTP status of the answer: 101 when the upgrade succeeded.
    pub status: u16,
    /// Response headers in wire order, names as spelled.
    pub headers: Vec<(String, String)>,
    /// Body of a non-101 answer, cut at 64 KiB.
    pub body: Vec<u8>,
    /// Subprotocols offered.
    pub offered: Vec<String>,
    /// Negotiated subprotocol.
    pub subprotocol: Option<String>,
    /// Negotiated TLS version and cipher suite; `None` for plain TCP.
    pub tls: Option<String>,
    /// From the start of the dial to the end of the handshake.
    pub took: Duration,
    /// True if this is not the session's first connection.
    pub reconnect: bool,
    /// Number of the attempt since the last stable connection, from 1.
    pub attempt: u32,
    /// How long ago the session's last usable connection was cut without a close frame; `None` if
    /// it was not, or if there was none.
    pub since_cut: Option<Duration>,
}

impl Opening {
    /// The first header of that name, compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(k, _)| k.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }
}
