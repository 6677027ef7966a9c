//! Which filters were in force when: one period per register the server takes.
//!
//! ```text
//!  register ─► registered          register (no reply)          end of the connection
//!  ├─ since ── confirmed ─ events ─┼─ since ─ ≤ 256 events ? ─ settled ─ events ─┤
//!  └────────── Period ─────────────┴───────────────── Period ────────────────────┘ until
//! ```
//!
//! A conversation sees registers leave and tells [`Change`]s; the session keeps a [`History`] over
//! all its connections and hands its periods out with its pictures.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Filters;
use crate::frame::{Seq, Stamp};

/// Periods kept; the newest are.
pub const PERIODS_MAX: usize = 256;
/// Events the server may hold, chosen by the filters before, when it takes new ones.
pub const BUFFERED: u64 = 256;

/// The time in which one set of filters was believed in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// The register that set them.
    pub since: Seq,
    /// When it left.
    pub at: Stamp,
    /// What it asked for, as the server reads it.
    pub filters: Arc<Filters>,
    /// The `registered` that confirmed them; only the first register of a connection has one.
    pub confirmed: Option<Seq>,
    /// From here on events were surely chosen by these filters; `None` while that is not known.
    pub settled: Option<Seq>,
    /// The session's connection, from 1.
    pub connection: u32,
    /// The first entry they were no longer in force at: the next register, or the end of the
    /// connection. `None` for the filters in force now.
    pub until: Option<Seq>,
}

impl Period {
    /// True if the filters were believed in force when entry `seq` came.
    #[must_use]
    pub fn covers(&self, seq: Seq) -> bool {
        self.since <= seq && self.until.is_none_or(|until| seq < until)
    }

    /// True if an event at `seq` may have been chosen by the filters before: the register is not
    /// acknowledged, and too few events have come since.
    #[must_use]
    pub fn is_uncertain(&self, seq: Seq) -> bool {
        self.settled.is_none_or(|settled| seq < settled)
    }
}

/// The filters an event is to be read against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce<'a> {
    /// The period the event lies in.
    pub period: &'a Period,
    /// The period before, where the event may have been chosen by its filters as well.
    pub before: Option<&'a Period>,
}

/// The filters in force at entry `seq` of a session; `None` before a register, between connections
/// and for entries older than the periods kept. `periods` are in order, as a
/// [`Snapshot`](crate::session::Snapshot) has them.
#[must_use]
pub fn in_force(periods: &[Period], seq: Seq) -> Option<InForce<'_>> {
    let index = periods
        .partition_point(|period| period.since <= seq)
        .checked_sub(1)?;
    let period = &periods[index];
    if !period.covers(seq) {
        return None;
    }
    let before = index
        .checked_sub(1)
        .map(|index| &periods[index])
        .filter(|before| before.connection == period.connection && period.is_uncertain(seq));
    Some(InForce { period, before })
}

/// What a conversation tells of the filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A register the server takes has left.
    Asked {
        /// The frame.
        since: Seq,
        /// When.
        at: Stamp,
        /// What it asks for.
        filters: Arc<Filters>,
    },
    /// The server's `registered` came as that entry.
    Confirmed(Seq),
    /// From that entry on, events were surely chosen by the newest filters.
    Settled(Seq),
}

/// The newest periods of a session.
#[derive(Clone, Debug, Default)]
pub struct History {
    periods: VecDeque<Period>,
    /// The same, for handing out; made when asked for.
    shared: Option<Arc<[Period]>>,
}

impl History {
    /// Takes note of what the conversation on connection number `connection` told.
    pub fn take(&mut self, change: Change, connection: u32) {
        self.shared = None;
        match change {
            Change::Asked { since, at, filters } => {
                self.end(since);
                if self.periods.len() == PERIODS_MAX {
                    self.periods.pop_front();
                }
                self.periods.push_back(Period {
                    since,
                    at,
                    filters,
                    confirmed: None,
                    settled: None,
                    connection,
                    until: None,
                });
            }
            Change::Confirmed(seq) => {
                // It answers the first register of the connection, whatever was sent since.
                let first = self
                    .periods
                    .iter_mut()
                    .find(|period| period.connection == connection);
                if let Some(first) = first {
                    first.confirmed.get_or_insert(seq);
                    first.settled.get_or_insert(seq);
                }
            }
            Change::Settled(seq) => {
                if let Some(last) = self.open() {
                    last.settled.get_or_insert(seq);
                }
            }
        }
    }

    /// The filters in force end with entry `until`: the connection has ended.
    pub fn end(&mut self, until: Seq) {
        if let Some(last) = self.open() {
            last.until = Some(until);
            self.shared = None;
        }
    }

    fn open(&mut self) -> Option<&mut Period> {
        self.periods
            .back_mut()
            .filter(|period| period.until.is_none())
    }

    /// The periods, oldest first.
    pub fn shared(&mut self) -> Arc<[Period]> {
        let periods = &self.periods;
        Arc::clone(
            self.shared
                .get_or_insert_with(|| periods.iter().cloned().collect()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    fn asked(since: Seq, kind: &str) -> Change {
        Change::Asked {
            since,
            at: clock::now(),
            filters: Arc::new(Filters {
                types: vec![kind.to_owned()],
                ..Filters::default()
            }),
        }
    }

    fn kind_at(periods: &[Period], seq: Seq) -> Option<(&str, Option<&str>)> {
        let kind = |period: &'_ Period| period.since;
        let found = in_force(periods, seq)?;
        let name = |since: Seq| match since {
            4 => "a",
            20 => "b",
            _ => "c",
        };
        Some((
            name(kind(found.period)),
            found.before.map(|before| name(kind(before))),
        ))
    }

    #[test]
    fn an_event_is_read_against_the_filters_of_its_time() {
        let mut history = History::default();
        history.take(asked(4, "a"), 1);
        history.take(Change::Confirmed(6), 1);
        history.take(asked(20, "b"), 1);
        history.take(Change::Settled(300), 1);
        history.end(400);
        history.take(asked(410, "c"), 2);
        let periods = history.shared();
        for (seq, expected) in [
            (3, None),
            (4, Some(("a", None))),
            (19, Some(("a", None))),
            (20, Some(("b", Some("a")))),
            (299, Some(("b", Some("a")))),
            (300, Some(("b", None))),
            (400, None),
            (409, None),
            // Unconfirmed, and the filters of another connection say nothing.
            (410, Some(("c", None))),
        ] {
            assert_eq!(kind_at(&periods, seq), expected, "{seq}");
        }
        assert!(in_force(&periods, 412).unwrap().period.is_uncertain(412));
        assert_eq!(periods[0].confirmed, Some(6));
        assert_eq!(&*periods[1].filters.types, ["b".to_owned()]);
    }

    #[test]
    fn the_confirmation_is_of_the_first_register() {
        let mut history = History::default();
        history.take(asked(4, "a"), 1);
        history.take(asked(5, "b"), 1);
        history.take(Change::Confirmed(6), 1);
        let periods = history.shared();
        let confirmed: Vec<_> = periods.iter().map(|period| period.confirmed).collect();
        assert_eq!(confirmed, [Some(6), None]);
        assert_eq!(periods[0].until, Some(5));
    }

    #[test]
    fn the_newest_periods_are_kept() {
        let mut history = History::default();
        for seq in 0..1_000 {
            history.take(asked(seq, "a"), 1);
        }
        let periods = history.shared();
        assert_eq!((periods.len(), periods[0].since), (PERIODS_MAX, 744));
        assert!(Arc::ptr_eq(&periods, &history.shared()));
        assert_eq!(in_force(&periods, 3), None);
    }
}
