//! The WebSocketMQ broker, second generation: publish and subscribe, requests both ways, calls
//! from client to client through the broker.
//!
//! ```text
//!  socket ─► connection ─► broker ─┬─ registry: ids, subscriptions
//!     ▲                      ▲     ├─ handlers: the demo server's topics
//!     └── peer (queue 32) ◄──┼─────┴─ calls waiting for an answer
//!                            └── Handle: publish, push, request · traffic: announcements, calls, bots
//! ```
//!
//! It keeps the real broker's quirks: a client is usable before it registers, an id shorter than
//! eight bytes gets a dead socket, success means "no `error` member" whatever the `type` says, a
//! mistyped envelope costs the connection, the third message dropped for a slow reader too.
//!
//! Older dialects of the generation can be asked for ([`Dialect`]); [`generation1`] is about the
//! other one. The scripts and pages the real library can serve are not here: those paths are 404.
//!
//! What a client sends in one go is taken in faster than answers are written, as in the real
//! broker, so that pipelining can overrun the own queue; the pace is fixed here and depends on
//! the machine there (see [`Settings::spares_bursts`]).

mod broker;
mod connection;
mod dialect;
mod ending;
mod envelope;
mod faults;
pub mod generation1;
mod handlers;
mod payload;
mod peer;
mod query;
mod registry;
mod settings;
mod time;
mod traffic;
mod work;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

use super::http::upgrade::{self, Rules};
use super::http::{Head, Origins, Response, mux};
use super::wire::Flavour;
use super::{Handler, Listener, Running, ServerError};
use broker::Broker;

pub use broker::CallError;
pub use dialect::Dialect;
pub use faults::{CloseAfter, Faults};
pub use registry::Client;
pub use settings::{Call, Settings, Traffic};

/// Where the WebSocket is: the library's own path first, the sample servers' second.
pub const PATHS: [&str; 2] = ["/wsmq", "/ws"];

/// Shortest `client_id` the broker can live with, in bytes.
const ID_MIN: usize = 8;

/// Starts the broker of [`Settings::dialect`], which must be one of the second generation.
pub async fn start(settings: Settings) -> Result<(Running, Handle), ServerError> {
    settings.check()?;
    let mut listener = Listener::bind(&settings.listen).await?;
    let Traffic {
        announce_every,
        call_clients_every,
        calls,
        hot_reload_every,
        chat_every,
    } = settings.traffic.clone();
    let broker = Broker::new(settings);
    if !announce_every.is_zero() {
        listener.spawn(traffic::announce(Arc::clone(&broker), announce_every));
    }
    if !call_clients_every.is_zero() {
        listener.spawn(traffic::call_clients(
            Arc::clone(&broker),
            call_clients_every,
            calls,
        ));
    }
    if !hot_reload_every.is_zero() {
        listener.spawn(traffic::hot_reload(Arc::clone(&broker), hot_reload_every));
    }
    if !chat_every.is_zero() {
        listener.spawn(traffic::chat(Arc::clone(&broker), chat_every));
    }
    let handle = Handle {
        broker: Arc::clone(&broker),
    };
    Ok((listener.serve(Server { broker }, PATHS[0]), handle))
}

/// The inside of a running broker, as server code of the real library has it.
#[derive(Clone, Debug)]
pub struct Handle {
    broker: Arc<Broker>,
}

impl Handle {
    /// Publishes to every subscriber of exactly that topic. `payload` is JSON text.
    pub async fn publish(&self, topic: &str, payload: &str) -> Result<(), CallError> {
        self.broker.publish(topic, payload).await
    }

    /// Pushes a publish to one client, whether or not it has subscribed.
    pub async fn push(&self, client: &str, topic: &str, payload: &str) -> Result<(), CallError> {
        self.broker.push(client, topic, payload).await
    }

    /// Calls a client and waits at most `patience` for its answer: the JSON text of the payload,
    /// if it gave one. The error has the real broker's words.
    pub async fn request(
        &self,
        client: &str,
        topic: &str,
        payload: Option<&str>,
        patience: Duration,
    ) -> Result<Option<String>, CallError> {
        self.broker.request(client, topic, payload, patience).await
    }

    /// Everybody who can be found by id.
    #[must_use]
    pub fn clients(&self) -> Vec<Client> {
        self.broker.clients()
    }
}

#[derive(Debug)]
struct Server {
    broker: Arc<Broker>,
}

impl Handler for Server {
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let settings = self.broker.settings();
        let rules = Rules {
            flavour: Flavour::Coder,
            key_checked: true,
            origins: Origins::Matching(settings.origins.clone()),
            message_limit: settings.message_limit,
        };
        let elsewhere = |head: &Head| {
            let answer = mux::answer(head);
            if answer.is_some() {
                return answer;
            }
            if !PATHS.contains(&head.path()) {
                return Some(Response::not_found());
            }
            settings.faults.refuses().then(refused)
        };
        let (stream, decoder, head) = match upgrade::open(stream, &rules, elsewhere).await {
            Ok(Some(open)) => open,
            Ok(None) => return,
            Err(error) => {
                tracing::debug!("{peer} left during the handshake: {error}");
                return;
            }
        };
        match identify(&head, settings.dialect) {
            Some(client) => connection::serve(&self.broker, stream, decoder, client).await,
            None => connection::ignore(stream).await,
        }
    }
}

/// What the real broker answers while it shuts down.
fn refused() -> Response {
    Response::error(503, "server is shutting down")
}

/// Who is connecting; `None` if its id is too short to live with.
fn identify(head: &Head, dialect: Dialect) -> Option<Client> {
    if dialect == Dialect::V2_0 {
        return Some(Client::assumed(&peer::new_id(), ""));
    }
    let given = query::first(head.query().unwrap_or_default(), "client_id").unwrap_or_default();
    let wished = match given.len() {
        0 => peer::new_id(),
        ID_MIN.. => String::from_utf8_lossy(&given).into_owned(),
        _ => return None,
    };
    let client = Client::assumed(&wished, &head.text("Referer"));
    if dialect < Dialect::V2_3 {
        // Named after the id it wished for, known by another.
        return Some(Client {
            id: peer::new_id(),
            ..client
        });
    }
    Some(client)
}
