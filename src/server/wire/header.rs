//! Frame headers, read without judging them.

/// A frame header as it stood on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) fin: bool,
    /// RSV1, RSV2, RSV3 as bits 2, 1, 0.
    pub(super) rsv: u8,
    pub(super) opcode: u8,
    /// The seven bits of the second byte: 126 and 127 announce a longer length.
    pub(super) short_length: u8,
    pub(super) length: u64,
    pub(super) mask: Option<[u8; 4]>,
    /// Bytes the header itself takes.
    pub(super) size: usize,
}

/// What the first two bytes say; enough for gorilla to judge the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) fin: bool,
    pub(super) rsv: u8,
    pub(super) opcode: u8,
    pub(super) short_length: u8,
    pub(super) masked: bool,
}

impl Start {
    /// The start of a header; `None` until two bytes are there.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let [first, second] = *bytes.first_chunk::<2>()?;
        Some(Self {
            fin: first & 0x80 != 0,
            rsv: (first >> 4) & 0b111,
            opcode: first & 0x0f,
            short_length: second & 0x7f,
            masked: second & 0x80 != 0,
        })
    }
}

impl Header {
    /// The header at the front of `bytes`; `None` until it is all there.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let start = Start::parse(bytes)?;
        let after = &bytes[2..];
        let (length, extended) = match start.short_length {
            126 => (u64::from(u16::from_be_bytes(*after.first_chunk()?)), 2),
            127 => (u64::from_be_bytes(*after.first_chunk()?), 8),
            short => (u64::from(short), 0),
        };
        let mask = if start.masked {
            Some(*after[extended..].first_chunk::<4>()?)
        } else {
            None
        };
        Some(Self {
            fin: start.fin,
            rsv: start.rsv,
            opcode: start.opcode,
            short_length: start.short_length,
            length,
            mask,
            size: 2 + extended + if start.masked { 4 } else { 0 },
        })
    }
}
