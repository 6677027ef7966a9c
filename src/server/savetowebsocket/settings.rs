//! What can be set about this server.

use std::time::Duration;

use super::behaviour::Behaviour;
use super::events::{Mix, PAYLOAD_MAX};
use super::faults::Faults;
use super::file::Recording;
use crate::server::ServerError;
use crate::server::error::check_times;

/// Limits, timers, traffic and troubles; the defaults are the real server's, without traffic.
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
    /// Events kept for a client that has not registered, if [`Behaviour::queues`].
    pub max_queue_size: usize,
    /// Largest message taken from a client, in bytes.
    pub message_limit: usize,
    /// Which of the real server's defects it has.
    pub behaviour: Behaviour,
    /// What goes wrong besides.
    pub faults: Faults,
    /// Made-up events; `None` leaves feeding to [`super::Handle::feed`].
    pub traffic: Option<Traffic>,
    /// Events that were written down.
    pub recording: Option<Recording>,
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
            max_queue_size: 1000,
            message_limit: 512 * 1024,
            behaviour: Behaviour::FAITHFUL,
            faults: Faults::default(),
            traffic: None,
            recording: None,
        }
    }
}

/// The pong rule of the guide.
const PONG_DOCUMENTED: Duration = Duration::from_secs(90);

impl Settings {
    /// The server of the guide: [`Behaviour::AS_DOCUMENTED`], and connections last 90 s without a
    /// pong.
    #[must_use]
    pub fn as_documented() -> Self {
        Self {
            pong_deadline: PONG_DOCUMENTED,
            behaviour: Behaviour::AS_DOCUMENTED,
            ..Self::default()
        }
    }

    /// Whether a server can be run with them.
    pub(super) fn check(&self) -> Result<(), ServerError> {
        let refuse = |what: String| {
            Err(ServerError::Settings {
                system: "savetowebsocket",
                what,
            })
        };
        if !self.path.starts_with('/') {
            return refuse(format!("the path {:?} does not start with `/`", self.path));
        }
        let traffic = self.traffic.as_ref();
        if let Some(payload) = traffic.and_then(|traffic| traffic.payload)
            && payload > PAYLOAD_MAX
        {
            return refuse(format!(
                "events of {payload} bytes are too long; {PAYLOAD_MAX} is the most"
            ));
        }
        if self.faults.huge_size > PAYLOAD_MAX {
            let size = self.faults.huge_size;
            return refuse(format!(
                "huge events of {size} bytes are too long; {PAYLOAD_MAX} is the most"
            ));
        }
        if let Some(recording) = &self.recording
            && let Err(error) = recording.open()
        {
            let path = recording.path.display();
            return refuse(format!(
                "cannot read events from {path}: {error}; name a file you can read, or - for stdin"
            ));
        }
        let zero = Duration::ZERO;
        let silence = self.faults.silence.map_or(zero, |silence| silence.every);
        check_times(
            "savetowebsocket",
            &[
                ("the registration deadline", self.registration_deadline),
                ("the time between pings", self.ping_every),
                ("the deadline for pongs", self.pong_deadline),
                ("the time for a write", self.write_timeout),
                (
                    "the time between ledgers",
                    traffic.map_or(zero, |traffic| traffic.ledger_every),
                ),
                ("the time without events", silence),
                ("the delay of events", self.faults.delay),
                (
                    "the time a crash lasts",
                    self.faults.back_after.unwrap_or_default(),
                ),
            ],
        )
    }
}

/// Made-up events, in bursts as ledgers bring them.
#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    /// Events a second, on the average.
    pub rate: f64,
    /// Time between ledgers, on the average: 5 to 6 s on the real network.
    pub ledger_every: Duration,
    /// How much earlier or later than that a ledger may close; at most half of it counts.
    pub ledger_jitter: Duration,
    /// The same seed brings the same events.
    pub seed: u64,
    /// Which kinds of events.
    pub mix: Mix,
    /// Length of an event in bytes, on the average; `None` leaves events as they are.
    pub payload: Option<usize>,
    /// Whether events come one by one at an even pace, and at one that a client who keeps
    /// reading can follow; otherwise those of a ledger come close to each other.
    pub even: bool,
    /// Events handed over at once, besides.
    pub burst: Option<Burst>,
}

/// Many events at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// How many.
    pub count: usize,
    /// How often, at most; `None` with each ledger. A burst comes when a ledger closes.
    pub every: Option<Duration>,
}

impl Traffic {
    /// Events in one ledger, all told.
    #[must_use]
    pub fn events_per_ledger(&self) -> u64 {
        let events = self.rate.max(0.0) * self.ledger_every.as_secs_f64();
        (events.round() as u64).min(EVENTS_MAX)
    }
}

/// Most events spread out over one ledger.
const EVENTS_MAX: u64 = 10_000_000;

impl Default for Traffic {
    fn default() -> Self {
        Self {
            rate: 10.0,
            ledger_every: Duration::from_millis(5_500),
            ledger_jitter: Duration::from_millis(500),
            seed: 1,
            mix: Mix::default(),
            payload: None,
            even: false,
            burst: None,
        }
    }
}
