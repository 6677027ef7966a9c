//! The Stellar event server: welcomes, waits for a `register`, sends what the filters let through.
//!
//! It behaves as the real server's code does, bugs included, because that is what an inspector
//! meets: nothing is queued before the registration, `min_amount` is ignored, a faulty register
//! is met with silence, a burst can end the connection of a client that reads all the time.
//!
//! ```text
//! traffic ─► Generator ─┐
//!                       ├─► hub ──filters──► queue (256) ──► connection ─► client
//! Handle::feed ─────────┘                                        │
//!                          ▲──────────── register ───────────────┘
//! ```
//!
//! Kept out on purpose: the crashes of the real process when clients come and go under load.

mod connection;
pub mod events;
mod hub;
mod register;
mod settings;
mod traffic;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::TcpStream;

use super::http::upgrade::{self, Rules};
use super::http::{Head, Origins, Response};
use super::wire::Flavour;
use super::{Handler, Listener, Running, ServerError};
use crate::protocol::savetowebsocket::filter::NoEvent;
use hub::Hub;

pub use settings::{Settings, Traffic};

/// Starts it.
pub async fn start(settings: Settings) -> Result<(Running, Handle), ServerError> {
    settings.check()?;
    let mut listener = Listener::bind(&settings.listen).await?;
    let hub = Arc::new(Hub::default());
    if let Some(traffic) = settings.traffic {
        listener.spawn(traffic::run(Arc::clone(&hub), traffic));
    }
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
        self.hub.feed(&event.into())
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
        let elsewhere = |head: &Head| (head.path() != self.settings.path).then(Response::not_found);
        match upgrade::open(stream, &rules, elsewhere).await {
            Ok(Some((stream, decoder, _))) => {
                connection::serve(&self.hub, &self.settings, stream, decoder).await;
            }
            Ok(None) => {}
            Err(error) => tracing::debug!("{peer} left during the handshake: {error}"),
        }
    }
}
