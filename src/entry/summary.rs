//! What the timeline, the filters and the statistics need of a frame.

use std::borrow::Cow;
use std::time::Duration;

use super::kinds::Kinds;

/// The compact reading of one frame: got from its first fields, never from a full parse.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary<'a> {
    /// What it is in its system's own terms.
    pub badge: Badge,
    /// What it is about: event types, a topic, a status. Not sanitised.
    pub label: Cow<'a, str>,
    /// Whether it asks or answers something.
    pub correlation: Correlation<'a>,
    /// For an ask: the names in its label that latencies are kept by.
    pub kinds: Kinds,
    /// For an ask: how it travels, where a system has several ways (`WebSocket protobuf`, `REST
    /// JSON`); latencies are kept by it too. Empty where there is only one.
    pub group: &'static str,
    /// For a reply: what it is counted as (Raccoon: the code's name). Empty for no count.
    pub counted: &'static str,
    /// A diagnosis: a sentence a person can act on.
    pub note: Option<String>,
    /// Why it does not decode.
    pub error: Option<String>,
}

impl<'a> Summary<'a> {
    /// A summary with no correlation and nothing to remark.
    pub fn new(badge: Badge, label: impl Into<Cow<'a, str>>) -> Self {
        Self {
            badge,
            label: label.into(),
            ..Self::default()
        }
    }

    /// The same, asking under `key`; `within` is how long a reply may take.
    #[must_use]
    pub fn asking(mut self, key: impl Into<Cow<'a, str>>, within: Option<Duration>) -> Self {
        self.correlation = Correlation::Asks {
            key: key.into(),
            within,
        };
        self
    }

    /// The same, answering `key`.
    #[must_use]
    pub fn answering(mut self, key: impl Into<Cow<'a, str>>, verdict: Verdict) -> Self {
        self.correlation = Correlation::Answers {
            key: key.into(),
            verdict,
        };
        self
    }

    /// The same with a diagnosis.
    #[must_use]
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The same, marked as not decodable.
    #[must_use]
    pub fn failing(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }
}

/// This frame asks under a key, or answers one.
///
/// An ask and its answer travel in opposite directions; the ledger keeps one table for each, so
/// equal keys used by both peers do not meet.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Correlation<'a> {
    /// Neither.
    #[default]
    None,
    /// A reply with this key is expected.
    Asks {
        /// The correlation key.
        key: Cow<'a, str>,
        /// How long the reply may take; `None` takes the session's default.
        within: Option<Duration>,
    },
    /// This is the reply to the ask with this key.
    Answers {
        /// The correlation key.
        key: Cow<'a, str>,
        /// What the reply says of the ask.
        verdict: Verdict,
    },
}

/// What a reply says of what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done.
    Ok,
    /// Refused or failed.
    Error,
}

/// What became of a reply when it met the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// In time, and it says ok.
    Ok,
    /// In time, and it says error.
    Error,
    /// After the ask had been given up.
    Late,
    /// The ask had been answered before.
    Duplicate,
    /// Nobody asked.
    Orphan,
}

impl Outcome {
    /// All outcomes, in the order they are counted and shown.
    pub const ALL: [Self; 5] = [
        Self::Ok,
        Self::Error,
        Self::Late,
        Self::Duplicate,
        Self::Orphan,
    ];

    /// The word used in JSON lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Late => "late",
            Self::Duplicate => "duplicate",
            Self::Orphan => "orphan",
        }
    }

    /// What it means to a person, where that is not plain.
    #[must_use]
    pub const fn remark(self) -> Option<&'static str> {
        match self {
            Self::Ok | Self::Error => None,
            Self::Late => Some("came after its ask had been given up"),
            Self::Duplicate => Some("its ask had been answered before"),
            Self::Orphan => Some("answers nothing that was asked in this session"),
        }
    }
}

macro_rules! badges {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// What a frame is, in its system's own terms.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Badge { $($(#[$doc])* $variant,)+ }

        impl Badge {
            /// All badges, in declaration order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word used on screen and in JSON lines.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

badges! {
    /// Nothing better is known.
    #[default]
    Message = "message",
    /// Raccoon: a batch of events.
    Batch = "batch",
    /// Raccoon: the reply to a batch.
    Ack = "ack",
    /// A peer that turned the connection away after the upgrade.
    Refusal = "refusal",
    /// `SaveToWebSocket`: the server's greeting.
    Welcome = "welcome",
    /// A client presents itself (filters, name).
    Register = "register",
    /// The server took the registration.
    Registered = "registered",
    /// One event of a stream.
    Event = "event",
    /// A message on a topic.
    Publish = "publish",
    /// A call.
    Request = "request",
    /// The reply to a call.
    Response = "response",
    /// The reply that says a call failed.
    Error = "error",
    /// Asks for a topic's messages.
    Subscribe = "subscribe",
    /// Asks for no more of them.
    Unsubscribe = "unsubscribe",
    /// A subscription is in force.
    Subscribed = "subscribed",
    /// A subscription has ended.
    Unsubscribed = "unsubscribed",
    /// RFC 6455 ping.
    Ping = "ping",
    /// RFC 6455 pong.
    Pong = "pong",
    /// RFC 6455 close.
    Close = "close",
    /// A step performed on opening (generic systems).
    Step = "step",
    /// Cannot be read as its system's messages are.
    Malformed = "malformed",
    /// A state change of the session.
    State = "state",
    /// An ask whose reply never came.
    Lost = "lost",
}
