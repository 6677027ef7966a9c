//! Unary gRPC calls with the message's bytes as they are, over one HTTP/2 connection.
//!
//! ```text
//!  Grpc::unary ─► Request ─► Grpc::call ─► tonic: framing, status ─► Tap ─► HTTP/2 ─► Origin
//!                                  │                                  │
//!                  Answer ◄────────┴── head, trailers, raw bytes ◄────┘
//! ```
//!
//! Tonic frames and judges; the tap below it keeps what tonic does not hand out: the HTTP status,
//! the headers in order, the trailers, and the bytes of an answer that is no gRPC at all. The
//! codec passes messages through, so that broken ones can be sent and broken replies be seen.

mod line;
mod tap;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes};
use hyper::http::uri::PathAndQuery;
use hyper::{HeaderMap, Uri};
use tokio::sync::{Mutex, oneshot};
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use self::line::Line;
use self::tap::{Seen, Tap};
use super::call::{Answer, CallError, Fault, Request, answer, own_headers, own_host, texts};
use super::clock;
use super::dial::Dial;
use super::error::DialError;
use super::origin::{Facts, Origin};
use super::rest::start_line;
use super::url::Schemes;
use crate::frame::{Opening, Stamp};

/// The five bytes before every message.
const PREFIX: usize = 5;

/// A client of one gRPC server; clones share its connection.
#[derive(Clone, Debug)]
pub struct Grpc {
    origin: Arc<Origin>,
    line: Arc<Mutex<Option<Line>>>,
    uri: Uri,
    headers: HeaderMap,
    /// The URL as it may be shown, without a slash at its end.
    shown: String,
}

impl Grpc {
    /// A client of the `grpc(s)://` URL in `dial`, whose headers become metadata of every call.
    /// Nothing is connected yet.
    pub fn new(dial: &Dial) -> Result<Self, CallError> {
        let failed = |fault: Fault| CallError {
            call: dial.shown_url.clone(),
            fault,
        };
        let origin =
            Origin::new(dial, Schemes::Grpc, &["h2"]).map_err(|error| failed(error.into()))?;
        let target = &origin.target;
        let headers = own_headers(dial, target).map_err(failed)?;
        let scheme = if target.tls { "https" } else { "http" };
        let authority = own_host(dial).unwrap_or(&target.authority);
        // A path before the service's own is what gateways are told apart by.
        let path = target.path.trim_end_matches('/');
        let uri = format!("{scheme}://{authority}{path}/");
        let uri = uri.parse().map_err(|error| {
            failed(Fault::Dial(DialError::Url {
                url: dial.shown_url.clone(),
                why: format!("{error}"),
            }))
        })?;
        Ok(Self {
            origin: Arc::new(origin),
            line: Arc::default(),
            uri,
            headers,
            shown: dial.shown_url.trim_end_matches('/').to_owned(),
        })
    }

    /// A call of `method` (`/package.Service/Method`) with `message`, which is sent as it is.
    #[must_use]
    pub fn unary(&self, method: &str, message: Bytes, limit: Duration) -> Request {
        let fixed = [("te", "trailers"), ("content-type", "application/grpc")];
        let mut headers: Vec<(String, String)> = texts(&self.headers).collect();
        headers.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
        Request {
            start_line: format!("POST {}{method} HTTP/2", self.shown),
            headers,
            body: message,
            limit,
            kind: method.to_owned(),
        }
    }

    /// Opens the connection, if there is none. Returns the facts of its beginning, and what fires
    /// with the reason when it ends.
    pub async fn reach(&self) -> Result<(Opening, oneshot::Receiver<String>), DialError> {
        let started = clock::now();
        let (lost, ended) = oneshot::channel();
        let line = Line::open(&self.origin, Some(lost)).await?;
        let opening = Opening {
            url: self.shown.clone(),
            peer: line.facts.peer.clone(),
            tls: line.facts.tls.clone(),
            took: clock::now().since(started),
            ..Opening::default()
        };
        *self.line.lock().await = Some(line);
        Ok((opening, ended))
    }

