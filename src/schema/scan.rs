//! The cheap look: members of a JSON object without parsing it.
//!
//! Classifying a frame needs one or two early members, so the reader here walks the top level
//! only, jumps over values by bracket depth (strings respected) and stops at the member asked
//! for. It is total on any bytes and checks nothing it does not need: a hit says nothing about
//! the rest of the text. Of members with one name the first is found.

use std::borrow::Cow;

use memchr::memchr2;

use super::escape;

/// The raw text of the top-level member `name` (a string keeps its quotes), found without
/// checking the rest; `None` if `text` is no object or has no such member.
#[must_use]
pub fn member<'a>(text: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut members = members(text);
    while let Some(found) = members.read() {
        let is_it = if found.escaped {
            key_is(found.key, name)
        } else {
            found.key == name.as_bytes()
        };
        if is_it {
            return Some(found.value);
        }
    }
    None
}

/// Like [`member`], with ASCII letters compared in any case, as Go's `encoding/json` does.
#[must_use]
pub fn member_any_case<'a>(text: &'a [u8], name: &str) -> Option<&'a [u8]> {
    members(text).find_map(|(key, value)| key_is_any_case(key, name).then_some(value))
}

/// The raw text found by descending through objects, one member name per level; the text itself
/// for an empty path.
#[must_use]
pub fn path<'a>(text: &'a [u8], names: &[&str]) -> Option<&'a [u8]> {
    names
        .iter()
        .try_fold(text, |inside, name| member(inside, name))
}

/// Where the first value of `text` stands; `None` if there is none or it does not end. For
/// cutting a stream of values apart before they are read.
#[must_use]
pub fn value(text: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = skip_space(text, 0);
    value_end(text, start).map(|end| start..end)
}

/// The top-level members in order, as raw key (without quotes, escapes as written) and raw
/// value. Ends at the first thing that cannot be a member; empty if `text` is no object.
#[must_use]
pub fn members(text: &[u8]) -> Members<'_> {
    let start = skip_space(text, 0);
    let at = match text.get(start) {
        Some(b'{') => start + 1,
        _ => text.len(),
    };
    Members { text, at }
}

/// The raw elements of an array in order. Ends at the first thing that cannot be one; empty if
/// `text` is no array.
pub fn elements(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let start = skip_space(text, 0);
    let mut at = match text.get(start) {
        Some(b'[') => start + 1,
        _ => text.len(),
    };
    std::iter::from_fn(move || {
        at = skip_space(text, at);
        if text.get(at) == Some(&b',') {
            at = skip_space(text, at + 1);
        }
        let start = at;
        // A bracket ends the array, and no value begins with it.
        at = value_end(text, at)?;
        text.get(start..at)
    })
}

/// True if a raw key as [`members`] gives it is `name`.
#[must_use]
pub fn key_is(key: &[u8], name: &str) -> bool {
    if key.contains(&b'\\') {
        return escape::unescape(key).is_ok_and(|read| read.text == name);
    }
    key == name.as_bytes()
}

fn key_is_any_case(key: &[u8], name: &str) -> bool {
    if key.contains(&b'\\') {
        return escape::unescape(key).is_ok_and(|read| read.text.eq_ignore_ascii_case(name));
    }
    key.eq_ignore_ascii_case(name.as_bytes())
}

/// The inside of a raw JSON string without escapes; `None` if it is no string or has escapes.
#[must_use]
pub fn plain_str(raw: &[u8]) -> Option<&str> {
    let inner = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if inner.contains(&b'\\') {
        return None;
    }
    std::str::from_utf8(inner).ok()
}

/// A raw JSON string with its escapes resolved; what is not UTF-8 and lone surrogates become
/// U+FFFD. `None` if `raw` is no string or has an escape JSON does not know.
#[must_use]
pub fn string(raw: &[u8]) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    escape::unescape(inner).ok().map(|read| read.text)
}

/// Iterator over raw members; see [`members`].
#[derive(Clone, Debug)]
pub struct Members<'a> {
    text: &'a [u8],
    /// Behind the opening brace, or behind a value; the end once nothing more can be read.
    at: usize,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let found = self.read();
        if found.is_none() {
            self.at = self.text.len();
        }
        found.map(|found| (found.key, found.value))
    }
}

/// A member as it stands in the text.
struct Found<'a> {
    key: &'a [u8],
    /// True if the key has a backslash in it.
    escaped: bool,
    value: &'a [u8],
}

impl<'a> Members<'a> {
    #[inline]
    fn read(&mut self) -> Option<Found<'a>> {
        let text = self.text;
        let mut at = skip_space(text, self.at);
        if *text.get(at)? == b',' {
            at = skip_space(text, at + 1);
        }
        if *text.get(at)? != b'"' {
            return None;
        }
        let start = at + 1;
        let mut end = quote_or_backslash(text, start)?;
        let escaped = text[end] == b'\\';
        if escaped {
            end = string_end(text, end)? - 1;
        }
        at = skip_space(text, end + 1);
        if *text.get(at)? != b':' {
            return None;
        }
        at = skip_space(text, at + 1);
        self.at = value_end(text, at)?;
        Some(Found {
            key: &text[start..end],
            escaped,
            value: &text[at..self.at],
        })
    }
}

/// First offset at or behind `at` that is not JSON white space.
#[inline]
fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// Offset behind the value that begins at `at`; `None` if there is none or it does not end.
#[inline]
fn value_end(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => string_end(text, at + 1),
        b'{' | b'[' => container_end(text, at),
        _ => {
            let len = text[at..]
                .iter()
                .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'))
                .unwrap_or(text.len() - at);
            (len > 0).then_some(at + len)
        }
    }
}

/// Offset behind the closing quote of the string whose inside begins at `at`.
#[inline]
fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = quote_or_backslash(text, at)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Words looked at here before `memchr` is called: keys, ids and times are mostly shorter, and
/// the call alone costs as much as a few words.
const NEAR: usize = 10;

/// Offset of the next quote or backslash at or behind `at`.
#[inline]
fn quote_or_backslash(text: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..NEAR {
        let Some(word) = text.get(at..).and_then(<[u8]>::first_chunk) else {
            break;
        };
        let word = u64::from_le_bytes(*word);
        let hits = zero_bytes(word ^ (ALL * u64::from(b'"')))
            | zero_bytes(word ^ (ALL * u64::from(b'\\')));
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = text.get(at..)?;
    memchr2(b'"', b'\\', rest).map(|offset| at + offset)
}

/// A one in every byte.
const ALL: u64 = 0x0101_0101_0101_0101;

/// The top bit of each byte that is zero; above the lowest of them there may be false ones.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ALL) & !word & (ALL << 7)
}

/// Offset behind the object or array that begins at `at`. Brackets are counted, not matched by
/// kind: that they fit is for a parser to say.
fn container_end(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => at = string_end(text, at)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
