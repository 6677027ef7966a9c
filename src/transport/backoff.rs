//! How long to wait before dialing again. Pure; randomness and time come in as values.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// `[reconnect]` of a profile: delay = base × factor^(n−1) up to max, ± jitter.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Whether to dial again at all.
    pub enabled: bool,
    /// First delay.
    #[serde(with = "crate::duration")]
    pub base: Duration,
    /// Growth from one delay to the next.
    pub factor: f64,
    /// Longest delay before jitter.
    #[serde(with = "crate::duration")]
    pub max: Duration,
    /// Share of the delay it may vary by, 0 to 1.
    pub jitter: f64,
    /// Attempts before giving up; 0 for no limit.
    pub attempts: u32,
    /// How long a connection must have been live before the count starts anew.
    #[serde(with = "crate::duration")]
    pub min_live: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            enabled: true,
            base: Duration::from_secs(1),
            factor: 2.0,
            max: Duration::from_secs(30),
            jitter: 0.2,
            attempts: 0,
            min_live: Duration::from_secs(10),
        }
    }
}

impl Policy {
    /// Delay before attempt `n` (from 1), or `None` when attempts are used up. `random` is
    /// uniform in 0..1.
    #[must_use]
    pub fn delay(&self, n: u32, random: f64) -> Option<Duration> {
        if !self.enabled || (self.attempts > 0 && n > self.attempts) {
            return None;
        }
        let grown = self.base.as_secs_f64() * self.factor.powi(n.saturating_sub(1) as i32);
        let capped = grown.min(self.max.as_secs_f64());
        let varied = capped * (1.0 + self.jitter * (2.0 * random - 1.0));
        Some(Duration::try_from_secs_f64(varied.max(0.0)).unwrap_or(self.max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy {
            jitter: 0.0,
            ..Policy::default()
        }
    }

    #[test]
    fn grows_to_the_cap_and_stays() {
        let delays: Vec<_> = (1..=8)
            .map(|n| policy().delay(n, 0.5).map(|d| d.as_secs()))
            .collect();
        let expected: Vec<_> = [1, 2, 4, 8, 16, 30, 30, 30].into_iter().map(Some).collect();
        assert_eq!(delays, expected);
    }

    #[test]
    fn stops_after_the_attempts() {
        let limited = Policy {
            attempts: 2,
            ..policy()
        };
        assert!(limited.delay(2, 0.0).is_some());
        assert!(limited.delay(3, 0.0).is_none());
        assert!(
            Policy {
                enabled: false,
                ..policy()
            }
            .delay(1, 0.0)
            .is_none()
        );
    }

    #[test]
    fn jitter_stays_within_its_share() {
        let policy = Policy {
            jitter: 0.2,
            ..Policy::default()
        };
        assert_eq!(policy.delay(1, 0.0), Some(Duration::from_millis(800)));
        assert_eq!(policy.delay(1, 1.0), Some(Duration::from_millis(1200)));
    }

    #[test]
    fn absurd_values_do_not_panic() {
        let policy = Policy {
            factor: f64::INFINITY,
            jitter: f64::NAN,
            ..Policy::default()
        };
        assert!(policy.delay(u32::MAX, 0.3).is_some());
    }
}
