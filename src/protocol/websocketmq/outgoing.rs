//! Messages as we write them: the members in the order the real peers use.
//!
//! Everything is written by a [`Pen`], which knows the generation. Generation 2 is written here,
//! as its Go client does; generation 1 in [`header`], as its browser script does.

mod header;

use std::borrow::Cow;
use std::time::Duration;

use self::header::{Header, message};
use super::answer::Answer;
use super::dialect::{Dialect, Generation};
use super::envelope::{REGISTER, REGISTER_1};
use super::ids::Ids;
use crate::frame::Stamp;
use crate::schema::gojson;

/// Largest message the broker takes; a larger one is answered with close 1009.
pub(super) const SIZE_MAX: usize = 1_048_576;

/// What a client tells of itself in generation 2; empty texts leave the broker's previous value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Introduction<'a> {
    pub(super) client_id: &'a str,
    pub(super) name: &'a str,
    pub(super) kind: &'a str,
    pub(super) url: &'a str,
}

impl Introduction<'_> {
    /// The registration of generation 2.
    pub(super) fn message(&self, id: &str) -> Vec<u8> {
        let mut payload = Vec::new();
        for (member, value) in [
            (r#"{"clientId":"#, self.client_id),
            (r#","clientName":"#, self.name),
            (r#","clientType":"#, self.kind),
            (r#","clientUrl":"#, self.url),
        ] {
            payload.extend_from_slice(member.as_bytes());
            gojson::quote(value, &mut payload);
        }
        payload.push(b'}');
        envelope(Some(id), "request", REGISTER, Some(&payload))
    }
}

/// Writes messages in the form of one dialect. Lives as long as the session.
#[derive(Debug)]
pub(super) struct Pen {
    ids: Ids,
    dialect: Dialect,
}

impl Pen {
    pub(super) fn new(instance: [u8; 16], dialect: Dialect) -> Self {
        Self {
            ids: Ids::new(instance),
            dialect,
        }
    }

    /// A connection was opened: its ids differ from those of the ones before.
    pub(super) fn opened(&mut self, now: Stamp) {
        self.ids.opened(now);
    }

    /// The dialect written.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Writes this dialect from now on.
    pub(super) fn write_in(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    fn is_first_generation(&self) -> bool {
        self.dialect.generation() == Generation::One
    }

    /// A fresh id for something that asks.
    pub(super) fn id(&mut self, now: Stamp) -> String {
        if self.is_first_generation() {
            self.ids.browser(now)
        } else {
            self.ids.next()
        }
    }

    /// A page session id.
    pub(super) fn page(&mut self, now: Stamp) -> String {
        format!("page-{}", self.ids.browser(now))
    }

    /// A request; without a payload if there is none. `ttl` is how long its reply may take, which
    /// generation 1 tells the server.
    pub(super) fn request(
        &mut self,
        now: Stamp,
        id: &str,
        topic: &str,
        payload: Option<&[u8]>,
        ttl: Duration,
    ) -> Vec<u8> {
        if !self.is_first_generation() {
            return envelope(Some(id), "request", topic, payload);
        }
        let ttl = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        let header = Header {
            correlation: Some(id),
            ttl: Some(ttl),
            ..self.header(now, "request", topic)
        };
        message(&header, payload)
    }

    /// A publish (generation 1: an event). Nobody answers it; in generation 2 it carries no id.
    pub(super) fn publish(&mut self, now: Stamp, topic: &str, payload: Option<&[u8]>) -> Vec<u8> {
        if self.is_first_generation() {
            return message(&self.header(now, "event", topic), payload);
        }
        envelope(None, "publish", topic, payload)
    }

    /// Asks for a topic's messages; `None` where clients do not subscribe over the wire.
    pub(super) fn subscribe(&mut self, now: Stamp, id: &str, topic: &str) -> Option<Vec<u8>> {
        self.subscription(now, id, topic, ["subscribe", "subscribe_request"])
    }

    /// Asks for no more of them; `None` where clients do not subscribe over the wire.
    pub(super) fn unsubscribe(&mut self, now: Stamp, id: &str, topic: &str) -> Option<Vec<u8>> {
        self.subscription(now, id, topic, ["unsubscribe", "unsubscribe_request"])
    }

    fn subscription(
        &mut self,
        now: Stamp,
        id: &str,
        topic: &str,
        [first, second]: [&'static str; 2],
    ) -> Option<Vec<u8>> {
        let written = match self.dialect {
            Dialect::G1_2 | Dialect::G1_3 => return None,
            // The draft acknowledges the message id.
            Dialect::G1_0 => message(&named(id, now, first, topic), None),
            Dialect::G1 | Dialect::G1_1 => {
                let mut body = Vec::with_capacity(topic.len() + 2);
                gojson::quote(topic, &mut body);
                message(&named(id, now, first, first), Some(&body))
            }
            _ => envelope(Some(id), second, topic, None),
        };
        Some(written)
    }

    /// A reply to a call on `topic` that had this id (generation 1: correlation id), if it had
    /// one; nothing for silence.
    pub(super) fn reply(
        &mut self,
        now: Stamp,
        id: Option<&str>,
        topic: &str,
        answer: &Answer,
    ) -> Option<Vec<u8>> {
        match answer {
            Answer::Verbatim(bytes) => Some(bytes.to_vec()),
            Answer::Silence => None,
            _ if self.is_first_generation() => Some(self.reply_1(now, id, topic, answer)),
            _ => Some(reply_2(id, topic, answer)),
        }
    }

    /// The topic of a reply is the correlation id again. The server of generation 1.1 takes no
    /// reply of a client but an event on that topic.
    fn reply_1(&mut self, now: Stamp, id: Option<&str>, topic: &str, answer: &Answer) -> Vec<u8> {
        let (kind, body) = match answer {
            Answer::Payload(payload) => ("response", payload.as_deref().map(Cow::Borrowed)),
            Answer::Failure { message, .. } => ("error", Some(object("error", message))),
            Answer::Soft { message } => {
                let mut body = br#"{"error":"#.to_vec();
                body.extend_from_slice(&object("message", message));
                body.push(b'}');
                ("error", Some(Cow::Owned(body)))
            }
            _ => {
                let text = format!("no handler for topic: {topic}");
                ("error", Some(object("error", &text)))
            }
        };
        let kind = if self.dialect == Dialect::G1_1 {
            "event"
        } else {
            kind
        };
        let header = Header {
            correlation: id,
            ..self.header(now, kind, id.unwrap_or_default())
        };
        message(&header, body.as_deref())
    }

    /// The registration of generation 1.
    pub(super) fn register_1(&mut self, now: Stamp, page: &str) -> Vec<u8> {
        let header = self.header(now, "event", REGISTER_1);
        message(&header, Some(&object("pageSessionID", page)))
    }

    fn header<'a>(&mut self, now: Stamp, kind: &'static str, topic: &'a str) -> Header<'a> {
        named(self.ids.browser(now), now, kind, topic)
    }
}

/// A header with this message id.
fn named<'a>(
    message_id: impl Into<Cow<'a, str>>,
    now: Stamp,
    kind: &'static str,
    topic: &'a str,
) -> Header<'a> {
    Header {
        message_id: message_id.into(),
        correlation: None,
        kind,
        topic,
        timestamp: now.wall_us / 1_000,
        ttl: None,
    }
}

/// An object of one text.
fn object(name: &str, text: &str) -> Cow<'static, [u8]> {
    let mut out = Vec::with_capacity(name.len() + text.len() + 8);
    out.push(b'{');
    gojson::quote(name, &mut out);
    out.push(b':');
    gojson::quote(text, &mut out);
    out.push(b'}');
    Cow::Owned(out)
}

/// A reply in generation 2 that is neither silence nor written out.
pub(super) fn reply_2(id: Option<&str>, topic: &str, answer: &Answer) -> Vec<u8> {
    let (code, message) = match answer {
        Answer::Payload(payload) => return envelope(id, "response", topic, payload.as_deref()),
        Answer::Soft { message } => {
            return envelope(id, "error", topic, Some(&object("error", message)));
        }
        Answer::Failure { code, message } => (*code, Cow::Borrowed(message)),
        _ => {
            let text = format!("Client has no handler for topic: {topic}");
            (404, Cow::Owned(text))
        }
    };
    let mut out = envelope(id, "error", topic, None);
    out.pop();
    out.extend_from_slice(format!(r#","error":{{"code":{code},"message":"#).as_bytes());
    gojson::quote(&message, &mut out);
    out.extend_from_slice(b"}}");
    out
}

/// The payload of a call to another client through `system:proxy`.
pub(super) fn proxied(target: &str, topic: &str, payload: Option<&[u8]>) -> Vec<u8> {
    let mut out = br#"{"targetId":"#.to_vec();
    gojson::quote(target, &mut out);
    out.extend_from_slice(br#","topic":"#);
    gojson::quote(topic, &mut out);
    if let Some(payload) = payload {
        out.extend_from_slice(br#","payload":"#);
        out.extend_from_slice(payload);
    }
    out.push(b'}');
    out
}

/// An envelope of generation 2.
pub(super) fn envelope(
    id: Option<&str>,
    kind: &str,
    topic: &str,
    payload: Option<&[u8]>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(96 + topic.len() + payload.map_or(0, <[u8]>::len));
    out.push(b'{');
    if let Some(id) = id {
        out.extend_from_slice(br#""id":"#);
        gojson::quote(id, &mut out);
        out.push(b',');
    }
    out.extend_from_slice(br#""type":"#);
    gojson::quote(kind, &mut out);
    if !topic.is_empty() {
        out.extend_from_slice(br#","topic":"#);
        gojson::quote(topic, &mut out);
    }
    if let Some(payload) = payload {
        out.extend_from_slice(br#","payload":"#);
        out.extend_from_slice(payload);
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests;
