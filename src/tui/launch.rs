//! How a target becomes a running session: told by whoever knows profiles and flags.

use std::future::Future;
use std::pin::Pin;

use crate::profile::Secrets;
use crate::profile::amend::Amendment;
use crate::session::{Feed, Handle, Plan, SessionId};

use tokio_util::sync::CancellationToken;

use super::state::picker::Choice;

/// What a session is started with besides its target.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The number it gets.
    pub id: SessionId,
    /// Where it delivers to.
    pub feed: Feed,
    /// Ends it.
    pub cancel: CancellationToken,
}

/// A session that runs, and what is known of it besides.
#[derive(Debug)]
pub struct Launched {
    /// The session.
    pub handle: Handle,
    /// What it was started with, to start the like of it; `None` if that cannot be.
    pub plan: Option<Plan>,
    /// What must not be shown of it.
    pub secrets: Secrets,
    /// What the user should know: shown as notices.
    pub warnings: Vec<String>,
}

/// A session about to run, or a sentence on why it cannot.
pub type Launching = Pin<Box<dyn Future<Output = Result<Launched, String>> + Send>>;

/// Turns targets into sessions. Made from the command line, shared by the tasks of the interface.
pub trait Launcher: Send + Sync {
    /// Resolves `target` (a profile's name, a URL, `demo:…`) and starts its session. What the
    /// session needs to live, such as a demo server, ends with the seat's token.
    fn launch(&self, target: String, seat: Seat) -> Launching;

    /// Saves a change to a profile of the user's own: the one `target` names, or a new one called
    /// `name`, made of what `target` is. Returns its name and a sentence to tell.
    /// May block. Where there are no profiles, nothing is saved.
    fn keep(
        &self,
        _target: &str,
        _name: Option<&str>,
        _amendment: &Amendment,
    ) -> Result<(String, String), String> {
        Err("there are no profiles here".to_owned())
    }

    /// What the picker offers now, or a sentence on why there is no list. May block.
    fn choices(&self) -> Result<Vec<Choice>, String>;
}
