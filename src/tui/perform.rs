//! Performs effects: the sessions' handles, workers, and what comes back from them.

mod shadow;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::frame::Frame;
use crate::profile::amend::Amendment;
use crate::protocol::Command;
use crate::saved::Saved;
use crate::session::{Deliveries, Feed, Order, SessionId};
use crate::store::Worker;
use crate::store::job::{JobId, Task};
use crate::store::worker::Refused;

use super::composer::Terms;
use super::editor;
use super::effect::{DecodeJob, KeepJob, ShelfJob};
use super::input::{Input, Joined};
use super::launch::{Launched, Launcher, Seat};
use super::shelf;
use super::state::detail::Decoded;
use shadow::Origin;

/// Most results of workers that wait to be taken; further workers wait.
const RESULTS: usize = 64;
/// How long sessions have to say goodbye when the program ends.
const GOODBYE: Duration = Duration::from_secs(3);

/// The outside world as far as effects reach it. Owned by the run loop.
pub(super) struct Performer {
    launcher: Arc<dyn Launcher>,
    feed: Feed,
    cancel: CancellationToken,
    seats: BTreeMap<SessionId, Session>,
    tasks: JoinSet<()>,
    results: mpsc::Sender<Input>,
    worker: Worker,
    saved: Saved,
    starts: JoinSet<(SessionId, Result<Launched, String>)>,
}

/// A session being started, or running.
struct Session {
    cancel: CancellationToken,
    orders: Option<mpsc::Sender<Order>>,
    buffers: Option<mpsc::Sender<Vec<u8>>>,
    origin: Option<Arc<Origin>>,
}

impl Session {
    fn starting(cancel: CancellationToken) -> Self {
        Self {
            cancel,
            orders: None,
            buffers: None,
            origin: None,
        }
    }
}

impl Performer {
    /// A performer for sessions that deliver to `feed`, and what its workers answer.
    pub(super) fn new(
        launcher: Arc<dyn Launcher>,
        feed: Feed,
        worker: Worker,
        saved: Saved,
    ) -> (Self, mpsc::Receiver<Input>) {
        let (results, answers) = mpsc::channel(RESULTS);
        let performer = Self {
            launcher,
            feed,
            cancel: CancellationToken::new(),
            seats: BTreeMap::new(),
            tasks: JoinSet::new(),
            results,
            worker,
            saved,
            starts: JoinSet::new(),
        };
        (performer, answers)
    }

    /// Where workers tell their results.
    pub(super) fn results(&self) -> mpsc::Sender<Input> {
        self.results.clone()
    }

    /// Starts a session in the background; [`Self::started`] tells how it went.
    pub(super) fn start(&mut self, session: SessionId, target: String) {
        let cancel = self.cancel.child_token();
        let seat = Seat {
            id: session,
            feed: self.feed.clone(),
            cancel: cancel.clone(),
        };
        self.seats.insert(session, Session::starting(cancel));
        let launching = self.launcher.launch(target, seat);
        self.starts.spawn(async move {
            // On a task of its own, so that one that breaks still has an outcome.
            let outcome = tokio::spawn(launching).await;
            let result = outcome.unwrap_or_else(|_| Err("starting it broke".to_owned()));
            (session, result)
        });
    }

