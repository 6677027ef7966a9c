//! Explanations to lines, and the figures of a run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::lines::Event;
use crate::body::write_json_string;
use crate::entry::line::VERSION;
use crate::protocol::savetowebsocket::{Explanation, Shape, Standing, Verdict, gist};
use crate::sanitise;
use crate::schema::scan;

/// How explanations are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object per line.
    #[default]
    Json,
    /// Three lines for each event, for reading.
    Text,
}

/// Most characters of a type that are repeated.
const KIND_MAX: usize = 60;
/// Names for a filter and the field that are counted apart.
type Deciding = BTreeMap<(&'static str, String), u64>;

/// Writes explanations and counts them.
pub(super) struct Report {
    format: Format,
    standings: [u64; 4],
    documented: Deciding,
    coded: Deciding,
    unread: Deciding,
    /// Lines that told of something else.
    pub(super) skipped: u64,
}

impl Report {
    pub(super) const fn new(format: Format) -> Self {
        Self {
            format,
            standings: [0; 4],
            documented: Deciding::new(),
            coded: Deciding::new(),
            unread: Deciding::new(),
            skipped: 0,
        }
    }

    /// Counts an explanation and appends its lines to `out`.
    pub(super) fn take(
        &mut self,
        event: &Event,
        standing: Standing,
        explanation: &Explanation,
        out: &mut String,
    ) {
        self.standings[standing as usize] += 1;
        let Explanation { documented, coded } = explanation;
        if !documented.passes {
            count(&mut self.documented, documented);
        }
        if !coded.passes {
            count(&mut self.coded, coded);
        } else if coded.unread {
            count(&mut self.unread, coded);
        }
        match self.format {
            Format::Json => json(event, standing, explanation, out),
            Format::Text => text(event, standing, explanation, out),
        }
    }

    /// The figures, as lines for people.
    pub(super) fn summary(&self) -> String {
        let all: u64 = self.standings.iter().sum();
        let mut out = format!("{all} event{}", if all == 1 { "" } else { "s" });
        for standing in Standing::ALL {
            let count = self.standings[standing as usize];
            let _ = write!(out, " · {} {count}", standing.name().replace('_', " "));
        }
        out.push('\n');
        for (what, deciding) in [
            ("as documented dropped by", &self.documented),
            ("as coded dropped by", &self.coded),
            ("as coded let through unread by", &self.unread),
        ] {
            if deciding.is_empty() {
                continue;
            }
            let told: Vec<String> = deciding
                .iter()
                .map(|((filter, field), count)| match field.as_str() {
                    "" => format!("{filter} {count}"),
                    field => format!("{filter} {count} ({field})"),
                })
                .collect();
            let _ = writeln!(out, "{what}: {}", sanitise::line(&told.join(" · ")));
        }
        if self.skipped > 0 {
            let _ = writeln!(out, "{} lines of tail that carry no event", self.skipped);
        }
        out
    }
}

fn count(deciding: &mut Deciding, verdict: &Verdict) {
    let filter = verdict.filter.unwrap_or("no event");
    let field = match (&verdict.field, &verdict.found) {
        (Some(field), Some(_)) => field.clone(),
        (Some(field), None) => format!("no {field}"),
        (None, _) => String::new(),
    };
    *deciding.entry((filter, field)).or_default() += 1;
}

fn kind(event: &Event) -> Option<String> {
    let kind = scan::string(scan::member(&event.bytes, "type")?)?;
    Some(kind.chars().take(KIND_MAX).collect())
}

fn json(event: &Event, standing: Standing, explanation: &Explanation, out: &mut String) {
    let _ = write!(
        out,
        "{{\"v\":{VERSION},\"type\":\"explanation\",\"line\":{}",
        event.line
    );
    if let Some(seq) = event.seq {
        let _ = write!(out, ",\"seq\":{seq}");
    }
    if let Some(kind) = kind(event) {
        out.push_str(",\"event\":");
        write_json_string(&kind, out);
    }
    let shape = Shape::of(&event.bytes);
    if shape != Shape::Unknown {
        let _ = write!(out, ",\"processor\":\"{}\"", shape.processor());
    }
    if let Some(gist) = gist(&event.bytes) {
        out.push_str(",\"gist\":");
        write_json_string(&gist, out);
    }
    let _ = write!(out, ",\"standing\":\"{}\"", standing.name());
    for (name, verdict) in [
        ("documented", &explanation.documented),
        ("coded", &explanation.coded),
    ] {
        let _ = write!(out, ",\"{name}\":{{\"passes\":{}", verdict.passes);
        for (key, text) in [
            ("filter", verdict.filter),
            ("field", verdict.field.as_deref()),
            ("found", verdict.found.as_deref()),
            ("why", Some(&*verdict.why)),
            ("fix", verdict.fix.as_deref()),
        ] {
            if let Some(text) = text {
                let _ = write!(out, ",\"{key}\":");
                write_json_string(text, out);
            }
        }
        out.push('}');
    }
    out.push_str("}\n");
}

fn text(event: &Event, standing: Standing, explanation: &Explanation, out: &mut String) {
    let kind = kind(event).unwrap_or_else(|| "no type".to_owned());
    let _ = writeln!(
        out,
        "line {} · {} · {}",
        event.line,
        sanitise::line(&kind),
        standing.meaning()
    );
    if let Some(gist) = gist(&event.bytes) {
        let _ = writeln!(out, "  {}", sanitise::line(&gist));
    }
    for (name, verdict) in [
        ("as documented", &explanation.documented),
        ("as coded", &explanation.coded),
    ] {
        let decided = match (verdict.passes, verdict.filter) {
            (true, _) => "passes".to_owned(),
            (false, None) => "dropped".to_owned(),
            (false, Some(filter)) => format!("dropped by {filter}"),
        };
        let _ = writeln!(
            out,
            "  {name:<14} {decided}: {}",
            sanitise::line(&verdict.why)
        );
        if let Some(fix) = &verdict.fix {
            let _ = writeln!(out, "  {:<14} → {}", "", sanitise::line(fix));
        }
    }
}
