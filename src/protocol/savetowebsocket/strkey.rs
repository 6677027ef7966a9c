//! Stellar's written keys ("strkeys"): checked, read and written.
//!
//! ```text
//!  G A 3 D … …   base32 (A–Z, 2–7), no padding, bits left over are 0
//!  └┬┘ └─┬─┘ └┬┘
//!  version   CRC-16/XMODEM of all before it, low byte first
//!  byte  key bytes (32; more for M, P and B)
//! ```
//!
//! The server compares account ids as texts and checks none of them, so a slip in a key makes a
//! filter that never matches. Every error says what is wrong and where; [`repair`] finds the one
//! slip of the hand that would explain a wrong checksum.

mod error;
mod repair;

use std::fmt;

pub use error::StrkeyError;
pub use repair::{Repair, repair};

/// The letters of base32 (RFC 4648).
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Most bytes of a key: version, an ed25519 key with a signed payload of 64 bytes, checksum.
const BYTES_MAX: usize = 1 + 32 + 4 + 64 + 2;
/// Most characters of a key.
const CHARS_MAX: usize = (BYTES_MAX * 8).div_ceil(5);

/// What a written key is the key of; told by its first letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `G`: an account (its ed25519 public key).
    Account,
    /// `M`: an account and a number of 64 bits (multiplexed).
    Muxed,
    /// `C`: a contract.
    Contract,
    /// `S`: the secret seed of an account.
    Seed,
    /// `T`: a transaction authorised beforehand.
    PreAuthorised,
    /// `X`: the hash of a secret.
    HashX,
    /// `P`: a public key and the payload it is to sign.
    SignedPayload,
    /// `L`: a liquidity pool.
    Pool,
    /// `B`: a claimable balance.
    Balance,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Account,
        Self::Muxed,
        Self::Contract,
        Self::Seed,
        Self::PreAuthorised,
        Self::HashX,
        Self::SignedPayload,
        Self::Pool,
        Self::Balance,
    ];

    /// The letter it begins with.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Account => 'G',
            Self::Muxed => 'M',
            Self::Contract => 'C',
            Self::Seed => 'S',
            Self::PreAuthorised => 'T',
            Self::HashX => 'X',
            Self::SignedPayload => 'P',
            Self::Pool => 'L',
            Self::Balance => 'B',
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Muxed => "multiplexed account",
            Self::Contract => "contract",
            Self::Seed => "secret seed",
            Self::PreAuthorised => "pre-authorised transaction",
            Self::HashX => "hash of a secret",
            Self::SignedPayload => "signed payload",
            Self::Pool => "liquidity pool",
            Self::Balance => "claimable balance",
        }
    }

    /// The byte before the key: the first letter's five bits and three zeros.
    const fn version(self) -> u8 {
        let letter = self.letter() as u8 - b'A';
        letter << 3
    }

    fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.letter() == letter)
    }

    /// Fewest and most bytes of its key.
    const fn bytes(self) -> (usize, usize) {
        match self {
            Self::Muxed => (40, 40),
            Self::Balance => (33, 33),
            Self::SignedPayload => (40, 100),
            _ => (32, 32),
        }
    }

    /// Fewest and most characters of such a key, written.
    #[must_use]
    pub const fn chars(self) -> (usize, usize) {
        let (least, most) = self.bytes();
        (((least + 3) * 8).div_ceil(5), ((most + 3) * 8).div_ceil(5))
    }
}

/// A key that was read: its checksum is right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key {
    kind: Kind,
    /// Version, key, checksum, and zeros.
    bytes: [u8; BYTES_MAX],
    len: usize,
}

impl Key {
    /// What it is the key of.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The bytes between version and checksum: 32, of `M` 40 (the last 8 are the number), of `B`
    /// 33 (the first is the balance's version), of `P` 40 to 100.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[1..self.len - 2]
    }

    /// The account (`G…`) of a multiplexed one.
    #[must_use]
    pub fn account(&self) -> Option<String> {
        let bytes = self
            .bytes()
            .first_chunk()
            .filter(|_| self.kind == Kind::Muxed)?;
        Some(account(bytes))
    }

    /// The number of a multiplexed account.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        let bytes = self
            .bytes()
            .last_chunk()
            .filter(|_| self.kind == Kind::Muxed)?;
        Some(u64::from_be_bytes(*bytes))
    }
}

impl fmt::Debug for Key {
    /// Without the bytes: they could be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.kind).finish()
    }
}

/// What `text` is the key of, if it is one down to its checksum.
pub fn check(text: &str) -> Result<Kind, StrkeyError> {
    decode(text).map(|key| key.kind)
}

