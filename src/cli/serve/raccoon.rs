//! `wspect serve raccoon`.

use std::time::Duration;

use clap::ValueEnum;

use crate::duration;
use crate::server::raccoon::{Ack, Publisher, Settings};

/// When to acknowledge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum AckFlag {
    /// As soon as a batch is decoded; failures are never told.
    #[default]
    Async,
    /// When its events are published.
    Sync,
}

/// Flags of the Raccoon server; the defaults are the real server's.
#[derive(Debug, clap::Args)]
pub struct Flags {
    /// Where to listen for gRPC; port 0 takes a free one, `off` is no gRPC. Without it, the port
    /// above that of `--listen`.
    #[arg(long, value_name = "ADDR:PORT|off")]
    grpc_listen: Option<String>,
    /// When a batch is acknowledged.
    #[arg(long, value_enum, default_value_t)]
    ack: AckFlag,
    /// Live connections; further ones are refused with code 4.
    #[arg(long, value_name = "N")]
    max_conn: Option<usize>,
    /// How often all connections are pinged.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ping_interval: Option<Duration>,
    /// How long a connection lives without a pong.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pong_wait: Option<Duration>,
    /// Acknowledge and drop a batch whose `req_guid` the connection has sent before.
    #[arg(long)]
    dedup: bool,
    /// Name of the header that says who connects.
    #[arg(long, value_name = "NAME")]
    id_header: Option<String>,
    /// Name of the header for the connection group.
    #[arg(long, value_name = "NAME")]
    group_header: Option<String>,
    /// Batches published at once.
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// Batches that wait for a worker; when they are as many, reading stops.
    #[arg(long, value_name = "N")]
    queue: Option<usize>,
    /// Let in any `Origin`.
    #[arg(long)]
    any_origin: bool,
    /// Publish like a broker: each type of event takes its own time, at most this long. Without it
    /// publishing takes no time, and events that are neither JSON nor protobuf fail.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    publish_delay: Option<Duration>,
    /// Fail one batch in N.
    #[arg(
        long,
        value_name = "N",
        requires = "publish_delay",
        default_value_t = 0
    )]
    fail_one_in: u64,
}

impl Flags {
    /// What they say.
    pub(super) fn settings(&self, listen: String) -> Settings {
        let defaults = Settings::default();
        let grpc_listen = match self.grpc_listen.as_deref() {
            Some("off") => None,
            Some(address) => Some(address.to_owned()),
            None => Some(port_above(&listen)),
        };
        Settings {
            listen,
            grpc_listen,
            ack: match self.ack {
                AckFlag::Async => Ack::Async,
                AckFlag::Sync => Ack::Sync,
            },
            id_header: self.id_header.clone().unwrap_or(defaults.id_header),
            group_header: self.group_header.clone(),
            max_connections: self.max_conn.unwrap_or(defaults.max_connections),
            ping_interval: self.ping_interval.unwrap_or(defaults.ping_interval),
            pong_wait: self.pong_wait.unwrap_or(defaults.pong_wait),
            check_origin: !self.any_origin,
            dedup: self.dedup,
            workers: self.workers.unwrap_or(defaults.workers),
            queue: self.queue.unwrap_or(defaults.queue),
            publisher: match self.publish_delay {
                None => Publisher::Log,
                Some(most) => Publisher::Broker {
                    least: most / 20,
                    most,
                    fail_one_in: self.fail_one_in,
                },
            },
            ..defaults
        }
    }
}

/// The address whose port is one higher, or free if the given one is. What is no address is left to
/// the listener to complain about.
fn port_above(address: &str) -> String {
    let parts = address.rsplit_once(':');
    match parts.map(|(host, port)| (host, port.parse::<u16>())) {
        Some((host, Ok(port @ 1..))) => format!("{host}:{}", port.checked_add(1).unwrap_or(0)),
        _ => address.to_owned(),
    }
}
