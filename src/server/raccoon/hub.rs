//! Who is connected: identities, the connection limit, and the common ping.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::message::{Code, Reply};
use super::{Settings, seconds};
use crate::server::http::Head;
use crate::server::wire::Writer;

/// What the real server puts into every ping.
const PING: &[u8] = b"--ping--";

/// Id and group; unique among live connections. Bytes, as they come from headers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    id: Vec<u8>,
    group: Vec<u8>,
}

impl Identity {
    /// Reads both from the headers. No id is the empty id; no group, or an empty one, is the
    /// default group.
    pub(super) fn of(head: &Head, settings: &Settings) -> Self {
        let id = head.value(&settings.id_header).unwrap_or_default();
        let group = settings
            .group_header
            .as_deref()
            .and_then(|name| head.value(name))
            .filter(|group| !group.is_empty())
            .unwrap_or(settings.default_group.as_bytes());
        Self {
            id: id.to_vec(),
            group: group.to_vec(),
        }
    }
}

/// All live connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Hub {
    live: Arc<Mutex<HashMap<Identity, Writer>>>,
}

/// A place among the live; given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    hub: Hub,
    identity: Identity,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.lock().remove(&self.identity);
    }
}

/// What a newcomer without a place is told: the reply, then the close reason.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) reply: Reply,
    pub(super) reason: Vec<u8>,
}

impl Hub {
    fn lock(&self) -> MutexGuard<'_, HashMap<Identity, Writer>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place. A full table is told before a duplicate.
    pub(super) fn join(
        &self,
        identity: Identity,
        writer: &Writer,
        limit: usize,
    ) -> Result<Seat, Refusal> {
        let mut live = self.lock();
        if live.len() >= limit {
            let text = "max connection reached";
            return Err(Refusal {
                reply: Reply::failure(Code::MaxConnectionLimit, text, None, seconds()),
                reason: b"Max connection reached".to_vec(),
            });
        }
        if live.contains_key(&identity) {
            return Err(duplicate(&identity));
        }
        live.insert(identity.clone(), writer.clone());
        Ok(Seat {
            hub: self.clone(),
            identity,
        })
    }

    /// Pings everybody, one after the other, over and over. One that takes no ping holds up the
    /// others for as long as `write_wait`.
    pub(super) async fn ping(self, interval: Duration, write_wait: Duration) {
        loop {
            tokio::time::sleep(interval).await;
            let writers: Vec<_> = self.lock().values().cloned().collect();
            for writer in writers {
                let _ = tokio::time::timeout(write_wait, writer.ping(PING)).await;
            }
        }
    }
}

fn duplicate(identity: &Identity) -> Refusal {
    let Identity { id, group } = identity;
    let mut reply = Reply::failure(Code::MaxUserLimit, "", None, seconds());
    reply.reason = [b"duplicated connection: [", &group[..], b"] ", id, b","].concat();
    Refusal {
        reply,
        reason: [b"duplicate connection: ", &id[..]].concat(),
    }
}
