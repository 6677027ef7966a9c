//! From a form to the document it stands for, and back where a document fits a form.
//!
//! What is sent is always the document, read by [`crate::compose`]: so it is what `wspect send`
//! takes, and what `$EDITOR` is opened on.

mod json;
mod read;

use crate::body::write_json_string;
use crate::protocol::Settings;
use crate::protocol::raccoon::{Transport, Wire};
use crate::tui::state::line::LineEdit;

use super::answer::AnswerForm;
use super::draft::Draft;
use super::event::Encoding;
use super::filters;
use super::kind::Kind;

pub use json::{one_value, packed};
pub use read::read;

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
        Kind::Reply => reply(draft, &mut out),
        Kind::Introduce => introduce(draft, &mut out),
        Kind::Text | Kind::Hex | Kind::Base64 => {
            out.text.push('{');
            out.key(draft.kind.key());
            out.string(draft.body.text());
            for (name, value) in way(draft, settings) {
                out.text.push_str(", ");
                out.key(name);
                out.text.push_str(value);
            }
            out.text.push('}');
        }
        _ => small(draft, &mut out),
    }
    out
}

fn batch(draft: &Draft, settings: &Settings, out: &mut Written) {
    out.text.push_str("{\n");
    for (name, line) in [("req_guid", &draft.guid), ("sent_time", &draft.sent_time)] {
        let text = line.text().trim();
        if text.is_empty() {
            continue;
        }
        out.text.push_str("  ");
        out.key(name);
        let is_object = name == "sent_time" && text.starts_with('{') && one_value(text).is_ok();
        if text == "null" || is_object {
            out.text.push_str(text);
        } else {
            write_json_string(text, &mut out.text);
        }
        out.text.push_str(",\n");
    }
    for (name, value) in way(draft, settings) {
        out.text.push_str("  ");
        out.key(name);
        out.text.push_str(value);
        out.text.push_str(",\n");
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
        let message = event.message.text().trim();
        if event.has_message() && !message.is_empty() {
            out.key("message");
            write_json_string(message, &mut out.text);
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

/// How a message to Raccoon is sent, where the profile does not say the same: key and value.
fn way(draft: &Draft, settings: &Settings) -> Vec<(&'static str, &'static str)> {
    let settings = &settings.raccoon;
    let mut members = Vec::new();
    let Some(transport) = draft.transport else {
        return members;
    };
    let is_grpc = transport == Transport::Grpc;
    if transport != settings.transport.unwrap_or_default() {
        members.push((
            "transport",
            match transport {
                Transport::WebSocket => "\"websocket\"",
                Transport::Rest => "\"rest\"",
                Transport::Grpc => "\"grpc\"",
            },
        ));
    }
    let wire = if is_grpc { Wire::Protobuf } else { draft.wire };
    if draft.kind == Kind::Batch && wire != settings.wire {
        members.push((
            "wire",
            match wire {
                Wire::Protobuf => "\"protobuf\"",
                Wire::Json => "\"json\"",
            },
        ));
    }
    if !draft.lint {
        members.push(("lint", "false"));
    }
    members
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
            write_json_string(&filters::own(word), &mut out.text);
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
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
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
            out.text.push_str(&number(line.text(), "1000"));
        } else {
            write_json_string(line.text(), &mut out.text);
        }
    }
    if kind.body().is_some() && !draft.body.is_blank() {
        out.text.push_str(", ");
        out.key("payload");
        out.json(draft.body.text(), 0);
    }
    unlinted(draft, out);
    out.text.push('}');
}

/// Says that the draft is to be sent whatever becomes of it, if that is so.
fn unlinted(draft: &Draft, out: &mut Written) {
    if draft.kind.is_for_broker() && !draft.lint {
        out.text.push_str(", \"lint\": false");
    }
}

/// An answer to a call of the broker.
fn reply(draft: &Draft, out: &mut Written) {
    let line = |index: usize| draft.lines.get(index).map_or("", LineEdit::text);
    out.text.push('{');
    out.key("reply");
    write_json_string(line(0), &mut out.text);
    if !line(1).is_empty() {
        out.text.push_str(", ");
        out.key("topic");
        write_json_string(line(1), &mut out.text);
    }
    let form = draft.answer;
    if form != AnswerForm::Payload || !draft.body.is_blank() {
        out.text.push_str(", ");
        out.key(form.key());
        match form {
            AnswerForm::Payload => out.json(draft.body.text(), 0),
            AnswerForm::Verbatim => out.string(draft.body.text()),
            AnswerForm::Soft => write_json_string(line(3), &mut out.text),
            AnswerForm::Unhandled | AnswerForm::Silence => out.text.push_str("true"),
            AnswerForm::Failure => {
                out.text.push('{');
                out.key("code");
                out.text.push_str(&number(line(2), "500"));
                out.text.push_str(", ");
                out.key("message");
                write_json_string(line(3), &mut out.text);
                out.text.push('}');
            }
        }
    }
    unlinted(draft, out);
    out.text.push('}');
}

/// The registration, once more.
fn introduce(draft: &Draft, out: &mut Written) {
    out.text.push_str("{\"register\": {");
    let mut gap = "";
    for (line, about) in draft.lines.iter().zip(draft.kind.lines()) {
        if line.text().is_empty() {
            continue;
        }
        out.text.push_str(gap);
        gap = ", ";
        out.key(about.name);
        write_json_string(line.text(), &mut out.text);
    }
    out.text.push_str("}}");
}

/// A number as it stands; anything else as a string, for the reader to complain about.
fn number(text: &str, usual: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return usual.to_owned();
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 9 && !text.starts_with('0') {
        return text.to_owned();
    }
    let mut quoted = String::new();
    write_json_string(text, &mut quoted);
    quoted
}

#[cfg(test)]
mod tests;
