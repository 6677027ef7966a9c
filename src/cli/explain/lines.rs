//! Events out of lines: bare ones, ones spread over several lines, and those in lines of `tail`.

use std::io::{self, BufRead, Read as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::schema::gojson::Value;
use crate::schema::scan;

/// Most bytes of one event and what is around it.
const EVENT_MAX: usize = 64 << 20;

/// Something read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// An event.
    Event(Event),
    /// A line of `tail` that tells of something else.
    Other,
    /// What is no event.
    Bad { line: u64, why: String },
}

/// An event and where it stood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// Its first line, from 1.
    pub(super) line: u64,
    /// `seq` of the line of `tail` it came in.
    pub(super) seq: Option<u64>,
    /// The event, as it was on the wire or as it was decoded.
    pub(super) bytes: Vec<u8>,
}

/// Reads one event after the other.
pub(super) struct Lines<R> {
    input: R,
    /// Lines read.
    line: u64,
    /// A line that was read ahead.
    next: Option<Vec<u8>>,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(input: R) -> Self {
        Self {
            input,
            line: 0,
            next: None,
        }
    }

    /// The next line with its break; empty at the end.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        self.line += 1;
        if let Some(line) = self.next.take() {
            return Ok(line);
        }
        let mut line = Vec::new();
        let limit = EVENT_MAX as u64 + 1;
        (&mut self.input).take(limit).read_until(b'\n', &mut line)?;
        if line.len() > EVENT_MAX {
            return Err(io::Error::other(format!(
                "line {} is longer than 64 MiB",
                self.line
            )));
        }
        Ok(line)
    }

    /// What comes next; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Item>> {
        let mut text = loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(None);
            }
            if !line.trim_ascii().is_empty() {
                break line;
            }
        };
        let first = self.line;
        if text.starts_with(b"{") && scan::value(&text).is_none() {
            self.gather(&mut text)?;
        }
        Ok(Some(item(first, text.trim_ascii())))
    }

    /// Adds lines to an object that did not end on its first, as tools print them: members are
    /// indented, the closing brace is not. Another brace at the beginning of a line starts
    /// another event.
    fn gather(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let line = self.line()?;
            if line.is_empty() || line.starts_with(b"{") {
                self.line -= 1;
                self.next = (!line.is_empty()).then_some(line);
                return Ok(());
            }
            text.extend_from_slice(&line);
            if text.len() > EVENT_MAX || line.starts_with(b"}") {
                return Ok(());
            }
        }
    }
}

fn item(line: u64, text: &[u8]) -> Item {
    let bad = |why: String| Item::Bad { line, why };
    if let Err(error) = Value::parse(text) {
        return bad(error.to_string());
    }
    let string = |name| scan::member(text, name).and_then(scan::string);
    let is_tail = ["v", "at", "session", "seq"]
        .iter()
        .all(|name| scan::member(text, name).is_some());
    if !is_tail {
        return Item::Event(Event {
            line,
            seq: None,
            bytes: text.to_vec(),
        });
    }
    let is = |name, value: &str| string(name).is_some_and(|found| found == value);
    if !is("type", "frame") || !is("dir", "in") || !is("badge", "event") {
        return Item::Other;
    }
    let base64 = || STANDARD.decode(string("base64")?.as_bytes()).ok();
    let bytes = string("text")
        .map(|text| text.into_owned().into_bytes())
        .or_else(base64)
        .or_else(|| scan::member(text, "body").map(<[u8]>::to_vec));
    let Some(bytes) = bytes else {
        return bad("a line of tail without body, text or base64; leave out --no-body".to_owned());
    };
    let seq = scan::member(text, "seq").and_then(|seq| std::str::from_utf8(seq).ok()?.parse().ok());
    Item::Event(Event { line, seq, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Item> {
        let mut lines = Lines::new(text.as_bytes());
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    fn event(line: u64, text: &str) -> Item {
        Item::Event(Event {
            line,
            seq: None,
            bytes: text.as_bytes().to_vec(),
        })
    }

    #[test]
    fn one_event_per_line_and_bad_lines_in_between() {
        let items = read("{\"a\":1}\n\n  {\"b\":2}\r\noops\n[1]\n{\"c\":3}");
        assert_eq!(items[0], event(1, "{\"a\":1}"));
        assert_eq!(items[1], event(3, "{\"b\":2}"));
        assert!(matches!(&items[2], Item::Bad { line: 4, why } if why.contains("not JSON")));
        assert_eq!(items[3], event(5, "[1]"));
        assert_eq!(items[4], event(6, "{\"c\":3}"));
        assert_eq!(items.len(), 5);
    }

    #[test]
    fn an_event_may_be_spread_over_lines() {
        let items = read("{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\"c\":3}\n");
        assert_eq!(items[0], event(1, "{\n  \"a\": {\n    \"b\": 1\n  }\n}"));
        assert_eq!(items[1], event(6, "{\"c\":3}"));
    }

    #[test]
    fn a_line_cut_short_costs_only_itself() {
        let items = read("{\"a\":\n{\"b\":2}\n{\"c\":");
        assert!(matches!(items[0], Item::Bad { line: 1, .. }));
        assert_eq!(items[1], event(2, "{\"b\":2}"));
        assert!(matches!(items[2], Item::Bad { line: 3, .. }));
        assert_eq!(items.len(), 3);
    }

    #[test]
    fn lines_of_tail_give_what_they_carry() {
        let head = r#"{"v":1,"at":"2026-01-01T00:00:00Z","session":"s","seq":7,"type":"frame","dir":"in","badge":"event""#;
        let text = format!(
            "{head},\"body\":{{\"n\":12345678901234567890}}}}\n\
             {head},\"body\":{{}},\"text\":\"{{\\\"a\\\": 1}}\"}}\n\
             {head},\"base64\":\"e30=\"}}\n\
             {head}}}\n{}\n",
            head.replace("\"event\"", "\"welcome\"") + "}",
        );
        let items = read(&text);
        let carried: Vec<_> = items
            .iter()
            .map(|item| match item {
                Item::Event(event) => String::from_utf8_lossy(&event.bytes).into_owned(),
                Item::Other => "other".to_owned(),
                Item::Bad { why, .. } => why.clone(),
            })
            .collect();
        assert_eq!(
            carried[..3],
            ["{\"n\":12345678901234567890}", "{\"a\": 1}", "{}"]
        );
        assert!(carried[3].contains("--no-body"));
        assert_eq!(carried[4], "other");
        assert!(matches!(&items[0], Item::Event(event) if event.seq == Some(7)));
    }
}
