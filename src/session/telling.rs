//! A snapshot at the end of a headless run: members of the `summary` line, or sentences.

use std::fmt::Write as _;
use std::time::Duration;

use super::snapshot::{Answers, LabelLatency, LatencySummary, Snapshot};
use crate::body::write_json_string;
use crate::entry::Outcome;

impl Snapshot {
    /// Appends what the snapshot knows beyond the statistics of entries, as members of a JSON
    /// object, each with its comma; what there is none of is left out.
    pub fn write_json(&self, out: &mut String) {
        for (name, rows) in [
            ("latency_by_kind", &self.by_label),
            ("latency_by_way", &self.by_group),
        ] {
            if rows.is_empty() {
                continue;
            }
            let _ = write!(out, ",\"{name}\":");
            latencies(rows, out);
        }
        if !self.counts.is_empty() {
            out.push_str(",\"codes\":");
            counts(self.counts.iter().copied(), out);
        }
        self.answers.write_json(out);
        if let Some(broker) = &self.broker {
            broker.write_json(out);
        }
        let mut groups: Vec<&'static str> = Vec::new();
        for fact in self.standing.iter() {
            if !groups.contains(&fact.group) {
                groups.push(fact.group);
            }
        }
        if groups.is_empty() {
            return;
        }
        out.push_str(",\"standing\":");
        object(out, &groups, |group, out| {
            let _ = write!(out, "\"{group}\":");
            let facts = self.standing.iter().filter(|fact| fact.group == *group);
            object(out, facts, |fact, out| {
                write_json_string(fact.name, out);
                out.push(':');
                write_json_string(&self.told(fact), out);
            });
        });
    }

    /// What is worth a line of its own after the summary of `send`: latencies where there are
    /// several kinds or ways, replies that are no plain success, warnings.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for rows in [&self.by_label, &self.by_group] {
            if rows.len() > 1 {
                lines.extend(rows.iter().map(latency_line));
            }
        }
        if self.counts.len() > 1 {
            let counts: Vec<_> = self
                .counts
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            lines.push(counts.join(" · "));
        }
        lines.extend(self.answers.sentences());
        let warnings = self.standing.iter().filter(|fact| fact.warning);
        lines.extend(warnings.map(|fact| format!("{}: {}", fact.name, self.told(fact))));
        lines
    }

    /// The fact's value with the moment it is about.
    fn told(&self, fact: &crate::protocol::Fact) -> String {
        let Some(at) = fact.at else {
            return fact.value.clone();
        };
        let (ago, ahead) = (self.at.since(at), at.since(self.at));
        if ahead > Duration::ZERO {
            format!("{} in {:.1} s", fact.value, ahead.as_secs_f64())
        } else {
            format!("{} {:.1} s ago", fact.value, ago.as_secs_f64())
        }
    }
}

impl Answers {
    /// True if the peer ever asked anything.
    #[must_use]
    pub fn any(&self) -> bool {
        self.open > 0 || self.lost > 0 || self.outcomes.iter().any(|count| *count > 0)
    }

    /// Appends the member `answers` with its comma, if the peer ever asked anything.
    fn write_json(&self, out: &mut String) {
        if !self.any() {
            return;
        }
        out.push_str(",\"answers\":{\"outcomes\":");
        let outcomes = Outcome::ALL.iter().zip(self.outcomes);
        let outcomes = outcomes.map(|(outcome, count)| (outcome.name(), count));
        counts(outcomes.filter(|(_, count)| *count > 0), out);
        out.push_str(",\"codes\":");
        counts(self.counts.iter().copied(), out);
        let _ = write!(out, ",\"open\":{},\"lost\":{}", self.open, self.lost);
        out.push_str(",\"latency_us\":");
        write_latency(self.latency, out);
        out.push_str(",\"latency_by_kind\":");
        latencies(&self.by_label, out);
        out.push('}');
    }

    /// What is worth a line of its own: how fast, by topic, and what became of the answers.
    fn sentences(&self) -> Vec<String> {
        if !self.any() {
            return Vec::new();
        }
        let mut line = "answers of ours:".to_owned();
        for (name, count) in &self.counts {
            let _ = write!(line, " {name} {count} ·");
        }
        if self.lost > 0 {
            let _ = write!(line, " not answered in time {} ·", self.lost);
        }
        let mut lines = vec![line.trim_end_matches([' ', '·', ':']).to_owned()];
        lines.extend(
            self.by_label
                .iter()
                .map(|row| format!("answered {}", latency_line(row))),
        );
        lines
    }
}

fn latencies(rows: &[LabelLatency], out: &mut String) {
    object(out, rows, |row, out| {
        write_json_string(&row.label, out);
        out.push(':');
        write_latency(row.latency, out);
    });
}

fn counts(counts: impl Iterator<Item = (&'static str, u64)>, out: &mut String) {
    object(out, counts, |(name, count), out| {
        let _ = write!(out, "\"{name}\":{count}");
    });
}

fn object<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(T, &mut String),
) {
    out.push('{');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push('}');
}

/// As `latency_us` of the same line.
fn write_latency(latency: LatencySummary, out: &mut String) {
    let LatencySummary {
        count,
        p50,
        p90,
        p99,
        max,
    } = latency;
    let [p50, p90, p99, max] = [p50, p90, p99, max].map(|time| time.as_micros());
    let _ = write!(
        out,
        "{{\"count\":{count},\"p50\":{p50},\"p90\":{p90},\"p99\":{p99},\"max\":{max}}}"
    );
}

fn latency_line(row: &LabelLatency) -> String {
    let LatencySummary {
        count,
        p50,
        p90,
        p99,
        max,
    } = row.latency;
    let [p50, p90, p99, max] = [p50, p90, p99, max].map(|time| time.as_secs_f64() * 1e3);
    format!(
        "{}: p50 {p50:.1} p90 {p90:.1} p99 {p99:.1} max {max:.1} ms × {count}",
        row.label
    )
}
