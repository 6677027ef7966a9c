//! A session under observation, with everything its rows say.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use wspect::entry::{Badge, EntryKind, Outcome};
use wspect::frame::{Direction, Seq};
use wspect::protocol::raccoon::{self, EncodedBatch, Transport, Wire};
use wspect::protocol::{self, Command, System};
use wspect::schema::Schema;
use wspect::session::{self, Deliveries, Handle, Order, Plan, SessionId, Snapshot};
use wspect::transport::backoff::Policy;
use wspect::transport::{Dial, TlsOptions};

/// Longest any condition may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// A plan for a Raccoon session that does not reconnect and checks nothing beside.
pub(crate) fn plan(url: &str) -> Plan {
    Plan {
        name: "test".to_owned(),
        dial: Dial {
            url: url.to_owned(),
            shown_url: url.to_owned(),
            headers: vec![("X-User-ID".to_owned(), "calls".to_owned())],
            subprotocols: Vec::new(),
            tls: TlsOptions::default(),
            connect_timeout: Duration::from_secs(5),
            message_limit: 1 << 20,
        },
        system: Some(System::Raccoon),
        settings: protocol::Settings {
            raccoon: raccoon::Settings {
                health: Some(String::new()),
                ..raccoon::Settings::default()
            },
            ..protocol::Settings::default()
        },
        schema: Arc::new(Schema::default()),
        reconnect: Policy {
            enabled: false,
            ..Policy::default()
        },
        ping_every: Duration::ZERO,
        reply_timeout: Duration::from_secs(5),
        traffic: None,
    }
}

/// A batch of one event, in the server's own JSON.
pub(crate) fn json_batch(guid: &str, transport: Transport) -> Command {
    let text = format!(
        r#"{{"req_guid":"{guid}","sent_time":{{"seconds":1700000000}},"events":[{{"event_bytes":"e30=","type":"page"}}]}}"#
    );
    batch(guid, transport, Wire::Json, text.as_bytes())
}

/// The same in protobuf.
pub(crate) fn protobuf_batch(guid: &str, transport: Transport) -> Command {
    let mut bytes = vec![0x0a, guid.len() as u8];
    bytes.extend_from_slice(guid.as_bytes());
    bytes.extend_from_slice(b"\x1a\x0a\x0a\x02{}\x12\x04page");
    batch(guid, transport, Wire::Protobuf, &bytes)
}

/// A batch of exactly these bytes.
pub(crate) fn batch(guid: &str, transport: Transport, wire: Wire, bytes: &[u8]) -> Command {
    Command::Batch(EncodedBatch {
        guid: guid.to_owned(),
        transport,
        wire,
        bytes: bytes.to_vec().into(),
    })
}

/// One row, kept after its chunk is gone.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) seq: Seq,
    pub(crate) kind: EntryKind,
    pub(crate) out: bool,
    pub(crate) badge: Badge,
    pub(crate) payload: Vec<u8>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) latency: Option<Duration>,
    pub(crate) pair: Option<Seq>,
    pub(crate) asks: bool,
    pub(crate) note: Option<String>,
}

impl Row {
    /// The facts of a lifecycle row or lost ask.
    pub(crate) fn facts(&self) -> Value {
        serde_json::from_slice(&self.payload).expect("facts are JSON")
    }

    /// The payload, read leniently.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.payload).into_owned()
    }
}

/// A running session and everything it has said so far.
pub(crate) struct Watched {
    pub(crate) handle: Handle,
    deliveries: Deliveries,
    pub(crate) rows: Vec<Row>,
    pub(crate) notes: Vec<String>,
    pub(crate) rejections: Vec<String>,
    pub(crate) snapshot: Option<Arc<Snapshot>>,
    ended: bool,
}

impl Watched {
    pub(crate) fn start(plan: Plan) -> Self {
        let (feed, deliveries) = session::queue();
        let handle = session::start(plan, SessionId(1), feed, CancellationToken::new());
        Self {
            handle,
            deliveries,
            rows: Vec::new(),
            notes: Vec::new(),
            rejections: Vec::new(),
            snapshot: None,
            ended: false,
        }
    }

    /// Starts a session and waits until it is in use.
    pub(crate) async fn live(plan: Plan) -> Self {
        let mut watched = Self::start(plan);
        watched.until_state("live").await;
        watched
    }

    /// Reads deliveries until `done` says so.
    pub(crate) async fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !done(self) {
                let Some(delivery) = self.deliveries.recv().await else {
                    panic!("the session ended before: {what}; rows {:#?}", self.rows);
                };
                self.rows.extend(delivery.chunk.iter().map(|entry| Row {
                    seq: entry.seq,
                    kind: entry.kind,
                    out: entry.direction == Direction::Out,
                    badge: entry.badge,
                    payload: entry.payload.to_vec(),
                    outcome: entry.outcome,
                    latency: entry.latency,
                    pair: entry.pair,
                    asks: entry.asks,
                    note: entry.note.map(str::to_owned),
                }));
                self.notes.extend(delivery.notes.iter().cloned());
                let rejections = delivery.rejections.iter().map(|r| r.error.to_string());
                self.rejections.extend(rejections);
                self.snapshot = delivery.snapshot.clone().or(self.snapshot.take());
                self.ended |= delivery.last;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(
            in_time,
            "not in time: {what}; states {:?}; notes {:?}; rows {:#?}",
            self.states(),
            self.notes,
            self.rows
        );
    }

    pub(crate) async fn until_state(&mut self, state: &str) {
        self.until(state, |watched| watched.states().iter().any(|s| s == state))
            .await;
    }

    /// Sends a batch and waits for the row that tells what became of it.
    pub(crate) async fn exchange(&mut self, command: Command) -> Row {
        let before = self.over().len();
        self.send(command).await;
        self.until("a reply or a loss", |watched| watched.over().len() > before)
            .await;
        self.over()[before].clone()
    }

    /// Rows that end an ask.
    pub(crate) fn over(&self) -> Vec<&Row> {
        let is_over = |row: &&Row| row.kind == EntryKind::Lost || row.outcome.is_some();
        self.rows.iter().filter(is_over).collect()
    }

    /// Names of the states entered so far, in order.
    pub(crate) fn states(&self) -> Vec<String> {
        let rows = self
            .rows
            .iter()
            .filter(|row| row.kind == EntryKind::Lifecycle);
        rows.map(|row| row.facts()["state"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Facts of the newest lifecycle row with that state.
    pub(crate) fn facts(&self, state: &str) -> Value {
        let found = self
            .rows
            .iter()
            .rev()
            .filter(|row| row.kind == EntryKind::Lifecycle)
            .map(Row::facts)
            .find(|facts| facts["state"] == state);
        found.unwrap_or_else(|| panic!("no {state} among {:?}", self.states()))
    }

    /// The row with that sequence.
    pub(crate) fn row(&self, seq: Option<Seq>) -> &Row {
        let found = self.rows.iter().find(|row| Some(row.seq) == seq);
        found.unwrap_or_else(|| panic!("no row {seq:?}"))
    }

    pub(crate) async fn send(&self, command: Command) {
        self.handle
            .orders
            .send(Order::Send(command))
            .await
            .expect("the session runs");
    }

    pub(crate) async fn stop(mut self) {
        self.handle.cancel.cancel();
        self.until("the last delivery", |watched| watched.ended)
            .await;
        self.handle.task.await.expect("the task ends well");
    }
}

/// An address nobody listens on.
pub(crate) async fn nobody() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback is there");
    listener.local_addr().expect("bound")
}
