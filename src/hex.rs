//! Bytes as hexadecimal text and back.

use thiserror::Error;

/// Why a text is not hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HexError {
    /// Something that is no digit.
    #[error("{found:?} at character {at} is no hexadecimal digit")]
    NoDigit {
        /// What is there.
        found: char,
        /// Counted from 1.
        at: usize,
    },
    /// Half a byte is left over.
    #[error("{0} hexadecimal digits make no whole bytes; one is missing or too many")]
    Odd(usize),
}

const DIGITS: [u8; 16] = *b"0123456789abcdef";

/// Two lower-case digits a byte.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        out.push(digit(byte >> 4));
        out.push(digit(byte & 15));
    }
    out
}

/// Reads digits in either case; white space, colons and a leading `0x` are passed over, as dumps
/// have them.
pub fn decode(text: &str) -> Result<Vec<u8>, HexError> {
    let trimmed = text.trim_start();
    let digits = trimmed
        .strip_prefix("0x")
        .or_else(|| trimmed.strip_prefix("0X"))
        .unwrap_or(trimmed);
    let skipped = text.chars().count() - digits.chars().count();
    let mut out = Vec::with_capacity(digits.len() / 2);
    let mut high = None;
    let mut count = 0;
    for (index, c) in digits.chars().enumerate() {
        if c.is_whitespace() || c == ':' {
            continue;
        }
        let Some(half) = c.to_digit(16) else {
            return Err(HexError::NoDigit {
                found: c,
                at: skipped + index + 1,
            });
        };
        count += 1;
        match high.take() {
            None => high = Some(half as u8),
            Some(high) => out.push(high << 4 | half as u8),
        }
    }
    match high {
        None => Ok(out),
        Some(_) => Err(HexError::Odd(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_is_decoded_again() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        assert_eq!(encode(&[0x0a, 0xff]), "0aff");
    }

    #[test]
    fn dumps_are_read() {
        for text in ["0a ff", "0x0AFF", " 0a:ff\n", "0\na\tf f"] {
            assert_eq!(decode(text), Ok(vec![0x0a, 0xff]), "{text:?}");
        }
        assert_eq!(decode(""), Ok(Vec::new()));
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(decode("0x0g"), Err(HexError::NoDigit { found: 'g', at: 4 }));
        assert_eq!(decode("abc"), Err(HexError::Odd(3)));
    }
}
