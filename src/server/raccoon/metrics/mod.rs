//! What the real server counts, by its names and labels, as a page for Prometheus.
//!
//! ```text
//! socket, rest, grpc, pool, hub ─► Metrics ─► registry ─► page: GET /metrics
//! ```
//!
//! A series begins with the first thing counted in it, so an idle server's page is nearly empty.
//! What only Go has (goroutines, its heap and its collector) and what needs a broker's own
//! statistics is not there.

mod page;
mod registry;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::registry::{Family, Kind, Registry};
use super::hub::Identity;
use super::message::{Batch, Event};
use super::publisher::SinkKind;

pub(super) use page::Page;

/// Upper ends of the buckets of most histograms, milliseconds.
const MILLIS: &[i64] = &[5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

static BATCHES_READ: Family = Family {
    name: "batches_read_total",
    help: "Batches read, or failed to be read, and why.",
    kind: Kind::Counter,
    labels: &["conn_group", "reason", "status"],
};
static EVENTS: Family = Family {
    name: "events_rx_total",
    help: "Events in the batches read.",
    kind: Kind::Counter,
    labels: &["conn_group", "event_type"],
};
static EVENT_BYTES: Family = Family {
    name: "events_rx_bytes_total",
    help: "Payload bytes of the events read over WebSocket and REST.",
    kind: Kind::Counter,
    labels: &["conn_group", "event_type"],
};
static DUPLICATES: Family = Family {
    name: "events_duplicate_total",
    help: "Batches dropped because their req_guid was known on the connection.",
    kind: Kind::Counter,
    labels: &["conn_group", "reason"],
};
static CONNECTED: Family = Family {
    name: "user_connection_success_total",
    help: "WebSockets let in.",
    kind: Kind::Counter,
    labels: &["conn_group"],
};
static NOT_CONNECTED: Family = Family {
    name: "user_connection_failure_total",
    help: "WebSockets refused, before or after the upgrade.",
    kind: Kind::Counter,
    labels: &["conn_group", "reason"],
};
static PING_FAILURES: Family = Family {
    name: "server_ping_failure_total",
    help: "Pings that could not be written; each ended connection brings one.",
    kind: Kind::Counter,
    labels: &["conn_group"],
};
static PONG_FAILURES: Family = Family {
    name: "server_pong_failure_total",
    help: "Pongs that could not be written.",
    kind: Kind::Counter,
    labels: &["conn_group"],
};
static PAGE_ERRORS: Family = Family {
    name: "promhttp_metric_handler_errors_total",
    help: "Failures to make this page.",
    kind: Kind::Counter,
    labels: &["cause"],
};
static CONNECTIONS: Family = Family {
    name: "connections_count_current",
    help: "Live WebSockets, as of the last refresh.",
    kind: Kind::Gauge,
    labels: &["conn_group"],
};
static SESSION: Family = Family {
    name: "user_session_duration_milliseconds",
    help: "How long WebSockets lasted.",
    kind: Kind::Histogram(&[1000, 10_000, 100_000, 600_000, 3_600_000]),
    labels: &["conn_group"],
};
static IDLE: Family = histogram(
    "batch_idle_in_channel_milliseconds",
    "How long batches waited for a worker.",
    &["worker"],
);
static PROCESSING: Family = histogram(
    "event_processing_duration_milliseconds",
    "From the batch's own sent_time until it was published, divided by its events.",
    &["conn_group"],
);
static LATENCY: Family = histogram(
    "server_processing_latency_milliseconds",
    "From the batch's arrival until it was published, divided by its events.",
    &["conn_group"],
);
static WORKER: Family = histogram(
    "worker_processing_duration_milliseconds",
    "From the worker's taking the batch until it was published, divided by its events.",
    &["worker"],
);
static EVENT_RTT: Family = histogram(
    "event_rtt_ms",
    "From the batch's arrival until its SYNC ack is written to a WebSocket.",
    &[],
);
static ACK_RTT: Family = histogram(
    "ack_event_rtt_ms",
    "From the batch's publishing until its SYNC ack is written to a WebSocket.",
    &[],
);

static KAFKA_BULK: Family = histogram(
    "kafka_producebulk_tt_ms",
    "How long batches took to be published.",
    &[],
);
static PUBSUB_BULK: Family = histogram(
    "pubsub_producebulk_tt_ms",
    "How long batches took to be published.",
    &[],
);
/// Delivered, undelivered, undelivered because the topic is not there.
static KAFKA: [&Family; 3] = [
    &events("kafka_messages_delivered_total", "Events published."),
    &events("kafka_messages_undelivered_total", "Events that failed."),
    &events(
        "kafka_unknown_topic_failure_total",
        "Events without a topic.",
    ),
];
static PUBSUB: [&Family; 3] = [
    &events("pubsub_messages_delivered_total", "Events published."),
    &events("pubsub_messages_undelivered_total", "Events that failed."),
    &events(
        "pubsub_unknown_topic_failure_total",
        "Events without a topic.",
    ),
];

const fn events(name: &'static str, help: &'static str) -> Family {
    Family {
        name,
        help,
        kind: Kind::Counter,
        labels: &["conn_group", "event_type", "topic"],
    }
}

const fn histogram(
    name: &'static str,
    help: &'static str,
    labels: &'static [&'static str],
) -> Family {
    Family {
        name,
        help,
        kind: Kind::Histogram(MILLIS),
        labels,
    }
}

