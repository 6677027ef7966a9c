//! What the measurements share: a plan, clocks, medians.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wspect::protocol::{self, System};
use wspect::schema::Schema;
use wspect::session::Plan;
use wspect::transport::backoff::Policy;
use wspect::transport::{Dial, TlsOptions};

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Waits for that long.
pub(crate) fn pause(time: Duration) {
    let until = now() + time;
    while now() < until {
        std::thread::park_timeout(until - now());
    }
}

/// CPU time of this thread, from the scheduler's own account.
pub(crate) fn thread_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

/// Resident memory of a process in bytes; `"self"` for this one.
pub(crate) fn resident(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(&mut values.into_iter().collect::<Vec<_>>(), 0.5)
}

/// The value below which `share` of the values are. Sorts them.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = ((values.len() - 1) as f64 * share).round() as usize;
    values[index]
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A session that does not reconnect and does not ping.
pub(crate) fn plan(url: &str, system: System) -> Plan {
    Plan {
        name: "bench".to_owned(),
        dial: Dial {
            url: url.to_owned(),
            shown_url: url.to_owned(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
            tls: TlsOptions::default(),
            connect_timeout: Duration::from_secs(5),
            message_limit: 16 << 20,
        },
        system: Some(system),
        settings: protocol::Settings::default(),
        schema: Arc::new(Schema::default()),
        reconnect: Policy {
            enabled: false,
            ..Policy::default()
        },
        ping_every: Duration::ZERO,
        reply_timeout: Duration::from_secs(10),
        traffic: None,
    }
}
