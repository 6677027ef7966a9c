//! How a session's course looks to a headless command: when is it over, and with which exit code.

use serde_json::{Map, Value};

use super::exit;
use crate::entry::{Entry, EntryKind};
use crate::session::State;

/// Follows the lifecycle entries of one session.
///
/// Without anybody at the keys, a first dial that fails, a first connection that is turned away and
/// opening steps that fail before the session was ever live end the run; only a connection that
/// once stood is dialed again by the profile's policy.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// Nothing registers by itself: a session that waits for that is in use.
    by_hand: bool,
    /// Connections that were opened.
    connections: u32,
    live: bool,
    /// It was live at least once.
    usable: bool,
    /// The newest refusal since the session was live.
    refusal: Option<String>,
}

/// The end of a session's course, with the sentence to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Could not connect, or lost for good.
    Lost(String),
    /// The server turned us away, or did not do what the opening steps expect.
    Refused(String),
}

impl End {
    /// The word in the summary line.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Lost(_) => "lost",
            Self::Refused(_) => "refused",
        }
    }

    /// The sentence to tell.
    pub(super) fn sentence(&self) -> &str {
        match self {
            Self::Lost(sentence) | Self::Refused(sentence) => sentence,
        }
    }

    /// The error with its exit code.
    pub(super) fn into_error(self) -> anyhow::Error {
        match self {
            Self::Lost(sentence) => exit::connection(sentence),
            Self::Refused(sentence) => exit::refused(sentence),
        }
    }
}

impl Course {
    /// The course of a session that is registered by what is sent, if `by_hand`.
    pub(super) fn registered(by_hand: bool) -> Self {
        Self {
            by_hand,
            ..Self::default()
        }
    }

    /// True while the session is in use.
    pub(super) fn is_live(&self) -> bool {
        self.live
    }

    /// Takes the session's next entry; tells if that is the end. Frames change nothing.
    pub(super) fn follow(&mut self, entry: &Entry<'_>) -> Option<End> {
        if entry.kind != EntryKind::Lifecycle {
            return None;
        }
        let facts: Map<String, Value> = serde_json::from_slice(entry.payload).unwrap_or_default();
        let told = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = told("state");
        let state = State::ALL.into_iter().find(|state| state.name() == name)?;
        let detail = told("detail");
        self.live = state == State::Live || self.by_hand && state == State::Registering;
        self.usable |= self.live;
        match state {
            State::Open => self.connections += 1,
            State::Live => {
                self.refusal = None;
            }
            State::Refused => {
                let sentence = format!("the server refused us: {detail}");
                if self.connections <= 1 {
                    return Some(End::Refused(sentence));
                }
                self.refusal = Some(sentence);
            }
            State::Closed if self.connections == 0 => return Some(End::Lost(detail.to_owned())),
            // A dial that failed has an error too, but nobody who ended it.
            State::Closed if !self.usable && facts.contains_key("by") => {
                let why = facts.get("error").and_then(Value::as_str)?;
                return Some(End::Refused(format!("the opening steps failed: {why}")));
            }
            State::Failed => {
                return Some(match self.refusal.take() {
                    Some(sentence) => End::Refused(sentence),
                    None => End::Lost(format!("the connection is lost for good: {detail}")),
                });
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Badge, Chunk, Draft};
    use crate::frame::{Direction, Wire};
    use crate::transport::clock;

    /// The end of a course written as `open live closed=why`.
    fn ends(course: &str) -> Option<End> {
        let mut chunk = Chunk::new(0, Vec::new());
        for word in course.split(' ') {
            let (state, detail) = word.split_once('=').unwrap_or((word, ""));
            assert!(
                State::ALL.iter().any(|known| known.name() == state),
                "{state}"
            );
            let mut facts = serde_json::json!({"state": state, "detail": detail});
            if let Some(error) = detail.strip_prefix('!') {
                facts["error"] = error.into();
                facts["by"] = "us".into();
            }
            let facts = facts.to_string();
            chunk.push(&Draft {
                at: clock::now(),
                kind: EntryKind::Lifecycle,
                direction: Direction::In,
                payload: facts.as_bytes(),
                wire: &Wire::default(),
                badge: Badge::State,
                label: state,
                outcome: None,
                latency: None,
                pair: None,
                asks: false,
                note: None,
                error: None,
            });
        }
        let mut course = Course::default();
        chunk.iter().find_map(|entry| course.follow(&entry))
    }

    #[test]
    fn by_case() {
        let lost = |sentence: &str| Some(End::Lost(sentence.to_owned()));
        let refused = |why: &str| Some(End::Refused(format!("the server refused us: {why}")));
        for (course, end) in [
            ("dialing closed=unknown-host waiting", lost("unknown-host")),
            (
                "dialing open live closed=bye waiting dialing open live",
                None,
            ),
            (
                "open live closed=bye waiting dialing closed=down waiting",
                None,
            ),
            ("open registering closed=gone waiting", None),
            ("open refused=duplicate closing", refused("duplicate")),
            ("open live refused=duplicate closing", refused("duplicate")),
            ("open live closed open refused=full closed", None),
            (
                "open live closed open refused=full failed=tried",
                refused("full"),
            ),
            (
                "open registering closed=!silence",
                Some(End::Refused("the opening steps failed: silence".to_owned())),
            ),
            ("open live closed open closed=!silence waiting", None),
            (
                "open live closed=reset failed=tried",
                lost("the connection is lost for good: tried"),
            ),
        ] {
            assert_eq!(ends(course), end, "{course}");
        }
    }

    #[test]
    fn a_session_registered_by_hand_is_in_use_before_it_is() {
        let mut chunk = Chunk::new(0, Vec::new());
        chunk.push(&Draft {
            at: clock::now(),
            kind: EntryKind::Lifecycle,
            direction: Direction::In,
            payload: br#"{"state":"registering"}"#,
            wire: &Wire::default(),
            badge: Badge::State,
            label: "registering",
            outcome: None,
            latency: None,
            pair: None,
            asks: false,
            note: None,
            error: None,
        });
        for by_hand in [false, true] {
            let mut course = Course::registered(by_hand);
            for entry in chunk.iter() {
                assert_eq!(course.follow(&entry), None);
            }
            assert_eq!(course.is_live(), by_hand);
        }
    }
}
