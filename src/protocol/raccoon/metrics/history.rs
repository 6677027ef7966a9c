//! The series of a server over time: bounded in number and in length.

mod gather;
mod group;

use std::collections::{HashMap, VecDeque};

use super::text::{Kind, Page};
use crate::frame::Stamp;

/// Most series kept; those the server is known for first.
pub const SERIES_MAX: usize = 512;
/// Scrapes kept of each.
pub const SCRAPES_MAX: usize = 120;
pub use group::Group;

use gather::{Scraped, gather};

/// Counts by upper bound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Buckets {
    /// Upper bound and how many are not above it, ascending.
    pub bounds: Vec<(f64, f64)>,
    /// Sum of all.
    pub sum: f64,
    /// Number of all.
    pub count: f64,
}

impl Buckets {
    /// What was measured after `earlier`; all of it if the server was restarted since.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        if self.count < earlier.count {
            return self.clone();
        }
        let before = |bound: f64| {
            let same = earlier
                .bounds
                .iter()
                .find(|(known, _)| known.total_cmp(&bound).is_eq());
            same.map_or(0.0, |(_, count)| *count)
        };
        Self {
            bounds: self
                .bounds
                .iter()
                .map(|(bound, count)| (*bound, (count - before(*bound)).max(0.0)))
                .collect(),
            sum: self.sum - earlier.sum,
            count: self.count - earlier.count,
        }
    }

    /// The value that share of them does not exceed, taken to lie evenly in its bucket; `None` of
    /// nothing. In the last, endless bucket it is that bucket's lower bound.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let total = self.bounds.last()?.1;
        if !(total.is_finite() && total > 0.0) {
            return None;
        }
        let wanted = share * total;
        let (mut low, mut below) = (0.0, 0.0);
        for (bound, count) in &self.bounds {
            if *count >= wanted {
                if bound.is_infinite() {
                    return Some(low);
                }
                let inside = count - below;
                let part = if inside > 0.0 {
                    (wanted - below) / inside
                } else {
                    1.0
                };
                return Some(low + (bound - low) * part.clamp(0.0, 1.0));
            }
            (low, below) = (*bound, *count);
        }
        Some(low)
    }

    /// Mean of all; `None` of nothing.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

/// One series over time.
#[derive(Clone, Debug)]
pub struct Series {
    /// The metric's name; of a histogram without `_bucket` and the like.
    pub name: String,
    /// Labels in alphabetical order, without `le`.
    pub labels: Vec<(String, String)>,
    /// What it is.
    pub kind: Kind,
    /// The newest values, oldest first; of a histogram its count.
    pub points: VecDeque<(Stamp, f64)>,
    /// How much a counter has grown since the first scrape, restarts of the server included; for
    /// a gauge the difference.
    pub delta: f64,
    /// The histogram now and at the first scrape.
    pub buckets: Option<(Buckets, Buckets)>,
    /// True for a series that came up after the first scrape: it counts from zero.
    born_late: bool,
}

impl Series {
    /// `name{label="value"}` as the server writes it.
    #[must_use]
    pub fn key(&self) -> String {
        key(&self.name, &self.labels)
    }

    /// The name and what tells it from its like, for a list: without the group everybody has and
    /// without quotes.
    #[must_use]
    pub fn title(&self) -> String {
        let told = self
            .labels
            .iter()
            .filter(|(name, value)| !(name == "conn_group" && value == "--default--"));
        let labels: Vec<_> = told
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if labels.is_empty() {
            self.name.clone()
        } else {
            format!("{} {}", self.name, labels.join(" "))
        }
    }

    /// The newest value.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.points.back().map_or(f64::NAN, |(_, value)| *value)
    }

    /// Growth per second between the newest two scrapes; `None` with one alone.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let (at, value) = self.points.back()?;
        let (before_at, before) = self.points.get(self.points.len().checked_sub(2)?)?;
        let seconds = at.since(*before_at).as_secs_f64();
        let grown = if value < before && self.is_counted() {
            *value
        } else {
            value - before
        };
        (seconds > 0.0 && grown.is_finite()).then(|| grown / seconds)
    }

    /// What a counter or histogram grew by with the newest scrape; `None` for others, and with one
    /// scrape alone.
    #[must_use]
    pub fn moved_last(&self) -> Option<f64> {
        if !self.is_counted() || self.points.len() < 2 && !self.born_late {
            return None;
        }
        let before = self
            .points
            .len()
            .checked_sub(2)
            .and_then(|at| self.points.get(at));
        let before = before.map_or(0.0, |(_, before)| *before);
        let value = self.value();
        let grown = if value < before {
            value
        } else {
            value - before
        };
        grown.is_finite().then_some(grown)
    }

    /// How much it moved from scrape to scrape, or of a gauge its values; the newest `most`.
    #[must_use]
    pub fn course(&self, most: usize) -> Vec<f64> {
        let mut all: Vec<f64> = if self.is_counted() {
            // One that came up late has moved with its first value.
            let first = self.born_late && self.points.len() < SCRAPES_MAX;
            let first = self
                .points
                .front()
                .filter(|_| first)
                .map(|(_, value)| *value);
            let pairs = self.points.iter().zip(self.points.iter().skip(1));
            let moved = pairs.map(|((_, before), (_, value))| {
                if value < before {
                    *value
                } else {
                    value - before
                }
            });
            first.into_iter().chain(moved).collect()
        } else {
            self.points.iter().map(|(_, value)| *value).collect()
        };
        let first = all.len().saturating_sub(most);
        all.split_off(first)
    }

    /// What a histogram measured since the first scrape.
    #[must_use]
    pub fn measured(&self) -> Option<Buckets> {
        let (now, first) = self.buckets.as_ref()?;
        Some(now.since(first))
    }

    fn is_counted(&self) -> bool {
        matches!(self.kind, Kind::Counter | Kind::Histogram)
    }

    fn push(&mut self, at: Stamp, value: f64) {
        match self.points.back() {
            Some((_, before)) if self.is_counted() && value < *before => self.delta += value,
            Some((_, before)) => {
                let moved = value - before;
                self.delta += if moved.is_finite() { moved } else { 0.0 };
            }
            None if self.born_late && self.is_counted() && value.is_finite() => self.delta += value,
            None => {}
        }
        if self.points.len() == SCRAPES_MAX {
            self.points.pop_front();
        }
        self.points.push_back((at, value));
    }
}