    /// Waits for the next session that has started, or has not. Pending while none is starting.
    pub(super) async fn started(&mut self) -> Input {
        let (session, result) = loop {
            match self.starts.join_next().await {
                Some(Ok(outcome)) => break outcome,
                // Nothing in there breaks, and nobody aborts it.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        };
        let result = result.map(|launched| {
            let origin = Origin::of(&launched);
            let handle = launched.handle;
            let terms = Terms {
                settings: Arc::clone(&handle.settings),
                schema: Arc::clone(&handle.schema),
            };
            if let Some(seat) = self.seats.get_mut(&session) {
                seat.origin = origin;
                seat.orders = Some(handle.orders);
                seat.buffers = Some(handle.buffers);
            }
            let results = self.results.clone();
            self.tasks.spawn(async move {
                if handle.task.await.is_err() {
                    // Nobody listens any more when the program ends.
                    let _ = results.send(Input::Broke(session)).await;
                }
            });
            Joined {
                terms,
                secrets: Arc::new(launched.secrets),
                warnings: launched.warnings,
            }
        });
        Input::Started { session, result }
    }

    /// Tells a session something; what could not be told comes back as a sentence.
    pub(super) fn order(&self, session: SessionId, order: Order) -> Result<(), String> {
        let orders = self
            .seats
            .get(&session)
            .and_then(|seat| seat.orders.as_ref());
        let Some(orders) = orders else {
            return Err("not done: the session is still being started".to_owned());
        };
        orders.try_send(order).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                "not done: the session has 1,024 orders waiting; try again".to_owned()
            }
            mpsc::error::TrySendError::Closed(_) => {
                "not done: the session has ended; open it again in a new tab".to_owned()
            }
        })
    }

    /// Tells a session to send `commands`, as far as its queue takes them; else the others, and why
    /// if it will never take them.
    pub(super) fn feed(
        &self,
        session: SessionId,
        commands: Vec<Command>,
    ) -> Result<(), (Vec<Command>, Option<String>)> {
        let mut commands = commands.into_iter();
        let orders = self
            .seats
            .get(&session)
            .and_then(|seat| seat.orders.as_ref());
        let Some(orders) = orders else {
            let why = "the session is still being started".to_owned();
            return Err((commands.collect(), Some(why)));
        };
        while let Some(command) = commands.next() {
            let (order, why) = match orders.try_send(Order::Send(command)) {
                Ok(()) => continue,
                Err(mpsc::error::TrySendError::Full(order)) => (order, None),
                Err(mpsc::error::TrySendError::Closed(order)) => {
                    let why = "the session has ended; open it again in a new tab";
                    (order, Some(why.to_owned()))
                }
            };
            let Order::Send(command) = order else { break };
            let left = std::iter::once(command).chain(commands).collect();
            return Err((left, why));
        }
        Ok(())
    }

    /// Ends one session.
    pub(super) fn end(&mut self, session: SessionId) {
        if let Some(seat) = self.seats.remove(&session) {
            seat.cancel.cancel();
        }
    }

    /// Hands a piece to the filter's worker, or says why it was not taken.
    pub(super) fn look(&self, task: Task) -> Result<(), (JobId, Refused)> {
        let job = task.job();
        self.worker.offer(task).map_err(|refused| (job, refused))
    }

    /// Gives a session a buffer back; without room for it, it is let go.
    pub(super) fn recycle(&self, session: SessionId, buffer: Vec<u8>) {
        if let Some(buffers) = self
            .seats
            .get(&session)
            .and_then(|seat| seat.buffers.as_ref())
        {
            let _ = buffers.try_send(buffer);
        }
    }

    /// Lists the targets in the background: files are read for it.
    pub(super) fn list(&mut self) {
        let launcher = Arc::clone(&self.launcher);
        let results = self.results.clone();
        self.tasks.spawn(async move {
            let listed = tokio::task::spawn_blocking(move || launcher.choices());
            let input = match listed.await {
                Ok(Ok(choices)) => Input::Listed(choices),
                Ok(Err(why)) => Input::Failed(why),
                Err(error) => Input::Failed(format!("the profiles were not listed: {error}")),
            };
            // Nobody listens any more when the program ends.
            let _ = results.send(input).await;
        });
    }

    /// Saves a change to a profile in the background, and lists the targets anew: there may be one more.
    pub(super) fn keep(&mut self, job: KeepJob) {
        let launcher = Arc::clone(&self.launcher);
        let results = self.results.clone();
        self.tasks.spawn(async move {
            let session = job.session;
            let failed = match &job.amendment {
                Amendment::Rule(_) => "used for this session, but not saved",
                Amendment::Filters(_) => "the filters were not saved",
            };
            let kept = tokio::task::spawn_blocking(move || {
                let kept = launcher.keep(&job.target, job.name.as_deref(), &job.amendment);
                let choices = launcher.choices();
                (kept, choices)
            });
            let (result, choices) = match kept.await {
                Ok((result, choices)) => (result, choices.ok()),
                Err(error) => (Err(format!("saving broke off: {error}")), None),
            };
            let result = result.map_err(|why| format!("{failed}: {why}"));
            // Nobody listens any more when the program ends.
            let _ = results.send(Input::Kept { session, result }).await;
            if let Some(choices) = choices {
                let _ = results.send(Input::Listed(choices)).await;
            }
        });
    }

    /// Does something with the saved documents, in the background: files are read and written.
    pub(super) fn shelf(&mut self, job: ShelfJob) {
        let saved = self.saved.clone();
        let results = self.results.clone();
        self.tasks.spawn(async move {
            let done = tokio::task::spawn_blocking(move || shelf::perform(&saved, job));
            let done = done.await.unwrap_or_else(|error| {
                Err(format!("the saved documents were not looked at: {error}"))
            });
            // Nobody listens any more when the program ends.
            let _ = results.send(Input::Shelved(done)).await;
        });
    }

    /// Lets the user's editor have the document on a thread of its own, which nobody waits for
    /// when the program ends. What it says comes among the results; at once if there is no thread.
    pub(super) fn edit(
        &self,
        text: String,
        edited: impl FnOnce(Result<Option<String>, String>) -> Input + Clone + Send + 'static,
    ) -> Result<(), Input> {
        let results = self.results.clone();
        let done = edited.clone();
        let work = move || {
            // Nobody listens any more when the program ends.
            let _ = results.blocking_send(done(editor::edit(&text)));
        };
        let thread = std::thread::Builder::new().name("editor".to_owned());
        match thread.spawn(work) {
            Ok(_) => Ok(()),
            Err(error) => Err(edited(Err(format!(
                "the editor was not started: no thread for it: {error}"
            )))),
        }
    }

    /// Decodes a large entry off the interface's task.
    pub(super) fn decode(&mut self, job: DecodeJob) {
        let results = self.results.clone();
        self.tasks.spawn(async move {
            let (session, seq) = (job.session, job.seq);
            let work = tokio::task::spawn_blocking(move || {
                let frame = Frame {
                    seq: job.seq,
                    at: job.at,
                    direction: job.direction,
                    kind: job.kind,
                    payload: &job.payload,
                };
                Decoded::new(job.decoder.body(&frame), &job.folds, &job.secrets)
            });
            let decoded = work.await.unwrap_or_else(|error| Decoded {
                error: Some(format!("it was not decoded: {error}")),
                ..Decoded::default()
            });
            let input = Input::Decoded {
                session,
                seq,
                decoded: Box::new(decoded),
            };
            // Nobody listens any more when the program ends.
            let _ = results.send(input).await;
        });
    }

    /// Ends all sessions and waits for them, for a bounded time. What they still deliver is
    /// taken and dropped, so that none of them waits for room.
    pub(super) async fn finish(mut self, mut deliveries: Deliveries) {
        self.cancel.cancel();
        let Self {
            mut starts,
            mut tasks,
            ..
        } = self;
        self.seats.clear();
        let all = async {
            while let Some(outcome) = starts.join_next().await {
                if let Ok((_, Ok(launched))) = outcome {
                    tasks.spawn(async move {
                        let _ = launched.handle.task.await;
                    });
                }
            }
            while tasks.join_next().await.is_some() {}
        };
        let drain = async { while deliveries.recv().await.is_some() {} };
        tokio::select! {
            () = all => {}
            () = async { drain.await; std::future::pending().await } => {}
            () = tokio::time::sleep(GOODBYE) => {}
        }
    }
}
