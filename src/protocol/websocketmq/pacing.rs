//! Keeping bursts below what the broker's queue for us holds.
//!
//! ```text
//!  hand ─► handed ─went_out─► open (its reply) ─────────────┐
//!                    └──────► awaited (its echo) ─ came ────┴─► room for the next
//! ```
//!
//! The broker keeps 16 messages for each client and drops what does not fit; the third drop of a
//! connection's life ends it with 1008, however fast the client reads. So of what brings a message
//! back (requests, subscriptions, publishes on topics of our own) fewer than 16 are under way at a
//! time. Generation 1 has no queue, and needs none of this.

use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher as _;
use std::time::Duration;

use super::dialect::Generation;
use super::envelope::{Envelope, Kind};
use super::picture::{Picture, Subscription};
use crate::frame::{Direction, Stamp};
use crate::protocol::{Command, Outgoing};
use crate::schema::{gojson, scan};

/// Most messages that may come back at a time, unless somebody knows the broker's queue better.
pub const WINDOW: usize = 15;

/// How long an echo is waited for; a dropped one never comes.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is outstanding on a connection because of what was sent in one go.
///
/// Made by whoever sends, told of every command handed over, of every frame that went out and of
/// every publish that came.
#[derive(Clone, Debug)]
pub struct Pacing {
    /// Most outstanding; 0 for any number.
    window: usize,
    subscribed: HashSet<String>,
    /// Subscriptions go over the wire.
    subscribes: bool,
    /// Commands handed over that bring something back and were not seen going out.
    handed: usize,
    /// Own publishes that were seen going out, by hash of topic and payload.
    awaited: VecDeque<(u64, Stamp)>,
    hasher: foldhash::fast::RandomState,
    /// Something had to wait.
    waited: bool,
}

impl Pacing {
    /// At most `window` outstanding (0 for any number), with these topics subscribed.
    #[must_use]
    pub fn new(window: usize, subscribed: &[String]) -> Self {
        Self {
            window,
            subscribed: subscribed.iter().cloned().collect(),
            subscribes: true,
            handed: 0,
            awaited: VecDeque::new(),
            hasher: foldhash::fast::RandomState::default(),
            waited: false,
        }
    }

    /// No limit: for what is no broker.
    #[must_use]
    pub fn none() -> Self {
        Self::new(0, &[])
    }

    /// The most outstanding; 0 for any number.
    #[must_use]
    pub const fn window(&self) -> usize {
        self.window
    }

    /// Takes in how the conversation stands before anything is handed over: topics subscribed by
    /// others than this sender, and whether the broker has a queue at all.
    pub fn know(&mut self, picture: &Picture) {
        let is_old =
            |(dialect, _): &(super::Dialect, String)| dialect.generation() == Generation::One;
        if picture.dialect.as_ref().is_some_and(is_old) {
            self.window = 0;
        }
        let silent = |(dialect, _): &(super::Dialect, String)| !dialect.subscribes();
        self.subscribes = !picture.dialect.as_ref().is_some_and(silent);
        let held = |subscription: Subscription| {
            !matches!(
                subscription,
                Subscription::None
                    | Subscription::Refused
                    | Subscription::Ended
                    | Subscription::Local
            )
        };
        let topics = picture
            .topics
            .iter()
            .filter(|topic| held(topic.subscription));
        self.subscribed
            .extend(topics.map(|topic| topic.name.clone()));
    }

    /// False for what only tells the conversation what to do: nothing of it is seen on the wire.
    #[must_use]
    pub const fn goes_out(&self, command: &Command) -> bool {
        let is_subscription = matches!(
            command,
            Command::Subscribe { .. } | Command::Unsubscribe { .. }
        );
        command.is_message() && (self.subscribes || !is_subscription)
    }

    /// Takes note of a command in the order it is handed over; true if it brings something back.
    pub fn hand(&mut self, command: &Command) -> bool {
        let returns = self.returns(command);
        self.handed += usize::from(returns);
        returns
    }

    fn returns(&mut self, command: &Command) -> bool {
        match command {
            Command::Request { .. } | Command::Proxy { .. } => true,
            Command::Subscribe { topic } => {
                self.subscribed.insert(topic.clone());
                true
            }
            Command::Unsubscribe { topic } => {
                self.subscribed.remove(topic);
                true
            }
            Command::Publish { topic, .. } => self.subscribed.contains(topic),
            Command::Raw(Outgoing::Text(bytes) | Outgoing::Binary(bytes)) => {
                let envelope = Envelope::read(bytes, Direction::Out);
                match envelope.kind {
                    Kind::Publish => self.subscribed.contains(&*envelope.topic),
                    Kind::Subscribe => {
                        self.subscribed.insert(envelope.topic.into_owned());
                        true
                    }
                    Kind::Unsubscribe => {
                        self.subscribed.remove(&*envelope.topic);
                        true
                    }
                    _ => envelope.asks(Direction::Out),
                }
            }
            _ => false,
        }
    }

    /// A command handed over, of which `returns` was said, is no longer waiting to go out: seen on
    /// the wire as `frame`, or without one given up. A publish is awaited from then on.
    pub fn went_out(&mut self, returns: bool, frame: Option<(&[u8], Stamp)>) {
        if !returns {
            return;
        }
        self.handed = self.handed.saturating_sub(1);
        let Some((payload, at)) = frame else { return };
        let envelope = Envelope::read(payload, Direction::Out);
        if envelope.kind == Kind::Publish {
            let mut relayed = Vec::new();
            gojson::relay(envelope.payload.unwrap_or(b"null"), &mut relayed);
            let hash = self.hasher.hash_one((&*envelope.topic, relayed.as_slice()));
            self.awaited.push_back((hash, at));
        }
    }

