//! What a session is started with, and the handle on it while it runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::lifecycle::State;
use crate::frame::Stamp;
use crate::protocol::raccoon::metrics::Picture;
use crate::protocol::{self, Command, Decoder, System};
use crate::schema::Schema;
use crate::transport::Dial;
use crate::transport::backoff::Policy;

/// Number of a session within this run of the program, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u32);

/// What a session is started with. Made by `cli` from a profile and flags.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name shown on the tab: profile or host.
    pub name: String,
    /// Where and how to connect.
    pub dial: Dial,
    /// The system, if told; otherwise it is recognised.
    pub system: Option<System>,
    /// Settings of all systems.
    pub settings: protocol::Settings,
    /// Loaded schema.
    pub schema: Arc<Schema>,
    /// When to dial again.
    pub reconnect: Policy,
    /// Our own pings; zero for none.
    pub ping_every: Duration,
    /// How long a reply may take where nothing else is said.
    pub reply_timeout: Duration,
    /// What the session sends by itself while it is live.
    pub traffic: Option<Traffic>,
}

/// Commands a session sends by itself, one set at a time, while it is live: the demos' batches and
/// calls.
#[derive(Clone)]
pub struct Traffic {
    /// Time from one set to the next.
    pub every: Duration,
    /// Makes set number `n` (from 0) of the session's life.
    pub make: Arc<dyn Fn(u64, Stamp) -> Vec<Command> + Send + Sync>,
}

impl std::fmt::Debug for Traffic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Traffic")
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}

/// What a running session is told.
#[derive(Debug)]
pub enum Order {
    /// Send something; refused commands come back in a [`Rejection`](super::Rejection).
    Send(Command),
    /// Send these one after the other: one order for many small messages costs the queue, and
    /// whoever waits at it, once.
    SendAll(Vec<Command>),
    /// Read payloads by this schema from now on; the decoder that does comes with the next delivery.
    Adopt(Arc<Schema>),
    /// The server's metrics were read, or could not be. From the session's own scraper.
    Scraped(Arc<Picture>),
    /// Close if connected, and dial now; interrupts a wait at once.
    Reconnect,
    /// Close, and stay idle.
    Disconnect,
}

/// A running session. Dropping it does not stop the session; cancel it and await its end.
#[derive(Debug)]
pub struct Handle {
    /// Which one.
    pub id: SessionId,
    /// Takes orders; bounded to 1,024, the sender waits.
    pub orders: mpsc::Sender<Order>,
    /// Takes payload buffers that are free again; offer with `try_send`, a full queue drops them.
    pub buffers: mpsc::Sender<Vec<u8>>,
    /// The newest state; closed when the session has ended. For whoever acts on a session without
    /// reading its deliveries.
    pub states: watch::Receiver<State>,
    /// What documents for this session are encoded and sent with.
    pub settings: Arc<protocol::Settings>,
    /// The schema they are encoded by.
    pub schema: Arc<Schema>,
    /// Ends the session: closing handshake, then the task returns.
    pub cancel: CancellationToken,
    /// The task.
    pub task: JoinHandle<()>,
}

impl Plan {
    /// Decodes bodies of this session's frames as `system`.
    #[must_use]
    pub fn decoder(&self, system: System) -> Arc<dyn Decoder> {
        (system.row().decoder)(&self.settings, Arc::clone(&self.schema))
    }
}
