//! What wspect itself takes out of a list, beside or instead of a jq filter.

use std::sync::Arc;

use crate::protocol::savetowebsocket::Reasoner;
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
}

impl Ours {
    /// What it is called in the border.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Documented => "documented filter (ours)".to_owned(),
            Self::Only { class, .. } => format!("only {} (ours)", class.short()),
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
        }
    }
}
