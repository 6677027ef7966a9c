//! Strings and the spelling of values that are passed on.

use std::fmt::Write as _;

const REPLACEMENT: char = '\u{FFFD}';

/// Decodes a checked string with its quotes. Every byte that is not UTF-8 and every lone
/// surrogate becomes U+FFFD.
pub(super) fn unquote(quoted: &[u8]) -> String {
    let mut rest = quoted
        .strip_prefix(b"\"")
        .and_then(|inner| inner.strip_suffix(b"\""))
        .unwrap_or_default();
    let mut out = String::with_capacity(rest.len());
    while !rest.is_empty() {
        let plain = rest.iter().position(|b| *b == b'\\').unwrap_or(rest.len());
        push_lossy(&rest[..plain], &mut out);
        rest = &rest[plain..];
        if rest.is_empty() {
            break;
        }
        let (character, used) = escape(rest);
        out.push(character);
        rest = rest.get(used..).unwrap_or_default();
    }
    out
}

/// The character an escape stands for and how many bytes it takes.
fn escape(text: &[u8]) -> (char, usize) {
    match text.get(1) {
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'u') => {
            let first = unit(text).unwrap_or(0xFFFD);
            if let Some(character) = char::from_u32(first) {
                return (character, 6);
            }
            let pair = text.get(6..).and_then(unit).and_then(|second| {
                let low = (0xDC00..0xE000).contains(&second);
                let high = (0xD800..0xDC00).contains(&first);
                (high && low).then(|| 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            });
            match pair.and_then(char::from_u32) {
                Some(character) => (character, 12),
                None => (REPLACEMENT, 6),
            }
        }
        Some(other) => (char::from(*other), 2),
        None => (REPLACEMENT, 1),
    }
}

/// The UTF-16 unit of a `\uXXXX` at the start of `text`.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn push_lossy(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| REPLACEMENT));
    }
}

/// Writes the text of a checked value as Go writes what it only passes on: white space gone,
/// `<`, `>`, `&`, U+2028 and U+2029 escaped, everything else (number spelling, member order,
/// bytes that are not UTF-8) untouched.
pub fn relay(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len());
    let mut quoted = false;
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| is_special(*byte)) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain);
        let mut used = 1;
        match special {
            [b'"', ..] => {
                quoted = !quoted;
                out.push(b'"');
            }
            [b'\\', escaped, ..] => {
                out.extend_from_slice(&[b'\\', *escaped]);
                used = 2;
            }
            [byte @ (b'<' | b'>' | b'&'), ..] => {
                out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            }
            [0xE2, 0x80, last @ (0xA8 | 0xA9), ..] => {
                out.extend_from_slice(format!("\\u20{:02x}", last - 0x80).as_bytes());
                used = 3;
            }
            [b' ' | b'\t' | b'\r' | b'\n', ..] if !quoted => {}
            [byte, ..] => out.push(*byte),
            [] => {}
        }
        rest = &special[used..];
    }
    out.extend_from_slice(rest);
}

/// Bytes [`relay`] has to look at.
const fn is_special(byte: u8) -> bool {
    matches!(
        byte,
        b'"' | b'\\' | b'<' | b'>' | b'&' | b' ' | b'\t' | b'\r' | b'\n' | 0xE2
    )
}

/// Writes `text` as Go writes a string, quotes included.
pub fn quote(text: &str, out: &mut Vec<u8>) {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0'..'\u{20}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    out.extend_from_slice(quoted.as_bytes());
}

/// True if Go takes a member called `key` for the field called `field` (in ASCII): letter case
/// does not count, and the long s and the Kelvin sign are letters too.
#[must_use]
pub fn same_name(key: &str, field: &str) -> bool {
    let folded = key.chars().map(|character| match character {
        '\u{17F}' => 's',
        '\u{212A}' => 'k',
        other => other.to_ascii_lowercase(),
    });
    folded.eq(field
        .chars()
        .map(|character| character.to_ascii_lowercase()))
}
