//! The decoded tree of a frame, computed on demand.
//!
//! One tree type serves JSON, protobuf with and without a schema, and plain text, so panes, the
//! filter and the JSON lines need to know only one.

use std::fmt::Write as _;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A decoded frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// The tree.
    pub root: Node,
    /// How it was read: `json`, `text`, `hex`, `schema-less`, or a message's full name.
    pub via: String,
    /// Correlation key, if the frame asks or answers.
    pub key: Option<String>,
    /// What it tells, in one line.
    pub gist: Option<String>,
    /// What it is known as, where a system has messages of many makes: the name of what writes
    /// such ones.
    pub shape: Option<&'static str>,
    /// A sentence that is true of every message of this make; less than a note.
    pub aside: Option<&'static str>,
    /// Sentences worth telling about this frame alone.
    pub notes: Vec<String>,
    /// Why (part of) it does not decode, with the offset.
    pub error: Option<String>,
    /// How the payloads inside were read, each way once, at most 32 of them.
    pub readings: Vec<PayloadReading>,
}

/// One way payloads inside a frame were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadReading {
    /// Their type.
    pub kind: String,
    /// What they were read as: a message's full name, `json`, `schema-less`, `hex` or `raw`.
    pub read_as: String,
    /// The rule for the type, if there is one: `exact`, `glob page*`, `regex ^page_`.
    pub rule: Option<String>,
    /// What the rule says they are, if they do not fit that.
    pub misfit: Option<String>,
}

impl PayloadReading {
    /// Appends it as a JSON object: `type`, `as`, `by`, `not`.
    pub fn write_json(&self, out: &mut String) {
        let members = [
            ("{\"type\":", Some(&self.kind)),
            (",\"as\":", Some(&self.read_as)),
            (",\"by\":", self.rule.as_ref()),
            (",\"not\":", self.misfit.as_ref()),
        ];
        for (name, value) in members {
            let Some(value) = value else { continue };
            out.push_str(name);
            write_json_string(value, out);
        }
        out.push('}');
    }
}

/// One value of the tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Field name or index as shown; empty for the root.
    pub name: String,
    /// The value itself.
    pub value: Value,
    /// Short remark: a type name, an enum number, how bytes were guessed.
    pub hint: Option<String>,
    /// Bytes of the frame's payload this node was read from, when they are contiguous there.
    pub span: Option<Range<usize>>,
    /// How a screen shows it at first; what is written as JSON has it all.
    pub look: Look,
    /// Members of an object or array, in wire order, duplicates kept.
    pub children: Vec<Node>,
}

/// How a screen shows a node at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// As its size and depth suggest.
    #[default]
    Plain,
    /// Closed, until a person opens it.
    Closed,
    /// Not at all: it says nothing, such as an empty arm of a union.
    Hidden,
}

/// What a node holds. Numbers keep the text they had, so 64-bit integers and long decimals
/// survive.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// JSON `null`, or nothing at all.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A number in JSON spelling, exact.
    Number(String),
    /// Text.
    Text(String),
    /// Bytes that are not text; base64 in JSON.
    Bytes(Vec<u8>),
    /// Members are the children.
    Object,
    /// Elements are the children.
    Array,
    /// JSON text of an object or array that was not taken apart, because there was too much of it.
    Unread(String),
}

impl Node {
    /// A leaf.
    pub fn leaf(name: impl Into<String>, value: Value) -> Self {
        Self {
            name: name.into(),
            value,
            ..Self::default()
        }
    }

    /// A text leaf.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::leaf(name, Value::Text(text.into()))
    }

    /// A number leaf; `number` must print as a JSON number.
    pub fn number(name: impl Into<String>, number: impl std::fmt::Display) -> Self {
        Self::leaf(name, Value::Number(number.to_string()))
    }

    /// An object with these members.
    pub fn object(name: impl Into<String>, children: Vec<Self>) -> Self {
        Self {
            name: name.into(),
            value: Value::Object,
            children,
            ..Self::default()
        }
    }

    /// An array with these elements.
    pub fn array(name: impl Into<String>, children: Vec<Self>) -> Self {
        Self {
            name: name.into(),
            value: Value::Array,
            children,
            ..Self::default()
        }
    }

    /// The same node with a remark.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same node with the payload bytes it came from.
    #[must_use]
    pub fn with_span(mut self, span: Range<usize>) -> Self {
        self.span = Some(span);
        self
    }

    /// The first child of that name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Appends this node's value as compact JSON; bytes become padded base64, and of members
    /// with one name all are written, as they were read.
    pub fn write_json(&self, out: &mut String) {
        match &self.value {
            Value::Null => out.push_str("null"),
            Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Value::Number(text) => out.push_str(text),
            Value::Text(text) => write_json_string(text, out),
            Value::Bytes(bytes) => {
                out.push('"');
                STANDARD.encode_string(bytes, out);
                out.push('"');
            }
            Value::Object => self.write_members(out, '{', '}', true),
            Value::Array => self.write_members(out, '[', ']', false),
            Value::Unread(text) => write_safely(text, out),
        }
    }

    fn write_members(&self, out: &mut String, open: char, close: char, named: bool) {
        out.push(open);
        for (index, child) in self.children.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            if named {
                write_json_string(&child.name, out);
                out.push(':');
            }
            child.write_json(out);
        }
        out.push(close);
    }

    /// This node's value as compact JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }
}

/// Appends `text` as a JSON string, quotes included. Control characters, the bidirectional
/// overrides and zero-width characters come out escaped, so a terminal can take the result.
pub fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    // Runs of plain characters are copied whole: most texts are one.
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if is_plain(c) {
            continue;
        }
        out.push_str(&text[start..at]);
        start = at + c.len_utf8();
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push_str(&text[start..]);
    out.push('"');
}

/// Appends JSON text with what a terminal would obey escaped; between values only white space can
/// be that.
fn write_safely(text: &str, out: &mut String) {
    for c in text.chars() {
        if matches!(c, '\n' | '\r' | '\t') {
            out.push(' ');
        } else if crate::sanitise::is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
}

/// True for characters that stand in a JSON string, and on a terminal, as they are.
fn is_plain(c: char) -> bool {
    match c {
        '"' | '\\' => false,
        ' '..='~' => true,
        c => !crate::sanitise::is_unsafe(c),
    }
}
