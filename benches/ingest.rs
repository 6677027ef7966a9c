//! Ingest against the bare read loop: how many frames a second a whole session takes (receive,
//! stamp, classify, correlate, store), as a share of what tokio-tungstenite alone reads.
//!
//! One flood server, one client thread with a current-thread runtime; the contestants alternate
//! within each round, so the machine's drift meets both. Run it with
//! `cargo bench --bench ingest -- [ROUNDS] [FRAMES]`.

mod flood;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;
use wspect::protocol::{self, System};
use wspect::schema::Schema;
use wspect::session::{self, Plan, SessionId};
use wspect::store::Store;
use wspect::transport::backoff::Policy;
use wspect::transport::{Dial, TlsOptions};

use flood::{Flood, Sample};

/// What one contestant needed for the frames.
#[derive(Clone, Copy)]
struct Figure {
    wall: Duration,
    cpu: Duration,
}

fn main() {
    // `cargo test` runs benches too, with `--test`: there is nothing to check then.
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|arg| arg.parse().ok())
        .collect();
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let rounds = numbers.first().copied().unwrap_or(7) as usize;
    let frames = numbers.get(1).copied().unwrap_or(1_500_000);
    println!("{rounds} rounds of {frames} frames each; tt = bare tokio-tungstenite read loop");
    println!(
        "{:<34} {:>9} {:>9} {:>10} {:>9}",
        "sample", "tt M/s", "ours M/s", "of tt", "CPU of tt"
    );
    for sample in Sample::all() {
        let flood = Flood::start(&sample.frame());
        let mut pairs = Vec::new();
        for round in 0..=rounds {
            let bare = on_own_thread(&flood, frames, bare);
            let whole = on_own_thread(&flood, frames, move |url, frames| {
                whole(url, frames, sample.system());
            });
            if round > 0 {
                pairs.push((bare, whole));
            }
        }
        report(sample, frames, &pairs);
    }
}

fn report(sample: Sample, frames: u64, pairs: &[(Figure, Figure)]) {
    let rate = |figure: &Figure| frames as f64 / figure.wall.as_secs_f64() / 1e6;
    let of = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!(
        "{:<34} {:>9.2} {:>9.2} {:>10.2} {:>9.2}",
        sample.name(),
        median(pairs.iter().map(|(bare, _)| rate(bare))),
        median(pairs.iter().map(|(_, whole)| rate(whole))),
        median(pairs.iter().map(|(bare, whole)| of(bare.wall, whole.wall))),
        median(pairs.iter().map(|(bare, whole)| of(whole.cpu, bare.cpu))),
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn on_own_thread(
    flood: &Flood,
    frames: u64,
    work: impl FnOnce(String, u64) + Send + 'static,
) -> Figure {
    let url = flood.url();
    std::thread::spawn(move || {
        let cpu = thread_cpu();
        let started = now();
        work(url, frames);
        Figure {
            wall: now() - started,
            cpu: thread_cpu() - cpu,
        }
    })
    .join()
    .expect("the contestant ends well")
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}

/// CPU time of this thread, from the scheduler's own account.
fn thread_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text
        .split(' ')
        .next()
        .and_then(|first| first.parse().ok())
        .unwrap_or(0);
    Duration::from_nanos(nanos)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// The bare loop: default configuration, nothing kept.
fn bare(url: String, frames: u64) {
    runtime().block_on(async move {
        let (mut socket, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("connects");
        for _ in 0..frames {
            socket.next().await.expect("a frame").expect("well-formed");
        }
    });
}

/// A whole session into a bounded store, on the same single thread.
fn whole(url: String, frames: u64, system: System) {
    runtime().block_on(async move {
        let (feed, mut deliveries) = session::queue();
        let handle = session::start(
            plan(&url, system),
            SessionId(1),
            feed,
            CancellationToken::new(),
        );
        let mut store = Store::new(64 << 20);
        let mut seen = 0;
        while seen < frames {
            let delivery = deliveries.recv().await.expect("the session runs");
            seen += delivery.chunk.totals().frames_in;
            if let Some(buffer) = store.add(delivery.session, delivery.chunk) {
                let _ = handle.buffers.try_send(buffer);
            }
        }
        drop(deliveries);
        handle.cancel.cancel();
        let _ = handle.task.await;
    });
}

fn plan(url: &str, system: System) -> Plan {
    Plan {
        name: "flood".to_owned(),
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
