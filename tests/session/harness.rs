//! A session under observation, and small servers to observe it with.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_util::sync::CancellationToken;
use wspect::entry::EntryKind;
use wspect::protocol::{self, Command, Outgoing, System};
use wspect::schema::Schema;
use wspect::session::{self, Deliveries, Handle, Order, Plan, SessionId, Snapshot};
use wspect::transport::backoff::Policy;
use wspect::transport::{Dial, TlsOptions};

/// Longest any condition may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A plan for a generic session that does not reconnect.
pub(crate) fn plan(url: &str) -> Plan {
    Plan {
        name: "test".to_owned(),
        dial: Dial {
            url: url.to_owned(),
            shown_url: url.to_owned(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
            tls: TlsOptions::default(),
            connect_timeout: Duration::from_secs(5),
            message_limit: 1 << 20,
        },
        system: Some(System::Generic),
        settings: protocol::Settings::default(),
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

/// One row, kept after its chunk is gone.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) kind: EntryKind,
    pub(crate) out: bool,
    pub(crate) payload: Vec<u8>,
    pub(crate) error: Option<String>,
    pub(crate) wire: wspect::frame::Wire,
}

impl Row {
    /// The facts of a lifecycle row or lost ask.
    pub(crate) fn facts(&self) -> Value {
        serde_json::from_slice(&self.payload).expect("facts are JSON")
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
    pub(crate) ended: bool,
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

    /// Reads deliveries until `done` says so.
    pub(crate) async fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !done(self) {
                let Some(delivery) = self.deliveries.recv().await else {
                    panic!("the session ended before: {what}; rows {:#?}", self.rows);
                };
                self.rows.extend(delivery.chunk.iter().map(|entry| Row {
                    kind: entry.kind,
                    out: entry.direction == wspect::frame::Direction::Out,
                    payload: entry.payload.to_vec(),
                    error: entry.error.map(str::to_owned),
                    wire: entry.wire.clone(),
                }));
                self.notes.extend(delivery.notes.iter().cloned());
                for rejection in &delivery.rejections {
                    let count = rejection.count as usize;
                    self.rejections
                        .extend(std::iter::repeat_n(rejection.error.to_string(), count));
                }
                self.snapshot = delivery.snapshot.clone().or(self.snapshot.take());
                self.ended |= delivery.last;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(in_time, "not in time: {what}; states {:?}", self.states());
    }

    pub(crate) async fn until_state(&mut self, state: &str) {
        self.until(state, |watched| watched.states().iter().any(|s| s == state))
            .await;
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

    /// Rows of frames received or sent.
    pub(crate) fn frames(&self, out: bool) -> Vec<&Row> {
        let of_frames = |row: &&Row| matches!(row.kind, EntryKind::Frame(_)) && row.out == out;
        self.rows.iter().filter(of_frames).collect()
    }

    pub(crate) async fn send_text(&self, text: &str) {
        let command = Command::Raw(Outgoing::Text(text.to_owned().into()));
        self.handle
            .orders
            .send(Order::Send(command))
            .await
            .expect("the session runs");
    }

    pub(crate) async fn stop(&mut self) {
        self.handle.cancel.cancel();
        self.until("the last delivery", |watched| watched.ended)
            .await;
        (&mut self.handle.task).await.expect("the task ends well");
    }
}

/// Serves up to `connections` connections on a free port with `serve`.
pub(crate) async fn server<F, R>(connections: usize, serve: F) -> SocketAddr
where
    F: Fn(TcpStream, usize) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback is there");
    let addr = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        for number in 0..connections {
            let Ok((stream, _)) = listener.accept().await else {
                return;
            };
            tokio::spawn(serve(stream, number));
        }
    });
    addr
}

/// Reads the upgrade request and answers 101 by hand.
pub(crate) async fn accept_raw(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read_exact(&mut byte).await.is_err() {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
        .expect("a client sends its key");
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    stream
        .write_all(answer.as_bytes())
        .await
        .expect("the client is there");
}

/// Reads until the peer ends or resets TCP.
pub(crate) async fn drain(stream: &mut TcpStream) {
    let mut sink = [0; 4096];
    while matches!(stream.read(&mut sink).await, Ok(count) if count > 0) {}
}
