//! Start-up and idling of the real program in a pseudo-terminal: time from its start to the first
//! drawn frame, size of the binary, and memory and CPU while connected and idle.

use std::io::{Read, Write as _};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::rig::{now, quantile, resident};

const PROGRAM: &str = env!("CARGO_BIN_EXE_wspect");

/// Starts the program `runs` times, and lets it idle once for `idle` seconds.
pub(crate) fn run(runs: u64, idle: u64) {
    let mut first: Vec<f64> = (0..runs).map(|_| first_frame() * 1e3).collect();
    println!(
        "start to first drawn frame over {runs} starts: p50 {:.1} ms, p90 {:.1} ms, max {:.1} ms",
        quantile(&mut first, 0.5),
        quantile(&mut first, 0.9),
        quantile(&mut first, 1.0)
    );
    let size = std::fs::metadata(PROGRAM).map_or(0, |facts| facts.len());
    println!("binary: {:.1} MB", size as f64 / 1e6);
    let (memory, share) = idling(idle);
    println!(
        "connected and idle for {idle} s: {:.1} MB resident, {share:.2} % of a core",
        memory as f64 / 1e6
    );
}

struct Running {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    reader: Box<dyn Read + Send>,
    writer: Box<dyn std::io::Write + Send>,
    /// Keeps the terminal open.
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

fn open(target: Option<&str>) -> Running {
    let size = PtySize {
        rows: 40,
        cols: 120,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system()
        .openpty(size)
        .expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(target);
    command.env("TERM", "xterm-256color");
    let child = pair
        .slave
        .spawn_command(command)
        .expect("the program starts");
    let reader = pair.master.try_clone_reader().expect("a reader");
    let writer = pair.master.take_writer().expect("a writer");
    Running {
        child,
        reader,
        writer,
        _master: pair.master,
    }
}

impl Running {
    /// Reads until `text` was written to the terminal.
    fn until(&mut self, text: &str) {
        let mut seen = Vec::new();
        let mut buffer = [0; 8192];
        while !String::from_utf8_lossy(&seen).contains(text) {
            let count = self.reader.read(&mut buffer).expect("the program writes");
            assert!(count > 0, "the program ended without writing {text}");
            seen.extend_from_slice(&buffer[..count]);
        }
    }

    fn quit(mut self) {
        let _ = self.writer.write_all(b"\x03");
        // A terminal nobody reads would hold the program up.
        let mut reader = self.reader;
        std::thread::spawn(move || {
            let mut sink = [0; 8192];
            while matches!(reader.read(&mut sink), Ok(count) if count > 0) {}
        });
        let _ = self.child.wait();
    }
}

fn first_frame() -> f64 {
    let started = now();
    let mut running = open(None);
    running.until("demo:raccoon");
    let took = (now() - started).as_secs_f64();
    running.quit();
    took
}

/// Resident bytes, and percent of a core, of a session with a server that says nothing.
fn idling(seconds: u64) -> (u64, f64) {
    let flood = crate::flood::Flood::start(Vec::new(), &[]);
    let mut running = open(Some(&flood.url()));
    running.until("LIVE");
    let process = running.child.process_id().expect("it runs").to_string();
    let before = ticks(&process);
    let until = now() + Duration::from_secs(seconds);
    while now() < until {
        std::thread::park_timeout(until - now());
    }
    let share = (ticks(&process) - before) as f64 / (seconds as f64 * 100.0) * 100.0;
    let memory = resident(&process);
    running.quit();
    (memory, share)
}

/// User and system time of a process in hundredths of a second.
fn ticks(process: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let time = |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok());
    time(11).unwrap_or(0) + time(12).unwrap_or(0)
}
