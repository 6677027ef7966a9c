//! A question before something that can hurt others: asked once, answered with yes or no.
//!
//! ```text
//!  an action ─► Confirm on top ─┬─ y ─► its Deed is done
//!                               └─ n ─► nothing was done; what was written stays as it is
//! ```

use crate::protocol::Command;
use crate::session::SessionId;
use crate::tui::effect::Effect;

use super::State;

/// A question, while it is on screen.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// What is about to be done, as a question: `Publish system:hot_reload?`.
    pub what: String,
    /// What that does, and to whom: whole sentences. Not sanitised.
    pub why: String,
    /// What happens on yes.
    pub deed: Deed,
}

/// What waits for a yes.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A session is told to send this.
    Send {
        /// Which session.
        session: SessionId,
        /// What it sends.
        command: Box<Command>,
    },
    /// A session is started on this target, in a tab of its own.
    Start {
        /// The target.
        target: String,
    },
    /// This is put on the clipboard.
    Copy(String),
    /// This runs: for what is kept in the state already, such as the draft in the composer.
    Run(fn(&mut State, &mut Vec<Effect>)),
}

impl State {
    /// Asks, above all that is on screen.
    pub fn ask(&mut self, confirm: Confirm) {
        self.overlays
            .push(super::overlay::Overlay::Confirm(confirm));
    }
}
