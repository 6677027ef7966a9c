//! `[raccoon.retry]`: whether, when and over what a batch is sent again.
//!
//! Nothing is sent again unless the profile or a flag asks for it: a batch is not atomic, and what
//! was published before the failure is published twice. The presets do what Raccoon's published
//! clients do, so that their behaviour can be looked at.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Most attempts that can be asked for.
const ATTEMPTS_MAX: u32 = 100;
/// Longest wait between two attempts.
const WAIT_MAX: Duration = Duration::from_hours(1);

/// `[raccoon.retry]` as written. What is omitted is the preset's; without a preset `attempts`
/// switches it on.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// The client whose behaviour is taken.
    pub preset: Option<Preset>,
    /// Attempts in total, the first one included.
    pub attempts: Option<u32>,
    /// Wait before the second attempt.
    #[serde(with = "crate::duration::optional")]
    pub wait: Option<Duration>,
    /// Growth from one wait to the next.
    pub backoff: Option<f64>,
    /// How long each attempt may take; where omitted, `ack_timeout`.
    #[serde(with = "crate::duration::optional")]
    pub timeout: Option<Duration>,
    /// Which failures are tried again.
    pub on: Option<Vec<On>>,
}

/// The published clients, by what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The Go client over WebSocket: when a frame could not be written, which a broken connection
    /// never mends.
    GoWs,
    /// The Go client over REST: anything but a success, bad requests too.
    GoRest,
    /// The Go client over gRPC: a batch that failed, but no failed call.
    GoGrpc,
    /// The JavaScript client: any answer outside of 2xx, or none within a second.
    Js,
    /// The Python client: no answer, and the statuses of servers that are busy or away.
    Python,
    /// The Java client: any HTTP status but 200, or no answer.
    Java,
}

/// A failure that is tried again: a word, or an HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(untagged)]
pub enum On {
    /// A kind of failure.
    Kind(Kind),
    /// One HTTP status.
    Status(u16),
}

/// Kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The frame could not be written.
    Write,
    /// The call has no answer: no connection came about, or it ended.
    Connection,
    /// No answer in time.
    Timeout,
    /// The answer does not decode.
    Undecodable,
    /// An HTTP status other than 2xx.
    Http,
    /// A gRPC status other than OK.
    Rpc,
    /// The answer says that the batch failed: `status` is not 1.
    Status,
}

/// What [`Retry`] comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Attempts in total.
    pub attempts: u32,
    /// Wait before the second attempt.
    pub wait: Duration,
    /// Wait before the third; grows from there.
    pub next_wait: Duration,
    /// Growth from one wait to the next.
    pub backoff: f64,
    /// How long each attempt may take.
    pub timeout: Option<Duration>,
    /// Which failures are tried again.
    pub on: Vec<On>,
}

/// What became of an attempt that was no success.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// What happened besides the statuses.
    pub kind: Option<Kind>,
    /// HTTP status of the answer.
    pub http: Option<u16>,
    /// gRPC status of the answer.
    pub rpc: Option<u32>,
    /// The answer says that the batch failed.
    pub batch: bool,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 6] = [
        Self::GoWs,
        Self::GoRest,
        Self::GoGrpc,
        Self::Js,
        Self::Python,
        Self::Java,
    ];

    /// The word used in profiles and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GoWs => "go-ws",
            Self::GoRest => "go-rest",
            Self::GoGrpc => "go-grpc",
            Self::Js => "js",
            Self::Python => "python",
            Self::Java => "java",
        }
    }

    fn policy(self) -> RetryPolicy {
        let (attempts, waits, timeout, kinds): (u32, [u64; 2], Option<u64>, &[Kind]) = match self {
            Self::GoWs => (3, [1, 1], None, &[Kind::Write]),
            Self::GoRest => (
                3,
                [1, 1],
                Some(30),
                &[
                    Kind::Connection,
                    Kind::Timeout,
                    Kind::Undecodable,
                    Kind::Status,
                ],
            ),
            Self::GoGrpc => (3, [1, 1], None, &[Kind::Status]),
            Self::Js => (
                3,
                [5, 5],
                Some(1),
                &[Kind::Http, Kind::Timeout, Kind::Connection],
            ),
            Self::Python => (4, [0, 2], Some(1), &[Kind::Connection, Kind::Timeout]),
            Self::Java => (
                3,
                [1, 1],
                None,
                &[Kind::Http, Kind::Connection, Kind::Timeout],
            ),
        };
        let mut on: Vec<On> = kinds.iter().copied().map(On::Kind).collect();
        let mut backoff = 1.0;
        if self == Self::Python {
            on.extend([429, 500, 502, 503, 504, 521].map(On::Status));
            backoff = 2.0;
        }
        RetryPolicy {
            attempts,
            wait: Duration::from_secs(waits[0]),
            next_wait: Duration::from_secs(waits[1]),
            backoff,
            timeout: timeout.map(Duration::from_secs),
            on,
        }
    }
}

