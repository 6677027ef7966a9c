//! From a [`Dial`] to an open [`Connection`]: DNS, TCP, TLS, upgrade.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::connection::Connection;
use super::dial::Dial;
use super::error::DialError;
use super::stream::Stream;
use super::url::{self, Target};
use super::{clock, handshake, tls};
use crate::frame::Opening;

/// How far a dial has come, for the error of one that takes too long.
#[derive(Debug, Default)]
struct Phase(AtomicUsize);

impl Phase {
    const LOOKUP: usize = 0;
    const CONNECT: usize = 1;
    const TLS: usize = 2;
    const UPGRADE: usize = 3;

    fn reach(&self, phase: usize) {
        self.0.store(phase, Ordering::Relaxed);
    }

    fn name(&self) -> &'static str {
        match self.0.load(Ordering::Relaxed) {
            Self::LOOKUP => "looking up the host",
            Self::CONNECT => "connecting",
            Self::TLS => "the TLS handshake",
            _ => "the upgrade",
        }
    }
}

/// Dials, and returns the open connection with the facts of its handshake.
pub async fn connect(dial: &Dial) -> Result<(Connection, Opening), DialError> {
    let started = clock::now();
    let phase = Phase::default();
    let work = async {
        let target = url::parse(&dial.url, &dial.shown_url)?;
        let (tcp, peer) = tcp(&target, &phase).await?;
        let (mut stream, tls) = secure(tcp, &target, dial, &phase).await?;
        phase.reach(Phase::UPGRADE);
        let mut upgraded = handshake::upgrade(&mut stream, &target, dial).await?;
        let opening = &mut upgraded.opening;
        opening.subprotocol = opening.header("sec-websocket-protocol").map(str::to_owned);
        opening.peer = peer;
        opening.tls = tls;
        opening.took = clock::now().since(started);
        let connection =
            Connection::new(stream, &upgraded.rest, upgraded.read_at, dial.message_limit);
        Ok((connection, upgraded.opening))
    };
    match tokio::time::timeout(dial.connect_timeout, work).await {
        Ok(result) => result,
        Err(_) => Err(DialError::Timeout {
            phase: phase.name(),
            limit: dial.connect_timeout,
        }),
    }
}

async fn tcp(target: &Target, phase: &Phase) -> Result<(TcpStream, String), DialError> {
    let dns = |why: String| DialError::Dns {
        host: target.host.clone(),
        why,
    };
    let addresses: Vec<_> = tokio::net::lookup_host((target.host.as_str(), target.port))
        .await
        .map_err(|error| dns(error.to_string()))?
        .collect();
    phase.reach(Phase::CONNECT);
    let mut failure = dns("it has no address".to_owned());
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Small frames must not wait for more of them; a failure costs latency only.
                let _ = stream.set_nodelay(true);
                return Ok((stream, address.to_string()));
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                failure = DialError::RefusedPort {
                    addr: address.to_string(),
                };
            }
            Err(error) => {
                failure = DialError::Connect {
                    addr: address.to_string(),
                    why: error.to_string(),
                };
            }
        }
    }
    Err(failure)
}

async fn secure(
    tcp: TcpStream,
    target: &Target,
    dial: &Dial,
    phase: &Phase,
) -> Result<(Stream, Option<String>), DialError> {
    if !target.tls {
        return Ok((Stream::Plain(tcp), None));
    }
    phase.reach(Phase::TLS);
    let name = ServerName::try_from(target.host.clone()).map_err(|error| DialError::Url {
        url: dial.shown_url.clone(),
        why: format!("the host is not a name TLS can check: {error}"),
    })?;
    let connector = TlsConnector::from(Arc::clone(&tls::config(&dial.tls)?));
    let stream = connector.connect(name, tcp).await.map_err(|error| {
        let why = error.to_string();
        let advice = tls::advice(&why);
        DialError::Tls { why, advice }
    })?;
    let facts = {
        let (_, session) = stream.get_ref();
        let version = session
            .protocol_version()
            .and_then(|v| v.as_str().map(str::to_owned));
        let suite = session
            .negotiated_cipher_suite()
            .map(|s| format!("{:?}", s.suite()));
        [version, suite]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    };
    Ok((Stream::Tls(Box::new(stream)), Some(facts)))
}
