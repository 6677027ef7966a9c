//! How close this connection may be to the broker's limit for slow readers.
//!
//! The broker keeps a queue for each client (16 messages by default, 32 in the sample servers) and
//! drops what does not fit; the third drop of a connection's life closes it with 1008. Nothing on
//! the wire tells of a drop: it can only be inferred.
//!
//! ```text
//!  we send ──► outstanding ──► it came back: settled
//!                  │
//!                  └─ one sent later came back, where order is kept, or
//!                     its time was over while others came back: presumed dropped
//! ```
//!
//! Generation 1 has no queue and no such rule.

mod burst;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::hash::BuildHasher as _;
use std::time::Duration;

use foldhash::fast::RandomState;

use self::burst::{Burst, Bursts};
use super::picture;
use crate::frame::Stamp;
use crate::protocol::Fact;

/// Messages the broker's queue holds for a client, unless it is told otherwise.
const QUEUE: u32 = 16;
/// Drops that close the connection.
const DROPS: u32 = 3;
/// What is owed and told apart; beyond, the oldest is taken for settled.
const OWED_MAX: usize = 4_096;
/// A pause shorter than this fills no queue to speak of.
const PAUSE_MIN: Duration = Duration::from_millis(200);
/// How long a pause or burst may have been the cause of an end.
const MEMORY: Duration = Duration::from_mins(1);
/// A reply that is missing this long, while later ones came, is presumed dropped.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a message of ours brings back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brings {
    /// The reply to a request: in any order, as handlers run side by side.
    Reply,
    /// The acknowledgement of a subscription: in order.
    Ack,
    /// The own publish itself: in order.
    Echo,
}

#[derive(Clone, Copy, Debug)]
struct Owed {
    id: u64,
    brings: Brings,
    at: Stamp,
}

/// A time in which nothing was read.
#[derive(Clone, Copy, Debug)]
struct Pause {
    span: Duration,
    ended: Stamp,
}

/// What is known of the broker's queue for us.
#[derive(Debug, Default)]
pub(super) struct Pressure {
    /// In the order it was sent.
    owed: VecDeque<Owed>,
    most: u32,
    drops: Drops,
    bursts: Bursts,
    pause: Option<Pause>,
    newest: Option<Stamp>,
    hasher: RandomState,
}

/// Presumed drops, by what is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Drops {
    replies: u32,
    acks: u32,
    echoes: u32,
}

impl Drops {
    fn all(self) -> u32 {
        self.replies
            .saturating_add(self.acks)
            .saturating_add(self.echoes)
    }
}

impl Pressure {
    /// Something that brings a message back was seen leaving, under this id.
    pub(super) fn asked(&mut self, brings: Brings, id: &str, now: Stamp) {
        let id = self.hasher.hash_one(id);
        self.owe(brings, id, now);
    }

    /// An own publish that must come back was seen leaving.
    pub(super) fn published(&mut self, now: Stamp) {
        self.owe(Brings::Echo, 0, now);
    }

    fn owe(&mut self, brings: Brings, id: u64, now: Stamp) {
        self.newest = Some(now);
        let is_old = |owed: &mut Owed| now.since(owed.at) > MEMORY;
        while self.owed.pop_front_if(is_old).is_some() {}
        if self.owed.len() == OWED_MAX {
            self.owed.pop_front();
        }
        let at = now;
        self.owed.push_back(Owed { id, brings, at });
        let outstanding = self.outstanding(now);
        self.most = self.most.max(outstanding);
        self.bursts.sent(now, outstanding);
    }

    /// An own publish came back, and `missed` sent before it did not.
    pub(super) fn echoed(&mut self, missed: u32, now: Stamp) {
        self.newest = Some(now);
        self.drops.echoes = self.drops.echoes.saturating_add(missed);
        for _ in 0..=missed {
            let is_echo = |owed: &Owed| owed.brings == Brings::Echo;
            let Some(place) = self.owed.iter().position(is_echo) else {
                return;
            };
            self.owed.remove(place);
        }
    }

    /// A reply or acknowledgement came.
    pub(super) fn answered(&mut self, id: &str, now: Stamp) {
        self.newest = Some(now);
        let id = self.hasher.hash_one(id);
        let is_it = |owed: &Owed| owed.id == id && owed.brings != Brings::Echo;
        let Some(place) = self.owed.iter().position(is_it) else {
            return;
        };
        let settled = self.owed.remove(place).map(|owed| owed.brings);
        if place > 0 {
            self.overtaken(place, settled == Some(Brings::Ack), now);
        }
    }

