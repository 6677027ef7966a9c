//! Topics: what we subscribed to, and what came and went on each.
//!
//! ```text
//!            ┌─ no ack in time ─► unacknowledged ─┐
//!  asked ────┼─ ack ─► held ─────────────────────►├─ ending ─ ack ─► ended
//!            └─ error ─► refused                  │
//!  owed ◄──────────────── the connection ends ────┘
//!
//!  assumed: generation 1.1, which acknowledges nothing      local: 1.2 and 1.3, nothing on the wire
//! ```
//!
//! Topics match exactly, letter case and blanks included, and a topic nobody knows is no error:
//! what can only be a mistake is remarked here.

mod likeness;
mod places;
mod preview;
mod rate;
mod row;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;

use self::likeness::short;
use self::places::{NAME_MAX, ROWS_MAX};
use self::row::{Ask, Row};
use super::dialect::Dialect;
use super::echoes::Echo;
use super::envelope::{Envelope, Kind};
use super::picture::{Subscription, Topic};
use crate::frame::{Frame, Stamp};
use crate::schema::scan;

/// Unacknowledged changes watched.
const WAITING_MAX: usize = 2 * ROWS_MAX;
/// While rates fall after the last message, they are shown again this often.
const REFRESH: Duration = Duration::from_secs(1);

/// The topics of a session, over all its connections.
#[derive(Default)]
pub(super) struct Topics {
    rows: Vec<Row>,
    places: HashMap<Box<str>, u32, RandomState>,
    forgotten: u64,
    hasher: RandomState,
    /// When a change counts as unacknowledged, and its topic; in the order they were sent.
    waiting: VecDeque<(Stamp, Box<str>)>,
    /// The moment rates count from.
    origin: Option<Stamp>,
    /// When the newest message came.
    newest: Option<Stamp>,
    /// When rates are to be shown again.
    refresh: Option<Stamp>,
    dialect: Option<Dialect>,
}

/// What a publish that came is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Came {
    /// What there is to remark.
    pub(super) remark: Option<String>,
    /// It brings an own publish back.
    pub(super) echo: Option<Echo>,
    /// Rates have to be shown again at that moment, though nothing may happen then.
    pub(super) wake: Option<Stamp>,
}

impl Topics {
    /// Topics to subscribe to on a new connection: those of the profile, and those subscribed by
    /// hand that were not given up.
    pub(super) fn wanted(&self, profile: &[String]) -> Vec<String> {
        let mut wanted = Vec::new();
        for topic in profile.iter().filter(|topic| !topic.is_empty()) {
            let given_up = self.row(topic).is_some_and(|row| row.wish == Some(false));
            if !given_up && !wanted.contains(topic) {
                wanted.push(topic.clone());
            }
        }
        let by_hand = self
            .rows
            .iter()
            .filter(|row| row.wish == Some(true) && !row.cut);
        for row in by_hand {
            if !wanted.iter().any(|known| **known == *row.name) {
                wanted.push(row.name.to_string());
            }
        }
        wanted
    }

    /// A subscription (`on`) or its end was seen leaving, under `id` if it has one; `due` is when
    /// its acknowledgement is late. Returns what there is to remark.
    pub(super) fn asked(
        &mut self,
        (id, topic): (Option<&str>, &str),
        on: bool,
        dialect: Dialect,
        (now, due): (Stamp, Stamp),
    ) -> Option<String> {
        self.dialect = Some(dialect);
        if topic.is_empty() {
            return None;
        }
        if !dialect.subscribes() {
            return self.local(topic, on);
        }
        let advice = on.then(|| self.mistaken(topic)).flatten();
        let acknowledged = dialect.acknowledges();
        let id = id.map(|id| self.hasher.hash_one(id));
        let Some(row) = self.open(topic, now) else {
            return Some(format!(
                "more than {ROWS_MAX} topics are in use: what becomes of this one is not followed"
            ));
        };
        row.asks(Ask {
            id,
            on,
            at: now,
            due: acknowledged.then_some(due),
            answered: false,
        });
        row.advice.clone_from(&advice);
        if !acknowledged {
            return row.assume(on).or(advice);
        }
        row.subscription = if on {
            Subscription::Asked
        } else {
            Subscription::Ending
        };
        let late = row.cut && on;
        let name = row.name.clone();
        if self.waiting.len() < WAITING_MAX {
            self.waiting.push_back((due, name));
        }
        if late {
            return Some(format!(
                "only the first {NAME_MAX} bytes of this topic are kept: it is not subscribed to again after a reconnect"
            ));
        }
        advice
    }

