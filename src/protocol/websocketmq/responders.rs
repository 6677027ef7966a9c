//! Canned answers to the broker's calls: which responder answers what, and with what.
//!
//! ```text
//!  call ─► topic fits? ─► `when` true? ─► reply | error | silence | duplicate | malformed | soft
//!          the first responder of which both hold
//! ```

mod template;

use bytes::Bytes;

use super::answer::Answer;
use super::ids::Ids;
use super::responder::{Failure, Misbehaviour, Responder};
use crate::body::write_json_string;
use crate::frame::Stamp;
use crate::glob;
use crate::jq::Program;

pub(super) use template::TemplateError;
use template::{Facts, Template};

/// Longest delay; the broker gives up long before.
const DELAY_MAX: std::time::Duration = std::time::Duration::from_hours(24);

/// What is wrong with a reply's template, if anything.
pub(super) fn check_reply(text: &str) -> Result<(), TemplateError> {
    Template::read(text).map(drop)
}

/// The responders of a session.
pub(super) struct Responders {
    rules: Vec<Rule>,
    ids: Ids,
}

/// A responder, compiled.
struct Rule {
    topic: String,
    when: Option<Program>,
    reply: Option<Template>,
    error: Option<Failure>,
    misbehave: Option<Misbehaviour>,
    text: Option<Bytes>,
    delay: std::time::Duration,
    /// Answers given.
    count: u64,
    /// Something wrong with it was said.
    told: bool,
}

/// A call as responders see it.
pub(super) struct Asked<'a> {
    pub(super) id: &'a str,
    pub(super) topic: &'a str,
    /// Raw JSON, or whatever the peer sent in its place.
    pub(super) payload: Option<&'a [u8]>,
    pub(super) at: Stamp,
}

/// How an answer is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// As it should be.
    Once,
    /// Twice.
    Twice,
    /// Half of it.
    Half,
}

/// What a responder does about a call.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Topic of the responder, and what it does besides answering.
    pub(super) by: String,
    pub(super) answer: Answer,
    pub(super) manner: Manner,
    pub(super) delay: std::time::Duration,
}

impl Responders {
    /// Compiles them; `ids` gives the UUIDs in replies. What does not compile (a profile with such
    /// a responder is refused before) never matches, which is told at its first call.
    pub(super) fn new(rules: Vec<Responder>, ids: Ids) -> Self {
        let rules = rules.into_iter().map(Rule::new).collect();
        Self { rules, ids }
    }

    /// The answer of the first responder that matches; `notes` gets what went wrong on the way,
    /// each responder's first trouble once.
    pub(super) fn choose(&mut self, asked: &Asked<'_>, notes: &mut Vec<String>) -> Option<Chosen> {
        let rule = self
            .rules
            .iter_mut()
            .find_map(|rule| rule.matches(asked, notes).then_some(rule))?;
        rule.count += 1;
        Some(rule.answer(asked, &mut self.ids, notes))
    }
}

impl Rule {
    fn new(rule: Responder) -> Self {
        let fault = rule.check().err();
        let compiled = |text: &str| Program::compile(text).ok();
        Self {
            when: rule.when.as_deref().and_then(compiled),
            reply: rule
                .reply
                .as_deref()
                .and_then(|text| Template::read(text).ok()),
            // A topic no call has.
            topic: if fault.is_some() {
                String::new()
            } else {
                rule.topic
            },
            error: rule.error,
            misbehave: rule.misbehave,
            text: rule.text.map(Bytes::from),
            delay: rule.delay.min(DELAY_MAX),
            count: 0,
            told: false,
        }
    }

    fn matches(&mut self, asked: &Asked<'_>, notes: &mut Vec<String>) -> bool {
        if self.topic.is_empty() || !glob::matches(&self.topic, asked.topic) {
            return false;
        }
        let Some(when) = &self.when else { return true };
        match when.matches(asked.payload.unwrap_or(b"null")) {
            Ok(matches) => matches,
            Err(error) => {
                let what = format!("`when` fails on a call, which counts as no match: {error}");
                self.tell(&what, notes);
                false
            }
        }
    }

    /// Says what is wrong with it, once.
    fn tell(&mut self, what: &str, notes: &mut Vec<String>) {
        if !std::mem::replace(&mut self.told, true) {
            notes.push(format!("responder for {}: {what}", self.topic));
        }
    }

    fn answer(&mut self, asked: &Asked<'_>, ids: &mut Ids, notes: &mut Vec<String>) -> Chosen {
        let mut manner = Manner::Once;
        let answer = match self.misbehave {
            Some(Misbehaviour::Silence) => Answer::Silence,
            Some(Misbehaviour::Malformed) if self.text.is_some() => {
                Answer::Verbatim(self.text.clone().unwrap_or_default())
            }
            Some(Misbehaviour::Soft) => {
                let error = self.error.as_ref().map(|error| error.message.clone());
                let message = error.unwrap_or_else(|| "the handler failed".to_owned());
                Answer::Soft { message }
            }
            Some(Misbehaviour::Malformed) => {
                manner = Manner::Half;
                self.proper(asked, ids, notes)
            }
            Some(Misbehaviour::Duplicate) => {
                manner = Manner::Twice;
                self.proper(asked, ids, notes)
            }
            None => self.proper(asked, ids, notes),
        };
        let by = match self.misbehave {
            None => self.topic.clone(),
            Some(misbehaviour) => format!("{}: {}", self.topic, misbehaviour.name()),
        };
        Chosen {
            by,
            answer,
            manner,
            delay: self.delay,
        }
    }

    /// The answer as it should be.
    fn proper(&mut self, asked: &Asked<'_>, ids: &mut Ids, notes: &mut Vec<String>) -> Answer {
        if let Some(Failure { code, message }) = self.error.clone() {
            return Answer::Failure { code, message };
        }
        let Some(reply) = &self.reply else {
            return Answer::Payload(None);
        };
        let call = if reply.asks() {
            facts(asked, self.count)
        } else {
            Vec::new()
        };
        let filled = reply.fill(&mut Facts {
            call: &call,
            now: asked.at,
            ids,
        });
        match filled {
            Ok(json) => Answer::Payload(Some(json.into())),
            Err(why) => {
                let message = format!("the reply of this responder fails: {why}");
                self.tell(&format!("{message}; it answers with error 500"), notes);
                Answer::Failure { code: 500, message }
            }
        }
    }
}

/// The call as the JSON that templates ask.
fn facts(asked: &Asked<'_>, n: u64) -> Vec<u8> {
    let mut text = "{\"topic\":".to_owned();
    write_json_string(asked.topic, &mut text);
    text.push_str(",\"id\":");
    write_json_string(asked.id, &mut text);
    let mut json = format!("{text},\"n\":{n},\"payload\":").into_bytes();
    json.extend_from_slice(asked.payload.unwrap_or(b"null"));
    json.push(b'}');
    json
}

#[cfg(test)]
mod tests;
