//! What this client did, and which counter of the server should have seen it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasher as _;

use super::history::{History, Series};
use crate::frame::{Direction, Frame, FrameKind, close_parts};
use crate::protocol::raccoon::ack::Ack;
use crate::protocol::raccoon::{names, sample};

/// Batches whose ack is awaited; beyond that their events are not counted.
const PENDING_MAX: usize = 10_000;
/// Guids remembered of one connection.
const GUIDS_MAX: usize = 100_000;
/// Event types counted by themselves.
const TYPES_MAX: usize = 64;

/// Something a client sees for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Finding {
    /// A connection was accepted and not refused.
    Connected,
    /// Refused with code 5.
    Duplicate,
    /// Refused with code 4.
    Full,
    /// The upgrade itself was refused.
    Upgrade,
    /// A batch was acknowledged, or failed only after it was read.
    Read,
    /// `BAD_REQUEST`.
    Undecodable,
    /// REST: `invalid content type`.
    ContentType,
    /// REST: the body could not be read.
    Unreadable,
    /// `INTERNAL_ERROR`: the sink refused an event.
    Unpublished,
    /// A guid was sent again on the same WebSocket.
    Repeated,
    /// A WebSocket ended in the ordinary way.
    Closed,
    /// A WebSocket ended in another way.
    Broken,
    /// A WebSocket ended at all.
    Ended,
}

impl Finding {
    /// All of them, in the order they are listed.
    pub const ALL: [Self; 13] = [
        Self::Connected,
        Self::Duplicate,
        Self::Full,
        Self::Upgrade,
        Self::Read,
        Self::Undecodable,
        Self::ContentType,
        Self::Unreadable,
        Self::Unpublished,
        Self::Repeated,
        Self::Closed,
        Self::Broken,
        Self::Ended,
    ];

    /// What happened, in a few words.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::Connected => "connections accepted",
            Self::Duplicate => "refused, code 5 (id in use)",
            Self::Full => "refused, code 4 (server full)",
            Self::Upgrade => "upgrades refused by HTTP",
            Self::Read => "batches read",
            Self::Undecodable => "batches undecodable",
            Self::ContentType => "wrong REST content type",
            Self::Unreadable => "REST bodies unreadable",
            Self::Unpublished => "batches not published",
            Self::Repeated => "guids sent again",
            Self::Closed => "connections closed normally",
            Self::Broken => "connections broken off",
            Self::Ended => "connections ended",
        }
    }

    /// Names of the counters, of which one exists, and the labels that pick the series.
    #[must_use]
    pub const fn counter(self) -> (&'static [&'static str], Labels) {
        const READ: &[&str] = &["batches_read_total"];
        const REFUSED: &[&str] = &["user_connection_failure_total"];
        match self {
            Self::Connected => (&["user_connection_success_total"], &[]),
            Self::Duplicate => (REFUSED, &[("reason", "exists")]),
            Self::Full => (REFUSED, &[("reason", "serverlimit")]),
            Self::Upgrade => (REFUSED, &[("reason", "ugfailure")]),
            Self::Read => (READ, &[("status", "success")]),
            Self::Undecodable => (READ, &[("status", "failed"), ("reason", "serde")]),
            Self::ContentType => (
                READ,
                &[("status", "failed"), ("reason", "unknowncontentype")],
            ),
            Self::Unreadable => (READ, &[("status", "failed"), ("reason", "readerr")]),
            Self::Unpublished => (
                &[
                    "kafka_messages_undelivered_total",
                    "pubsub_messages_undelivered_total",
                    "kinesis_messages_undelivered_total",
                ],
                &[],
            ),
            Self::Repeated => (&["events_duplicate_total"], &[("reason", "duplicate")]),
            Self::Closed => (READ, &[("status", "failed"), ("reason", "closeerror")]),
            Self::Broken => (READ, &[("status", "failed"), ("reason", "unknown")]),
            Self::Ended => (&["server_ping_failure_total"], &[]),
        }
    }

    /// What explains that the counter moved by less, if something ordinary does.
    const fn excuse(self) -> Option<&'static str> {
        match self {
            Self::Repeated => Some("dedup is off, or they came on another connection"),
            Self::Unpublished => Some("the log sink counts nothing"),
            Self::Ended => Some("counted at the server's next ping"),
            Self::Upgrade => Some("a gateway in front may have refused it"),
            _ => None,
        }
    }
}

/// Labels that pick series.
pub type Labels = &'static [(&'static str, &'static str)];

