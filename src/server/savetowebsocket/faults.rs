//! Troubles made on purpose: for a client that must cope with them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::duration;

/// When something happens: after so many events, or after a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// After that many events were fed.
    Events(u64),
    /// That long after the server came up.
    Time(Duration),
}

impl FromStr for After {
    type Err = String;

    /// `1000` events, or a time with its unit: `30s`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(events) = text.parse() {
            return Ok(Self::Events(events));
        }
        let time = duration::parse(text);
        time.map(Self::Time)
            .map_err(|error| format!("{error}; give a number of events or a time, 1000 or 30s"))
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Events(events) => write!(f, "{events}"),
            Self::Time(time) => f.write_str(&duration::show(*time)),
        }
    }
}

/// A pause of the source, again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// How long nothing comes.
    pub length: Duration,
    /// From the end of one to the end of the next; at least `length`.
    pub every: Duration,
}

impl FromStr for Silence {
    type Err = String;

    /// `40s`, or `40s/90s`: every 90 s nothing comes for 40 s.
    fn from_str(text: &str) -> Result<Self, String> {
        let (length, every) = match text.split_once('/') {
            None => (duration::parse(text)?, None),
            Some((length, every)) => (duration::parse(length)?, Some(duration::parse(every)?)),
        };
        let every = every.unwrap_or(length.saturating_mul(2));
        if length.is_zero() || every < length {
            return Err("give how long it is silent and how often, as in 40s/90s".to_owned());
        }
        Ok(Self { length, every })
    }
}

/// What goes wrong. Chances are one in so many; zero is never.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    /// The process dies: all connections end without a close frame, the listener is gone.
    pub crash: Option<After>,
    /// It dies as well of so many comings and goings of clients within a second while events
    /// flow, which is what the real one does, sooner or later.
    pub crash_on_churn: Option<usize>,
    /// When it is up again after a crash; `None`: it is not.
    pub back_after: Option<Duration>,
    /// The pipeline ends: all connections end without a close frame, new ones are still taken
    /// and get no events.
    pub end: Option<After>,
    /// Each event waits for up to this long before it is handed over.
    pub delay: Duration,
    /// Times without any event.
    pub silence: Option<Silence>,
    /// An event is lost.
    pub drop_one_in: u64,
    /// An event comes twice.
    pub duplicate_one_in: u64,
    /// Ledgers are left out before this one.
    pub gap_one_in: u64,
    /// Ledgers from before come again.
    pub regress_one_in: u64,
    /// An event of [`Faults::huge_size`] comes besides.
    pub huge_one_in: u64,
    /// Length of a huge event, about.
    pub huge_size: usize,
    /// An event has bytes that are not UTF-8 in one of its strings.
    pub bad_utf8_one_in: u64,
    /// `null` comes instead of an event.
    pub null_one_in: u64,
    /// Something that is no JSON object comes instead, which reaches nobody.
    pub no_object_one_in: u64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            crash: None,
            crash_on_churn: None,
            back_after: None,
            end: None,
            delay: Duration::ZERO,
            silence: None,
            drop_one_in: 0,
            duplicate_one_in: 0,
            gap_one_in: 0,
            regress_one_in: 0,
            huge_one_in: 0,
            huge_size: HUGE,
            bad_utf8_one_in: 0,
            null_one_in: 0,
            no_object_one_in: 0,
        }
    }
}

/// Length of a huge event.
const HUGE: usize = 2 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_events_or_times() {
        assert_eq!("1000".parse(), Ok(After::Events(1000)));
        assert_eq!("30s".parse(), Ok(After::Time(Duration::from_secs(30))));
        assert!("soon".parse::<After>().unwrap_err().contains("1000 or 30s"));
        assert_eq!(After::Time(Duration::from_secs(90)).to_string(), "90s");
    }

    #[test]
    fn silences_say_how_long_and_how_often() {
        let silence = |length, every| Silence {
            length: Duration::from_secs(length),
            every: Duration::from_secs(every),
        };
        assert_eq!("40s".parse(), Ok(silence(40, 80)));
        assert_eq!("40s/90s".parse(), Ok(silence(40, 90)));
        for text in ["", "0", "40s/30s", "40s/"] {
            assert!(text.parse::<Silence>().is_err(), "{text}");
        }
    }
}
