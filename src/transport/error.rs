//! Why a dial did not end in an open connection.

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::call::{CallError, Fault};
use crate::frame::Opening;

/// Why a dial did not end in an open connection. Each says what failed and what to try; the
/// target is named by whoever shows it.
#[derive(Clone, Debug, Error)]
pub enum DialError {
    /// The URL means nothing.
    #[error("the URL `{url}` cannot be used: {why}")]
    Url {
        /// The URL, masked.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// A header cannot be sent.
    #[error("the header `{name}` has a name or value that HTTP does not allow")]
    Header {
        /// Its name.
        name: String,
    },
    /// The host name has no address.
    #[error("looking up `{host}` failed: {why}. Check the name, or use an address")]
    Dns {
        /// The name.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// TCP was refused.
    #[error("{addr} refused the connection. Is the server running, and is the port right?")]
    RefusedPort {
        /// The address.
        addr: String,
    },
    /// TCP failed otherwise.
    #[error("connecting to {addr} failed: {why}")]
    Connect {
        /// The address.
        addr: String,
        /// What the system said.
        why: String,
    },
    /// It took too long.
    #[error(
        "no success within {limit:?}: {phase} did not end. Is something else listening there? \
         A longer --connect-timeout helps only a slow server"
    )]
    Timeout {
        /// What was under way.
        phase: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// A certificate or key file cannot be used.
    #[error("the TLS file {} cannot be used: {why}", path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The TLS handshake failed.
    #[error("the TLS handshake failed: {why}{advice}")]
    Tls {
        /// What rustls said.
        why: String,
        /// What to try, starting with a full stop and a blank.
        advice: &'static str,
    },
    /// The server ended TCP instead of answering.
    #[error(
        "the server ended the connection after {received} bytes instead of answering the upgrade. \
         Is this a WebSocket endpoint (and not TLS behind ws://)?"
    )]
    NoAnswer {
        /// Bytes it had sent.
        received: usize,
    },
    /// The connection broke during the upgrade.
    #[error("the connection broke during the upgrade: {0}")]
    Silent(String),
    /// The answer is not HTTP.
    #[error("the answer to the upgrade is not HTTP: {0}. Is this another kind of server?")]
    NotHttp(String),
    /// The answer is HTTP but not 101.
    #[error("{}", refused(.0))]
    Http(Box<Opening>),
    /// The peer of a gRPC client does not speak HTTP/2.
    #[error(
        "the server does not speak HTTP/2 here: {0}. Is this the gRPC port, and is TLS \
         (grpcs://) wanted or not?"
    )]
    Http2(String),
    /// The first request of a session without WebSocket has no answer.
    #[error("{0}")]
    Call(Box<CallError>),
    /// The answer is 101 but not a WebSocket's.
    #[error("the server answered 101, but {0}: this is not a WebSocket upgrade")]
    Upgrade(&'static str),
}

impl DialError {
    /// One word for the JSON lines.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Url { .. } => "url",
            Self::Header { .. } => "header",
            Self::Dns { .. } => "dns",
            Self::RefusedPort { .. } => "refused port",
            Self::Connect { .. } => "connect",
            Self::Timeout { .. } => "timeout",
            Self::TlsFile { .. } => "tls file",
            Self::Tls { .. } => "tls",
            Self::NoAnswer { .. } => "no answer",
            Self::Silent(_) => "io",
            Self::NotHttp(_) => "not http",
            Self::Http(_) => "http",
            Self::Http2(_) => "not http/2",
            Self::Call(error) => error.kind(),
            Self::Upgrade(_) => "upgrade",
        }
    }

    /// True if trying again cannot help: the fault is in what we were told.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Url { .. } | Self::Header { .. } | Self::TlsFile { .. }
        )
    }
}

impl From<CallError> for DialError {
    fn from(error: CallError) -> Self {
        match error.fault {
            Fault::Dial(error) => error,
            Fault::Header(name) => Self::Header { name },
            _ => Self::Call(Box::new(error)),
        }
    }
}

fn refused(opening: &Opening) -> String {
    let body = crate::sanitise::bytes_line(opening.body.trim_ascii());
    let mut said: String = body.chars().take(200).collect();
    if said.len() < body.len() {
        said.push('…');
    }
    let said = if said.is_empty() {
        "(no body)".to_owned()
    } else {
        format!("“{said}”")
    };
    let status = opening.status;
    format!(
        "the server answered HTTP {status} instead of 101: {said}{}",
        advice(status)
    )
}

fn advice(status: u16) -> &'static str {
    match status {
        200..=299 => ". The path answers plain HTTP; the WebSocket is probably on another path",
        301 | 302 | 307 | 308 => ". It redirects; use the URL from its Location header",
        400 => ". The server did not take this as an upgrade; check path, headers and subprotocol",
        401 => ". It wants credentials; add them with -H 'Authorization: …'",
        403 => ". It forbids this; often an Origin that does not match, or missing rights",
        404 => ". There is nothing at this path; check it, a trailing slash counts",
        405 => ". The path takes other methods only; the WebSocket is probably on another path",
        426 => ". It wants an upgrade it did not see; a proxy between may strip the headers",
        429 => ". It wants us to come less often",
        502..=504 => ". It, or a proxy before it, is not ready; try again later",
        _ => "",
    }
}
