//! What has been found out about the connection, fact by fact.

use super::Conversation;
use crate::frame::Stamp;
use crate::protocol::Fact;
use crate::protocol::raccoon::identity;

impl Conversation {
    pub(super) fn facts(&self, now: Stamp) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let Some(what) = &self.foreign.found {
            facts.push(Fact::new("endpoint", "not Raccoon", what.as_str()).warning(true));
        }
        self.acks(&mut facts);
        if self.traces.opened.is_some() {
            self.heartbeat.facts(now, &mut facts);
        }
        if let Some((window, skewed)) = self.clocks.window() {
            facts.push(Fact::new("clock", "server's clock", window).warning(skewed));
        }
        if let Some(lag) = self.clocks.lag() {
            facts.push(Fact::new("clock", "batches' sent_time", lag));
        }
        identity::facts(&self.settings, &mut facts);
        facts
    }

    fn acks(&self, facts: &mut Vec<Fact>) {
        let verdict = self.evidence.verdict();
        let reason = if verdict.mode.is_some() {
            "because"
        } else {
            "what would tell"
        };
        let contradicted = self.evidence.is_told_async() && self.evidence.is_proven_sync();
        facts.push(Fact::new("acks", "ack mode", verdict.title()).warning(contradicted));
        facts.push(Fact::new("acks", reason, verdict.evidence));
        let (dedup, why) = self.dedup.verdict();
        facts.push(Fact::new("acks", "dedup", format!("{dedup}: {why}")));
        let counts = &self.counts;
        for (count, name, meaning, warning) in [
            (
                self.evidence.reordered,
                "out of order",
                "normal in SYNC with several workers",
                self.evidence.is_told_async(),
            ),
            (
                self.evidence.overtaken,
                "overtaken by code 2",
                "normal in SYNC",
                false,
            ),
            (
                counts.doubles,
                "double acks",
                "more replies than batches under one guid",
                true,
            ),
            (
                counts.strangers,
                "unknown guids",
                "replies to batches never sent here",
                true,
            ),
            (
                counts.partial,
                "mixed failures",
                "failed batches of several events; good ones may have been published",
                true,
            ),
            (
                counts.mismatched,
                "wrong opcodes",
                "replies with another opcode than their batch's",
                true,
            ),
        ] {
            if count > 0 {
                let text = format!("{count} ({meaning})");
                facts.push(Fact::new("acks", name, text).warning(warning));
            }
        }
        let waiting = self.evidence.waiting();
        if waiting > 0 {
            facts.push(Fact::new("acks", "waiting", waiting.to_string()));
        }
    }
}
