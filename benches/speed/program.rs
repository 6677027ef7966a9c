//! The real program in a pseudo-terminal, or as a server beside it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::rig::now;

const PROGRAM: &str = env!("CARGO_BIN_EXE_wspect");
const COLUMNS: u16 = 120;
const ROWS: u16 = 40;
/// Longest wait for something on the screen.
const PATIENCE: Duration = Duration::from_mins(1);

/// What was written to the terminal so far.
struct Written {
    parser: vt100::Parser,
    /// When something was written last.
    at: Instant,
    /// Times between one writing and the next, seconds.
    gaps: Vec<f64>,
    ended: bool,
}

/// `wspect` on a terminal of 120×40.
pub(crate) struct Screen {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn std::io::Write + Send>,
    written: Arc<(Mutex<Written>, Condvar)>,
    /// Keeps the terminal open.
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Screen {
    /// Starts it.
    pub(crate) fn start(args: &[&str]) -> Self {
        let size = PtySize {
            rows: ROWS,
            cols: COLUMNS,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(args);
        command.env("TERM", "xterm-256color");
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        let written = Arc::new((
            Mutex::new(Written {
                parser: vt100::Parser::new(cells(ROWS), cells(COLUMNS), 0),
                at: now(),
                gaps: Vec::new(),
                ended: false,
            }),
            Condvar::new(),
        ));
        let mut output = pair.master.try_clone_reader().expect("a reader");
        let shared = Arc::clone(&written);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            loop {
                let count = output.read(&mut buffer).unwrap_or(0);
                let mut written = lock(&shared.0);
                let at = now();
                let gap = (at - written.at).as_secs_f64();
                written.at = at;
                written.gaps.push(gap);
                written.parser.process(&buffer[..count]);
                written.ended = count == 0;
                shared.1.notify_all();
                if count == 0 {
                    break;
                }
            }
        });
        Self {
            child,
            keys: pair.master.take_writer().expect("a writer"),
            written,
            _master: pair.master,
        }
    }

    /// Waits until the screen is as wanted; the time that took.
    pub(crate) fn until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> Duration {
        let started = now();
        let (written, changed) = &*self.written;
        let is_not =
            |written: &mut Written| !written.ended && !is_so(&written.parser.screen().contents());
        let (written, timeout) = changed
            .wait_timeout_while(lock(written), PATIENCE, is_not)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(
            !timeout.timed_out() && !written.ended,
            "{what}: never seen on\n{}",
            written.parser.screen().contents()
        );
        now() - started
    }

    /// Types these keys.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.keys
            .write_all(keys.as_bytes())
            .and_then(|()| self.keys.flush())
            .expect("the terminal takes keys");
    }

    /// Types these keys and waits until the screen is as wanted; the time that took.
    pub(crate) fn answer(
        &mut self,
        keys: &str,
        what: &str,
        is_so: impl Fn(&str) -> bool,
    ) -> Duration {
        let started = now();
        self.keys(keys);
        self.until(what, is_so);
        now() - started
    }

    /// What the screen shows.
    pub(crate) fn contents(&self) -> String {
        lock(&self.written.0).parser.screen().contents()
    }

    /// The times between writings since this was asked last, seconds.
    pub(crate) fn gaps(&self) -> Vec<f64> {
        std::mem::take(&mut lock(&self.written.0).gaps)
    }

    /// Its process.
    pub(crate) fn process(&self) -> String {
        self.child.process_id().expect("it runs").to_string()
    }

    /// Ends it.
    pub(crate) fn quit(mut self) {
        self.keys("\x03");
        let _ = self.child.wait();
    }
}

fn lock(written: &Mutex<Written>) -> MutexGuard<'_, Written> {
    written.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cells(count: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(count).expect("a terminal has cells")
}

/// `wspect serve …`, ended when dropped.
pub(crate) struct Server {
    child: std::process::Child,
    /// Where it listens.
    pub(crate) url: String,
}

impl Server {
    /// Starts it on a free port.
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .arg("serve")
            .args(args)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("it is piped");
        let mut url = String::new();
        BufReader::new(output)
            .read_line(&mut url)
            .expect("the server says where it listens");
        Self {
            child,
            url: url.trim().to_owned(),
        }
    }

    /// Its process.
    pub(crate) fn process(&self) -> String {
        self.child.id().to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// User and system time of a process in hundredths of a second.
pub(crate) fn ticks(process: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let time = |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok());
    time(11).unwrap_or(0) + time(12).unwrap_or(0)
}
