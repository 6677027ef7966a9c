//! `POST /api/v1/events`: one batch a request.

use tokio::sync::oneshot;

use super::acks::publish_failure;
use super::message::{Code, Reply, Wire};
use super::pool::{Job, Waiting};
use super::settings::Ack;
use super::{Raccoon, seconds};
use crate::server::http::{BodyError, Channel, Head, Response};

/// Answers a request; `None` if the real handler crashes over it and the connection just ends.
pub(super) async fn post(
    raccoon: &Raccoon,
    channel: &mut Channel,
    head: &Head,
) -> Option<Response> {
    let kind = head.value("Content-Type").unwrap_or_default();
    // Byte for byte: no other case, no parameters.
    let wire = match kind {
        b"application/json" => Wire::Json,
        b"application/proto" => Wire::Protobuf,
        _ => {
            let text = "invalid content type";
            let reply = Reply::failure(Code::BadRequest, text, None, seconds());
            return Some(respond(400, kind, Wire::Json, &reply));
        }
    };
    let undecodable = |status, code| {
        let reply = Reply::failure(code, "deserialization failure", None, seconds());
        Some(respond(status, kind, wire, &reply))
    };
    let body = match channel.body(head, raccoon.settings.message_limit).await {
        Ok(body) => body,
        Err(BodyError::Io(_)) => return None,
        Err(error) => {
            tracing::debug!("raccoon: {error}");
            return undecodable(500, Code::InternalError);
        }
    };
    let (batch, read) = wire.decode(&body);
    if read.is_err() {
        return undecodable(400, Code::BadRequest);
    }
    if batch.events.iter().any(Option::is_none) {
        return None;
    }
    let guid = batch.guid.clone();
    let (call, outcome) = oneshot::channel();
    let waiting = match raccoon.settings.ack {
        Ack::Sync => Waiting::Call(call),
        Ack::Async => Waiting::Nobody,
    };
    raccoon.pool.enqueue(Job { batch, waiting }).await.ok()?;
    if raccoon.settings.ack == Ack::Sync
        && let Err(error) = outcome.await.ok()?
    {
        return Some(respond(500, kind, wire, &publish_failure(&guid, &error)));
    }
    Some(respond(200, kind, wire, &Reply::success(&guid, seconds())))
}

/// The answer repeats the request's content type, whatever it was.
fn respond(status: u16, kind: &[u8], wire: Wire, reply: &Reply) -> Response {
    Response::empty(status)
        .with("Content-Type", kind)
        .body(wire.encode(reply))
}
