//! `wspect serve echo`.

use std::time::Duration;

use crate::duration;
use crate::server::echo::{Flood, Payload, Settings};

/// Flags of the echo server.
#[derive(Debug, clap::Args)]
pub struct Flags {
    /// Send messages of this size to whoever connects, as fast as they are read: 64, 400:json,
    /// 256:protobuf, 1024:text.
    #[arg(long, value_name = "SIZE[:KIND]")]
    flood: Option<Payload>,
    /// Flood with this many messages a second.
    #[arg(long, value_name = "N", requires = "flood", value_parser = clap::value_parser!(u64).range(1..))]
    rate: Option<u64>,
    /// Flood with this many messages, then only echo.
    #[arg(long, value_name = "N", requires = "flood")]
    count: Option<u64>,
    /// Send a small JSON message to whoever connects, this often.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    tick: Option<Duration>,
    /// Leave TCP open after the closing handshake, as some servers do.
    #[arg(long)]
    leave_tcp_open: bool,
}

impl Flags {
    /// What they say.
    pub(super) fn settings(&self, listen: String) -> Settings {
        Settings {
            listen,
            flood: self.flood.map(|payload| Flood {
                payload,
                count: self.count,
                rate: self.rate,
            }),
            tick: self.tick,
            leaves_tcp_open: self.leave_tcp_open,
            ..Settings::default()
        }
    }
}
