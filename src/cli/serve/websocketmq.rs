//! `wspect serve websocketmq`.

use std::time::Duration;

use crate::duration;
use crate::server::pattern::Pattern;
use crate::server::websocketmq::{
    Call, CloseAfter, Dialect, Faults, Settings, Traffic, generation1, start,
};
use crate::server::{Running, ServerError};

/// Flags of the WebSocketMQ broker; the defaults are those of the dialect's sample server.
#[derive(Debug, clap::Args)]
pub struct Flags {
    /// What to behave as: 2 (the newest), 2.0 to 2.2, or 1.3 (the newest of 1) and 1.1, whose
    /// messages have header and body.
    #[arg(
        long,
        value_name = "VERSION",
        default_value = "2",
        hide_default_value = true
    )]
    generation: Dialect,
    #[command(flatten)]
    traffic: TrafficFlags,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    faults: FaultFlags,
}

/// What goes on without any client asking for it.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Traffic of its own")]
struct TrafficFlags {
    /// How often it publishes on `server:announcements`, or `server.tick` as 1.1; 0 for never.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    announce_every: Option<Duration>,
    /// How often it asks every client something (as 1.3 every registered one); 0 for never.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    call_clients_every: Option<Duration>,
    /// What it asks them, instead of what the sample clients answer; several are asked in turn.
    #[arg(long, value_name = "TOPIC[=JSON]", value_parser = call)]
    call: Vec<Call>,
    /// How often a client of its own publishes on `chat.lobby`; 0 for never.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    chat_every: Option<Duration>,
    /// How often it tells subscribed pages to reload, on `system:hot_reload`; 0 for never.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    hot_reload_every: Option<Duration>,
}

/// Limits and timers.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits and timers")]
struct LimitFlags {
    /// How often a connection is pinged; half of it is the deadline for the pong; 0 for never
    /// [default: 15s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ping_interval: Option<Duration>,
    /// How long it waits for a client's answer [default: 10s, as 1.3 20s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    request_timeout: Option<Duration>,
    /// How long a write, or a request's wait for room in the queue, may take [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    write_timeout: Option<Duration>,
    /// Messages that may wait for one client; the third that is dropped closes the connection
    /// [default: 32]
    #[arg(long, value_name = "N")]
    send_buffer: Option<usize>,
    /// Answer what comes in one go one by one, so that a client's own burst never overruns its
    /// queue.
    #[arg(long)]
    spare_bursts: bool,
    /// Largest message taken from a client, in bytes [default: 1048576]
    #[arg(long, value_name = "BYTES")]
    message_limit: Option<usize>,
    /// Pattern for host and port of an `Origin` that is let in, instead of localhost:* (as
    /// generation 1 none); can be given several times.
    #[arg(long, value_name = "PATTERN")]
    origin: Vec<String>,
}

/// Answers of one's own, and troubles made on purpose.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Answers and faults, by topic (* in it matches anything)")]
struct FaultFlags {
    /// Answer requests on such topics with that JSON.
    #[arg(long, value_name = "TOPIC=JSON", value_parser = answer)]
    answer: Vec<(Pattern, String)>,
    /// Let requests on such topics fail, with that text.
    #[arg(long, value_name = "TOPIC[=TEXT]", value_parser = failure)]
    fail: Vec<(Pattern, Option<String>)>,
    /// Send replies that much later.
    #[arg(long, value_name = "TOPIC=TIME", value_parser = delay)]
    delay: Vec<(Pattern, Duration)>,
    /// Never reply.
    #[arg(long, value_name = "TOPIC", value_parser = pattern)]
    never_answer: Vec<Pattern>,
    /// Reply twice.
    #[arg(long, value_name = "TOPIC", value_parser = pattern)]
    answer_twice: Vec<Pattern>,
    /// Cut replies off half-way, so that they are no JSON.
    #[arg(long, value_name = "TOPIC", value_parser = pattern)]
    malformed: Vec<Pattern>,
    /// Lose one publish in N.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    drop_one_in: u64,
    /// Deliver one publish in N twice.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    duplicate_one_in: u64,
    /// Refuse one upgrade in N with 503; 1 refuses all.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    refuse_one_in: u64,
    /// Close a connection after so many messages of the client, with that code; without one end
    /// TCP.
    #[arg(long, value_name = "N[=CODE]")]
    close_after: Option<CloseAfter>,
}

