//! Schemas and schema-less readings: payload bytes to [`Node`] trees and back.
//!
//! ```text
//! .proto files, descriptor sets ──load──► Schema ──rules──► message of an event type
//!                                           │
//!                bytes ──decode (typed)─────┤           bytes ──wire::tree──► Node, guessed
//!                        ▼                  ▲           text  ──json::tree──► Node, exact
//!                       Node              encode ◄── JSON text  ──scan──► one early member
//! ```
//!
//! A [`Schema`] is loaded once per session, shared and never changed. The readings keep the place
//! of every value in the payload, tolerate what real servers send, and are bounded in depth and
//! in number of values.

mod builtin;
mod cursor;
pub mod describe;
mod encode;
mod error;
mod escape;
mod fit;
pub mod gojson;
pub mod json;
mod load;
pub mod put;
mod rules;
pub mod scan;
mod typed;
mod wellknown;
pub mod wire;

use std::path::{Path, PathBuf};

use prost_reflect::{DescriptorPool, MessageDescriptor};
use serde::{Deserialize, Serialize};

use crate::body::Node;
use crate::nearest;

pub use error::{Misfit, SchemaError};
pub use fit::Fit;
pub use rules::{Plain, Reading, Rule, RuleFault, TypeRule};
pub use typed::knows_nothing;

/// `[schema]` of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    /// `.proto` files.
    pub files: Vec<PathBuf>,
    /// Folders imports are looked up in.
    pub include: Vec<PathBuf>,
    /// Compiled descriptor sets.
    pub descriptor_sets: Vec<PathBuf>,
    /// How the payloads of event types are read.
    pub types: Vec<TypeRule>,
    /// The same, told for this session alone; the first one counts, before all of `types`.
    #[serde(skip)]
    pub told: Vec<TypeRule>,
    /// Message of whole binary frames of generic systems.
    pub message: Option<String>,
}

/// A loaded schema: descriptors and type rules. Shared by sessions, decoders and the composer.
///
/// Every schema knows Raccoon's contract and Google's well-known types, the default one too.
#[derive(Clone, Debug)]
pub struct Schema {
    pool: DescriptorPool,
    /// Those that are asked first stand first.
    rules: Vec<Rule>,
    whole: Option<MessageDescriptor>,
}

impl Default for Schema {
    fn default() -> Self {
        Self {
            pool: builtin::contracts().clone(),
            rules: Vec::new(),
            whole: None,
        }
    }
}

/// What bytes decode to: all of it, or what was read before the error.
#[derive(Debug)]
pub struct Decoded {
    /// The tree.
    pub root: Node,
    /// Why there is not more of it.
    pub error: Option<SchemaError>,
}

impl Schema {
    /// Loads and checks everything `sources` names; relative paths are taken from `base`. The
    /// folder of each `.proto` file is looked in for imports, after the include folders. A file
    /// that is not there, but is compiled in under that name (`demo/events.proto`), is found too.
    pub fn load(sources: &Sources, base: &Path) -> Result<Self, SchemaError> {
        load::load(sources, base)
    }

