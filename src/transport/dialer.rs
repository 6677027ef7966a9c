//! From a [`Dial`] to an open [`Connection`]: DNS, TCP, TLS, upgrade.

use super::connection::Connection;
use super::dial::Dial;
use super::error::DialError;
use super::origin::{Origin, Phase};
use super::url::Schemes;
use super::{clock, handshake};
use crate::frame::Opening;

/// Dials, and returns the open connection with the facts of its handshake.
pub async fn connect(dial: &Dial) -> Result<(Connection, Opening), DialError> {
    let started = clock::now();
    let origin = Origin::new(dial, Schemes::WebSocket, &["http/1.1"])?;
    let phase = Phase::default();
    let work = async {
        let mut opened = origin.open(&phase).await?;
        phase.reach(Phase::UPGRADE);
        let mut upgraded = handshake::upgrade(&mut opened.stream, &origin.target, dial).await?;
        let opening = &mut upgraded.opening;
        opening.subprotocol = opening.header("sec-websocket-protocol").map(str::to_owned);
        opening.peer = opened.facts.peer;
        opening.tls = opened.facts.tls;
        opening.took = clock::now().since(started);
        let connection = Connection::new(
            opened.stream,
            &upgraded.rest,
            upgraded.read_at,
            dial.message_limit,
        );
        Ok((connection, upgraded.opening))
    };
    match tokio::time::timeout(dial.connect_timeout, work).await {
        Ok(result) => result,
        Err(_) => Err(origin.too_slow(&phase)),
    }
}
