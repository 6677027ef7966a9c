//! Type rules: how the payloads of an event type are read.
//!
//! ```text
//!  event type ─► rules told for this session (--map, the detail pane)   newest first
//!             ─► exact ─► glob ─► regex                                 each in the order written
//!             ─► none: JSON, else by the tags, else bytes
//! ```

use prost_reflect::MessageDescriptor;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// Largest compiled regular expression, bytes.
const REGEX_SIZE_MAX: usize = 1 << 20;

/// One item of `[schema] types`, as written: a pattern (`event` or `regex`) and what it is read
/// as (`message` or `decode`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TypeRule {
    /// Event type, exact or with `*` and `?`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Regular expression that is found somewhere in the event type; `^` and `$` anchor it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// Full name of the message, or the end of it if only one ends so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// A reading that needs no message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decode: Option<Plain>,
}

/// A reading that needs no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Plain {
    /// JSON text.
    Json,
    /// Protobuf by its tags alone.
    Schemaless,
    /// Bytes.
    Raw,
}

impl Plain {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Json, Self::Schemaless, Self::Raw];

    /// The word in profiles and for `--map`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Schemaless => "schemaless",
            Self::Raw => "raw",
        }
    }

    /// The word beside a payload that was read so.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Schemaless => "schema-less",
            Self::Raw => "raw",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plain| plain.word() == word)
    }
}

/// What is wrong with a rule: which of its keys, if one can be named, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFault {
    /// `event`, `regex`, `message` or `decode`; empty for the rule as a whole.
    pub key: &'static str,
    /// What is wrong and what was expected.
    pub what: String,
}

impl RuleFault {
    fn new(key: &'static str, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { key, what }
    }
}

impl TypeRule {
    /// The rule for event types that match `event` (exact, or with `*` and `?`).
    #[must_use]
    pub fn message(event: &str, message: &str) -> Self {
        Self {
            event: Some(event.to_owned()),
            message: Some(message.to_owned()),
            ..Self::default()
        }
    }

    /// The rule for this one event type, whatever characters are in it, read as `reading`: a
    /// message's name, or one of the words of [`Plain`].
    #[must_use]
    pub fn of_type(event_type: &str, reading: &str) -> Self {
        let rule = Self::default().read_as(reading);
        if event_type.contains(['*', '?']) {
            let regex = format!("^{}$", regex::escape(event_type));
            return Self {
                regex: Some(regex),
                ..rule
            };
        }
        Self {
            event: Some(event_type.to_owned()),
            ..rule
        }
    }

    /// Reads `TYPE=MESSAGE`, as `--map` takes it: TYPE exact, with `*` and `?`, or a regular
    /// expression between slashes; MESSAGE a name, `json`, `schemaless` or `raw`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((pattern, reading)) = text.rsplit_once('=') else {
            return Err(format!(
                "`{text}` is no mapping; write TYPE=MESSAGE, for example 'page*=demo.PageEvent'"
            ));
        };
        if reading.is_empty() {
            return Err(format!(
                "`{text}` names no message behind the `=`; a name, json, schemaless or raw"
            ));
        }
        let rule = Self::default().read_as(reading);
        let between = |text: &str| Some(text.strip_prefix('/')?.strip_suffix('/')?.to_owned());
        let rule = match between(pattern).filter(|regex| !regex.is_empty()) {
            Some(regex) => Self {
                regex: Some(regex),
                ..rule
            },
            None => Self {
                event: Some(pattern.to_owned()),
                ..rule
            },
        };
        match rule.check() {
            Ok(()) => Ok(rule),
            Err(fault) => Err(fault.what),
        }
    }

    fn read_as(self, reading: &str) -> Self {
        match Plain::from_word(reading) {
            Some(plain) => Self {
                decode: Some(plain),
                ..self
            },
            None => Self {
                message: Some(reading.to_owned()),
                ..self
            },
        }
    }

    /// The pattern as written: `page*`, `/^page_/`.
    #[must_use]
    pub fn pattern(&self) -> String {
        match (&self.event, &self.regex) {
            (Some(event), _) => event.clone(),
            (None, Some(regex)) => format!("/{regex}/"),
            (None, None) => String::new(),
        }
    }

    /// What it is read as: the message's name as written, or the word of a plain reading.
    #[must_use]
    pub fn reading(&self) -> &str {
        match (&self.message, self.decode) {
            (Some(message), _) => message,
            (None, Some(plain)) => plain.word(),
            (None, None) => "",
        }
    }

    /// Checks everything that needs no schema.
    pub fn check(&self) -> Result<(), RuleFault> {
        self.matcher()?;
        match (&self.message, self.decode) {
            (None, None) => Err(RuleFault::new(
                "",
                "a rule says what the type is: `message`, or `decode` for json, schemaless or raw",
            )),
            (Some(_), Some(_)) => Err(RuleFault::new(
                "decode",
                "a rule has either `message` or `decode`",
            )),
            _ => Ok(()),
        }
    }

    fn matcher(&self) -> Result<Matcher, RuleFault> {
        match (&self.event, &self.regex) {
            (Some(_), Some(_)) => Err(RuleFault::new(
                "regex",
                "a rule has either `event` or `regex`",
            )),
            (None, None) => Err(RuleFault::new(
                "",
                "a rule says which event types it is for: `event` (exact, or with * and ?) or `regex`",
            )),
            (Some(event), None) if event.contains(['*', '?']) => Ok(Matcher::Glob(event.clone())),
            (Some(event), None) => Ok(Matcher::Exact(event.clone())),
            (None, Some(regex)) => RegexBuilder::new(regex)
                .size_limit(REGEX_SIZE_MAX)
                .build()
                .map(Matcher::Regex)
                .map_err(|error| RuleFault::new("regex", bad_regex(regex, &error))),
        }
    }
}

