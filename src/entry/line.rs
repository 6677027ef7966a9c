//! An entry as one line: a JSON object for programs, or a row of text for people.
//!
//! `tail`, `send` and the jq filter all use [`Line::write_json`], so a filter sees exactly the
//! object that is printed. `docs/output.md` documents every key.

use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::TimeZone;

use super::record::{Entry, EntryKind};
use super::summary::Outcome;
use crate::body::{Body, PayloadReading, write_json_string};
use crate::frame::{Direction, Exchange, FrameKind};
use crate::sanitise;

/// Version of the lines' format, their member `v`.
pub const VERSION: u32 = 1;

static PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));

/// An entry with what a line tells besides.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The entry.
    pub entry: &'a Entry<'a>,
    /// Name of its session.
    pub session: &'a str,
    /// Name of its session's system, once known.
    pub system: Option<&'a str>,
    /// The decoded frame, if it is wanted. Also gives `key`, and adds to `notes` and `error`.
    pub body: Option<&'a Body>,
    /// Whether the payload itself is wanted, as `text` or `base64`.
    pub raw: bool,
}

/// Appends the members every line begins with; the brace is left open.
pub fn write_head(out: &mut String, wall_us: i64, session: &str, seq: u64, kind: &str) {
    let _ = write!(out, "{{\"v\":{VERSION},\"at\":\"");
    write_time(out, wall_us);
    out.push_str("\",\"session\":");
    write_json_string(session, out);
    let _ = write!(out, ",\"seq\":{seq},\"type\":\"{kind}\"");
}

/// Appends RFC 3339 in UTC with microseconds.
fn write_time(out: &mut String, wall_us: i64) {
    let at = Timestamp::from_microsecond(wall_us).unwrap_or(Timestamp::UNIX_EPOCH);
    // Writing to a `String` does not fail.
    let _ = PRINTER.print_timestamp(&at, out);
}

impl Line<'_> {
    /// Appends the JSON object, on one line and without a line break at its end. Safe for a
    /// terminal: what could move the cursor or reorder text is escaped.
    pub fn write_json(&self, out: &mut String) {
        let entry = self.entry;
        let head = |out: &mut String, kind| {
            write_head(out, entry.at.wall_us, self.session, entry.seq, kind);
        };
        match entry.kind {
            EntryKind::Frame(kind) => {
                head(out, "frame");
                self.write_frame(kind, out);
            }
            EntryKind::Lifecycle => {
                head(out, "lifecycle");
                write_facts(entry.payload, out);
                self.write_notes(out);
            }
            EntryKind::Lost => {
                head(out, "lost");
                write_facts(entry.payload, out);
                if let Some(ask) = entry.pair {
                    let _ = write!(out, ",\"pair\":{ask}");
                }
                self.write_notes(out);
            }
        }
        out.push('}');
    }

    fn write_frame(&self, kind: FrameKind, out: &mut String) {
        let entry = self.entry;
        let _ = write!(
            out,
            ",\"dir\":\"{}\",\"kind\":\"{}\",\"size\":{}",
            entry.direction.name(),
            kind.name(),
            entry.size()
        );
        if let Some(exchange) = entry.frame().and_then(|frame| frame.exchange()) {
            write_exchange(&exchange, out);
        }
        if let Some(system) = self.system {
            out.push_str(",\"system\":");
            write_json_string(system, out);
        }
        let _ = write!(out, ",\"badge\":\"{}\",\"label\":", entry.badge.name());
        write_json_string(entry.label, out);
        if let Some(gist) = self.body.and_then(|body| body.gist.as_deref()) {
            out.push_str(",\"gist\":");
            write_json_string(gist, out);
        }
        if let Some(shape) = self.body.and_then(|body| body.shape) {
            out.push_str(",\"shape\":");
            write_json_string(shape, out);
        }
        if let Some(key) = self.body.and_then(|body| body.key.as_deref()) {
            out.push_str(",\"key\":");
            write_json_string(key, out);
        }
        if let Some(latency) = entry.latency {
            let _ = write!(out, ",\"latency_us\":{}", latency.as_micros());
        }
        if let Some(outcome) = entry.outcome {
            let _ = write!(out, ",\"outcome\":\"{}\"", outcome.name());
        }
        if entry.asks {
            out.push_str(",\"asks\":true");
        }
        if let Some(pair) = entry.pair {
            let _ = write!(out, ",\"pair\":{pair}");
        }
        self.write_notes(out);
        if let Some(body) = self.body {
            out.push_str(",\"body\":");
            body.root.write_json(out);
            write_readings(&body.readings, out);
        }
        let error = self.body.and_then(|body| body.error.as_deref());
        if let Some(error) = entry.error.or(error) {
            out.push_str(",\"error\":");
            write_json_string(error, out);
        }
        if self.raw {
            write_raw(kind, entry.payload, out);
        }
    }

    /// What is to be remarked: the row's own diagnosis, what its outcome means, what decoding found.
    fn notes(&self) -> impl Iterator<Item = &str> {
        let own = self.entry.note;
        let outcome = self.entry.outcome.and_then(Outcome::remark);
        let decoded = self.body.map_or(&[][..], |body| &body.notes);
        let decoded = decoded.iter().map(String::as_str);
        own.into_iter()
            .chain(outcome)
            .chain(decoded.filter(move |note| own.is_none_or(|own| !own.contains(note))))
    }

    fn write_notes(&self, out: &mut String) {
        let mut notes = self.notes().peekable();
        if notes.peek().is_none() {
            return;
        }
        out.push_str(",\"notes\":[");
        for (index, note) in notes.enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_json_string(note, out);
        }
        out.push(']');
    }

    /// Appends a row of text without a line break: local time, arrow, badge, size, latency,
    /// outcome, label, `gist` (or that of the body), diagnoses. Sanitised.
    pub fn write_text(&self, zone: &TimeZone, gist: Option<&str>, out: &mut String) {
        let entry = self.entry;
        write_clock(entry.at.wall_us, zone, out);
        let is_frame = matches!(entry.kind, EntryKind::Frame(_));
        let arrow = match (is_frame, entry.direction) {
            (false, _) => '·',
            (true, Direction::In) => '↓',
            (true, Direction::Out) => '↑',
        };
        let _ = write!(out, " {arrow} {:<12} ", entry.badge.name());
        if is_frame {
            let size = bytes(entry.size() as u64);
            let latency = entry.latency.map(millis).unwrap_or_default();
            let outcome = entry.outcome.map_or("", Outcome::name);
            let _ = write!(out, "{size:>8} {latency:>10} {outcome:<9} ");
        }
        out.push_str(&sanitise::line(&entry.title()));
        if !is_frame {
            write_facts_text(entry.payload, out);
        }
        let body = self.body;
        if let Some(gist) = gist.or_else(|| body?.gist.as_deref()) {
            let _ = write!(out, "  {}", sanitise::line(gist));
        }
        let error = entry
            .error
            .or_else(|| body.and_then(|body| body.error.as_deref()));
        let remarks = self.notes().chain(error);
        for remark in remarks {
            let _ = write!(out, " ⚠ {}", sanitise::line(remark));
        }
        out.truncate(out.trim_end().len());
    }
}

