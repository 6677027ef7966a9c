//! How often a draft is sent: `100`, `100 at 50/s`, `50/s for 10s`, `for 10s`; to a broker also
//! `200 window 4`.

use std::time::Duration;

use crate::duration;

/// Most documents sent in one go.
const TIMES_MAX: u64 = 100_000_000;
/// Highest rate, documents per second.
const RATE_MAX: f64 = 1e6;

/// How often, how fast and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How many times; as often as the time allows without one.
    pub times: Option<u64>,
    /// Times per second, whether or not replies come; as fast as replies allow without one.
    pub rate: Option<f64>,
    /// For how long.
    pub span: Option<Duration>,
    /// Broker: most replies and own publishes outstanding, 0 for any number.
    pub window: Option<usize>,
}

/// What is shown of the language of plans.
pub const EXAMPLES: &str = "100 · 100 at 50/s · 50/s for 10s · for 10s";

impl Plan {
    /// Once.
    pub const ONCE: Self = Self {
        times: Some(1),
        rate: None,
        span: None,
        window: None,
    };

    /// Reads a plan, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut plan = Self {
            times: None,
            rate: None,
            span: None,
            window: None,
        };
        let text = text.replace(['@', ','], " ");
        let mut words = text.split_whitespace().peekable();
        while let Some(word) = words.next() {
            match word {
                "at" | "times" | "x" => {}
                "for" => {
                    let span = words.next().unwrap_or_default();
                    set(&mut plan.span, duration::parse(span)?, "time")?;
                }
                "window" => {
                    let window = words.next().unwrap_or_default();
                    let window = window.parse().map_err(|_| {
                        format!("`window {window}`: write how many may be outstanding, 0 for any")
                    })?;
                    set(&mut plan.window, window, "window")?;
                }
                word if word.ends_with("/s") => set(&mut plan.rate, rate(word)?, "rate")?,
                word => match word.trim_end_matches(['x', '×']).replace('_', "").parse() {
                    Ok(times @ 1..=TIMES_MAX) => set(&mut plan.times, times, "number")?,
                    Ok(_) => return Err(format!("a number is 1 to {TIMES_MAX}")),
                    Err(_) => return Err(format!("`{word}`? write {EXAMPLES}")),
                },
            }
        }
        if plan.times.is_none() && plan.span.is_none() {
            return Err(format!("how often, or for how long? {EXAMPLES}"));
        }
        if plan.span.is_some_and(|span| span.is_zero()) {
            return Err("the time must be longer than 0".to_owned());
        }
        Ok(plan)
    }

    /// Number of documents, as far as the plan says.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        let by_rate = self.rate.zip(self.span);
        let by_rate = by_rate.map(|(rate, span)| (rate * span.as_secs_f64()).ceil() as u64);
        match (self.times, by_rate) {
            (Some(times), Some(other)) => Some(times.min(other)),
            (times, other) => times.or(other),
        }
    }

    /// Documents due `since` the beginning.
    #[must_use]
    pub fn due(&self, since: Duration) -> u64 {
        let by_rate = self.rate.map_or(u64::MAX, |rate| {
            // The first one is due at once.
            (since.as_secs_f64() * rate) as u64 + 1
        });
        by_rate.min(self.total().unwrap_or(u64::MAX))
    }

    /// True if the time is over.
    #[must_use]
    pub fn is_over(&self, since: Duration) -> bool {
        self.span.is_some_and(|span| since >= span)
    }
}

fn set<T>(slot: &mut Option<T>, value: T, what: &str) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("the {what} is there twice")),
    }
}

fn rate(word: &str) -> Result<f64, String> {
    let number = word.trim_end_matches("/s");
    let (number, scale) = match number.strip_suffix('k') {
        Some(number) => (number, 1e3),
        None => (number, 1.0),
    };
    let rate = number.parse::<f64>().ok().map(|rate| rate * scale);
    rate.filter(|rate| (0.001..=RATE_MAX).contains(rate))
        .ok_or_else(|| format!("`{word}`: a rate is 0.001/s to 1000k/s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_by_text() {
        let plan = |times, rate, seconds: Option<u64>| Plan {
            times,
            rate,
            span: seconds.map(Duration::from_secs),
            window: None,
        };
        for (text, expected) in [
            ("100", plan(Some(100), None, None)),
            ("1_000x", plan(Some(1000), None, None)),
            ("5 at 2.5/s", plan(Some(5), Some(2.5), None)),
            ("5@2k/s", plan(Some(5), Some(2000.0), None)),
            ("50/s for 10s", plan(None, Some(50.0), Some(10))),
            ("for 1m", plan(None, None, Some(60))),
        ] {
            assert_eq!(Plan::parse(text), Ok(expected), "{text}");
        }
        for (text, needle) in [
            ("", "how often"),
            ("50/s", "how often"),
            ("0", "1 to"),
            ("ten", "`ten`?"),
            ("1 2", "number is there twice"),
            ("1 at 0/s", "a rate is"),
            ("for", "not a duration"),
            ("for 0", "longer than 0"),
        ] {
            let error = Plan::parse(text).unwrap_err();
            assert!(error.contains(needle), "{text}: {error}");
        }
    }

    #[test]
    fn a_window_is_a_number() {
        let plan = Plan::parse("200 at 50/s window 4").unwrap();
        assert_eq!((plan.times, plan.window), (Some(200), Some(4)));
        for (text, needle) in [
            ("1 window", "how many may be outstanding"),
            ("1 window x", "`window x`"),
            ("1 window 1 window 2", "the window is there twice"),
        ] {
            let error = Plan::parse(text).unwrap_err();
            assert!(error.contains(needle), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_due_follows_the_rate_to_the_end() {
        let plan = Plan::parse("10/s for 2s").unwrap();
        let at = |ms| plan.due(Duration::from_millis(ms));
        assert_eq!(
            [at(0), at(99), at(150), at(1_950), at(9_000)],
            [1, 1, 2, 20, 20]
        );
        assert!(plan.is_over(Duration::from_secs(2)) && !plan.is_over(Duration::from_secs(1)));
        assert_eq!(Plan::ONCE.due(Duration::ZERO), 1);
    }
}
