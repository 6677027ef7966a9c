//! The Stellar event server: welcomes, waits for a `register`, sends what the filters let through.
//!
//! It behaves as the real server's code does, bugs included, because that is what an inspector
//! meets: nothing is queued before the registration, `min_amount` is ignored, a faulty register
//! is met with silence, a burst can end the connection of a client that reads all the time. Each
//! of the defects can be mended ([`Behaviour`]), and troubles be added ([`Faults`]).
//!
//! ```text
//! traffic ─► Generator ─┐
//! file, stdin ──────────┼─► pump ─► hub ──filters──► channel (256) ──► connection ─► client
//! Handle::feed ─────────┼────────────▲                                     │
//!                       faults        └──────────── register ──────────────┘
//! ```
//!
//! What the real server logs is logged here at the same moments, in the same words.

mod behaviour;
mod connection;
pub mod events;
mod faults;
mod file;
mod hub;
mod pump;
mod register;
mod route;
mod settings;
mod traffic;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::TcpStream;

use self::hub::Hub;
use self::pump::Pump;
use super::http::upgrade::{self, Rules};
use super::http::{Head, Origins};
use super::wire::Flavour;
use super::{Handler, Listener, Outage, Running, ServerError};
use crate::protocol::savetowebsocket::filter::NoEvent;

pub use behaviour::{Assets, Behaviour, Meaning};
pub use faults::{After, Faults, Silence};
pub use file::Recording;
pub use settings::{Burst, Settings, Traffic};

/// Number of the first ledger.
const FIRST_LEDGER: u64 = 60_123_456;

/// Starts it.
pub async fn start(settings: Settings) -> Result<(Running, Handle), ServerError> {
    settings.check()?;
    let mut listener = Listener::bind(&settings.listen).await?;
    let hub = Arc::new(Hub::new(&settings));
    let seed = settings.traffic.as_ref().map_or(1, |traffic| traffic.seed);
    let pump = || Pump::new(Arc::clone(&hub), settings.faults.clone(), seed);
    if let Some(recording) = &settings.recording {
        listener.spawn(file::run(pump(), recording.clone()));
    }
    if let Some(traffic) = &settings.traffic {
        listener.spawn(traffic::run(pump(), traffic.clone()));
    }
    listener.spawn(pump::clock(Arc::clone(&hub), settings.faults.clone()));
    let handle = Handle {
        hub: Arc::clone(&hub),
    };
    let path = settings.path.clone();
    let running = listener.serve(Server { hub, settings }, &path);
    Ok((running, handle))
}

/// The inside of a running server.
#[derive(Clone, Debug)]
pub struct Handle {
    hub: Arc<Hub>,
}

impl Handle {
    /// Hands an event to every client whose filters let it through, byte for byte. An event that
    /// is no JSON object (or `null`) reaches nobody.
    pub fn feed(&self, event: impl Into<Bytes>) -> Result<(), NoEvent> {
        self.hub.feed(&event.into(), false)
    }

    /// Number of clients, and how many of them have registered.
    #[must_use]
    pub fn clients(&self) -> (usize, usize) {
        self.hub.count()
    }

    /// Ends all connections without a close frame, as a finished pipeline does; new ones are
    /// still taken.
    pub fn cut_clients(&self) {
        self.hub.cut_all();
    }

    /// Crashes the server: connections and listener end at once; it comes back if
    /// [`Faults::back_after`] says so.
    pub fn crash(&self) {
        self.hub.crash();
    }
}

#[derive(Debug)]
struct Server {
    hub: Arc<Hub>,
    settings: Settings,
}

impl Handler for Server {
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let rules = Rules {
            flavour: Flavour::Gorilla,
            key_checked: true,
            origins: Origins::Any,
            message_limit: self.settings.message_limit,
        };
        let page = |head: &Head| route::page(head, &self.settings.path, &rules);
        match upgrade::open(stream, &rules, page).await {
            Ok(Some((stream, decoder, _))) => {
                connection::serve(&self.hub, &self.settings, stream, decoder).await;
            }
            Ok(None) => {}
            Err(error) => tracing::debug!("{peer} left during the handshake: {error}"),
        }
    }

    async fn outage(&self) -> Outage {
        let crashed = self.hub.crashes().changed().await;
        // The hub is ours, so it does not go away before.
        debug_assert!(crashed.is_ok(), "the hub outlives its server");
        Outage {
            back_after: self.settings.faults.back_after,
        }
    }
}
