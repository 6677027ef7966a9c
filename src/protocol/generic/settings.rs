//! `[[on_open]]` and `[correlate]` of a profile.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One step performed on every opening: send, then wait for what is expected.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Text to send.
    #[serde(default)]
    pub send: Option<String>,
    /// jq expression; the step is done when an incoming JSON message makes it true.
    #[serde(default)]
    pub expect: Option<String>,
    /// How long the expected message may take.
    #[serde(default = "five_seconds", with = "crate::duration")]
    pub within: Duration,
}

fn five_seconds() -> Duration {
    Duration::from_secs(5)
}

/// Where requests and replies carry their id: paths of member names such as `.reqId`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Correlate {
    /// Path in what we send; empty for none.
    pub request: String,
    /// Path in what comes back; empty for none.
    pub reply: String,
}

/// What a generic system is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Performed in order on every opening.
    pub on_open: Vec<Step>,
    /// Where the correlation ids are.
    pub correlate: Correlate,
}
