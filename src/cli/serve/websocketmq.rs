//! `wspect serve websocketmq`.

use std::time::Duration;

use crate::duration;
use crate::server::websocketmq;

/// Flags of the WebSocketMQ broker; the defaults are the real sample server's.
#[derive(Debug, clap::Args)]
pub struct Flags {
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

impl Flags {
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
