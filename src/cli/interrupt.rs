//! SIGINT, SIGTERM and SIGHUP for the headless commands.

use tokio_util::sync::CancellationToken;

use super::exit;

/// A token that the first SIGINT, SIGTERM or SIGHUP cancels; the command then ends in order and
/// returns [`exit::INTERRUPTED`]. A second signal ends the program at once.
///
/// Call it once, inside the runtime.
#[must_use]
pub fn token() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        let Ok(mut signals) = Signals::listen() else {
            // Without handlers the default action remains: the signal ends the program.
            return;
        };
        signals.next().await;
        cancel.cancel();
        signals.next().await;
        std::process::exit(i32::from(exit::INTERRUPTED));
    });
    token
}

#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
