//! `wspect serve savetowebsocket`.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use crate::duration;
use crate::server::savetowebsocket::events::Mix;
use crate::server::savetowebsocket::{
    After, Assets, Behaviour, Burst, Faults, Meaning, Recording, Settings, Silence, Traffic,
};

/// Flags of the SaveToWebSocket server; the defaults are the real server's.
#[derive(Debug, clap::Args)]
pub struct Flags {
    #[command(flatten)]
    traffic: TrafficFlags,
    #[command(flatten)]
    behaviour: BehaviourFlags,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    faults: FaultFlags,
}

/// Which events come, and when.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Events")]
struct TrafficFlags {
    /// Events a second, on the average: 10 if they are made up, 0 for none; with --events as fast
    /// as they are read.
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    /// Kinds of events, with weights if you like: payments, accounts, market, contracts,
    /// invocations, ledgers, all, or single ones such as filter-payments or ledger-reader.
    #[arg(long, value_name = "KIND[=N],…", conflicts_with = "events")]
    mix: Option<Mix>,
    /// Length of an event on the average; k and M are for 1024 and 1024². Longer ones come more
    /// rarely, shorter ones are filled up.
    #[arg(long, value_name = "BYTES", value_parser = size, conflicts_with = "events")]
    payload: Option<usize>,
    /// One event after the other at an even pace, never faster than a client that keeps reading
    /// can follow. Without it the events of a ledger come close to each other.
    #[arg(long, conflicts_with = "events")]
    even: bool,
    /// So many events at once when a ledger closes, besides.
    #[arg(long, value_name = "N", conflicts_with = "events")]
    burst: Option<usize>,
    /// No burst sooner than this after the last one.
    #[arg(long, value_name = "TIME", value_parser = duration::parse, requires = "burst")]
    burst_every: Option<Duration>,
    /// Time between ledgers [default: 5500ms]
    #[arg(long, value_name = "TIME", value_parser = duration::parse, conflicts_with = "events")]
    ledger_every: Option<Duration>,
    /// How much earlier or later a ledger may close [default: 500ms]
    #[arg(long, value_name = "TIME", value_parser = duration::parse, conflicts_with = "events")]
    ledger_jitter: Option<Duration>,
    /// The same seed brings the same events.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Send the lines of this file, bytes as they are; - is stdin.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Start again at the end of the file.
    #[arg(long = "loop", requires = "events")]
    looped: bool,
    /// End the pipeline with the file: all connections end, without a close frame.
    #[arg(long, requires = "events")]
    end_with_file: bool,
}

