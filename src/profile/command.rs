//! What templates ask of the machine: a command's output, the machine's name. Bounded in time and
//! output.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::sanitise;
use crate::transport::clock;

/// Bounds of one command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long it may run.
    pub(super) time: Duration,
    /// How many bytes it may print.
    pub(super) output: usize,
}

/// The bounds used for profiles.
pub(super) const LIMITS: Limits = Limits {
    time: Duration::from_secs(5),
    output: 64 << 10,
};

/// How often a command that has closed its output is asked whether it has ended.
const POLL: Duration = Duration::from_millis(10);

/// Runs `line` in the shell; its output without the line end. The error says what went wrong with
/// which command.
pub(super) fn run(line: &str, limits: Limits) -> Result<String, String> {
    let failed = |why: String| format!("the command `{}` {why}", sanitise::line(line));
    let mut child = shell(line)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("could not be started: {error}")))?;
    let (sender, outputs) = mpsc::channel();
    let streams: [(bool, Option<Box<dyn Read + Send>>); 2] = [
        (true, child.stdout.take().map(|s| Box::new(s) as _)),
        (false, child.stderr.take().map(|s| Box::new(s) as _)),
    ];
    for (is_output, stream) in streams {
        let Some(stream) = stream else { continue };
        let sender = sender.clone();
        let most = limits.output as u64 + 1;
        // The thread ends with the stream; it holds nothing but its buffer.
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = stream.take(most).read_to_end(&mut bytes);
            // After a timeout nobody listens any more.
            let _ = sender.send((is_output, read.map(|_| bytes)));
        });
    }
    drop(sender);
    let collected = collect(&mut child, &outputs, limits);
    if collected.is_err() {
        // It may have ended in the meantime.
        let _ = child.kill();
        let _ = child.wait();
    }
    collected.map_err(failed)
}

type Outputs = mpsc::Receiver<(bool, std::io::Result<Vec<u8>>)>;

fn collect(child: &mut Child, outputs: &Outputs, limits: Limits) -> Result<String, String> {
    let deadline = clock::now().after(limits.time);
    let too_long = || format!("did not end within {:?}; it was stopped", limits.time);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    loop {
        match outputs.recv_timeout(deadline.since(clock::now())) {
            Ok((is_output, bytes)) => {
                let bytes = bytes.map_err(|error| format!("could not be read: {error}"))?;
                if bytes.len() > limits.output {
                    return Err(format!("printed more than {} bytes", limits.output));
                }
                *(if is_output { &mut stdout } else { &mut stderr }) = bytes;
            }
            Err(RecvTimeoutError::Timeout) => return Err(too_long()),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if deadline.since(clock::now()).is_zero() => return Err(too_long()),
            Ok(None) => std::thread::park_timeout(POLL),
            Err(error) => return Err(format!("could not be waited for: {error}")),
        }
    };
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        let said: String = said
            .lines()
            .next()
            .unwrap_or("")
            .chars()
            .take(200)
            .collect();
        return Err(format!("failed ({status}): {}", sanitise::line(&said)));
    }
    let text = String::from_utf8(stdout).map_err(|_| "printed bytes that are not UTF-8")?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

fn shell(line: &str) -> Command {
    let (program, flag) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("sh", "-c")
    };
    let mut command = Command::new(program);
    command.arg(flag).arg(line);
    command
}

/// Name of this machine, with only letters, digits, `-` and `.`; `localhost` if it has none.
pub(super) fn host() -> String {
    let from_env = ["HOSTNAME", "COMPUTERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    let name = from_env
        .or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok())
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .or_else(|| run("hostname", LIMITS).ok())
        .unwrap_or_default();
    let name: String = name
        .trim()
        .chars()
        .filter(|&c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
        .take(64)
        .collect();
    if name.is_empty() {
        "localhost".to_owned()
    } else {
        name
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const SHORT: Limits = Limits {
        time: Duration::from_millis(200),
        output: 100,
    };

    #[test]
    fn output_without_its_line_end() {
        assert_eq!(run("printf 'a b\\n'", LIMITS), Ok("a b".to_owned()));
    }

    #[test]
    fn failures_say_what_failed() {
        for (line, limits, needle) in [
            ("echo no luck >&2; exit 3", LIMITS, "no luck"),
            ("yes", SHORT, "printed more than 100 bytes"),
            ("exec sleep 30", SHORT, "did not end within 200ms"),
            ("exec >&- 2>&-; exec sleep 30", SHORT, "did not end within"),
            ("printf '\\377'", LIMITS, "not UTF-8"),
        ] {
            let error = run(line, limits).unwrap_err();
            assert!(error.contains(needle), "{line}: {error}");
            assert!(error.contains(line.split('\\').next().unwrap()), "{error}");
        }
    }

    #[test]
    fn the_machine_has_a_name() {
        assert!(!host().is_empty());
    }
}
