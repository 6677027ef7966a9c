//! Ingest against the bare read loop: how many frames a second a whole session takes with the
//! screen on (receive, stamp, classify, correlate, bounded store, draws of 200×60 at 30 a second),
//! as a share of what tokio-tungstenite alone reads.
//!
//! One flood server; contestants run on one thread each with a current-thread runtime and take
//! turns within a round, so the machine's drift meets them all.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;
use wspect::protocol::System;
use wspect::session::{self, SessionId};

use crate::flood::{Flood, Sample};
use crate::rig::{median, now, plan, quantile, runtime, thread_cpu};
use crate::screen::Screen;

/// What one contestant needed for the frames.
#[derive(Clone, Default)]
struct Figure {
    wall: Duration,
    cpu: Duration,
    /// Time of the draws among it, seconds each.
    draws: Vec<f64>,
}

/// Runs the contest and prints a row per sample.
pub(crate) fn run(rounds: u64, frames: u64) {
    println!("{rounds} rounds of {frames} frames; tt = bare tokio-tungstenite read loop");
    println!(
        "{:<28} {:>8} {:>9} {:>6} {:>9} {:>22} {:>8}",
        "sample", "tt M/s", "ours M/s", "of tt", "CPU of tt", "draw ms p50 / p99", "in draws"
    );
    for sample in Sample::all() {
        let flood = Flood::start(sample.prologue(), &sample.frame());
        let system = sample.system();
        let mut pairs = Vec::new();
        for round in 0..=rounds {
            let bare = on_own_thread(&flood, frames, bare);
            let whole = on_own_thread(&flood, frames, move |url, frames| {
                whole(&url, frames, system)
            });
            // The first round warms up.
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
    let mut draws: Vec<f64> = pairs
        .iter()
        .flat_map(|(_, whole)| whole.draws.clone())
        .collect();
    let drawing: f64 = draws.iter().sum();
    let cpu: f64 = pairs.iter().map(|(_, whole)| whole.cpu.as_secs_f64()).sum();
    println!(
        "{:<28} {:>8.2} {:>9.2} {:>6.2} {:>9.2} {:>13.2} / {:>5.2} {:>7.1}%",
        sample.name(),
        median(pairs.iter().map(|(bare, _)| rate(bare))),
        median(pairs.iter().map(|(_, whole)| rate(whole))),
        median(pairs.iter().map(|(bare, whole)| of(bare.wall, whole.wall))),
        median(pairs.iter().map(|(bare, whole)| of(whole.cpu, bare.cpu))),
        quantile(&mut draws, 0.5) * 1e3,
        quantile(&mut draws, 0.99) * 1e3,
        drawing / cpu * 100.0,
    );
}

fn on_own_thread(
    flood: &Flood,
    frames: u64,
    work: impl FnOnce(String, u64) -> Vec<f64> + Send + 'static,
) -> Figure {
    let url = flood.url();
    std::thread::spawn(move || {
        let cpu = thread_cpu();
        let started = now();
        let draws = work(url, frames);
        Figure {
            wall: now() - started,
            cpu: thread_cpu().saturating_sub(cpu),
            draws,
        }
    })
    .join()
    .expect("the contestant ends well")
}

/// The bare loop: default configuration, nothing kept.
fn bare(url: String, frames: u64) -> Vec<f64> {
    runtime().block_on(async move {
        let (mut socket, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("connects");
        for _ in 0..frames {
            socket.next().await.expect("a frame").expect("well-formed");
        }
    });
    Vec::new()
}

/// A whole session with a 64 MiB store and the screen on, on the same single thread.
fn whole(url: &str, frames: u64, system: System) -> Vec<f64> {
    runtime().block_on(async move {
        let (feed, mut deliveries) = session::queue();
        let plan = plan(url, system);
        let handle = session::start(plan, SessionId(1), feed, CancellationToken::new());
        let mut screen = Screen::new(64 << 20);
        while screen.seen < frames {
            let delivery = deliveries.recv().await.expect("the session runs");
            screen.take(delivery, &handle);
        }
        drop(deliveries);
        handle.cancel.cancel();
        let _ = handle.task.await;
        screen.draws
    })
}
