//! Finding out generation and dialect with messages that do no harm: neither generation closes
//! over a message of the other, and none of these changes anything on the server.
//!
//! ```text
//!  system:list_clients ─► response: 2.2 or later │ 404: 2.0, 2.1
//!    └─ 1 s of silence ─► _client.register ─► acknowledged: 1.2, 1.3
//!         └─ 1 s of silence ─► request on an unused topic, ttl 500 ms
//!                                └─► `context deadline exceeded`: 1.1 │ silence: unknown
//! ```
//!
//! Without being told to, a session begins at the second step, once its registration was met with
//! silence.

use std::time::Duration;

use super::clients;
use super::envelope::{Envelope, Kind, REGISTER_1};
use crate::frame::Stamp;

/// How long an answer to a step is waited for.
const WAIT: Duration = Duration::from_secs(1);
/// How long the last request asks the server to wait for its handler.
pub(super) const TTL: Duration = Duration::from_millis(500);
/// A topic nobody handles.
pub(super) const UNUSED: &str = "wspect.probe.unused";

/// What is to be sent next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// `system:list_clients`, as generation 2 writes it.
    List,
    /// `_client.register`, as generation 1 writes it.
    Register,
    /// A request nobody handles, as generation 1 writes it.
    Expire,
}

impl Step {
    /// What a person is told.
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::List => "probing: system:list_clients, which generation 2 answers, and 1 ignores",
            Self::Register => {
                "silence so far: trying _client.register of generation 1, which 1.2 and 1.3 acknowledge"
            }
            Self::Expire => {
                "silence so far: trying a request of generation 1 on an unused topic with a ttl of 500 ms, which 1.1 answers with an error when that is over"
            }
        }
    }
}

/// What the time that passed leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Send this.
    Do(Step),
    /// Nothing answered.
    GiveUp,
}

/// A probe of one connection.
#[derive(Debug, Default)]
pub(super) struct Probe {
    step: Option<Step>,
    due: Option<Stamp>,
    /// Id of the request that is out.
    id: String,
    /// True if a person asked for it, while the connection was in use.
    pub(super) asked: bool,
}

impl Probe {
    /// True from the first step to the answer, or to the end of the last wait.
    pub(super) fn is_running(&self) -> bool {
        self.step.is_some()
    }

    /// This step is being sent, with this id if it is a request.
    pub(super) fn sent(&mut self, step: Step, id: String, now: Stamp) {
        let wait = if step == Step::Expire {
            TTL + WAIT
        } else {
            WAIT
        };
        self.step = Some(step);
        self.due = Some(now.after(wait));
        self.id = id;
    }

    /// When [`Self::elapsed`] is to be called.
    pub(super) fn next_due(&self) -> Option<Stamp> {
        self.due
    }

    /// What to do now that so much time has passed.
    pub(super) fn elapsed(&mut self, now: Stamp) -> Option<Next> {
        self.due.take_if(|due| due.mono <= now.mono)?;
        match self.step {
            Some(Step::List) => Some(Next::Do(Step::Register)),
            Some(Step::Register) => Some(Next::Do(Step::Expire)),
            Some(Step::Expire) => {
                self.step = None;
                Some(Next::GiveUp)
            }
            None => None,
        }
    }

    /// True if this answers what the probe asked last.
    pub(super) fn is_answered_by(&self, envelope: &Envelope<'_>) -> bool {
        self.step.is_some() && envelope.answers() && envelope.id.as_deref() == Some(&*self.id)
    }

    /// It is over.
    pub(super) fn end(&mut self) {
        (self.step, self.due) = (None, None);
    }

    /// True for a message of the probe itself.
    pub(super) fn is_own(&self, envelope: &Envelope<'_>) -> bool {
        self.step.is_some()
            && match envelope.kind {
                Kind::Request => {
                    envelope.topic == UNUSED
                        || envelope.topic == clients::LIST
                            && envelope.id.as_deref() == Some(&*self.id)
                }
                Kind::Publish => envelope.topic == REGISTER_1,
                _ => false,
            }
    }
}

/// True for the error of a server that waited for nobody.
pub(super) fn is_expired(envelope: &Envelope<'_>) -> bool {
    envelope
        .failure()
        .is_some_and(|(_, text)| text.contains("context deadline exceeded"))
}
