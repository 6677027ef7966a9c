//! What wspect itself takes out of a list, beside or instead of a jq filter.

use std::sync::Arc;

use crate::body::write_json_string;
use crate::entry::{Entry, EntryKind};
use crate::protocol::savetowebsocket::Reasoner;
use crate::schema::scan;
use crate::store::sieve::Test;

use super::judges::{Judges, is_event};
use super::verdicts::Class;

/// What wspect itself takes out of a list. The server knows nothing of it.
#[derive(Clone, Debug)]
pub enum Ours {
    /// Events that the filters of their time drop as documented.
    Documented,
    /// Everything but events of one class of a tally.
    Only {
        /// The class.
        class: Class,
        /// The set they were judged by.
        reasoner: Arc<Reasoner>,
    },
    /// Everything but messages on this topic of a broker.
    Topic(Arc<str>),
    /// Everything but messages that name this id of a call or a client.
    Naming(Arc<str>),
    /// Everything but the messages of one call through the broker.
    Call {
        /// Id of the outer request.
        id: Arc<str>,
        /// Id of the inner one, where it is known.
        inner: Option<Arc<str>>,
    },
}

impl Ours {
    /// What it is called in the border.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Documented => "documented filter (ours)".to_owned(),
            Self::Only { class, .. } => format!("only {} (ours)", class.short()),
            Self::Topic(topic) => format!("only topic {topic} (ours)"),
            Self::Naming(id) => format!("only {id} (ours)"),
            Self::Call { id, .. } => format!("only call {id} (ours)"),
        }
    }

    /// The test, for entries of a session with these judges.
    #[must_use]
    pub fn test(&self, judges: &Judges) -> Test {
        match self {
            Self::Documented => {
                let judges = judges.clone();
                Arc::new(move |entry| judges.lets_through(entry))
            }
            Self::Only { class, reasoner } => {
                let (class, reasoner) = (*class, Arc::clone(reasoner));
                Arc::new(move |entry| {
                    is_event(entry) && Class::of(reasoner.judge(entry.payload)) == class
                })
            }
            Self::Topic(topic) => {
                let topic = Arc::clone(topic);
                Arc::new(move |entry| is_on(entry, &topic))
            }
            Self::Naming(id) => {
                let id = Arc::clone(id);
                Arc::new(move |entry| names(entry, &id))
            }
            Self::Call { id, inner } => {
                let (id, inner) = (Arc::clone(id), inner.clone());
                Arc::new(move |entry| {
                    names(entry, &id) || inner.as_ref().is_some_and(|inner| names(entry, inner))
                })
            }
        }
    }
}

/// True if the message is on that topic. A reply of generation 1 has its correlation id for a
/// topic; its label has the topic of what it answers.
fn is_on(entry: &Entry<'_>, topic: &str) -> bool {
    if !matches!(entry.kind, EntryKind::Frame(kind) if !kind.is_control()) {
        return entry.kind == EntryKind::Lost && entry.label == topic;
    }
    let root = scan::member_any_case(entry.payload, "header").unwrap_or(entry.payload);
    let said = scan::member_any_case(root, "topic").and_then(scan::string);
    let named = said.as_deref() == Some(topic) || entry.label == topic;
    // `404 topic` is the label of a failure.
    named
        || entry
            .label
            .split_once(' ')
            .is_some_and(|(_, rest)| rest == topic)
}

/// True if the message has that text for a value somewhere.
fn names(entry: &Entry<'_>, id: &str) -> bool {
    let mut quoted = String::new();
    write_json_string(id, &mut quoted);
    let is_frame = matches!(entry.kind, EntryKind::Frame(_));
    is_frame && memchr::memmem::find(entry.payload, quoted.as_bytes()).is_some()
}
