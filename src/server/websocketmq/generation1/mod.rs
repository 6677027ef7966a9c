//! The brokers of the first generation: `header` and `body`, dialects 1.3 and 1.1, with the
//! handlers of their sample servers.
//!
//! ```text
//!  socket ─► connection ─► message ─┬► rpc (1.3): registration, calls both ways ◄─ api (HTTP)
//!     ▲                             └► bus (1.1): topics, `ttl`                 ◄─ ticks
//!     └───── peer (queue) ◄───────────┘
//! ```
//!
//! There are no pings, no drops and no complaints: what cannot be decoded is ignored. Messages
//! leave compressed where the client has offered that (see [`crate::server::wire::deflate`]).
//! Scripts and pages of the sample servers are not here: those paths are 404.

mod api;
mod body;
mod bus;
mod connection;
mod message;
mod peer;
mod rpc;
mod sessions;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at};

use super::settings::{Call, Settings};
use super::work::Work;
use super::{Dialect, refused};
use crate::schema::gojson::Value;
use crate::server::http::upgrade::{self, Outcome, Rules};
use crate::server::http::{Channel, Head, Origins, Response, mux};
use crate::server::wire::{Decoder, Flavour};
use crate::server::{Handler, Listener, Running, ServerError};
use bus::Bus;
use message::Message;
use peer::Peer;
use rpc::Rpc;

pub use rpc::Unanswered;

/// Reason of the close frame when 1.3 stops.
const FAREWELL: &str = "server shutting down connection";

/// Where the WebSocket is.
pub const PATH: &str = "/ws";

/// Starts the broker of [`Settings::dialect`], which must be one of this generation.
pub async fn start(settings: Settings) -> Result<(Running, Handle), ServerError> {
    settings.check()?;
    let mut listener = Listener::bind(&settings.listen).await?;
    let broker = if settings.dialect == Dialect::V1_1 {
        let bus = Arc::new(Bus::new(settings.faults.clone()));
        let every = settings.traffic.announce_every;
        if !every.is_zero() {
            listener.spawn(bus::tick(Arc::clone(&bus), every));
        }
        Broker::Bus(bus)
    } else {
        let rpc = Arc::new(Rpc::new(settings.faults.clone()));
        let every = settings.traffic.call_clients_every;
        if !every.is_zero() {
            let patience = settings.request_timeout;
            let calls = settings.traffic.calls.clone();
            listener.spawn(call_clients(Arc::clone(&rpc), every, calls, patience));
        }
        Broker::Rpc(rpc)
    };
    let handle = Handle {
        broker: broker.clone(),
    };
    let server = Server { settings, broker };
    Ok((listener.serve(server, PATH), handle))
}

/// The inside of a running broker, as server code of the real library has it.
#[derive(Clone, Debug)]
pub struct Handle {
    broker: Broker,
}

impl Handle {
    /// Pushes an event to one client (1.3). `body` is JSON text.
    pub async fn push(&self, client: &str, topic: &str, body: &str) -> Result<(), Unanswered> {
        match &self.broker {
            Broker::Rpc(rpc) => rpc.push(client, topic, encoded(body)).await,
            Broker::Bus(_) => Err(Unanswered::NotFound),
        }
    }

    /// Calls a client and waits at most `patience` (1.3): the JSON text of the reply's body.
    pub async fn request(
        &self,
        client: &str,
        topic: &str,
        body: &str,
        patience: Duration,
    ) -> Result<String, Unanswered> {
        let Broker::Rpc(rpc) = &self.broker else {
            return Err(Unanswered::NotFound);
        };
        let reply = rpc.request(client, topic, encoded(body), patience).await?;
        Ok(String::from_utf8_lossy(reply.json()).into_owned())
    }

    /// The connection a registered page id leads to (1.3).
    #[must_use]
    pub fn client_of(&self, page: &str) -> Option<String> {
        match &self.broker {
            Broker::Rpc(rpc) => rpc.client_of(page),
            Broker::Bus(_) => None,
        }
    }

    /// Ids of everybody connected.
    #[must_use]
    pub fn clients(&self) -> Vec<String> {
        match &self.broker {
            Broker::Rpc(rpc) => rpc.clients().into_iter().map(|(id, _)| id).collect(),
            Broker::Bus(bus) => bus.clients(),
        }
    }
}

/// JSON text as Go writes it; what is none becomes `null`.
fn encoded(json: &str) -> Vec<u8> {
    let value = Value::parse(json.as_bytes()).ok();
    value.and_then(body::reencoded).unwrap_or_default()
}

#[derive(Clone, Debug)]
enum Broker {
    Rpc(Arc<Rpc>),
    Bus(Arc<Bus>),
}

