//! Start-up and idling of the real program in a pseudo-terminal: time from its start to the first
//! drawn frame, size of the binary, and memory and CPU while connected and idle.

use std::time::Duration;

use crate::program::{Screen, ticks};
use crate::rig::{now, pause, quantile, resident};

/// Starts the program `runs` times, and lets it idle once for `idle` seconds.
pub(crate) fn run(runs: u64, idle: u64) {
    let mut first: Vec<f64> = (0..runs).map(|_| first_frame() * 1e3).collect();
    println!(
        "start to first drawn frame over {runs} starts: p50 {:.1} ms, p90 {:.1} ms, max {:.1} ms",
        quantile(&mut first, 0.5),
        quantile(&mut first, 0.9),
        quantile(&mut first, 1.0)
    );
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_wspect")).map_or(0, |facts| facts.len());
    println!("binary: {:.1} MB", size as f64 / 1e6);
    let (memory, share) = idling(idle);
    println!(
        "connected and idle for {idle} s: {:.1} MB resident, {share:.2} % of a core",
        memory as f64 / 1e6
    );
}

fn first_frame() -> f64 {
    let started = now();
    let screen = Screen::start(&[]);
    screen.until("the picker", |text| text.contains("demo:raccoon"));
    let took = (now() - started).as_secs_f64();
    screen.quit();
    took
}

/// Resident bytes, and percent of a core, of a session with a server that says nothing.
fn idling(seconds: u64) -> (u64, f64) {
    let flood = crate::flood::Flood::start(Vec::new(), &[]);
    let screen = Screen::start(&[&flood.url()]);
    screen.until("an open session", |text| text.contains("LIVE"));
    let process = screen.process();
    let before = ticks(&process);
    pause(Duration::from_secs(seconds));
    let share = (ticks(&process) - before) as f64 / (seconds as f64 * 100.0) * 100.0;
    let memory = resident(&process);
    screen.quit();
    (memory, share)
}
