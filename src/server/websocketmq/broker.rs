//! The broker: what it does with each message, and what server code can ask of it.
//!
//! Knows no socket. A connection joins, hands in what it receives and writes what its queue
//! gives; the demo's own clients join in the same way.

mod system;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::Settings;
use super::envelope::{Draft, Envelope, Fault, Undecodable, kind};
use super::handlers::{self, Answer, Reply};
use super::peer::Peer;
use super::registry::{Client, LinkId, Registry};
use crate::schema::gojson::{SyntaxError, Value, quote};
use crate::transport::clock;
use system::Proxied;

/// Why server code could not reach a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The payload is no JSON.
    #[error("sending to a client: the payload is {0}")]
    Payload(#[from] SyntaxError),
    /// In the real broker's words: unknown id, error answer, timeout, connection gone.
    #[error("{0}")]
    Failed(String),
}

/// Everything the connections of one server share.
#[derive(Debug)]
pub(super) struct Broker {
    settings: Settings,
    registry: Mutex<Registry<Arc<Peer>>>,
}

/// A connection that has joined.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) link: LinkId,
    pub(super) peer: Arc<Peer>,
}

/// Work a message has set off that takes its time: a slow handler, a proxied call.
pub(super) type Work = BoxFuture<'static, ()>;

impl Broker {
    pub(super) fn new(settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            settings,
            registry: Mutex::new(Registry::new()),
        })
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    fn registry(&self) -> MutexGuard<'_, Registry<Arc<Peer>>> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a connection; its messages come out of the queue.
    pub(super) fn join(&self, client: Client) -> (Member, mpsc::Receiver<Vec<u8>>) {
        let (peer, queue) = Peer::new(&client.id, self.settings.send_buffer);
        let link = self.registry().join(client, Arc::clone(&peer));
        (Member { link, peer }, queue)
    }

    /// Removes a connection; calls it has not answered fail.
    pub(super) fn leave(&self, member: &Member) {
        self.registry().leave(member.link);
        member.peer.leave();
    }

    /// Everybody who can be found by id.
    pub(super) fn clients(&self) -> Vec<Client> {
        self.registry().clients().cloned().collect()
    }

    /// Acts on a message. What takes its time is handed back to be run beside further messages;
    /// an error costs the connection.
    pub(super) async fn receive(
        self: &Arc<Self>,
        member: &Member,
        message: &[u8],
    ) -> Result<Option<Work>, Undecodable> {
        let envelope = Envelope::read(message)?;
        match envelope.kind.as_str() {
            kind::REQUEST => return Ok(self.requested(member, envelope).await),
            kind::RESPONSE | kind::ERROR => {
                let payload = envelope.payload.map(|payload| payload.raw().to_vec());
                let outcome = envelope.error.map_or(Ok(payload), Err);
                member.peer.settle(&envelope.id, outcome);
            }
            kind::PUBLISH if !envelope.topic.is_empty() => {
                let payload = envelope.payload.map_or(&b"null"[..], Value::raw);
                self.fan_out(&envelope.topic, payload).await;
            }
            kind::SUBSCRIBE => self.subscribed(member, &envelope).await,
            kind::UNSUBSCRIBE if !envelope.topic.is_empty() => {
                self.registry().unsubscribe(member.link, &envelope.topic);
                confirm(member, &envelope, "unsubscribed").await;
            }
            // Unknown kinds and a broker's own kinds are logged by the real one, no more.
            _ => {}
        }
        Ok(None)
    }

    async fn subscribed(&self, member: &Member, envelope: &Envelope<'_>) {
        if envelope.topic.is_empty() {
            let fault = Fault::new(400, "Subscription topic cannot be empty");
            let reply = Draft {
                id: &envelope.id,
                kind: kind::ERROR,
                error: Some(&fault),
                ..Draft::default()
            };
            member.peer.deliver(reply.write()).await;
        } else if self.registry().subscribe(member.link, &envelope.topic) {
            confirm(member, envelope, "subscribed").await;
        }
    }

    async fn requested(self: &Arc<Self>, member: &Member, envelope: Envelope<'_>) -> Option<Work> {
        let Envelope {
            id, topic, payload, ..
        } = envelope;
        let answer = match topic.as_str() {
            "system:register" => self.register(member, payload).into(),
            "system:list_clients" => self.list(payload).into(),
            "system:proxy" => match Proxied::read(payload) {
                Ok(proxied) => {
                    let (broker, peer) = (Arc::clone(self), Arc::clone(&member.peer));
                    let work = async move {
                        let reply = broker.proxy(&proxied).await;
                        respond(&peer, &id, &topic, &reply).await;
                    };
                    return Some(work.boxed());
                }
                Err(refusal) => refusal.into(),
            },
            other => handlers::answer(other, payload, clock::now())
                .unwrap_or_else(|| no_handler(other).into()),
        };
        let Answer { after, reply } = answer;
        if after.is_zero() {
            respond(&member.peer, &id, &topic, &reply).await;
            return None;
        }
        let peer = Arc::clone(&member.peer);
        let work = async move {
            tokio::time::sleep(after).await;
            respond(&peer, &id, &topic, &reply).await;
        };
        Some(work.boxed())
    }

    async fn fan_out(&self, topic: &str, payload: &[u8]) {
        let message = publication(topic, payload);
        let subscribers = self.registry().subscribers(topic);
        for peer in subscribers {
            peer.deliver(message.clone()).await;
        }
    }

    /// Publishes from server code. `payload` is JSON text.
    pub(super) async fn publish(&self, topic: &str, payload: &str) -> Result<(), CallError> {
        let payload = Value::parse(payload.as_bytes())?;
        self.fan_out(topic, payload.raw()).await;
        Ok(())
    }

    /// Pushes a publish to one client, subscribed or not.
    pub(super) async fn push(
        &self,
        client: &str,
        topic: &str,
        payload: &str,
    ) -> Result<(), CallError> {
        let payload = Value::parse(payload.as_bytes())?;
        let peer = self.peer(client)?;
        peer.deliver(publication(topic, payload.raw())).await;
        Ok(())
    }

    /// Asks a client from server code; gives its payload, if it answered with one.
    pub(super) async fn request(
        &self,
        client: &str,
        topic: &str,
        payload: Option<&str>,
        patience: Duration,
    ) -> Result<Option<String>, CallError> {
        let payload = payload.map(|payload| Value::parse(payload.as_bytes()));
        let payload = payload.transpose()?.map(Value::raw);
        let peer = self.peer(client)?;
        let answer = peer
            .ask(topic, payload, self.settings.write_timeout, patience)
            .await;
        let json = answer.map_err(CallError::Failed)?;
        Ok(json.map(|json| String::from_utf8_lossy(&json).into_owned()))
    }

    fn peer(&self, client: &str) -> Result<Arc<Peer>, CallError> {
        self.registry()
            .find(client)
            .ok_or_else(|| CallError::Failed(not_found(client)))
    }
}

