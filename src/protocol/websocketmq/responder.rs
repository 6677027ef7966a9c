//! A canned answer, as a profile tells it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::responders;
use crate::glob;
use crate::jq::Program;
use crate::schema::gojson;

/// A canned answer to calls from the broker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Responder {
    /// Topic it answers: exact, or with `*` and `?`.
    pub topic: String,
    /// jq over the payload; it answers only what this is true of.
    pub when: Option<String>,
    /// JSON text of the result; `${…}` in it is filled in: jq over topic, payload, id and n, or
    /// `now`, `now:unix`, `now:unix_ms`, `uuid`. Alone inside quotes it stands for the whole value.
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

/// What is wrong with a responder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct ResponderError {
    /// The key it is about; empty for the responder as a whole.
    pub key: &'static str,
    /// A sentence: what is wrong, what to write instead.
    pub what: String,
}

impl ResponderError {
    fn new(key: &'static str, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { key, what }
    }
}

impl Responder {
    /// Reads `TOPIC=JSON`, as it stands on a command line; without `=JSON`, or with nothing behind
    /// the `=`, the answer is a success without a payload. The topic ends at the first `=`.
    pub fn parse(text: &str) -> Result<Self, ResponderError> {
        let (topic, reply) = text.split_once('=').unwrap_or((text, ""));
        let responder = Self {
            topic: topic.trim().to_owned(),
            reply: Some(reply.trim().to_owned()).filter(|reply| !reply.is_empty()),
            ..Self::default()
        };
        responder.check()?;
        Ok(responder)
    }

    /// Whether it can be used.
    pub fn check(&self) -> Result<(), ResponderError> {
        let wrong = |key, what: &str| Err(ResponderError::new(key, what));
        if self.topic.is_empty() {
            return wrong("", "`topic` must name the topic it answers; * answers all");
        }
        if let Some(when) = &self.when
            && let Err(error) = Program::compile(when)
        {
            let what = format!("{when:?} is no jq expression over the payload: {error}");
            return Err(ResponderError::new("when", what));
        }
        if let Some(reply) = &self.reply {
            check_json(reply)?;
        }
        if self.reply.is_some() && self.error.is_some() {
            return wrong(
                "error",
                "stands beside `reply`: an answer is one or the other",
            );
        }
        self.check_manners()
    }

    fn check_manners(&self) -> Result<(), ResponderError> {
        let wrong = |key, what: &str| Err(ResponderError::new(key, what));
        let answers = self.reply.is_some() || self.error.is_some();
        match self.misbehave {
            Some(Misbehaviour::Silence) if answers || !self.delay.is_zero() => wrong(
                "misbehave",
                "\"silence\" never answers: `reply`, `error` and `delay` beside it mean nothing",
            ),
            Some(Misbehaviour::Soft) if self.reply.is_some() => wrong(
                "misbehave",
                "\"soft\" is a failure: give it `error = { message = \"…\" }` instead of `reply`",
            ),
            Some(Misbehaviour::Malformed) if self.text.is_some() && answers => wrong(
                "text",
                "is sent as it stands: `reply` and `error` beside it mean nothing",
            ),
            Some(Misbehaviour::Malformed) => Ok(()),
            _ if self.text.is_some() => wrong(
                "text",
                "is sent with `misbehave = \"malformed\"` only; a result is told with `reply`",
            ),
            _ => Ok(()),
        }
    }

    /// True if this one, asked first, leaves nothing for `later`.
    #[must_use]
    pub fn hides(&self, later: &Self) -> bool {
        let all = self.when.is_none() || self.when == later.when;
        all && glob::covers(&self.topic, &later.topic)
    }
}

/// JSON, once its templates are filled in.
fn check_json(reply: &str) -> Result<(), ResponderError> {
    let wrong = |what: String| Err(ResponderError::new("reply", what));
    if !reply.contains("${")
        && let Err(error) = gojson::Value::parse(reply.as_bytes())
    {
        return wrong(format!("is not JSON: {error}"));
    }
    match responders::check_reply(reply) {
        Ok(()) => Ok(()),
        Err(error) => wrong(error.to_string()),
    }
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
    /// `text`, or the first half of the answer.
    Malformed,
    /// The failure as the browser client reports it, which brokers take for a success.
    Soft,
}

impl Misbehaviour {
    /// The word used in profiles.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::Duplicate => "duplicate",
            Self::Malformed => "malformed",
            Self::Soft => "soft",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_topic_and_json() {
        for (text, topic, reply) in [
            ("a=1", "a", Some("1")),
            (r#"a:b={"x":"y=z"}"#, "a:b", Some(r#"{"x":"y=z"}"#)),
            ("browser.*", "browser.*", None),
            ("a=", "a", None),
            (r#"a="${.payload.x}""#, "a", Some(r#""${.payload.x}""#)),
        ] {
            let responder = Responder::parse(text).unwrap();
            assert_eq!(responder.topic, topic, "{text}");
            assert_eq!(responder.reply.as_deref(), reply, "{text}");
        }
        for text in ["=1", "", "a={", "a=${"] {
            assert!(Responder::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn contradictions_by_key() {
        for (toml, key) in [
            ("topic = 't'", None),
            ("", Some("")),
            ("topic = 't'\nwhen = '.a =='", Some("when")),
            ("topic = 't'\nreply = '{'", Some("reply")),
            ("topic = 't'\nreply = '1'\nerror = {}", Some("error")),
            ("topic = 't'\nerror = { message = 'no' }", None),
            ("topic = 't'\nmisbehave = 'silence'", None),
            (
                "topic = 't'\nmisbehave = 'silence'\ndelay = '1s'",
                Some("misbehave"),
            ),
            (
                "topic = 't'\nmisbehave = 'soft'\nreply = '1'",
                Some("misbehave"),
            ),
            (
                "topic = 't'\nmisbehave = 'soft'\nerror = { message = 'no' }",
                None,
            ),
            ("topic = 't'\nmisbehave = 'malformed'\ntext = '{'", None),
            (
                "topic = 't'\nmisbehave = 'malformed'\ntext = '{'\nreply = '1'",
                Some("text"),
            ),
            ("topic = 't'\ntext = 'x'", Some("text")),
        ] {
            let responder: Responder = toml::from_str(toml).unwrap();
            let found = responder.check().err().map(|error| error.key);
            assert_eq!(found, key, "{toml}");
        }
    }

    #[test]
    fn one_hides_another_that_it_leaves_nothing() {
        let rule = |topic: &str, when: Option<&str>| Responder {
            topic: topic.to_owned(),
            when: when.map(str::to_owned),
            ..Responder::default()
        };
        for (first, later, hidden) in [
            (rule("a", None), rule("a", None), true),
            (rule("*", None), rule("a", Some(".x")), true),
            (rule("a", Some(".x")), rule("a", None), false),
            (rule("a", Some(".x")), rule("a", Some(".x")), true),
            (rule("a", None), rule("b", None), false),
            (rule("a", None), rule("*", None), false),
        ] {
            assert_eq!(first.hides(&later), hidden, "{first:?} {later:?}");
        }
    }
}
