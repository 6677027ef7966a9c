//! One request and what came of it: the shapes REST and gRPC share.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use thiserror::Error;

use super::dial::Dial;
use super::error::DialError;
use super::origin::Facts;
use super::url::Target;
use crate::frame::Stamp;

/// What is about to be sent, as far as it can be known before a connection is open.
#[derive(Clone, Debug)]
pub struct Request {
    /// `POST http://127.0.0.1:8080/api/v1/events HTTP/1.1`; credentials and secrets masked. The
    /// version is missing while it is open to negotiation.
    pub start_line: String,
    /// Headers with the values that go out, secrets and all.
    pub headers: Vec<(String, String)>,
    /// The message; of a gRPC call without its prefix of five bytes.
    pub body: Bytes,
    /// How long the whole call may take.
    pub limit: Duration,
    /// Method path of a gRPC call, content type of a REST request.
    pub(super) kind: String,
}

/// A complete answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `HTTP/1.1 200 OK`.
    pub start_line: String,
    /// HTTP status.
    pub status: u16,
    /// Headers, then trailers; as the library tells them: those of one name stand together.
    /// `grpc-message` is percent-decoded.
    pub headers: Vec<(String, String)>,
    /// The body; of a gRPC answer the message without its prefix.
    pub body: Bytes,
    /// When its last byte was read.
    pub at: Stamp,
    /// Socket address of the peer.
    pub peer: String,
    /// TLS version and cipher suite; `None` for plain TCP.
    pub tls: Option<String>,
}

/// Why a call has no answer.
#[derive(Clone, Debug, Error)]
#[error("{call}: {fault}")]
pub struct CallError {
    /// What was called: method and URL.
    pub call: String,
    /// What went wrong.
    pub fault: Fault,
}

/// What can go wrong with a call.
#[derive(Clone, Debug, Error)]
pub enum Fault {
    /// No connection came about.
    #[error("{0}")]
    Dial(#[from] DialError),
    /// The connection ended before the answer began.
    #[error(
        "the server ended the connection without an answer ({0}). A handler that crashes over the \
         request looks like this, and so does a server on its way down"
    )]
    NoAnswer(String),
    /// The connection ended within the answer.
    #[error("the answer broke off after {received} bytes of its body ({why})")]
    Cut {
        /// Bytes of the body that came.
        received: usize,
        /// What the library said.
        why: String,
    },
    /// It took too long.
    #[error(
        "no complete answer within {limit:?}. The server may be waiting for its own peers; a \
         longer ack timeout waits longer"
    )]
    Timeout {
        /// The limit.
        limit: Duration,
    },
    /// The body is over the limit.
    #[error(
        "the answer is over the limit of {limit} bytes; raise it with --max-message or \
         limits.message"
    )]
    TooBig {
        /// The limit, bytes.
        limit: usize,
    },
    /// The answer is no HTTP.
    #[error("the answer is not HTTP: {0}. Is this another kind of server?")]
    NotHttp(String),
    /// A header cannot be sent.
    #[error("the header `{0}` has a name or value that HTTP does not allow")]
    Header(String),
    /// Anything else the library said.
    #[error("{0}")]
    Broken(String),
}

impl CallError {
    /// One word for the JSON lines.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.fault {
            Fault::Dial(error) => error.kind(),
            Fault::NoAnswer(_) => "no answer",
            Fault::Cut { .. } => "cut",
            Fault::Timeout { .. } => "timeout",
            Fault::TooBig { .. } => "too big",
            Fault::NotHttp(_) => "not http",
            Fault::Header(_) => "header",
            Fault::Broken(_) => "io",
        }
    }

    /// True if no connection came about: nothing was sent.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self.fault, Fault::Dial(_))
    }
}

/// The session's own headers as the library takes them, without those that belong to the
/// transport, and with the credentials of the URL.
pub(super) fn own_headers(dial: &Dial, target: &Target) -> Result<HeaderMap, Fault> {
    use base64::Engine as _;
    let mut headers = HeaderMap::new();
    let mut add = |name: &str, value: &str| {
        let wrong = || Fault::Header(name.to_owned());
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong())?;
        headers.append(key, value);
        Ok::<(), Fault>(())
    };
    for (name, value) in &dial.headers {
        let of_transport = ["content-type", "content-length", "te", "host"];
        if !of_transport
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own))
        {
            add(name, value)?;
        }
    }
    let told = dial
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if let Some(credentials) = target.credentials.as_ref().filter(|_| !told) {
        let encoded = base64::engine::general_purpose::STANDARD.encode(credentials);
        add("authorization", &format!("Basic {encoded}"))?;
    }
    Ok(headers)
}

/// The `Host` the session's headers ask for instead of the URL's.
pub(super) fn own_host(dial: &Dial) -> Option<&str> {
    dial.headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("host"))
        .map(|(_, value)| value.as_str())
}

/// Headers as texts; bytes that are no UTF-8 are read leniently.
pub(super) fn texts(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    })
}

/// What an error of the library comes down to.
pub(super) fn fault(error: &(dyn StdError + 'static)) -> Fault {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(dial) = error.downcast_ref::<DialError>() {
            return Fault::Dial(dial.clone());
        }
        if let Some(hyper) = error.downcast_ref::<hyper::Error>() {
            if hyper.is_parse() {
                return Fault::NotHttp(hyper.to_string());
            }
            if hyper.is_incomplete_message() || hyper.is_canceled() || hyper.is_closed() {
                return Fault::NoAnswer("TCP ended".to_owned());
            }
        }
        if let Some(io) = error.downcast_ref::<io::Error>()
            && matches!(
                io.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::UnexpectedEof
            )
        {
            return Fault::NoAnswer(io.to_string());
        }
        let said = error.to_string();
        if !words.iter().any(|word| word.contains(&said)) {
            words.push(said);
        }
        next = error.source();
    }
    Fault::Broken(words.join(": "))
}

/// Puts together what both transports tell of an answer.
pub(super) fn answer(
    start_line: String,
    status: u16,
    headers: Vec<(String, String)>,
    (body, at): (Bytes, Stamp),
    facts: &Facts,
) -> Answer {
    Answer {
        start_line,
        status,
        headers,
        body,
        at,
        peer: facts.peer.clone(),
        tls: facts.tls.clone(),
    }
}
