//! What can be set, by the names and with the defaults of the real server.

use std::time::Duration;

use super::cors::Cors;
use super::faults::Faults;
use super::publisher::{Publisher, SinkKind};
use crate::server::ServerError;

/// When a batch is acknowledged (`EVENT_ACK`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ack {
    /// As soon as it is decoded; what happens to it later is never told.
    #[default]
    Async,
    /// When all its events are published, or failed.
    Sync,
}

/// Settings of the Raccoon server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen, for WebSocket and REST.
    pub listen: String,
    /// Where to listen for gRPC; `None` for no gRPC.
    pub grpc_listen: Option<String>,
    /// When a batch is acknowledged.
    pub ack: Ack,
    /// Name of the header that says who connects. The real server has no default for it; its
    /// documentation uses this one.
    pub id_header: String,
    /// Name of the header for the connection group; `None` puts all into the default group.
    pub group_header: Option<String>,
    /// Group of connections that name none.
    pub default_group: String,
    /// Live WebSocket connections; further ones are refused with code 4.
    pub max_connections: usize,
    /// How often all connections are pinged.
    pub ping_interval: Duration,
    /// How long a connection lives without a pong.
    pub pong_wait: Duration,
    /// How long writing a ping or a refusal may take.
    pub write_wait: Duration,
    /// Whether a foreign `Origin` is refused with 403.
    pub check_origin: bool,
    /// Whether a `req_guid` seen before on a connection is acknowledged and dropped.
    pub dedup: bool,
    /// Batches published at once.
    pub workers: usize,
    /// Batches that wait for a worker; when they are as many, reading stops.
    pub queue: usize,
    /// How long a stop waits for queued batches.
    pub flush_timeout: Duration,
    /// How publishing goes.
    pub publisher: Publisher,
    /// Whose words and metrics it has.
    pub sink: SinkKind,
    /// Destination of an event, as failures and metrics name it; the first `%s` is its type.
    pub destination: String,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Which web pages may post; `None` switches the CORS layer off, as is the real default.
    pub cors: Option<Cors>,
    /// Where to listen for metrics; `None` for no metrics.
    pub metrics_listen: Option<String>,
    /// How often the count of connections in the metrics is refreshed.
    pub metrics_refresh: Duration,
    /// Largest message or body taken, bytes. The real server has no limit; this one protects the
    /// machine it runs on.
    pub message_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            grpc_listen: Some("127.0.0.1:0".to_owned()),
            ack: Ack::default(),
            id_header: "X-User-ID".to_owned(),
            group_header: None,
            default_group: "--default--".to_owned(),
            max_connections: 30_000,
            ping_interval: Duration::from_secs(30),
            pong_wait: Duration::from_mins(1),
            write_wait: Duration::from_secs(5),
            check_origin: true,
            dedup: false,
            workers: 5,
            queue: 100,
            flush_timeout: Duration::from_secs(5),
            publisher: Publisher::default(),
            sink: SinkKind::default(),
            destination: "clickstream-%s-log".to_owned(),
            faults: Faults::default(),
            cors: None,
            metrics_listen: None,
            metrics_refresh: Duration::from_secs(10),
            message_limit: 64 * 1024 * 1024,
        }
    }
}

impl Settings {
    /// Finds what cannot work.
    pub(super) fn check(&self) -> Result<(), ServerError> {
        let what = if self.id_header.is_empty() {
            "the id header has no name; the documentation's is X-User-ID"
        } else if self.workers == 0 {
            "0 workers publish nothing; 1 or more do"
        } else if self.queue == 0 {
            "a queue of 0 batches cannot be; 1 or more can"
        } else if self.ping_interval.is_zero() || self.pong_wait.is_zero() {
            "the ping interval and the pong wait must be longer than 0"
        } else if self.metrics_refresh.is_zero() {
            "the metrics cannot be refreshed every 0 s; 1s or more will do"
        } else {
            return Ok(());
        };
        Err(ServerError::Settings {
            system: "raccoon",
            what: what.to_owned(),
        })
    }
}
