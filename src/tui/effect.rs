//! What [`update`](super::update::update) asks of the outside world.

use std::fmt;
use std::sync::Arc;

use crate::frame::{Direction, FrameKind, Seq, Stamp};
use crate::profile::Secrets;
use crate::profile::amend::Amendment;
use crate::protocol::{Command, Decoder};
use crate::session::{Order, SessionId};
use crate::store::job::Task;

use super::composer::kind::Kind;
use super::state::tree::Folds;

/// What the outside world is asked to do. Performed by the run loop, in order; results come back
/// as inputs.
#[derive(Debug)]
pub enum Effect {
    /// Resolve the target and start the session.
    Start {
        /// The number the session gets.
        session: SessionId,
        /// What was picked.
        target: String,
    },
    /// Start the shadow of a running session: the same target without filters.
    Shadow {
        /// The number the shadow gets.
        session: SessionId,
        /// The session it is the shadow of.
        of: SessionId,
    },
    /// List the targets one can pick.
    List,
    /// Tell a running session something.
    Order {
        /// Which session.
        session: SessionId,
        /// What to tell it.
        order: Order,
    },
    /// Tell a running session to send these, as far as its queue takes them now; the others come
    /// back.
    Feed {
        /// Which session.
        session: SessionId,
        /// What to send, in order.
        commands: Vec<Command>,
    },
    /// End a session: closing handshake, then its task returns.
    End(SessionId),
    /// Decode a large entry on a worker.
    Decode(Box<DecodeJob>),
    /// Look at a piece of a timeline, for a filter or a search.
    Look(Task),
    /// Give a session a payload buffer that is free again.
    Recycle {
        /// Which session.
        session: SessionId,
        /// The buffer.
        buffer: Vec<u8>,
    },
    /// Do something with the saved documents.
    Shelf(ShelfJob),
    /// Give the terminal to the user's editor until it is left.
    Edit(Box<EditJob>),
    /// The same with an event that is to be judged.
    EditEvent(String),
    /// Save a change to a profile.
    Keep(Box<KeepJob>),
    /// Put text on the clipboard.
    Copy(String),
    /// Forget what the terminal shows and draw all of it.
    Redraw,
    /// Give the terminal back and stop until the shell continues us.
    Suspend,
    /// End all sessions and leave.
    Quit,
}

/// What is to be done with the saved documents. The list comes back with all but a look into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShelfJob {
    /// List them.
    List,
    /// Read one.
    Load {
        /// Whose composer gets it.
        session: SessionId,
        /// What it is called.
        name: String,
    },
    /// Keep one, in place of what was there under its name.
    Save {
        /// Whose composer it is in.
        session: SessionId,
        /// What it is called.
        name: String,
        /// The document.
        text: String,
    },
    /// Call one something else.
    Rename {
        /// What it is called.
        old: String,
        /// What it is to be called.
        new: String,
    },
    /// Keep one under a second name.
    Duplicate {
        /// What it is called.
        old: String,
        /// What the other is to be called.
        new: String,
    },
    /// Forget one.
    Delete {
        /// What it is called.
        name: String,
    },
}

/// A document to be edited elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditJob {
    /// Whose document.
    pub session: SessionId,
    /// What it is written as.
    pub kind: Kind,
    /// The document.
    pub text: String,
}

/// A change to a profile, to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepJob {
    /// Which session it is about.
    pub session: SessionId,
    /// What the session was started on, or the profile that was saved to before.
    pub target: String,
    /// Name of the profile to make, if the target is none of the user's own.
    pub name: Option<String>,
    /// The change.
    pub amendment: Amendment,
}

/// An entry to be decoded on a worker.
pub struct DecodeJob {
    /// Whose entry.
    pub session: SessionId,
    /// Which entry.
    pub seq: Seq,
    /// When it happened.
    pub at: Stamp,
    /// Which way the frame went.
    pub direction: Direction,
    /// The frame's kind.
    pub kind: FrameKind,
    /// A copy of its payload.
    pub payload: Vec<u8>,
    /// Decodes it.
    pub decoder: Arc<dyn Decoder>,
    /// What must not be shown.
    pub secrets: Arc<Secrets>,
    /// Branches a person opened or closed.
    pub folds: Folds,
}

impl fmt::Debug for DecodeJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeJob")
            .field("session", &self.session)
            .field("seq", &self.seq)
            .field("bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}
