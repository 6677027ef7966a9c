//! Own asks, remembered for what there is to say about late and repeated replies.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::time::Duration;

use super::envelope::{Envelope, Kind};
use crate::frame::Stamp;

/// Asks remembered at most; the oldest is forgotten.
const KEPT_MAX: usize = 4_096;

/// The newest asks of a connection, by hash of their id.
#[derive(Default)]
pub(super) struct Asks {
    asked: HashMap<u64, Ask, foldhash::fast::RandomState>,
    order: VecDeque<u64>,
}

#[derive(Debug)]
struct Ask {
    at: Stamp,
    within: Duration,
    /// Asks under this id, and replies to them.
    asks: u32,
    replies: u32,
}

impl Asks {
    /// An ask was seen leaving.
    pub(super) fn asked(&mut self, id: &str, at: Stamp, within: Duration) {
        let key = self.asked.hasher().hash_one(id);
        if let Some(ask) = self.asked.get_mut(&key) {
            ask.asks = ask.asks.saturating_add(1);
            return;
        }
        if self.order.len() == KEPT_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.asked.remove(&oldest);
        }
        let ask = Ask {
            at,
            within,
            asks: 1,
            replies: 0,
        };
        self.asked.insert(key, ask);
        self.order.push_back(key);
    }

    /// A reply came: what there is to say about its being late, one more, or to nothing that can be
    /// told. What is usual in generation 1 is said elsewhere.
    pub(super) fn replied(&mut self, envelope: &Envelope<'_>, at: Stamp) -> Option<&'static str> {
        let first = envelope.is_first_generation();
        let Some(id) = envelope.id.as_deref() else {
            return (!first).then_some(if envelope.kind == Kind::Ack {
                "no id: acknowledges a subscription that was asked for without one"
            } else {
                "no id: answers a request that had none, which cannot be told"
            });
        };
        let key = self.asked.hasher().hash_one(id);
        let ask = self.asked.get_mut(&key)?;
        ask.replies = ask.replies.saturating_add(1);
        if ask.replies > ask.asks {
            return (!first).then_some(
                "one more reply to the same request: the broker gives one to each, so this comes from something in between",
            );
        }
        let call = envelope.kind != Kind::Ack;
        let late = call && ask.asks == 1 && at.since(ask.at) > ask.within;
        late.then_some(
            "nothing tells the other side that a caller has given up: the call was carried out all the same",
        )
    }

    /// The connection has ended.
    pub(super) fn ended(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Direction;
    use crate::transport::clock;

    const LIMIT: Duration = Duration::from_secs(10);

    fn replied(asks: &mut Asks, id: &str, at: Stamp) -> &'static str {
        let text = format!(r#"{{"id":"{id}","type":"response"}}"#);
        let envelope = Envelope::read(text.as_bytes(), Direction::In);
        asks.replied(&envelope, at).unwrap_or_default()
    }

    #[test]
    fn remarks_by_case() {
        let (mut asks, now) = (Asks::default(), clock::now());
        asks.asked("a", now, LIMIT);
        asks.asked("b", now, LIMIT);
        assert_eq!(replied(&mut asks, "a", now.after(LIMIT)), "");
        assert!(replied(&mut asks, "a", now).contains("in between"));
        let first = br#"{"header":{"type":"response","correlationID":"a"}}"#;
        let first = Envelope::read(first, Direction::In);
        assert_eq!(asks.replied(&first, now), None, "usual in generation 1");
        assert!(replied(&mut asks, "b", now.after(LIMIT * 2)).contains("carried out"));
        assert_eq!(replied(&mut asks, "c", now), "");
        assert!(replied(&mut asks, "", now).contains("no id"));
        asks.ended();
        assert_eq!(replied(&mut asks, "a", now), "");
    }

    #[test]
    fn two_asks_under_one_id_have_two_replies() {
        let (mut asks, now) = (Asks::default(), clock::now());
        asks.asked("a", now, LIMIT);
        asks.asked("a", now, LIMIT);
        for said in ["", "", "more"] {
            assert!(replied(&mut asks, "a", now).contains(said));
        }
    }

    #[test]
    fn memory_is_bounded() {
        let (mut asks, now) = (Asks::default(), clock::now());
        for n in 0..3 * KEPT_MAX {
            asks.asked(&n.to_string(), now, LIMIT);
        }
        assert_eq!((asks.asked.len(), asks.order.len()), (KEPT_MAX, KEPT_MAX));
    }
}
