//! From a page to its series: the lines of a histogram put together.

use std::collections::HashMap;

use super::super::text::{Kind, Page, Sample};
use super::{Buckets, key};

/// Most buckets of a histogram.
const BUCKETS_MAX: usize = 64;

/// One series of a page, the lines of a histogram taken together.
pub(super) struct Scraped {
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
    pub(super) kind: Kind,
    pub(super) value: f64,
    pub(super) buckets: Option<Buckets>,
}

/// The series of a page, in its order.
pub(super) fn gather(page: &Page) -> Vec<Scraped> {
    let mut all: Vec<Scraped> = Vec::new();
    let mut histograms: HashMap<String, usize> = HashMap::new();
    for sample in &page.samples {
        let kind = page.kinds.get(&sample.name).copied().unwrap_or_default();
        let Some((base, part)) = part_of_histogram(sample, page) else {
            all.push(Scraped {
                name: sample.name.clone(),
                labels: sample.labels.clone(),
                kind,
                value: sample.value,
                buckets: None,
            });
            continue;
        };
        let labels: Vec<_> = sample
            .labels
            .iter()
            .filter(|(name, _)| name != "le")
            .cloned()
            .collect();
        let index = *histograms.entry(key(base, &labels)).or_insert_with(|| {
            all.push(Scraped {
                name: base.to_owned(),
                labels,
                kind: Kind::Histogram,
                value: 0.0,
                buckets: Some(Buckets::default()),
            });
            all.len() - 1
        });
        let one = &mut all[index];
        let Some(buckets) = &mut one.buckets else {
            continue;
        };
        match part {
            Part::Bucket(bound) if buckets.bounds.len() < BUCKETS_MAX => {
                let place = buckets
                    .bounds
                    .partition_point(|(known, _)| known.total_cmp(&bound).is_lt());
                buckets.bounds.insert(place, (bound, sample.value));
            }
            Part::Bucket(_) => {}
            Part::Sum => buckets.sum = sample.value,
            Part::Count => {
                buckets.count = sample.value;
                one.value = sample.value;
            }
        }
    }
    all
}

enum Part {
    Bucket(f64),
    Sum,
    Count,
}

/// The histogram a sample belongs to, and what of it it is.
fn part_of_histogram<'a>(sample: &'a Sample, page: &Page) -> Option<(&'a str, Part)> {
    let is_one = |base: &str| page.kinds.get(base) == Some(&Kind::Histogram);
    let base = |suffix: &str| sample.name.strip_suffix(suffix).filter(|base| is_one(base));
    if let Some(base) = base("_bucket") {
        let bound = sample.labels.iter().find(|(name, _)| name == "le")?;
        return Some((base, Part::Bucket(bound.1.parse().ok()?)));
    }
    base("_sum")
        .map(|base| (base, Part::Sum))
        .or_else(|| base("_count").map(|base| (base, Part::Count)))
}
