//! Listening, one task per connection, and stopping without leaving one behind.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::ServerError;

/// Connections served at once; further ones wait in the listen queue. More than the 30,000 at which
/// Raccoon begins to refuse them.
const CONNECTIONS_MAX: usize = 32_768;

/// How often it is tried to listen again after a crash.
const AGAIN: Duration = Duration::from_millis(200);

/// Longest a [`Handler::drain`] may take.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// What one system's server does with a connection.
pub trait Handler: Send + Sync + 'static {
    /// Serves one TCP connection until it ends. Dropped in the middle when the server stops, which
    /// ends TCP without a close frame, as all the real servers do; so it must own the tasks it
    /// starts (a `JoinSet` does).
    fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> impl Future<Output = ()> + Send;

    /// What happens between the end of listening and the end of the connections. At most 10 s.
    fn drain(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Done when the server crashes: all connections and the listener end at once. Called again
    /// when it is back.
    fn outage(&self) -> impl Future<Output = Outage> + Send {
        std::future::pending()
    }
}

/// A crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it listens again, at the same address; `None`: never.
    pub back_after: Option<Duration>,
}

/// A bound address, not yet served.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    background: JoinSet<()>,
}

impl Listener {
    /// Binds `address` (`127.0.0.1:8080`, `localhost:0`; port 0 takes a free one).
    pub async fn bind(address: &str) -> Result<Self, ServerError> {
        let bind = |source| ServerError::Bind {
            address: address.to_owned(),
            source,
        };
        let socket = TcpListener::bind(address).await.map_err(bind)?;
        let address = socket.local_addr().map_err(bind)?;
        Ok(Self {
            socket,
            address,
            background: JoinSet::new(),
        })
    }

    /// The address it got.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Work that is not tied to one connection: a ticker, a feed. Dropped when the server stops.
    pub fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.background.spawn(work);
    }

    /// Serves from now on. `path` is where the WebSocket is, for [`Running::url`].
    pub fn serve<H: Handler>(self, handler: H, path: &str) -> Running {
        let token = CancellationToken::new();
        let url = format!("ws://{}{path}", self.address);
        let address = self.address;
        let task = tokio::spawn(accept_loop(self, Arc::new(handler), token.clone()));
        Running {
            address,
            url,
            token,
            task: Some(task),
            takes_posts: false,
            parts: Vec::new(),
        }
    }
}

/// A further listener of the same server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// gRPC; it stops before the rest does.
    Grpc,
    /// The metrics page; it stops last.
    Metrics,
}

/// A server that is up. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    url: String,
    token: CancellationToken,
    task: Option<JoinHandle<()>>,
    takes_posts: bool,
    parts: Vec<(Part, Running)>,
}

impl Running {
    /// The same server with a further listener.
    #[must_use]
    pub(super) fn with(mut self, part: Part, running: Running) -> Self {
        self.parts.push((part, running));
        self
    }

    /// The same server, known to take plain requests where its WebSocket is.
    #[must_use]
    pub(super) fn with_rest(mut self) -> Self {
        self.takes_posts = true;
        self
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The WebSocket URL a client dials.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where a `POST` goes: the WebSocket's path on the same port. `None` if this server has no
    /// REST.
    #[must_use]
    pub fn rest_url(&self) -> Option<String> {
        let rest = self.url.strip_prefix("ws://")?;
        self.takes_posts.then(|| format!("http://{rest}"))
    }

    /// `grpc://ADDR:PORT`; `None` if this server has no gRPC.
    #[must_use]
    pub fn grpc_url(&self) -> Option<String> {
        let address = self.part(Part::Grpc)?;
        Some(format!("grpc://{address}"))
    }

    /// The page of metrics; `None` if it has none, or they are switched off.
    #[must_use]
    pub fn metrics_url(&self) -> Option<String> {
        let address = self.part(Part::Metrics)?;
        Some(format!("http://{address}/metrics"))
    }

    /// Where a further listener is.
    #[must_use]
    pub fn part(&self, part: Part) -> Option<SocketAddr> {
        let found = self.parts.iter().find(|(p, _)| *p == part);
        found.map(|(_, running)| running.address)
    }

    /// Stops listening, lets the system drain, ends all connections, and waits for every task.
    /// One listener after the other: gRPC, then the main one, then the metrics.
    pub async fn stop(mut self) {
        let parts = std::mem::take(&mut self.parts);
        let (before, after): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|(part, _)| *part == Part::Grpc);
        for (_, running) in before {
            running.halt().await;
        }
        self.halt().await;
        for (_, running) in after {
            running.halt().await;
        }
    }

