//! What the text of a failed publish (code 3) says of each event.
//!
//! The sinks join one entry per event by `, `, with `<nil>` for a success. An entry may hold a
//! comma itself, and the `log` sink lists only what failed, so positions are told only where the
//! number of entries is that of the events.

use std::fmt::Write as _;

/// What stands before the list.
const LIST: &str = "error when sending messages: ";
/// What stands for a successful event.
const PUBLISHED: &str = "<nil>";
/// What Go's formatter makes of the list when its first entry is a success.
const FIRST_PUBLISHED: &str = "%!s(PANIC=";
/// What the `log` sink says of an event it cannot read; brokers never do.
const UNREADABLE: &str = "cannot parse invalid wire-format data";
/// Events told one by one.
const TOLD: usize = 20;

const RESEND: &str = "sending the whole batch again publishes the good events twice";
const SYNC: &str = "the server acknowledges after publishing (EVENT_ACK=1)";

/// What became of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate<'a> {
    /// The sink took it.
    Published,
    /// The sink's words.
    Failed(&'a str),
}

/// What a reason says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure<'a> {
    /// The first event was published, others failed; which and why is lost.
    Hidden,
    /// One entry per event, in order, as far as commas can be told apart.
    Listed(Vec<Fate<'a>>),
    /// Only what failed, without positions.
    Unplaced(&'a str),
    /// gRPC tells no reason.
    Silent,
}

impl<'a> Failure<'a> {
    /// Reads a reason.
    pub(super) fn read(reason: &'a str) -> Self {
        if reason.is_empty() {
            return Self::Silent;
        }
        if reason.contains(FIRST_PUBLISHED) {
            return Self::Hidden;
        }
        let Some((_, list)) = reason.split_once(LIST) else {
            return Self::Unplaced(reason);
        };
        if list.contains(UNREADABLE) {
            return Self::Unplaced(list);
        }
        let fate = |entry| match entry {
            PUBLISHED => Fate::Published,
            words => Fate::Failed(words),
        };
        Self::Listed(list.split(", ").map(fate).collect())
    }

    /// What it means, for a batch whose events have these types, if they are known.
    pub(super) fn sentence(&self, types: Option<&[&str]>) -> String {
        match self {
            Self::Hidden => {
                let first = types.and_then(|types| types.first());
                let first = first.map(|name| format!(" ({name})")).unwrap_or_default();
                format!(
                    "partial failure: the first event{first} was published, and the PANIC text is Go's formatter hiding what became of the others; {RESEND}; {SYNC}"
                )
            }
            Self::Silent => format!(
                "publishing failed; over gRPC the server does not say why, over REST and WebSocket it does; {SYNC}"
            ),
            Self::Unplaced(words) => format!(
                "publishing failed: {words} (only what failed is listed, without positions); {SYNC}"
            ),
            Self::Listed(fates) => listed(fates, types),
        }
    }

    /// The fates with their places, if the places can be trusted for that many events.
    pub(super) fn fates(&self) -> &[Fate<'a>] {
        match self {
            Self::Listed(fates) => fates,
            _ => &[],
        }
    }
}

fn listed(fates: &[Fate<'_>], types: Option<&[&str]>) -> String {
    let published = fates.iter().filter(|fate| **fate == Fate::Published);
    let published = published.count();
    let placed = types.is_none_or(|types| types.len() == fates.len());
    let mut text = match (published, fates.len()) {
        (0, 1) => "publishing failed: ".to_owned(),
        (0, _) => "publishing failed for every event: ".to_owned(),
        (good, all) => format!("partial failure, {good} of {all} published: "),
    };
    for (index, fate) in fates.iter().enumerate().take(TOLD) {
        if index > 0 {
            text.push_str(", ");
        }
        if placed && fates.len() > 1 {
            let _ = write!(text, "events[{index}] ");
            if let Some(name) = types.and_then(|types| types.get(index)) {
                let _ = write!(text, "{name} ");
            }
        }
        match fate {
            Fate::Published => text.push_str("published"),
            Fate::Failed(words) => {
                let _ = write!(text, "failed: {words}");
            }
        }
    }
    if fates.len() > TOLD {
        let _ = write!(text, " … {} more", fates.len() - TOLD);
    }
    if let Some(types) = types.filter(|_| !placed) {
        let (entries, events) = (fates.len(), types.len());
        let _ = write!(
            text,
            " ({entries} entries for {events} events, so a text holds a comma and places are unsure)"
        );
    }
    if published > 0 {
        let _ = write!(text, "; <nil> in the reason stands for a success; {RESEND}");
    }
    let _ = write!(text, "; {SYNC}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(list: &str) -> String {
        format!("cannot publish events: error when sending messages: {list}")
    }

    #[test]
    fn reason_list_containing_nil_maps_entry_n_to_event_n() {
        let reason = reason("Local: Unknown topic clickstream-page-log, <nil>");
        let failure = Failure::read(&reason);
        let text = failure.sentence(Some(&["page", "click"]));
        for part in [
            "1 of 2 published",
            "events[0] page failed: Local: Unknown topic clickstream-page-log",
            "events[1] click published",
            "publishes the good events twice",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(failure.fates()[1], Fate::Published);
    }

    #[test]
    fn without_the_batch_places_are_told_without_types() {
        let reason = reason("a, <nil>, b");
        let text = Failure::read(&reason).sentence(None);
        assert!(text.contains("events[2] failed: b"), "{text}");
    }

    #[test]
    fn an_entry_with_a_comma_makes_places_unsure() {
        let reason = reason("topic \"a, b\" doesn't exist, <nil>");
        let text = Failure::read(&reason).sentence(Some(&["a", "b"]));
        assert!(text.contains("3 entries for 2 events"), "{text}");
        assert!(!text.contains("events["), "{text}");
    }

    #[test]
    fn reason_containing_panic_is_a_partial_failure_first_event_succeeded() {
        let text = "cannot publish events: %!s(PANIC=Error method: runtime error: invalid memory address or nil pointer dereference)";
        let failure = Failure::read(text);
        assert_eq!(failure, Failure::Hidden);
        let text = failure.sentence(Some(&["page", "click"]));
        assert!(text.contains("first event (page) was published"), "{text}");
    }

    #[test]
    fn the_log_sink_has_no_positions() {
        for blank in [" ", "\u{a0}"] {
            let reason = reason(&format!("proto:{blank}{UNREADABLE}"));
            let text = Failure::read(&reason).sentence(Some(&["broken"]));
            assert!(text.contains("without positions"), "{text}");
        }
    }

    #[test]
    fn grpc_tells_no_reason() {
        let text = Failure::read("").sentence(Some(&["page"]));
        assert!(text.contains("gRPC"), "{text}");
    }

    #[test]
    fn a_batch_of_thousands_is_cut() {
        let reason = reason(&vec!["<nil>"; 5_000].join(", "));
        let text = Failure::read(&reason).sentence(None);
        assert!(text.contains("4980 more") && text.len() < 2_000, "{text}");
    }
}
