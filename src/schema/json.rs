//! JSON text to a tree with spans, exact numbers, duplicates and order kept.
//!
//! An own reader, because an inspector must show what was sent: numbers digit by digit,
//! members twice if they came twice, and where in the payload each value stands. Bytes that are
//! not UTF-8 are tolerated inside strings (real servers send them) and marked.

use crate::body::{Node, Value};
use crate::sanitise;

use super::escape::{self, Unescaped};

/// Deepest nesting read.
pub const DEPTH_MAX: usize = 128;

/// Most values read: what keeps a hostile message of 16 MiB from becoming gigabytes of tree.
pub const NODES_MAX: usize = 500_000;

/// Why a text is not JSON, with the byte offset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not JSON at byte {offset}: {what}")]
pub struct JsonError {
    /// Byte offset in the text.
    pub offset: usize,
    /// What was wrong there.
    pub what: String,
}

/// Reads one JSON value; spans are offsets into `text` plus `at`. Invalid UTF-8 inside strings
/// becomes U+FFFD, with a hint that has the bytes.
pub fn tree(text: &[u8], at: usize) -> Result<Node, JsonError> {
    Reader::new(text, at).whole()
}

/// Like [`tree`], but a text with more than [`NODES_MAX`] values is not refused: it is read to
/// fewer levels, what lies deeper kept as [`Value::Unread`], and the second says to how many.
pub fn outline(text: &[u8], at: usize) -> Result<(Node, Option<usize>), JsonError> {
    let mut error = None;
    for levels in [DEPTH_MAX + 1, 8, 4, 2] {
        let mut reader = Reader::new(text, at);
        reader.levels = levels;
        match reader.whole() {
            Ok(root) => return Ok((root, (levels <= DEPTH_MAX).then_some(levels))),
            Err(found) if reader.nodes > NODES_MAX => error = Some(found),
            Err(found) => return Err(found),
        }
    }
    Err(error.unwrap_or_else(|| Reader::new(text, at).expected("a value")))
}

/// Reads the JSON value `text` begins with, and where it ends in `text`; for streams of several
/// values in one text.
pub fn prefix(text: &[u8], at: usize) -> Result<(Node, usize), JsonError> {
    let mut reader = Reader::new(text, at);
    reader.skip_space();
    let root = reader.value(String::new(), 0)?;
    Ok((root, reader.pos))
}

