//! The real program in a pseudo-terminal, and what its screen shows.

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// Longest wait for anything; reached only when a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the program has written so far.
#[derive(Default)]
struct Written {
    parser: vt100::Parser,
    ended: bool,
}

/// The program, running.
pub(crate) struct Program {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn std::io::Write + Send>,
    written: Arc<(Mutex<Written>, Condvar)>,
    /// Holds the configuration directory, which is empty.
    _config: tempfile::TempDir,
}

impl Program {
    /// Starts `wspect` with these arguments on a terminal of that size.
    pub(crate) fn start(args: &[&str], (width, height): (u16, u16)) -> Self {
        Self::of(env!("CARGO_BIN_EXE_wspect"), args, (width, height))
    }

    /// Starts any program.
    pub(crate) fn of(path: &str, args: &[&str], (width, height): (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(size(width, height)).unwrap();
        let config = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(path);
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env("WSPECT_CONFIG", config.path());
        command.env_remove("NO_COLOR");
        command.env_remove("VISUAL");
        command.env("EDITOR", "sed -i s/typed/edited/");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let written = Arc::new((
            Mutex::new(Written {
                parser: vt100::Parser::new(some(height), some(width), 0),
                ended: false,
            }),
            Condvar::new(),
        ));
        let mut output = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&written);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            loop {
                let count = output.read(&mut buffer).unwrap_or(0);
                let mut written = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
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
            keys: pair.master.take_writer().unwrap(),
            master: pair.master,
            written,
            _config: config,
        }
    }

    /// Types bytes.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, width: u16, height: u16) {
        let mut written = self.written.0.lock().unwrap();
        written
            .parser
            .screen_mut()
            .set_size(some(height), some(width));
        self.master.resize(size(width, height)).unwrap();
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.process_id().unwrap().to_string();
        let status = Command::new("kill").args(["-s", name, &process]).status();
        assert!(status.unwrap().success());
    }

    /// Waits until the screen is as wanted.
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let (written, changed) = &*self.written;
        let guard = written.lock().unwrap();
        let (guard, timeout) = changed
            .wait_timeout_while(guard, PATIENCE, |written| {
                !is_so(written.parser.screen()) && !written.ended
            })
            .unwrap();
        let screen = guard.parser.screen();
        assert!(
            is_so(screen),
            "{what}: timed out: {}\n{}",
            timeout.timed_out(),
            screen.contents()
        );
    }

    /// Waits until the screen shows `text`.
    pub(crate) fn shows(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the process is stopped, as the system sees it.
    pub(crate) fn stops(&self) {
        let process = self.child.process_id().unwrap().to_string();
        let asked = || {
            Command::new("ps")
                .args(["-o", "stat=", "-p", &process])
                .output()
        };
        // A thousand runs of `ps` take seconds; one or two are enough.
        let stopped = (0..1_000).any(|_| asked().unwrap().stdout.starts_with(b"T"));
        assert!(stopped, "still running");
    }

    /// Waits for the end and checks that the terminal was given back.
    pub(crate) fn ends(mut self) -> ExitStatus {
        self.wait_until("the terminal is given back", |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
        let (written, changed) = &*self.written;
        let guard = written.lock().unwrap();
        let (guard, _) = changed
            .wait_timeout_while(guard, PATIENCE, |written| !written.ended)
            .unwrap();
        assert!(
            guard.ended,
            "still running:\n{}",
            guard.parser.screen().contents()
        );
        drop(guard);
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        if std::thread::panicking() {
            let written = self
                .written
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            eprintln!("the screen:\n{}", written.parser.screen().contents());
        }
    }
}

fn size(width: u16, height: u16) -> PtySize {
    PtySize {
        rows: height,
        cols: width,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn some(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a terminal has cells")
}
