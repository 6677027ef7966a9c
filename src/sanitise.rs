//! The one door between untrusted text and a terminal.
//!
//! Everything that came over the wire, or from a file somebody else wrote, passes here before it
//! is drawn or printed. Control characters, escape sequences, bidirectional overrides and
//! zero-width characters become visible escapes; the rest stays as it is.

use std::borrow::Cow;
use std::fmt::Write as _;

/// True for characters that could move the cursor, change colours, reorder or hide text.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    match c {
        ' '..='~' => false,
        c if c.is_control() => true,
        '\u{00ad}'
        | '\u{034f}'
        | '\u{061c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

/// `text` on one line, with everything unsafe escaped as `\n`, `\t`, `\x1b` or `\u{202e}`.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        push(&mut out, c);
    }
    Cow::Owned(out)
}

/// `bytes` on one line: UTF-8 where it is, `\xNN` where it is not, unsafe characters escaped.
#[must_use]
pub fn bytes_line(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push(&mut out, c);
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// `bytes` as lower-case hexadecimal digits without separators.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

fn push(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if !is_unsafe(c) => out.push(c),
        c if (c as u32) < 0x100 => {
            let _ = write!(out, "\\x{:02x}", c as u32);
        }
        c => {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(line("häß 日本 ✓"), Cow::Borrowed(_)));
    }

    #[test]
    fn escapes_by_case() {
        for (raw, shown) in [
            ("a\x1b[31mb", "a\\x1b[31mb"),
            ("\u{202e}evil", "\\u{202e}evil"),
            ("tab\there\n", "tab\\there\\n"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
            ("\u{9b}31m", "\\x9b31m"),
            ("nul\0", "nul\\x00"),
        ] {
            assert_eq!(line(raw), shown);
        }
    }

    #[test]
    fn invalid_utf8_is_shown_in_hex() {
        assert_eq!(bytes_line(b"ok\xff\xfe\x1b"), "ok\\xff\\xfe\\x1b");
    }
}
