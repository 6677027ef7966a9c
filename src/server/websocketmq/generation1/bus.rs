//! Dialect 1.1: everything is published on a topic, and everybody who has subscribed gets it.
//!
//! ```text
//!  event ─────────────► publish ─► waiting requests · subscribed clients · handlers
//!  request ─► wait on the correlation id, publish ─► the first message there, or `ttl` is over
//!  subscribe ─► one delivery more · unsubscribe, response, error, others ─► nothing
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::message::{Ids, Message, error_body, kind};
use super::peer::Peer;
use crate::sanitise::line;
use crate::schema::gojson::{Kind, Value};
use crate::server::websocketmq::faults::{Faults, Instead};
use crate::server::websocketmq::time::rfc3339;
use crate::server::websocketmq::work::Work;
use crate::transport::clock;

/// How long the server waits for the answer to its own requests.
const PATIENCE: Duration = Duration::from_secs(15);

/// Most deliveries one connection may ask for; further ones are not kept. The real server has no
/// limit.
const SUBSCRIPTIONS_MAX: usize = 100_000;

const CALCULATE: &str = "client.calculate";

pub(super) const IDS: Ids = Ids::Clock;

/// A connection and its subscriptions, each as often as it was asked for.
#[derive(Debug)]
struct Member {
    peer: Arc<Peer>,
    topics: Vec<String>,
}

/// Everything the connections of one server share.
#[derive(Debug, Default)]
pub(super) struct Bus {
    faults: Faults,
    members: Mutex<HashMap<String, Member>>,
    /// Subscribers of each topic in the order they came, by id.
    topics: Mutex<HashMap<String, Vec<Arc<Peer>>>>,
    /// Requests under way, by the topic of their answer.
    waiting: Mutex<HashMap<String, Vec<oneshot::Sender<Message>>>>,
}

impl Bus {
    pub(super) fn new(faults: Faults) -> Self {
        Self {
            faults,
            ..Self::default()
        }
    }

    /// Adds a connection; it is subscribed to the topic of its hidden id.
    pub(super) fn join(&self, peer: &Arc<Peer>) {
        let member = Member {
            peer: Arc::clone(peer),
            topics: Vec::new(),
        };
        held(&self.members).insert(peer.id().to_owned(), member);
        self.subscribe(peer, peer.id());
    }

    pub(super) fn leave(&self, peer: &Peer) {
        let Some(member) = held(&self.members).remove(peer.id()) else {
            return;
        };
        let mut topics = held(&self.topics);
        for topic in member.topics {
            if let Some(peers) = topics.get_mut(&topic) {
                peers.retain(|known| known.id() != peer.id());
                if peers.is_empty() {
                    topics.remove(&topic);
                }
            }
        }
    }

    /// Everybody connected.
    pub(super) fn clients(&self) -> Vec<String> {
        held(&self.members).keys().cloned().collect()
    }

    fn subscribe(&self, peer: &Peer, topic: &str) {
        if topic.is_empty() {
            return;
        }
        let mut members = held(&self.members);
        if let Some(member) = members.get_mut(peer.id())
            && member.topics.len() < SUBSCRIPTIONS_MAX
        {
            member.topics.push(topic.to_owned());
            let mut topics = held(&self.topics);
            let peers = topics.entry(topic.to_owned()).or_default();
            peers.push(Arc::clone(&member.peer));
        }
    }

    /// Acts on a client's message; what takes its time is handed back.
    pub(super) async fn receive(
        self: &Arc<Self>,
        peer: &Arc<Peer>,
        message: Message,
    ) -> Option<Work> {
        match message.kind.as_str() {
            kind::EVENT => {
                let asked = self.publish(message).await?;
                let bus = Arc::clone(self);
                Some(async move { bus.pass_on(asked).await }.boxed())
            }
            kind::REQUEST => self.requested(peer, message).await,
            kind::SUBSCRIBE => {
                if let Some(topic) = message.value().and_then(Value::string) {
                    tracing::info!("client {} subscribed to {}", peer.id(), line(&topic));
                    self.subscribe(peer, &topic);
                }
                None
            }
            other => {
                tracing::debug!("client {}: nothing is done for {other:?}", peer.id());
                None
            }
        }
    }

    async fn requested(self: &Arc<Self>, peer: &Arc<Peer>, request: Message) -> Option<Work> {
        if request.correlation.is_empty() {
            let text = error_body("correlation ID is required for requests");
            peer.send(&request.reply(IDS, kind::ERROR, text)).await;
            return None;
        }
        let manner = self.faults.manner(&request.topic);
        let mut reply = self.wait_on(&request.correlation);
        let asked = self.publish(request.clone()).await;
        let ttl = Duration::from_millis(u64::try_from(request.ttl).unwrap_or_default());
        let late = |request: &Message| {
            request.reply(IDS, kind::ERROR, error_body("context deadline exceeded"))
        };
        // A time of zero is over before any handler has run.
        if ttl.is_zero() && asked.is_none() {
            peer.reply(&late(&request), manner).await;
            return None;
        }
        if asked.is_none()
            && manner.delay.is_zero()
            && let Ok(found) = reply.try_recv()
        {
            peer.reply(&found, manner).await;
            return None;
        }
        let peer = Arc::clone(peer);
        let bus = Arc::clone(self);
        let work = async move {
            let answer = async {
                manner.wait().await;
                reply.await
            };
            let handler = async {
                if let Some(asked) = asked {
                    bus.pass_on(asked).await;
                }
                std::future::pending::<()>().await;
            };
            let found = tokio::select! {
                found = timeout(ttl, answer) => found,
                () = handler => return,
            };
            let reply = match found {
                Ok(Ok(found)) => found,
                _ => late(&request),
            };
            bus.tidy(&request.correlation);
            peer.reply(&reply, manner).await;
        };
        Some(work.boxed())
    }

