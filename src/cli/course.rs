//! How a session's course looks to a headless command: when is it over, and with which exit code.

use serde_json::{Map, Value};

use super::exit;
use crate::entry::{Entry, EntryKind};
use crate::session::State;

/// Follows the lifecycle entries of one session.
///
/// Without anybody at the keys, a first dial that fails and a first connection that is turned away
/// end the run; only a connection that once stood is dialed again by the profile's policy.
#[derive(Debug, Default)]
pub(super) struct Course {
    opened: bool,
    ever_live: bool,
    /// The newest refusal since the session was live.
    refusal: Option<String>,
}

/// The end of a session's course, with the sentence to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Could not connect, or lost for good.
    Lost(String),
    /// The server turned us away.
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
        self.ever_live |= state == State::Live;
        match state {
            State::Open => self.opened = true,
            State::Live => {
                self.opened = true;
                self.refusal = None;
            }
            State::Refused => {
                let sentence = format!("the server refused us: {detail}");
                if !self.ever_live {
                    return Some(End::Refused(sentence));
                }
                self.refusal = Some(sentence);
            }
            State::Closed if !self.opened => return Some(End::Lost(detail.to_owned())),
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

    fn ends(states: &[(State, &str)]) -> Option<End> {
        let mut chunk = Chunk::new(0, Vec::new());
        for (state, detail) in states {
            let facts = serde_json::json!({"state": state.name(), "detail": detail}).to_string();
            chunk.push(&Draft {
                at: clock::now(),
                kind: EntryKind::Lifecycle,
                direction: Direction::In,
                payload: facts.as_bytes(),
                wire: &Wire::default(),
                badge: Badge::State,
                label: state.name(),
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

    fn lost(sentence: &str) -> Option<End> {
        Some(End::Lost(sentence.to_owned()))
    }

    fn refused(sentence: &str) -> Option<End> {
        Some(End::Refused(sentence.to_owned()))
    }

    #[test]
    fn by_case() {
        use State::{Closed, Closing, Dialing, Failed, Live, Open, Refused, Registering, Waiting};
        for (states, end) in [
            (
                &[(Dialing, ""), (Closed, "no such host"), (Waiting, "")][..],
                lost("no such host"),
            ),
            (
                &[
                    (Open, ""),
                    (Live, ""),
                    (Closed, "bye"),
                    (Waiting, ""),
                    (Dialing, ""),
                ],
                None,
            ),
            (
                &[
                    (Open, ""),
                    (Live, ""),
                    (Closed, "bye"),
                    (Dialing, ""),
                    (Closed, ""),
                ],
                None,
            ),
            (
                &[
                    (Open, ""),
                    (Registering, ""),
                    (Closed, "gone"),
                    (Waiting, ""),
                ],
                None,
            ),
            (
                &[(Open, ""), (Refused, "duplicate id"), (Closing, "")],
                refused("the server refused us: duplicate id"),
            ),
            (
                &[
                    (Live, ""),
                    (Closed, ""),
                    (Open, ""),
                    (Refused, "full"),
                    (Closed, ""),
                ],
                None,
            ),
            (
                &[
                    (Live, ""),
                    (Closed, ""),
                    (Open, ""),
                    (Refused, "full"),
                    (Failed, "3 attempts"),
                ],
                refused("the server refused us: full"),
            ),
            (
                &[
                    (Live, ""),
                    (Closed, "reset"),
                    (Failed, "given up after 3 attempts"),
                ],
                lost("the connection is lost for good: given up after 3 attempts"),
            ),
        ] {
            assert_eq!(ends(states), end, "{states:?}");
        }
    }
}
