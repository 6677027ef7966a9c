//! The inside of JSON strings: escapes resolved, what is not UTF-8 replaced.

use std::borrow::Cow;

use memchr::memchr;

/// A string as read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unescaped<'a> {
    pub(super) text: Cow<'a, str>,
    /// True if bytes that are not UTF-8, or lone surrogates, became U+FFFD.
    pub(super) lossy: bool,
}

/// Resolves the escapes of `inner` (no quotes around it); the error is the offset of an escape
/// JSON does not know.
pub(super) fn unescape(inner: &[u8]) -> Result<Unescaped<'_>, usize> {
    let Some(first) = memchr(b'\\', inner) else {
        let text = String::from_utf8_lossy(inner);
        let lossy = matches!(text, Cow::Owned(_));
        return Ok(Unescaped { text, lossy });
    };
    let mut out = String::with_capacity(inner.len());
    let mut lossy = push_lossy(&mut out, &inner[..first]);
    let mut at = first;
    while at < inner.len() {
        let (c, len) = escaped(&inner[at..]).ok_or(at)?;
        lossy |= c.is_none();
        out.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
        at += len;
        let plain = memchr(b'\\', &inner[at..]).unwrap_or(inner.len() - at);
        lossy |= push_lossy(&mut out, &inner[at..at + plain]);
        at += plain;
    }
    Ok(Unescaped {
        text: Cow::Owned(out),
        lossy,
    })
}

fn push_lossy(out: &mut String, bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    out.push_str(&text);
    matches!(text, Cow::Owned(_))
}

/// The character the escape at the start of `text` stands for (`None` inside: a lone
/// surrogate), and its length.
fn escaped(text: &[u8]) -> Option<(Option<char>, usize)> {
    let c = match text.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let unit = hex4(text)?;
            if (0xd800..0xdc00).contains(&unit)
                && let Some(low) = hex4(&text[6..])
                && (0xdc00..0xe000).contains(&low)
            {
                let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Some((char::from_u32(code), 12));
            }
            return Some((char::from_u32(unit), 6));
        }
        _ => return None,
    };
    Some((Some(c), 2))
}

/// The code unit of a `\uXXXX` at the start of `text`.
fn hex4(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| {
        Some(unit << 4 | char::from(*digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_escapes_is_borrowed() {
        let read = unescape("häß".as_bytes()).unwrap();
        assert!(matches!(read.text, Cow::Borrowed("häß")));
        assert!(!read.lossy);
    }

    #[test]
    fn what_is_lost_is_told() {
        for (inner, text, lossy) in [
            (&b"\\ud800x"[..], "\u{fffd}x", true),
            (b"\\ud800\\u0041", "\u{fffd}A", true),
            (b"a\xffb", "a\u{fffd}b", true),
            (b"\\t\xff", "\t\u{fffd}", true),
            (b"\\ufffd", "\u{fffd}", false),
        ] {
            let read = unescape(inner).unwrap();
            assert_eq!((read.text.as_ref(), read.lossy), (text, lossy));
        }
    }

    #[test]
    fn unknown_escapes_are_errors_with_their_offset() {
        for (inner, offset) in [
            (&b"ab\\x"[..], 2),
            (b"\\", 0),
            (b"\\u12g4", 0),
            (b"\\n\\u1", 2),
        ] {
            assert_eq!(unescape(inner), Err(offset));
        }
    }
}
