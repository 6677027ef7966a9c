//! The echo server: every message comes back as it is, on any path.
//!
//! It follows gowse's echo server: same-origin check, no subprotocol, no compression, no pings, no
//! welcome; invalid UTF-8 comes back untouched. Beyond that it can tick, and it can flood, for
//! benches and for trying how a client takes it.

mod flood;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

use super::http::Origins;
use super::http::upgrade::{self, Rules};
use super::wire::{Ending, Flavour, Link, Received, Writer};
use super::{Handler, Listener, Running, ServerError};
use crate::transport::clock;

pub use flood::{Flood, Kind, Payload};

/// Settings of the echo server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen.
    pub listen: String,
    /// Send pre-serialised messages to whoever connects.
    pub flood: Option<Flood>,
    /// Send a small JSON message to whoever connects, this often.
    pub tick: Option<Duration>,
    /// Largest message taken, bytes; a larger one closes with 1009. The real server has no limit.
    pub message_limit: usize,
    /// Answer a close frame and then leave TCP open for ever, as the real server does. Off by
    /// default: it is a fault a client has to live with, not one to hand out unasked.
    pub leaves_tcp_open: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            flood: None,
            tick: None,
            message_limit: 64 * 1024 * 1024,
            leaves_tcp_open: false,
        }
    }
}

/// Starts it.
pub async fn start(settings: Settings) -> Result<Running, ServerError> {
    if settings.tick.is_some_and(|tick| tick.is_zero()) {
        return Err(ServerError::Settings {
            system: "echo",
            what: "ticking every 0 s is not possible; leave the tick out to have none".to_owned(),
        });
    }
    let listener = Listener::bind(&settings.listen).await?;
    let block = settings.flood.as_ref().map(Flood::block);
    Ok(listener.serve(Echo { settings, block }, "/"))
}

struct Echo {
    settings: Settings,
    /// The flood's frames, encoded once for all connections.
    block: Option<flood::Block>,
}

impl Handler for Echo {
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let rules = Rules {
            flavour: Flavour::Gorilla,
            key_checked: true,
            origins: Origins::SameHost,
            message_limit: self.settings.message_limit,
        };
        match upgrade::open(stream, &rules, |_| None).await {
            Ok(Some((stream, decoder, _))) => self.converse(Link::tcp(stream, decoder)).await,
            Ok(None) => {}
            Err(error) => tracing::debug!("echo: {peer} left during the handshake: {error}"),
        }
    }
}

impl Echo {
    async fn converse(&self, mut link: Link) {
        let writer = link.writer().clone();
        let ending = tokio::select! {
            ending = echo(&mut link) => ending,
            Some(()) = self.flood(&writer) => return,
            Some(()) = self.tick(&writer) => return,
        };
        if self.settings.leaves_tcp_open && matches!(ending, Ending::Closed(_)) {
            std::future::pending::<()>().await;
        }
    }

    /// Floods until the count is reached (then waits), `Some` when the client is gone, `None` if
    /// there is nothing to flood with.
    async fn flood(&self, writer: &Writer) -> Option<()> {
        let (flood, block) = self.settings.flood.as_ref().zip(self.block.as_ref())?;
        if flood.run(block, writer).await.is_ok() {
            std::future::pending::<()>().await;
        }
        Some(())
    }

    async fn tick(&self, writer: &Writer) -> Option<()> {
        let mut ticker = tokio::time::interval(self.settings.tick?);
        for n in 0_u64.. {
            ticker.tick().await;
            let at = clock::now().wall_us / 1000;
            let text = format!(r#"{{"type":"tick","n":{n},"at":{at}}}"#);
            if writer.text(text.as_bytes()).await.is_err() {
                break;
            }
        }
        Some(())
    }
}

async fn echo(link: &mut Link) -> Ending {
    loop {
        let answered = match link.recv().await {
            Ok(Received::Text(payload)) => link.writer().text(&payload).await,
            Ok(Received::Binary(payload)) => link.writer().binary(&payload).await,
            Ok(Received::Ping(_) | Received::Pong(_)) => Ok(()),
            Err(ending) => return ending,
        };
        if let Err(error) = answered {
            return Ending::Socket(error);
        }
    }
}