    /// Makes a call and waits for the whole answer, or for the request's limit. A status other
    /// than OK is an answer.
    pub async fn call(&self, request: Request) -> Result<Answer, CallError> {
        let limit = request.limit;
        let call = format!("{}{}", self.shown, request.kind);
        let result = tokio::time::timeout(limit, self.exchange(request)).await;
        match result {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(fault)) => Err(CallError { call, fault }),
            Err(_) => Err(CallError {
                call,
                fault: Fault::Timeout { limit },
            }),
        }
    }

    async fn exchange(&self, request: Request) -> Result<Answer, Fault> {
        let (sender, facts) = self.sender().await?;
        let path: PathAndQuery = request
            .kind
            .parse()
            .map_err(|_| Fault::Header(request.kind.clone()))?;
        let limit = self.origin.dial.message_limit;
        let (tap, seen) = Tap::new(sender, self.headers.clone(), limit);
        let mut client = tonic::client::Grpc::with_origin(tap, self.uri.clone())
            .max_decoding_message_size(limit);
        let told = client
            .unary(tonic::Request::new(request.body), path, AsTheyAre)
            .await;
        // The tap's body has been dropped or read to its end by now.
        let seen = std::mem::take(&mut *seen.lock());
        judge(told, seen, &facts, limit)
    }

    /// The connection in use, or a new one where that has ended.
    async fn sender(&self) -> Result<(line::Sender, Facts), Fault> {
        let mut line = self.line.lock().await;
        if let Some(open) = line.as_ref().filter(|line| line.is_open()) {
            return Ok((open.sender.clone(), open.facts.clone()));
        }
        let open = Line::open(&self.origin, None).await?;
        let (sender, facts) = (open.sender.clone(), open.facts.clone());
        *line = Some(open);
        Ok((sender, facts))
    }
}

/// Makes what tonic said and what the tap saw into an answer.
fn judge(
    told: Result<tonic::Response<Bytes>, Status>,
    seen: Seen,
    facts: &Facts,
    limit: usize,
) -> Result<Answer, Fault> {
    let Some(head) = seen.head else {
        return Err(seen.fault.unwrap_or_else(|| match told {
            Err(status) => Fault::Broken(status.message().to_owned()),
            Ok(_) => Fault::Broken("an answer without a head".to_owned()),
        }));
    };
    let has_status =
        head.headers.contains_key("grpc-status") || seen.trailers.contains_key("grpc-status");
    if seen.is_too_big {
        return Err(Fault::TooBig { limit });
    }
    if let (Some(fault), false) = (seen.fault, has_status) {
        let received = seen.raw.len();
        return Err(match fault {
            Fault::NoAnswer(why) | Fault::Broken(why) => Fault::Cut { received, why },
            other => other,
        });
    }
    let body = match told {
        Ok(response) => response.into_inner(),
        Err(_) => message_in(seen.raw),
    };
    let at = seen.at.unwrap_or_else(clock::now);
    Ok(put_together(&head, &seen.trailers, (body, at), facts))
}

fn put_together(
    head: &hyper::http::response::Parts,
    trailers: &HeaderMap,
    body: (Bytes, Stamp),
    facts: &Facts,
) -> Answer {
    let all = texts(&head.headers).chain(texts(trailers));
    let headers = all
        .map(|(name, value)| {
            let value = if name == "grpc-message" {
                percent_decoded(&value)
            } else {
                value
            };
            (name, value)
        })
        .collect();
    let status = head.status.as_u16();
    let start_line = start_line(head.version, head.status);
    answer(start_line, status, headers, body, facts)
}

/// The message in the raw bytes of an answer tonic would not read, if there is a whole one; else
/// the bytes.
fn message_in(raw: Bytes) -> Bytes {
    let Some((prefix, rest)) = raw.split_first_chunk::<PREFIX>() else {
        return raw;
    };
    let len = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]) as usize;
    if prefix[0] <= 1 && rest.len() == len {
        raw.slice(PREFIX..)
    } else {
        raw
    }
}

/// `grpc-message` as it was before it went on the wire; what is no escape stays.
fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            _ => out.push(*first),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Messages pass as they are, both ways.
struct AsTheyAre;

impl Codec for AsTheyAre {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for AsTheyAre {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(item);
        Ok(())
    }
}

impl Decoder for AsTheyAre {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let len = from.remaining();
        Ok(Some(from.copy_to_bytes(len)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_a_status_are_read_as_they_were_written() {
        for (wire, text) in [
            ("plain", "plain"),
            ("a%20b%C2%A0c", "a b\u{a0}c"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%ff", "\u{fffd}"),
        ] {
            assert_eq!(percent_decoded(wire), text);
        }
    }

    #[test]
    fn only_a_whole_message_loses_its_prefix() {
        for (raw, message) in [
            (&b"\0\0\0\0\x02hi"[..], &b"hi"[..]),
            (b"\0\0\0\0\x03hi", b"\0\0\0\0\x03hi"),
            (b"<html>oops</html>", b"<html>oops</html>"),
            (b"\0\0", b"\0\0"),
        ] {
            assert_eq!(message_in(Bytes::from_static(raw)), message);
        }
    }
}