impl Broker {
    /// An id for a new connection.
    fn new_id(&self) -> String {
        match self {
            Self::Rpc(_) => format!("wsconn-{}", rpc::IDS.make()),
            Self::Bus(_) => format!("client-{}", message::nanoseconds()),
        }
    }

    fn join(&self, peer: &Arc<Peer>) {
        match self {
            Self::Rpc(rpc) => rpc.join(peer),
            Self::Bus(bus) => bus.join(peer),
        }
    }

    fn leave(&self, peer: &Peer) {
        match self {
            Self::Rpc(rpc) => rpc.leave(peer),
            Self::Bus(bus) => bus.leave(peer),
        }
    }

    async fn receive(&self, peer: &Arc<Peer>, message: Message) -> Option<Work> {
        match self {
            Self::Rpc(rpc) => rpc.receive(peer, message).await,
            Self::Bus(bus) => bus.receive(peer, message).await,
        }
    }

    /// How it closes after a frame without a mask.
    const fn unmasked(&self) -> (u16, &'static str) {
        match self {
            Self::Rpc(_) => (1011, "server handler unexpected exit"),
            Self::Bus(_) => (1000, "handler closing"),
        }
    }
}

#[derive(Debug)]
struct Server {
    settings: Settings,
    broker: Broker,
}

impl Handler for Server {
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        match self.opened(stream).await {
            Ok(Some((stream, decoder))) => connection::serve(&self, stream, decoder).await,
            Ok(None) => {}
            Err(error) => tracing::debug!("{peer} left during the handshake: {error}"),
        }
    }

    /// 1.3 closes its connections when it stops; 1.1 just ends.
    async fn drain(&self) {
        if let Broker::Rpc(rpc) = &self.broker {
            let peers = rpc.peers();
            for peer in &peers {
                peer.close();
            }
            for peer in &peers {
                peer.gone().await;
            }
        }
    }
}

impl Server {
    /// Answers requests until one of them is upgraded.
    async fn opened(&self, stream: TcpStream) -> std::io::Result<Option<(TcpStream, Decoder)>> {
        let rules = Rules {
            flavour: Flavour::Nhooyr,
            key_checked: false,
            origins: Origins::Matching(self.settings.origins.clone()),
            message_limit: self.settings.message_limit,
        };
        let mut channel = Channel::new(stream);
        while let Some(head) = channel.head().await? {
            if head.path() != PATH || self.settings.faults.refuses() {
                let response = self.page(&mut channel, &head).await;
                if channel.respond(&head, response).await? {
                    continue;
                }
                return Ok(None);
            }
            match upgrade::accept(channel, &head, &rules).await? {
                Outcome::Open(stream, decoder) => return Ok(Some((stream, decoder))),
                Outcome::Refused(refused) => channel = refused,
                Outcome::Over => return Ok(None),
            }
        }
        Ok(None)
    }

    async fn page(&self, channel: &mut Channel<TcpStream>, head: &Head) -> Response {
        if let Some(answer) = mux::answer(head) {
            return answer;
        }
        match (&self.broker, api::procedure(head.path())) {
            (Broker::Rpc(rpc), Some(procedure)) => {
                api::answer(self, rpc, channel, head, procedure).await
            }
            _ if head.path() == PATH => refused(),
            _ => Response::not_found(),
        }
    }
}

/// Asks every registered client something every so often, for ever.
async fn call_clients(rpc: Arc<Rpc>, every: Duration, calls: Vec<Call>, patience: Duration) {
    let mut ticks = interval_at(Instant::now() + every, every);
    let mut open = JoinSet::new();
    for round in 0_usize.. {
        ticks.tick().await;
        while open.try_join_next().is_some() {}
        let (topic, body) = match calls.get(round % calls.len().max(1)) {
            Some(call) => (call.topic.clone(), encoded(&call.payload)),
            None => usual(round),
        };
        for (client, page) in rpc.clients() {
            if page.is_none() {
                continue;
            }
            let (rpc, topic, body) = (Arc::clone(&rpc), topic.clone(), body.clone());
            open.spawn(async move {
                if let Err(error) = rpc.request(&client, &topic, body, patience).await {
                    tracing::info!("calling {topic} of {client}: {error}");
                }
            });
        }
    }
}

/// What is asked when nobody says what.
fn usual(round: usize) -> (String, Vec<u8>) {
    let (topic, body): (&str, &[u8]) = if round % 3 == 2 {
        ("browser.getText", br##"{"selector":"#title"}"##)
    } else {
        ("browser.click", br##"{"selector":"#test-button-1"}"##)
    };
    (topic.to_owned(), body.to_vec())
}
