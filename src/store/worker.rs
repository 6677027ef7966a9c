//! The thread that filters and searches, so that the interface never does.

use std::io;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

use tokio::sync::mpsc;

use super::job::{Answer, Task};

/// Most tasks waiting: one for each of a handful of jobs.
const TASKS: usize = 16;

/// The worker's thread. It ends when this is dropped, after the task at hand.
#[derive(Debug)]
pub struct Worker {
    tasks: SyncSender<Task>,
}

/// Why a task was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Sixteen tasks wait already; offer it again after the next answer.
    #[error("the filter's worker is busy")]
    Busy,
    /// The thread has ended.
    #[error("the filter's worker has ended; filters and searches need a restart of wspect")]
    Ended,
}

impl Worker {
    /// Starts the thread; answers come out of the receiver, which can be awaited.
    pub fn start() -> io::Result<(Self, mpsc::Receiver<Answer>)> {
        let (tasks, todo) = sync_channel::<Task>(TASKS);
        let (answers, done) = mpsc::channel(TASKS);
        thread::Builder::new()
            .name("wspect-filter".to_owned())
            .spawn(move || {
                for task in todo {
                    if answers.blocking_send(task.run()).is_err() {
                        break;
                    }
                }
            })?;
        Ok((Self { tasks }, done))
    }

    /// Hands a task over without waiting. If it is refused, tell its job to `give_back`.
    pub fn offer(&self, task: Task) -> Result<(), Refused> {
        self.tasks.try_send(task).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Busy,
            TrySendError::Disconnected(_) => Refused::Ended,
        })
    }
}