fn key(name: &str, labels: &[(String, String)]) -> String {
    if labels.is_empty() {
        return name.to_owned();
    }
    let labels: Vec<_> = labels
        .iter()
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    format!("{name}{{{}}}", labels.join(","))
}

/// All series of one server.
#[derive(Clone, Debug, Default)]
pub struct History {
    series: Vec<Series>,
    places: HashMap<String, usize>,
    scrapes: u64,
    restarts: u64,
    /// Series that were not kept in the newest scrape.
    left_out: usize,
}

impl History {
    /// The series by group and name.
    #[must_use]
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// Pages taken.
    #[must_use]
    pub fn scrapes(&self) -> u64 {
        self.scrapes
    }

    /// Series of the newest page that were not kept: there are too many.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Times all counters went back: the server was started anew.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.restarts
    }

    /// All series of that metric.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Series> {
        self.series.iter().filter(move |series| series.name == name)
    }

    /// Growth since the first scrape of all series of a metric with these labels.
    #[must_use]
    pub fn moved(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |series: &&Series| {
            labels.iter().all(|(label, value)| {
                series
                    .labels
                    .iter()
                    .any(|(known, given)| known == label && given == value)
            })
        };
        self.of(name).filter(has).map(|series| series.delta).sum()
    }

    /// Takes the page of a scrape.
    pub fn take(&mut self, page: &Page, at: Stamp) {
        self.left_out = page.left_out;
        let scraped = gather(page);
        let fell = |one: &Scraped| {
            let place = self.places.get(&key(&one.name, &one.labels));
            place.is_some_and(|index| {
                let known = &self.series[*index];
                known.is_counted() && one.value < known.value()
            })
        };
        self.restarts += u64::from(scraped.iter().any(fell));
        // What Raccoon is known for comes in even beside a flood of something else.
        let (own, others): (Vec<_>, Vec<_>) = scraped
            .into_iter()
            .partition(|one| Group::of(&one.name) != Group::Other);
        for one in own.into_iter().chain(others) {
            self.put(one, at);
        }
        self.scrapes += 1;
        self.sort();
    }

    fn put(&mut self, one: Scraped, at: Stamp) {
        let key = key(&one.name, &one.labels);
        let index = match self.places.get(&key) {
            Some(index) => *index,
            None if self.series.len() == SERIES_MAX => {
                self.left_out += 1;
                return;
            }
            None => {
                let born_late = self.scrapes > 0;
                let first = if born_late {
                    Buckets::default()
                } else {
                    one.buckets.clone().unwrap_or_default()
                };
                self.places.insert(key, self.series.len());
                self.series.push(Series {
                    name: one.name,
                    labels: one.labels,
                    kind: one.kind,
                    points: VecDeque::new(),
                    delta: 0.0,
                    buckets: one.buckets.is_some().then(|| (Buckets::default(), first)),
                    born_late,
                });
                self.series.len() - 1
            }
        };
        let series = &mut self.series[index];
        series.push(at, one.value);
        if let (Some((now, _)), Some(buckets)) = (&mut series.buckets, one.buckets) {
            *now = buckets;
        }
    }

    fn sort(&mut self) {
        let order = |series: &Series| {
            (
                Group::of(&series.name),
                series.name.clone(),
                series.labels.clone(),
            )
        };
        if self.series.is_sorted_by_key(order) {
            return;
        }
        self.series.sort_by_cached_key(order);
        let places = self.series.iter().enumerate();
        self.places = places
            .map(|(index, series)| (series.key(), index))
            .collect();
    }
}

#[cfg(test)]
mod tests;