impl Flags {
    /// Where the sample server of the dialect listens.
    pub(super) fn usual_address(&self) -> String {
        format!("127.0.0.1:{}", self.generation.usual_port())
    }

    /// Starts the broker of the dialect.
    pub(super) async fn start(&self, listen: String) -> Result<Running, ServerError> {
        let settings = self.settings(listen);
        if self.generation.is_first_generation() {
            return Ok(generation1::start(settings).await?.0);
        }
        Ok(start(settings).await?.0)
    }

    /// What they say.
    pub(super) fn settings(&self, listen: String) -> Settings {
        let defaults = Settings::of(self.generation);
        let LimitFlags {
            ping_interval,
            request_timeout,
            write_timeout,
            send_buffer,
            spare_bursts,
            message_limit,
            origin,
        } = &self.limits;
        Settings {
            listen,
            send_buffer: send_buffer.unwrap_or(defaults.send_buffer),
            spares_bursts: *spare_bursts,
            ping_every: ping_interval.unwrap_or(defaults.ping_every),
            request_timeout: request_timeout.unwrap_or(defaults.request_timeout),
            write_timeout: write_timeout.unwrap_or(defaults.write_timeout),
            message_limit: message_limit.unwrap_or(defaults.message_limit),
            origins: if origin.is_empty() {
                defaults.origins
            } else {
                origin.clone()
            },
            faults: self.faults.faults(),
            traffic: self.traffic.traffic(&defaults.traffic),
            dialect: defaults.dialect,
        }
    }
}

impl TrafficFlags {
    fn traffic(&self, defaults: &Traffic) -> Traffic {
        let Self {
            announce_every,
            call_clients_every,
            call,
            chat_every,
            hot_reload_every,
        } = self;
        Traffic {
            announce_every: announce_every.unwrap_or(defaults.announce_every),
            call_clients_every: call_clients_every.unwrap_or(defaults.call_clients_every),
            calls: call.clone(),
            hot_reload_every: hot_reload_every.unwrap_or(defaults.hot_reload_every),
            chat_every: chat_every.unwrap_or(defaults.chat_every),
        }
    }
}

impl FaultFlags {
    fn faults(&self) -> Faults {
        Faults {
            answer: self.answer.clone(),
            fail: self.fail.clone(),
            delay: self.delay.clone(),
            never_answer: self.never_answer.clone(),
            answer_twice: self.answer_twice.clone(),
            malformed: self.malformed.clone(),
            drop_one_in: self.drop_one_in,
            duplicate_one_in: self.duplicate_one_in,
            refuse_one_in: self.refuse_one_in,
            close_after: self.close_after,
        }
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "clap wants a function that could fail"
)]
fn pattern(text: &str) -> Result<Pattern, String> {
    Ok(Pattern::new(text))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "clap wants a function that could fail"
)]
fn failure(text: &str) -> Result<(Pattern, Option<String>), String> {
    Ok(match text.split_once('=') {
        None => (Pattern::new(text), None),
        Some((topic, text)) => (Pattern::new(topic), Some(text.to_owned())),
    })
}

fn answer(text: &str) -> Result<(Pattern, String), String> {
    let (topic, json) = text
        .split_once('=')
        .ok_or("give the topic and what to answer, as in orders.get='{\"ok\":true}'")?;
    Ok((Pattern::new(topic), json.to_owned()))
}

fn delay(text: &str) -> Result<(Pattern, Duration), String> {
    let (topic, time) = text
        .split_once('=')
        .ok_or("give the topic and how long, as in slow*=2s")?;
    Ok((Pattern::new(topic), duration::parse(time)?))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "clap wants a function that could fail"
)]
fn call(text: &str) -> Result<Call, String> {
    let (topic, payload) = text.split_once('=').unwrap_or((text, "{}"));
    Ok(Call {
        topic: topic.to_owned(),
        payload: payload.to_owned(),
    })
}
