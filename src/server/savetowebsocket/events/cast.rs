//! Who and what the events are about: accounts, contracts and assets with valid addresses.

use crate::server::dice::Dice;

const ACCOUNT: u8 = 6 << 3;
const CONTRACT: u8 = 2 << 3;

/// An account or a contract: its key and the address that spells it.
#[derive(Clone, Debug)]
pub(super) struct Party {
    pub(super) key: [u8; 32],
    pub(super) address: String,
}

/// Something that is paid with.
#[derive(Clone, Debug)]
pub(super) struct Asset {
    pub(super) code: &'static str,
    /// `None` for the native asset.
    pub(super) issuer: Option<String>,
}

impl Asset {
    /// `native` or `CODE:ISSUER`.
    pub(super) fn canonical(&self) -> String {
        match &self.issuer {
            Some(issuer) => format!("{}:{issuer}", self.code),
            None => "native".to_owned(),
        }
    }

    /// The name of its class.
    pub(super) fn class(&self) -> &'static str {
        match self.issuer {
            None => "native",
            Some(_) if self.code.len() <= 4 => "credit_alphanum4",
            Some(_) => "credit_alphanum12",
        }
    }
}

/// The fixed pool everything is drawn from.
#[derive(Clone, Debug)]
pub(super) struct Cast {
    pub(super) accounts: Vec<Party>,
    pub(super) contracts: Vec<Party>,
    /// The native asset first.
    pub(super) assets: Vec<Asset>,
}

impl Cast {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let mut parties = |count: usize, version: u8| -> Vec<Party> {
            (0..count)
                .map(|_| {
                    let key = dice.bytes();
                    let address = address(version, key);
                    Party { key, address }
                })
                .collect()
        };
        let accounts = parties(14, ACCOUNT);
        let issuers = parties(3, ACCOUNT);
        let contracts = parties(6, CONTRACT);
        let issued = [
            ("USDC", 0),
            ("EURC", 0),
            ("AQUA", 1),
            ("yXLM", 1),
            ("SHELLS", 2),
        ];
        let native = Asset {
            code: "XLM",
            issuer: None,
        };
        let assets = std::iter::once(native)
            .chain(issued.into_iter().map(|(code, issuer)| Asset {
                code,
                issuer: Some(issuers[issuer].address.clone()),
            }))
            .collect();
        Self {
            accounts,
            contracts,
            assets,
        }
    }
}

/// The text form of a key: version, key and checksum in base 32.
fn address(version: u8, key: [u8; 32]) -> String {
    let mut bytes = vec![version];
    bytes.extend_from_slice(&key);
    let checksum = checksum(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    base32(&bytes)
}

/// CRC-16 with the polynomial 0x1021, starting at 0 (XMODEM).
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}

/// RFC 4648 base 32 of a length that needs no padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len() * 8 / 5);
    for group in bytes.chunks_exact(5) {
        let word = group
            .iter()
            .fold(0_u64, |word, b| word << 8 | u64::from(*b));
        for place in (0..8).rev() {
            text.push(char::from(ALPHABET[(word >> (place * 5) & 31) as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_spells_its_key() {
        let key = [
            43, 216, 6, 201, 127, 14, 0, 175, 26, 31, 195, 50, 143, 167, 99, 169, 38, 151, 35, 200,
            219, 143, 172, 79, 147, 175, 113, 219, 24, 109, 110, 144,
        ];
        assert_eq!(
            address(ACCOUNT, key),
            "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV"
        );
    }

    #[test]
    fn the_cast_is_the_same_for_the_same_seed() {
        let cast = |seed| Cast::new(&mut Dice::new(seed)).accounts[0].address.clone();
        assert_eq!(cast(7), cast(7));
        assert_ne!(cast(7), cast(8));
        assert!(cast(7).starts_with('G') && cast(7).len() == 56);
    }
}
