//! `EventService/SendEvent` over gRPC: one batch a call, always protobuf.
//!
//! What the REST endpoint tells by its HTTP status is told here inside a successful call, and a
//! failed publish without its reason.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::HeaderMap;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::faults::Acks;
use super::message::{Code, Reply, Wire};
use super::pool::{Job, Waiting};
use super::settings::Ack;
use super::{Raccoon, seconds};
use crate::server::Handler;
use crate::server::grpc::{self, Status};

const SERVICE: &str = "raystack.raccoon.v1beta1.EventService";
const METHOD: &str = "SendEvent";

/// Connections served at once; further ones wait.
const CONNECTIONS_MAX: u32 = 32_768;

/// What serves the gRPC listener.
pub(super) struct Server {
    service: Arc<Service>,
    stopping: CancellationToken,
    /// One permit for each connection that is not there.
    room: Semaphore,
}

impl Server {
    pub(super) fn new(raccoon: Arc<Raccoon>) -> Self {
        Self {
            service: Arc::new(Service(raccoon)),
            stopping: CancellationToken::new(),
            room: Semaphore::new(CONNECTIONS_MAX as usize),
        }
    }
}

impl Handler for Server {
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let Ok(_permit) = self.room.acquire().await else {
            return;
        };
        let service = Arc::clone(&self.service);
        let served = grpc::serve(stream, service, &self.stopping);
        if let Some(Err(error)) = self.service.0.crash.or_until(served).await {
            tracing::debug!("raccoon: gRPC: {peer}: {error}");
        }
    }

    /// Waits for the calls that run, as the real server does before it does anything else.
    async fn drain(&self) {
        self.stopping.cancel();
        // The semaphore is never closed.
        let _ = self.room.acquire_many(CONNECTIONS_MAX).await;
    }
}

struct Service(Arc<Raccoon>);

impl grpc::Service for Service {
    fn name(&self) -> &str {
        SERVICE
    }

    fn has(&self, method: &str) -> bool {
        method == METHOD
    }

    async fn call(
        &self,
        _method: &str,
        metadata: &HeaderMap,
        message: Bytes,
    ) -> Result<Vec<u8>, Status> {
        let raccoon = &*self.0;
        let (batch, read) = Wire::Protobuf.decode(&message);
        read.map_err(|error| {
            let text = format!("grpc: error unmarshalling request: {error}");
            Status::new(grpc::Code::Internal, text)
        })?;
        // The id is needed, but may be empty; it identifies nothing here.
        if !metadata.contains_key(&raccoon.settings.id_header) {
            let text = "connection id header missing";
            return Err(Status::new(grpc::Code::Unknown, text));
        }
        let arrived = Instant::now();
        let group: Arc<[u8]> = raccoon.call_group(metadata).into();
        raccoon.metrics.read(&group, &batch, false);
        let is_acked = raccoon.settings.faults.acks(&batch) != Acks::Never;
        let guid = batch.guid.clone();
        // Prepared before the batch is queued, as one sees by its time when the queue is full.
        let success = Reply::success(&guid, seconds());
        let (call, outcome) = oneshot::channel();
        let ack = raccoon.settings.ack;
        let waiting = match ack {
            Ack::Sync => Waiting::Call(call),
            Ack::Async => Waiting::Nobody,
        };
        let job = Job {
            batch,
            group,
            arrived,
            waiting,
        };
        if raccoon.pool.enqueue(job).await.is_err() {
            return gone().await;
        }
        let reply = match ack {
            Ack::Async => success,
            Ack::Sync => match outcome.await {
                Ok(Ok(())) => Reply::success(&guid, seconds()),
                Ok(Err(_)) => Reply::failure(Code::InternalError, "", Some(&guid), seconds()),
                Err(_) => return gone().await,
            },
        };
        if !is_acked {
            return gone().await;
        }
        Ok(Wire::Protobuf.encode(&reply))
    }
}

impl Raccoon {
    /// The group a call counts for. Unlike over HTTP an empty one is a group of its own.
    fn call_group<'a>(&'a self, metadata: &'a HeaderMap) -> &'a [u8] {
        let named = self.settings.group_header.as_deref();
        let group = named.and_then(|name| metadata.get(name));
        group.map_or(self.settings.default_group.as_bytes(), |group| {
            group.as_bytes()
        })
    }
}

/// No answer: the server is stopping, and the connection ends in a moment; or it was told not to
/// acknowledge this batch, and the call lasts until the client gives it up.
async fn gone<T>() -> T {
    std::future::pending().await
}
