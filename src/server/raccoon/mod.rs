//! Raccoon, release 0.3.0: WebSocket and REST on one port, gRPC on another.
//!
//! ```text
//! connection ─► route ─┬─ GET  /api/v1/events ─► socket ─┐
//!                      ├─ POST /api/v1/events ─► rest   ─┼─► pool ─► sink
//!                      ├─ GET  /ping          ─► pong    │     └─► acks (SYNC) ─► socket
//!                      └─ 404, 405, 301        │         └ hub: who is live, pings
//! gRPC connection ─► call ─► SendEvent ─► grpc ─┘
//! ```
//!
//! It does what the real server does where that helps nobody: refusals in protobuf for JSON
//! clients, deadlines that end TCP without a close frame, one slow reader holding up everybody's
//! SYNC acks. A client that copes with it copes with the real one.

mod acks;
mod cors;
mod crash;
mod faults;
mod grpc;
mod hub;
mod json;
mod message;
mod metrics;
mod pool;
mod protobuf;
mod publisher;
mod rest;
mod settings;
mod socket;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::mpsc;

use self::acks::Settled;
use self::crash::Crash;
use self::hub::{Hub, Identity};
use self::metrics::{Metrics, Refused};
use self::pool::Pool;
use self::publisher::Sink;
use super::http::upgrade::{self, Outcome, Rules};
use super::http::{Channel, Head, Origins, Response, path};
use super::wire::Flavour;
use super::{Handler, Listener, Part, Running, ServerError};
use crate::transport::clock;

pub use cors::Cors;
pub use faults::{EventTypes, Faults};
pub use publisher::{Publisher, SinkKind};
pub use settings::{Ack, Settings};

/// Where batches go, over WebSocket and over REST.
pub const PATH: &str = "/api/v1/events";

/// Starts it.
pub async fn start(settings: Settings) -> Result<Running, ServerError> {
    settings.check()?;
    let mut listener = Listener::bind(&settings.listen).await?;
    let grpc = bound(settings.grpc_listen.as_deref()).await?;
    let page = bound(settings.metrics_listen.as_deref()).await?;
    let metrics = match page {
        Some(_) => Metrics::kept(),
        None => Metrics::default(),
    };
    let crash = Crash::never_yet();
    let sink = Sink::new(&settings, metrics.clone());
    let (pool, workers) = pool::pool(
        settings.workers,
        settings.queue,
        sink,
        metrics.clone(),
        crash.clone(),
    );
    for worker in workers {
        listener.spawn(worker.run());
    }
    let (acks, settled) = mpsc::channel(acks::WAITING_MAX);
    let closing = pool.clone();
    let lost = move || closing.is_closing();
    listener.spawn(acks::run(settled, metrics.clone(), lost));
    let hub = Hub::new(metrics.clone());
    let pings = hub.clone();
    listener.spawn(pings.ping(settings.ping_interval, settings.write_wait));
    if page.is_some() {
        listener.spawn(hub.clone().report(settings.metrics_refresh));
    }
    let raccoon = Arc::new(Raccoon {
        settings,
        hub,
        pool,
        acks,
        metrics: metrics.clone(),
        crash,
    });
    let mut running = listener.serve(Http(Arc::clone(&raccoon)), PATH).with_rest();
    if let Some(listener) = grpc {
        let grpc = listener.serve(grpc::Server::new(raccoon), "");
        running = running.with(Part::Grpc, grpc);
    }
    if let Some(listener) = page {
        let page = listener.serve(metrics::Page(metrics), "");
        running = running.with(Part::Metrics, page);
    }
    Ok(running)
}

async fn bound(address: Option<&str>) -> Result<Option<Listener>, ServerError> {
    match address {
        Some(address) => Listener::bind(address).await.map(Some),
        None => Ok(None),
    }
}

/// What serves the WebSocket and REST listener.
struct Http(Arc<Raccoon>);

/// What all connections share.
struct Raccoon {
    settings: Settings,
    hub: Hub,
    pool: Pool,
    acks: mpsc::Sender<Settled>,
    metrics: Metrics,
    crash: Crash,
}

impl Handler for Http {
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let requests = self.0.requests(Channel::new(stream));
        if let Some(Err(error)) = self.0.crash.or_until(requests).await {
            tracing::debug!("raccoon: {peer}: {error}");
        }
    }

    async fn drain(&self) {
        self.0.pool.drain(self.0.settings.flush_timeout).await;
    }
}

impl Raccoon {
    /// Answers requests until one becomes a WebSocket or the connection ends.
    async fn requests(&self, mut channel: Channel) -> io::Result<()> {
        while let Some(head) = channel.head().await? {
            if let Some(response) = self.cors().and_then(|cors| cors.preflight(&head)) {
                if !channel.respond(&head, response).await? {
                    return Ok(());
                }
                continue;
            }
            let response = match (head.path(), head.method.as_str()) {
                (PATH, "GET") => match upgrade::check(&head, &self.rules()) {
                    Ok(()) => return self.upgrade(channel, &head).await,
                    Err(refused) => {
                        self.not_upgraded(&head);
                        refused
                    }
                },
                (PATH, "POST") => match rest::post(self, &mut channel, &head).await {
                    Some(response) => response,
                    None => return Ok(()),
                },
                _ => page(&head),
            };
            if !channel.respond(&head, self.marked(&head, response)).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Opens the WebSocket of a request that may, and serves it to its end.
    async fn upgrade(&self, channel: Channel, head: &Head) -> io::Result<()> {
        match upgrade::accept(channel, head, &self.rules()).await? {
            Outcome::Open(stream, decoder) => {
                socket::converse(self, stream, decoder, head).await;
            }
            Outcome::Refused(_) | Outcome::Over => self.not_upgraded(head),
        }
        Ok(())
    }

    fn not_upgraded(&self, head: &Head) {
        let identity = Identity::of(head, &self.settings);
        self.metrics.refused(&identity, Refused::Handshake);
    }

    fn cors(&self) -> Option<&Cors> {
        self.settings.cors.as_ref()
    }

    /// An answer as the CORS layer lets it out.
    fn marked(&self, head: &Head, response: Response) -> Response {
        match self.cors() {
            Some(cors) => cors.answer(head, response),
            None => response,
        }
    }

    fn rules(&self) -> Rules {
        Rules {
            flavour: Flavour::Gorilla,
            key_checked: false,
            origins: if self.settings.check_origin {
                Origins::SameHost
            } else {
                Origins::Any
            },
            message_limit: self.settings.message_limit,
        }
    }
}

/// Everything that is not the events endpoint in use.
fn page(head: &Head) -> Response {
    if let Some(clean) = path::cleaned(head.path()) {
        let query = head.query().map_or(String::new(), |q| format!("?{q}"));
        return Response::empty(301).with("Location", format!("{}{query}", path::escaped(&clean)));
    }
    match (head.path(), head.method.as_str()) {
        ("/ping", "GET") => Response::text("pong"),
        ("/ping" | PATH, _) => Response::empty(405),
        _ => Response::not_found(),
    }
}

/// Now in Unix seconds, as replies carry it.
fn seconds() -> i64 {
    clock::now().wall_us.div_euclid(1_000_000)
}
