//! `POST /api/v1/events`: one batch a request.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::acks::publish_failure;
use super::faults::Acks;
use super::hub::Identity;
use super::message::{Batch, Code, Reply, Wire};
use super::metrics::Unread;
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
            raccoon.metrics.unread(b"NA", Unread::ContentType);
            let text = "invalid content type";
            let reply = Reply::failure(Code::BadRequest, text, None, seconds());
            return Some(respond(400, kind, Wire::Json, &reply));
        }
    };
    let identity = Identity::of(head, &raccoon.settings);
    let group: Arc<[u8]> = identity.group().into();
    let undecodable = |status, code| {
        let reply = Reply::failure(code, "deserialization failure", None, seconds());
        Some(respond(status, kind, wire, &reply))
    };
    let body = match channel.body(head, raccoon.settings.message_limit).await {
        Ok(body) => body,
        Err(error) => {
            raccoon.metrics.unread(&group, Unread::Body);
            tracing::debug!("raccoon: {error}");
            if let BodyError::Io(_) = error {
                return None;
            }
            return undecodable(500, Code::InternalError);
        }
    };
    let arrived = Instant::now();
    let (batch, read) = wire.decode(&body);
    if read.is_err() {
        raccoon.metrics.unread(&group, Unread::Serde);
        return undecodable(400, Code::BadRequest);
    }
    raccoon.metrics.read(&group, &batch, true);
    if batch.events.iter().any(Option::is_none) {
        return None;
    }
    let is_acked = raccoon.settings.faults.acks(&batch) != Acks::Never;
    let (status, reply) = publish(raccoon, batch, group, arrived).await?;
    if !is_acked {
        channel.left().await;
        return None;
    }
    Some(respond(status, kind, wire, &reply))
}

/// Queues a batch and waits as the ack mode says; `None` when the server stops meanwhile.
async fn publish(
    raccoon: &Raccoon,
    batch: Batch,
    group: Arc<[u8]>,
    arrived: Instant,
) -> Option<(u16, Reply)> {
    let guid = batch.guid.clone();
    let success = Reply::success(&guid, seconds());
    let (call, outcome) = oneshot::channel();
    let sync = raccoon.settings.ack == Ack::Sync;
    let job = Job {
        batch,
        group,
        arrived,
        waiting: if sync {
            Waiting::Call(call)
        } else {
            Waiting::Nobody
        },
    };
    raccoon.pool.enqueue(job).await.ok()?;
    if !sync {
        return Some((200, success));
    }
    Some(match outcome.await.ok()? {
        Ok(()) => (200, Reply::success(&guid, seconds())),
        Err(error) => (500, publish_failure(&guid, &error)),
    })
}

/// The answer repeats the request's content type, whatever it was.
fn respond(status: u16, kind: &[u8], wire: Wire, reply: &Reply) -> Response {
    Response::empty(status)
        .with("Content-Type", kind)
        .body(wire.encode(reply))
}