/// The last line of the parser's report, which says what is wrong; the others draw where.
fn bad_regex(regex: &str, error: &regex::Error) -> String {
    let text = error.to_string();
    let reason = text.lines().next_back().unwrap_or_default().trim();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason);
    format!("`{regex}` is no regular expression: {reason}")
}

#[derive(Clone, Debug)]
enum Matcher {
    Exact(String),
    Glob(String),
    Regex(Regex),
}

/// What payloads are read as.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// A message of the schema.
    Message(MessageDescriptor),
    /// Something that needs no schema.
    Plain(Plain),
}

impl Reading {
    /// What it is called: the message's full name, `json`, `schema-less`, `raw`.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::Message(message) => message.full_name(),
            Self::Plain(plain) => plain.title(),
        }
    }
}

/// A rule that is ready to be used. Made with its [`Schema`](super::Schema), which keeps it.
#[derive(Clone, Debug)]
pub struct Rule {
    written: TypeRule,
    matcher: Matcher,
    reading: Reading,
    told: bool,
}

impl Rule {
    pub(super) fn new(
        written: TypeRule,
        reading: Reading,
        told: bool,
    ) -> Result<Self, super::SchemaError> {
        let matcher = written
            .matcher()
            .map_err(|fault| fault.into_error(&written))?;
        Ok(Self {
            written,
            matcher,
            reading,
            told,
        })
    }

    /// As it was written.
    #[must_use]
    pub fn written(&self) -> &TypeRule {
        &self.written
    }

    /// What payloads of its types are read as.
    #[must_use]
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// True if it was told for this session alone, which outranks all that a profile says.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.told
    }

    /// What kind of rule it is: `exact`, `glob page*`, `regex ^page_`.
    #[must_use]
    pub fn by(&self) -> String {
        match &self.matcher {
            Matcher::Exact(_) => self.kind().to_owned(),
            Matcher::Glob(glob) => format!("{} {glob}", self.kind()),
            Matcher::Regex(regex) => format!("{} {regex}", self.kind()),
        }
    }

    /// The word for its kind: `exact`, `glob`, `regex`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.matcher {
            Matcher::Exact(_) => "exact",
            Matcher::Glob(_) => "glob",
            Matcher::Regex(_) => "regex",
        }
    }

    /// True if the rule speaks of this event type.
    #[must_use]
    pub fn matches(&self, event_type: &str) -> bool {
        match &self.matcher {
            Matcher::Exact(exact) => exact == event_type,
            Matcher::Glob(glob) => crate::glob::matches(glob, event_type),
            Matcher::Regex(regex) => regex.is_match(event_type),
        }
    }

    /// Rules with a lower rank are asked first.
    pub(super) fn rank(&self) -> u8 {
        match &self.matcher {
            _ if self.told => 0,
            Matcher::Exact(_) => 1,
            Matcher::Glob(_) => 2,
            Matcher::Regex(_) => 3,
        }
    }
}

impl RuleFault {
    pub(super) fn into_error(self, rule: &TypeRule) -> super::SchemaError {
        super::SchemaError::BadRule {
            pattern: rule.pattern(),
            what: self.what,
        }
    }
}

#[cfg(test)]
mod tests;
