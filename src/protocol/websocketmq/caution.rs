//! What is to be said of a command before it is sent: what the broker refuses or ignores, what
//! hurts other clients, what this dialect cannot do.

use std::borrow::Cow;

use bytes::Bytes;

use super::answer::Answer;
use super::conventions::{self, Kind, Way};
use super::dialect::{Dialect, Generation};
use super::foresight::{Reaction, foresee};
use super::outgoing::{self, SIZE_MAX};
use super::proxied::PROXY;
use crate::protocol::{Command, Outgoing};
use crate::schema::gojson::{self, Value};

/// Largest message the newest Go client takes.
pub(super) const GO_CLIENT_MAX: usize = 32_768;

/// What is to be said of a command: sentences without a full stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caution {
    /// Why it cannot be meant: sent, it would close the connection or do nothing at all.
    pub refused: Vec<String>,
    /// What else will happen, other than the sender may think.
    pub odd: Vec<String>,
}

impl Caution {
    /// Looks at `command`, to be sent to a broker of that dialect.
    #[must_use]
    pub fn of(command: &Command, dialect: Dialect) -> Self {
        let mut caution = Self::default();
        match command {
            Command::Publish { topic, payload } => {
                caution.publish(topic, payload.as_ref(), dialect);
            }
            Command::Request { topic, payload, .. } => {
                caution.request(topic, payload.as_ref(), dialect);
            }
            Command::Proxy { topic, payload, .. } => {
                caution.proxy(topic, payload.as_ref(), dialect);
            }
            Command::Subscribe { topic } => caution.subscription(topic, "subscription", dialect),
            Command::Unsubscribe { topic } => {
                caution.subscription(topic, "unsubscription", dialect);
            }
            Command::Reply { id, answer, topic } => caution.reply(id, topic, answer),
            Command::Raw(Outgoing::Text(bytes)) => caution.raw(bytes, true, dialect),
            Command::Raw(Outgoing::Binary(bytes)) => caution.raw(bytes, false, dialect),
            _ => {}
        }
        caution.odd.extend(hazard(command));
        caution
    }

    fn publish(&mut self, topic: &str, payload: Option<&Bytes>, dialect: Dialect) {
        if topic.is_empty() {
            self.refuse("the publish has no topic, and the broker ignores it in silence");
        }
        self.sized(published(topic, payload.map(|bytes| &bytes[..])));
        if dialect.generation() == Generation::One {
            if matches!(dialect, Dialect::G1_2 | Dialect::G1_3) {
                self.note(format!(
                    "dialect {} hands what clients publish to server code alone: no other client \
                     gets it",
                    dialect.name()
                ));
            }
            return;
        }
        if dialect == Dialect::G2_0 {
            self.note("dialect 2.0 ignores what clients publish");
        }
        if relayed(topic, payload) > GO_CLIENT_MAX {
            self.note(
                "over 32 KiB: every newest Go client subscribed to this topic is cut with 1009",
            );
        }
        self.topic(topic);
        if let Some(known) = conventions::of(topic, Generation::Two)
            && known.kind == Kind::Request
            && known.way != Way::FromBroker
        {
            self.note(format!(
                "{topic} is served as a request: a publish reaches only clients subscribed to it"
            ));
        }
    }

    fn request(&mut self, topic: &str, payload: Option<&Bytes>, dialect: Dialect) {
        self.sized(request(topic, payload.map(|bytes| &bytes[..])));
        if topic.is_empty() {
            self.note("the request has no topic: the broker answers error 404");
        }
        if topic == PROXY && dialect.generation() == Generation::Two && !dialect.lists_clients() {
            self.note(before_proxy(dialect));
        }
        self.topic(topic);
    }

    fn proxy(&mut self, topic: &str, payload: Option<&Bytes>, dialect: Dialect) {
        if dialect.generation() == Generation::One {
            self.refuse("generation 1 has no system:proxy: clients cannot call one another");
        } else if !dialect.lists_clients() {
            self.note(before_proxy(dialect));
        }
        let inner = payload.map(|bytes| &bytes[..]);
        let outer = outgoing::proxied("", topic, inner);
        self.sized(request(PROXY, Some(&outer)));
        if request(topic, inner) >= GO_CLIENT_MAX {
            self.note("over 32 KiB: if the target is a newest Go client, it is cut with 1009");
        }
        if topic.is_empty() {
            self.note("without a topic the target gets a request that has none");
        }
    }

    fn subscription(&mut self, topic: &str, what: &str, dialect: Dialect) {
        if topic.is_empty() {
            let does = match what {
                "subscription" => "answers error 400",
                _ => "ignores it in silence",
            };
            self.refuse(format!("the {what} has no topic, and the broker {does}"));
        }
        match dialect {
            Dialect::G1_2 | Dialect::G1_3 => self.note(format!(
                "dialect {} has no subscriptions on the wire: it is noted here alone, and the \
                 server decides what comes",
                dialect.name()
            )),
            Dialect::G1_1 if what == "unsubscription" => {
                self.note("dialect 1.1 ignores it: delivery goes on until the connection ends");
            }
            _ => {}
        }
        if topic.contains(['*', '#', '>']) {
            self.note("topics match exactly: there are no wildcards, `*` is an ordinary character");
        }
        self.topic(topic);
    }

