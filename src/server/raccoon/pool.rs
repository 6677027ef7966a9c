//! The queue between readers and publishers.
//!
//! ```text
//! reader ─► enqueue (waits when full) ─► queue ─► workers ─► sink ─► Waiting
//! ```

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::acks::Ticket;
use super::message::Batch;
use super::publisher::Sink;

/// A batch to be published, and whom to tell.
pub(super) struct Job {
    pub(super) batch: Batch,
    pub(super) waiting: Waiting,
}

/// Who wants to know the outcome of a batch. A worker tells them before it takes the next batch.
pub(super) enum Waiting {
    /// Nobody: it was acknowledged already.
    Nobody,
    /// A REST call.
    Call(oneshot::Sender<Outcome>),
    /// A WebSocket.
    Socket(Ticket),
}

/// What became of a batch; the error is the text behind `cannot publish events: `.
pub(super) type Outcome = Result<(), String>;

/// The queue's front end.
#[derive(Clone)]
pub(super) struct Pool {
    jobs: mpsc::Sender<Job>,
    closing: CancellationToken,
    /// One permit for each worker that has ended.
    ended: Arc<Semaphore>,
    workers: u32,
}

/// The queue's back end, to be run in the background.
pub(super) struct Worker {
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    sink: Arc<Sink>,
    closing: CancellationToken,
    ended: Arc<Semaphore>,
}

/// A pool of `workers` workers behind a queue of `queue` batches.
pub(super) fn pool(workers: usize, queue: usize, sink: Sink) -> (Pool, Vec<Worker>) {
    let (jobs, receiver) = mpsc::channel(queue);
    let receiver = Arc::new(Mutex::new(receiver));
    let sink = Arc::new(sink);
    let closing = CancellationToken::new();
    let ended = Arc::new(Semaphore::new(0));
    let worker = || Worker {
        jobs: Arc::clone(&receiver),
        sink: Arc::clone(&sink),
        closing: closing.clone(),
        ended: Arc::clone(&ended),
    };
    let all = std::iter::repeat_with(worker).take(workers).collect();
    let pool = Pool {
        jobs,
        closing,
        ended,
        workers: workers as u32,
    };
    (pool, all)
}

/// The server is stopping and takes no more batches.
#[derive(Debug)]
pub(super) struct Closed;

impl Pool {
    /// Queues a batch; waits while the queue is full.
    pub(super) async fn enqueue(&self, job: Job) -> Result<(), Closed> {
        if self.closing.is_cancelled() {
            return Err(Closed);
        }
        self.jobs.send(job).await.map_err(|_| Closed)
    }

    /// True once no more batches are taken.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    /// Takes no more batches and waits until those queued are published, at most that long.
    pub(super) async fn drain(&self, at_most: Duration) {
        self.closing.cancel();
        let all_ended = self.ended.acquire_many(self.workers);
        if tokio::time::timeout(at_most, all_ended).await.is_err() {
            tracing::warn!("raccoon: batches were still being published after {at_most:?}");
        }
    }
}

impl Worker {
    /// Publishes until the pool is drained.
    pub(super) async fn run(self) {
        while let Some(job) = self.next().await {
            let outcome = self.sink.publish(&job.batch).await;
            if let Err(error) = &outcome {
                tracing::debug!("raccoon: batch {:?}: {error}", job.batch.guid);
            }
            match job.waiting {
                Waiting::Nobody => {}
                // The caller may have hung up; its loss.
                Waiting::Call(call) => drop(call.send(outcome)),
                Waiting::Socket(ticket) => ticket.settle(job.batch.guid, outcome).await,
            }
        }
        self.ended.add_permits(1);
    }

    async fn next(&self) -> Option<Job> {
        let mut jobs = self.jobs.lock().await;
        tokio::select! {
            biased;
            () = self.closing.cancelled() => {
                jobs.close();
                jobs.recv().await
            }
            job = jobs.recv() => job,
        }
    }
}
