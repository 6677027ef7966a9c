//! One topic: its subscription, and what came and went on it.

use std::time::Duration;

use super::preview;
use super::rate::Rate;
use crate::frame::{Frame, Seq, Stamp};
use crate::protocol::websocketmq::dialect::Dialect;
use crate::protocol::websocketmq::echoes::Echoes;
use crate::protocol::websocketmq::picture::{Subscription, Topic};

/// Messages this soon after the end of a subscription were under way.
const UNDER_WAY: Duration = Duration::from_secs(2);

/// The newest change of a subscription that was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    /// Hash of its id; `None` if it had none.
    pub(super) id: Option<u64>,
    pub(super) on: bool,
    pub(super) at: Stamp,
    /// When it counts as unacknowledged; `None` once that is settled.
    pub(super) due: Option<Stamp>,
    /// True once the broker answered it.
    pub(super) answered: bool,
}

/// What was remarked already, so that nothing is remarked for every message.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    pushed: bool,
    early: bool,
    late: bool,
}

/// A topic.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) name: Box<str>,
    /// True if the topic's name is longer than what is kept of it.
    pub(super) cut: bool,
    pub(super) subscription: Subscription,
    pub(super) ask: Option<Ask>,
    /// What was last wanted by hand: `false` after an unsubscription.
    pub(super) wish: Option<bool>,
    /// Subscriptions in force, where each delivers again.
    pub(super) copies: u32,
    pub(super) latency: Option<Duration>,
    pub(super) received: u64,
    pub(super) echoes: u64,
    pub(super) echo: Option<Duration>,
    pub(super) sent: u64,
    pub(super) rate: Rate,
    size: usize,
    /// The newest message received, its first bytes.
    last: Vec<u8>,
    at: Option<Stamp>,
    seq: Option<Seq>,
    /// When it was last asked about, sent to or received on.
    pub(super) touched: Option<Stamp>,
    pub(super) awaited: Echoes,
    told: Told,
    /// Why nothing may come on it.
    pub(super) advice: Option<String>,
}

impl Row {
    pub(super) fn new(name: Box<str>, cut: bool) -> Self {
        Self {
            name,
            cut,
            ..Self::default()
        }
    }

    /// True if forgetting it would forget what somebody wants.
    pub(super) fn is_needed(&self) -> bool {
        self.wish == Some(true)
            || !matches!(
                self.subscription,
                Subscription::None | Subscription::Ended | Subscription::Refused
            )
    }

    /// Keeps what a panel shows of a message that came. No allocation once the row has seen a
    /// message of that size.
    #[inline]
    pub(super) fn keep(&mut self, frame: &Frame<'_>, passed: Duration) {
        self.received += 1;
        self.rate.count(passed);
        self.size = frame.payload.len();
        self.last.clear();
        self.last
            .extend_from_slice(&frame.payload[..self.size.min(preview::KEPT)]);
        self.at = Some(frame.at);
        self.touched = Some(frame.at);
        self.seq = Some(frame.seq);
    }

    /// What there is to remark about a message that came, besides that it is an echo. Each remark
    /// is made once.
    pub(super) fn remark(&mut self, dialect: Dialect, now: Stamp) -> Option<&'static str> {
        let first = |told: &mut bool| !std::mem::replace(told, true);
        match self.subscription {
            Subscription::Asked if first(&mut self.told.early) => Some(
                "came before its subscription was acknowledged: the broker may deliver in this order",
            ),
            Subscription::Unacknowledged if first(&mut self.told.early) => {
                Some("its subscription was never acknowledged, and is in force all the same")
            }
            Subscription::Ended if self.ended_within(UNDER_WAY, now) => first(&mut self.told.late)
                .then_some(
                    "came after the end of its subscription was acknowledged: it was under way",
                ),
            Subscription::None
            | Subscription::Refused
            | Subscription::Ended
            | Subscription::Owed
                if dialect.subscribes() && first(&mut self.told.pushed) =>
            {
                Some(
                    "pushed by the server without a subscription of ours: server code can push on any topic",
                )
            }
            _ => None,
        }
    }

    fn ended_within(&self, span: Duration, now: Stamp) -> bool {
        let ended = self.ask.filter(|ask| !ask.on && ask.answered);
        ended.is_some_and(|ask| now.since(ask.at) < span)
    }

    /// A change of the subscription was sent.
    pub(super) fn asks(&mut self, ask: Ask) {
        self.wish = Some(ask.on);
        self.touched = Some(ask.at);
        self.latency = None;
        self.ask = Some(ask);
        self.told = Told::default();
    }

    /// A change in a dialect that acknowledges nothing.
    pub(super) fn assume(&mut self, on: bool) -> Option<String> {
        if on {
            self.copies += 1;
            self.subscription = Subscription::Assumed;
            return (self.copies > 1).then(|| {
                format!(
                    "subscribed {} times on this connection: in generation 1.1 every subscription delivers each message again",
                    self.copies
                )
            });
        }
        Some(
            "generation 1.1 ignores this: messages keep coming until the connection ends"
                .to_owned(),
        )
    }

    /// The connection has ended, and every subscription with it.
    pub(super) fn ended(&mut self) {
        self.copies = 0;
        self.ask = None;
        self.told = Told::default();
        self.awaited.clear();
        self.subscription = match (self.subscription, self.wish) {
            (state @ (Subscription::None | Subscription::Local | Subscription::Ended), _) => state,
            (_, Some(true)) => Subscription::Owed,
            _ => Subscription::Ended,
        };
    }

    /// A sentence on the topic as it stands.
    fn hint(&self, dialect: Dialect) -> Option<String> {
        if let Some(advice) = &self.advice
            && self.received == 0
        {
            return Some(advice.clone());
        }
        let text = match self.subscription {
            _ if self.copies > 1 => {
                return Some(format!(
                    "subscribed {} times on this connection: every message comes as often",
                    self.copies
                ));
            }
            Subscription::Unacknowledged => {
                "not acknowledged in time; it may be in force all the same"
            }
            Subscription::Local => {
                "this dialect has no subscriptions on the wire: the server alone decides what it pushes"
            }
            Subscription::None if self.received > 0 && dialect.subscribes() => {
                "pushed by the server without a subscription of ours"
            }
            Subscription::None | Subscription::Ended if self.sent > 0 && self.received == 0 => {
                match dialect {
                    Dialect::G2_0 => "this dialect ignores what clients publish",
                    Dialect::G1_2 | Dialect::G1_3 => {
                        "an event of a client reaches handlers of the server alone, never other clients"
                    }
                    _ => {
                        "sent to, not subscribed here: without any subscriber the broker drops it in silence"
                    }
                }
            }
            Subscription::Held | Subscription::Assumed if self.received == 0 => {
                "nothing came yet: topics match exactly, and one that nobody publishes on looks the same"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }

    /// The row as it is shown.
    pub(super) fn picture(&self, dialect: Dialect, passed: Duration) -> Topic {
        let (last, cut) = preview::of(&self.last, self.size > self.last.len());
        Topic {
            name: self.name.to_string(),
            subscription: self.subscription,
            latency: self.latency,
            received: self.received,
            echoes: self.echoes,
            echo: self.echo,
            sent: self.sent,
            rate: self.rate.at(passed),
            size: self.size,
            last,
            cut,
            at: self.at,
            seq: self.seq,
            hint: self.hint(dialect),
        }
    }
}
