//! Events from a file or from stdin: one a line, bytes as they are.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::pump::{Over, Pump};

/// Longest line taken; what follows is taken for the next one.
const LINE_MAX: u64 = 64 * 1024 * 1024;

/// Lines read ahead.
const AHEAD: usize = 64;

/// A source of events that were written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The file; `-` is stdin.
    pub path: PathBuf,
    /// Events a second; zero is as fast as they are read.
    pub rate: f64,
    /// Whether it starts again at its end.
    pub looped: bool,
    /// Whether the pipeline ends with it; otherwise connections stay.
    pub ends: bool,
}

impl Recording {
    /// Whether it is read from stdin.
    #[must_use]
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// The bytes from the start.
    pub(super) fn open(&self) -> io::Result<Box<dyn io::Read + Send>> {
        if self.is_stdin() {
            return Ok(Box::new(io::stdin()));
        }
        Ok(Box::new(std::fs::File::open(&self.path)?))
    }
}

/// Feeds the recording until it or the pipeline ends.
pub(super) async fn run(mut pump: Pump, recording: Recording) {
    let (sender, mut lines) = mpsc::channel(AHEAD);
    let (path, ends) = (recording.path.display().to_string(), recording.ends);
    let rate = recording.rate;
    // A thread of its own: waiting for stdin must not keep the program from ending.
    std::thread::spawn(move || {
        if let Err(error) = read(&recording, &sender) {
            tracing::error!("cannot read events from {path}: {error}");
        }
    });
    let start = Instant::now();
    let mut given = 0_u64;
    while let Some(line) = lines.recv().await {
        if rate > 0.0 {
            let due = Duration::try_from_secs_f64(given as f64 / rate).unwrap_or_default();
            sleep_until(start + due).await;
        }
        given += 1;
        if pump.give(line, false).await == Err(Over) {
            return;
        }
    }
    tracing::info!("the events are over after {given}");
    if ends {
        pump.hub().end().await;
    }
}

/// Reads lines until nobody wants them any more. An empty file is not read again and again.
fn read(recording: &Recording, sender: &mpsc::Sender<Vec<u8>>) -> io::Result<()> {
    loop {
        let mut input = BufReader::new(recording.open()?);
        let mut any = false;
        loop {
            let mut line = Vec::new();
            if (&mut input).take(LINE_MAX).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.last() == Some(&b'\n') {
                line.pop();
            }
            if line.is_empty() {
                continue;
            }
            any = true;
            if sender.blocking_send(line).is_err() {
                return Ok(());
            }
        }
        if !(any && recording.looped) || recording.is_stdin() {
            return Ok(());
        }
    }
}
