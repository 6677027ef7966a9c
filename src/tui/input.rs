//! Everything that can happen to the screen, in one enum.

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::layout::Size;

use crate::frame::{Seq, Stamp};
use crate::profile::Secrets;
use crate::protocol::Command;
use crate::saved::Listed;
use crate::session::{Delivery, SessionId};
use crate::store::job::{Answer, JobId};

use super::composer::Terms;
use super::composer::kind::Kind;
use super::state::detail::Decoded;
use super::state::picker::Choice;

/// What the screen is told of a session that runs.
#[derive(Debug, Default)]
pub struct Joined {
    /// What its documents are read with.
    pub terms: Terms,
    /// What must not be shown of it.
    pub secrets: Arc<Secrets>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// What was done with the saved documents.
#[derive(Debug)]
pub enum Shelved {
    /// All of them.
    Listed(Vec<Listed>),
    /// One was read.
    Loaded {
        /// Whose composer gets it.
        session: SessionId,
        /// What it is called.
        name: String,
        /// The document.
        text: String,
    },
    /// One was kept.
    Saved {
        /// Whose composer it is in.
        session: SessionId,
        /// What it is called.
        name: String,
        /// Its file.
        path: String,
        /// All of them now.
        saved: Vec<Listed>,
    },
    /// One was changed, copied or forgotten.
    Changed {
        /// What was done.
        sentence: String,
        /// Its old and new name, if it has another.
        renamed: Option<(String, String)>,
        /// All of them now.
        saved: Vec<Listed>,
    },
}

/// Everything that can happen to the screen.
#[derive(Debug)]
pub enum Input {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was used.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size now.
    Resize(Size),
    /// It is this late, and the screen is about to be drawn: what the picture needs and does not
    /// have yet is prepared now.
    Due(Stamp),
    /// A session handed something over.
    Delivered(Box<Delivery>),
    /// An attempt to start a session has come to its end.
    Started {
        /// Which session.
        session: SessionId,
        /// What is known of it, or why it did not start.
        result: Result<Joined, String>,
    },
    /// A session's task has broken, which is a fault of ours.
    Broke(SessionId),
    /// The targets one can pick.
    Listed(Vec<Choice>),
    /// The editor was left.
    Edited {
        /// Whose document.
        session: SessionId,
        /// What it was written as.
        kind: Kind,
        /// The document; `None` if it was not changed.
        result: Result<Option<String>, String>,
    },
    /// The editor was left, with an event that is to be judged; `None` if it was not changed.
    EventEdited(Result<Option<String>, String>),
    /// A type rule was saved, or was not.
    Kept {
        /// Whose events it is about.
        session: SessionId,
        /// The profile and a sentence, or why it was not saved.
        result: Result<(String, String), String>,
    },
    /// Something was done with the saved documents, or could not be.
    Shelved(Result<Shelved, String>),
    /// The filter's worker has looked at a piece.
    Answered(Answer),
    /// A piece could not be handed to the filter's worker.
    Unanswered(JobId),
    /// A worker has decoded an entry.
    Decoded {
        /// Whose entry.
        session: SessionId,
        /// Which entry.
        seq: Seq,
        /// The reading.
        decoded: Box<Decoded>,
    },
    /// So much time has passed that more may be due to be sent.
    Pump(Stamp),
    /// A session's queue did not take these.
    Unfed {
        /// Which session.
        session: SessionId,
        /// What was to be sent, in order.
        commands: Vec<Command>,
        /// Why, if it will never take them.
        why: Option<String>,
    },
    /// A session could not be told something.
    Untold {
        /// Which session.
        session: SessionId,
        /// Why.
        why: String,
    },
    /// An effect did not succeed; a sentence.
    Failed(String),
    /// An effect succeeded and there is nothing else to see of it; a sentence.
    Told(String),
}
