//! The way to one origin: DNS, TCP, TLS. WebSocket, REST and gRPC all open their streams here.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::dial::Dial;
use super::error::DialError;
use super::stream::Stream;
use super::tls;
use super::url::{self, Schemes, Target};

/// How far a dial has come, for the error of one that takes too long.
#[derive(Debug, Default)]
pub(super) struct Phase(AtomicUsize);

impl Phase {
    pub(super) const LOOKUP: usize = 0;
    pub(super) const CONNECT: usize = 1;
    pub(super) const TLS: usize = 2;
    pub(super) const UPGRADE: usize = 3;
    pub(super) const HTTP2: usize = 4;

    pub(super) fn reach(&self, phase: usize) {
        self.0.store(phase, Ordering::Relaxed);
    }

    pub(super) fn name(&self) -> &'static str {
        match self.0.load(Ordering::Relaxed) {
            Self::LOOKUP => "looking up the host",
            Self::CONNECT => "connecting",
            Self::TLS => "the TLS handshake",
            Self::UPGRADE => "the upgrade",
            _ => "the beginning of HTTP/2",
        }
    }
}

/// Where streams are opened, and how. Made once for each client, so that certificates are read
/// once.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) dial: Arc<Dial>,
    pub(super) target: Target,
    config: Option<Arc<ClientConfig>>,
}

/// An open stream and what is known of it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) stream: Stream,
    pub(super) facts: Facts,
}

/// What is known of an open stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Socket address of the peer.
    pub(super) peer: String,
    /// TLS version and cipher suite; `None` for plain TCP.
    pub(super) tls: Option<String>,
    /// True if ALPN chose `h2`.
    pub(super) is_h2: bool,
}

impl Origin {
    /// The origin of the URL in `dial`; `alpn` is offered in that order.
    pub(super) fn new(dial: &Dial, schemes: Schemes, alpn: &[&str]) -> Result<Self, DialError> {
        let target = url::parse(&dial.url, &dial.shown_url, schemes)?;
        let config = if target.tls {
            Some(tls::config(&dial.tls, alpn)?)
        } else {
            None
        };
        Ok(Self {
            dial: Arc::new(dial.clone()),
            target,
            config,
        })
    }

    /// Opens a stream; the caller bounds the time.
    pub(super) async fn open(&self, phase: &Phase) -> Result<Opened, DialError> {
        let (tcp, peer) = self.tcp(phase).await?;
        let mut facts = Facts {
            peer,
            ..Facts::default()
        };
        let stream = match &self.config {
            None => Stream::Plain(tcp),
            Some(config) => {
                self.secure(tcp, Arc::clone(config), phase, &mut facts)
                    .await?
            }
        };
        Ok(Opened { stream, facts })
    }

    /// The error of a dial that took longer than its limit.
    pub(super) fn too_slow(&self, phase: &Phase) -> DialError {
        DialError::Timeout {
            phase: phase.name(),
            limit: self.dial.connect_timeout,
        }
    }

    async fn tcp(&self, phase: &Phase) -> Result<(TcpStream, String), DialError> {
        let target = &self.target;
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
        &self,
        tcp: TcpStream,
        config: Arc<ClientConfig>,
        phase: &Phase,
        facts: &mut Facts,
    ) -> Result<Stream, DialError> {
        phase.reach(Phase::TLS);
        let name =
            ServerName::try_from(self.target.host.clone()).map_err(|error| DialError::Url {
                url: self.dial.shown_url.clone(),
                why: format!("the host is not a name TLS can check: {error}"),
            })?;
        let connector = TlsConnector::from(config);
        let stream = connector.connect(name, tcp).await.map_err(|error| {
            let why = error.to_string();
            let advice = tls::advice(&why);
            DialError::Tls { why, advice }
        })?;
        let (_, session) = stream.get_ref();
        let version = session
            .protocol_version()
            .and_then(|v| v.as_str().map(str::to_owned));
        let suite = session
            .negotiated_cipher_suite()
            .map(|s| format!("{:?}", s.suite()));
        let words: Vec<String> = [version, suite].into_iter().flatten().collect();
        facts.tls = Some(words.join(" "));
        facts.is_h2 = session.alpn_protocol() == Some(b"h2");
        Ok(Stream::Tls(Box::new(stream)))
    }
}
