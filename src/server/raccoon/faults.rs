//! Troubles made on purpose, by type of event: for a client that must cope with them.

use std::time::Duration;

use super::message::Batch;

/// Which types of event are meant: a name, or a pattern with `*` for any characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTypes(String);

impl EventTypes {
    /// The types that match `pattern`, case mattering.
    #[must_use]
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    fn matches(&self, kind: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = kind.strip_prefix(parts.next().unwrap_or_default()) else {
            return false;
        };
        let parts: Vec<&str> = parts.collect();
        let Some((last, between)) = parts.split_last() else {
            return rest.is_empty(); // no `*` at all
        };
        for part in between {
            let Some(at) = rest.find(part) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }
}

/// What goes wrong, and for which events. A batch that has one such event is concerned as a whole,
/// but for failures and delays, which are each event's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Fail to be published, with that text; `%s` in it is the destination. Without a text, as an
    /// unknown destination fails with the sink in use. The first that matches counts.
    pub fail: Vec<(EventTypes, Option<String>)>,
    /// Take that long to be published; the first that matches counts.
    pub delay: Vec<(EventTypes, Duration)>,
    /// Are published but never acknowledged, in neither mode, over no transport.
    pub never_ack: Vec<EventTypes>,
    /// Are acknowledged twice; over WebSocket only, for elsewhere a second answer cannot be.
    pub ack_twice: Vec<EventTypes>,
    /// End the server as a crash would, once the events before are published: all connections end
    /// without a word and what was queued is lost. It serves on, as if it had been started again.
    pub die: Vec<EventTypes>,
}

/// How often a batch is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Acks {
    Never,
    #[default]
    Once,
    Twice,
}

impl Acks {
    /// As a number.
    pub(super) const fn count(self) -> usize {
        match self {
            Self::Never => 0,
            Self::Once => 1,
            Self::Twice => 2,
        }
    }
}

impl Faults {
    /// How often a batch is acknowledged.
    pub(super) fn acks(&self, batch: &Batch) -> Acks {
        if self.never_ack.is_empty() && self.ack_twice.is_empty() {
            return Acks::Once;
        }
        let has = |types: &[EventTypes]| {
            let mut events = batch.events.iter().flatten();
            events.any(|event| any(types, &event.kind))
        };
        if has(&self.never_ack) {
            Acks::Never
        } else if has(&self.ack_twice) {
            Acks::Twice
        } else {
            Acks::Once
        }
    }

    /// Whether publishing goes as if there were no faults.
    pub(super) fn spare_publishing(&self) -> bool {
        self.fail.is_empty() && self.delay.is_empty() && self.die.is_empty()
    }

    pub(super) fn delay(&self, kind: &str) -> Option<Duration> {
        first(&self.delay, kind).copied()
    }

    pub(super) fn failure(&self, kind: &str) -> Option<&Option<String>> {
        first(&self.fail, kind)
    }

    pub(super) fn is_deadly(&self, kind: &str) -> bool {
        any(&self.die, kind)
    }
}

fn first<'a, T>(list: &'a [(EventTypes, T)], kind: &str) -> Option<&'a T> {
    let found = list.iter().find(|(types, _)| types.matches(kind));
    found.map(|(_, value)| value)
}

fn any(list: &[EventTypes], kind: &str) -> bool {
    list.iter().any(|types| types.matches(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_match_by_name_or_pattern() {
        for (pattern, kind, matches) in [
            ("page", "page", true),
            ("page", "pages", false),
            ("page", "Page", false),
            ("*", "", true),
            ("page*", "page-view", true),
            ("*-view", "page-view", true),
            ("p*-*w", "page-view", true),
            ("p*x*w", "page-view", false),
            ("", "", true),
            ("", "a", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(
                EventTypes::new(pattern).matches(kind),
                matches,
                "{pattern} {kind}"
            );
        }
    }
}
