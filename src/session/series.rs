//! Latency percentiles by name: each name has a histogram, and a number an ask keeps instead of it.

use std::collections::HashMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::snapshot::{LabelLatency, LatencySummary};
use crate::entry::Kinds;

/// Names with a histogram of their own; the rest counts only in the total.
const NAMES_MAX: usize = 64;
/// Names shown.
const SHOWN: usize = 16;
/// Longest name that gets a histogram, bytes: a name is somebody else's text.
const NAME_MAX: usize = 256;
/// Longest latency told apart from longer ones; it bounds a histogram to some 45 KiB.
const LATENCY_MAX: Duration = Duration::from_hours(24);
/// Stands for no histogram.
const NONE: u8 = u8::MAX;

/// The figures one ask counts in: of its kinds, and of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Series {
    kinds: [u8; 4],
    group: u8,
}

impl Default for Series {
    fn default() -> Self {
        Self {
            kinds: [NONE; 4],
            group: NONE,
        }
    }
}

/// Latencies of all replies, by kind and by group.
#[derive(Debug)]
pub(super) struct Latencies {
    all: Histogram<u64>,
    kinds: Named,
    groups: Named,
}

impl Default for Latencies {
    fn default() -> Self {
        Self {
            all: histogram(),
            kinds: Named::default(),
            groups: Named::default(),
        }
    }
}

impl Latencies {
    /// The figures an ask with this label counts in; made on its first use.
    pub(super) fn series(&mut self, group: &str, label: &str, kinds: Kinds) -> Series {
        let mut series = Series::default();
        for (slot, kind) in series.kinds.iter_mut().zip(kinds.of(label)) {
            *slot = self.kinds.number(kind);
        }
        if !group.is_empty() {
            series.group = self.groups.number(group);
        }
        series
    }

    /// Counts a reply that met its ask in time.
    pub(super) fn measure(&mut self, series: Series, latency: Duration) {
        let nanos = latency.min(LATENCY_MAX).as_nanos() as u64;
        record(&mut self.all, nanos);
        for kind in series.kinds {
            self.kinds.record(kind, nanos);
        }
        self.groups.record(series.group, nanos);
    }

    pub(super) fn all(&self) -> LatencySummary {
        summary(&self.all)
    }

    /// By kind, most frequent first.
    pub(super) fn by_kind(&self) -> Vec<LabelLatency> {
        self.kinds.summaries()
    }

    /// By group, most frequent first.
    pub(super) fn by_group(&self) -> Vec<LabelLatency> {
        self.groups.summaries()
    }
}

#[derive(Debug, Default)]
struct Named {
    numbers: HashMap<Box<str>, u8, foldhash::fast::RandomState>,
    histograms: Vec<Histogram<u64>>,
}

impl Named {
    fn number(&mut self, name: &str) -> u8 {
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        if self.histograms.len() == NAMES_MAX || name.len() > NAME_MAX {
            return NONE;
        }
        let number = self.histograms.len() as u8;
        self.numbers.insert(name.into(), number);
        self.histograms.push(histogram());
        number
    }

    fn record(&mut self, number: u8, nanos: u64) {
        if let Some(histogram) = self.histograms.get_mut(usize::from(number)) {
            record(histogram, nanos);
        }
    }

    fn summaries(&self) -> Vec<LabelLatency> {
        let mut all: Vec<_> = self
            .numbers
            .iter()
            .map(|(name, number)| (name, &self.histograms[usize::from(*number)]))
            .filter(|(_, histogram)| !histogram.is_empty())
            .collect();
        all.sort_unstable_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(b.0)));
        all.truncate(SHOWN);
        all.into_iter()
            .map(|(name, histogram)| LabelLatency {
                label: name.to_string(),
                latency: summary(histogram),
            })
            .collect()
    }
}

/// Nanoseconds, two significant digits (1 %), growing as needed.
fn histogram() -> Histogram<u64> {
    Histogram::new(2).expect("two significant digits are legal")
}

fn record(histogram: &mut Histogram<u64>, nanos: u64) {
    histogram
        .record(nanos)
        .expect("an auto-resizing histogram takes any value below its largest");
}

fn summary(histogram: &Histogram<u64>) -> LatencySummary {
    let at = |quantile| Duration::from_nanos(histogram.value_at_quantile(quantile));
    LatencySummary {
        count: histogram.len(),
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        max: Duration::from_nanos(histogram.max()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn counts(rows: &[LabelLatency]) -> Vec<(&str, u64)> {
        rows.iter()
            .map(|row| (&*row.label, row.latency.count))
            .collect()
    }

    #[test]
    fn percentiles_are_within_a_percent() {
        let mut latencies = Latencies::default();
        let series = latencies.series("", "click", Kinds::default());
        for n in 1..=1_000 {
            latencies.measure(series, Duration::from_micros(n));
        }
        let latency = latencies.all();
        let off = latency.p50.as_secs_f64() / 500e-6 - 1.0;
        assert!(off.abs() < 0.011, "{off}");
        assert_eq!(counts(&latencies.by_kind()), [("click", 1_000)]);
        assert!(latencies.by_group().is_empty());
    }

    #[test]
    fn a_mixed_batch_counts_for_each_of_its_kinds_and_once_for_its_group() {
        let mut latencies = Latencies::default();
        let label = "click×2 page×1";
        let mut kinds = Kinds::default();
        kinds.add(0, 5);
        kinds.add(9, 13);
        let mixed = latencies.series("REST JSON", label, kinds);
        let plain = latencies.series("gRPC", "page", Kinds::default());
        latencies.measure(mixed, MS);
        latencies.measure(plain, MS);
        assert_eq!(counts(&latencies.by_kind()), [("page", 2), ("click", 1)]);
        assert_eq!(
            counts(&latencies.by_group()),
            [("REST JSON", 1), ("gRPC", 1)]
        );
        assert_eq!(latencies.all().count, 2);
    }

    #[test]
    fn only_the_first_names_get_a_histogram() {
        let mut latencies = Latencies::default();
        for n in 0..1_000 {
            let series = latencies.series("", &n.to_string(), Kinds::default());
            latencies.measure(series, MS);
        }
        assert_eq!(latencies.kinds.histograms.len(), NAMES_MAX);
        assert_eq!(latencies.all().count, 1_000);
        assert_eq!(latencies.by_kind().len(), SHOWN);
    }

    #[test]
    fn a_name_as_long_as_a_frame_is_not_kept() {
        let mut latencies = Latencies::default();
        let series = latencies.series("", &"x".repeat(100_000), Kinds::default());
        assert_eq!(series, Series::default());
    }
}
