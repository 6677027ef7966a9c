//! The queue between readers and publishers.
//!
//! ```text
//! reader ─► enqueue (waits when full) ─► queue ─► workers ─► sink ─► Waiting
//!       └─► publish_now: nothing queued, and the sink takes no time
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::acks::Ticket;
use super::crash::Crash;
use super::message::Batch;
use super::metrics::{Metrics, Stages};
use super::publisher::{Published, Sink};
use crate::transport::clock;

/// A batch to be published, and whom to tell.
pub(super) struct Job {
    pub(super) batch: Batch,
    /// The group of the client it came from.
    pub(super) group: Arc<[u8]>,
    /// When it was read.
    pub(super) arrived: Instant,
    pub(super) waiting: Waiting,
}

/// Who wants to know the outcome of a batch. A worker tells them before it takes the next batch.
pub(super) enum Waiting {
    /// Nobody: it was acknowledged already.
    Nobody,
    /// A REST or gRPC call.
    Call(oneshot::Sender<Outcome>),
    /// A WebSocket.
    Socket(Ticket),
}

/// What became of a batch; the error is the text behind `cannot publish events: `.
pub(super) type Outcome = Result<(), String>;

/// A job in the queue.
struct Queued {
    job: Job,
    since: Instant,
    /// How often the server had crashed by then; what a crash found in the queue is lost.
    life: u64,
}

/// The queue's front end.
#[derive(Clone)]
pub(super) struct Pool {
    jobs: mpsc::Sender<Queued>,
    shared: Arc<Shared>,
    workers: u32,
}

/// What readers and workers share.
struct Shared {
    sink: Sink,
    metrics: Metrics,
    crash: Crash,
    closing: CancellationToken,
    /// One permit for each worker that has ended.
    ended: Semaphore,
    /// Batches queued or being published.
    busy: AtomicUsize,
}

/// The queue's back end, to be run in the background.
pub(super) struct Worker {
    name: String,
    jobs: Arc<Mutex<mpsc::Receiver<Queued>>>,
    shared: Arc<Shared>,
}

/// A pool of `workers` workers behind a queue of `queue` batches.
pub(super) fn pool(
    workers: usize,
    queue: usize,
    sink: Sink,
    metrics: Metrics,
    crash: Crash,
) -> (Pool, Vec<Worker>) {
    let (jobs, receiver) = mpsc::channel(queue);
    let receiver = Arc::new(Mutex::new(receiver));
    let shared = Arc::new(Shared {
        sink,
        metrics,
        crash,
        closing: CancellationToken::new(),
        ended: Semaphore::new(0),
        busy: AtomicUsize::new(0),
    });
    let worker = |n| Worker {
        name: worker_name(n),
        jobs: Arc::clone(&receiver),
        shared: Arc::clone(&shared),
    };
    let all = (0..workers).map(worker).collect();
    let pool = Pool {
        jobs,
        shared,
        workers: workers as u32,
    };
    (pool, all)
}

fn worker_name(n: usize) -> String {
    format!("worker-{n}")
}

/// The server is stopping and takes no more batches.
#[derive(Debug)]
pub(super) struct Closed;

impl Pool {
    /// Queues a batch; waits while the queue is full.
    pub(super) async fn enqueue(&self, job: Job) -> Result<(), Closed> {
        let since = Instant::now();
        if self.is_closing() {
            return Err(Closed);
        }
        // Counted only once there is room, for a reader may be gone before that.
        let room = self.jobs.reserve().await.map_err(|_| Closed)?;
        self.send(room, job, since);
        Ok(())
    }

    /// Queues a batch if there is room; else gives it back.
    pub(super) fn try_enqueue(&self, job: Job) -> Option<Job> {
        match self.jobs.try_reserve() {
            Ok(room) if !self.is_closing() => {
                self.send(room, job, Instant::now());
                None
            }
            _ => Some(job),
        }
    }

