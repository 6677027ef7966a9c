//! What can be set about this server.

use std::time::Duration;

use crate::server::ServerError;
use crate::server::error::check_times;

/// Limits, timers and traffic; the defaults are the real server's, without traffic.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where to listen: `127.0.0.1:8080`; port 0 takes a free one.
    pub listen: String,
    /// Where the WebSocket is; compared as a whole.
    pub path: String,
    /// From the 101 to the first `register`; then the connection is cut without a close frame.
    pub registration_deadline: Duration,
    /// Time between pings, counted from the 101. Zero means no pings.
    pub ping_every: Duration,
    /// From the 101 or the last pong to the cut. Nothing but a pong renews it.
    pub pong_deadline: Duration,
    /// How long one write may take.
    pub write_timeout: Duration,
    /// Messages that may wait for one client; one more, and it gets no further events.
    pub queue: usize,
    /// Largest message taken from a client, in bytes.
    pub message_limit: usize,
    /// Made-up events; `None` leaves feeding to [`super::Handle::feed`].
    pub traffic: Option<Traffic>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            path: "/ws".to_owned(),
            registration_deadline: Duration::from_secs(10),
            ping_every: Duration::from_secs(30),
            pong_deadline: Duration::from_mins(1),
            write_timeout: Duration::from_secs(10),
            queue: 256,
            message_limit: 512 * 1024,
            traffic: None,
        }
    }
}

impl Settings {
    /// Whether a server can be run with them.
    pub(super) fn check(&self) -> Result<(), ServerError> {
        if !self.path.starts_with('/') {
            return Err(ServerError::Settings {
                system: "savetowebsocket",
                what: format!("the path {:?} does not start with `/`", self.path),
            });
        }
        let ledger_every = self.traffic.map(|traffic| traffic.ledger_every);
        check_times(
            "savetowebsocket",
            &[
                ("the registration deadline", self.registration_deadline),
                ("the time between pings", self.ping_every),
                ("the deadline for pongs", self.pong_deadline),
                ("the time for a write", self.write_timeout),
                ("the time between ledgers", ledger_every.unwrap_or_default()),
            ],
        )
    }
}

/// Made-up events, in bursts as ledgers bring them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traffic {
    /// Events a second, on the average.
    pub rate: f64,
    /// Time between ledgers: 5 to 6 s on the real network.
    pub ledger_every: Duration,
    /// The same seed brings the same events.
    pub seed: u64,
}

impl Traffic {
    /// Events in one ledger; at least the two that describe the ledger itself.
    #[must_use]
    pub fn events_per_ledger(&self) -> usize {
        let events = self.rate.max(0.0) * self.ledger_every.as_secs_f64();
        (events.round() as usize).clamp(2, EVENTS_MAX)
    }
}

/// Most events made for one ledger.
const EVENTS_MAX: usize = 100_000;

impl Default for Traffic {
    fn default() -> Self {
        Self {
            rate: 10.0,
            ledger_every: Duration::from_millis(5_500),
            seed: 1,
        }
    }
}
