//! What the protocol's milestones mean to the session.

use std::time::Duration;

use serde_json::{Map, json};

use super::super::books::Books;
use super::super::lifecycle::State;
use super::Talk;
use crate::frame::Stamp;
use crate::protocol::Milestone;
use crate::transport::Outlet;

impl Talk {
    /// Takes a step of the conversation.
    pub(super) fn reach(
        &mut self,
        books: &mut Books,
        out: &mut Outlet,
        milestone: Milestone,
        now: Stamp,
    ) {
        match milestone {
            Milestone::Registering(what) => {
                books.enter(State::Registering, what, Map::new(), now);
            }
            Milestone::Live(how) => {
                self.usable_since.get_or_insert(now);
                let every = books.plan.traffic.as_ref().map(|traffic| traffic.every);
                self.next_traffic = every.map(|every| now.mono + every);
                books.enter(State::Live, how, Map::new(), now);
            }
            Milestone::Refused {
                code,
                reason,
                advice,
                retry_after_ms,
            } => {
                books.health.refusals += 1;
                self.retry_after = Some(Duration::from_millis(retry_after_ms));
                let words = reason.trim_end_matches([',', '.', ' ']);
                let detail = format!("{words}: {advice}");
                books.note(format!("refused: {detail}"));
                let facts = Map::from_iter([
                    ("code".to_owned(), code.into()),
                    ("reason".to_owned(), reason.into()),
                    ("advice".to_owned(), advice.into()),
                    ("retry_after_ms".to_owned(), json!(retry_after_ms)),
                ]);
                books.enter(State::Refused, detail, facts, now);
            }
            Milestone::Failed(why) => {
                books.note(why.clone());
                self.close(books, out, (1001, "opening steps failed"), now);
                self.failed = Some(why);
            }
        }
    }
}
