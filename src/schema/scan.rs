//! The cheap look: members of a JSON object without parsing it.

/// The raw text of the top-level member `name` (a string keeps its quotes), found without
/// checking the rest; `None` if `text` is no object or has no such member.
#[must_use]
pub fn member<'a>(_text: &'a [u8], _name: &str) -> Option<&'a [u8]> {
    None
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
