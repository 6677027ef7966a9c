//! What can be set about the broker.

use std::time::Duration;

use crate::server::ServerError;
use crate::server::error::check_times;

/// Limits and timers of the broker; the defaults are those of the real library, with the send
/// buffer and the ping interval of its sample servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen: `127.0.0.1:8081`; port 0 takes a free one.
    pub listen: String,
    /// Messages that may wait for one client; what comes on top is dropped. The library's own
    /// default is 16.
    pub send_buffer: usize,
    /// Time between pings; half of it is the deadline for the pong. Zero means no pings.
    pub ping_every: Duration,
    /// How long the broker waits for a client's answer.
    pub request_timeout: Duration,
    /// How long one write, or a request's wait for room in the queue, may take.
    pub write_timeout: Duration,
    /// Largest message taken from a client, in bytes.
    pub message_limit: usize,
    /// Patterns for host and port of an `Origin` that is let in; the same host always is.
    pub origins: Vec<String>,
    /// What goes on without any client asking for it.
    pub traffic: Traffic,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            send_buffer: 32,
            ping_every: Duration::from_secs(15),
            request_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
            message_limit: 1024 * 1024,
            origins: vec!["localhost:*".to_owned(), "127.0.0.1:*".to_owned()],
            traffic: Traffic::default(),
        }
    }
}

impl Settings {
    /// Whether a server can be run with them.
    pub(super) fn check(&self) -> Result<(), ServerError> {
        check_times(
            "websocketmq",
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
            ],
        )
    }
}

/// The server's own activity; zero means never.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// A publish on `server:announcements`.
    pub announce_every: Duration,
    /// A request to every connected client, `client:get_status` most of the time.
    pub call_clients_every: Duration,
    /// A publish on `chat.lobby` by one of a few clients that live in the server.
    pub chat_every: Duration,
}

impl Default for Traffic {
    /// What the real sample server does: announcements, nothing else.
    fn default() -> Self {
        Self {
            announce_every: Duration::from_secs(5),
            call_clients_every: Duration::ZERO,
            chat_every: Duration::ZERO,
        }
    }
}

impl Traffic {
    /// Nothing at all.
    pub const NONE: Self = Self {
        announce_every: Duration::ZERO,
        call_clients_every: Duration::ZERO,
        chat_every: Duration::ZERO,
    };
}
