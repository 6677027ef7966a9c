//! Signals that concern a program with a terminal.

use std::io;

/// What the outside wants of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// End; the signal's number.
    End(i32),
    /// Stop until continued.
    Stop,
    /// Continued, perhaps by somebody who used the terminal meanwhile.
    Continued,
}

#[cfg(unix)]
pub(super) use unix::Signals;

#[cfg(unix)]
mod unix {
    use rustix::process::Signal as Number;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::{Asked, io};

    /// The signals listened to, for as long as the interface runs.
    #[derive(Debug)]
    pub(in crate::tui) struct Signals {
        terminate: Signal,
        hang_up: Signal,
        interrupt: Signal,
        stop: Signal,
        continued: Signal,
    }

    impl Signals {
        /// Starts listening.
        pub(in crate::tui) fn listen() -> io::Result<Self> {
            let raw = |number: Number| signal(SignalKind::from_raw(number.as_raw()));
            Ok(Self {
                terminate: raw(Number::TERM)?,
                hang_up: raw(Number::HUP)?,
                interrupt: raw(Number::INT)?,
                stop: raw(Number::TSTP)?,
                continued: raw(Number::CONT)?,
            })
        }

        /// Waits for the next one.
        pub(in crate::tui) async fn next(&mut self) -> Asked {
            tokio::select! {
                _ = self.terminate.recv() => Asked::End(Number::TERM.as_raw()),
                _ = self.hang_up.recv() => Asked::End(Number::HUP.as_raw()),
                _ = self.interrupt.recv() => Asked::End(Number::INT.as_raw()),
                _ = self.stop.recv() => Asked::Stop,
                _ = self.continued.recv() => Asked::Continued,
            }
        }
    }
}

#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> Asked {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Asked::End(2),
            Err(_) => std::future::pending().await,
        }
    }
}
