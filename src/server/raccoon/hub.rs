//! Who is connected: identities, the connection limit, and the common ping.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::message::{Code, Reply};
use super::metrics::{Metrics, Refused};
use super::{Settings, seconds};
use crate::server::http::Head;
use crate::server::wire::Writer;

/// What the real server puts into every ping.
const PING: &[u8] = b"--ping--";

/// Ended connections that may wait for the ping that finds them.
const ENDED_MAX: usize = 65_536;

/// Groups without connections that are still reported.
const EMPTY_GROUPS_MAX: usize = 1024;

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

    pub(super) fn group(&self) -> &[u8] {
        &self.group
    }
}

/// All live connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Hub {
    shared: Arc<Mutex<Connections>>,
    metrics: Metrics,
}

#[derive(Debug, Default)]
struct Connections {
    live: HashMap<Identity, Writer>,
    /// Who is pinged: the live, and those that ended since the last ping.
    pinged: HashMap<Identity, Writer>,
    /// Live connections of each group there ever was.
    groups: HashMap<Vec<u8>, u64>,
}

/// A place among the live; given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    hub: Hub,
    identity: Identity,
    since: Instant,
}

impl Seat {
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut shared = self.hub.lock();
        if let Some(writer) = shared.live.remove(&self.identity) {
            // Also those who still hold writers for acks must not keep TCP open.
            writer.abandon();
        }
        if let Some(count) = shared.groups.get_mut(&self.identity.group) {
            *count = count.saturating_sub(1);
            if *count == 0 && shared.groups.len() > EMPTY_GROUPS_MAX {
                shared.groups.remove(&self.identity.group);
            }
        }
        drop(shared);
        let metrics = &self.hub.metrics;
        metrics.ended(&self.identity, self.since.elapsed());
    }
}

/// What a newcomer without a place is told: the reply, then the close reason.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) reply: Reply,
    pub(super) reason: Vec<u8>,
}

impl Hub {
    pub(super) fn new(metrics: Metrics) -> Self {
        Self {
            shared: Arc::default(),
            metrics,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place. A full table is told before a duplicate.
    pub(super) fn join(
        &self,
        identity: Identity,
        writer: &Writer,
        limit: usize,
    ) -> Result<Seat, Refusal> {
        let mut shared = self.lock();
        if shared.live.len() >= limit {
            self.metrics.refused(&identity, Refused::Full);
            let text = "max connection reached";
            return Err(Refusal {
                reply: Reply::failure(Code::MaxConnectionLimit, text, None, seconds()),
                reason: b"Max connection reached".to_vec(),
            });
        }
        if shared.live.contains_key(&identity) {
            self.metrics.refused(&identity, Refused::Duplicate);
            return Err(duplicate(&identity));
        }
        self.metrics.connected(&identity);
        shared.live.insert(identity.clone(), writer.clone());
        if shared.pinged.len() >= shared.live.len() + ENDED_MAX {
            shared.pinged.retain(|_, writer| !writer.is_ended());
        }
        shared.pinged.insert(identity.clone(), writer.clone());
        *shared.groups.entry(identity.group.clone()).or_default() += 1;
        Ok(Seat {
            hub: self.clone(),
            identity,
            since: Instant::now(),
        })
    }

    /// Pings everybody, one after the other, over and over. One that takes no ping holds up the
    /// others for as long as `write_wait`, and is not pinged again. This is also how the real
    /// server finds out that a connection has ended.
    pub(super) async fn ping(self, every: Duration, write_wait: Duration) {
        let mut ticks = interval_at(Instant::now() + every, every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            let writers: Vec<_> = self
                .lock()
                .pinged
                .iter()
                .map(|(identity, writer)| (identity.clone(), writer.clone()))
                .collect();
            for (identity, writer) in writers {
                let pinged = timeout(write_wait, writer.ping(PING)).await;
                if !matches!(pinged, Ok(Ok(()))) {
                    self.metrics.ping_failed(&identity);
                    let mut shared = self.lock();
                    // Unless somebody new has come under that name meanwhile.
                    if shared
                        .pinged
                        .get(&identity)
                        .is_some_and(|w| w.same(&writer))
                    {
                        shared.pinged.remove(&identity);
                    }
                }
            }
        }
    }

    /// Brings the count of connections up to date, over and over.
    pub(super) async fn report(self, every: Duration) {
        let mut ticks = interval_at(Instant::now() + every, every);
        loop {
            ticks.tick().await;
            for (group, count) in &self.lock().groups {
                self.metrics.live(group, *count);
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
