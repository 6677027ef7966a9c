//! `${…}` in the reply of a responder.
//!
//! A reply is JSON text. Between `${` and `}` stands a jq expression over the call, or one of a few
//! words:
//!
//! | Written | Becomes |
//! | --- | --- |
//! | `${.payload.x}` | what the expression gives; `.topic`, `.payload`, `.id` and `.n` (the how-manieth answer of this responder this is) can be asked for |
//! | `${now}`, `${now:unix}`, `${now:unix_ms}` | the time: RFC 3339 as text, or a number |
//! | `${uuid}` | a new UUID |
//! | `$${` | a plain `${` inside quotes |
//!
//! Outside quotes, and alone inside quotes (`"${.payload.x}"`), it stands for the whole value,
//! whatever that is. With other text inside the quotes its text is put there.

use std::fmt::Write as _;

use super::super::ids::Ids;
use crate::body::write_json_string;
use crate::frame::Stamp;
use crate::jq::Program;
use crate::schema::gojson;

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {what}")]
pub(in super::super) struct TemplateError {
    /// Where in the text.
    pub(in super::super) offset: usize,
    /// A sentence.
    pub(in super::super) what: String,
}

/// A reply with its templates found.
#[derive(Debug)]
pub(super) struct Template(Vec<Piece>);

/// A part of the JSON text.
#[derive(Debug)]
enum Piece {
    /// As it stands.
    Plain(String),
    /// A whole value.
    Value(Source),
    /// A string with values in it.
    Text(Vec<Part>),
}

#[derive(Debug)]
enum Part {
    Plain(String),
    Value(Source),
}

/// Where a value comes from.
#[derive(Debug)]
enum Source {
    /// The time as RFC 3339.
    Now,
    /// The time in units of that many microseconds.
    Unix(i64),
    Uuid,
    Jq(Box<Program>),
}

/// What a template may ask for.
pub(super) struct Facts<'a> {
    /// The call as JSON: topic, payload, id, n.
    pub(super) call: &'a [u8],
    pub(super) now: Stamp,
    pub(super) ids: &'a mut Ids,
}

impl Template {
    /// Finds the templates of a JSON text.
    pub(super) fn read(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(&byte) = text.as_bytes().get(at) {
            let rest = &text[at..];
            let (piece, used) = if byte == b'"' {
                quoted(rest, at)?
            } else if let Some(inside) = rest.strip_prefix("${") {
                let (source, used) = template(inside, at)?;
                (Some(Piece::Value(source)), used + 2)
            } else {
                (None, rest.chars().next().map_or(1, char::len_utf8))
            };
            match piece {
                None => plain.push_str(&rest[..used]),
                Some(piece) => {
                    pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                    pieces.push(piece);
                }
            }
            at += used;
        }
        pieces.push(Piece::Plain(plain));
        let template = Self(pieces);
        template.check()?;
        Ok(template)
    }

    /// Whether it is JSON once it is filled in, whatever with.
    fn check(&self) -> Result<(), TemplateError> {
        let mut sample = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Plain(text) => sample.push_str(text),
                Piece::Value(_) => sample.push_str("null"),
                Piece::Text(_) => sample.push_str("\"\""),
            }
        }
        match gojson::Value::parse(sample.as_bytes()) {
            Ok(_) => Ok(()),
            Err(error) => Err(TemplateError {
                offset: 0,
                what: format!("once filled in it is {error}"),
            }),
        }
    }

    /// True if it has something to fill in.
    pub(super) fn asks(&self) -> bool {
        let plain = |piece: &Piece| matches!(piece, Piece::Plain(_));
        !self.0.iter().all(plain)
    }

    /// The JSON text with its templates filled in; the error says why that failed.
    pub(super) fn fill(&self, facts: &mut Facts<'_>) -> Result<String, String> {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Plain(text) => out.push_str(text),
                Piece::Value(source) => out.push_str(&source.value(facts)?),
                Piece::Text(parts) => {
                    let mut text = String::new();
                    for part in parts {
                        match part {
                            Part::Plain(plain) => text.push_str(plain),
                            Part::Value(source) => text.push_str(&plain(source.value(facts)?)),
                        }
                    }
                    write_json_string(&text, &mut out);
                }
            }
        }
        match gojson::Value::parse(out.as_bytes()) {
            Ok(_) => Ok(out),
            Err(error) => Err(format!("what the reply's templates give is {error}")),
        }
    }
}

