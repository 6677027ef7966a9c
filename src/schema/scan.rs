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
    members(text).find_map(|(key, value)| key_is(key, name).then_some(value))
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

/// True if a raw key as [`members`] gives it is `name`.
#[must_use]
pub fn key_is(key: &[u8], name: &str) -> bool {
    if key == name.as_bytes() {
        return !key.contains(&b'\\');
    }
    // An escape makes a key longer than the name it spells.
    key.len() > name.len()
        && key.contains(&b'\\')
        && escape::unescape(key).is_ok_and(|read| read.text == name)
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
        found
    }
}

impl<'a> Members<'a> {
    #[inline]
    fn read(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let text = self.text;
        let mut at = skip_space(text, self.at);
        if *text.get(at)? == b',' {
            at = skip_space(text, at + 1);
        }
        if *text.get(at)? != b'"' {
            return None;
        }
        let key_end = string_end(text, at + 1)?;
        let key = &text[at + 1..key_end - 1];
        at = skip_space(text, key_end);
        if *text.get(at)? != b':' {
            return None;
        }
        at = skip_space(text, at + 1);
        let end = value_end(text, at)?;
        self.at = end;
        Some((key, &text[at..end]))
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

/// Bytes looked at one by one before `memchr` is called: keys and ids are mostly shorter, and
/// the call costs about as much as so many steps.
const NEAR: usize = 12;

/// Offset behind the closing quote of the string whose inside begins at `at`.
#[inline]
fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    let near = text.len().min(at + NEAR);
    while at < near {
        match text[at] {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
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
mod tests {
    use super::*;

    const SAMPLE: &str = r#" { "id" : "a\"b" , "n":12.50,"o":{"x":"}\"{","y":[1,{"z":2}]} ,
        "t":true,"re\u0071":"esc","last":null } trailing"#;

    fn found(name: &str) -> Option<&'static str> {
        member(SAMPLE.as_bytes(), name).map(|raw| std::str::from_utf8(raw).unwrap())
    }

    #[test]
    fn finds_top_level_members_by_kind() {
        for (name, raw) in [
            ("id", r#""a\"b""#),
            ("n", "12.50"),
            ("o", r#"{"x":"}\"{","y":[1,{"z":2}]}"#),
            ("t", "true"),
            ("req", r#""esc""#),
            ("last", "null"),
        ] {
            assert_eq!(found(name), Some(raw), "{name}");
        }
    }

    #[test]
    fn nested_members_are_not_top_level() {
        assert_eq!(found("x"), None);
        assert_eq!(found("z"), None);
        let inner = path(SAMPLE.as_bytes(), &["o", "x"]);
        assert_eq!(inner, Some(&br#""}\"{""#[..]));
        assert_eq!(path(SAMPLE.as_bytes(), &["o", "y", "z"]), None);
    }

    #[test]
    fn no_object_has_no_members() {
        for text in [
            "", "[]", "\"a\"", "12", "{", "{}", "{\"a\"", "{\"a\":", "{\"a\":}", "{a:1}",
        ] {
            assert_eq!(member(text.as_bytes(), "a"), None, "{text}");
        }
    }

    #[test]
    fn a_value_that_does_not_end_is_not_found() {
        for text in [
            "{\"a\":\"x",
            "{\"a\":\"x\\\"",
            "{\"a\":[1,2",
            "{\"a\":{\"b\":\"}",
        ] {
            assert_eq!(member(text.as_bytes(), "a"), None, "{text}");
        }
    }

    #[test]
    fn what_follows_a_hit_is_not_looked_at() {
        let text = b"{\"id\":7,\xff garbage";
        assert_eq!(member(text, "id"), Some(&b"7"[..]));
    }

    #[test]
    fn of_equal_names_the_first_is_found() {
        assert_eq!(member(br#"{"a":1,"a":2}"#, "a"), Some(&b"1"[..]));
    }

    #[test]
    fn any_case_is_only_for_who_asks() {
        let text = br#"{"REQ_Guid":"x"}"#;
        assert_eq!(member(text, "req_guid"), None);
        assert_eq!(member_any_case(text, "req_guid"), Some(&br#""x""#[..]));
    }

    #[test]
    fn long_strings_with_escapes_end_where_they_end() {
        let text = format!("{{\"a\":\"{}\\\\\",\"b\":1}}", "x".repeat(100));
        assert_eq!(member(text.as_bytes(), "b"), Some(&b"1"[..]));
    }

    #[test]
    fn strings_are_unescaped() {
        for (raw, text) in [
            (r#""plain""#, Some("plain")),
            (r#""a\n\"\u00e4\ud83d\ude00""#, Some("a\n\"ä😀")),
            (r#""\ud83d alone""#, Some("\u{fffd} alone")),
            (r#""bad \x""#, None),
            ("12", None),
            ("\"", None),
        ] {
            assert_eq!(string(raw.as_bytes()).as_deref(), text, "{raw}");
        }
        assert_eq!(string(b"\"\xff\"").as_deref(), Some("\u{fffd}"));
    }
}
