//! A connection turned away after the upgrade: what it means, and how long to stay away.
//!
//! ```text
//!  101 ─► binary reply, code 4 or 5 ─► close 1008 + reason ─► TCP ends
//!                                      (missing if the id has more than 101 bytes)
//! ```

use std::time::Duration;

use super::ack::Ack;
use super::names;
use crate::frame::Opening;
use crate::protocol::pongs;

/// First wait after a duplicate id, and the longest step while a stale entry is waited out.
const DUPLICATE: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_secs(15);
/// First wait after a full table; doubled with every attempt.
const FULL: Duration = Duration::from_secs(30);
const FULL_MOST: Duration = Duration::from_mins(5);
/// A longer id does not fit the close frame, which is then left out.
pub(super) const ID_MAX: usize = 101;

/// What to do about a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// A sentence a person can act on.
    pub(super) advice: String,
    /// The least time before dialing again.
    pub(super) retry_after: Duration,
}

/// What is known of the connection that was turned away.
#[derive(Clone, Debug, Default)]
pub(super) struct Circumstances {
    /// Number of the attempt, from 1.
    attempt: u32,
    since_cut: Option<Duration>,
    pong_wait: Duration,
}

impl Circumstances {
    pub(super) fn new(opening: &Opening, pong_wait: Duration) -> Self {
        Self {
            attempt: opening.attempt,
            since_cut: opening.since_cut,
            pong_wait,
        }
    }

    /// Judges a refusal.
    pub(super) fn judge(&self, ack: &Ack<'_>) -> Refusal {
        if ack.code == names::MAX_CONNECTIONS {
            let doublings = self.attempt.saturating_sub(1).min(8);
            return Refusal {
                advice: "the server's connection table is full: wait for others to leave, or raise SERVER_WEBSOCKET_MAX_CONN".to_owned(),
                retry_after: (FULL * 2_u32.pow(doublings)).min(FULL_MOST),
            };
        }
        let stale = self.since_cut.filter(|cut| *cut < self.pong_wait);
        let Some(cut) = stale else {
            let wait = pongs::words(self.pong_wait);
            return Refusal {
                advice: format!(
                    "this id (and group) is already connected, and the newcomer is the one turned away; a stale entry clears within {wait}, otherwise use another id"
                ),
                retry_after: DUPLICATE,
            };
        };
        let left = self.pong_wait.saturating_sub(cut);
        let (ago, left) = (cut.as_secs(), left.max(Duration::from_secs(1)));
        Refusal {
            advice: format!(
                "our own connection was cut {ago} s ago and its entry is still there: the server drops it when its read deadline passes, in {} s at most; no other id is needed",
                left.as_secs()
            ),
            retry_after: left.clamp(DUPLICATE.min(left), STEP),
        }
    }
}

/// The id the server repeats in its reason, if it is a duplicate's: `duplicated connection:
/// [GROUP] ID,`.
pub(super) fn refused_id(reason: &str) -> Option<(&str, &str)> {
    let rest = reason.strip_prefix("duplicated connection: [")?;
    let (group, id) = rest.split_once("] ")?;
    Some((group, id.strip_suffix(',').unwrap_or(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_mins(1);

    fn refused(code: i64, attempt: u32, since_cut: Option<Duration>) -> Refusal {
        let opening = Opening {
            attempt,
            since_cut,
            ..Opening::default()
        };
        let ack = Ack {
            code,
            ..Ack::default()
        };
        Circumstances::new(&opening, WAIT).judge(&ack)
    }

    #[test]
    fn code_4_is_backed_off_from_harder_each_time() {
        let waits = [1, 2, 3, 9].map(|attempt| refused(4, attempt, None).retry_after.as_secs());
        assert_eq!(waits, [30, 60, 120, 300]);
    }

    #[test]
    fn code_5_with_nothing_before_is_somebody_else_or_stale() {
        let refusal = refused(5, 1, None);
        assert_eq!(refusal.retry_after, DUPLICATE);
        assert!(refusal.advice.contains("use another id"), "{refusal:?}");
    }

    #[test]
    fn code_5_right_after_a_dropped_link_is_a_stale_entry() {
        let cut = |seconds| refused(5, 1, Some(Duration::from_secs(seconds)));
        let early = cut(2);
        assert!(early.advice.contains("cut 2 s ago"), "{early:?}");
        assert!(early.advice.contains("in 58 s at most"), "{early:?}");
        assert_eq!(early.retry_after, STEP);
        assert_eq!(cut(50).retry_after, Duration::from_secs(10));
        assert_eq!(cut(58).retry_after, Duration::from_secs(2));
        assert!(cut(61).advice.contains("use another id"));
    }

    #[test]
    fn the_reason_names_group_and_id() {
        let reason = "duplicated connection: [--default--] user-1,";
        assert_eq!(refused_id(reason), Some(("--default--", "user-1")));
        let empty = "duplicated connection: [--default--] ,";
        assert_eq!(refused_id(empty), Some(("--default--", "")));
        assert_eq!(refused_id("max connection reached"), None);
    }
}
