//! From a form to the document it stands for, and back where a document fits a form.
//!
//! What is sent is always the document, read by [`crate::compose`]: so it is what `wspect send`
//! takes, and what `$EDITOR` is opened on.

use crate::body::{Node, Value, write_json_string};
use crate::protocol::Settings;
use crate::protocol::raccoon::Wire;
use crate::schema::json;
use crate::tui::state::line::LineEdit;

use super::draft::{Draft, Encoding, Event};
use super::kind::Kind;
use super::text::TextEdit;

/// A document and where the texts of several lines stand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The document.
    pub text: String,
    /// The line of the document (from 1) on which each text of several lines begins that stands
    /// in it line by line: one for each event of a batch, else at most one.
    pub starts: Vec<Option<usize>>,
}

impl Written {
    fn key(&mut self, name: &str) {
        write_json_string(name, &mut self.text);
        self.text.push_str(": ");
    }

    fn string(&mut self, text: &str) {
        write_json_string(text, &mut self.text);
        self.starts.push(None);
    }

    /// JSON of several lines, `indent` deeper from its second line on.
    fn json(&mut self, text: &str, indent: usize) {
        let line = 1 + self.text.bytes().filter(|byte| *byte == b'\n').count();
        self.starts.push(Some(line));
        for (index, line) in text.trim_end().split('\n').enumerate() {
            if index > 0 {
                self.text.push('\n');
                self.text.extend(std::iter::repeat_n(' ', indent));
            }
            self.text.push_str(line);
        }
    }
}

/// The document `draft` stands for. What the profile says anyway is left out.
#[must_use]
pub fn write(draft: &Draft, settings: &Settings) -> Written {
    let mut out = Written::default();
    match draft.kind {
        Kind::Document => {
            out.text.push_str(draft.body.text());
            out.starts.push(Some(1));
        }
        Kind::Batch => batch(draft, settings, &mut out),
        Kind::Register => register(draft, &mut out),
        Kind::Text | Kind::Hex | Kind::Base64 => {
            out.text.push('{');
            out.key(draft.kind.key());
            out.string(draft.body.text());
            out.text.push('}');
        }
        _ => small(draft, &mut out),
    }
    out
}

fn batch(draft: &Draft, settings: &Settings, out: &mut Written) {
    out.text.push_str("{\n");
    if draft.wire != settings.raccoon.wire {
        out.text.push_str(match draft.wire {
            Wire::Protobuf => "  \"wire\": \"protobuf\",\n",
            Wire::Json => "  \"wire\": \"json\",\n",
        });
    }
    out.text.push_str("  \"events\": [");
    let usual = Encoding::of(settings.raccoon.serialization);
    for (index, event) in draft.events.iter().enumerate() {
        out.text
            .push_str(if index == 0 { "\n    {" } else { ",\n    {" });
        out.text.push_str("\n      ");
        out.key("type");
        write_json_string(event.kind.text(), &mut out.text);
        out.text.push_str(",\n      ");
        if let Some(name) = event
            .encoding
            .serialization()
            .filter(|_| event.encoding != usual)
        {
            out.key("serialization");
            write_json_string(name, &mut out.text);
            out.text.push_str(",\n      ");
        }
        out.key(event.encoding.key());
        if event.encoding.is_json() {
            out.json(event.data.text(), 6);
        } else {
            out.string(event.data.text());
        }
        out.text.push_str("\n    }");
    }
    out.text.push_str("\n  ]\n}");
}

fn register(draft: &Draft, out: &mut Written) {
    out.text.push_str("{\"register\": {");
    let lists = draft.lines.iter().zip(Kind::Register.lines());
    let mut gap = "\n  ";
    for (line, about) in lists {
        if line.text().trim().is_empty() {
            continue;
        }
        out.text.push_str(gap);
        gap = ",\n  ";
        out.key(about.name);
        if about.name == "min_amount" {
            write_json_string(line.text().trim(), &mut out.text);
            continue;
        }
        out.text.push('[');
        for (index, word) in words(line.text()).enumerate() {
            out.text.push_str(if index == 0 { "" } else { ", " });
            write_json_string(word, &mut out.text);
        }
        out.text.push(']');
    }
    if !draft.body.is_blank() {
        out.text.push_str(gap);
        out.key("custom");
        out.json(draft.body.text(), 2);
    }
    out.text.push_str("\n}}");
}

