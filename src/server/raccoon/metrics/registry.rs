//! Series and the text format, number for number as Go's client writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Series kept; counts of further ones are lost. Each new type of event, and each group a client
/// makes up, brings several.
const SERIES_MAX: usize = 20_000;

/// What is counted under one name.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) kind: Kind,
    /// Names of the labels, sorted; values are given in the same order.
    pub(super) labels: &'static [&'static str],
}

/// How it is counted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Counter,
    Gauge,
    /// With the upper ends of the buckets.
    Histogram(&'static [i64]),
}

/// All series of one server.
#[derive(Debug, Default)]
pub(super) struct Registry {
    families: BTreeMap<&'static str, Series>,
    count: usize,
    /// Where the labels of the series looked for are put together.
    key: String,
}

#[derive(Debug)]
struct Series {
    family: &'static Family,
    /// By their labels as the page has them, `conn_group="a",event_type="b"`.
    values: BTreeMap<String, Value>,
}

#[derive(Debug)]
enum Value {
    Number(i64),
    Histogram {
        /// In each bucket alone; the last is beyond all ends.
        buckets: Vec<u64>,
        sum: f64,
    },
}

impl Registry {
    /// Adds to a counter.
    pub(super) fn add(&mut self, family: &'static Family, labels: &[&str], more: u64) {
        if let Some(Value::Number(number)) = self.value(family, labels) {
            *number = number.saturating_add_unsigned(more);
        }
    }

    /// Sets a gauge.
    pub(super) fn set(&mut self, family: &'static Family, labels: &[&str], to: i64) {
        if let Some(Value::Number(number)) = self.value(family, labels) {
            *number = to;
        }
    }

    /// Puts a value into a histogram.
    pub(super) fn observe(&mut self, family: &'static Family, labels: &[&str], seen: i64) {
        let Kind::Histogram(ends) = family.kind else {
            return;
        };
        if let Some(Value::Histogram { buckets, sum }) = self.value(family, labels) {
            buckets[ends.partition_point(|&end| end < seen)] += 1;
            *sum += seen as f64;
        }
    }

    fn value(&mut self, family: &'static Family, labels: &[&str]) -> Option<&mut Value> {
        debug_assert_eq!(family.labels.len(), labels.len(), "{}", family.name);
        self.key.clear();
        for (name, value) in family.labels.iter().zip(labels) {
            if !self.key.is_empty() {
                self.key.push(',');
            }
            label(name, value, &mut self.key);
        }
        let series = self.families.entry(family.name).or_insert_with(|| Series {
            family,
            values: BTreeMap::new(),
        });
        if !series.values.contains_key(&self.key) {
            if self.count >= SERIES_MAX {
                return None;
            }
            self.count += 1;
            let value = match family.kind {
                Kind::Counter | Kind::Gauge => Value::Number(0),
                Kind::Histogram(ends) => Value::Histogram {
                    buckets: vec![0; ends.len() + 1],
                    sum: 0.0,
                },
            };
            series.values.insert(self.key.clone(), value);
        }
        series.values.get_mut(&self.key)
    }

    /// Writes all of it, sorted by name and labels.
    pub(super) fn write(&self, out: &mut String) {
        for series in self.families.values() {
            series.write(out);
        }
    }
}

impl Series {
    fn write(&self, out: &mut String) {
        let Family {
            name, help, kind, ..
        } = self.family;
        let kind_name = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind_name}");
        for (labels, value) in &self.values {
            match (value, kind) {
                (Value::Number(number), _) => sample(name, "", labels, *number as f64, out),
                (Value::Histogram { buckets, sum }, Kind::Histogram(ends)) => {
                    let comma = if labels.is_empty() { "" } else { "," };
                    let mut count = 0;
                    for (n, bucket) in buckets.iter().enumerate() {
                        count += bucket;
                        let end = ends.get(n).map_or("+Inf".to_owned(), |&end| go(end as f64));
                        let labels = format!("{labels}{comma}le=\"{end}\"");
                        sample(name, "_bucket", &labels, count as f64, out);
                    }
                    sample(name, "_sum", labels, *sum, out);
                    sample(name, "_count", labels, count as f64, out);
                }
                (Value::Histogram { .. }, _) => {}
            }
        }
    }
}

fn sample(name: &str, suffix: &str, labels: &str, value: f64, out: &mut String) {
    let value = go(value);
    let _ = if labels.is_empty() {
        writeln!(out, "{name}{suffix} {value}")
    } else {
        writeln!(out, "{name}{suffix}{{{labels}}} {value}")
    };
}

fn label(name: &str, value: &str, out: &mut String) {
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A number as Go writes it: from a million on with an exponent of at least two digits.
fn go(value: f64) -> String {
    let scientific = format!("{value:e}");
    match scientific.split_once('e') {
        Some((mantissa, exponent)) => match exponent.parse::<i32>() {
            Ok(exponent) if exponent >= 6 => format!("{mantissa}e+{exponent:02}"),
            _ => value.to_string(),
        },
        None => scientific,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTER: Family = Family {
        name: "things_total",
        help: "Things.",
        kind: Kind::Counter,
        labels: &["group", "kind"],
    };
    const TIMES: Family = Family {
        name: "a_milliseconds",
        help: "Times.",
        kind: Kind::Histogram(&[5, 10]),
        labels: &[],
    };

    fn text(registry: &Registry) -> String {
        let mut text = String::new();
        registry.write(&mut text);
        text
    }

    #[test]
    fn the_page_is_sorted_and_escaped() {
        let mut registry = Registry::default();
        registry.add(&COUNTER, &["b", "\"\\\n"], 2);
        registry.add(&COUNTER, &["a", ""], 1);
        registry.add(&COUNTER, &["a", ""], 999_999);
        for seen in [-3, 5, 6, 4_000_000_000_000] {
            registry.observe(&TIMES, &[], seen);
        }
        assert_eq!(
            text(&registry),
            r#"# HELP a_milliseconds Times.
# TYPE a_milliseconds histogram
a_milliseconds_bucket{le="5"} 2
a_milliseconds_bucket{le="10"} 3
a_milliseconds_bucket{le="+Inf"} 4
a_milliseconds_sum 4.000000000008e+12
a_milliseconds_count 4
# HELP things_total Things.
# TYPE things_total counter
things_total{group="a",kind=""} 1e+06
things_total{group="b",kind="\"\\\n"} 2
"#
        );
    }

    #[test]
    fn numbers_are_go_s() {
        for (value, shown) in [
            (0.0, "0"),
            (655_360.0, "655360"),
            (1_760_102.0, "1.760102e+06"),
            (2_691_990_126_644.0, "2.691990126644e+12"),
            (-9_223_372_036_854.0, "-9.223372036854e+12"),
        ] {
            assert_eq!(go(value), shown);
        }
    }

    #[test]
    fn too_many_series_are_not_kept() {
        let mut registry = Registry::default();
        for n in 0..SERIES_MAX + 5 {
            registry.add(&COUNTER, &["g", &n.to_string()], 1);
        }
        registry.add(&COUNTER, &["g", "0"], 1);
        let text = text(&registry);
        assert_eq!(text.lines().count(), SERIES_MAX + 2);
        assert!(text.contains("things_total{group=\"g\",kind=\"0\"} 2\n"));
    }
}
