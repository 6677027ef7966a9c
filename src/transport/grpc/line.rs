//! The HTTP/2 connection under a gRPC client.
//!
//! It counts as open when the server's own beginning has come: a frame of settings. A port where
//! something else listens is told at once, instead of by a call that never returns.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{Notify, oneshot};

use crate::transport::error::DialError;
use crate::transport::origin::{Facts, Origin, Phase};
use crate::transport::stream::Stream;

/// Sends requests over a connection.
pub(super) type Sender = http2::SendRequest<tonic::body::Body>;

/// Bytes of the beginning that tell HTTP/2 from anything else: the head of a frame.
const HEAD: usize = 9;
/// Type of a SETTINGS frame, with which a server begins (RFC 9113 § 3.4).
const SETTINGS: u8 = 4;

/// An open connection. Its task ends when all senders are dropped, or with the connection.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) sender: Sender,
    pub(super) facts: Facts,
}

impl Line {
    /// Connects; `lost` fires with the reason when the connection ends.
    pub(super) async fn open(
        origin: &Origin,
        lost: Option<oneshot::Sender<String>>,
    ) -> Result<Self, DialError> {
        let phase = Phase::default();
        let opening = Self::begin(origin, &phase, lost);
        tokio::time::timeout(origin.dial.connect_timeout, opening)
            .await
            .map_err(|_| origin.too_slow(&phase))?
    }

    async fn begin(
        origin: &Origin,
        phase: &Phase,
        lost: Option<oneshot::Sender<String>>,
    ) -> Result<Self, DialError> {
        let opened = origin.open(phase).await?;
        phase.reach(Phase::HTTP2);
        let greeting = Arc::<Greeting>::default();
        let watched = Watched {
            stream: opened.stream,
            seen: Vec::new(),
            greeting: Arc::clone(&greeting),
        };
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .adaptive_window(true)
            .handshake(TokioIo::new(watched))
            .await
            .map_err(|error| DialError::Silent(error.to_string()))?;
        let at_end = Arc::clone(&greeting);
        tokio::spawn(async move {
            let why = match connection.await {
                Ok(()) => "the server ended the HTTP/2 connection".to_owned(),
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    let cause = cause.unwrap_or_else(|| error.to_string());
                    format!("the HTTP/2 connection broke: {cause}")
                }
            };
            at_end.settle(Vec::new());
            // Nobody need be interested.
            let _ = lost.map(|lost| lost.send(why));
        });
        let first = greeting.wait().await;
        if first.get(3) == Some(&SETTINGS) && first.len() == HEAD {
            return Ok(Self {
                sender,
                facts: opened.facts,
            });
        }
        if first.is_empty() {
            return Err(DialError::Http2(
                "it ended the connection without a word".to_owned(),
            ));
        }
        let began = crate::sanitise::bytes_line(first);
        Err(DialError::Http2(format!("it began with `{began}`")))
    }

    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }
}

/// The first bytes from the server, once they are there; empty if none came.
#[derive(Debug, Default)]
struct Greeting {
    first: OnceLock<Vec<u8>>,
    there: Notify,
}

impl Greeting {
    /// The first to settle it is right.
    fn settle(&self, first: Vec<u8>) {
        let _ = self.first.set(first);
        self.there.notify_waiters();
    }

    async fn wait(&self) -> &[u8] {
        loop {
            let there = self.there.notified();
            if let Some(first) = self.first.get() {
                return first;
            }
            there.await;
        }
    }
}

/// A stream that tells what its first bytes were.
struct Watched {
    stream: Stream,
    seen: Vec<u8>,
    greeting: Arc<Greeting>,
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut this.stream).poll_read(cx, buf));
        if this.seen.len() < HEAD {
            let new = &buf.filled()[before..];
            let is_end = read.is_err() || new.is_empty();
            let wanted = HEAD - this.seen.len();
            this.seen.extend(new.iter().take(wanted));
            if is_end || this.seen.len() == HEAD {
                this.greeting.settle(this.seen.clone());
            }
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Watched {
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