/// The words of a list, by commas or white space.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c == ',' || c.is_whitespace());
    parts.filter(|word| !word.is_empty())
}

/// One verb with its value, then what else was filled in.
fn small(draft: &Draft, out: &mut Written) {
    let kind = draft.kind;
    out.text.push('{');
    for (index, (line, about)) in draft.lines.iter().zip(kind.lines()).enumerate() {
        if index > 0 && line.text().is_empty() {
            continue;
        }
        out.text.push_str(if index == 0 { "" } else { ", " });
        out.key(if index == 0 { kind.key() } else { about.name });
        if kind == Kind::Close && index == 0 {
            out.text.push_str(&close_code(line.text()));
        } else {
            write_json_string(line.text(), &mut out.text);
        }
    }
    if kind.body().is_some() && !draft.body.is_blank() {
        out.text.push_str(", ");
        out.key("payload");
        out.json(draft.body.text(), 0);
    }
    out.text.push('}');
}

/// A number as it stands; anything else as a string, for the reader to complain about.
fn close_code(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "1000".to_owned();
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 9 && !text.starts_with('0') {
        return text.to_owned();
    }
    let mut quoted = String::new();
    write_json_string(text, &mut quoted);
    quoted
}

/// The same document without white space outside of strings.
#[must_use]
pub fn packed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in text.chars() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if !matches!(c, ' ' | '\n' | '\r' | '\t') {
            out.push(c);
            in_string = c == '"';
        }
    }
    out
}

/// Why `text` cannot stand as one value in a document, and the byte where: the brackets do not
/// pair, or something follows. What is inside is for the document's reader to judge.
pub fn one_value(text: &str) -> Result<(), (usize, &'static str)> {
    let mut open = Vec::new();
    let mut in_string = None;
    let mut escaped = false;
    let mut template = 0_usize;
    for (at, c) in text.char_indices() {
        if in_string.is_some() {
            if !escaped && c == '"' {
                in_string = None;
            }
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => in_string = Some(at),
            '{' if text[..at].ends_with('$') => template += 1,
            '}' if template > 0 => template -= 1,
            '{' | '[' => open.push((at, c)),
            '}' | ']' => match open.pop() {
                Some((_, '{')) if c == '}' => {}
                Some((_, '[')) if c == ']' => {}
                Some(_) => return Err((at, "this bracket closes one of the other kind")),
                None => return Err((at, "this bracket closes none")),
            },
            ',' | ':' if open.is_empty() && template == 0 => {
                return Err((at, "the value has ended before this"));
            }
            _ => {}
        }
    }
    match (in_string, open.pop()) {
        (Some(at), _) => Err((at, "this string is not closed")),
        (None, Some((at, _))) => Err((at, "this bracket is not closed")),
        (None, None) if text.trim().is_empty() => Err((0, "there is no value; {} is an empty one")),
        (None, None) => Ok(()),
    }
}

/// Fills the form of that kind in from a document; `None` if it says something the form has no
/// field for.
#[must_use]
pub fn read(kind: Kind, text: &str, settings: &Settings) -> Option<Draft> {
    let mut draft = Draft::blank(kind);
    if kind == Kind::Document {
        draft.body = TextEdit::new(text);
        return Some(draft);
    }
    let root = json::tree(text.as_bytes(), 0).ok()?;
    let reader = Reader { text, settings };
    match kind {
        Kind::Batch => reader.batch(&root, &mut draft)?,
        Kind::Register => reader.register(&root, &mut draft)?,
        _ => reader.small(&root, &mut draft)?,
    }
    Some(draft)
}

struct Reader<'a> {
    text: &'a str,
    settings: &'a Settings,
}

