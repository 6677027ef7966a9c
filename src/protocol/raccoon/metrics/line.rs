//! A scrape as members of a JSON line, and as a row of text.

use std::fmt::Write as _;

use super::Picture;
use crate::body::write_json_string;

impl Picture {
    /// Appends what a scrape found as members of a JSON object, each with its comma: `url`,
    /// `attempt`, `took_ms`, and either `error` or `values`, `moved`, `findings` and `advice`.
    pub fn write_json(&self, out: &mut String) {
        out.push_str(",\"url\":");
        write_json_string(&self.url, out);
        let millis = self.took.as_millis();
        let _ = write!(out, ",\"attempt\":{},\"took_ms\":{millis}", self.attempts);
        if let Some(error) = &self.error {
            out.push_str(",\"error\":");
            write_json_string(error, out);
            return;
        }
        let series = self.history.series();
        let values = series.iter().map(|series| (series.key(), series.value()));
        numbers("values", values, out);
        let moved = series.iter().filter_map(|series| {
            let newest = series.moved_last()?;
            (newest != 0.0).then(|| (series.key(), newest))
        });
        numbers("moved", moved, out);
        self.write_findings(out);
        if self.advice.is_empty() {
            return;
        }
        for (index, sentence) in self.advice.iter().enumerate() {
            out.push_str(if index == 0 { ",\"advice\":[" } else { "," });
            write_json_string(sentence, out);
        }
        out.push(']');
    }

    fn write_findings(&self, out: &mut String) {
        out.push_str(",\"findings\":[");
        for (index, row) in self.rows.iter().enumerate() {
            out.push_str(if index == 0 {
                "{\"what\":"
            } else {
                ",{\"what\":"
            });
            write_json_string(&row.what, out);
            let _ = write!(out, ",\"did\":{},\"counter\":", row.did);
            write_json_string(&row.counter, out);
            if let Some(moved) = row.moved.filter(|moved| moved.is_finite()) {
                let _ = write!(out, ",\"moved\":{moved}");
            }
            if let Some(remark) = &row.remark {
                out.push_str(",\"remark\":");
                write_json_string(remark, out);
            }
            out.push('}');
        }
        out.push(']');
    }

    /// A sentence for reading along. Not sanitised.
    #[must_use]
    pub fn sentence(&self) -> String {
        if let Some(error) = &self.error {
            return error.clone();
        }
        let mut text = format!("{} series", self.history.series().len());
        let mut moved: Vec<_> = self
            .history
            .series()
            .iter()
            .filter_map(|series| Some((series.key(), series.moved_last()?)))
            .filter(|(_, moved)| *moved != 0.0)
            .collect();
        moved.truncate(8);
        for (key, moved) in moved {
            let _ = write!(text, " · {key} {moved:+}");
        }
        for row in &self.rows {
            if let Some(remark) = &row.remark {
                let _ = write!(text, " ⚠ {}: {remark}", row.what);
            }
        }
        for sentence in &self.advice {
            let _ = write!(text, " ⚠ {sentence}");
        }
        text
    }
}

/// An object of finite numbers by series.
fn numbers(name: &str, all: impl Iterator<Item = (String, f64)>, out: &mut String) {
    let _ = write!(out, ",\"{name}\":{{");
    let finite = all.filter(|(_, value)| value.is_finite());
    for (index, (key, value)) in finite.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_json_string(&key, out);
        let _ = write!(out, ":{value}");
    }
    out.push('}');
}
