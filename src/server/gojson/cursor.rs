//! Walking a JSON text that has passed [`super::check`].

/// What kind of value comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The word Go's type errors use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// A place in a checked JSON text. On an unchecked one it stops somewhere, without a panic.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of `text`.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The kind of the value that comes next.
    pub fn kind(&mut self) -> Kind {
        match self.peek() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }

    /// Steps over the next value and returns its text.
    pub fn skip(&mut self) -> &'a [u8] {
        self.peek();
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(&c) = self.text.get(self.at) {
            match c {
                b'"' => self.skip_string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                _ => self.skip_word(),
            }
            if depth == 0 {
                break;
            }
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Reads the next value, which must be a string. Bytes that are not UTF-8, and halves of
    /// surrogate pairs, become U+FFFD.
    pub fn string(&mut self) -> String {
        let quoted = self.skip();
        let inner = quoted.get(1..quoted.len().saturating_sub(1));
        unescape(inner.unwrap_or_default())
    }

    /// Goes into the object that comes next. Then [`Cursor::key`] until it is `None`.
    pub fn enter(&mut self) {
        self.peek();
        self.at += 1;
    }

    /// The next key of the object gone into; its value comes next and must be read or skipped.
    /// `None` behind the last.
    pub fn key(&mut self) -> Option<String> {
        if self.peek() == Some(b',') {
            self.at += 1;
        }
        if self.peek() != Some(b'"') {
            self.at += 1;
            return None;
        }
        let key = self.string();
        self.peek();
        self.at += 1;
        Some(key)
    }

    /// True if the array gone into has another element, which comes next and must be read or
    /// skipped.
    pub fn element(&mut self) -> bool {
        if self.peek() == Some(b',') {
            self.at += 1;
        }
        if matches!(self.peek(), None | Some(b']')) {
            self.at += 1;
            return false;
        }
        true
    }

    /// The next byte that is not a blank.
    fn peek(&mut self) -> Option<u8> {
        while let Some(c) = self.text.get(self.at) {
            if !matches!(c, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(*c);
            }
            self.at += 1;
        }
        None
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(&c) = self.text.get(self.at) {
            self.at += match c {
                b'\\' => 2,
                _ => 1,
            };
            if c == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
    }

    fn skip_word(&mut self) {
        while let Some(c) = self.text.get(self.at)
            && !b"{}[],: \t\r\n\"".contains(c)
        {
            self.at += 1;
        }
    }
}

fn unescape(inner: &[u8]) -> String {
    let mut out = String::new();
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        push_lossy(&mut out, &rest[..at]);
        let (c, used) = escape(&rest[at + 1..]);
        out.push(c);
        rest = rest.get(at + 1 + used..).unwrap_or_default();
    }
    push_lossy(&mut out, rest);
    out
}

/// Go makes one U+FFFD of every byte that does not belong, where Rust makes one of a run that
/// begins like a character.
fn push_lossy(out: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(std::iter::repeat_n('\u{fffd}', chunk.invalid().len()));
    }
}

/// The character an escape stands for, and how many bytes it takes behind the backslash.
fn escape(after: &[u8]) -> (char, usize) {
    let simple = |c| (c, 1);
    match after.first() {
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b'u') => {
            let unit = hex(&after[1..]);
            let low = match after.get(5..7) {
                Some(br"\u") => hex(&after[7..]),
                _ => None,
            };
            match (unit, low) {
                (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
                    let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    (char::from_u32(code).unwrap_or('\u{fffd}'), 11)
                }
                (Some(unit), _) => (char::from_u32(unit).unwrap_or('\u{fffd}'), 5),
                (None, _) => ('\u{fffd}', 5),
            }
        }
        Some(&other) => simple(char::from(other)),
        None => simple('\u{fffd}'),
    }
}

fn hex(bytes: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(bytes.get(..4)?).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

/// Whether a key counts as `name` (lower case) for Go: letter case does not matter, and neither
/// does the long s or the Kelvin sign.
#[must_use]
pub fn folds_to(key: &str, name: &str) -> bool {
    let mut letters = key.chars().map(|c| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    });
    name.chars().all(|c| letters.next() == Some(c)) && letters.next().is_none()
}
