//! A canned answer, as a profile tells it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A canned answer to calls from the broker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Responder {
    /// Topic it answers: exact, or with `*` and `?`.
    pub topic: String,
    /// jq over the payload; it answers only what this is true of.
    pub when: Option<String>,
    /// JSON text of the result; `${…}` in it is filled in.
    pub reply: Option<String>,
    /// A failure instead of a result.
    pub error: Option<Failure>,
    /// What else to do instead of answering properly.
    pub misbehave: Option<Misbehaviour>,
    /// Text sent as it is with `misbehave = "malformed"`.
    pub text: Option<String>,
    /// How long to wait before answering.
    #[serde(with = "crate::duration")]
    pub delay: Duration,
}

/// A failure a responder answers with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// Code; 500 if not told. Generation 1 has none.
    #[serde(default = "failed")]
    pub code: i64,
    /// Message.
    #[serde(default)]
    pub message: String,
}

const fn failed() -> i64 {
    500
}

/// An answer a peer should be able to bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Misbehaviour {
    /// No answer at all.
    Silence,
    /// The answer twice.
    Duplicate,
    /// `text`, or half an envelope.
    Malformed,
    /// The failure as the browser client reports it, which brokers take for a success.
    Soft,
}
