//! A message of either generation, read from its first members.
//!
//! ```text
//!  generation 2: { id, type, topic, payload, error }                       one flat object
//!  generation 1: { header: { messageID, correlationID, type, topic, timestamp, ttl }, body }
//! ```
//!
//! Both are read into one [`Envelope`], in the words of generation 2: `id` is the correlation id,
//! `payload` the body, an `event` is a [`Kind::Publish`].

use std::borrow::Cow;
use std::time::Duration;

use super::dialect::Generation;
use super::failing;
use crate::frame::Direction;
use crate::schema::scan;

/// Topic of the registration.
pub(super) const REGISTER: &str = "system:register";

/// Topic of the registration in generation 1.
pub(super) const REGISTER_1: &str = "_client.register";

/// Topic of its acknowledgement in generation 1.
pub(super) const REGISTERED_1: &str = "_internal.client.registered";

/// The longest `ttl` taken at its word.
const TTL_MAX: Duration = Duration::from_hours(24);

/// What an envelope is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A call.
    Request,
    /// The reply to a call.
    Response,
    /// The reply that says a call failed.
    Error,
    /// A message on a topic; in generation 1 an `event`.
    Publish,
    /// Asks for a topic's messages.
    Subscribe,
    /// Asks for no more of them.
    Unsubscribe,
    /// The reply to both.
    Ack,
    /// A type nobody knows, or none; peers ignore it.
    Unknown(Cow<'a, str>),
}

impl<'a> Kind<'a> {
    /// The kind of that `type` in generation 2.
    fn of(name: Cow<'a, str>) -> Self {
        match &*name {
            "request" => Self::Request,
            "response" => Self::Response,
            "error" => Self::Error,
            "publish" => Self::Publish,
            "subscribe_request" => Self::Subscribe,
            "unsubscribe_request" => Self::Unsubscribe,
            "subscription_ack" => Self::Ack,
            _ => Self::Unknown(name),
        }
    }

    /// The kind of that `header.type` in generation 1.
    fn of_1(name: Cow<'a, str>) -> Self {
        match &*name {
            "request" => Self::Request,
            "response" => Self::Response,
            "error" => Self::Error,
            "event" => Self::Publish,
            "subscribe" => Self::Subscribe,
            "unsubscribe" => Self::Unsubscribe,
            _ => Self::Unknown(name),
        }
    }
}

/// What only the header of generation 1 has.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Head<'a> {
    /// Unique per message, except where old servers repeat it; empty if absent.
    pub(super) message_id: Cow<'a, str>,
    /// The topic as it stands, a reply's correlation id included; `None` if absent.
    pub(super) topic: Option<Cow<'a, str>>,
    /// When the sender made the message, milliseconds since the Unix epoch.
    pub(super) timestamp: Option<i64>,
    /// How long the reply may take, milliseconds.
    pub(super) ttl: Option<i64>,
}

/// What a message says, as far as it has been read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Envelope<'a> {
    /// Its format; `None` while nothing tells.
    pub(super) generation: Option<Generation>,
    /// Correlation id; `None` if absent or empty, which peers do not tell apart. A subscription
    /// that the draft of generation 1 acknowledges has its message id here.
    pub(super) id: Option<Cow<'a, str>>,
    /// What it is.
    pub(super) kind: Kind<'a>,
    /// Routing key; empty if absent, and for the replies of generation 1, where the correlation id
    /// stands in its place.
    pub(super) topic: Cow<'a, str>,
    /// Raw payload or body; `None` if absent or `null`, which peers do not tell apart.
    pub(super) payload: Option<&'a [u8]>,
    /// Raw error object of generation 2; `None` if absent or `null`.
    pub(super) error: Option<&'a [u8]>,
    /// The rest of the header of generation 1.
    pub(super) head: Option<Head<'a>>,
    /// Why a peer cannot decode it.
    pub(super) fault: Option<Cow<'static, str>>,
}

