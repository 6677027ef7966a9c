//! From a document back to the form it fits.

use crate::body::{Node, Value};
use crate::protocol::Settings;
use crate::protocol::raccoon::{Transport, Wire};
use crate::schema::json;
use crate::tui::composer::answer::AnswerForm;
use crate::tui::composer::draft::Draft;
use crate::tui::composer::event::{Encoding, Event};
use crate::tui::composer::filters::EMPTY;
use crate::tui::composer::kind::Kind;
use crate::tui::composer::text::TextEdit;
use crate::tui::state::line::LineEdit;

use super::words;

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
        Kind::Reply => reader.reply(&root, &mut draft)?,
        Kind::Introduce => introduce(&root, &mut draft)?,
        _ => reader.small(&root, &mut draft)?,
    }
    Some(draft)
}

/// How a message to Raccoon is sent.
const WAY: [&str; 2] = ["transport", "lint"];

struct Reader<'a> {
    text: &'a str,
    settings: &'a Settings,
}

impl Reader<'_> {
    fn batch(&self, root: &Node, draft: &mut Draft) -> Option<()> {
        let beside = ["wire", "serialization", "events", "req_guid", "sent_time"];
        known(root, &[&beside[..], &WAY].concat())?;
        self.way(root, draft)?;
        draft.guid = line(root.child("req_guid"))?;
        draft.sent_time = match root.child("sent_time") {
            Some(time) if time.value == Value::Object => {
                LineEdit::new(self.raw(time)?.replace('\n', " "))
            }
            other => line(other)?,
        };
        draft.wire = match word(root, "wire")? {
            "" => self.settings.raccoon.wire,
            "json" => Wire::Json,
            "protobuf" => Wire::Protobuf,
            _ => return None,
        };
        let usual = word(root, "serialization")?;
        for event in &root.child("events")?.children {
            let keys = ["type", "message", "serialization", "data"];
            known(event, &[&keys[..], &["text", "base64", "hex"]].concat())?;
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
            let mut filled = Event::with_data(kind, encoding, data);
            let message = word(event, "message")?;
            if !message.is_empty() && !filled.has_message() {
                return None;
            }
            filled.message = LineEdit::new(message);
            draft.events.push(filled);
        }
        (!draft.events.is_empty()).then_some(())
    }

    /// Transport and lint.
    fn way(&self, root: &Node, draft: &mut Draft) -> Option<()> {
        let usual = self.settings.raccoon.transport.unwrap_or_default();
        draft.transport = Some(match word(root, "transport")? {
            "" => usual,
            "websocket" => Transport::WebSocket,
            "rest" => Transport::Rest,
            "grpc" => Transport::Grpc,
            _ => return None,
        });
        draft.lint = linted(root)?;
        Some(())
    }

    fn reply(&self, root: &Node, draft: &mut Draft) -> Option<()> {
        let forms = AnswerForm::ALL.map(AnswerForm::key);
        known(root, &[&["reply", "topic", "lint"], &forms[..]].concat())?;
        draft.lint = linted(root)?;
        draft.lines[0] = LineEdit::new(string(root.child("reply")?)?);
        draft.lines[1] = LineEdit::new(word(root, "topic")?);
        let mut given = AnswerForm::ALL.into_iter();
        let Some((form, value)) = given.find_map(|form| Some((form, root.child(form.key())?)))
        else {
            return Some(());
        };
        // More than one of them is for the reader to complain about.
        if given.any(|form| root.child(form.key()).is_some()) {
            return None;
        }
        draft.answer = form;
        match form {
            AnswerForm::Payload => draft.body = TextEdit::new(self.raw(value)?),
            AnswerForm::Verbatim => draft.body = TextEdit::new(string(value)?),
            AnswerForm::Soft => draft.lines[3] = LineEdit::new(string(value)?),
            AnswerForm::Unhandled | AnswerForm::Silence => {
                (value.value == Value::Bool(true)).then_some(())?;
            }
            AnswerForm::Failure => {
                known(value, &["code", "message"])?;
                match value.child("code").map(|code| &code.value) {
                    None => {}
                    Some(Value::Number(code)) => draft.lines[2] = LineEdit::new(code.as_str()),
                    Some(_) => return None,
                }
                draft.lines[3] = LineEdit::new(word(value, "message")?);
            }
        }
        Some(())
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
                if !all.iter().all(|text| text.is_empty() || is_word(text)) {
                    return None;
                }
                let shown = |text: &str| if text.is_empty() { EMPTY } else { text }.to_owned();
                let all: Vec<_> = all.into_iter().map(shown).collect();
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
        if is_plain && WAY.iter().any(|name| root.child(name).is_some()) {
            names.extend(WAY);
            self.way(root, draft)?;
        }
        if kind.is_for_broker() {
            names.push("lint");
            draft.lint = linted(root)?;
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

/// What the document says of lint; on without it.
fn linted(root: &Node) -> Option<bool> {
    match root.child("lint").map(|lint| &lint.value) {
        None => Some(true),
        Some(Value::Bool(lint)) => Some(*lint),
        Some(_) => None,
    }
}

/// The registration, once more.
fn introduce(root: &Node, draft: &mut Draft) -> Option<()> {
    known(root, &["register"])?;
    let inside = root.child("register")?;
    let names: Vec<_> = draft.kind.lines().iter().map(|line| line.name).collect();
    known(inside, &names)?;
    for (line, name) in draft.lines.iter_mut().zip(names) {
        *line = LineEdit::new(word(inside, name)?);
    }
    Some(())
}

/// What is written in a field of one line: nothing, `null`, or a string.
fn line(node: Option<&Node>) -> Option<LineEdit> {
    Some(LineEdit::new(match node {
        None => "",
        Some(node) if node.value == Value::Null => "null",
        // It would be taken for nothing, or for no value at all.
        Some(node) => string(node).filter(|text| !matches!(text.trim(), "" | "null"))?,
    }))
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