/// `name{label="value"}`.
fn spelled(name: &str, labels: &[(&str, &str)]) -> String {
    if labels.is_empty() {
        return name.to_owned();
    }
    let labels: Vec<_> = labels
        .iter()
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    format!("{name}{{{}}}", labels.join(","))
}

/// Events of one type that were in batches the server has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Events {
    count: u64,
    /// Bytes of their payloads, where the server counts them: not on gRPC.
    bytes: u64,
}

/// What was done so far. Kept by the session, copied by its scraper.
#[derive(Clone, Debug, Default)]
pub struct Doings {
    counts: BTreeMap<Finding, u64>,
    events: BTreeMap<String, Events>,
    /// Events of batches whose ack is awaited, by guid.
    pending: HashMap<String, Vec<(String, Events)>, foldhash::fast::RandomState>,
    /// Hashes of the guids sent on this connection.
    guids: HashSet<u64, foldhash::fast::RandomState>,
    refused: bool,
}

impl Doings {
    fn add(&mut self, finding: Finding) {
        *self.counts.entry(finding).or_default() += 1;
    }

    /// How often that was found.
    #[must_use]
    pub fn count(&self, finding: Finding) -> u64 {
        self.counts.get(&finding).copied().unwrap_or(0)
    }

    /// A WebSocket was upgraded.
    pub fn connected(&mut self) {
        self.guids.clear();
        self.refused = false;
        self.add(Finding::Connected);
    }

    /// An upgrade was refused by HTTP.
    pub fn upgrade_refused(&mut self) {
        self.add(Finding::Upgrade);
    }

    /// A WebSocket ended; `ordinary` with 1000, 1001, no code, or a plain end of TCP.
    pub fn ended(&mut self, ordinary: bool) {
        if self.refused {
            return;
        }
        self.add(if ordinary {
            Finding::Closed
        } else {
            Finding::Broken
        });
        self.add(Finding::Ended);
    }

    /// A frame crossed.
    pub fn observed(&mut self, frame: &Frame<'_>) {
        if frame.kind.is_control() {
            return;
        }
        match frame.direction {
            Direction::Out => self.sent(frame),
            Direction::In => self.answered(frame),
        }
    }

    fn sent(&mut self, frame: &Frame<'_>) {
        let exchange = frame.exchange();
        let counts_bytes = exchange.as_ref().is_none_or(|exchange| !exchange.is_grpc());
        let mut events: Vec<(String, Events)> = Vec::new();
        let guid = sample::each_event(frame, |kind, payload| {
            let bytes = if counts_bytes {
                payload.len() as u64
            } else {
                0
            };
            let room = events.len() < TYPES_MAX;
            match events.iter_mut().find(|(known, _)| known == kind) {
                Some((_, seen)) => {
                    seen.count += 1;
                    seen.bytes += bytes;
                }
                None if room => {
                    events.push((kind.to_owned(), Events { count: 1, bytes }));
                }
                None => {}
            }
            true
        });
        if exchange.is_none() && self.guids.len() < GUIDS_MAX {
            let hash = self.guids.hasher().hash_one(&guid);
            if !self.guids.insert(hash) {
                self.add(Finding::Repeated);
            }
        }
        if self.pending.len() < PENDING_MAX && !events.is_empty() {
            self.pending.insert(guid, events);
        }
    }

    fn answered(&mut self, frame: &Frame<'_>) {
        for finding in found(frame) {
            if matches!(finding, Finding::Duplicate | Finding::Full) {
                self.refused = true;
                // It had been taken for accepted.
                let connected = self.counts.entry(Finding::Connected).or_default();
                *connected = connected.saturating_sub(1);
            }
            self.add(finding);
            if finding == Finding::Read {
                self.read(frame);
            }
        }
    }

    /// The server has read a batch: its events count.
    fn read(&mut self, frame: &Frame<'_>) {
        let ack = Ack::read(frame);
        let guid = ack.guid.as_deref().unwrap_or_default();
        for (kind, events) in self.pending.remove(guid).unwrap_or_default() {
            if self.events.len() == TYPES_MAX && !self.events.contains_key(&kind) {
                continue;
            }
            let all = self.events.entry(kind).or_default();
            all.count += events.count;
            all.bytes += events.bytes;
        }
    }
}

