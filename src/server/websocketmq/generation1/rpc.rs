//! Dialect 1.3: calls both ways, matched by correlation id alone, broker-wide.
//!
//! ```text
//!  text ─► register? ─► sessions, ack
//!     └──► reply? ─► whoever waits for that correlation id
//!     └──► handlers of the topic ─► what they give goes back to the sender
//! ```
//!
//! Frames of any kind reach the handlers of their topic. A handler that fails, and a topic without
//! one, say nothing on the wire. Clients can forge what the server tells itself: the topics on
//! which connections register and leave are handlers like any other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::message::{Ids, Message, error_body, kind};
use super::peer::Peer;
use super::sessions::Sessions;
use crate::sanitise::line;
use crate::schema::gojson::{Kind, Value, quote};
use crate::server::websocketmq::faults::{Faults, Instead};
use crate::server::websocketmq::work::Work;

const REGISTER: &str = "_client.register";
const REGISTERED: &str = "_internal.client.registered";
const DEREGISTERED: &str = "_internal.client.deregistered";

pub(super) const IDS: Ids = Ids::Random;

/// Why server code got no reply from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Nobody goes by that id.
    #[error("client not found")]
    NotFound,
    /// It took too long; also if the client has left meanwhile.
    #[error("request timed out")]
    TimedOut,
    /// The connection ended before the request was written.
    #[error("connection write error")]
    Write,
}

/// What a handler gives.
enum Outcome {
    Body(Vec<u8>),
    Failed(String),
    Nothing,
}

/// Everything the connections of one server share.
#[derive(Debug, Default)]
pub(super) struct Rpc {
    faults: Faults,
    peers: Mutex<HashMap<String, Arc<Peer>>>,
    sessions: Mutex<Sessions>,
    calls: Mutex<HashMap<String, oneshot::Sender<Message>>>,
}

impl Rpc {
    pub(super) fn new(faults: Faults) -> Self {
        Self {
            faults,
            ..Self::default()
        }
    }

    pub(super) fn join(&self, peer: &Arc<Peer>) {
        held(&self.peers).insert(peer.id().to_owned(), Arc::clone(peer));
    }

    pub(super) fn leave(&self, peer: &Peer) {
        held(&self.peers).remove(peer.id());
        held(&self.sessions).forget(peer.id());
    }

    /// Everybody connected, with the page id it registered.
    pub(super) fn clients(&self) -> Vec<(String, Option<String>)> {
        let sessions = held(&self.sessions);
        let peers = held(&self.peers);
        let page = |id: &String| sessions.page(id).map(str::to_owned);
        peers.keys().map(|id| (id.clone(), page(id))).collect()
    }

    /// The connection a page id leads to.
    pub(super) fn client_of(&self, page: &str) -> Option<String> {
        held(&self.sessions).client(page).map(str::to_owned)
    }

    pub(super) fn peers(&self) -> Vec<Arc<Peer>> {
        held(&self.peers).values().cloned().collect()
    }

    /// Acts on a client's message; what takes its time is handed back.
    pub(super) async fn receive(
        self: &Arc<Self>,
        peer: &Arc<Peer>,
        message: Message,
    ) -> Option<Work> {
        if message.kind == kind::EVENT && message.topic == REGISTER {
            self.register(peer, &message).await;
            return None;
        }
        self.settle(&message);
        let manner = self.faults.manner(&message.topic);
        let mut replies = Vec::new();
        for outcome in self.handle(&message) {
            match outcome {
                Outcome::Body(body) => replies.push(message.reply(IDS, kind::RESPONSE, body)),
                Outcome::Failed(text) => {
                    tracing::info!("handler of {} failed: {text}", line(&message.topic));
                    if message.kind == kind::REQUEST {
                        // Stays inside the broker, where only a call of its own could hear it.
                        let text = error_body(&format!("handler error: {text}"));
                        self.settle(&message.reply(IDS, kind::ERROR, text));
                    }
                }
                Outcome::Nothing => {}
            }
        }
        if replies.is_empty() {
            return None;
        }
        if manner.delay.is_zero() {
            for reply in replies {
                peer.reply(&reply, manner).await;
            }
            return None;
        }
        let peer = Arc::clone(peer);
        let work = async move {
            manner.wait().await;
            for reply in replies {
                peer.reply(&reply, manner).await;
            }
        };
        Some(work.boxed())
    }