struct Reader<'a> {
    text: &'a [u8],
    pos: usize,
    /// Offset of `text` in the frame's payload.
    base: usize,
    nodes: usize,
    /// Levels that are taken apart.
    levels: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a [u8], base: usize) -> Self {
        Self {
            text,
            pos: 0,
            base,
            nodes: 0,
            levels: DEPTH_MAX + 1,
        }
    }

    /// The one value the text is.
    fn whole(&mut self) -> Result<Node, JsonError> {
        self.skip_space();
        let root = self.value(String::new(), 0)?;
        self.skip_space();
        match self.peek() {
            None => Ok(root),
            Some(byte) => {
                Err(self.wrong(format!("the value has ended, but {} follows", named(byte))))
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.pos).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.pos += 1;
        }
    }

    fn wrong(&self, what: impl Into<String>) -> JsonError {
        JsonError {
            offset: self.pos,
            what: what.into(),
        }
    }

    fn expected(&self, what: &str) -> JsonError {
        match self.peek() {
            None => self.wrong(format!("the text ends where {what} should be")),
            Some(byte) => self.wrong(format!("{} where {what} should be", named(byte))),
        }
    }

    fn value(&mut self, name: String, depth: usize) -> Result<Node, JsonError> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(self.wrong(format!("more than {NODES_MAX} values, not read further")));
        }
        let start = self.pos;
        let mut node = match self.peek() {
            Some(b'{' | b'[') if depth == DEPTH_MAX => {
                return Err(self.wrong(format!("nested deeper than {DEPTH_MAX} levels")));
            }
            Some(b'{' | b'[') if depth >= self.levels => {
                self.pass(depth)?;
                let text = String::from_utf8_lossy(&self.text[start..self.pos]);
                Node::leaf("", Value::Unread(text.into_owned()))
            }
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => {
                let (text, lossy) = self.string()?;
                let mut node = Node::leaf("", Value::Text(text));
                node.hint = lossy.then(|| self.lossy(start));
                node
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.literal("true", Value::Bool(true))?,
            Some(b'f') => self.literal("false", Value::Bool(false))?,
            Some(b'n') => self.literal("null", Value::Null)?,
            _ => return Err(self.expected("a value")),
        };
        node.name = name;
        node.span = Some(self.base + start..self.base + self.pos);
        Ok(node)
    }

    fn object(&mut self, depth: usize) -> Result<Node, JsonError> {
        self.pos += 1;
        let mut children = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.pos += 1;
            return Ok(Node::object("", children));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.expected("a member name in quotes"));
            }
            let (name, _) = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.expected("`:`"));
            }
            self.pos += 1;
            self.skip_space();
            children.push(self.value(name, depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.pos += 1,
                Some(b'}') => {
                    self.pos += 1;
                    return Ok(Node::object("", children));
                }
                _ => return Err(self.expected("`,` or `}`")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Node, JsonError> {
        self.pos += 1;
        let mut children = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.pos += 1;
            return Ok(Node::array("", children));
        }
        loop {
            self.skip_space();
            children.push(self.value(children.len().to_string(), depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.pos += 1,
                Some(b']') => {
                    self.pos += 1;
                    return Ok(Node::array("", children));
                }
                _ => return Err(self.expected("`,` or `]`")),
            }
        }
    }

    /// Goes behind a value, checking it and keeping nothing of it.
    fn pass(&mut self, depth: usize) -> Result<(), JsonError> {
        let close = match self.peek() {
            Some(b'{' | b'[') if depth == DEPTH_MAX => {
                return Err(self.wrong(format!("nested deeper than {DEPTH_MAX} levels")));
            }
            Some(b'{') => b'}',
            Some(b'[') => b']',
            Some(b'"') => return self.raw_string().map(drop),
            // What is left has nothing in it.
            _ => return self.value(String::new(), depth).map(drop),
        };
        self.pos += 1;
        self.skip_space();
        if self.peek() == Some(close) {
            self.pos += 1;
            return Ok(());
        }
        loop {
            self.skip_space();
            if close == b'}' {
                if self.peek() != Some(b'"') {
                    return Err(self.expected("a member name in quotes"));
                }
                self.raw_string()?;
                self.skip_space();
                if self.peek() != Some(b':') {
                    return Err(self.expected("`:`"));
                }
                self.pos += 1;
                self.skip_space();
            }
            // These values do not count: nothing is kept of them.
            let nodes = self.nodes;
            self.pass(depth + 1)?;
            self.nodes = nodes;
            self.skip_space();
            match self.peek() {
                Some(b',') => self.pos += 1,
                Some(byte) if byte == close => {
                    self.pos += 1;
                    return Ok(());
                }
                _ => return Err(self.expected("`,` or the closing bracket")),
            }
        }
    }

    /// The string that begins here, and whether something in it was replaced.
    fn string(&mut self) -> Result<(String, bool), JsonError> {
        let read = self.raw_string()?;
        Ok((read.text.into_owned(), read.lossy))
    }

    fn raw_string(&mut self) -> Result<Unescaped<'a>, JsonError> {
        let start = self.pos + 1;
        let mut end = start;
        loop {
            match self.text.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(byte) if *byte < 0x20 => {
                    self.pos = end;
                    return Err(
                        self.wrong(format!("{} inside a string must be escaped", named(*byte)))
                    );
                }
                Some(_) => end += 1,
                None => {
                    self.pos = self.text.len();
                    return Err(self.wrong("the text ends inside a string"));
                }
            }
        }
        let text: &'a [u8] = self.text;
        match escape::unescape(&text[start..end]) {
            Ok(read) => {
                self.pos = end + 1;
                Ok(read)
            }
            Err(offset) => {
                self.pos = start + offset;
                Err(self.wrong("an escape JSON does not know"))
            }
        }
    }

    /// The remark on the string that begins at `start` and has just been read: its bytes, for what
    /// is not UTF-8 was replaced in its text.
    fn lossy(&self, start: usize) -> String {
        let inner = &self.text[start + 1..self.pos - 1];
        let near = sanitise::bytes_line(&inner[..inner.len().min(LOSSY_SHOWN)]);
        let more = if inner.len() > LOSSY_SHOWN { "…" } else { "" };
        format!("not all UTF-8: {near}{more}")
    }

    fn number(&mut self) -> Result<Node, JsonError> {
        let start = self.pos;
        if self.peek() == Some(b'-') {
            self.pos += 1;
        }
        if self.peek() == Some(b'0') {
            self.pos += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.pos += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.pos += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.pos += 1;
            }
            self.digits()?;
        }
        let digits = self.text[start..self.pos].iter().copied().map(char::from);
        Ok(Node::leaf("", Value::Number(digits.collect())))
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.pos;
        while let Some(b'0'..=b'9') = self.peek() {
            self.pos += 1;
        }
        if self.pos == start {
            return Err(self.expected("a digit"));
        }
        Ok(())
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Node, JsonError> {
        if !self.text[self.pos..].starts_with(word.as_bytes()) {
            return Err(self.wrong(format!("no value; `{word}` begins like this")));
        }
        self.pos += word.len();
        Ok(Node::leaf("", value))
    }
}

/// Most bytes shown of a string that is not UTF-8.
const LOSSY_SHOWN: usize = 64;

/// A byte as a person would call it.
fn named(byte: u8) -> String {
    match byte {
        b'!'..=b'~' => format!("`{}`", char::from(byte)),
        b' ' => "a space".to_owned(),
        _ => format!("byte 0x{byte:02x}"),
    }
}

#[cfg(test)]
mod tests;
