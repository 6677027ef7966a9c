//! `wspect serve savetowebsocket` and `wspect serve websocketmq`.

use std::time::Duration;

use crate::duration;
use crate::server::{savetowebsocket, websocketmq};

/// Flags of the SaveToWebSocket server; the defaults are the real server's.
#[derive(Debug, clap::Args)]
pub struct StellarFlags {
    /// Made-up events a second, on the average; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    rate: f64,
    /// Time between ledgers, each of which brings a burst of events.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ledger_every: Option<Duration>,
    /// The same seed brings the same events.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where the WebSocket is.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// How long a client may take to register.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    registration_deadline: Option<Duration>,
    /// How often a connection is pinged; 0 for never.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ping_interval: Option<Duration>,
    /// How long a connection lives without a pong.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pong_wait: Option<Duration>,
    /// Messages that may wait for one client; one more, and it is cut off.
    #[arg(long, value_name = "N")]
    queue: Option<usize>,
}

impl StellarFlags {
    /// What they say.
    pub(super) fn settings(&self, listen: String) -> savetowebsocket::Settings {
        let defaults = savetowebsocket::Settings::default();
        let traffic = savetowebsocket::Traffic::default();
        let traffic = savetowebsocket::Traffic {
            rate: self.rate,
            ledger_every: self.ledger_every.unwrap_or(traffic.ledger_every),
            seed: self.seed.unwrap_or(traffic.seed),
        };
        savetowebsocket::Settings {
            listen,
            path: self.path.clone().unwrap_or(defaults.path),
            registration_deadline: self
                .registration_deadline
                .unwrap_or(defaults.registration_deadline),
            ping_every: self.ping_interval.unwrap_or(defaults.ping_every),
            pong_deadline: self.pong_wait.unwrap_or(defaults.pong_deadline),
            queue: self.queue.unwrap_or(defaults.queue),
            traffic: (self.rate > 0.0).then_some(traffic),
            ..defaults
        }
    }
}

/// Flags of the WebSocketMQ broker; the defaults are the real sample server's.
#[derive(Debug, clap::Args)]
pub struct MqFlags {
    /// How often it publishes on `server:announcements`; 0 for never.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    announce_every: Option<Duration>,
    /// How often it asks every client something; 0 for never.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    call_clients_every: Option<Duration>,
    /// How often a client of its own publishes on `chat.lobby`; 0 for never.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    chat_every: Option<Duration>,
    /// How often a connection is pinged; half of it is the deadline for the pong; 0 for never.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ping_interval: Option<Duration>,
    /// How long it waits for a client's answer.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    request_timeout: Option<Duration>,
    /// Messages that may wait for one client; the third that is dropped closes the connection.
    #[arg(long, value_name = "N")]
    send_buffer: Option<usize>,
    /// Pattern for host and port of an `Origin` that is let in, instead of localhost:* and
    /// 127.0.0.1:*; can be given several times.
    #[arg(long, value_name = "PATTERN")]
    origin: Vec<String>,
}

impl MqFlags {
    /// What they say.
    pub(super) fn settings(&self, listen: String) -> websocketmq::Settings {
        let defaults = websocketmq::Settings::default();
        let traffic = defaults.traffic;
        websocketmq::Settings {
            listen,
            send_buffer: self.send_buffer.unwrap_or(defaults.send_buffer),
            ping_every: self.ping_interval.unwrap_or(defaults.ping_every),
            request_timeout: self.request_timeout.unwrap_or(defaults.request_timeout),
            origins: if self.origin.is_empty() {
                defaults.origins
            } else {
                self.origin.clone()
            },
            traffic: websocketmq::Traffic {
                announce_every: self.announce_every.unwrap_or(traffic.announce_every),
                call_clients_every: self
                    .call_clients_every
                    .unwrap_or(traffic.call_clients_every),
                chat_every: self.chat_every.unwrap_or(traffic.chat_every),
            },
            ..defaults
        }
    }
}