fn write_readings(readings: &[PayloadReading], out: &mut String) {
    for (index, reading) in readings.iter().enumerate() {
        out.push_str(if index == 0 { ",\"readings\":[" } else { "," });
        reading.write_json(out);
    }
    if !readings.is_empty() {
        out.push(']');
    }
}

/// Appends the members of a JSON object, each with its comma. The facts come from the session,
/// but the texts in them from outside, and not every writer escapes what a terminal obeys.
fn write_facts(facts: &[u8], out: &mut String) {
    let facts = String::from_utf8_lossy(facts);
    let Some(members) = facts
        .trim()
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    else {
        out.push_str(",\"facts\":");
        return write_json_string(&facts, out);
    };
    if members.trim().is_empty() {
        return;
    }
    out.push(',');
    for c in members.chars() {
        if !sanitise::is_unsafe(c) {
            out.push(c);
        } else if matches!(c, '\n' | '\r' | '\t') {
            // Inside a text they are escaped already, so this one is between members.
            out.push(' ');
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

/// Appends what is told besides the label: a sentence if there is one, else the plain facts.
fn write_facts_text(facts: &[u8], out: &mut String) {
    let Ok(facts) = serde_json::from_slice::<serde_json::Map<_, serde_json::Value>>(facts) else {
        let _ = write!(out, " {}", sanitise::bytes_line(facts));
        return;
    };
    if let Some(detail) = facts.get("detail").and_then(|detail| detail.as_str()) {
        let _ = write!(out, ": {}", sanitise::line(detail));
        return;
    }
    for (name, value) in facts
        .iter()
        .filter(|(name, _)| *name != "state" && *name != "label")
    {
        match value {
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => {}
            serde_json::Value::String(text) => {
                let _ = write!(out, " {name}={}", sanitise::line(text));
            }
            value => {
                let _ = write!(out, " {name}={value}");
            }
        }
    }
}

/// Appends the head of a request or response.
fn write_exchange(exchange: &Exchange<'_>, out: &mut String) {
    out.push_str(",\"http\":{\"start\":");
    write_json_string(&exchange.start_line(), out);
    if let Some(status) = exchange.status() {
        let _ = write!(out, ",\"status\":{status}");
    }
    out.push_str(",\"headers\":[");
    for (index, (name, value)) in exchange.headers().enumerate() {
        out.push_str(if index > 0 { ",[" } else { "[" });
        write_json_string(&name, out);
        out.push(',');
        write_json_string(&value, out);
        out.push(']');
    }
    out.push_str("]}");
}

fn write_raw(kind: FrameKind, payload: &[u8], out: &mut String) {
    let text = match kind {
        FrameKind::Binary | FrameKind::Close => None,
        _ => simdutf8::basic::from_utf8(payload).ok(),
    };
    if let Some(text) = text {
        out.push_str(",\"text\":");
        write_json_string(text, out);
    } else {
        out.push_str(",\"base64\":\"");
        STANDARD.encode_string(payload, out);
        out.push('"');
    }
}

/// Appends the local time of day with milliseconds.
pub fn write_clock(wall_us: i64, zone: &TimeZone, out: &mut String) {
    let at = Timestamp::from_microsecond(wall_us).unwrap_or(Timestamp::UNIX_EPOCH);
    let time = zone.to_datetime(at).time();
    let _ = write!(
        out,
        "{:02}:{:02}:{:02}.{:03}",
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond()
    );
}

/// `842 B`, `1.2 kB`, `16.8 MB`: powers of ten, as rates are given.
fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

fn millis(latency: Duration) -> String {
    let millis = latency.as_secs_f64() * 1e3;
    if millis < 1_000.0 {
        format!("{millis:.1} ms")
    } else {
        format!("{:.2} s", millis / 1e3)
    }
}

#[cfg(test)]
mod tests;
