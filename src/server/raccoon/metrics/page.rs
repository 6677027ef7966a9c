//! The listener of the metrics page.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpStream;

use super::Metrics;
use crate::server::Handler;
use crate::server::http::{Channel, Response};

/// Where the page is.
const PATH: &str = "/metrics";

const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What serves it.
pub(in crate::server::raccoon) struct Page(pub(in crate::server::raccoon) Metrics);

impl Handler for Page {
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let mut channel = Channel::new(stream);
        while let Ok(Some(head)) = channel.head().await {
            let response = if head.path() == PATH {
                Response::empty(200)
                    .with("Content-Type", TEXT_FORMAT)
                    .body(self.0.text().into_bytes())
            } else {
                Response::not_found()
            };
            match channel.respond(&head, response).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::debug!("raccoon: metrics: {peer}: {error}");
                    return;
                }
            }
        }
    }
}
