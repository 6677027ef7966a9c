//! `wspect serve raccoon`.

use std::time::Duration;

use clap::ValueEnum;

use crate::duration;
use crate::server::raccoon::{Ack, Cors, EventTypes, Faults, Publisher, Settings, SinkKind};

/// When to acknowledge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum AckFlag {
    /// As soon as a batch is decoded; failures are never told.
    #[default]
    Async,
    /// When its events are published.
    Sync,
}

/// Whose words and metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum SinkFlag {
    /// Fails events that are neither JSON nor protobuf.
    #[default]
    Log,
    /// Takes any bytes; failures as librdkafka words them.
    Kafka,
    /// Takes any bytes; failures as Google's client words them.
    Pubsub,
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
    /// Fail in the words of this sink. With --publish-delay it is kafka, unless it is pubsub.
    #[arg(long, value_enum, default_value_t)]
    sink: SinkFlag,
    /// Destination of an event, as failures and metrics name it; %s is its type.
    #[arg(long, value_name = "PATTERN")]
    destination: Option<String>,
    #[command(flatten)]
    faults: FaultFlags,
    /// Serve metrics for Prometheus on http://ADDR:PORT/metrics.
    #[arg(long, value_name = "ADDR:PORT")]
    metrics: Option<String>,
    /// How often the count of connections in the metrics is refreshed.
    #[arg(long, value_name = "TIME", value_parser = duration::parse, requires = "metrics")]
    metrics_refresh: Option<Duration>,
    #[command(flatten)]
    pages: PageFlags,
}

/// What goes wrong on purpose.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Faults by type of event")]
struct FaultFlags {
    /// Fail events of this type (`*` matches anything), with that text (%s is the destination) or
    /// for want of their topic. Repeatable, like the four below.
    #[arg(long, value_name = "TYPE[=TEXT]", value_parser = failure)]
    fail: Vec<(EventTypes, Option<String>)>,
    /// Take this long to publish an event of the type.
    #[arg(long, value_name = "TYPE=TIME", value_parser = delay)]
    delay: Vec<(EventTypes, Duration)>,
    /// Publish but never acknowledge a batch with an event of the type.
    #[arg(long, value_name = "TYPE", value_parser = types)]
    never_ack: Vec<EventTypes>,
    /// Acknowledge a batch with an event of the type twice (WebSocket only).
    #[arg(long, value_name = "TYPE", value_parser = types)]
    ack_twice: Vec<EventTypes>,
    /// Crash when an event of the type is to be published: the events before it are published,
    /// all connections end without a word, what is queued is lost; then serve on.
    #[arg(long, value_name = "TYPE", value_parser = types)]
    die: Vec<EventTypes>,
}

/// What web pages of other origins may do.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Web pages")]
struct PageFlags {
    /// Answer CORS preflights and let web pages of any origin post.
    #[arg(long)]
    cors: bool,
    /// Let in pages of this origin only. Repeatable.
    #[arg(long, value_name = "ORIGIN", requires = "cors")]
    cors_origin: Vec<String>,
    /// Let preflights ask for this header. Repeatable; without it Content-Type and the id and
    /// group headers.
    #[arg(long, value_name = "NAME", requires = "cors")]
    cors_header: Vec<String>,
    /// Let preflights ask for this method. Repeatable; without it GET, HEAD, POST, OPTIONS.
    #[arg(long, value_name = "METHOD", requires = "cors")]
    cors_method: Vec<String>,
    /// Let pages send credentials.
    #[arg(long, requires = "cors")]
    cors_credentials: bool,
    /// Let browsers remember a preflight for so many seconds, at most 600.
    #[arg(long, value_name = "SECONDS", requires = "cors", default_value_t = 0)]
    cors_max_age: u64,
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
            sink: match self.sink {
                SinkFlag::Log => SinkKind::Log,
                SinkFlag::Kafka => SinkKind::Kafka,
                SinkFlag::Pubsub => SinkKind::Pubsub,
            },
            destination: self.destination.clone().unwrap_or(defaults.destination),
            faults: self.faults.faults(),
            cors: self.pages.cors.then(|| self.cors()),
            metrics_listen: self.metrics.clone(),
            metrics_refresh: self.metrics_refresh.unwrap_or(defaults.metrics_refresh),
            ..defaults
        }
    }

    fn cors(&self) -> Cors {
        let pages = &self.pages;
        let mut cors = Cors {
            origins: pages.cors_origin.clone(),
            credentials: pages.cors_credentials,
            max_age: pages.cors_max_age,
            ..Cors::default()
        };
        if pages.cors_header.is_empty() {
            // As the real server does for those named in its environment.
            let id = self.id_header.clone();
            cors.headers
                .push(id.unwrap_or(Settings::default().id_header));
            cors.headers.extend(self.group_header.clone());
        } else {
            cors.headers.clone_from(&pages.cors_header);
        }
        if !pages.cors_method.is_empty() {
            cors.methods.clone_from(&pages.cors_method);
        }
        cors
    }
}

impl FaultFlags {
    fn faults(&self) -> Faults {
        Faults {
            fail: self.fail.clone(),
            delay: self.delay.clone(),
            never_ack: self.never_ack.clone(),
            ack_twice: self.ack_twice.clone(),
            die: self.die.clone(),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a value parser may fail")]
fn types(text: &str) -> Result<EventTypes, String> {
    Ok(EventTypes::new(text))
}

#[expect(clippy::unnecessary_wraps, reason = "a value parser may fail")]
fn failure(text: &str) -> Result<(EventTypes, Option<String>), String> {
    Ok(match text.split_once('=') {
        Some((types, text)) => (EventTypes::new(types), Some(text.to_owned())),
        None => (EventTypes::new(text), None),
    })
}

fn delay(text: &str) -> Result<(EventTypes, Duration), String> {
    let (types, time) = text
        .rsplit_once('=')
        .ok_or("give the type and the time, as in page=500ms")?;
    let time = duration::parse(time)?;
    Ok((EventTypes::new(types), time))
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