impl Source {
    fn read(inside: &str, offset: usize) -> Result<Self, TemplateError> {
        let inside = inside.trim();
        Ok(match inside {
            "now" => Self::Now,
            "now:unix" => Self::Unix(1_000_000),
            "now:unix_ms" => Self::Unix(1_000),
            "uuid" => Self::Uuid,
            expression => match Program::compile(expression) {
                Ok(program) => Self::Jq(Box::new(program)),
                Err(error) => {
                    let what = format!(
                        "${{{expression}}}: {error}. It is a jq expression over topic, payload, id \
                         and n, as in ${{.payload.x}}, or now, now:unix, now:unix_ms or uuid"
                    );
                    return Err(TemplateError { offset, what });
                }
            },
        })
    }

    /// The value as JSON text.
    fn value(&self, facts: &mut Facts<'_>) -> Result<String, String> {
        let mut out = String::new();
        // Writing to a string cannot fail.
        match self {
            Self::Now => {
                let time = jiff::Timestamp::from_microsecond(facts.now.wall_us);
                let _ = write!(out, "\"{}\"", time.unwrap_or(jiff::Timestamp::UNIX_EPOCH));
            }
            Self::Unix(unit) => {
                let _ = write!(out, "{}", facts.now.wall_us.div_euclid(*unit));
            }
            Self::Uuid => {
                let _ = write!(out, "\"{}\"", facts.ids.uuid());
            }
            Self::Jq(program) => {
                let outputs = program.outputs(facts.call, 1);
                let outputs = outputs.map_err(|error| format!("`{}`: {error}", program.text()))?;
                return Ok(outputs.into_iter().next().unwrap_or("null".to_owned()));
            }
        }
        Ok(out)
    }
}

/// The text a JSON value has inside other text: a string its own, everything else its JSON.
fn plain(value: String) -> String {
    if value.starts_with('"')
        && let Ok(text) = serde_json::from_str(&value)
    {
        return text;
    }
    value
}

/// Reads a JSON string from its quote on: the piece if templates are in it, and how long it is.
fn quoted(text: &str, offset: usize) -> Result<(Option<Piece>, usize), TemplateError> {
    let mut end = 1;
    loop {
        match text.as_bytes().get(end) {
            Some(b'\\') => end += 2,
            Some(b'"') => break,
            Some(_) => end += 1,
            // That it does not end is told with the rest of what is no JSON.
            None => return Ok((None, text.len())),
        }
    }
    let raw = &text[..=end];
    if !raw.contains("${") {
        return Ok((None, raw.len()));
    }
    let Ok(inner) = serde_json::from_str::<String>(raw) else {
        return Ok((None, raw.len()));
    };
    let parts = parts(&inner, offset)?;
    let piece = match <[Part; 1]>::try_from(parts) {
        Ok([Part::Value(source)]) => Piece::Value(source),
        Ok(part) => Piece::Text(part.into()),
        Err(parts) => Piece::Text(parts),
    };
    Ok((Some(piece), raw.len()))
}

/// Cuts the inside of a string at its templates.
fn parts(inner: &str, offset: usize) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = inner;
    while let Some(at) = rest.find("${") {
        if let Some(before) = rest[..at].strip_suffix('$') {
            plain.push_str(before);
            plain.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        plain.push_str(&rest[..at]);
        let (source, used) = template(&rest[at + 2..], offset)?;
        if !plain.is_empty() {
            parts.push(Part::Plain(std::mem::take(&mut plain)));
        }
        parts.push(Part::Value(source));
        rest = &rest[at + 2 + used..];
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Plain(plain));
    }
    Ok(parts)
}

/// Reads a template from behind its `${` on, and how long it is with its brace.
fn template(text: &str, offset: usize) -> Result<(Source, usize), TemplateError> {
    let Some(end) = closing(text) else {
        let what = "a template that begins with ${ has no closing }; inside quotes, a quote of its \
                    own is written \\\", and a plain ${ is written $${";
        return Err(TemplateError {
            offset,
            what: what.to_owned(),
        });
    };
    Ok((Source::read(&text[..end], offset)?, end + 1))
}

/// Offset of the brace that closes a template; braces nest, and those in jq's strings do not count.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
