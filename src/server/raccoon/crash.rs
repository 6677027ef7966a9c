//! The crash of a server that is up again at once: every connection ends without a word.

use tokio::sync::watch;

/// How often it has crashed; clones see the same.
#[derive(Clone, Debug)]
pub(super) struct Crash(watch::Sender<u64>);

impl Crash {
    pub(super) fn never_yet() -> Self {
        Self(watch::Sender::new(0))
    }

    pub(super) fn count(&self) -> u64 {
        *self.0.borrow()
    }

    pub(super) fn happen(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Runs `work` until it is done, or until the next crash, which drops it.
    pub(super) async fn or_until<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut next = self.0.subscribe();
        tokio::select! {
            done = work => Some(done),
            // Fails only if nobody could crash any more; `self` could.
            _ = next.changed() => None,
        }
    }
}