impl Reader<'_> {
    fn batch(&self, root: &Node, draft: &mut Draft) -> Option<()> {
        known(root, &["wire", "serialization", "events"])?;
        draft.wire = match word(root, "wire")? {
            "" => self.settings.raccoon.wire,
            "json" => Wire::Json,
            "protobuf" => Wire::Protobuf,
            _ => return None,
        };
        let usual = word(root, "serialization")?;
        for event in &root.child("events")?.children {
            known(
                event,
                &["type", "serialization", "data", "text", "base64", "hex"],
            )?;
            let kind = string(event.child("type")?)?;
            let (encoding, data) = if let Some(data) = event.child("data") {
                let chosen = match word(event, "serialization")? {
                    "" => usual,
                    own => own,
                };
                let encoding = match chosen {
                    "" => Encoding::of(self.settings.raccoon.serialization),
                    "protobuf" => Encoding::Protobuf,
                    "json" => Encoding::Json,
                    _ => return None,
                };
                (encoding, self.raw(data)?)
            } else {
                let raw = [Encoding::Text, Encoding::Base64, Encoding::Hex];
                let given = |encoding: &Encoding| event.child(encoding.key());
                let encoding = raw.into_iter().find(|one| given(one).is_some())?;
                (encoding, string(given(&encoding)?)?.to_owned())
            };
            draft.events.push(Event::with_data(kind, encoding, data));
        }
        (!draft.events.is_empty()).then_some(())
    }

    fn register(&self, root: &Node, draft: &mut Draft) -> Option<()> {
        known(root, &["register"])?;
        let filters = root.child("register")?;
        let names: Vec<_> = Kind::Register
            .lines()
            .iter()
            .map(|line| line.name)
            .collect();
        known(filters, &[&names[..], &["custom"]].concat())?;
        for (line, name) in draft.lines.iter_mut().zip(names) {
            let Some(given) = filters.child(name) else {
                continue;
            };
            let text = if given.value == Value::Array {
                let all: Option<Vec<_>> = given.children.iter().map(string).collect();
                let all = all?;
                let is_word = |text: &&str| words(text).eq([*text]);
                if !all.iter().all(is_word) {
                    return None;
                }
                all.join(", ")
            } else {
                string(given)?.to_owned()
            };
            *line = LineEdit::new(text);
        }
        if let Some(custom) = filters.child("custom") {
            draft.body = TextEdit::new(self.raw(custom)?);
        }
        Some(())
    }

    fn small(&self, root: &Node, draft: &mut Draft) -> Option<()> {
        let kind = draft.kind;
        let lines = kind.lines();
        let mut names = vec![kind.key()];
        names.extend(lines.iter().skip(1).map(|line| line.name));
        let is_plain = lines.is_empty();
        if kind.body().is_some() && !is_plain {
            names.push("payload");
        }
        known(root, &names)?;
        if is_plain {
            draft.body = TextEdit::new(string(root.child(kind.key())?)?);
            return Some(());
        }
        for (index, line) in draft.lines.iter_mut().enumerate() {
            let text = match root.child(names[index]) {
                None if index > 0 => "",
                None => return None,
                Some(Node {
                    value: Value::Number(number),
                    ..
                }) if kind == Kind::Close => number,
                Some(node) => string(node)?,
            };
            *line = LineEdit::new(text);
        }
        if let Some(payload) = root.child("payload") {
            draft.body = TextEdit::new(self.raw(payload)?);
        }
        Some(())
    }

    /// A value as it stands in the document, its lines moved to the left together.
    fn raw(&self, node: &Node) -> Option<String> {
        let raw = self.text.get(node.span.clone()?)?;
        let rest = raw.lines().skip(1).filter(|line| !line.trim().is_empty());
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        // The closing bracket stands where the line began that the value is in.
        let common = rest.map(indent).min().unwrap_or(0);
        let mut out = String::with_capacity(raw.len());
        for (index, line) in raw.lines().enumerate() {
            if index == 0 {
                out.push_str(line);
            } else {
                out.push('\n');
                out.push_str(line.get(common.min(indent(line))..)?);
            }
        }
        Some(out)
    }
}

/// The string of that name; empty if there is none.
fn word<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    node.child(name).map_or(Some(""), string)
}

/// True if all members have one of these names and come once.
fn known(node: &Node, names: &[&str]) -> Option<()> {
    let members = &node.children;
    let fits = |(index, member): (usize, &Node)| {
        let before = &members[..index];
        names.contains(&member.name.as_str()) && before.iter().all(|one| one.name != member.name)
    };
    (node.value == Value::Object && members.iter().enumerate().all(fits)).then_some(())
}

fn string(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