    /// A subscription that stays here, because the dialect has none on the wire.
    pub(super) fn local(&mut self, topic: &str, on: bool) -> Option<String> {
        let now = self.newest.or(self.origin);
        let known = self.row(topic).is_some();
        if !known && let Some(now) = now {
            self.make_room(now);
        }
        let row = self.place(topic)?;
        row.wish = Some(on);
        row.subscription = if on {
            Subscription::Local
        } else {
            Subscription::Ended
        };
        Some(
            "this dialect has no subscriptions on the wire, the server alone decides what it pushes: the topic is noted here and nothing else happens"
                .to_owned(),
        )
    }

    /// An acknowledgement or a refusal came; what there is to remark.
    pub(super) fn acknowledged(&mut self, envelope: &Envelope<'_>, now: Stamp) -> Option<String> {
        let id = envelope.id.as_deref().map(|id| self.hasher.hash_one(id));
        let told = envelope.payload.and_then(|raw| scan::member(raw, "topic"));
        let topic = match told.and_then(scan::string) {
            Some(topic) if envelope.topic.is_empty() => topic,
            _ => envelope.topic.clone(),
        };
        let place = self.find(&topic).or_else(|| {
            let is_it = |row: &Row| row.ask.is_some_and(|ask| id.is_some() && ask.id == id);
            self.rows.iter().position(is_it)
        })?;
        let row = &mut self.rows[place];
        let ask = row.ask.as_mut()?;
        // An older change's answer says nothing about the newest.
        if ask.answered || ask.id != id {
            return None;
        }
        ask.answered = true;
        ask.due = None;
        let late = row.subscription == Subscription::Unacknowledged;
        row.latency = Some(now.since(ask.at));
        let on = ask.on;
        let payload = envelope.payload.unwrap_or_default();
        let failed = envelope.kind == Kind::Error
            || envelope.error.is_some()
            || scan::member(payload, "success") == Some(b"false");
        row.subscription = match (on, failed) {
            (true, true) => Subscription::Refused,
            (true, false) | (false, true) => Subscription::Held,
            (false, false) => Subscription::Ended,
        };
        if !on {
            row.awaited.clear();
        }
        late.then(|| "came late: the subscription is in force after all".to_owned())
            .filter(|_| on && !failed)
    }

    /// A publish was seen leaving; what there is to remark. With it, whether the broker is sure
    /// to bring it back.
    pub(super) fn sent(
        &mut self,
        frame: &Frame<'_>,
        envelope: &Envelope<'_>,
        dialect: Dialect,
    ) -> (Option<String>, bool) {
        self.dialect = Some(dialect);
        let topic = &*envelope.topic;
        if topic.is_empty() {
            return (None, false);
        }
        let advice = match self.find(topic) {
            Some(_) => None,
            None => self.lookalike(topic),
        };
        let hasher = self.hasher.clone();
        let Some(row) = self.open(topic, frame.at) else {
            return (None, false);
        };
        row.sent += 1;
        let returns = !matches!(dialect, Dialect::G1_2 | Dialect::G1_3 | Dialect::G2_0);
        let sure = returns && row.subscription == Subscription::Held;
        if returns {
            row.awaited.expect(frame, envelope, sure, &hasher);
        }
        (advice, sure)
    }

