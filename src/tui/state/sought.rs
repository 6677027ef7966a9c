//! A text being searched for in one session.

use std::sync::Arc;

use crate::store::job::Towards;
use crate::store::{Hunt, Pattern};

/// A text being searched for in one session.
#[derive(Debug)]
pub struct Sought {
    /// What is searched for.
    pub pattern: Arc<Pattern>,
    /// Where the search under way goes.
    pub towards: Towards,
    /// The search under way.
    pub hunt: Option<Hunt>,
    /// True once it went on from the other end.
    pub wrapped: bool,
}