    async fn register(&self, peer: &Peer, message: &Message) {
        let page = message.value().and_then(|body| text(body, "pageSessionID"));
        let Some(page) = page.filter(|page| !page.is_empty()) else {
            tracing::info!("client {}: no pageSessionID, not registered", peer.id());
            return;
        };
        held(&self.sessions).register(&page, peer.id());
        tracing::info!("client {} registered as {}", peer.id(), line(&page));
        let mut body = b"{\"brokerClientID\":".to_vec();
        quote(peer.id(), &mut body);
        body.extend_from_slice(b",\"pageSessionID\":");
        quote(&page, &mut body);
        body.extend_from_slice(b",\"status\":\"registered\"}");
        peer.send(&Message::event(IDS, REGISTERED, body)).await;
    }

    /// Hands a reply to whoever waits for it, wherever it came from; the first one wins.
    fn settle(&self, reply: &Message) {
        if matches!(reply.kind.as_str(), kind::RESPONSE | kind::ERROR) {
            let waiting = held(&self.calls).remove(&reply.correlation);
            if let Some(waiting) = waiting {
                // Nobody waits any more if the caller gave up just now.
                let _ = waiting.send(reply.clone());
            }
        }
    }

    /// Runs the handlers of a message's topic.
    fn handle(&self, message: &Message) -> Vec<Outcome> {
        match self.faults.instead(&message.topic) {
            Some(Instead::Answer(json)) => return vec![answered(json)],
            Some(Instead::Fail(text)) => return vec![Outcome::Failed(text.to_owned())],
            None => {}
        }
        match message.topic.as_str() {
            "server.ping" => {
                let mut body = b"{\"client_data\":".to_vec();
                body.extend_from_slice(message.json());
                body.extend_from_slice(b",\"reply\":\"pong from server handler\"}");
                vec![Outcome::Body(body)]
            }
            "test.fail" => vec![Outcome::Failed("failed on purpose".to_owned())],
            "test.two_handlers" => vec![
                Outcome::Body(b"{\"handler\":1}".to_vec()),
                Outcome::Body(b"{\"handler\":2}".to_vec()),
            ],
            REGISTERED => {
                let ids = message.value().and_then(|body| {
                    Some((text(body, "pageSessionID")?, text(body, "brokerClientID")?))
                });
                if let Some((page, client)) = ids
                    && !page.is_empty()
                    && !client.is_empty()
                {
                    held(&self.sessions).register(&page, &client);
                }
                vec![Outcome::Nothing]
            }
            DEREGISTERED => {
                let client = message
                    .value()
                    .and_then(|body| text(body, "brokerClientID"));
                held(&self.sessions).forget(&client.unwrap_or_default());
                vec![Outcome::Nothing]
            }
            _ => Vec::new(),
        }
    }

    /// Pushes an event to one client. `body` is JSON text as Go writes it.
    pub(super) async fn push(
        &self,
        client: &str,
        topic: &str,
        body: Vec<u8>,
    ) -> Result<(), Unanswered> {
        let peer = self.peer(client)?;
        let event = Message::event(IDS, topic, body);
        peer.send(&event)
            .await
            .then_some(())
            .ok_or(Unanswered::Write)
    }

    /// Asks a client and waits at most `patience` for a reply, from whichever connection.
    pub(super) async fn request(
        &self,
        client: &str,
        topic: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Message, Unanswered> {
        let peer = self.peer(client)?;
        let ttl = i64::try_from(patience.as_millis()).unwrap_or(i64::MAX);
        let request = Message::request(IDS, topic, body, ttl);
        let (reply, replied) = oneshot::channel();
        held(&self.calls).insert(request.correlation.clone(), reply);
        let _call = Call {
            rpc: self,
            id: &request.correlation,
        };
        if !peer.send(&request).await {
            return Err(Unanswered::Write);
        }
        match timeout(patience, replied).await {
            Ok(Ok(reply)) => Ok(reply),
            _ => Err(Unanswered::TimedOut),
        }
    }

    fn peer(&self, client: &str) -> Result<Arc<Peer>, Unanswered> {
        let found = held(&self.peers).get(client).cloned();
        found.ok_or(Unanswered::NotFound)
    }
}

/// An open call; forgotten when dropped.
struct Call<'a> {
    rpc: &'a Rpc,
    id: &'a str,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        held(&self.rpc.calls).remove(self.id);
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answered(json: &str) -> Outcome {
    let body = Value::parse(json.as_bytes()).ok();
    body.and_then(super::body::reencoded)
        .map_or(Outcome::Nothing, Outcome::Body)
}

/// A member of a decoded object, which Go finds by its exact name; `None` if it is no string.
fn text(body: Value<'_>, name: &str) -> Option<String> {
    if body.kind() != Kind::Object {
        return None;
    }
    body.member(name)?.string()
}
