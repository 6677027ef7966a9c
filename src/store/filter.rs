//! The jq filter over entries.
//!
//! ```text
//!  Filter (compiled once) ─┬► quick: plain conditions, no line is built         20 ns an entry
//!                          ├► literal: a text that must be in the payload       20 ns
//!                          └► the whole line, body decoded if it matters       2–10 µs
//! ```
//!
//! [`super::sieve`] runs it over one shared chunk; [`super::job`] drives that over a timeline,
//! newest entries first, on a worker.

use std::fmt;
use std::sync::Arc;

use memchr::{memchr, memmem};

use crate::body::Body;
use crate::entry::{Entry, EntryKind, Line};
use crate::frame::{Frame, FrameKind};
use crate::jq::plan::{Condition, Constant, Plan, plan};
use crate::jq::{self, JqError, Program, RunError};

/// Decodes a frame, on whatever thread asks.
pub type Decode = Arc<dyn Fn(&Frame<'_>) -> Body + Send + Sync>;

/// How a session's entries look to a filter.
#[derive(Clone)]
pub struct View {
    /// Name of the session, for the line's `session`.
    pub session: String,
    /// Name of its system, once known.
    pub system: Option<&'static str>,
    /// Decodes its frames.
    pub decode: Decode,
    /// True if every text in the body of a text frame stands in its payload as it is, JSON
    /// escapes aside: not so where bodies carry base64 that is decoded further.
    pub verbatim: bool,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("session", &self.session)
            .field("system", &self.system)
            .field("verbatim", &self.verbatim)
            .finish_non_exhaustive()
    }
}

/// A compiled filter expression, for use on any thread.
#[derive(Debug)]
pub struct Filter {
    program: Program,
    needs_body: bool,
    plan: Plan,
    literals: Vec<memmem::Finder<'static>>,
}

impl Filter {
    /// Compiles a jq expression.
    pub fn compile(text: &str) -> Result<Self, JqError> {
        let program = Program::compile(text)?;
        let plan = plan(text);
        let literals = plan.literals.iter();
        let literals = literals
            .map(|literal| memmem::Finder::new(literal).into_owned())
            .collect();
        Ok(Self {
            program,
            needs_body: jq::needs_body(text),
            plan,
            literals,
        })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        self.program.text()
    }

    /// False if lines may be filtered without their decoded bodies.
    #[must_use]
    pub fn needs_body(&self) -> bool {
        self.needs_body
    }

    /// The answer, where it can be had without building the line.
    #[must_use]
    pub fn quick(&self, entry: &Entry<'_>, session: &str, system: Option<&str>) -> Option<bool> {
        let EntryKind::Frame(kind) = entry.kind else {
            return None;
        };
        let row = Row {
            entry,
            kind,
            session,
            system,
        };
        if !self
            .plan
            .conditions
            .iter()
            .all(|condition| row.meets(condition))
        {
            return Some(false);
        }
        self.plan.exact.then_some(true)
    }

    /// The answer for a line as [`Line::write_json`] writes it.
    pub fn matches_line(&self, json: &str) -> Result<bool, RunError> {
        self.program.matches(json.as_bytes())
    }

    /// True if the entry passes; `scratch` is overwritten.
    pub fn matches(
        &self,
        entry: &Entry<'_>,
        view: &View,
        scratch: &mut String,
    ) -> Result<bool, RunError> {
        if let Some(answer) = self.quick(entry, &view.session, view.system) {
            return Ok(answer);
        }
        if view.verbatim && !self.may_hold(entry) {
            return Ok(false);
        }
        let frame = entry.frame().filter(|_| self.needs_body);
        let body = frame.map(|frame| (view.decode)(&frame));
        scratch.clear();
        Line {
            entry,
            session: &view.session,
            system: view.system,
            body: body.as_ref(),
            raw: false,
        }
        .write_json(scratch);
        self.matches_line(scratch)
    }

    /// False if the payload lacks a text that must be in it.
    fn may_hold(&self, entry: &Entry<'_>) -> bool {
        if entry.kind != EntryKind::Frame(FrameKind::Text) {
            return true;
        }
        let payload = entry.payload;
        // A backslash may spell any character of the text.
        let holds = |literal: &memmem::Finder<'_>| literal.find(payload).is_some();
        self.literals.iter().all(holds) || memchr(b'\\', payload).is_some()
    }
}

/// A frame's entry as plain conditions see it.
struct Row<'a> {
    entry: &'a Entry<'a>,
    kind: FrameKind,
    session: &'a str,
    system: Option<&'a str>,
}

/// The value of one member; ordered as jq orders values.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Member<'a> {
    Null,
    Bool(bool),
    Number(i128),
    Text(&'a str),
}

impl Row<'_> {
    fn meets(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Compare(key, relation, constant) => {
                let constant = match constant {
                    Constant::Null => Member::Null,
                    Constant::Bool(flag) => Member::Bool(*flag),
                    Constant::Number(number) => Member::Number((*number).into()),
                    Constant::Text(text) => Member::Text(text),
                };
                relation.holds(self.member(key).cmp(&constant))
            }
            Condition::Has(key, place, part) => match self.member(key) {
                Member::Text(text) => place.holds(text, part),
                _ => false,
            },
            Condition::Holds(key) => {
                !matches!(self.member(key), Member::Null | Member::Bool(false))
            }
            Condition::All(left, right) => self.meets(left) && self.meets(right),
            Condition::Any(left, right) => self.meets(left) || self.meets(right),
            Condition::Not(inner) => !self.meets(inner),
        }
    }

    fn member(&self, key: &str) -> Member<'_> {
        let entry = self.entry;
        match key {
            "badge" => Member::Text(entry.badge.name()),
            "dir" => Member::Text(entry.direction.name()),
            "kind" => Member::Text(self.kind.name()),
            "label" => Member::Text(entry.label),
            "size" => Member::Number(entry.size() as i128),
            "outcome" => entry
                .outcome
                .map_or(Member::Null, |outcome| Member::Text(outcome.name())),
            "latency_us" => entry.latency.map_or(Member::Null, |latency| {
                Member::Number(latency.as_micros() as i128)
            }),
            "type" => Member::Text("frame"),
            "session" => Member::Text(self.session),
            "system" => self.system.map_or(Member::Null, Member::Text),
            "seq" => Member::Number(entry.seq.into()),
            "pair" => entry
                .pair
                .map_or(Member::Null, |pair| Member::Number(pair.into())),
            "asks" if entry.asks => Member::Bool(true),
            "v" => Member::Number(crate::entry::line::VERSION.into()),
            _ => Member::Null,
        }
    }
}