impl<'a> Envelope<'a> {
    /// Reads the members of a message. A publish that comes in is not read beyond its topic: its
    /// payload is `None` here, see [`content`](Self::content).
    pub(super) fn read(text: &'a [u8], direction: Direction) -> Self {
        let mut envelope = Self {
            generation: None,
            id: None,
            kind: Kind::Unknown(Cow::Borrowed("")),
            topic: Cow::Borrowed(""),
            payload: None,
            error: None,
            head: None,
            fault: None,
        };
        let mut members = 0;
        for (key, value) in scan::members(text) {
            members += 1;
            envelope.take(key, value);
            let enough = direction == Direction::In
                && envelope.kind == Kind::Publish
                && !envelope.topic.is_empty();
            if enough {
                envelope.generation.get_or_insert(Generation::Two);
                return envelope;
            }
        }
        if members == 0 && text.trim_ascii() != b"{}" {
            envelope.fault = Some(Cow::Borrowed("not a JSON object"));
        }
        envelope.finish();
        envelope
    }

    /// Names match in any letter case, and the last of equal names counts.
    fn take(&mut self, key: &[u8], value: &'a [u8]) {
        let is = |name: &str| key.eq_ignore_ascii_case(name.as_bytes());
        let given = (value != b"null").then_some(value);
        if self.head.is_some() {
            if is("body") {
                self.payload = given;
            }
            return;
        }
        match key.len() {
            2 if is("id") => {
                let id = self.text("id", given);
                self.id = id.filter(|id| !id.is_empty());
            }
            4 if is("type") => self.kind = Kind::of(self.text("type", given).unwrap_or_default()),
            4 if is("body") => self.payload = given,
            5 if is("topic") => self.topic = self.text("topic", given).unwrap_or_default(),
            7 if is("payload") => self.payload = given,
            5 if is("error") => {
                if given.is_some_and(|raw| raw.first() != Some(&b'{')) {
                    self.fault = Some(Cow::Borrowed("`error` is not an object"));
                }
                self.error = given;
            }
            6 if is("header") => {
                if let Some(raw) = given.filter(|raw| raw.first() == Some(&b'{')) {
                    self.take_header(raw);
                }
            }
            _ => {}
        }
    }

    /// From here on it is a message of generation 1, whatever else stands beside the header.
    fn take_header(&mut self, raw: &'a [u8]) {
        self.generation = Some(Generation::One);
        self.fault = None;
        (self.id, self.error) = (None, None);
        self.kind = Kind::Unknown(Cow::Borrowed(""));
        let mut head = Head::default();
        for (key, value) in scan::members(raw) {
            let is = |name: &str| key.eq_ignore_ascii_case(name.as_bytes());
            let given = (value != b"null").then_some(value);
            match key.len() {
                4 if is("type") => {
                    self.kind = Kind::of_1(self.text("type", given).unwrap_or_default());
                }
                5 if is("topic") => head.topic = self.text("topic", given),
                9 if is("messageid") => {
                    head.message_id = self.text("messageID", given).unwrap_or_default();
                }
                13 if is("correlationid") => {
                    let id = self.text("correlationID", given);
                    self.id = id.filter(|id| !id.is_empty());
                }
                9 if is("timestamp") => head.timestamp = self.millis("timestamp", given),
                3 if is("ttl") => head.ttl = self.millis("ttl", given),
                _ => {}
            }
        }
        self.topic = head.topic.clone().unwrap_or_default();
        self.head = Some(head);
    }

    /// What can only be told once everything was read.
    fn finish(&mut self) {
        if self.head.is_none() {
            let known = !matches!(self.kind, Kind::Unknown(_));
            self.generation = (known && self.fault.is_none()).then_some(Generation::Two);
            return;
        }
        match self.kind {
            Kind::Response | Kind::Error => self.topic = Cow::Borrowed(""),
            Kind::Subscribe | Kind::Unsubscribe => {
                let fixed = matches!(&*self.topic, "" | "subscribe" | "unsubscribe");
                match self.payload.and_then(scan::string) {
                    Some(topic) if fixed => self.topic = topic,
                    _ if !fixed => self.id = self.message_id(),
                    _ => self.topic = Cow::Borrowed(""),
                }
            }
            _ => {}
        }
    }