/// What a reply shows.
fn found(frame: &Frame<'_>) -> Vec<Finding> {
    let ack = Ack::read(frame);
    if ack.error.is_some() {
        return Vec::new();
    }
    match ack.code {
        _ if ack.is_refusal() && ack.code == names::MAX_USER => vec![Finding::Duplicate],
        _ if ack.is_refusal() => vec![Finding::Full],
        names::BAD_REQUEST if ack.reason == "invalid content type" => vec![Finding::ContentType],
        names::BAD_REQUEST => vec![Finding::Undecodable],
        names::INTERNAL_ERROR if ack.reason == "deserialization failure" => {
            vec![Finding::Unreadable]
        }
        // It was read before the sink failed.
        names::INTERNAL_ERROR => vec![Finding::Read, Finding::Unpublished],
        _ if ack.is_success() => vec![Finding::Read],
        _ => Vec::new(),
    }
}

/// The counters that a frame should have moved, as they are written on the server's page of
/// metrics: a reply, or our close frame, which the server counts as a failed batch. None for
/// others.
#[must_use]
pub fn should_move(frame: &Frame<'_>) -> Vec<String> {
    let found = match (frame.kind, frame.direction) {
        (FrameKind::Close, Direction::Out) => match close_parts(frame.payload) {
            None | Some((1000 | 1001, _)) => vec![Finding::Closed, Finding::Ended],
            Some(_) => vec![Finding::Broken, Finding::Ended],
        },
        (kind, Direction::In) if !kind.is_control() => found(frame),
        _ => Vec::new(),
    };
    found
        .into_iter()
        .flat_map(|finding| {
            let (names, labels) = finding.counter();
            // Which sink the server has cannot be seen from here.
            let all = names.iter().map(move |name| spelled(name, labels));
            all.collect::<Vec<_>>()
        })
        .collect()
}

/// One line: what was done here, and what the counter of it did meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What was done.
    pub what: String,
    /// How often since the first scrape.
    pub did: u64,
    /// The counter: `batches_read_total{status="success"}`.
    pub counter: String,
    /// What it moved by since the first scrape; `None` if there is no such series.
    pub moved: Option<f64>,
    /// What is remarkable about that.
    pub remark: Option<String>,
}

/// What was done between `before` and `now` beside what the counters moved by. Only what happened
/// on either side is listed.
#[must_use]
pub fn rows(history: &History, before: &Doings, now: &Doings) -> Vec<Row> {
    let mut rows = Vec::new();
    for finding in Finding::ALL {
        let did = now.count(finding).saturating_sub(before.count(finding));
        let (names, labels) = finding.counter();
        let there: Vec<_> = names
            .iter()
            .filter(|name| history.of(name).next().is_some())
            .collect();
        let name = there.first().map_or(names[0], |name| **name);
        let moved = history.moved(name, labels);
        if did == 0 && moved == 0.0 {
            continue;
        }
        let has_series = history.of(name).any(|series| has(series, labels));
        let mut expected = did;
        if finding == Finding::Read {
            // What dedup suppressed was acknowledged and is not counted.
            let suppressed = history.moved("events_duplicate_total", &[]);
            expected = expected.saturating_sub(suppressed.max(0.0) as u64);
        }
        rows.push(Row {
            what: finding.what().to_owned(),
            did,
            counter: spelled(name, labels),
            moved: has_series.then_some(moved),
            remark: remark(expected, has_series.then_some(moved), finding.excuse()),
        });
    }
    for (kind, events) in &now.events {
        let earlier = before.events.get(kind).copied().unwrap_or_default();
        let labels = [("event_type", kind.as_str())];
        for (what, did, name) in [
            ("events", events.count - earlier.count, "events_rx_total"),
            (
                "bytes of",
                events.bytes - earlier.bytes,
                "events_rx_bytes_total",
            ),
        ] {
            if did == 0 {
                continue;
            }
            let has_series = history.of(name).any(|series| has(series, &labels));
            let moved = has_series.then(|| history.moved(name, &labels));
            rows.push(Row {
                what: format!("{what} {kind:?}"),
                did,
                counter: spelled(name, &labels),
                moved,
                remark: remark(did, moved, None),
            });
        }
    }
    rows
}

fn has(series: &Series, labels: &[(&str, &str)]) -> bool {
    labels.iter().all(|(name, value)| {
        series
            .labels
            .iter()
            .any(|(known, given)| known == name && given == value)
    })
}

fn remark(did: u64, moved: Option<f64>, excuse: Option<&str>) -> Option<String> {
    let less = match moved {
        Some(moved) if moved + 0.5 >= did as f64 => return None,
        Some(_) => "moved by less than was done here",
        None if did == 0 => return None,
        None => "no such series there",
    };
    let why = excuse.unwrap_or("is this page of the same server?");
    Some(format!("{less}: {why}"))
}

#[cfg(test)]
mod tests;
