//! Responses: a message and trailers, or a refusal that is all headers.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{BufMut, Bytes, BytesMut};
use hyper::body::{Body, Frame};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::message::GZIP;
use super::{Status, gzip};

const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// The body of a response: at most one DATA frame, then trailers. Tells no length beforehand, for
/// hyper would make a header of it that grpc-go does not send.
#[derive(Debug)]
pub(super) struct Answer {
    data: Option<Bytes>,
    trailers: Option<HeaderMap>,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = self.data.take().map(Frame::data);
        let frame = data.or_else(|| self.trailers.take().map(Frame::trailers));
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.trailers.is_none()
    }
}

/// A success with its message, compressed if the request said it is.
pub(super) fn success(
    content_type: HeaderValue,
    message: &[u8],
    encoding: Option<&str>,
) -> Response<Answer> {
    let packed = encoding.map(|_| gzip::pack(message));
    let message = packed.as_deref().unwrap_or(message);
    let mut data = BytesMut::with_capacity(5 + message.len());
    data.put_u8(u8::from(packed.is_some()));
    data.put_u32(message.len() as u32); // replies are as long as a guid and an error text
    data.put_slice(message);
    let mut response = Response::new(Answer {
        data: Some(data.freeze()),
        trailers: Some(outcome(&Status::ok())),
    });
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    if packed.is_some() {
        headers.insert(GRPC_ENCODING, HeaderValue::from_static(GZIP));
    }
    response
}

/// A status without a message: everything is in the headers, which end the stream.
pub(super) fn refusal(
    http: StatusCode,
    content_type: HeaderValue,
    status: &Status,
) -> Response<Answer> {
    let mut response = Response::new(Answer {
        data: None,
        trailers: None,
    });
    *response.status_mut() = http;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    headers.extend(outcome(status));
    response
}

fn outcome(status: &Status) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(2);
    headers.insert(GRPC_STATUS, HeaderValue::from(status.code as u16));
    let message = HeaderValue::try_from(status.encoded_message())
        .expect("an encoded message is printable ASCII");
    headers.insert(GRPC_MESSAGE, message);
    headers
}
