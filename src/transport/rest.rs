//! Requests over HTTP/1.1 or HTTP/2, over connections that are kept alive.
//!
//! ```text
//!  Rest::post ─► Request ─► Rest::call ─► pool ─► Connector: TCP (TLS, ALPN h2 | http/1.1)
//!                                          │
//!                          Answer ◄────────┘
//! ```

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::{HeaderMap, Method, Uri, Version};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tonic::codegen::Service;

use super::call::{Answer, CallError, Fault, Request, answer, fault, own_headers, own_host, texts};
use super::clock;
use super::dial::Dial;
use super::error::DialError;
use super::origin::{Facts, Origin, Phase};
use super::stream::Stream;
use super::url::Schemes;
use crate::frame::Opening;

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(90);
/// Most of a page's body that is kept, bytes.
const BODY_MAX: usize = 64 << 10;

/// A client of one URL; clones share its connections.
#[derive(Clone, Debug)]
pub struct Rest {
    client: Client<Connector, Full<Bytes>>,
    connector: Connector,
    uri: Uri,
    /// The URL as it may be shown.
    shown: String,
    headers: HeaderMap,
}

impl Rest {
    /// A client of the `http(s)://` URL in `dial`, whose headers go with every request. Nothing is
    /// connected yet.
    pub fn new(dial: &Dial) -> Result<Self, CallError> {
        let failed = |fault: Fault| CallError {
            call: dial.shown_url.clone(),
            fault,
        };
        let origin = Origin::new(dial, Schemes::Http, &["h2", "http/1.1"])
            .map_err(|error| failed(error.into()))?;
        let mut headers = HeaderMap::new();
        let scheme = if origin.target.tls { "https" } else { "http" };
        let target = &origin.target;
        // HTTP/1.1 alone is spoken without TLS, and it begins with the host.
        let host = own_host(dial).or((!target.tls).then_some(&*target.authority));
        if let Some(host) = host {
            let value = HeaderValue::from_str(host)
                .map_err(|_| failed(Fault::Header("Host".to_owned())))?;
            headers.insert(HOST, value);
        }
        headers.extend(own_headers(dial, target).map_err(failed)?);
        let uri = format!("{scheme}://{}{}", target.authority, target.path);
        let uri = uri.parse().map_err(|error| {
            failed(Fault::Dial(DialError::Url {
                url: dial.shown_url.clone(),
                why: format!("{error}"),
            }))
        })?;
        let version = u8::from(!target.tls);
        let connector = Connector {
            origin: Arc::new(origin),
            version: Arc::new(AtomicU8::new(version)),
        };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .http1_title_case_headers(true)
            .build(connector.clone());
        Ok(Self {
            client,
            connector,
            uri,
            shown: dial.shown_url.clone(),
            headers,
        })
    }

    /// A request that carries `body`; `content_type` is sent byte for byte.
    #[must_use]
    pub fn post(&self, content_type: &str, body: Bytes, limit: Duration) -> Request {
        self.request(&Method::POST, content_type, body, limit)
    }

