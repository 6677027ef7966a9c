//! When filters that nobody confirmed have surely taken effect.
//!
//! The server takes an update silently, about half a round trip after it left. Events it had
//! already chosen, at most [`BUFFERED`], still come. They have all come once that many were counted
//! behind the round trip, or once nothing came for as long as a round trip takes.

use std::time::Duration;

use super::history::BUFFERED;
use crate::frame::Stamp;

/// Presumed where no ping of ours was answered yet.
const TRIP: Duration = Duration::from_secs(1);
/// What a wake of the reader may be late by.
const TRIP_MIN: Duration = Duration::from_millis(50);

/// An update on its way into effect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settling {
    /// The newest event, or the update itself.
    last: Stamp,
    /// When the server has it.
    arrived: Stamp,
    trip: Duration,
    /// Events since the server has it.
    events: u64,
}

impl Settling {
    /// An update left at `at`; `trip` is the round trip, if one was measured.
    pub(super) fn new(at: Stamp, trip: Option<Duration>) -> Self {
        let trip = trip.unwrap_or(TRIP).max(TRIP_MIN);
        Self {
            last: at,
            arrived: at.after(trip),
            trip,
            events: 0,
        }
    }

    /// An event came; true if it and all later ones were surely chosen by the new filters.
    pub(super) fn is_over(&mut self, at: Stamp) -> bool {
        let pause = at.since(self.last);
        self.last = at;
        if at.mono < self.arrived.mono {
            return false;
        }
        self.events += 1;
        self.events > BUFFERED || pause >= self.trip
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn as_many_events_as_the_server_holds_behind_a_round_trip() {
        let start = clock::now();
        let mut settling = Settling::new(start, Some(MS * 100));
        let over = (1..2_000).find(|ms| settling.is_over(start.after(MS * *ms)));
        assert_eq!(over, Some(100 + 256));
    }

    #[test]
    fn a_pause_as_long_as_a_round_trip() {
        let start = clock::now();
        let mut settling = Settling::new(start, Some(MS * 100));
        assert!(!settling.is_over(start.after(MS * 90)));
        assert!(!settling.is_over(start.after(MS * 180)));
        assert!(settling.is_over(start.after(MS * 280)));
        // Nothing at all since the update.
        assert!(Settling::new(start, Some(MS)).is_over(start.after(MS * 50)));
    }

    #[test]
    fn without_a_measured_round_trip_a_second_is_presumed() {
        let start = clock::now();
        assert!(!Settling::new(start, None).is_over(start.after(MS * 900)));
        assert!(Settling::new(start, None).is_over(start.after(MS * 1_000)));
    }
}
