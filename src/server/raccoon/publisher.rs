//! Where events go: the `log` sink of the real server, its brokers, and their troubles.

use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use foldhash::fast::FixedState;
use tokio::time::Instant;

use super::faults::Faults;
use super::message::{Batch, Event};
use super::metrics::Metrics;
use super::pool::Outcome;
use super::protobuf;
use super::settings::Settings;
use crate::server::gojson;

/// Longest an event of type `sleep-N` may take.
const SLEEP_MAX: Duration = Duration::from_mins(1);

/// What the real server says, word for word, when a later event failed and the first did not.
const LATER_EVENT_FAILED: &str = "%!s(PANIC=Error method: runtime error: invalid memory address \
                                  or nil pointer dereference)";

/// What becomes of events. In any case one of type `sleep-N` takes N milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Publisher {
    /// At once.
    #[default]
    Log,
    /// As a broker on an ordinary day: each type of event takes its own few milliseconds, and now
    /// and then a batch fails.
    Broker {
        /// Time the fastest type takes.
        least: Duration,
        /// Time the slowest type takes.
        most: Duration,
        /// One batch in that many fails; 0 for none.
        fail_one_in: u64,
    },
}

/// Whose words and metrics: the real server's `PUBLISHER_TYPE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SinkKind {
    /// Fails an event that is neither JSON nor protobuf, and tells of failed events only.
    #[default]
    Log,
    /// Takes any bytes; when an event fails, tells of each event of the batch in order, unless
    /// the first one went well: then the real server's formatter stumbles over it.
    Kafka,
    /// The same, in Pub/Sub's words.
    Pubsub,
}

/// A publisher at work.
#[derive(Debug)]
pub(super) struct Sink {
    kind: SinkKind,
    publisher: Publisher,
    faults: Faults,
    /// Destination of an event: the first `%s` is its type.
    pattern: String,
    metrics: Metrics,
    batches: AtomicU64,
}

/// What publishing a batch came to.
pub(super) enum Published {
    Done(Outcome),
    /// The server did not survive it.
    Died,
}

/// How one event failed.
struct Failure {
    text: String,
    /// Because there is no such destination.
    unknown: bool,
}

impl Sink {
    pub(super) fn new(settings: &Settings, metrics: Metrics) -> Self {
        let kind = match (settings.sink, settings.publisher) {
            // Only a broker has troubles of its own.
            (SinkKind::Log, Publisher::Broker { .. }) => SinkKind::Kafka,
            (kind, _) => kind,
        };
        Self {
            kind,
            publisher: settings.publisher,
            faults: settings.faults.clone(),
            pattern: settings.destination.clone(),
            metrics,
            batches: AtomicU64::new(0),
        }
    }

    /// Whether publishing it takes no time and goes as if there were no faults.
    pub(super) fn is_instant(&self, batch: &Batch) -> bool {
        self.publisher == Publisher::Log
            && self.faults.spare_publishing()
            && !batch
                .events
                .iter()
                .flatten()
                .any(|event| event.kind.starts_with("sleep-"))
    }

    /// Publishes a batch that [`Sink::is_instant`]; also the batch's number.
    pub(super) fn publish_instantly(&self, batch: &Batch, group: &[u8]) -> (u64, Outcome) {
        let began = Instant::now();
        let number = self.batches.fetch_add(1, Ordering::Relaxed);
        let mut told = Vec::new();
        for event in batch.events.iter().flatten() {
            let result = self.attempt(event);
            self.count(event, group, &result);
            told.push(result);
        }
        self.metrics.bulk(self.kind, began.elapsed());
        (number, self.outcome(told))
    }

    /// Publishes a batch; the error is the text behind `cannot publish events: `.
    pub(super) async fn publish(&self, batch: &Batch, group: &[u8]) -> Published {
        let began = Instant::now();
        let number = self.batches.fetch_add(1, Ordering::Relaxed) + 1;
        let mut told = Vec::new();
        for (n, event) in batch.events.iter().flatten().enumerate() {
            if self.faults.is_deadly(&event.kind) {
                return Published::Died;
            }
            let takes = self.takes(event, number);
            if !takes.is_zero() {
                tokio::time::sleep(takes).await;
            }
            let mut result = self.attempt(event);
            if let Some(failure) = self.bad_day(event, n, batch.events.len(), number) {
                result = Err(failure);
            }
            self.count(event, group, &result);
            told.push(result);
        }
        self.metrics.bulk(self.kind, began.elapsed());
        Published::Done(self.outcome(told))
    }