    /// Asks for another page of the same origin, and tells what came of it as the opening of a
    /// session: any answer shows that the server is there.
    pub async fn reach(&self, path: &'static str, limit: Duration) -> Result<Opening, CallError> {
        let started = clock::now();
        let mut there = self.clone();
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::from_static(path));
        if let Ok(uri) = Uri::from_parts(parts) {
            there.uri = uri;
            let after_scheme = self.shown.find("://").map_or(0, |at| at + 3);
            let authority = self.shown[after_scheme..].find(['/', '?', '#']);
            let end = authority.map_or(self.shown.len(), |at| after_scheme + at);
            there.shown = format!("{}{path}", &self.shown[..end]);
        }
        let answer = there.get(limit).await?;
        let mut body = answer.body.to_vec();
        body.truncate(BODY_MAX);
        Ok(Opening {
            url: self.shown.clone(),
            peer: answer.peer,
            status: answer.status,
            headers: answer.headers,
            body,
            tls: answer.tls,
            took: clock::now().since(started),
            ..Opening::default()
        })
    }

    /// A `GET` of the URL.
    pub async fn get(&self, limit: Duration) -> Result<Answer, CallError> {
        self.call(self.request(&Method::GET, "", Bytes::new(), limit))
            .await
    }

    fn request(&self, method: &Method, kind: &str, body: Bytes, limit: Duration) -> Request {
        let version = match self.connector.version.load(Ordering::Relaxed) {
            0 => "",
            1 => " HTTP/1.1",
            _ => " HTTP/2",
        };
        let mut headers: Vec<(String, String)> = texts(&self.headers).collect();
        if method == Method::POST {
            let at = usize::from(self.headers.contains_key(HOST));
            headers.insert(at, ("content-type".to_owned(), kind.to_owned()));
            headers.push(("content-length".to_owned(), body.len().to_string()));
        }
        if version == " HTTP/1.1" {
            for (name, _) in &mut headers {
                *name = title_case(name);
            }
        }
        Request {
            start_line: format!("{method} {}{version}", self.shown),
            headers,
            body,
            limit,
            kind: kind.to_owned(),
        }
    }

    /// Sends a request and waits for the whole answer, or for the request's limit.
    pub async fn call(&self, request: Request) -> Result<Answer, CallError> {
        let is_post = request.start_line.starts_with("POST");
        let failed = |fault: Fault| CallError {
            call: format!("{} {}", if is_post { "POST" } else { "GET" }, self.shown),
            fault,
        };
        let limit = request.limit;
        let work = async {
            let outgoing = self.outgoing(&request, is_post)?;
            let response = self.client.request(outgoing);
            let response = response.await.map_err(|error| fault(&error))?;
            self.read(response).await
        };
        match tokio::time::timeout(limit, work).await {
            Ok(result) => result.map_err(failed),
            Err(_) => Err(failed(Fault::Timeout { limit })),
        }
    }

    fn outgoing(
        &self,
        request: &Request,
        is_post: bool,
    ) -> Result<hyper::Request<Full<Bytes>>, Fault> {
        let mut outgoing = hyper::Request::new(Full::new(request.body.clone()));
        outgoing.uri_mut().clone_from(&self.uri);
        if is_post {
            *outgoing.method_mut() = Method::POST;
            let kind = HeaderValue::from_bytes(request.kind.as_bytes())
                .map_err(|_| Fault::Header("Content-Type".to_owned()))?;
            let headers = outgoing.headers_mut();
            if let Some(host) = self.headers.get(HOST) {
                headers.insert(HOST, host.clone());
            }
            headers.insert(CONTENT_TYPE, kind);
            headers.extend(self.headers.clone());
            headers.insert(CONTENT_LENGTH, request.body.len().into());
        } else {
            *outgoing.headers_mut() = self.headers.clone();
        }
        Ok(outgoing)
    }

    async fn read(&self, response: hyper::Response<Incoming>) -> Result<Answer, Fault> {
        let (head, body) = response.into_parts();
        let limit = self.connector.origin.dial.message_limit;
        let (body, trailers, at) = collect(body, limit).await?;
        let mut headers: Vec<_> = texts(&head.headers).collect();
        if head.version == Version::HTTP_11 {
            // The library forgets the spelling; this is the one nearly everybody uses.
            for (name, _) in &mut headers {
                *name = title_case(name);
            }
        }
        headers.extend(texts(&trailers));
        let facts = head.extensions.get::<Facts>().cloned().unwrap_or_default();
        let start_line = start_line(head.version, head.status);
        let status = head.status.as_u16();
        Ok(answer(start_line, status, headers, (body, at), &facts))
    }
}

/// The body, the trailers and when the last of them was read.
async fn collect(
    mut body: Incoming,
    limit: usize,
) -> Result<(Bytes, HeaderMap, crate::frame::Stamp), Fault> {
    let mut all = BytesMut::new();
    let mut trailers = HeaderMap::new();
    let mut at = clock::now();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match fault(&error) {
            Fault::NoAnswer(why) | Fault::Broken(why) => Fault::Cut {
                received: all.len(),
                why,
            },
            other => other,
        })?;
        at = clock::now();
        match frame.into_data() {
            Ok(data) => {
                if all.len() + data.len() > limit {
                    return Err(Fault::TooBig { limit });
                }
                all.extend_from_slice(&data);
            }
            Err(frame) => trailers.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    Ok((all.freeze(), trailers, at))
}

/// `HTTP/1.1 200 OK`, `HTTP/2 200`.
pub(super) fn start_line(version: Version, status: hyper::StatusCode) -> String {
    let code = status.as_u16();
    match (version, status.canonical_reason()) {
        (Version::HTTP_2, _) => format!("HTTP/2 {code}"),
        (Version::HTTP_10, reason) => format!("HTTP/1.0 {code} {}", reason.unwrap_or_default()),
        (_, reason) => format!("HTTP/1.1 {code} {}", reason.unwrap_or_default()),
    }
    .trim_end()
    .to_owned()
}

/// `content-type` as `Content-Type`: how names are spelled in HTTP/1.1.
fn title_case(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|c| {
            let c = if start { c.to_ascii_uppercase() } else { c };
            start = c == '-';
            c
        })
        .collect()
}

/// Opens the pool's connections, all to one origin.
#[derive(Clone, Debug)]
struct Connector {
    origin: Arc<Origin>,
    /// Major HTTP version of the newest connection; 0 before TLS has settled it.
    version: Arc<AtomicU8>,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Line>;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Line>, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let Self { origin, version } = self.clone();
        Box::pin(async move {
            let phase = Phase::default();
            let opening = origin.open(&phase);
            let opened = tokio::time::timeout(origin.dial.connect_timeout, opening)
                .await
                .map_err(|_| origin.too_slow(&phase))??;
            version.store(1 + u8::from(opened.facts.is_h2), Ordering::Relaxed);
            Ok(TokioIo::new(Line {
                stream: opened.stream,
                facts: opened.facts,
            }))
        })
    }
}

/// A stream with its facts, which the library attaches to every answer that comes over it.
#[derive(Debug)]
struct Line {
    stream: Stream,
    facts: Facts,
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        let connected = Connected::new().extra(self.facts.clone());
        if self.facts.is_h2 {
            connected.negotiated_h2()
        } else {
            connected
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