impl Retry {
    /// What `--retry` asks for: a preset by name, or a number of attempts.
    pub fn told(text: &str) -> Result<Self, String> {
        if let Some(preset) = Preset::ALL.into_iter().find(|known| known.name() == text) {
            return Ok(Self {
                preset: Some(preset),
                ..Self::default()
            });
        }
        match text.parse() {
            Ok(attempts) if (1..=ATTEMPTS_MAX).contains(&attempts) => Ok(Self {
                attempts: Some(attempts),
                ..Self::default()
            }),
            _ => {
                let names = Preset::ALL.map(Preset::name).join(", ");
                Err(format!(
                    "write a number of attempts from 1 to {ATTEMPTS_MAX}, or what a published \
                     client does: {names}"
                ))
            }
        }
    }

    /// What it comes to; `None` for never.
    #[must_use]
    pub fn policy(&self) -> Option<RetryPolicy> {
        let mut policy = match (self.preset, self.attempts) {
            (Some(preset), _) => preset.policy(),
            (None, Some(_)) => RetryPolicy::plain(),
            (None, None) => return None,
        };
        policy.attempts = self.attempts.unwrap_or(policy.attempts);
        if let Some(backoff) = self.backoff {
            policy.backoff = backoff;
        }
        if let Some(wait) = self.wait {
            policy.wait = wait;
            policy.next_wait = grown(wait, policy.backoff);
        } else if self.backoff.is_some() {
            policy.next_wait = grown(policy.wait, policy.backoff);
        }
        policy.timeout = self.timeout.or(policy.timeout);
        if let Some(on) = &self.on {
            policy.on.clone_from(on);
        }
        (policy.attempts > 1).then_some(policy)
    }

    /// What cannot be meant, with the key it is about.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if !(1..=ATTEMPTS_MAX).contains(&self.attempts.unwrap_or(1)) {
            return Err(("attempts", format!("must be between 1 and {ATTEMPTS_MAX}")));
        }
        let backoff = self.backoff.unwrap_or(1.0);
        if !(backoff.is_finite() && (1.0..=100.0).contains(&backoff)) {
            return Err(("backoff", "must be a number from 1 to 100".to_owned()));
        }
        if self.wait.is_some_and(|wait| wait > WAIT_MAX) {
            return Err(("wait", "must be at most 1h".to_owned()));
        }
        if self.timeout.is_some_and(|timeout| timeout.is_zero()) {
            return Err(("timeout", "must be longer than 0".to_owned()));
        }
        Ok(())
    }
}

fn grown(wait: Duration, factor: f64) -> Duration {
    let seconds = (wait.as_secs_f64() * factor).min(WAIT_MAX.as_secs_f64());
    Duration::try_from_secs_f64(seconds).unwrap_or(WAIT_MAX)
}

impl RetryPolicy {
    /// What a bare number of attempts means: a second apart, on any failure.
    fn plain() -> Self {
        let kinds = [
            Kind::Write,
            Kind::Connection,
            Kind::Timeout,
            Kind::Undecodable,
            Kind::Http,
            Kind::Rpc,
            Kind::Status,
        ];
        Self {
            attempts: 1,
            wait: Duration::from_secs(1),
            next_wait: Duration::from_secs(1),
            backoff: 1.0,
            timeout: None,
            on: kinds.map(On::Kind).to_vec(),
        }
    }

    /// The wait before attempt `n`, from 2.
    #[must_use]
    pub fn wait_before(&self, n: u32) -> Duration {
        if n <= 2 {
            return self.wait;
        }
        let growth = self.backoff.powi(n.min(1_000) as i32 - 3);
        grown(self.next_wait, growth)
    }

    /// True if this failure is tried again.
    #[must_use]
    pub fn covers(&self, failure: &Failure) -> bool {
        self.on.iter().any(|on| match on {
            On::Status(status) => failure.http == Some(*status),
            On::Kind(Kind::Http) => failure
                .http
                .is_some_and(|status| !(200..300).contains(&status)),
            On::Kind(Kind::Rpc) => failure.rpc.is_some_and(|status| status != 0),
            On::Kind(Kind::Status) => failure.batch,
            On::Kind(kind) => failure.kind == Some(*kind),
        })
    }
}