    /// The demo's events, with a rule for each event type.
    #[must_use]
    pub fn demo() -> &'static Self {
        builtin::demo()
    }

    /// All descriptors.
    #[must_use]
    pub fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    /// The rules in the order they are asked: the first that matches counts.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule that counts for an event type.
    #[must_use]
    pub fn rule_for(&self, event_type: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.matches(event_type))
    }

    /// The message an event type is mapped to.
    #[must_use]
    pub fn message_for(&self, event_type: &str) -> Option<MessageDescriptor> {
        match self.rule_for(event_type)?.reading() {
            Reading::Message(message) => Some(message.clone()),
            Reading::Plain(_) => None,
        }
    }

    /// The same schema with one more rule, told for this session: it is asked before all others.
    pub fn with_rule(&self, rule: TypeRule) -> Result<Self, SchemaError> {
        let mut schema = self.clone();
        let is_same = |known: &Rule| known.is_told() && known.written().pattern() == rule.pattern();
        schema.rules.retain(|known| !is_same(known));
        let rule = schema.rule(rule, true)?;
        schema.rules.insert(0, rule);
        Ok(schema)
    }

    /// Makes a rule ready to be used.
    fn rule(&self, written: TypeRule, told: bool) -> Result<Rule, SchemaError> {
        written
            .check()
            .map_err(|fault| fault.into_error(&written))?;
        let reading = match (&written.message, written.decode) {
            (None, Some(plain)) => Reading::Plain(plain),
            (message, _) => {
                let asked_by = format!("the rule for event type `{}`", written.pattern());
                let name = message.as_deref().unwrap_or_default();
                Reading::Message(self.message(name, &asked_by)?)
            }
        };
        Rule::new(written, reading, told)
    }

    /// The message of that name: its full name, or the end of it behind a dot if only one
    /// message ends so. `asked_by` says in the error who wanted it.
    pub fn message(&self, name: &str, asked_by: &str) -> Result<MessageDescriptor, SchemaError> {
        let name = name.trim_start_matches('.');
        if let Some(message) = self.pool.get_message_by_name(name) {
            return Ok(message);
        }
        let mut ending = self.pool.all_messages().filter(|message| {
            let full = message.full_name();
            full.strip_suffix(name)
                .is_some_and(|package| package.ends_with('.'))
        });
        if let (Some(message), None) = (ending.next(), ending.next()) {
            return Ok(message);
        }
        let known: Vec<_> = self.pool.all_messages().collect();
        let names: Vec<_> = known.iter().map(MessageDescriptor::full_name).collect();
        Err(SchemaError::UnknownMessage {
            asked_by: asked_by.to_owned(),
            name: name.to_owned(),
            nearest: nearest_name(name, &names).map(str::to_owned),
        })
    }

    /// The message of whole binary frames.
    #[must_use]
    pub fn whole(&self) -> Option<&MessageDescriptor> {
        self.whole.as_ref()
    }

    /// Reads `bytes` as `message` into a tree; spans are offsets into `bytes` plus `at`.
    ///
    /// Fields stand in the order they first come in, under the names the schema gives them;
    /// those it does not know keep their number. A field that is not on the wire is not in the
    /// tree.
    pub fn decode(
        &self,
        message: &MessageDescriptor,
        bytes: &[u8],
        at: usize,
    ) -> Result<Node, SchemaError> {
        let decoded = self.read(message, bytes, at);
        match decoded.error {
            None => Ok(decoded.root),
            Some(error) => Err(error),
        }
    }

    /// Like [`Self::decode`], keeping what was read before an error.
    #[must_use]
    pub fn read(&self, message: &MessageDescriptor, bytes: &[u8], at: usize) -> Decoded {
        let (root, error) = typed::read(message, bytes, at);
        let error = error.map(|error| SchemaError::Undecodable {
            message: message.full_name().to_owned(),
            error,
        });
        Decoded { root, error }
    }

    /// Encodes a JSON object as `message`; the error names the path and the expected type.
    ///
    /// Takes the protobuf JSON mapping with either spelling of field names, and for well-known
    /// types besides their JSON form an object of their fields.
    pub fn encode(
        &self,
        message: &MessageDescriptor,
        json: &serde_json::Value,
    ) -> Result<Vec<u8>, SchemaError> {
        encode::message(message, json).map_err(|misfit| SchemaError::Unfit {
            message: message.full_name().to_owned(),
            misfit,
        })
    }
}

/// The full name nearest to `name`, which may lack its package.
fn nearest_name<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let last = |full: &'a str| full.rsplit('.').next().unwrap_or(full);
    if let Some(near) = nearest::one(name, names.iter().copied()) {
        return Some(near);
    }
    let near = nearest::one(name, names.iter().copied().map(last))?;
    names.iter().copied().find(|full| last(full) == near)
}