    async fn halt(mut self) {
        self.token.cancel();
        if let Some(task) = self.task.take() {
            // An error here is a panic in the accept loop, which has ended then, too.
            let _ = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.token.cancel();
    }
}

async fn accept_loop<H: Handler>(bound: Listener, handler: Arc<H>, token: CancellationToken) {
    let Listener {
        socket,
        address,
        mut background,
    } = bound;
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let mut listening = Some(socket);
    while let Some(socket) = listening.take() {
        let outage = tokio::select! {
            () = token.cancelled() => None,
            outage = handler.outage() => Some(outage),
            () = accept_all(&socket, &room, &handler, &mut connections) => None,
        };
        drop(socket);
        if let Some(outage) = outage {
            connections.shutdown().await;
            listening = tokio::select! {
                () = token.cancelled() => None,
                socket = back(address, outage) => Some(socket),
            };
        }
    }
    if tokio::time::timeout(DRAIN_MAX, handler.drain())
        .await
        .is_err()
    {
        tracing::warn!("a built-in server did not drain within {DRAIN_MAX:?}");
    }
    connections.shutdown().await;
    background.shutdown().await;
}

/// Accepts and serves for ever.
async fn accept_all<H: Handler>(
    socket: &TcpListener,
    room: &Arc<Semaphore>,
    handler: &Arc<H>,
    connections: &mut JoinSet<()>,
) {
    loop {
        tokio::select! {
            Some(ended) = connections.join_next(), if !connections.is_empty() => report(ended),
            accepted = accept(socket, room) => {
                if let Some((stream, peer, permit)) = accepted {
                    let handler = Arc::clone(handler);
                    connections.spawn(async move {
                        handler.serve(stream, peer).await;
                        drop(permit);
                    });
                }
            }
        }
    }
}

/// Listens again when a crash is over.
async fn back(address: SocketAddr, outage: Outage) -> TcpListener {
    match outage.back_after {
        Some(after) => tokio::time::sleep(after).await,
        None => std::future::pending().await,
    }
    loop {
        match TcpListener::bind(address).await {
            Ok(socket) => return socket,
            Err(error) => {
                tracing::warn!("a built-in server could not listen again on {address}: {error}");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a connection of a built-in server ended in a panic: {error}");
    }
}

/// The next connection, once there is room for it.
async fn accept(
    socket: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match socket.accept().await {
        Ok((stream, peer)) => {
            // As Go does by default: replies leave at once. Failure costs only latency.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, permit))
        }
        Err(error) => {
            tracing::warn!("a built-in server could not accept a connection: {error}");
            // Out of descriptors, most likely; trying again at once would spin.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::mpsc;

    use super::*;

    /// Says one byte, then waits for ever; panics if told to. Reports when it is dropped.
    struct Waits(mpsc::Sender<&'static str>);

    struct Report(mpsc::Sender<&'static str>);

    impl Drop for Report {
        fn drop(&mut self) {
            let _ = self.0.try_send("connection");
        }
    }

    impl Handler for Waits {
        async fn serve(self: Arc<Self>, mut stream: TcpStream, _peer: SocketAddr) {
            let _report = Report(self.0.clone());
            stream.write_all(b"!").await.expect("the client reads");
            assert!(stream.read_u8().await.is_err(), "a panic was asked for");
        }

        async fn drain(&self) {
            let _ = self.0.send("drain").await;
        }
    }

    async fn running(reports: mpsc::Sender<&'static str>) -> Running {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        listener.serve(Waits(reports), "/")
    }

    async fn connected(running: &Running) -> TcpStream {
        let mut stream = TcpStream::connect(running.address()).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'!');
        stream
    }

    #[tokio::test]
    async fn stopping_drains_and_then_ends_every_connection() {
        let (sender, mut reports) = mpsc::channel(8);
        let running = running(sender).await;
        let address = running.address();
        let mut one = connected(&running).await;
        let _two = connected(&running).await;
        running.stop().await;
        let mut told = Vec::new();
        while let Ok(report) = reports.try_recv() {
            told.push(report);
        }
        assert_eq!(told, ["drain", "connection", "connection"]);
        assert!(one.read_u8().await.is_err());
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_panic_ends_one_connection_only() {
        let (sender, mut reports) = mpsc::channel(8);
        let running = running(sender).await;
        let mut one = connected(&running).await;
        one.write_all(b"x").await.unwrap();
        assert_eq!(reports.recv().await, Some("connection"));
        let _two = connected(&running).await;
        running.stop().await;
    }

    #[tokio::test]
    async fn dropping_stops_too() {
        let (sender, mut reports) = mpsc::channel(8);
        drop(running(sender).await);
        assert_eq!(reports.recv().await, Some("drain"));
    }
}
