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
mod grpc;
mod hub;
mod json;
mod message;
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
use self::hub::Hub;
use self::message::{Reply, Wire};
use self::pool::Pool;
use self::publisher::Sink;
use super::http::upgrade::{Outcome, Rules, accept};
use super::http::{Channel, Head, Origins, Response};
use super::wire::{Flavour, Writer};
use super::{Handler, Listener, Part, Running, ServerError};
use crate::transport::clock;

pub use publisher::Publisher;
pub use settings::{Ack, Settings};

/// Where batches go, over WebSocket and over REST.
pub const PATH: &str = "/api/v1/events";

/// Starts it.
pub async fn start(settings: Settings) -> Result<Running, ServerError> {
    settings.check()?;
    let mut listener = Listener::bind(&settings.listen).await?;
    let sink = Sink::new(settings.publisher);
    let (pool, workers) = pool::pool(settings.workers, settings.queue, sink);
    for worker in workers {
        listener.spawn(worker.run());
    }
    let (acks, settled) = mpsc::channel(1);
    let closing = pool.clone();
    listener.spawn(acks::run(settled, move || closing.is_closing()));
    let hub = Hub::default();
    listener.spawn(
        hub.clone()
            .ping(settings.ping_interval, settings.write_wait),
    );
    let grpc = match &settings.grpc_listen {
        Some(address) => Some(Listener::bind(address).await?),
        None => None,
    };
    let raccoon = Arc::new(Raccoon {
        settings,
        hub,
        pool,
        acks,
    });
    let mut running = listener.serve(Http(Arc::clone(&raccoon)), PATH).with_rest();
    if let Some(listener) = grpc {
        let grpc = listener.serve(grpc::Server::new(raccoon), "");
        running = running.with(Part::Grpc, grpc);
    }
    Ok(running)
}

/// What serves the WebSocket and REST listener.
struct Http(Arc<Raccoon>);

/// What all connections share.
struct Raccoon {
    settings: Settings,
    hub: Hub,
    pool: Pool,
    acks: mpsc::Sender<Settled>,
}

impl Handler for Http {
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        if let Err(error) = self.0.requests(Channel::new(stream)).await {
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
            let response = match (head.path(), head.method.as_str()) {
                (PATH, "GET") => match accept(channel, &head, &self.rules()).await? {
                    Outcome::Open(stream, decoder) => {
                        socket::converse(self, stream, decoder, &head).await;
                        return Ok(());
                    }
                    Outcome::Refused(refused) => {
                        channel = refused;
                        continue;
                    }
                    Outcome::Over => return Ok(()),
                },
                (PATH, "POST") => match rest::post(self, &mut channel, &head).await {
                    Some(response) => response,
                    None => return Ok(()),
                },
                _ => page(&head),
            };
            if !channel.respond(&head, response).await? {
                return Ok(());
            }
        }
        Ok(())
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
    let path = head.path();
    if let Some(clean) = cleaned(path) {
        let query = head.query().map_or(String::new(), |q| format!("?{q}"));
        return Response::empty(301).with("Location", format!("{clean}{query}"));
    }
    match (path, head.method.as_str()) {
        ("/ping", "GET") => Response::text("pong"),
        ("/ping" | PATH, _) => Response::empty(405),
        _ => Response::not_found(),
    }
}

/// The path without doubled slashes and dots, if that is another one.
fn cleaned(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    let mut clean = format!("/{}", parts.join("/"));
    if path.ends_with('/') && clean != "/" {
        clean.push('/');
    }
    (clean != path).then_some(clean)
}

/// Writes a reply in the frame type of its request.
async fn write_reply(writer: &Writer, wire: Wire, reply: &Reply) -> io::Result<()> {
    let bytes = wire.encode(reply);
    match wire {
        Wire::Protobuf => writer.binary(&bytes).await,
        Wire::Json => writer.text(&bytes).await,
    }
}

/// Now in Unix seconds, as replies carry it.
fn seconds() -> i64 {
    clock::now().wall_us.div_euclid(1_000_000)
}
