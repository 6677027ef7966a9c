//! A long run at a steady rate: the real program on a terminal of 120×40, the built-in Stellar
//! event server beside it, 20,000 events of about 400 bytes a second. Looked at once a second: is a
//! key answered, how much memory is used. At the end: did every event arrive, over one connection.

use std::time::Duration;

use crate::program::{Screen, Server, ticks};
use crate::rig::{now, pause, quantile, resident};

/// Events a second.
const RATE: u64 = 20_000;
/// Memory the store may take, MiB: the program's default.
const BUDGET: f64 = 256.0;

/// Runs for `seconds`.
pub(crate) fn run(seconds: u64) {
    let rate = RATE.to_string();
    let server = Server::start(&[
        "savetowebsocket",
        "--rate",
        &rate,
        "--payload",
        "400",
        "--even",
    ]);
    let mut screen = Screen::start(&[&server.url, "--system", "savetowebsocket"]);
    screen.until("events", |text| text.contains(" of "));
    let (program, feeder) = (screen.process(), server.process());
    let before = (ticks(&program), ticks(&feeder));
    let started = now();
    screen.gaps();
    let mut answers = Vec::new();
    let mut memory = Vec::new();
    for second in 1..=seconds {
        let answer = screen.answer("?", "the help", |text| text.contains("All keys"));
        answers.push(answer.as_secs_f64() * 1e3);
        screen.answer("\x1b", "the events", |text| !text.contains("All keys"));
        memory.push(resident(&program) as f64 / f64::from(1 << 20));
        pause((started + Duration::from_secs(second)).saturating_duration_since(now()));
    }
    let share = |before: u64, process: &str| (ticks(process) - before) as f64 / seconds as f64;
    let (ours, theirs) = (share(before.0, &program), share(before.1, &feeder));
    let mut gaps = screen.gaps();
    let text = screen.contents();
    println!("{RATE} Stellar events a second for {seconds} s, 120×40:");
    println!("  kept and seen: {}", line_with(&text, " of "));
    println!("  session: {}", line_with(&text, "LIVE"));
    println!(
        "  a key is answered in p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        quantile(&mut answers, 0.5),
        quantile(&mut answers, 0.99),
        quantile(&mut answers, 1.0)
    );
    println!(
        "  between two writings to the screen: p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms",
        quantile(&mut gaps, 0.5) * 1e3,
        quantile(&mut gaps, 0.99) * 1e3,
        quantile(&mut gaps, 1.0) * 1e3
    );
    let tenth = (memory.len() / 10).max(1);
    let along: Vec<String> = memory
        .chunks(tenth)
        .filter_map(|part| part.last())
        .map(|mib| format!("{mib:.0}"))
        .collect();
    println!(
        "  resident with a store of {BUDGET} MiB, along the way: {} MiB",
        along.join(" ")
    );
    println!("  CPU: {ours:.1} % of a core, the server's {theirs:.1} %");
    screen.quit();
}

/// The line of the screen that holds `part`.
fn line_with(text: &str, part: &str) -> String {
    let line = text.lines().find(|line| line.contains(part));
    line.unwrap_or_default().trim().to_owned()
}
