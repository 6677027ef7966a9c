//! Calls of ours to other clients through `system:proxy`, and their inner halves.
//!
//! ```text
//!  caller ── outer request ──► broker ── inner request ──► target
//!         ◄─ outer response ──        ◄─ its reply ───────        work
//! ```
//!
//! The two halves share no id. Where the target is this connection itself, both are seen here and
//! joined by target, topic, payload and order; where it is another session of this program, by
//! [`super::joined`]. Error texts of the broker name the inner id.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use super::envelope::Envelope;
use super::failure;
use super::picture::{self, Hops};
use crate::frame::{Frame, Stamp};
use crate::schema::{gojson, scan};

/// Topic that calls another client.
pub(super) const PROXY: &str = "system:proxy";

/// Calls kept at most; the oldest is forgotten.
const KEPT_MAX: usize = 256;
/// Longest text kept of a call, bytes.
const TEXT_MAX: usize = 512;
/// How long a target can be asked: the broker waits 10 s for room in its queue, and 10 s for the
/// answer.
const INNER_WITHIN: Duration = Duration::from_secs(25);

/// Own calls through the broker to a client, itself included.
#[derive(Default)]
pub(super) struct Proxied {
    calls: VecDeque<Own>,
    next: u64,
    /// The picture, until something changes.
    shared: RefCell<Option<Arc<[picture::Proxied]>>>,
}

/// An own call, and when its inner half was seen here.
#[derive(Debug)]
struct Own {
    shown: picture::Proxied,
    /// When the inner request came, and when our reply to it left.
    inner: Option<(Stamp, Option<Stamp>)>,
}

/// A digest that is equal for JSON texts that are equal once white space is gone, in the spelling
/// in which the broker relays them; a payload that is missing is relayed as `null`.
pub(super) fn digest(payload: Option<&[u8]>) -> u64 {
    let mut relayed = Vec::new();
    gojson::relay(payload.unwrap_or(b"null"), &mut relayed);
    // Equal in all sessions and on all threads.
    let mut hasher = DefaultHasher::new();
    relayed.hash(&mut hasher);
    hasher.finish()
}

impl Proxied {
    /// A request on [`PROXY`] was seen leaving.
    pub(super) fn asked(&mut self, frame: &Frame<'_>, envelope: &Envelope<'_>) {
        if self.calls.len() == KEPT_MAX {
            self.calls.pop_front();
        }
        let payload = envelope.payload.unwrap_or_default();
        let member = |name| scan::member_any_case(payload, name);
        let text = |name| member(name).and_then(scan::string).map(|text| cut(&text));
        let number = self.next;
        self.next += 1;
        self.calls.push_back(Own {
            shown: picture::Proxied {
                number,
                id: cut(envelope.id.as_deref().unwrap_or_default()),
                seq: frame.seq,
                target: text("targetId").unwrap_or_default(),
                topic: text("topic").unwrap_or_default(),
                digest: digest(member("payload")),
                at: frame.at,
                answered: None,
                answer: None,
                inner: None,
                hops: None,
                failure: None,
            },
            inner: None,
        });
        *self.shared.get_mut() = None;
    }

    /// Its reply came; what there is to remark about it.
    pub(super) fn answered(
        &mut self,
        frame: &Frame<'_>,
        envelope: &Envelope<'_>,
    ) -> Option<String> {
        let failure = envelope.failure();
        let explained = failure
            .as_ref()
            .and_then(|(code, message)| failure::explain(*code, message));
        let id = envelope.id.as_deref().unwrap_or_default();
        let own = self
            .calls
            .iter_mut()
            .find(|own| own.shown.answered.is_none() && own.shown.id == cut(id));
        let Some(own) = own else {
            return explained;
        };
        *self.shared.get_mut() = None;
        own.shown.answered = Some(frame.at);
        own.shown.answer = Some(frame.seq);
        if let Some((code, message)) = failure {
            let inner = failure::inner_id(&message).map(str::to_owned);
            own.shown.inner = own.shown.inner.take().or(inner);
            own.shown.failure = Some(cut(&format!("{code} {message}")));
        }
        let Some((came, Some(left))) = own.inner else {
            return explained;
        };
        let hops = Hops {
            there: came.since(own.shown.at),
            work: left.since(came),
            back: frame.at.since(left),
        };
        own.shown.hops = Some(hops);
        let told = format!("the target was this connection: {hops}");
        Some(match explained {
            Some(explained) => format!("{explained}; {told}"),
            None => told,
        })
    }

    /// A call of the broker came to us, who are `own` to it: the number of the own call it is the
    /// inner half of, if any.
    pub(super) fn inner(
        &mut self,
        frame: &Frame<'_>,
        envelope: &Envelope<'_>,
        own: [&str; 2],
    ) -> Option<u64> {
        let waits = |call: &Own| {
            call.shown.answered.is_none()
                && call.inner.is_none()
                && frame.at.since(call.shown.at) <= INNER_WITHIN
                && own.contains(&&*call.shown.target)
                && call.shown.topic == cut(&envelope.topic)
        };
        if !self.calls.iter().any(waits) {
            return None;
        }
        let digest = digest(envelope.payload);
        let call = self
            .calls
            .iter_mut()
            .find(|call| waits(call) && call.shown.digest == digest)?;
        call.shown.inner = envelope.id.as_deref().map(cut);
        call.inner = Some((frame.at, None));
        *self.shared.get_mut() = None;
        Some(call.shown.number)
    }

    /// Our reply to the inner half of that call was seen leaving.
    pub(super) fn replied(&mut self, number: u64, at: Stamp) {
        let call = self.calls.iter_mut().find(|it| it.shown.number == number);
        if let Some((_, left)) = call.and_then(|call| call.inner.as_mut()) {
            left.get_or_insert(at);
        }
    }

    /// The connection has ended.
    pub(super) fn ended(&mut self) {
        for call in &mut self.calls {
            if call.shown.answered.is_none() && call.shown.failure.is_none() {
                call.shown.failure = Some("the connection ended before the answer".to_owned());
            }
            // An answer to an earlier connection never comes.
            call.inner.get_or_insert((call.shown.at, None));
        }
        *self.shared.get_mut() = None;
    }

    /// The newest calls, oldest first.
    pub(super) fn picture(&self) -> Arc<[picture::Proxied]> {
        let calls = &self.calls;
        let make = || calls.iter().map(|call| call.shown.clone()).collect();
        Arc::clone(self.shared.borrow_mut().get_or_insert_with(make))
    }
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(TEXT_MAX)].to_owned()
}

#[cfg(test)]
mod tests;
