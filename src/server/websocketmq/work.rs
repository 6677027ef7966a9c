//! What messages set off that takes its time: slow handlers, calls to other clients.
//!
//! It runs inside the connection's own task, beside reading and writing, so that an answer passes
//! from one to the other without waiting for a thread.

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

/// Things one connection may have under way; at the bound nothing further is read from it. The
/// real brokers have no bound.
const OPEN_MAX: usize = 1024;

/// Something under way.
pub(super) type Work = BoxFuture<'static, ()>;

/// Where to hand work in, and the end [`run`] takes.
pub(super) fn channel() -> (mpsc::Sender<Work>, mpsc::Receiver<Work>) {
    mpsc::channel(1)
}

/// Runs what is handed in, for ever.
pub(super) async fn run(mut given: mpsc::Receiver<Work>) {
    let mut open = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(work) = given.recv(), if open.len() < OPEN_MAX => open.push(work),
            Some(()) = open.next(), if !open.is_empty() => {}
            else => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_is_handed_in_runs_beside_each_other() {
        let (sender, given) = channel();
        let (first, heard) = oneshot::channel();
        let waits = async move {
            heard.await.unwrap();
        };
        let wakes = async move { first.send(()).unwrap() };
        let (end, ended) = oneshot::channel();
        let handing_in = async move {
            sender.send(waits.boxed()).await.unwrap();
            sender.send(wakes.boxed()).await.unwrap();
            let last = async move { end.send(()).unwrap() };
            sender.send(last.boxed()).await.unwrap();
            ended.await.unwrap();
        };
        tokio::select! {
            () = run(given) => panic!("it never ends"),
            () = handing_in => {}
        }
    }
}
