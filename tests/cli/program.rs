//! Runs the program with a configuration directory of its own.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// An empty configuration directory; goes away with the value.
pub(crate) struct Home(tempfile::TempDir);

/// An echo server on a thread of its own; ends with the value.
pub(crate) struct Echo {
    pub(crate) url: String,
    _runtime: tokio::runtime::Runtime,
}

impl Echo {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let settings = wspect::server::echo::Settings::default();
        let running = runtime.block_on(wspect::server::echo::start(settings));
        let running = running.unwrap();
        let url = running.url().to_owned();
        // Lives as long as the runtime.
        runtime.spawn(async move {
            let _running = running;
            std::future::pending::<()>().await;
        });
        Self {
            url,
            _runtime: runtime,
        }
    }
}

/// How a run ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a profile of the user's own.
    pub(crate) fn profile(&self, name: &str, text: &str) {
        let dir = self.path().join("profiles");
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join(format!("{name}.toml"));
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    /// The program, with nothing of the outer environment that it would listen to.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wspect"));
        command
            .args(words)
            .env("WSPECT_CONFIG", self.path())
            .env_remove("WSPECT_LOG")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        ran(&self.command(words).output().unwrap())
    }
}

/// Runs the program in an empty configuration directory.
pub(crate) fn run(words: &[&str]) -> Ran {
    Home::new().run(words)
}

pub(crate) fn ran(output: &Output) -> Ran {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ran {
        code: output
            .status
            .code()
            .expect("ended by itself, not by a signal"),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

impl Ran {
    /// Checks the exit code, and that each of `needles` is in the error output.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, needles: &[&str]) {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.out, self.err
        );
        for needle in needles {
            assert!(self.err.contains(needle), "no {needle:?} in: {}", self.err);
        }
    }

    /// Checks that all went well, and gives the output.
    #[track_caller]
    pub(crate) fn fine(&self) -> &str {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.out, self.err);
        &self.out
    }
}