    /// A publish came. At a steady rate nothing is allocated and nothing but its first bytes is
    /// looked at.
    pub(super) fn came(
        &mut self,
        frame: &Frame<'_>,
        envelope: &Envelope<'_>,
        dialect: Dialect,
    ) -> Came {
        let mut came = Came::default();
        self.newest = Some(frame.at);
        let passed = rate::passed(&mut self.origin, frame.at);
        if self.refresh.is_none() {
            let at = frame.at.after(REFRESH);
            self.refresh = Some(at);
            came.wake = Some(at);
        }
        let place = match self.places.get(&*envelope.topic) {
            Some(place) => *place as usize,
            None => match self.find_or_make(&envelope.topic, frame.at) {
                Some(place) => place,
                None => return came,
            },
        };
        let row = &mut self.rows[place];
        row.keep(frame, passed);
        if row.awaited.any() {
            came.echo = row.awaited.find(frame, &self.hasher);
        }
        if let Some(echo) = came.echo {
            row.echoes += 1;
            row.echo = Some(echo.after);
            came.remark = Some(format!(
                "the echo of our own publish (entry {}), {:.1} ms after it: the broker delivers to the sender too",
                echo.seq,
                echo.after.as_secs_f64() * 1e3
            ));
        } else if row.subscription != Subscription::Held {
            came.remark = row.remark(dialect, frame.at).map(str::to_owned);
        }
        came
    }

    /// When [`Self::elapsed`] is to be called next.
    pub(super) fn next_due(&self) -> Option<Stamp> {
        let late = self.waiting.front().map(|(due, _)| *due);
        let due = [late, self.refresh].into_iter().flatten();
        due.min_by_key(|due| due.mono)
    }

    /// Time has passed: sentences on the subscriptions that were not acknowledged.
    pub(super) fn elapsed(&mut self, now: Stamp) -> Vec<String> {
        if self.refresh.is_some_and(|due| due.mono <= now.mono) {
            let quiet = self.newest.map_or(rate::MEMORY, |newest| now.since(newest));
            // Nothing has a rate any more.
            self.refresh = (quiet < rate::MEMORY + REFRESH).then(|| now.after(REFRESH));
        }
        let mut late: Vec<Box<str>> = Vec::new();
        while let Some((_, name)) = self.waiting.pop_front_if(|(due, _)| due.mono <= now.mono) {
            let Some(row) = self.find(&name).map(|place| &mut self.rows[place]) else {
                continue;
            };
            let Some(ask) = row.ask.as_mut() else {
                continue;
            };
            if ask.due.is_none_or(|due| due.mono > now.mono) {
                continue;
            }
            ask.due = None;
            if ask.on {
                row.subscription = Subscription::Unacknowledged;
                late.push(name);
            } else {
                row.subscription = Subscription::Ended;
            }
        }
        unacknowledged(&late).into_iter().collect()
    }

    /// The connection has ended: subscriptions vanish with it.
    pub(super) fn ended(&mut self) {
        self.waiting.clear();
        self.refresh = None;
        for row in &mut self.rows {
            row.ended();
        }
    }

    /// The topics, and how many are not listed.
    pub(super) fn picture(&self, now: Stamp) -> (Arc<[Topic]>, u64) {
        let dialect = self.dialect.unwrap_or(Dialect::G2);
        let passed = self.origin.map_or(Duration::ZERO, |from| now.since(from));
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by(|a, b| {
            let rank = |row: &Row| (!row.is_needed(), u64::MAX - row.received - row.sent);
            rank(a).cmp(&rank(b)).then_with(|| a.name.cmp(&b.name))
        });
        let topics = rows.iter().map(|row| row.picture(dialect, passed));
        (topics.collect(), self.forgotten)
    }
}

/// The sentence on subscriptions that were not acknowledged in time.
fn unacknowledged(topics: &[Box<str>]) -> Option<String> {
    let (first, rest) = topics.split_first()?;
    let more = match rest.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "the subscription to {}{more} was not acknowledged in time: the broker drops an ack when its queue for us is full, and other dialects send none; it may be in force all the same",
        short(first)
    ))
}