    /// The first `before` were sent before something that is back now.
    fn overtaken(&mut self, before: usize, by_ack: bool, now: Stamp) {
        let (mut replies, mut acks) = (0, 0);
        let mut place = 0;
        self.owed.retain(|owed| {
            place += 1;
            let overdue = now.since(owed.at) > PATIENCE;
            let missing = match owed.brings {
                _ if place > before => false,
                Brings::Ack => by_ack || overdue,
                Brings::Reply | Brings::Echo => overdue,
            };
            acks += u32::from(missing && owed.brings == Brings::Ack);
            replies += u32::from(missing && owed.brings == Brings::Reply);
            !missing
        });
        self.drops.acks = self.drops.acks.saturating_add(acks);
        // The handler of one request may be slow, or silent: a missing reply alone tells nothing.
        if self.most >= QUEUE {
            self.drops.replies = self.drops.replies.saturating_add(replies);
        }
    }

    /// Nothing was read for `span`, although there may have been something.
    pub(super) fn paused(&mut self, span: Duration, now: Stamp) {
        self.newest = Some(now);
        if span < PAUSE_MIN {
            return;
        }
        let recent = self
            .pause
            .filter(|pause| now.since(pause.ended) < MEMORY && pause.span > span);
        self.pause = Some(recent.unwrap_or(Pause { span, ended: now }));
    }

    /// What is owed and not given up yet.
    fn outstanding(&self, now: Stamp) -> u32 {
        let given_up = |owed: &Owed| now.since(owed.at) > PATIENCE;
        (self.owed.len() - self.owed.partition_point(given_up)) as u32
    }

    fn recent_pause(&self, now: Stamp) -> Option<Pause> {
        self.pause.filter(|pause| now.since(pause.ended) < MEMORY)
    }

    fn recent_burst(&self, now: Stamp) -> Option<Burst> {
        let burst = self.bursts.largest(now)?;
        (burst.outstanding >= QUEUE).then_some(burst)
    }

    /// What likely filled the broker's queue, with figures: for the explanation of a close with
    /// 1008. `None` if nothing of ours is known to have.
    pub(super) fn likely_cause(&self) -> Option<String> {
        let now = self.newest?;
        let burst = self.recent_burst(now).map(|burst| burst.sentence(now));
        let pause = self.recent_pause(now).map(|pause| {
            format!(
                "we read nothing for {}, until {} before the end",
                seconds(pause.span),
                seconds(now.since(pause.ended))
            )
        });
        let causes: Vec<String> = [burst, pause].into_iter().flatten().collect();
        if causes.is_empty() {
            return None;
        }
        let missing = match self.drops.all() {
            0 => String::new(),
            _ => format!("; {}", self.missing()),
        };
        Some(format!(
            "{}; the queue holds {QUEUE} (32 in the sample servers){missing}",
            causes.join("; and ")
        ))
    }

    fn missing(&self) -> String {
        let parts = [
            (self.drops.replies, "replies"),
            (self.drops.acks, "acks"),
            (self.drops.echoes, "own publishes"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        format!("missing: {}", parts.join(", "))
    }

    /// What fills the queue or has filled it; nothing while there is no reason to worry.
    fn hint(&self, now: Stamp) -> Option<String> {
        let dropped = self.drops.all();
        if dropped > 0 {
            return Some(format!(
                "{} although others sent later came back: the broker drops what does not fit its queue of {QUEUE}, and closes at the third drop of a connection's life; send less at once",
                self.missing()
            ));
        }
        if self.outstanding(now) >= QUEUE {
            return Some(format!(
                "{} messages are owed to us at once and the broker's queue holds {QUEUE}: what does not fit is dropped, and the third drop closes the connection",
                self.outstanding(now)
            ));
        }
        let pause = self.recent_pause(now)?;
        Some(format!(
            "we read nothing for {}: messages may have been dropped meanwhile",
            seconds(pause.span)
        ))
    }

    /// For the panels.
    pub(super) fn picture(&self, now: Stamp) -> picture::Pressure {
        picture::Pressure {
            outstanding: self.outstanding(now),
            most: self.most,
            dropped: self.drops.all(),
            hint: self.hint(now),
        }
    }

    /// What there is to say of the queue where it may matter.
    pub(super) fn facts(&self, now: Stamp) -> Vec<Fact> {
        if self.most == 0 && self.pause.is_none() {
            return Vec::new();
        }
        let outstanding = self.outstanding(now);
        let value = format!(
            "{outstanding} owed to us, {} at most; it holds {QUEUE} by default",
            self.most
        );
        let mut facts =
            vec![Fact::new("broker's queue", "outstanding", value).warning(outstanding >= QUEUE)];
        let dropped = self.drops.all();
        if dropped > 0 {
            let value = format!(
                "{dropped} presumed, {}; {DROPS} close the connection",
                self.missing()
            );
            facts.push(Fact::new("broker's queue", "drops", value).warning(true));
        }
        if let Some(pause) = self.recent_pause(now) {
            let value = format!("nothing was read for {}", seconds(pause.span));
            facts.push(Fact::new("broker's queue", "pause", value).at(pause.ended));
        }
        facts
    }
}

fn seconds(span: Duration) -> String {
    if span < Duration::from_secs(1) {
        format!("{} ms", span.as_millis())
    } else {
        format!("{:.1} s", span.as_secs_f64())
    }
}
