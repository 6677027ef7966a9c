//! What has been found out about a connection, for the panel of the session.

use std::fmt::Write as _;

use super::conversation::Conversation;
use super::picture::{CallState, Subscription};
use crate::frame::Stamp;
use crate::protocol::Fact;

/// Topics named at most.
const NAMED: usize = 8;

impl Conversation {
    /// Dialect, identity, clocks, pings, subscriptions, what is held.
    pub(super) fn facts(&self, now: Stamp) -> Vec<Fact> {
        let mut facts = vec![self.dialect_fact()];
        if let Some(what) = &self.foreign.found {
            facts.push(Fact::new("dialect", "another system", what.clone()).warning(true));
        }
        facts.extend(self.registration.facts());
        let known = self.detection.known();
        let generation = known.map(|(dialect, _)| dialect.generation());
        facts.extend(self.heartbeat.facts(generation, now));
        facts.push(self.subscriptions(now));
        let (calls, holding) = self.calls.picture();
        let held = calls
            .iter()
            .filter(|call| call.state == CallState::Held)
            .count();
        if holding || held > 0 {
            let text = match held {
                0 => "calls that no responder answers; none now".to_owned(),
                held => format!("{held} of the broker's calls wait for an answer by hand"),
            };
            facts.push(Fact::new("calls", "held", text).warning(held > 0));
        }
        facts
    }

    fn dialect_fact(&self) -> Fact {
        match self.detection.known() {
            Some((dialect, why)) => Fact::new(
                "dialect",
                "spoken",
                format!(
                    "generation {}: {why}{}",
                    dialect.name(),
                    if self.detection.is_sure() {
                        ""
                    } else {
                        " (a hint, no message has confirmed it)"
                    }
                ),
            ),
            None => Fact::new(
                "dialect",
                "spoken",
                "generation 2, as nothing has told yet; probe it to find out",
            ),
        }
    }

    fn subscriptions(&self, now: Stamp) -> Fact {
        let (topics, _) = self.topics.picture(now);
        let mut named = Vec::new();
        let mut more = 0_usize;
        for topic in topics.iter() {
            let state = match topic.subscription {
                Subscription::Held => "",
                Subscription::Assumed => " (not acknowledged in this dialect)",
                Subscription::Local => " (noted here alone)",
                Subscription::Asked => " (asked for)",
                Subscription::Unacknowledged => " (never acknowledged)",
                Subscription::Owed => " (to be asked for again)",
                _ => continue,
            };
            if named.len() < NAMED {
                named.push(format!("{}{state}", topic.name));
            } else {
                more += 1;
            }
        }
        let mut text = match named.as_slice() {
            [] => "none".to_owned(),
            named => named.join(", "),
        };
        if more > 0 {
            let _ = write!(text, " and {more} more");
        }
        Fact::new("topics", "subscribed", text)
    }
}