fn not_found(id: &str) -> String {
    format!("client with ID '{id}' not found")
}

fn no_handler(topic: &str) -> Reply {
    Reply::Fault(Fault::new(404, format!("No handler for topic: {topic}")))
}

fn publication(topic: &str, payload: &[u8]) -> Vec<u8> {
    Draft {
        kind: kind::PUBLISH,
        topic,
        payload: Some(payload),
        ..Draft::default()
    }
    .write()
}

async fn confirm(member: &Member, envelope: &Envelope<'_>, status: &str) {
    let mut payload = format!("{{\"status\":\"{status}\",\"topic\":").into_bytes();
    quote(&envelope.topic, &mut payload);
    payload.push(b'}');
    let reply = Draft {
        id: &envelope.id,
        kind: kind::SUBSCRIPTION,
        topic: &envelope.topic,
        payload: Some(&payload),
        error: None,
    };
    member.peer.deliver(reply.write()).await;
}

async fn respond(peer: &Peer, id: &str, topic: &str, reply: &Reply) {
    let (kind, payload, error) = match reply {
        Reply::Payload(payload) => (kind::RESPONSE, Some(payload.as_slice()), None),
        Reply::Empty if id.is_empty() => return,
        Reply::Empty => (kind::RESPONSE, None, None),
        Reply::Fault(fault) => (kind::ERROR, None, Some(fault)),
    };
    let message = Draft {
        id,
        kind,
        topic,
        payload,
        error,
    };
    peer.deliver(message.write()).await;
}

#[cfg(test)]
mod tests;