impl Failure {
    /// A failure without an answer.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self {
            kind: Some(kind),
            ..Self::default()
        }
    }

    /// What it is called.
    #[must_use]
    pub fn words(&self) -> String {
        let rpc = self.rpc.filter(|status| *status != 0);
        let http = self.http.filter(|status| *status != 200);
        match (self.kind, rpc, http) {
            (Some(Kind::Write), ..) => "it could not be written".to_owned(),
            (Some(Kind::Connection), ..) => "no answer came".to_owned(),
            (Some(Kind::Timeout), ..) => "no answer came in time".to_owned(),
            (_, Some(status), _) => format!("gRPC status {status}"),
            (_, None, Some(status)) => format!("HTTP {status}"),
            (Some(_), None, None) => "the answer does not decode".to_owned(),
            (None, None, None) => "the batch failed (status 2)".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> RetryPolicy {
        let retry = Retry::told(text).unwrap();
        retry.policy().unwrap()
    }

    #[test]
    fn presets_do_what_the_published_clients_do() {
        let answered = |http, batch| Failure {
            http: Some(http),
            batch,
            ..Failure::default()
        };
        let rpc = |status| Failure {
            http: Some(200),
            rpc: Some(status),
            ..Failure::default()
        };
        let failures = [
            ("write", Failure::of(Kind::Write)),
            ("connection", Failure::of(Kind::Connection)),
            ("timeout", Failure::of(Kind::Timeout)),
            ("undecodable", Failure::of(Kind::Undecodable)),
            ("400", answered(400, true)),
            ("500", answered(500, true)),
            ("503", answered(503, false)),
            (
                "status",
                Failure {
                    batch: true,
                    rpc: Some(0),
                    ..Failure::default()
                },
            ),
            ("rpc", rpc(2)),
        ];
        for (name, attempts, waits, covered) in [
            ("go-ws", 3, &[1, 1][..], "write"),
            (
                "go-rest",
                3,
                &[1, 1],
                "connection timeout undecodable 400 500 status",
            ),
            ("go-grpc", 3, &[1, 1], "400 500 status"),
            ("js", 3, &[5, 5], "connection timeout 400 500 503"),
            ("python", 4, &[0, 2, 4], "connection timeout 500 503"),
            ("java", 3, &[1, 1], "connection timeout 400 500 503"),
        ] {
            let policy = policy(name);
            assert_eq!(policy.attempts, attempts, "{name}");
            let told: Vec<u64> = (2..=attempts)
                .map(|n| policy.wait_before(n).as_secs())
                .collect();
            assert_eq!(told, waits, "{name}");
            let tried: Vec<&str> = failures
                .iter()
                .filter(|(_, failure)| policy.covers(failure))
                .map(|(word, _)| *word)
                .collect();
            assert_eq!(tried.join(" "), covered, "{name}");
        }
    }

    #[test]
    fn a_number_is_that_many_attempts_a_second_apart() {
        let policy = policy("5");
        assert_eq!((policy.attempts, policy.wait_before(5).as_secs()), (5, 1));
        assert!(policy.covers(&Failure::of(Kind::Connection)));
        assert_eq!(Retry::told("1").unwrap().policy(), None);
        assert_eq!(Retry::default().policy(), None);
        for text in ["0", "101", "go", "", "-1"] {
            assert!(Retry::told(text).unwrap_err().contains("go-rest"), "{text}");
        }
    }

    #[test]
    fn keys_of_the_profile_outrank_the_preset() {
        let text = "preset = 'python'\nattempts = 3\nwait = '100ms'\nbackoff = 3.0\non = ['status', 503]\n";
        let retry: Retry = toml::from_str(text).unwrap();
        let policy = retry.policy().unwrap();
        assert_eq!(policy.attempts, 3);
        assert_eq!(policy.wait_before(2), Duration::from_millis(100));
        assert_eq!(policy.wait_before(3), Duration::from_millis(300));
        assert_eq!(policy.on, [On::Kind(Kind::Status), On::Status(503)]);
        assert_eq!(policy.timeout, Some(Duration::from_secs(1)));
        for text in ["preset = 'rust'", "on = ['everything']", "tries = 3"] {
            assert!(toml::from_str::<Retry>(text).is_err(), "{text}");
        }
        let absurd: Retry = toml::from_str("attempts = 0").unwrap();
        assert_eq!(absurd.check().unwrap_err().0, "attempts");
    }

    #[test]
    fn waits_stay_finite() {
        let mut policy = policy("python");
        policy.backoff = 100.0;
        assert_eq!(policy.wait_before(u32::MAX), WAIT_MAX);
    }
}