    fn message_id(&self) -> Option<Cow<'a, str>> {
        let id = self.head.as_ref()?.message_id.clone();
        (!id.is_empty()).then_some(id)
    }

    fn text(&mut self, name: &str, given: Option<&'a [u8]>) -> Option<Cow<'a, str>> {
        let text = scan::string(given?);
        if text.is_none() {
            self.fault = Some(Cow::Owned(format!("`{name}` is not a string")));
        }
        text
    }

    /// A whole number as Go's decoder takes it: no fraction, no exponent.
    fn millis(&mut self, name: &str, given: Option<&[u8]>) -> Option<i64> {
        let raw = given?;
        let number = std::str::from_utf8(raw)
            .ok()
            .and_then(|text| text.parse().ok());
        if number.is_none() {
            self.fault = Some(Cow::Owned(format!("`{name}` is not a whole number")));
        }
        number
    }

    /// True for a message of generation 1.
    pub(super) fn is_first_generation(&self) -> bool {
        self.generation == Some(Generation::One)
    }

    /// The payload or body, also of a publish that was read no further than its topic; `text` is
    /// the message this was read from.
    pub(super) fn content<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]>
    where
        'a: 't,
    {
        let name = if self.is_first_generation() {
            "body"
        } else {
            "payload"
        };
        self.payload
            .or_else(|| scan::member_any_case(text, name))
            .filter(|raw| *raw != b"null")
    }

    /// How long the reply to this request may take, where generation 1 tells it.
    pub(super) fn ttl(&self) -> Option<Duration> {
        let ttl = self.head.as_ref()?.ttl?;
        let ttl = u64::try_from(ttl).ok().filter(|ttl| *ttl > 0)?;
        Some(Duration::from_millis(ttl).min(TTL_MAX))
    }

    /// The topic, or what stands for none.
    pub(super) fn label(&self) -> Cow<'a, str> {
        if self.topic.is_empty() {
            Cow::Borrowed("(no topic)")
        } else {
            self.topic.clone()
        }
    }

    /// True if a reply to this message is due: a call from either side, or a change of
    /// subscription from the client. Without an id no reply can be told to belong to it.
    pub(super) fn asks(&self, direction: Direction) -> bool {
        match self.kind {
            Kind::Request => true,
            // Of generation 1, the draft alone acknowledges, by the message id.
            Kind::Subscribe | Kind::Unsubscribe if self.is_first_generation() => {
                direction == Direction::Out && self.id.is_some()
            }
            Kind::Subscribe => direction == Direction::Out,
            // The broker does not answer this one for an empty topic.
            Kind::Unsubscribe => direction == Direction::Out && !self.topic.is_empty(),
            _ => false,
        }
    }

    /// True if this message answers one with its id.
    pub(super) fn answers(&self) -> bool {
        matches!(self.kind, Kind::Response | Kind::Error | Kind::Ack)
    }

    /// Code and message of a failure: of the error object, or in generation 1 of the body, which
    /// has no code.
    pub(super) fn failure(&self) -> Option<(i64, Cow<'a, str>)> {
        if self.is_first_generation() {
            let text = || self.payload.and_then(failing::text).unwrap_or_default();
            return (self.kind == Kind::Error).then(|| (0, text()));
        }
        let error = self.error?;
        let code = scan::member_any_case(error, "code")
            .and_then(|raw| std::str::from_utf8(raw).ok()?.parse().ok())
            .unwrap_or(0);
        let message = scan::member_any_case(error, "message").and_then(scan::string);
        Some((code, message.unwrap_or_default()))
    }

    /// A failure that peers take for a success, or the other way round: in generation 2 they go by
    /// the presence of the error object alone, whatever the type says.
    pub(super) fn soft_failure(&self) -> Option<String> {
        match (&self.kind, self.error) {
            (Kind::Error, None) if !self.is_first_generation() => {
                let text = self.payload.and_then(failing::text).unwrap_or_default();
                Some(format!(
                    "type `error` without an error object, as the browser client reports failures: broker and Go clients take it for a success ({text})"
                ))
            }
            (Kind::Response, Some(_)) => Some(
                "type `response` with an error object: broker and Go clients take it for a failure"
                    .to_owned(),
            ),
            (Kind::Response, None) => failing::soft(self.payload?)
                .map(|text| format!("a success whose payload tells of a failure ({text})")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
