//! What the screen keeps of one session.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::profile::Secrets;
use crate::protocol::Decoder;
use crate::session::{SessionId, Snapshot, State as Lifecycle};
use crate::store::{Filter, Sifting, Store, Timeline};

use crate::tui::composer::{Composer, Terms};

use super::broker::Panel;
use super::detail::Detail;
use super::events::Events;
use super::judges::Judges;
use super::lens::Lens;
use super::odd::Odd;
use super::ours::Ours;
use super::shadow::Shadowing;
use super::sought::Sought;
use super::verdicts::Counting;

/// How far a session has come from the screen's point of view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The target is being resolved.
    Starting,
    /// Its task runs.
    Running,
    /// It never ran; why.
    NotStarted(String),
    /// Its task has returned.
    Ended,
    /// Its task broke.
    Broken,
}

/// What the screen keeps of one session. Made when a target is picked, dropped with its tab.
pub struct Tab {
    /// Which session.
    pub id: SessionId,
    /// What was picked.
    pub target: String,
    /// How far it has come.
    pub phase: Phase,
    /// The newest picture of the session.
    pub snapshot: Option<Arc<Snapshot>>,
    /// What must not be shown of it.
    pub secrets: Arc<Secrets>,
    /// Decodes its frames, once the system is known.
    pub decoder: Option<Arc<dyn Decoder>>,
    /// Where its list of events stands.
    pub events: Events,
    /// The jq filter on its list.
    pub filter: Option<Arc<Filter>>,
    /// What we take out of its list besides.
    pub ours: Option<Ours>,
    /// What thins its list, at work.
    pub sifting: Option<Sifting>,
    /// Its filter sets, made ready to judge events.
    pub judges: Judges,
    /// Which of its visible events are odd.
    pub odd: Odd,
    /// Its filter sets at work on stored events.
    pub counting: Option<Counting>,
    /// Its shadow, and what does not fit.
    pub shadow: Option<Shadowing>,
    /// Whose shadow it is.
    pub shadow_of: Option<SessionId>,
    /// Where its broker panel stands.
    pub broker: Panel,
    /// The text searched for.
    pub sought: Option<Sought>,
    /// What its detail pane shows.
    pub detail: Detail,
    /// What its documents are read with.
    pub terms: Terms,
    /// What is being written.
    pub composer: Composer,
    /// The user's own profile that type rules were saved to.
    pub kept_in: Option<String>,
}

impl fmt::Debug for Tab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tab")
            .field("id", &self.id)
            .field("target", &self.target)
            .field("phase", &self.phase)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl Tab {
    /// A tab for a session that is about to be started on `target`.
    #[must_use]
    pub fn new(id: SessionId, target: String) -> Self {
        Self {
            id,
            target,
            phase: Phase::Starting,
            snapshot: None,
            secrets: Arc::default(),
            decoder: None,
            events: Events::default(),
            filter: None,
            ours: None,
            judges: Judges::default(),
            odd: Odd::default(),
            counting: None,
            shadow: None,
            shadow_of: None,
            sifting: None,
            broker: Panel::default(),
            sought: None,
            detail: Detail::default(),
            terms: Terms::default(),
            composer: Composer::default(),
            kept_in: None,
        }
    }

    /// `text` as it may be shown: without secrets. Not sanitised.
    #[must_use]
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.secrets.is_empty() {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(self.secrets.mask(text))
        }
    }

    /// The name on the tab. Not sanitised.
    #[must_use]
    pub fn name(&self) -> &str {
        self.snapshot
            .as_ref()
            .map_or(self.target.as_str(), |snapshot| snapshot.name.as_str())
    }

    /// Where the session is.
    #[must_use]
    pub fn lifecycle(&self) -> Lifecycle {
        match (&self.phase, &self.snapshot) {
            (Phase::NotStarted(_) | Phase::Broken, _) => Lifecycle::Failed,
            (_, Some(snapshot)) => snapshot.state,
            (Phase::Ended, None) => Lifecycle::Closed,
            (_, None) => Lifecycle::Idle,
        }
    }

    /// The entries its list shows.
    #[must_use]
    pub fn lens(&self, store: &Store) -> Lens<'_> {
        let Some(timeline) = store.timeline(self.id) else {
            return Lens::new(0, 0, None);
        };
        let end = self.events.paused_at.unwrap_or(timeline.next());
        let matches = self.sifting.as_ref().map(Sifting::matches);
        Lens::new(timeline.first(), end, matches)
    }

    /// Number of entries a pause hides.
    #[must_use]
    pub fn hidden(&self, store: &Store) -> u64 {
        let next = store.timeline(self.id).map_or(0, Timeline::next);
        self.events
            .paused_at
            .map_or(0, |paused_at| next.saturating_sub(paused_at))
    }
}
