//! Prometheus's text format, read as far as it can be: total, bounded, forgiving line by line.
//!
//! ```text
//! # TYPE batches_read_total counter
//! batches_read_total{conn_group="--default--",status="success"} 4
//! ```

use std::collections::HashMap;

/// Most samples of one page.
pub const SAMPLES_MAX: usize = 20_000;
/// Most labels of one sample.
const LABELS_MAX: usize = 32;
/// Longest line, bytes.
const LINE_MAX: usize = 16 << 10;
/// Most declared types.
const TYPES_MAX: usize = 10_000;

/// What a metric is, by its `# TYPE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, until the server is restarted.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by upper bound, with a sum.
    Histogram,
    /// Nobody said, or something else.
    #[default]
    Untyped,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Its name, as written.
    pub name: String,
    /// Its labels in alphabetical order.
    pub labels: Vec<(String, String)>,
    /// Its value; may be infinite or no number.
    pub value: f64,
}

/// A page of metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// What is declared of the metrics.
    pub kinds: HashMap<String, Kind>,
    /// The samples in order.
    pub samples: Vec<Sample>,
    /// Lines that are none.
    pub faulty: usize,
    /// Samples beyond [`SAMPLES_MAX`].
    pub left_out: usize,
}

impl Page {
    /// Reads a page. What is no sample is counted, never an error.
    #[must_use]
    pub fn read(text: &[u8]) -> Self {
        let mut page = Self::default();
        for line in text.split(|byte| *byte == b'\n') {
            if line.len() > LINE_MAX {
                page.faulty += 1;
                continue;
            }
            let Ok(line) = std::str::from_utf8(line) else {
                page.faulty += 1;
                continue;
            };
            page.line(line.trim());
        }
        page
    }

    /// True if nothing in it looks like metrics.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.samples.is_empty() && self.kinds.is_empty() && self.faulty > 0
            || self.faulty > self.samples.len()
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
        } else if let Some(comment) = line.strip_prefix('#') {
            self.comment(comment);
        } else if self.samples.len() == SAMPLES_MAX {
            self.left_out += 1;
        } else if let Some(sample) = sample(line) {
            self.samples.push(sample);
        } else {
            self.faulty += 1;
        }
    }

    /// `# TYPE name kind`; all other comments say nothing.
    fn comment(&mut self, comment: &str) {
        let mut words = comment.split_ascii_whitespace();
        let (Some("TYPE"), Some(name), Some(kind)) = (words.next(), words.next(), words.next())
        else {
            return;
        };
        let kind = match kind {
            "counter" => Kind::Counter,
            "gauge" => Kind::Gauge,
            "histogram" => Kind::Histogram,
            _ => Kind::Untyped,
        };
        if self.kinds.len() < TYPES_MAX {
            self.kinds.insert(name.to_owned(), kind);
        }
    }
}

/// `name{label="value"} value [timestamp]`.
fn sample(line: &str) -> Option<Sample> {
    let end = line.find(|c: char| c == '{' || c.is_whitespace())?;
    let (name, mut rest) = line.split_at(end);
    if !is_name(name) {
        return None;
    }
    let mut labels = Vec::new();
    rest = rest.trim_start();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = self::labels(inside, &mut labels)?;
    }
    let mut words = rest.split_ascii_whitespace();
    let value = number(words.next()?)?;
    if let Some(timestamp) = words.next() {
        timestamp.parse::<i64>().ok()?;
    }
    if words.next().is_some() {
        return None;
    }
    labels.sort();
    Some(Sample {
        name: name.to_owned(),
        labels,
        value,
    })
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
}

/// Reads labels up to the closing brace; returns what is behind it.
fn labels<'a>(mut rest: &'a str, labels: &mut Vec<(String, String)>) -> Option<&'a str> {
    loop {
        rest = rest.trim_start();
        if let Some(behind) = rest.strip_prefix('}') {
            return Some(behind);
        }
        let (name, behind) = rest.split_once('=')?;
        let name = name.trim();
        if !is_name(name) || labels.len() == LABELS_MAX {
            return None;
        }
        let (value, behind) = quoted(behind.trim_start().strip_prefix('"')?)?;
        labels.push((name.to_owned(), value));
        rest = behind.trim_start();
        match rest.strip_prefix(',') {
            Some(behind) => rest = behind,
            None if rest.starts_with('}') => {}
            None => return None,
        }
    }
}

/// A text up to its closing quote, which has been opened, and what is behind it. Escapes are `\\`,
/// `\"` and `\n`.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                c @ ('"' | '\\') => value.push(c),
                c => {
                    value.push('\\');
                    value.push(c);
                }
            },
            c => value.push(c),
        }
    }
    None
}

