//! A gRPC client that sends any headers and bytes one asks it to, and reports all it gets.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http2;
use hyper::header::HeaderMap;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::transcript::{Rpc, RpcEnd};

/// A whole response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) http: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) data: Vec<u8>,
    pub(crate) trailers: Vec<(String, String)>,
}

impl Reply {
    /// The same as a client library reports it.
    pub(crate) fn end(&self) -> RpcEnd {
        let value = |name: &str| {
            let mut both = self.trailers.iter().chain(&self.headers);
            let found = both.find(|(n, _)| n == name);
            found.map_or(String::new(), |(_, value)| value.clone())
        };
        let further = |list: &[(String, String)]| {
            let usual = ["content-type", "grpc-status", "grpc-message"];
            let mut list = list.to_vec();
            list.retain(|(name, _)| !usual.contains(&name.as_str()));
            list
        };
        RpcEnd {
            status: name(&value("grpc-status")).to_owned(),
            details: value("grpc-message"),
            initial: further(&self.headers),
            trailing: further(&self.trailers),
            message: self.data.get(5..).unwrap_or_default().to_vec(),
        }
    }
}

fn name(code: &str) -> &'static str {
    match code {
        "0" => "OK",
        "2" => "UNKNOWN",
        "3" => "INVALID_ARGUMENT",
        "4" => "DEADLINE_EXCEEDED",
        "8" => "RESOURCE_EXHAUSTED",
        "12" => "UNIMPLEMENTED",
        "13" => "INTERNAL",
        other => panic!("no status {other:?}"),
    }
}

/// A message behind its flag and length.
pub(crate) fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flag], &length[..], message].concat()
}

/// Sends a recorded call.
pub(crate) async fn send(address: SocketAddr, call: &Rpc) -> Reply {
    let mut headers = vec![("content-type", "application/grpc"), ("te", "trailers")];
    headers.extend(call.metadata.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    exchange(
        address,
        "POST",
        &call.path,
        &headers,
        framed(0, &call.message),
    )
    .await
}

/// Sends a request on a connection of its own.
pub(crate) async fn exchange(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Reply {
    let stream = TcpStream::connect(address).await.expect("it listens");
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    let response = sender.send_request(request).await.expect("an answer");
    let (head, body) = response.into_parts();
    let body = body.collect().await.expect("a whole answer");
    let trailers = body.trailers().map(pairs).unwrap_or_default();
    connection.abort();
    Reply {
        http: head.status.as_u16(),
        headers: pairs(&head.headers),
        data: body.to_bytes().to_vec(),
        trailers,
    }
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &hyper::header::HeaderValue| value.to_str().unwrap().to_owned();
    let pair = |(name, value): (&hyper::header::HeaderName, _)| (name.to_string(), text(value));
    headers.iter().map(pair).collect()
}
