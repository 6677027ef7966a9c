//! What the health lines show: one immutable picture of a session, made by its task.

use std::sync::Arc;
use std::time::Duration;

use crate::entry::Totals;
use crate::frame::{Opening, Stamp};
use crate::protocol::raccoon::metrics::Picture;
use crate::protocol::savetowebsocket::Period;
use crate::protocol::{Fact, System, websocketmq};

use super::asks::{LostAsk, OpenAsk};
use super::lifecycle::{Ending, State};

/// The state and health of a session at one moment. Made by the session's task, shared as it is.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When it was made.
    pub at: Stamp,
    /// Name shown on the tab: profile or host.
    pub name: String,
    /// The URL with secrets masked.
    pub url: String,
    /// The system, once told or recognised.
    pub system: Option<System>,
    /// Why that system: `told by the profile`, or the observation that decided.
    pub system_why: String,
    /// Where the session is.
    pub state: State,
    /// Since when.
    pub since: Stamp,
    /// A sentence on the state: what is awaited, why refused, how it ended.
    pub detail: String,
    /// Attempts since the last stable connection, from 1.
    pub attempt: u32,
    /// Connections opened in the session's life.
    pub connections: u32,
    /// End of the wait before the next dial.
    pub retry_at: Option<Stamp>,
    /// Facts of the newest handshake.
    pub opening: Option<Opening>,
    /// How the newest connection ended.
    pub ending: Option<Ending>,
    /// True if certificate checks are off.
    pub insecure: bool,
    /// Round-trip times of our own pings.
    pub rtt: Rtt,
    /// Traffic over the last second.
    pub rates: Rates,
    /// Traffic over the session's life.
    pub totals: Totals,
    /// Latency of all replies to our own asks.
    pub latency: LatencySummary,
    /// Latency of replies by what was asked (event type, topic, label), most frequent first, at
    /// most 16. A mixed batch counts for each of its types.
    pub by_label: Vec<LabelLatency>,
    /// Latency of replies by how the ask travelled (`WebSocket protobuf`, `REST JSON`), most
    /// frequent first; empty for systems with one way only.
    pub by_group: Vec<LabelLatency>,
    /// How we answered what the peer asked.
    pub answers: Answers,
    /// Asks of ours awaiting a reply.
    pub open_asks: usize,
    /// Age of the oldest of them.
    pub oldest_ask: Option<Duration>,
    /// The oldest 100 of our own asks awaiting a reply, oldest first.
    pub open: Vec<OpenAsk>,
    /// The newest 100 asks that were given up, oldest first.
    pub lost_asks: Arc<[LostAsk]>,
    /// What the protocol of the newest connection has found out about it.
    pub standing: Arc<[Fact]>,
    /// Which filters were in force when (`SaveToWebSocket`), over all connections, oldest first;
    /// bounded, the newest are kept. See [`in_force`](crate::protocol::savetowebsocket::in_force).
    pub filters: Arc<[Period]>,
    /// How the conversation with the broker stands (`WebSocketMQ`), over all connections.
    pub broker: Option<Arc<websocketmq::Picture>>,
    /// Replies to us by outcome, in the order of `Outcome::ALL`.
    pub outcomes: [u64; 5],
    /// Replies by what their system counts them as (Raccoon: by code; `WebSocketMQ`: `ok`, `error
    /// 404`, `soft error`), by name.
    pub counts: Vec<(&'static str, u64)>,
    /// The server's metrics, once they were read or could not be.
    pub metrics: Option<Arc<Picture>>,
    /// Asks of ours whose reply never came.
    pub lost: u64,
    /// Times the server refused us after the upgrade.
    pub refusals: u64,
    /// What is being counted down, soonest first.
    pub countdowns: Vec<Countdown>,
    /// Period of the server's pings, once two were seen.
    pub server_ping_every: Option<Duration>,
    /// When the server's last ping came.
    pub server_ping_at: Option<Stamp>,
    /// The newest health check, where there is one.
    pub health_check: Option<HealthCheck>,
    /// Entries waiting in the queue to the consumer when this was made.
    pub behind: u64,
}

/// How we answered what the peer asked of us (calls of a `WebSocketMQ` broker), over the session's
/// life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// From the ask's arrival to our reply's leaving.
    pub latency: LatencySummary,
    /// The same by what was asked (topic), most frequent first, at most 16.
    pub by_label: Vec<LabelLatency>,
    /// Our replies by outcome, in the order of `Outcome::ALL`.
    pub outcomes: [u64; 5],
    /// Our replies by what their system counts them as, by name.
    pub counts: Vec<(&'static str, u64)>,
    /// Asks we owe a reply.
    pub open: usize,
    /// Asks we never replied to in time.
    pub lost: u64,
}

/// The newest result of the health check beside the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// What is asked for, secrets masked.
    pub url: String,
    /// HTTP status of the answer; `None` if there was none.
    pub status: Option<u16>,
    /// From the start of the request to the last byte of the answer.
    pub latency: Option<Duration>,
    /// When it was done.
    pub at: Stamp,
    /// Since when it fails; `None` while it does not.
    pub failing_since: Option<Stamp>,
    /// Why it fails.
    pub error: Option<String>,
}

/// Round-trip times of our own pings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rtt {
    /// The newest.
    pub last: Option<Duration>,
    /// The newest 60, oldest first.
    pub recent: Vec<Duration>,
}

/// Traffic over the last second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Frames received per second.
    pub frames_in: f64,
    /// Payload bytes received per second.
    pub bytes_in: f64,
    /// Frames sent per second.
    pub frames_out: f64,
    /// Payload bytes sent per second.
    pub bytes_out: f64,
}

/// Percentiles of a latency histogram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LatencySummary {
    /// Replies measured.
    pub count: u64,
    /// Half of them were faster.
    pub p50: Duration,
    /// Nine in ten were faster.
    pub p90: Duration,
    /// 99 in 100 were faster.
    pub p99: Duration,
    /// The slowest.
    pub max: Duration,
}

/// Latency of the replies to asks with one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelLatency {
    /// The name.
    pub label: String,
    /// Its percentiles.
    pub latency: LatencySummary,
}

/// A deadline shown as a countdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countdown {
    /// What will happen.
    pub name: String,
    /// When.
    pub at: Stamp,
}
