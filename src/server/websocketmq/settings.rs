//! What can be set about the broker.

use std::time::Duration;

use super::dialect::Dialect;
use super::faults::Faults;
use crate::schema::gojson::Value;
use crate::server::ServerError;
use crate::server::error::check_times;

/// Limits and timers of the broker; the defaults are those of the real library, with the send
/// buffer and the ping interval of its sample servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen: `127.0.0.1:8081`; port 0 takes a free one.
    pub listen: String,
    /// What it behaves as.
    pub dialect: Dialect,
    /// Messages that may wait for one client; what comes on top is dropped. The library's own
    /// default is 16. Generation 1 has no such queue.
    pub send_buffer: usize,
    /// Whether what a client sends in one go is answered one by one, so that its own bursts never
    /// overrun its queue. In the real broker they do.
    pub spares_bursts: bool,
    /// Time between pings; half of it is the deadline for the pong. Zero means no pings, and
    /// generation 1 has none.
    pub ping_every: Duration,
    /// How long the broker waits for a client's answer.
    pub request_timeout: Duration,
    /// How long one write, or a request's wait for room in the queue, may take.
    pub write_timeout: Duration,
    /// Largest message taken from a client, in bytes.
    pub message_limit: usize,
    /// Patterns for host and port of an `Origin` that is let in; the same host always is.
    pub origins: Vec<String>,
    /// Answers of one's own, and troubles made on purpose.
    pub faults: Faults,
    /// What goes on without any client asking for it.
    pub traffic: Traffic,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            dialect: Dialect::default(),
            send_buffer: 32,
            spares_bursts: false,
            ping_every: Duration::from_secs(15),
            request_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
            message_limit: 1024 * 1024,
            origins: vec!["localhost:*".to_owned()],
            faults: Faults::default(),
            traffic: Traffic::default(),
        }
    }
}

impl Settings {
    /// The defaults of a dialect's sample server. Those of generation 1 let in pages of their own
    /// host only, and wait longer for a page's answer.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        let settings = Self {
            dialect,
            ..Self::default()
        };
        if !dialect.is_first_generation() {
            return settings;
        }
        Self {
            request_timeout: Duration::from_secs(20),
            origins: Vec::new(),
            ..settings
        }
    }

    /// Answers and calls must be JSON.
    fn check_json(&self) -> Result<(), ServerError> {
        let answers = self.faults.answer.iter().map(|(_, json)| json);
        let calls = self.traffic.calls.iter().map(|call| &call.payload);
        for json in answers.chain(calls) {
            Value::parse(json.as_bytes()).map_err(|error| ServerError::Settings {
                system: SYSTEM,
                what: format!("{json:?} is {error}; give JSON, texts in double quotes"),
            })?;
        }
        Ok(())
    }

    /// Whether a server can be run with them.
    pub(super) fn check(&self) -> Result<(), ServerError> {
        self.check_json()?;
        check_times(
            SYSTEM,
            &[
                ("the time between pings", self.ping_every),
                ("the time for an answer", self.request_timeout),
                ("the time for a write", self.write_timeout),
                (
                    "the time between announcements",
                    self.traffic.announce_every,
                ),
                ("the time between calls", self.traffic.call_clients_every),
                ("the time between chat lines", self.traffic.chat_every),
                ("the time between reloads", self.traffic.hot_reload_every),
            ],
        )
    }
}

const SYSTEM: &str = "websocketmq";

/// A request the server makes to its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The topic.
    pub topic: String,
    /// JSON text.
    pub payload: String,
}

/// The server's own activity; zero means never.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// A publish on `server:announcements`; in dialect 1.1 an event on `server.tick`.
    pub announce_every: Duration,
    /// A request to every connected client: the next one of `calls`.
    pub call_clients_every: Duration,
    /// What clients are asked in turn; if empty, what the sample client answers:
    /// `client:get_status` most of the time.
    pub calls: Vec<Call>,
    /// A publish on `system:hot_reload`, at which subscribed pages load themselves anew.
    pub hot_reload_every: Duration,
    /// A publish on `chat.lobby` by one of a few clients that live in the server.
    pub chat_every: Duration,
}

impl Default for Traffic {
    /// What the real sample server does: announcements, nothing else.
    fn default() -> Self {
        Self {
            announce_every: Duration::from_secs(5),
            call_clients_every: Duration::ZERO,
            calls: Vec::new(),
            hot_reload_every: Duration::ZERO,
            chat_every: Duration::ZERO,
        }
    }
}

impl Traffic {
    /// Nothing at all.
    pub const NONE: Self = Self {
        announce_every: Duration::ZERO,
        call_clients_every: Duration::ZERO,
        calls: Vec::new(),
        hot_reload_every: Duration::ZERO,
        chat_every: Duration::ZERO,
    };
}
