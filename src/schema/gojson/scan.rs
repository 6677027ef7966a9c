//! The grammar: one pass over the bytes, no recursion.

use std::ops::Range;

/// Deepest nesting Go accepts.
pub const DEPTH_MAX: usize = 10_000;

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not JSON at byte {offset}: expected {expected}")]
pub struct SyntaxError {
    /// Offset of the offending byte; the text's length if it ended too early.
    pub offset: usize,
    /// What would have been right there.
    pub expected: &'static str,
}

const fn wrong<T>(offset: usize, expected: &'static str) -> Result<T, SyntaxError> {
    Err(SyntaxError { offset, expected })
}

/// The place of the only value in `text`.
pub(super) fn check(text: &[u8]) -> Result<Range<usize>, SyntaxError> {
    let start = skip_space(text, 0);
    // One entry per open container: true for an object.
    let mut open: Vec<bool> = Vec::new();
    let mut at = start;
    loop {
        // Here a value begins.
        at = match text.get(at) {
            Some(b @ (b'{' | b'[')) => {
                if open.len() == DEPTH_MAX {
                    return wrong(at, "at most 10000 levels of nesting");
                }
                let object = *b == b'{';
                let close = if object { b'}' } else { b']' };
                let inside = skip_space(text, at + 1);
                if text.get(inside) == Some(&close) {
                    inside + 1
                } else {
                    open.push(object);
                    at = if object { key(text, inside)? } else { inside };
                    continue;
                }
            }
            _ => scalar(text, at)?,
        };
        // Here a value has ended.
        loop {
            let end = at;
            at = skip_space(text, at);
            let Some(&object) = open.last() else {
                return if at == text.len() {
                    Ok(start..end)
                } else {
                    wrong(at, "nothing after the value")
                };
            };
            match (text.get(at), object) {
                (Some(b','), true) => at = key(text, skip_space(text, at + 1))?,
                (Some(b','), false) => at = skip_space(text, at + 1),
                (Some(b'}'), true) | (Some(b']'), false) => {
                    open.pop();
                    at += 1;
                    continue;
                }
                (_, true) => return wrong(at, "`,` or `}`"),
                (_, false) => return wrong(at, "`,` or `]`"),
            }
            break;
        }
    }
}

fn skip_space(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let space = rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
    from + space.count()
}

/// From the quote of a member's name to the start of its value.
fn key(text: &[u8], at: usize) -> Result<usize, SyntaxError> {
    if text.get(at) != Some(&b'"') {
        return wrong(at, "a member name in quotes");
    }
    let colon = skip_space(text, string(text, at)?);
    if text.get(colon) != Some(&b':') {
        return wrong(colon, "`:`");
    }
    Ok(skip_space(text, colon + 1))
}

/// From the start of a string, number or literal to just behind it.
fn scalar(text: &[u8], at: usize) -> Result<usize, SyntaxError> {
    match text.get(at) {
        Some(b'"') => string(text, at),
        Some(b't') => literal(text, at, b"true"),
        Some(b'f') => literal(text, at, b"false"),
        Some(b'n') => literal(text, at, b"null"),
        Some(b'-' | b'0'..=b'9') => number(text, at),
        _ => wrong(at, "a value"),
    }
}

fn literal(text: &[u8], at: usize, word: &[u8]) -> Result<usize, SyntaxError> {
    if text[at..].starts_with(word) {
        Ok(at + word.len())
    } else {
        wrong(at, "`true`, `false` or `null`")
    }
}

fn number(text: &[u8], from: usize) -> Result<usize, SyntaxError> {
    let digits = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let some_digits = |at: usize| {
        let end = digits(at);
        if end == at {
            wrong(at, "a digit")
        } else {
            Ok(end)
        }
    };
    let mut at = from + usize::from(text[from] == b'-');
    at = if text.get(at) == Some(&b'0') {
        at + 1
    } else {
        some_digits(at)?
    };
    if text.get(at) == Some(&b'.') {
        at = some_digits(at + 1)?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        at = some_digits(at)?;
    }
    Ok(at)
}

fn string(text: &[u8], from: usize) -> Result<usize, SyntaxError> {
    let mut at = from + 1;
    loop {
        match text.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => match text.get(at + 1) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => at += 2,
                Some(b'u') => {
                    let hex = text.get(at + 2..at + 6).unwrap_or_default();
                    if hex.len() < 4 || !hex.iter().all(u8::is_ascii_hexdigit) {
                        return wrong(at, "four hexadecimal digits after `\\u`");
                    }
                    at += 6;
                }
                _ => return wrong(at, "an escape JSON knows"),
            },
            Some(0..0x20) => return wrong(at, "no bare control character in a string"),
            Some(_) => at += 1,
            None => return wrong(at, "the end of the string"),
        }
    }
}

/// Walks the members or elements of a container whose text has been checked.
pub(super) struct Items<'a> {
    text: &'a [u8],
    /// Where the next item begins; the text's length once there is none.
    at: usize,
}

impl<'a> Items<'a> {
    /// The items of `text` if it starts with `open`, none otherwise.
    pub(super) fn of(text: &'a [u8], open: u8) -> Self {
        let at = if text.first() == Some(&open) {
            skip_space(text, 1)
        } else {
            text.len()
        };
        Self { text, at }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = (Option<&'a [u8]>, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.text;
        let mut at = self.at;
        if matches!(text.get(at), None | Some(b'}' | b']')) {
            return None;
        }
        let mut name = None;
        if text.first() == Some(&b'{') {
            let end = string(text, at).ok()?;
            name = Some(&text[at..end]);
            at = key(text, at).ok()?;
        }
        let end = skip_value(text, at);
        let next = skip_space(text, end);
        self.at = match text.get(next) {
            Some(b',') => skip_space(text, next + 1),
            _ => text.len(),
        };
        Some((name, &text[at..end]))
    }
}

/// Just behind the checked value that starts at `from`.
fn skip_value(text: &[u8], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while at < text.len() {
        match text[at] {
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'"' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9' => {
                at = scalar(text, at).unwrap_or(text.len());
            }
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}