    /// One event, faults included.
    fn attempt(&self, event: &Event) -> Result<(), Failure> {
        if let Some(text) = self.faults.failure(&event.kind) {
            return Err(match text {
                Some(text) => Failure {
                    text: text.replacen("%s", &self.destination(event), 1),
                    unknown: text.contains("Unknown topic") || text.contains("doesn't exist"),
                },
                None => self.unknown_destination(event),
            });
        }
        if self.kind != SinkKind::Log || gojson::check(&event.bytes).is_ok() {
            return Ok(());
        }
        protobuf::parses(&event.bytes).map_err(|text| Failure {
            text,
            unknown: false,
        })
    }

    fn unknown_destination(&self, event: &Event) -> Failure {
        let to = self.destination(event);
        let text = match self.kind {
            SinkKind::Log => protobuf::INVALID.to_owned(),
            SinkKind::Kafka => format!("Local: Unknown topic {to}"),
            SinkKind::Pubsub => format!("topic {to:?} doesn't exist in \"wspect\" project"),
        };
        Failure {
            text,
            unknown: true,
        }
    }

    fn destination(&self, event: &Event) -> String {
        self.pattern.replacen("%s", &event.kind, 1)
    }

    /// A broker's failure of one event in one batch of so many.
    fn bad_day(&self, event: &Event, n: usize, events: usize, number: u64) -> Option<Failure> {
        let Publisher::Broker { fail_one_in, .. } = self.publisher else {
            return None;
        };
        if fail_one_in == 0 || !number.is_multiple_of(fail_one_in) {
            return None;
        }
        let which = (number / fail_one_in) % 4;
        // Mostly the first event; now and then the last, so that the first one goes well.
        let hit = if which == 3 { events - 1 } else { 0 };
        let text = match which {
            1 | 2 if self.kind == SinkKind::Pubsub => "context deadline exceeded",
            1 => "Local: Message timed out",
            2 => "Broker: Not enough in-sync replicas",
            _ => return (n == hit).then(|| self.unknown_destination(event)),
        };
        (n == hit).then(|| Failure {
            text: text.to_owned(),
            unknown: false,
        })
    }

    /// The text for all that failed, as the sink tells it.
    fn outcome(&self, told: Vec<Result<(), Failure>>) -> Outcome {
        let Some(at) = told.iter().position(Result::is_err) else {
            return Ok(());
        };
        if self.kind != SinkKind::Log && at > 0 {
            return Err(LATER_EVENT_FAILED.to_owned());
        }
        let entries: Vec<_> = told
            .into_iter()
            .filter_map(|result| match result {
                Err(failure) => Some(failure.text),
                Ok(()) if self.kind == SinkKind::Log => None,
                Ok(()) => Some("<nil>".to_owned()),
            })
            .collect();
        Err(format!(
            "error when sending messages: {}",
            entries.join(", ")
        ))
    }

    fn count(&self, event: &Event, group: &[u8], result: &Result<(), Failure>) {
        if self.kind == SinkKind::Log || !self.metrics.are_kept() {
            return;
        }
        let to = self.destination(event);
        let unknown = result.as_ref().err().map(|failure| failure.unknown);
        self.metrics
            .delivered(self.kind, group, &event.kind, &to, unknown);
    }

    fn takes(&self, event: &Event, number: u64) -> Duration {
        if let Some(millis) = event.kind.strip_prefix("sleep-")
            && let Ok(millis) = millis.parse()
        {
            return Duration::from_millis(millis).min(SLEEP_MAX);
        }
        let delay = self.faults.delay(&event.kind).unwrap_or_default();
        match self.publisher {
            Publisher::Log => delay,
            Publisher::Broker { least, most, .. } => {
                let of_type = FixedState::default().hash_one(&event.kind) % 1000;
                // A tenth of it varies from batch to batch.
                let varied = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % 100;
                let share = (of_type * 9 / 10 + varied) as f64 / 1000.0;
                delay + least + most.saturating_sub(least).mul_f64(share)
            }
        }
    }
}