    fn reply(&mut self, id: &str, topic: &str, answer: &Answer) {
        if id.is_empty() {
            self.note("without an id it answers only a call that had none");
        }
        if matches!(answer, Answer::Verbatim(_) | Answer::Silence) {
            return;
        }
        let message = outgoing::reply_2(Some(id), topic, answer);
        self.sized(message.len());
        if message.len() >= GO_CLIENT_MAX {
            self.note(
                "over 32 KiB: if the call came through system:proxy from a newest Go client, that \
                 client is cut with 1009",
            );
        }
    }

    fn raw(&mut self, message: &[u8], is_text: bool, dialect: Dialect) {
        let reaction = foresee(dialect, message, is_text);
        if reaction.is_trouble() {
            self.note(reaction.sentence());
            return;
        }
        if let Reaction::Taken(_) = reaction
            && message.len() > GO_CLIENT_MAX
            && dialect.generation() == Generation::Two
        {
            self.note("over 32 KiB: every newest Go client that gets this is cut with 1009");
        }
    }

    fn topic(&mut self, topic: &str) {
        if topic.trim() != topic {
            self.note("the topic has white space around it, and the broker trims nothing");
        }
    }

    fn sized(&mut self, bytes: usize) {
        if bytes > SIZE_MAX {
            self.refuse(format!(
                "the message has {bytes} bytes, and the broker closes with 1009 beyond {SIZE_MAX}"
            ));
        }
    }

    fn refuse(&mut self, why: impl Into<String>) {
        self.refused.push(why.into());
    }

    fn note(&mut self, what: impl Into<String>) {
        self.odd.push(what.into());
    }
}

/// Stands for an id where only sizes count.
const ID: &str = "00000000000000000000000000000000";

/// Size of a request on the wire, in the form of generation 2.
fn request(topic: &str, payload: Option<&[u8]>) -> usize {
    outgoing::envelope(Some(ID), "request", topic, payload).len()
}

/// Size of a publish on the wire, in the form of generation 2.
fn published(topic: &str, payload: Option<&[u8]>) -> usize {
    outgoing::envelope(None, "publish", topic, payload).len()
}

fn before_proxy(dialect: Dialect) -> String {
    format!(
        "dialect {} has no system:proxy (2.2 and later have): the broker answers error 404",
        dialect.name()
    )
}

/// Size of the message subscribers get for a publish: made anew by the broker, with a newline.
fn relayed(topic: &str, payload: Option<&Bytes>) -> usize {
    let mut compact = Vec::new();
    gojson::relay(payload.map_or(b"null", |bytes| bytes), &mut compact);
    published(topic, Some(&compact)) + 1
}

/// The message a command asks for, with that id where it takes one, whatever the broker does about
/// it. `None` where only the conversation can write it: calls to ourselves, generation 1.
#[must_use]
pub fn unchecked(command: &Command, dialect: Dialect, id: &str) -> Option<Vec<u8>> {
    if dialect.generation() == Generation::One {
        return None;
    }
    let write = |id, kind, topic: &str, payload: Option<&Bytes>| {
        outgoing::envelope(id, kind, topic, payload.map(|bytes| &bytes[..]))
    };
    Some(match command {
        Command::Publish { topic, payload } => write(None, "publish", topic, payload.as_ref()),
        Command::Request { topic, payload, .. } => {
            write(Some(id), "request", topic, payload.as_ref())
        }
        Command::Proxy {
            target: Some(target),
            topic,
            payload,
            ..
        } => {
            let inner = outgoing::proxied(target, topic, payload.as_deref());
            outgoing::envelope(Some(id), "request", PROXY, Some(&inner))
        }
        Command::Subscribe { topic } => write(Some(id), "subscribe_request", topic, None),
        Command::Unsubscribe { topic } => write(Some(id), "unsubscribe_request", topic, None),
        Command::Reply { id, topic, answer } if !matches!(answer, Answer::Silence) => {
            outgoing::reply_2(Some(id), topic, answer)
        }
        _ => return None,
    })
}

/// Why `command` is to be confirmed before it is sent: it makes others' pages reload, or runs
/// something in somebody's browser. A frame written by hand counts by what it says.
#[must_use]
pub fn hazard(command: &Command) -> Option<String> {
    let found = match command {
        Command::Publish { topic, .. } => told(topic, Kind::Publish, false),
        Command::Proxy { topic, .. } => told(topic, Kind::Request, true),
        Command::Request { topic, payload, .. } if topic == PROXY => proxied(payload.as_deref()?),
        Command::Raw(Outgoing::Text(bytes) | Outgoing::Binary(bytes)) => {
            let envelope = Value::parse(bytes).ok()?;
            let word = |name: &str| named(envelope, name).and_then(Value::string);
            match word("type")?.as_str() {
                "publish" => told(&word("topic")?, Kind::Publish, false),
                "request" if word("topic")? == PROXY => proxied(named(envelope, "payload")?.raw()),
                _ => None,
            }
        }
        _ => None,
    };
    found.map(Cow::into_owned)
}

fn proxied(payload: &[u8]) -> Option<Cow<'static, str>> {
    let topic = named(Value::parse(payload).ok()?, "topic")?.string()?;
    told(&topic, Kind::Request, true)
}

fn told(topic: &str, kind: Kind, is_proxied: bool) -> Option<Cow<'static, str>> {
    let danger = conventions::danger(topic, kind, is_proxied)?;
    Some(Cow::Owned(format!("{topic}: {danger}")))
}

fn named<'a>(object: Value<'a>, name: &str) -> Option<Value<'a>> {
    let mut members = object
        .members()
        .filter(|(key, _)| gojson::same_name(key, name));
    let first = members.next()?;
    Some(members.last().unwrap_or(first).1)
}

#[cfg(test)]
mod tests;