    fn send(&self, room: mpsc::Permit<'_, Queued>, job: Job, since: Instant) {
        self.shared.busy.fetch_add(1, Ordering::Relaxed);
        room.send(Queued {
            job,
            since,
            life: self.shared.crash.count(),
        });
    }

    /// Publishes a batch nobody waits for here and now, if that takes no time and nothing is
    /// queued before it: the way to a worker and back would change nothing but the speed. False if
    /// it must go that way.
    pub(super) fn publish_now(&self, job: &Job) -> bool {
        let shared = &self.shared;
        if !matches!(job.waiting, Waiting::Nobody)
            || self.is_closing()
            || shared.busy.load(Ordering::Relaxed) > 0
            || !shared.sink.is_instant(&job.batch)
        {
            return false;
        }
        let taken = Instant::now();
        let (number, outcome) = shared.sink.publish_instantly(&job.batch, &job.group);
        if let Err(error) = outcome {
            tracing::debug!("raccoon: batch {:?}: {error}", job.batch.guid);
        }
        if shared.metrics.are_kept() {
            let worker = worker_name((number % u64::from(self.workers)) as usize);
            shared.record(&worker, job, job.arrived, taken);
        }
        true
    }

    /// True once no more batches are taken.
    pub(super) fn is_closing(&self) -> bool {
        self.shared.closing.is_cancelled()
    }

    /// Takes no more batches and waits until those queued are published, at most that long.
    pub(super) async fn drain(&self, at_most: Duration) {
        self.shared.closing.cancel();
        let all_ended = self.shared.ended.acquire_many(self.workers);
        if tokio::time::timeout(at_most, all_ended).await.is_err() {
            tracing::warn!("raccoon: batches were still being published after {at_most:?}");
        }
    }
}

impl Shared {
    fn record(&self, worker: &str, job: &Job, queued: Instant, taken: Instant) {
        if !self.metrics.are_kept() {
            return;
        }
        let sent = job.batch.sent;
        let stages = Stages {
            idle: taken - queued,
            worker: taken.elapsed(),
            server: job.arrived.elapsed(),
            since_sent_ms: sent.until_ms(clock::now().wall_us),
        };
        let events = job.batch.events.len();
        self.metrics.published(worker, &job.group, events, stages);
    }
}

impl Worker {
    /// Publishes until the pool is drained.
    pub(super) async fn run(self) {
        while let Some(Queued { job, since, life }) = self.next().await {
            if life == self.shared.crash.count() {
                self.publish(job, since).await;
            }
            self.shared.busy.fetch_sub(1, Ordering::Relaxed);
        }
        self.shared.ended.add_permits(1);
    }

    async fn publish(&self, mut job: Job, since: Instant) {
        let shared = &self.shared;
        let taken = Instant::now();
        let outcome = match shared.sink.publish(&job.batch, &job.group).await {
            Published::Done(outcome) => outcome,
            Published::Died => {
                shared.crash.happen();
                return;
            }
        };
        if let Err(error) = &outcome {
            tracing::debug!("raccoon: batch {:?}: {error}", job.batch.guid);
        }
        match std::mem::replace(&mut job.waiting, Waiting::Nobody) {
            Waiting::Nobody => {}
            // The caller may have hung up; its loss.
            Waiting::Call(call) => drop(call.send(outcome)),
            Waiting::Socket(ticket) => {
                let guid = std::mem::take(&mut job.batch.guid);
                ticket.settle(guid, outcome).await;
            }
        }
        // The wait for the ack's turn is part of it in the real server, too.
        shared.record(&self.name, &job, since, taken);
    }

    async fn next(&self) -> Option<Queued> {
        let mut jobs = self.jobs.lock().await;
        tokio::select! {
            biased;
            () = self.shared.closing.cancelled() => {
                jobs.close();
                jobs.recv().await
            }
            job = jobs.recv() => job,
        }
    }
}
