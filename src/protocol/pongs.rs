//! The read deadline of servers that only a pong of ours renews.

use std::borrow::Cow;
use std::time::Duration;

use super::{End, Outbox};
use crate::frame::Stamp;

/// How long after the last pong these servers end TCP, unless they were told otherwise.
pub(super) const WAIT: Duration = Duration::from_mins(1);
/// How far from that an end may lie and still be blamed on it.
const TOLERANCE: Duration = Duration::from_secs(2);

/// A time as a sentence has it: `60 s`, `500ms`.
pub(super) fn words(time: Duration) -> String {
    if time.subsec_nanos() == 0 {
        format!("{} s", time.as_secs())
    } else {
        crate::duration::show(time)
    }
}

/// Counts from the upgrade or the last pong we sent.
#[derive(Clone, Debug)]
pub(super) struct Pongs {
    name: Cow<'static, str>,
    wait: Duration,
    opened: Option<Stamp>,
    last: Option<Stamp>,
    /// False once the deadline has passed, or does not matter any more.
    running: bool,
}

impl Pongs {
    /// `name` is what the countdown is called, `wait` how long the server waits for a pong.
    pub(super) fn new(name: &'static str, wait: Duration) -> Self {
        Self {
            name: Cow::Borrowed(name),
            wait,
            opened: None,
            last: None,
            running: false,
        }
    }

    pub(super) fn opened(&mut self, now: Stamp, out: &mut Outbox) {
        self.opened = Some(now);
        self.running = true;
        self.sent(now, out);
    }

    /// A pong left, solicited or not.
    pub(super) fn sent(&mut self, at: Stamp, out: &mut Outbox) {
        self.last = Some(at);
        if self.running {
            out.deadline(self.name.clone(), at.after(self.wait));
        }
    }

    /// The server will end this connection anyway.
    pub(super) fn stop(&mut self, out: &mut Outbox) {
        if self.running {
            self.running = false;
            out.drop_deadline(self.name.clone());
        }
    }

    /// Tells when the deadline has passed; whoever pongs after all starts it again.
    pub(super) fn elapsed(&mut self, now: Stamp, out: &mut Outbox) {
        let passed = self.last.is_some_and(|last| now.since(last) >= self.wait);
        if self.running && passed {
            self.last = None;
            let wait = words(self.wait);
            out.note(format!("no pong was sent for {wait}: a server that waits no longer now ends TCP without a close frame; nothing but pongs counts"));
        }
    }

    /// Whether the end of the connection looks like this deadline.
    pub(super) fn explain(&self, end: &End) -> Option<String> {
        if end.code != 1006 || end.by_us {
            return None;
        }
        let missed = || {
            let wait = words(self.wait);
            format!(
                "TCP ended without a close frame about {wait} after our last pong: the server's read deadline, which only pongs renew"
            )
        };
        let Some((opened, last)) = self.opened.zip(self.last) else {
            // It had passed before the end.
            return self.opened.map(|_| missed());
        };
        let silent = end.after.saturating_sub(last.since(opened));
        (silent + TOLERANCE >= self.wait && silent <= self.wait + TOLERANCE).then(missed)
    }
}