    /// A frame came: an echo of ours is outstanding no longer.
    pub fn came(&mut self, payload: &[u8]) {
        if self.awaited.is_empty() {
            return;
        }
        let envelope = Envelope::read(payload, Direction::In);
        if envelope.kind != Kind::Publish {
            return;
        }
        let text = scan::member(payload, "payload").unwrap_or(b"null");
        let hash = self.hasher.hash_one((&*envelope.topic, text));
        if let Some(at) = self.awaited.iter().position(|(known, _)| *known == hash) {
            self.awaited.remove(at);
        }
    }

    /// Messages that may still come back, `open` asks among them.
    #[must_use]
    pub fn outstanding(&self, open: usize) -> usize {
        self.handed + open + self.awaited.len()
    }

    /// True if one more may be handed over while `open` asks wait for their replies.
    #[must_use]
    pub fn has_room(&self, open: usize) -> bool {
        self.window == 0 || self.outstanding(open) < self.window
    }

    /// Asks for room for one more; without it `Err` with the time when an echo that never came is
    /// given up, if one is waited for.
    pub fn room(&mut self, open: usize, now: Stamp) -> Result<(), Option<Stamp>> {
        let due = self.expire(now);
        if self.has_room(open) {
            return Ok(());
        }
        self.waited = true;
        Err(due)
    }

    /// True if something had to wait for room.
    #[must_use]
    pub const fn has_waited(&self) -> bool {
        self.waited
    }

    /// Gives up echoes that were waited for long enough, and tells when the next one is given up.
    pub fn expire(&mut self, now: Stamp) -> Option<Stamp> {
        while let Some((_, at)) = self.awaited.front() {
            let due = at.after(PATIENCE);
            if due.mono > now.mono {
                return Some(due);
            }
            self.awaited.pop_front();
        }
        None
    }

    /// The connection has ended: nothing that went out comes back.
    pub fn ended(&mut self) {
        self.awaited.clear();
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::protocol::websocketmq::Dialect;
    use crate::protocol::websocketmq::picture::Topic;
    use crate::transport::clock;

    fn publish(topic: &str) -> Command {
        Command::Publish {
            topic: topic.to_owned(),
            payload: Some(Bytes::from_static(b"{\"a\": 1}")),
        }
    }

    fn request() -> Command {
        Command::Request {
            topic: "t".to_owned(),
            payload: None,
            within: None,
        }
    }

    const SENT: &[u8] = br#"{"type":"publish","topic":"own","payload":{"a": 1}}"#;
    const BACK: &[u8] = br#"{"type":"publish","topic":"own","payload":{"a":1}}"#;

    #[test]
    fn only_what_comes_back_counts() {
        let now = clock::now();
        let mut pacing = Pacing::new(2, &["own".to_owned()]);
        assert!(!pacing.hand(&publish("other")));
        assert_eq!(pacing.outstanding(0), 0);
        assert!(pacing.hand(&publish("own")));
        assert!(pacing.hand(&request()));
        assert!(!pacing.has_room(0), "handed over counts already");
        pacing.went_out(true, Some((SENT, now)));
        pacing.went_out(true, Some((br#"{"id":"1","type":"request"}"#, now)));
        assert_eq!(pacing.outstanding(1), 2);
        pacing.came(br#"{"type":"publish","topic":"own","payload":{"a":2}}"#);
        assert_eq!(pacing.outstanding(1), 2, "somebody else's");
        pacing.came(BACK);
        assert!(pacing.has_room(1));
    }

    #[test]
    fn subscriptions_count_in_the_order_they_are_handed_over() {
        let mut pacing = Pacing::new(15, &[]);
        let topic = || "own".to_owned();
        assert!(!pacing.hand(&publish("own")));
        assert!(pacing.hand(&Command::Subscribe { topic: topic() }));
        assert!(pacing.hand(&publish("own")));
        assert!(pacing.hand(&Command::Unsubscribe { topic: topic() }));
        assert!(!pacing.hand(&publish("own")));
        let raw =
            |text: &'static str| Command::Raw(Outgoing::Text(Bytes::from_static(text.as_bytes())));
        assert!(pacing.hand(&raw(
            r#"{"id":"1","type":"subscribe_request","topic":"own"}"#
        )));
        assert!(pacing.hand(&raw(r#"{"type":"publish","topic":"own"}"#)));
        assert!(!pacing.hand(&raw(r#"{"id":"1","type":"response"}"#)));
    }

    #[test]
    fn an_echo_that_never_comes_is_given_up() {
        let now = clock::now();
        let mut pacing = Pacing::new(1, &["own".to_owned()]);
        pacing.hand(&publish("own"));
        pacing.went_out(true, Some((SENT, now)));
        let due = pacing.expire(now).unwrap();
        assert!(!pacing.has_room(0));
        assert_eq!(due.since(now), PATIENCE);
        assert_eq!(pacing.expire(due), None);
        assert!(pacing.has_room(0));
    }

    #[test]
    fn what_the_conversation_knows_counts() {
        let mut pacing = Pacing::new(WINDOW, &[]);
        let topic = |name: &str, subscription| Topic {
            name: name.to_owned(),
            subscription,
            ..Topic::default()
        };
        pacing.know(&Picture {
            topics: [
                topic("a", Subscription::Held),
                topic("b", Subscription::None),
            ]
            .into(),
            ..Picture::default()
        });
        assert!(pacing.hand(&publish("a")) && !pacing.hand(&publish("b")));
        pacing.know(&Picture {
            dialect: Some((Dialect::G1_3, String::new())),
            ..Picture::default()
        });
        assert!(pacing.has_room(1_000), "generation 1 has no queue");
    }
}