    /// The first message published on `topic` from now on.
    fn wait_on(&self, topic: &str) -> oneshot::Receiver<Message> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = held(&self.waiting);
        waiting.entry(topic.to_owned()).or_default().push(sender);
        receiver
    }

    /// Forgets who no longer waits on `topic`.
    fn tidy(&self, topic: &str) {
        let mut waiting = held(&self.waiting);
        if let Some(senders) = waiting.get_mut(topic) {
            senders.retain(|sender| !sender.is_closed());
            if senders.is_empty() {
                waiting.remove(topic);
            }
        }
    }

    /// Hands a message to all who want it, then what the handlers of its topic give; a handler
    /// that asks the clients first is handed back.
    pub(super) async fn publish(&self, message: Message) -> Option<Asked> {
        let mut next = Some(message);
        while let Some(message) = next.take() {
            let waiting = held(&self.waiting).remove(&message.topic);
            for sender in waiting.into_iter().flatten() {
                // Nobody waits any more if `ttl` is over just now.
                let _ = sender.send(message.clone());
            }
            let copies = match message.kind.as_str() {
                kind::EVENT => self.faults.publishes(),
                _ => 1,
            };
            let peers = held(&self.topics).get(&message.topic).cloned();
            for peer in peers.into_iter().flatten() {
                for _ in 0..copies {
                    peer.send(&message).await;
                }
            }
            match self.handle(&message) {
                Handled::Reply(body) => next = Some(message.reply(IDS, kind::RESPONSE, body)),
                Handled::Asks(body) => {
                    return Some(Asked { by: message, body });
                }
                Handled::Nothing => {}
            }
        }
        None
    }

    fn handle(&self, message: &Message) -> Handled {
        match self.faults.instead(&message.topic) {
            Some(Instead::Answer(json)) => {
                let body = Value::parse(json.as_bytes()).ok();
                return body
                    .and_then(super::body::reencoded)
                    .map_or(Handled::Nothing, Handled::Reply);
            }
            Some(Instead::Fail(text)) => {
                tracing::info!("handler of {} failed: {text}", line(&message.topic));
                return Handled::Nothing;
            }
            None => {}
        }
        match message.topic.as_str() {
            "server.echo" => Handled::Reply(message.json().to_vec()),
            "trigger.server.request" => {
                let body = message.value();
                if body.is_some_and(|body| body.kind() == Kind::Object) {
                    Handled::Asks(message.json().to_vec())
                } else {
                    Handled::Nothing
                }
            }
            _ => Handled::Nothing,
        }
    }

    /// Asks the clients what the sample server asks when told to, and passes the answer on.
    async fn pass_on(&self, asked: Asked) {
        if let Some(answer) = self.ask(asked.body).await {
            let reply = asked.by.reply(IDS, kind::RESPONSE, answer.body);
            // Its topic is a correlation id: no handler of ours is meant.
            let _ = self.publish(reply).await;
        }
    }

    /// Asks whoever has subscribed to `client.calculate`.
    async fn ask(&self, body: Vec<u8>) -> Option<Message> {
        let ttl = i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX);
        let request = Message::request(IDS, CALCULATE, body, ttl);
        let reply = self.wait_on(&request.correlation);
        let correlation = request.correlation.clone();
        let _ = self.publish(request).await;
        let found = timeout(PATIENCE, reply).await;
        self.tidy(&correlation);
        found.ok()?.ok()
    }
}

/// A message whose handler asks the clients before it replies.
pub(super) struct Asked {
    by: Message,
    body: Vec<u8>,
}

/// What a handler does with a message.
enum Handled {
    Reply(Vec<u8>),
    /// It asks the clients first.
    Asks(Vec<u8>),
    Nothing,
}

/// Publishes the sample server's ticks for ever; after every second one it asks for a calculation
/// and ticks no more until that is answered or given up.
pub(super) async fn tick(bus: Arc<Bus>, every: Duration) {
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for count in 1_u64.. {
        ticks.tick().await;
        let time = rfc3339(clock::now());
        let body = format!(r#"{{"count":{count},"time":"{time}"}}"#);
        bus.publish(Message::event(IDS, "server.tick", body.into_bytes()))
            .await;
        if count.is_multiple_of(2) {
            let sum = format!(r#"{{"a":{count},"b":10,"operation":"add"}}"#);
            bus.ask(sum.into_bytes()).await;
        }
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