/// Numbers as Go writes them, `+Inf`, `-Inf` and `NaN` among them.
fn number(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    let unsigned = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    let is_word = matches!(unsigned.as_str(), "inf" | "infinity" | "nan");
    (is_word || text.chars().all(plain))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(line: &str) -> Option<Sample> {
        Page::read(line.as_bytes()).samples.pop()
    }

    #[test]
    fn samples_by_case() {
        for (line, name, labels, value) in [
            ("a 1", "a", &[][..], 1.0),
            ("a{} 1 1395066363000", "a", &[], 1.0),
            (
                "  a\t{ b = \"c\" , } +Inf",
                "a",
                &[("b", "c")],
                f64::INFINITY,
            ),
            (
                "a{z=\"1\",b=\"2\"} 3.78e+08",
                "a",
                &[("b", "2"), ("z", "1")],
                3.78e8,
            ),
            (
                r#"a{b="x\"y\\z\n,}="} -2"#,
                "a",
                &[("b", "x\"y\\z\n,}=")],
                -2.0,
            ),
            ("ns:a_b 0x", "", &[], 0.0),
        ] {
            let labels: Vec<_> = labels
                .iter()
                .map(|(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            let expected = (!name.is_empty()).then(|| Sample {
                name: name.to_owned(),
                labels,
                value,
            });
            assert_eq!(one(line), expected, "{line}");
        }
        assert!(one("a NaN").unwrap().value.is_nan());
        for line in [
            "a",
            "1a 2",
            "a{ 1",
            "a{b} 1",
            "a{b=\"c} 1",
            "a{b=\"c\"d=\"e\"} 1",
            "a 1 2 3",
            "a one",
            "a 1 x",
            "a infinite",
            "{} 1",
            "a{=\"c\"} 1",
        ] {
            assert_eq!(one(line), None, "{line}");
        }
    }

    #[test]
    fn a_page_of_the_real_server() {
        let text = include_bytes!("../../../../tests/fixtures/metrics/raccoon-v0.3.0.txt");
        let page = Page::read(text);
        assert_eq!((page.faulty, page.left_out), (0, 0));
        assert!(!page.is_foreign());
        assert_eq!(page.kinds["batches_read_total"], Kind::Counter);
        assert_eq!(page.kinds["event_rtt_ms"], Kind::Histogram);
        let click = page.samples.iter().find(|sample| {
            let event_type = ("event_type".to_owned(), "click".to_owned());
            sample.name == "events_rx_total" && sample.labels.contains(&event_type)
        });
        assert!((click.unwrap().value - 3.0).abs() < 1e-9);
    }

    #[test]
    fn other_pages_are_told_apart() {
        let html = b"<!DOCTYPE html>\n<html>\n<body>404 page not found</body>\n</html>\n";
        assert!(Page::read(html).is_foreign());
        assert!(Page::read(b"404 page not found\n").is_foreign());
        assert!(!Page::read(b"# TYPE a counter\n").is_foreign());
        assert!(!Page::read(b"").is_foreign());
    }

    #[test]
    fn a_page_of_ten_megabytes_is_read_up_to_a_bound() {
        let mut text = String::new();
        for n in 0..200_000 {
            text.push_str("series_with_a_long_name{label=\"value\",n=\"");
            text.push_str(&n.to_string());
            text.push_str("\"} 1\n");
        }
        let page = Page::read(text.as_bytes());
        assert_eq!(page.samples.len(), SAMPLES_MAX);
        assert_eq!(page.left_out, 200_000 - SAMPLES_MAX);
        let long = Page::read(&vec![b'a'; 10 << 20]);
        assert_eq!(long.faulty, 1);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let page = Page::read(&bytes);
            let lines = bytes.split(|byte| *byte == b'\n').count();
            prop_assert!(page.samples.len() + page.faulty <= lines);
        }

        #[test]
        fn never_panics_on_what_looks_like_metrics(
            text in "(# TYPE [a-z]{1,3} [a-z]{1,9}\n|[a-z_]{1,3}(\\{[a-z]{0,2}=?\"?[a-z\\\\\"n,}]{0,6}\"?,?\\}?)? ?[-+0-9a-zA-Z.]{0,6}( [0-9]{1,4})?\n){0,12}"
        ) {
            let _ = Page::read(text.as_bytes()).is_foreign();
        }

        #[test]
        fn what_is_written_is_read(
            value in any::<f64>(),
            label in ".{0,12}",
        ) {
            let escaped = label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let line = format!("name{{l=\"{escaped}\"}} {value:?}");
            prop_assume!(!label.contains('\r') || !line.ends_with('\r'));
            let sample = one(&line);
            prop_assert!(sample.is_some(), "{}", line);
            let sample = sample.unwrap();
            prop_assert_eq!(&sample.labels[0].1, &label);
            prop_assert!(sample.value.to_bits() == value.to_bits() || value.is_nan());
        }
    }
}