/// Why a batch was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It could not be decoded.
    Serde,
    /// Its REST request has no content type that is known.
    ContentType,
    /// Its REST body broke off.
    Body,
    /// The WebSocket was closed by its client: each ordinary end counts as a batch that failed.
    Closed,
    /// The WebSocket ended in any other way.
    Other,
}

impl Unread {
    const fn name(self) -> &'static str {
        match self {
            Self::Serde => "serde",
            Self::ContentType => "unknowncontentype",
            Self::Body => "readerr",
            Self::Closed => "closeerror",
            Self::Other => "unknown",
        }
    }
}

/// Why a WebSocket was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// No upgrade.
    Handshake,
    /// Code 5.
    Duplicate,
    /// Code 4.
    Full,
}

impl Refused {
    const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "ugfailure",
            Self::Duplicate => "exists",
            Self::Full => "serverlimit",
        }
    }
}

/// How long the stages of a published batch took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stages {
    /// Waiting for a worker.
    pub(super) idle: Duration,
    /// The worker's part.
    pub(super) worker: Duration,
    /// From its arrival on.
    pub(super) server: Duration,
    /// From its own `sent_time` on, milliseconds; that clock is the client's.
    pub(super) since_sent_ms: i64,
}

/// The counters of one server; clones count together. Without a page nothing is counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Metrics(Option<Arc<Mutex<Registry>>>);

impl Metrics {
    /// Counters that are kept.
    pub(super) fn kept() -> Self {
        Self(Some(Arc::default()))
    }