/// Reads a key exactly as it stands; nothing is trimmed and case counts.
pub fn decode(text: &str) -> Result<Key, StrkeyError> {
    read(text.as_bytes()).map_err(|error| error::told(text, error))
}

/// The account with that ed25519 public key: `G…`, 56 characters.
#[must_use]
pub fn account(bytes: &[u8; 32]) -> String {
    written(Kind::Account, bytes)
}

/// The contract with that hash: `C…`, 56 characters.
#[must_use]
pub fn contract(bytes: &[u8; 32]) -> String {
    written(Kind::Contract, bytes)
}

/// A key of any kind from its bytes as [`Key::bytes`] gives them; `None` if their number does not
/// fit the kind.
#[must_use]
pub fn encode(kind: Kind, bytes: &[u8]) -> Option<String> {
    let (least, most) = kind.bytes();
    let fits = (least..=most).contains(&bytes.len())
        && (kind != Kind::SignedPayload || is_signed_payload(bytes));
    fits.then(|| written(kind, bytes))
}

/// `bytes` are no more than a key's.
fn written(kind: Kind, bytes: &[u8]) -> String {
    let mut all = [0; BYTES_MAX];
    all[0] = kind.version();
    all[1..=bytes.len()].copy_from_slice(bytes);
    let crc = checksum(&all[..=bytes.len()]).to_le_bytes();
    all[bytes.len() + 1..bytes.len() + 3].copy_from_slice(&crc);
    let all = &all[..bytes.len() + 3];
    let mut text = String::with_capacity((all.len() * 8).div_ceil(5));
    let (mut held, mut count) = (0_u32, 0);
    for byte in all {
        held = held << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(letter(held >> count));
        }
    }
    if count > 0 {
        text.push(letter(held << (5 - count)));
    }
    text
}

fn letter(bits: u32) -> char {
    char::from(ALPHABET[(bits & 31) as usize])
}

/// The five bits of a letter.
const fn bits(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'2'..=b'7' => Some(letter - b'2' + 26),
        _ => None,
    }
}

/// Reads letters; errors count bytes where they should count characters.
fn read(text: &[u8]) -> Result<Key, StrkeyError> {
    let odd = |at: usize| StrkeyError::Character {
        at: at + 1,
        found: char::from(text[at]),
    };
    if let Some(at) = text.iter().position(|letter| bits(*letter).is_none()) {
        return Err(odd(at));
    }
    let first = *text.first().ok_or(StrkeyError::Empty)?;
    let kind = Kind::of_letter(first.into()).ok_or(StrkeyError::Letter(first.into()))?;
    if let Some(second) = text.get(1).filter(|second| **second > b'D') {
        return Err(StrkeyError::Second {
            first: kind.letter(),
            found: char::from(*second),
        });
    }
    let (least, most) = kind.chars();
    // Some numbers of characters are no whole number of bytes.
    let whole = !matches!(text.len() % 8, 1 | 3 | 6);
    if !(least..=most).contains(&text.len()) || !whole {
        return Err(StrkeyError::Length {
            kind,
            found: text.len(),
        });
    }
    let mut bytes = [0; BYTES_MAX];
    let (mut held, mut count, mut len) = (0_u32, 0, 0);
    for letter in text {
        held = held << 5 | u32::from(bits(*letter).unwrap_or_default());
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes[len] = (held >> count) as u8;
            len += 1;
        }
    }
    if held & ((1 << count) - 1) != 0 {
        return Err(StrkeyError::Bits { at: text.len() });
    }
    let (body, crc) = bytes[..len].split_at(len - 2);
    if checksum(body).to_le_bytes() != crc {
        return Err(StrkeyError::Checksum);
    }
    let (least, most) = kind.bytes();
    let inside = &body[1..];
    if !(least..=most).contains(&inside.len())
        || kind == Kind::SignedPayload && !is_signed_payload(inside)
    {
        return Err(StrkeyError::Inside(kind));
    }
    Ok(Key { kind, bytes, len })
}

/// A key, the length of what is to be signed in four bytes, and that padded with zeros to a
/// multiple of four bytes.
fn is_signed_payload(bytes: &[u8]) -> bool {
    let Some((_, rest)) = bytes.split_at_checked(32) else {
        return false;
    };
    let Some((length, payload)) = rest.split_first_chunk() else {
        return false;
    };
    let length = u32::from_be_bytes(*length) as usize;
    (1..=64).contains(&length)
        && payload.len() == length.next_multiple_of(4)
        && payload[length..].iter().all(|byte| *byte == 0)
}

/// CRC-16/XMODEM: polynomial 0x1021, from 0, most significant bit first.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        crc << 8 ^ CRC[usize::from((crc >> 8) as u8 ^ byte)]
    })
}

const CRC: [u16; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut crc = (at as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x1021
            };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests;
