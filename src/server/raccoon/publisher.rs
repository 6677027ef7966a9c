//! Where events go: the `log` sink of the real server, and one that has troubles.

use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use foldhash::fast::FixedState;

use super::message::{Batch, Event};
use super::protobuf;
use crate::server::gojson;

/// Longest an event of type `sleep-N` may take.
const SLEEP_MAX: Duration = Duration::from_mins(1);

/// What the real server says, word for word, when a later event failed and the first did not.
const LATER_EVENT_FAILED: &str = "%!s(PANIC=Error method: runtime error: invalid memory address \
                                  or nil pointer dereference)";

/// What becomes of events. In any case one of type `sleep-N` takes N milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Publisher {
    /// As the `log` sink: at once; an event that is neither JSON nor protobuf fails.
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

/// A publisher at work.
#[derive(Debug)]
pub(super) struct Sink {
    publisher: Publisher,
    batches: AtomicU64,
}

impl Sink {
    pub(super) fn new(publisher: Publisher) -> Self {
        Self {
            publisher,
            batches: AtomicU64::new(0),
        }
    }

    /// Publishes a batch; the error is the text behind `cannot publish events: `.
    pub(super) async fn publish(&self, batch: &Batch) -> Result<(), String> {
        let number = self.batches.fetch_add(1, Ordering::Relaxed) + 1;
        let events = || batch.events.iter().flatten();
        let mut failures = Vec::new();
        for event in events() {
            let takes = self.takes(event, number);
            if !takes.is_zero() {
                tokio::time::sleep(takes).await;
            }
            match self.log(event) {
                Ok(()) => tracing::debug!(kind = event.kind, "published"),
                Err(error) => failures.push(error),
            }
        }
        match self.publisher {
            Publisher::Broker { fail_one_in, .. }
                if fail_one_in > 0 && number.is_multiple_of(fail_one_in) =>
            {
                broker_failure(events(), number / fail_one_in)
            }
            _ if failures.is_empty() => Ok(()),
            _ => Err(sending(&failures)),
        }
    }

    fn log(&self, event: &Event) -> Result<(), String> {
        if self.publisher != Publisher::Log || gojson::check(&event.bytes).is_ok() {
            return Ok(());
        }
        protobuf::parses(&event.bytes)
    }

    fn takes(&self, event: &Event, number: u64) -> Duration {
        if let Some(millis) = event.kind.strip_prefix("sleep-")
            && let Ok(millis) = millis.parse()
        {
            return Duration::from_millis(millis).min(SLEEP_MAX);
        }
        match self.publisher {
            Publisher::Log => Duration::ZERO,
            Publisher::Broker { least, most, .. } => {
                let of_type = FixedState::default().hash_one(&event.kind) % 1000;
                // A tenth of it varies from batch to batch.
                let varied = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % 100;
                let share = (of_type * 9 / 10 + varied) as f64 / 1000.0;
                least + most.saturating_sub(least).mul_f64(share)
            }
        }
    }
}

/// A broker's failure of one event. The text has an entry for each event in order, unless the
/// first one went well: then the real server's formatter stumbles over it.
fn broker_failure<'a>(
    mut events: impl Iterator<Item = &'a Event>,
    number: u64,
) -> Result<(), String> {
    let Some(first) = events.next() else {
        return Ok(()); // nothing was published, so nothing failed
    };
    let rest: Vec<_> = events.map(|_| "<nil>".to_owned()).collect();
    let entry = match number % 4 {
        1 => "Local: Message timed out".to_owned(),
        2 => "Broker: Not enough in-sync replicas".to_owned(),
        3 if !rest.is_empty() => return Err(LATER_EVENT_FAILED.to_owned()),
        _ => format!("Local: Unknown topic clickstream-{}-log", first.kind),
    };
    let all: Vec<_> = std::iter::once(entry).chain(rest).collect();
    Err(sending(&all))
}

fn sending(entries: &[String]) -> String {
    format!("error when sending messages: {}", entries.join(", "))
}