    fn with(&self, record: impl FnOnce(&mut Registry)) {
        if let Some(registry) = &self.0 {
            record(&mut registry.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn of_group(&self, group: &[u8], record: impl FnOnce(&mut Registry, &str)) {
        // Prometheus takes no label that is not UTF-8; the real server loses such counts, too.
        if let Ok(group) = std::str::from_utf8(group) {
            self.with(|registry| record(registry, group));
        }
    }

    /// A decoded batch that is not a duplicate. Its events are counted up to one that is `null`,
    /// over which the real server stumbles while it counts.
    pub(super) fn read(&self, group: &[u8], batch: &Batch, with_bytes: bool) {
        self.of_group(group, |registry, group| {
            registry.add(&BATCHES_READ, &[group, "NA", "success"], 1);
            for event in batch.events.iter().map_while(Option::as_ref) {
                let Event { bytes, kind } = event;
                if with_bytes {
                    registry.add(&EVENT_BYTES, &[group, kind], bytes.len() as u64);
                }
                registry.add(&EVENTS, &[group, kind], 1);
            }
        });
    }

    pub(super) fn unread(&self, group: &[u8], why: Unread) {
        self.of_group(group, |registry, group| {
            registry.add(&BATCHES_READ, &[group, why.name(), "failed"], 1);
        });
    }

    pub(super) fn duplicate(&self, group: &[u8]) {
        self.of_group(group, |registry, group| {
            registry.add(&DUPLICATES, &[group, "duplicate"], 1);
        });
    }

    pub(super) fn connected(&self, who: &Identity) {
        self.of_group(who.group(), |registry, group| {
            registry.add(&CONNECTED, &[group], 1);
        });
    }

    pub(super) fn refused(&self, who: &Identity, why: Refused) {
        self.of_group(who.group(), |registry, group| {
            registry.add(&NOT_CONNECTED, &[group, why.name()], 1);
        });
    }

    pub(super) fn ended(&self, who: &Identity, lasted: Duration) {
        self.of_group(who.group(), |registry, group| {
            registry.observe(&SESSION, &[group], millis(lasted));
        });
    }

    pub(super) fn ping_failed(&self, who: &Identity) {
        self.of_group(who.group(), |registry, group| {
            registry.add(&PING_FAILURES, &[group], 1);
        });
    }

    pub(super) fn pong_failed(&self, who: &Identity) {
        self.of_group(who.group(), |registry, group| {
            registry.add(&PONG_FAILURES, &[group], 1);
        });
    }

    /// Live connections of a group.
    pub(super) fn live(&self, group: &[u8], count: u64) {
        self.of_group(group, |registry, group| {
            registry.set(&CONNECTIONS, &[group], count as i64);
        });
    }

    /// A published batch of `events` events; those of an empty one take no time.
    pub(super) fn published(&self, worker: &str, group: &[u8], events: usize, stages: Stages) {
        self.with(|registry| registry.observe(&IDLE, &[worker], millis(stages.idle)));
        let Some(each) = i64::try_from(events).ok().filter(|&events| events > 0) else {
            return;
        };
        self.with(|registry| registry.observe(&WORKER, &[worker], millis(stages.worker) / each));
        self.of_group(group, |registry, group| {
            registry.observe(&PROCESSING, &[group], stages.since_sent_ms / each);
            registry.observe(&LATENCY, &[group], millis(stages.server) / each);
        });
    }

    /// What became of one event at a broker; `failed` says whether its destination is unknown.
    pub(super) fn delivered(
        &self,
        sink: SinkKind,
        group: &[u8],
        kind: &str,
        to: &str,
        failed: Option<bool>,
    ) {
        let [good, bad, unknown] = match sink {
            SinkKind::Log => return,
            SinkKind::Kafka => KAFKA,
            SinkKind::Pubsub => PUBSUB,
        };
        self.of_group(group, |registry, group| {
            let labels = &[group, kind, to];
            registry.add(if failed.is_some() { bad } else { good }, labels, 1);
            if failed == Some(true) {
                registry.add(unknown, labels, 1);
            }
        });
    }

    /// How long the broker took for a batch.
    pub(super) fn bulk(&self, sink: SinkKind, took: Duration) {
        let family = match sink {
            SinkKind::Log => return, // the real one has this for statsd only
            SinkKind::Kafka => &KAFKA_BULK,
            SinkKind::Pubsub => &PUBSUB_BULK,
        };
        self.with(|registry| registry.observe(family, &[], millis(took)));
    }

    /// Whether anything is counted at all.
    pub(super) fn are_kept(&self) -> bool {
        self.0.is_some()
    }

    /// A SYNC ack on its way to a WebSocket.
    pub(super) fn acked(&self, since_arrival: Duration, since_published: Duration) {
        self.with(|registry| {
            registry.observe(&ACK_RTT, &[], millis(since_published));
            registry.observe(&EVENT_RTT, &[], millis(since_arrival));
        });
    }

    /// The page.
    fn text(&self) -> String {
        let mut text = String::new();
        self.with(|registry| {
            // What Go's page says of itself; it never fails here either.
            registry.add(&PAGE_ERRORS, &["encoding"], 0);
            registry.add(&PAGE_ERRORS, &["gathering"], 0);
            registry.write(&mut text);
        });
        text
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
