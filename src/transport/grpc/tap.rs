//! Between tonic and HTTP/2: adds the metadata, keeps what came.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use hyper::HeaderMap;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tonic::codegen::Service;

use super::line::Sender;
use crate::frame::Stamp;
use crate::transport::call::{Fault, fault};
use crate::transport::clock;

/// What came of one call, below tonic.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Status and headers, once they came.
    pub(super) head: Option<hyper::http::response::Parts>,
    /// Trailers.
    pub(super) trailers: HeaderMap,
    /// The body as it came, prefix and all.
    pub(super) raw: Bytes,
    /// When the newest part came.
    pub(super) at: Option<Stamp>,
    /// What the library said when it failed.
    pub(super) fault: Option<Fault>,
    /// The body went over the limit.
    pub(super) is_too_big: bool,
}

/// Shared by a call and its body.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared(Arc<Mutex<Seen>>);

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Seen> {
        // What a panicking holder left is still what was seen.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's sender for one call.
pub(super) struct Tap {
    sender: Sender,
    headers: HeaderMap,
    limit: usize,
    seen: Shared,
}

impl Tap {
    pub(super) fn new(sender: Sender, headers: HeaderMap, limit: usize) -> (Self, Shared) {
        let seen = Shared::default();
        let tap = Self {
            sender,
            headers,
            limit,
            seen: seen.clone(),
        };
        (tap, seen)
    }
}

type Answering =
    Pin<Box<dyn Future<Output = Result<hyper::Response<Tapped>, hyper::Error>> + Send>>;

impl Service<hyper::Request<tonic::body::Body>> for Tap {
    type Response = hyper::Response<Tapped>;
    type Error = hyper::Error;
    type Future = Answering;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        self.sender.poll_ready(cx)
    }

    fn call(&mut self, mut request: hyper::Request<tonic::body::Body>) -> Answering {
        let mut headers = self.headers.clone();
        headers.extend(std::mem::take(request.headers_mut()));
        *request.headers_mut() = headers;
        let sending = self.sender.send_request(request);
        let (seen, limit) = (self.seen.clone(), self.limit);
        Box::pin(async move {
            match sending.await {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    {
                        let mut seen = seen.lock();
                        seen.head = Some(head.clone());
                        seen.at = Some(clock::now());
                    }
                    let body = Tapped {
                        body,
                        raw: BytesMut::new(),
                        limit,
                        seen,
                    };
                    Ok(hyper::Response::from_parts(head, body))
                }
                Err(error) => {
                    seen.lock().fault = Some(fault(&error));
                    Err(error)
                }
            }
        })
    }
}

/// The body of an answer on its way to tonic.
pub(super) struct Tapped {
    body: Incoming,
    raw: BytesMut,
    limit: usize,
    seen: Shared,
}

impl Body for Tapped {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        let mut seen = this.seen.lock();
        match &frame {
            Some(Ok(frame)) => {
                seen.at = Some(clock::now());
                if let Some(data) = frame.data_ref() {
                    let room = (this.limit + super::PREFIX).saturating_sub(this.raw.len());
                    seen.is_too_big |= data.len() > room;
                    this.raw.extend_from_slice(&data[..data.len().min(room)]);
                }
                if let Some(trailers) = frame.trailers_ref() {
                    seen.trailers = trailers.clone();
                }
            }
            Some(Err(error)) => seen.fault = Some(fault(error)),
            None => {}
        }
        if seen.is_too_big {
            // Nothing more is wanted; the stream is reset with the body.
            return Poll::Ready(None);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Tapped {
    fn drop(&mut self) {
        self.seen.lock().raw = std::mem::take(&mut self.raw).freeze();
    }
}
