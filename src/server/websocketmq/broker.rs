//! The broker: what it does with each message, and what server code can ask of it.
//!
//! Knows no socket. A connection joins, hands in what it receives and writes what its queue
//! gives; the demo's own clients join in the same way.

mod system;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::mpsc;

use super::Settings;
use super::dialect::Dialect;
use super::envelope::{Draft, Envelope, Fault, Undecodable, kind};
use super::faults::{Instead, Manner};
use super::handlers::{self, Answer, Reply};
use super::peer::Peer;
use super::registry::{Client, LinkId, Registry};
use super::work::Work;
use crate::sanitise::line;
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

/// What has become of a message.
pub(super) enum Effect {
    /// All is done: the real broker reads on only then.
    Done,
    /// A request, answered: the real broker reads on meanwhile.
    Answered,
    /// A request whose answer takes its time, to be run beside further messages.
    Pending(Work),
}

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
        let (peer, queue) = Peer::new(&client.id, self.settings.send_buffer, self.settings.dialect);
        tracing::info!("client {} connected", line(&client.id));
        let link = self.registry().join(client, Arc::clone(&peer));
        (Member { link, peer }, queue)
    }

    /// Removes a connection; calls it has not answered fail.
    pub(super) fn leave(&self, member: &Member) {
        self.registry().leave(member.link);
        tracing::info!("client {} disconnected", line(member.peer.id()));
        member.peer.leave();
    }

    /// Everybody who can be found by id.
    pub(super) fn clients(&self) -> Vec<Client> {
        self.registry().clients().cloned().collect()
    }

    /// Acts on a message; an error costs the connection.
    pub(super) async fn receive(
        self: &Arc<Self>,
        member: &Member,
        message: &[u8],
    ) -> Result<Effect, Undecodable> {
        let envelope = Envelope::read(message)?;
        match envelope.kind.as_str() {
            kind::REQUEST => {
                let work = self.requested(member, envelope).await;
                return Ok(work.map_or(Effect::Answered, Effect::Pending));
            }
            kind::RESPONSE | kind::ERROR => {
                let payload = envelope.payload.map(|payload| payload.raw().to_vec());
                let outcome = envelope.error.map_or(Ok(payload), Err);
                member.peer.settle(&envelope.id, outcome);
            }
            kind::PUBLISH
                if !envelope.topic.is_empty() && self.settings.dialect > Dialect::V2_0 =>
            {
                let payload = envelope.payload.map_or(&b"null"[..], Value::raw);
                self.fan_out(&envelope.topic, payload).await;
            }
            kind::SUBSCRIBE => self.subscribed(member, &envelope).await,
            kind::UNSUBSCRIBE if !envelope.topic.is_empty() => {
                self.registry().unsubscribe(member.link, &envelope.topic);
                tracing::info!(
                    "client {} unsubscribed from {}",
                    line(member.peer.id()),
                    line(&envelope.topic)
                );
                confirm(member, &envelope, "unsubscribed").await;
            }
            // Unknown kinds and a broker's own kinds are logged by the real one, no more.
            other => tracing::debug!("client {}: nothing is done for {other:?}", member.peer.id()),
        }
        Ok(Effect::Done)
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
            tracing::info!(
                "client {} subscribed to {}",
                line(member.peer.id()),
                line(&envelope.topic)
            );
            confirm(member, envelope, "subscribed").await;
        }
    }

    async fn requested(self: &Arc<Self>, member: &Member, envelope: Envelope<'_>) -> Option<Work> {
        let Envelope {
            id, topic, payload, ..
        } = envelope;
        let manner = self.settings.faults.manner(&topic);
        let answer = match self.settings.faults.instead(&topic) {
            Some(Instead::Answer(json)) => Reply::Payload(json.as_bytes().to_vec()).into(),
            Some(Instead::Fail(text)) => Reply::failed(text).into(),
            None => match self.answer(member, &topic, payload) {
                Answering::Now(answer) => answer,
                Answering::Proxied(proxied) => {
                    let (broker, peer) = (Arc::clone(self), Arc::clone(&member.peer));
                    let work = async move {
                        let reply = broker.proxy(&proxied).await;
                        manner.wait().await;
                        respond(&peer, &id, &topic, &reply, manner).await;
                    };
                    return Some(work.boxed());
                }
            },
        };
        let Answer { after, reply } = answer;
        let after = after.saturating_add(manner.delay);
        if after.is_zero() {
            respond(&member.peer, &id, &topic, &reply, manner).await;
            return None;
        }
        let peer = Arc::clone(&member.peer);
        let work = async move {
            tokio::time::sleep(after).await;
            respond(&peer, &id, &topic, &reply, manner).await;
        };
        Some(work.boxed())
    }

    /// What the broker's own topics and the demo server's handlers answer; a dialect lacks the
    /// topics that came later.
    fn answer(&self, member: &Member, topic: &str, payload: Option<Value<'_>>) -> Answering {
        let dialect = self.settings.dialect;
        let reply = match topic {
            "system:register" if dialect >= Dialect::V2_1 => self.register(member, payload),
            "system:list_clients" if dialect >= Dialect::V2_2 => self.list(payload),
            "system:proxy" if dialect >= Dialect::V2_2 => match Proxied::read(payload) {
                Ok(proxied) => return Answering::Proxied(proxied),
                Err(refusal) => refusal,
            },
            other => {
                let answer = handlers::answer(other, payload, clock::now());
                return Answering::Now(answer.unwrap_or_else(|| no_handler(other).into()));
            }
        };
        Answering::Now(reply.into())
    }

    async fn fan_out(&self, topic: &str, payload: &[u8]) {
        let copies = self.settings.faults.publishes();
        let subscribers = self.registry().subscribers(topic);
        if subscribers.is_empty() || copies == 0 {
            return;
        }
        let message = publication(topic, payload);
        for peer in subscribers {
            for _ in 0..copies {
                peer.deliver(message.clone()).await;
            }
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

async fn respond(peer: &Peer, id: &str, topic: &str, reply: &Reply, manner: Manner) {
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
    for _ in 0..manner.copies {
        peer.deliver(manner.spell(message.write())).await;
    }
}

/// What becomes of a request.
enum Answering {
    Now(Answer),
    /// Another client is asked.
    Proxied(Proxied),
}

#[cfg(test)]
mod tests;
