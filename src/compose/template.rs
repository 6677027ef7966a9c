//! `${uuid}`, `${now}`, `${counter}`, `${env:NAME}`, `${random:a,b,c}` in the text of a document.
//!
//! ```text
//! text ──Pattern::read──► pieces: text · value · text … ──write──► the text filled in
//!        once                                             every time
//! ```
//!
//! They are filled in before the document is read. Inside quotes the value is escaped as JSON
//! wants it; outside quotes it stands as it is, which is how a number is had: `{"n":${counter}}`.
//! `$${` stands for a plain `${`.

mod value;

use std::ops::Range;

use super::context::Context;
use crate::body::write_json_string;

use value::Value;

/// What is wrong with a template, and where in the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TemplateError {
    pub(super) offset: usize,
    pub(super) what: String,
}

/// A text with its templates found. Made once, filled in any number of times.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Value {
        value: Value,
        quoted: bool,
        /// Where the template begins in the text.
        offset: usize,
    },
}

/// Fills in all templates of a JSON text.
pub(super) fn fill(text: &str, context: &mut Context<'_>) -> Result<String, TemplateError> {
    let mut out = String::with_capacity(text.len() + 32);
    Pattern::read(text)?.write(context, &mut out)?;
    Ok(out)
}

impl Pattern {
    /// Finds the templates of a JSON text.
    pub(super) fn read(text: &str) -> Result<Self, TemplateError> {
        let mut pattern = Self::default();
        let mut in_string = false;
        let mut at = 0;
        while let Some(&byte) = text.as_bytes().get(at) {
            match byte {
                b'\\' if in_string => {
                    let end = text.len().min(at + 2);
                    // A character of several bytes behind the backslash is copied in the next
                    // round.
                    let whole = text.is_char_boundary(end);
                    let end = if whole { end } else { at + 1 };
                    pattern.text(&text[at..end]);
                    at = end;
                }
                b'"' => {
                    in_string = !in_string;
                    pattern.text("\"");
                    at += 1;
                }
                b'$' if text[at..].starts_with("$${") => {
                    pattern.text("${");
                    at += 3;
                }
                b'$' if text[at..].starts_with("${") => {
                    let inside = inside(&text[at + 2..]);
                    let value = inside.and_then(Value::read);
                    let value = value.map_err(|what| TemplateError { offset: at, what })?;
                    pattern.0.push(Piece::Value {
                        value,
                        quoted: in_string,
                        offset: at,
                    });
                    at += inside_len(&text[at + 2..]) + 3;
                }
                _ => {
                    let first = text[at..].chars().next().map_or(1, char::len_utf8);
                    let rest = &text[at + first..];
                    let len = rest.find(['\\', '"', '$']).unwrap_or(rest.len()) + first;
                    pattern.text(&text[at..at + len]);
                    at += len;
                }
            }
        }
        Ok(pattern)
    }

    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Piece::Text(before)) => before.push_str(text),
            _ => self.0.push(Piece::Text(text.to_owned())),
        }
    }

    /// Appends the text with its templates filled in.
    pub(super) fn write(
        &self,
        context: &mut Context<'_>,
        out: &mut String,
    ) -> Result<(), TemplateError> {
        for piece in &self.0 {
            piece.write(context, out)?;
        }
        Ok(())
    }

    /// The same, and where each piece begins in what is written.
    pub(super) fn write_places(
        &self,
        context: &mut Context<'_>,
        out: &mut String,
    ) -> Result<Vec<usize>, TemplateError> {
        let mut starts = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            starts.push(out.len());
            piece.write(context, out)?;
        }
        Ok(starts)
    }

    /// True if nothing in it has to be filled in.
    pub(super) fn is_constant(&self) -> bool {
        self.values() == 0
    }

    /// Number of templates.
    pub(super) fn values(&self) -> usize {
        let is_value = |piece: &&Piece| matches!(piece, Piece::Value { .. });
        self.0.iter().filter(is_value).count()
    }

    /// What writes that part of the `len` bytes written, whose pieces begin at `starts`; `None`
    /// if the part begins or ends inside of what a template became.
    pub(super) fn part(&self, starts: &[usize], len: usize, range: Range<usize>) -> Option<Self> {
        let mut part = Self::default();
        let ends = starts.iter().skip(1).copied().chain([len]);
        for ((piece, &start), end) in self.0.iter().zip(starts).zip(ends) {
            let from = range.start.max(start);
            let to = range.end.min(end);
            let outside = start >= range.end || end <= range.start;
            match piece {
                _ if outside => {}
                Piece::Text(text) => part.text(text.get(from - start..to - start)?),
                Piece::Value { .. } if from == start && to == end => part.0.push(piece.clone()),
                Piece::Value { .. } => return None,
            }
        }
        Some(part)
    }
}

impl Piece {
    fn write(&self, context: &mut Context<'_>, out: &mut String) -> Result<(), TemplateError> {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Value {
                value,
                quoted,
                offset,
            } => {
                let start = out.len();
                let written = value.write(context, out);
                written.map_err(|what| TemplateError {
                    offset: *offset,
                    what,
                })?;
                if *quoted && value.may_need_escapes() {
                    let plain = out.split_off(start);
                    let mut escaped = String::with_capacity(plain.len() + 2);
                    write_json_string(&plain, &mut escaped);
                    out.push_str(&escaped[1..escaped.len() - 1]);
                }
            }
        }
        Ok(())
    }
}

fn inside_len(text: &str) -> usize {
    text.find(['}', '"', '\n']).unwrap_or(text.len())
}

/// What stands between the braces.
fn inside(text: &str) -> Result<&str, String> {
    let end = inside_len(text);
    if text[end..].starts_with('}') {
        Ok(&text[..end])
    } else {
        Err("a template that begins with ${ has no closing }; write $${ for a plain ${".to_owned())
    }
}

#[cfg(test)]
mod tests;
