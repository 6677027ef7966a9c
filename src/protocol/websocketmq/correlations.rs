//! Generation 1: what a reply is about. On the wire its topic is the correlation id again, so the
//! topic of its request is remembered here.

use std::collections::{HashMap, VecDeque};

use crate::frame::Direction;

/// Requests remembered each way; beyond, the oldest is forgotten, and its reply has no topic.
const KEPT: usize = 4_096;
/// Longest id and topic kept, bytes each.
const TEXT_MAX: usize = 512;

/// A request a reply belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// Its topic.
    pub(super) topic: Box<str>,
    /// Replies it has had, the newest included.
    pub(super) replies: u32,
}

/// The newest requests of one direction.
#[derive(Debug, Default)]
struct Memory {
    by_id: HashMap<Box<str>, Asked>,
    order: VecDeque<Box<str>>,
}

/// The newest requests of a connection, each way.
#[derive(Debug, Default)]
pub(super) struct Correlations {
    ours: Memory,
    theirs: Memory,
}

impl Correlations {
    /// A request with this correlation id went `direction`.
    pub(super) fn asked(&mut self, direction: Direction, id: &str, topic: &str) {
        if id.len() > TEXT_MAX || topic.len() > TEXT_MAX {
            return;
        }
        let memory = self.memory(direction);
        let asked = Asked {
            topic: topic.into(),
            replies: 0,
        };
        if memory.by_id.insert(id.into(), asked).is_none() {
            memory.order.push_back(id.into());
        }
        if memory.order.len() > KEPT
            && let Some(oldest) = memory.order.pop_front()
        {
            memory.by_id.remove(&oldest);
        }
    }

    /// A reply with this correlation id went `direction`: the request it belongs to.
    pub(super) fn replied(&mut self, direction: Direction, id: &str) -> Option<Asked> {
        let asked = self.memory(opposite(direction)).by_id.get_mut(id)?;
        asked.replies = asked.replies.saturating_add(1);
        Some(asked.clone())
    }

    /// True if something going `direction` under this id would be a reply.
    pub(super) fn awaits(&mut self, direction: Direction, id: &str) -> bool {
        let memory = self.memory(opposite(direction));
        !memory.by_id.is_empty() && memory.by_id.contains_key(id)
    }

    /// The topic of the request something going `direction` under this id would answer.
    pub(super) fn topic(&mut self, direction: Direction, id: &str) -> Option<String> {
        let asked = self.memory(opposite(direction)).by_id.get(id)?;
        Some(asked.topic.to_string())
    }

    fn memory(&mut self, direction: Direction) -> &mut Memory {
        match direction {
            Direction::Out => &mut self.ours,
            Direction::In => &mut self.theirs,
        }
    }
}

const fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::In => Direction::Out,
        Direction::Out => Direction::In,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_counted_and_directions_kept_apart() {
        let mut known = Correlations::default();
        known.asked(Direction::Out, "c", "server.ping");
        assert_eq!(known.replied(Direction::Out, "c"), None);
        for replies in 1..=2 {
            let asked = known.replied(Direction::In, "c").unwrap();
            assert_eq!((&*asked.topic, asked.replies), ("server.ping", replies));
        }
        assert!(known.awaits(Direction::In, "c") && !known.awaits(Direction::Out, "c"));
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let mut known = Correlations::default();
        for number in 0..=KEPT {
            known.asked(Direction::In, &number.to_string(), "t");
        }
        assert!(!known.awaits(Direction::Out, "0"));
        assert!(known.awaits(Direction::Out, "1"));
    }
}