/// Which defects of the real server it has.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Behaviour")]
struct BehaviourFlags {
    /// As the real server behaves; this is the default.
    #[arg(long, conflicts_with = "as_documented")]
    faithful: bool,
    /// As the guide says: all of what follows mended, and 90 s for a pong. Each flag below
    /// outranks it.
    #[arg(long)]
    as_documented: bool,
    /// Events from before the registration: lost, or kept and sent behind `registered`.
    #[arg(
        long,
        value_enum,
        value_name = "broken|works",
        hide_possible_values = true
    )]
    queueing: Option<Queueing>,
    /// `types` and an event without a string `type`: let through, or dropped.
    #[arg(
        long,
        value_enum,
        value_name = "open|closed",
        hide_possible_values = true
    )]
    types: Option<TypesFlag>,
    /// `account_ids` looks at buyer and seller only, or at every account the event names.
    #[arg(
        long,
        value_enum,
        value_name = "buyer-seller|all",
        hide_possible_values = true
    )]
    accounts: Option<AccountsFlag>,
    /// `asset_codes` and an event without `asset_code`: let through, or dropped; or any asset the
    /// event names is looked at, by code or by code and issuer.
    #[arg(
        long,
        value_enum,
        value_name = "open|closed|all",
        hide_possible_values = true
    )]
    assets: Option<AssetsFlag>,
    /// `min_amount` is ignored, or compared.
    #[arg(
        long,
        value_enum,
        value_name = "ignored|compared",
        hide_possible_values = true
    )]
    min_amount: Option<MinAmountFlag>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Queueing {
    Broken,
    Works,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TypesFlag {
    Open,
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AccountsFlag {
    BuyerSeller,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AssetsFlag {
    Open,
    Closed,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MinAmountFlag {
    Ignored,
    Compared,
}

/// Limits and timers.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits and timers")]
struct LimitFlags {
    /// Where the WebSocket is [default: /ws]
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// How long a client may take to register [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    registration_deadline: Option<Duration>,
    /// How often a connection is pinged; 0 for never [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ping_interval: Option<Duration>,
    /// How long a connection lives without a pong [default: 60s, as documented 90s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pong_wait: Option<Duration>,
    /// How long one write may take [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    write_timeout: Option<Duration>,
    /// Messages that may wait for one client; one more, and it is cut off [default: 256]
    #[arg(long, value_name = "N")]
    queue: Option<usize>,
    /// Events kept for a client that has not registered, where queueing works [default: 1000]
    #[arg(long, value_name = "N")]
    max_queue_size: Option<usize>,
    /// Largest message taken from a client [default: 512k]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    message_limit: Option<usize>,
}

/// What goes wrong on purpose.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Faults", group = clap::ArgGroup::new("crashes").multiple(true))]
struct FaultFlags {
    /// Crash after so many events or that time: connections and listener end at once.
    #[arg(long, value_name = "N|TIME", group = "crashes")]
    crash_after: Option<After>,
    /// Crash when so many clients come or go within a second while events flow, as the real
    /// server does.
    #[arg(long, value_name = "N", group = "crashes")]
    crash_on_churn: Option<usize>,
    /// Be back that long after a crash; without it there is no listener any more.
    #[arg(long, value_name = "TIME", value_parser = duration::parse, requires = "crashes")]
    back_after: Option<Duration>,
    /// End the pipeline after so many events or that time: all connections end without a close
    /// frame, new ones get no events.
    #[arg(long, value_name = "N|TIME")]
    end_after: Option<After>,
    /// Hand each event over up to this much later.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    delay: Option<Duration>,
    /// Send nothing for a time, again and again: 40s, or 40s/90s for 40 s in every 90 s.
    #[arg(long, value_name = "TIME[/EVERY]")]
    silence: Option<Silence>,
    /// Lose one event in N.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    drop_one_in: u64,
    /// Send one event in N twice.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    duplicate_one_in: u64,
    /// Leave ledgers out before one ledger in N.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    gap_one_in: u64,
    /// Go back to earlier ledgers with one ledger in N.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    regress_one_in: u64,
    /// Send a huge event besides one event in N.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    huge_one_in: u64,
    /// How long a huge event is.
    #[arg(long, value_name = "BYTES", value_parser = size, default_value = "2M")]
    huge_size: usize,
    /// Put bytes that are not UTF-8 into one event in N.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    bad_utf8_one_in: u64,
    /// Send null instead of one event in N.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    null_one_in: u64,
    /// Feed something that is no JSON object instead of one event in N: it is refused and logged.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    no_object_one_in: u64,
}

impl Flags {
    /// What they say.
    pub(super) fn settings(&self, listen: String) -> Settings {
        let defaults = if self.behaviour.as_documented {
            Settings::as_documented()
        } else {
            Settings::default()
        };
        let limits = &self.limits;
        Settings {
            listen,
            path: limits.path.clone().unwrap_or(defaults.path),
            registration_deadline: limits
                .registration_deadline
                .unwrap_or(defaults.registration_deadline),
            ping_every: limits.ping_interval.unwrap_or(defaults.ping_every),
            pong_deadline: limits.pong_wait.unwrap_or(defaults.pong_deadline),
            write_timeout: limits.write_timeout.unwrap_or(defaults.write_timeout),
            queue: limits.queue.unwrap_or(defaults.queue),
            max_queue_size: limits.max_queue_size.unwrap_or(defaults.max_queue_size),
            message_limit: limits.message_limit.unwrap_or(defaults.message_limit),
            behaviour: self.behaviour.over(defaults.behaviour),
            faults: self.faults.faults(),
            traffic: self.traffic.made_up(),
            recording: self.traffic.recording(),
        }
    }
}

impl TrafficFlags {
    fn made_up(&self) -> Option<Traffic> {
        if self.events.is_some() || (self.rate == Some(0.0) && self.burst.is_none()) {
            return None;
        }
        let defaults = Traffic::default();
        Some(Traffic {
            rate: self.rate.unwrap_or(defaults.rate),
            ledger_every: self.ledger_every.unwrap_or(defaults.ledger_every),
            ledger_jitter: self.ledger_jitter.unwrap_or(defaults.ledger_jitter),
            seed: self.seed.unwrap_or(defaults.seed),
            mix: self.mix.clone().unwrap_or(defaults.mix),
            payload: self.payload,
            even: self.even,
            burst: self.burst.map(|count| Burst {
                count,
                every: self.burst_every,
            }),
        })
    }

    fn recording(&self) -> Option<Recording> {
        Some(Recording {
            path: self.events.clone()?,
            rate: self.rate.unwrap_or(0.0),
            looped: self.looped,
            ends: self.end_with_file,
        })
    }
}

impl BehaviourFlags {
    fn over(&self, defaults: Behaviour) -> Behaviour {
        let meaning = |flag: Option<bool>, default| match flag {
            None => default,
            Some(false) => Meaning::Coded,
            Some(true) => Meaning::Documented,
        };
        let Behaviour {
            queues,
            types,
            accounts,
            assets,
            min_amount,
        } = defaults;
        Behaviour {
            queues: self.queueing.map_or(queues, |flag| flag == Queueing::Works),
            types: meaning(self.types.map(|flag| flag == TypesFlag::Closed), types),
            accounts: meaning(self.accounts.map(|f| f == AccountsFlag::All), accounts),
            assets: self.assets.map_or(assets, |flag| match flag {
                AssetsFlag::Open => Assets::Coded,
                AssetsFlag::Closed => Assets::Closed,
                AssetsFlag::All => Assets::Documented,
            }),
            min_amount: meaning(
                self.min_amount.map(|flag| flag == MinAmountFlag::Compared),
                min_amount,
            ),
        }
    }
}

impl FaultFlags {
    fn faults(&self) -> Faults {
        Faults {
            crash: self.crash_after,
            crash_on_churn: self.crash_on_churn,
            back_after: self.back_after,
            end: self.end_after,
            delay: self.delay.unwrap_or_default(),
            silence: self.silence,
            drop_one_in: self.drop_one_in,
            duplicate_one_in: self.duplicate_one_in,
            gap_one_in: self.gap_one_in,
            regress_one_in: self.regress_one_in,
            huge_one_in: self.huge_one_in,
            huge_size: self.huge_size,
            bad_utf8_one_in: self.bad_utf8_one_in,
            null_one_in: self.null_one_in,
            no_object_one_in: self.no_object_one_in,
        }
    }
}

/// Events a second.
fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok();
    rate.filter(|rate: &f64| rate.is_finite() && *rate >= 0.0)
        .ok_or_else(|| "give how many a second: 200, or 0.5".to_owned())
}

/// Bytes: `400`, `64k`, `2M`.
fn size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1 << 10),
        None => match text.strip_suffix('M') {
            Some(digits) => (digits, 1 << 20),
            None => (text, 1),
        },
    };
    let bytes = digits.parse::<usize>().ok();
    bytes
        .and_then(|bytes| bytes.checked_mul(unit))
        .ok_or_else(|| "give a number of bytes: 400, 64k or 2M".to_owned())
}
