//! Calls of the broker: answered by a responder, by hand, or refused.
//!
//! ```text
//!  request ─┬─ a responder matches ─► planned ─┬─► answered (once it is seen leaving)
//!           ├─ held ─┬─ answered by hand ──────┤   silent (on purpose)
//!           │        └─ its time nearly over ──┤   expired (the broker has given up)
//!           └─ refused at once ────────────────┘   cut (the connection ended)
//! ```
//!
//! Whoever answers, the call is settled by the reply that is seen leaving, so a raw frame counts
//! as well. The broker takes the first reply and drops every other.

mod queue;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::answer::Answer;
use super::dialect::Generation;
use super::envelope::Envelope;
use super::ids::Ids;
use super::outgoing::{Pen, SIZE_MAX};
use super::picture::{self, Call, CallState};
use super::proxied;
use super::responder::Responder;
use super::responders::{Asked, Chosen, Manner, Responders};
use crate::frame::{Direction, Frame, Stamp};
use crate::schema::gojson;

use queue::{Item, Key, Queue};

/// How long the broker waits for an answer where the call does not say.
const WAIT: Duration = Duration::from_secs(10);
/// How long before its time is over a held call is refused, if it has that much.
const MARGIN: Duration = Duration::from_millis(500);
/// Bytes kept of a payload, for looking at.
const PAYLOAD_MAX: usize = 4_096;

/// The calls of a session, over all its connections.
pub(super) struct Calls {
    responders: Responders,
    holding: bool,
    queue: Queue,
}

/// What there is to do and to say about a call that came.
#[derive(Debug, Default)]
pub(super) struct Came {
    /// To be sent at once.
    pub(super) sends: Vec<Vec<u8>>,
    /// About this call.
    pub(super) remark: Option<String>,
    /// About the responders.
    pub(super) notes: Vec<String>,
}

/// What there is to say about a reply of ours that was seen leaving.
#[derive(Debug, Default)]
pub(super) struct Replied {
    pub(super) remark: Option<String>,
    /// The own call through the broker whose inner half this answers.
    pub(super) proxied: Option<u64>,
}

/// How long the broker waits for the answer to this call: what the message says (generation 1), or
/// its default.
pub(super) fn wait(envelope: &Envelope<'_>) -> Duration {
    envelope.ttl().unwrap_or(WAIT)
}

impl Calls {
    pub(super) fn new(rules: Vec<Responder>, holding: bool, instance: [u8; 16]) -> Self {
        // Other ids than those of the requests.
        let ids = Ids::new(instance.map(|byte| !byte));
        Self {
            responders: Responders::new(rules, ids),
            holding,
            queue: Queue::default(),
        }
    }

    /// A call came. What is not to be sent at once comes from [`Self::due`].
    pub(super) fn came(
        &mut self,
        pen: &mut Pen,
        frame: &Frame<'_>,
        envelope: &Envelope<'_>,
        proxied: Option<u64>,
    ) -> Came {
        let mut came = Came::default();
        let chosen = self.responders.choose(
            &Asked {
                id: envelope.id.as_deref().unwrap_or_default(),
                topic: &envelope.topic,
                payload: envelope.payload,
                at: frame.at,
            },
            &mut came.notes,
        );
        let due = frame.at.after(wait(envelope));
        let generation = envelope.generation.unwrap_or(Generation::Two);
        let mut item = Item::new(call(frame, envelope, due, proxied), generation);
        let next = match chosen {
            Some(chosen) => item.follow(chosen, &mut came),
            None if self.holding => Some(refusal(frame.at, due)),
            None => {
                "refused: nobody handles it".clone_into(&mut item.call.by);
                item.plan(Answer::Unhandled, Manner::Once, frame.at);
                Some(frame.at)
            }
        };
        let (number, forgotten) = self.queue.push(item, next.unwrap_or(frame.at));
        for mut item in forgotten {
            came.sends.append(&mut item.last_word(pen, frame.at));
        }
        match next {
            None => self.queue.settle(number, CallState::Silent),
            Some(next) if next == frame.at => {
                came.sends.append(&mut self.hand_out(pen, number, frame.at));
            }
            Some(_) => {}
        }
        came
    }

    /// An answer by hand: what is to be sent, if anything. It is for the oldest call with that id
    /// (for a call without one: of that topic) that waits; an answer to anything else is sent as
    /// well, and what comes of it is remarked when it leaves.
    pub(super) fn by_hand(
        &mut self,
        pen: &mut Pen,
        id: &str,
        topic: &str,
        answer: &Answer,
        now: Stamp,
    ) -> Option<Vec<u8>> {
        let waiting = self.queue.find(Key { id, topic }).filter(|number| {
            let item = self.queue.get(*number);
            item.is_some_and(|item| !item.is_settled())
        });
        let message = pen.reply(now, Some(id).filter(|id| !id.is_empty()), topic, answer);
        let verbatim = matches!(answer, Answer::Verbatim(_));
        let refused = message.as_ref().is_some_and(|it| it.len() > SIZE_MAX) && !verbatim;
        let Some(number) = waiting.filter(|_| !refused) else {
            return message;
        };
        let by = match answer {
            Answer::Silence => "by hand: silence",
            Answer::Unhandled => "by hand: refused",
            Answer::Verbatim(_) => "by hand: as it stands",
            _ => "by hand",
        };
        self.queue.change(number, |item| {
            by.clone_into(&mut item.call.by);
            item.plan = None;
        });
        self.handed(number, message.as_deref(), answer, now);
        message
    }

    /// Takes the planned answer of a call, to be sent now; it is settled when it is seen leaving.
    fn hand_out(&mut self, pen: &mut Pen, number: u64, now: Stamp) -> Vec<Vec<u8>> {
        let plan = self.queue.change(number, |item| {
            let messages = item.write(pen, now);
            (messages, item.plan.take())
        });
        let Some((messages, Some((answer, manner)))) = plan else {
            return Vec::new();
        };
        let shown = match manner {
            Manner::Half => Answer::Verbatim(Bytes::new()),
            Manner::Once | Manner::Twice => answer,
        };
        let first = messages.first().map(Vec::as_slice);
        self.handed(number, first, &shown, now);
        messages
    }

    /// An answer was given to be sent: the call is settled when it leaves, or now, if it is no
    /// reply that could be recognised then.
    fn handed(&mut self, number: u64, message: Option<&[u8]>, answer: &Answer, now: Stamp) {
        let Some(item) = self.queue.get(number) else {
            return;
        };
        let call = &item.call;
        let (took, due) = (now.since(call.at), call.due);
        let id = Some(&*call.id).filter(|id| !id.is_empty());
        let readable = match (answer, message) {
            (Answer::Silence, _) | (_, None) => false,
            (Answer::Verbatim(_), Some(message)) => {
                // Half a message can have its first members whole.
                let whole = gojson::Value::parse(message).is_ok();
                let reply = Envelope::read(message, Direction::Out);
                whole && reply.fault.is_none() && reply.answers() && reply.id.as_deref() == id
            }
            _ => true,
        };
        let is_nameless = id.is_none() && item.generation == Generation::One;
        if !readable {
            self.queue.settle(number, CallState::Silent);
        } else if is_nameless {
            self.queue.settle(number, CallState::Answered(took));
        } else {
            let planned = |item: &mut Item| item.call.state = CallState::Planned(now);
            self.queue.change(number, planned);
            // Should it never leave.
            self.queue.schedule(number, Some(later(due, now)));
        }
    }

    /// A reply of ours was seen leaving, whoever sent it.
    pub(super) fn replied(&mut self, envelope: &Envelope<'_>, now: Stamp) -> Replied {
        let key = Key {
            id: envelope.id.as_deref().unwrap_or_default(),
            topic: &envelope.topic,
        };
        let found = self.queue.find(key);
        let Some((number, item)) = found.and_then(|number| Some((number, self.queue.get(number)?)))
        else {
            return Replied {
                remark: stranger(envelope).map(str::to_owned),
                proxied: None,
            };
        };
        let call = &item.call;
        let over = now.since(call.due);
        let took = now.since(call.at);
        let given_up = || {
            let over = over.as_secs_f64();
            format!("the broker has given up on this call {over:.1} s ago and drops this answer")
        };
        let (state, remark) = match &call.state {
            CallState::Answered(_) => (
                None,
                Some("the call was answered already: the broker takes the first answer and drops this one".to_owned()),
            ),
            CallState::Cut => (None, Some(cut(item.generation).to_owned())),
            CallState::Expired => (None, Some(given_up())),
            _ if !over.is_zero() => (Some(CallState::Expired), Some(given_up())),
            CallState::Held | CallState::Planned(_) | CallState::Silent => {
                (Some(CallState::Answered(took)), None)
            }
        };
        let proxied = call.proxied.filter(|_| remark.is_none());
        let raw = match &call.state {
            CallState::Held => true,
            // Its own answer still waits for its time.
            CallState::Planned(_) => item.plan.is_some(),
            _ => false,
        };
        if let Some(state) = state {
            self.queue.settle(number, state);
        }
        if raw {
            self.queue.change(number, |item| {
                "by hand: a raw frame".clone_into(&mut item.call.by);
            });
        }
        Replied { remark, proxied }
    }

    /// Whether to keep what no responder matches. What is held already stays so.
    pub(super) fn hold(&mut self, on: bool) {
        self.holding = on;
    }

    /// When something is to be done next.
    pub(super) fn next_due(&self) -> Option<Stamp> {
        self.queue.next_due()
    }

    /// What is to be sent now.
    pub(super) fn due(&mut self, pen: &mut Pen, now: Stamp) -> Vec<Vec<u8>> {
        let mut messages = Vec::new();
        while let Some(number) = self.queue.due(now) {
            let planned = self.queue.change(number, |item| {
                if item.call.state == CallState::Held {
                    "refused: nobody answered it in time".clone_into(&mut item.call.by);
                    item.plan(Answer::Unhandled, Manner::Once, now);
                }
                item.plan.is_some()
            });
            if planned == Some(true) {
                messages.append(&mut self.hand_out(pen, number, now));
            } else {
                self.queue.settle(number, CallState::Expired);
            }
        }
        messages
    }

    /// The connection has ended.
    pub(super) fn ended(&mut self, _now: Stamp) {
        for number in self.queue.waiting() {
            self.queue.settle(number, CallState::Cut);
        }
    }

    /// What was meant to become of the call with that id: true if it was left without an answer on
    /// purpose.
    pub(super) fn is_silent(&self, id: &str) -> bool {
        let number = self.queue.find(Key { id, topic: "" });
        let item = number.and_then(|number| self.queue.get(number));
        item.is_some_and(|item| item.call.state == CallState::Silent)
    }

    /// The newest calls, oldest first, and whether calls are held.
    pub(super) fn picture(&self) -> (Arc<[picture::Call]>, bool) {
        (self.queue.shared(), self.holding)
    }

    /// Calls no longer in the picture.
    pub(super) fn forgotten(&self) -> u64 {
        self.queue.forgotten
    }
}

impl Item {
    /// Does what a responder says; when to look at the call next, `None` for never again.
    fn follow(&mut self, chosen: Chosen, came: &mut Came) -> Option<Stamp> {
        let at = self.call.at.after(chosen.delay);
        self.call.by = chosen.by;
        if chosen.answer == Answer::Silence {
            came.remark = Some(format!(
                "left without an answer on purpose (responder {})",
                self.call.by
            ));
            return None;
        }
        self.plan(chosen.answer, chosen.manner, at);
        Some(at)
    }

    fn plan(&mut self, answer: Answer, manner: Manner, at: Stamp) {
        self.plan = Some((answer, manner));
        self.call.state = CallState::Planned(at);
    }

    /// The planned answer as messages. One that is too large to be taken is replaced by an error
    /// that says so; if id or topic alone are that large, nothing can be answered.
    fn write(&self, pen: &mut Pen, now: Stamp) -> Vec<Vec<u8>> {
        let Some((answer, manner)) = &self.plan else {
            return Vec::new();
        };
        let id = Some(&*self.call.id).filter(|id| !id.is_empty());
        let mut reply = |answer| pen.reply(now, id, &self.call.topic, answer);
        let fits = |message: &Vec<u8>| message.len() <= SIZE_MAX;
        let mut message = reply(answer);
        if !matches!(answer, Answer::Verbatim(_)) && !message.as_ref().is_some_and(fits) {
            message = reply(&Answer::Failure {
                code: 500,
                message: "the answer is larger than the 1 MiB that a broker takes".to_owned(),
            })
            .filter(fits);
        }
        let Some(mut message) = message else {
            return Vec::new();
        };
        match manner {
            Manner::Once => vec![message],
            Manner::Twice => vec![message.clone(), message],
            Manner::Half => {
                message.truncate(message.len() / 2);
                vec![message]
            }
        }
    }

    /// What is sent about a call that cannot be kept any longer.
    fn last_word(&mut self, pen: &mut Pen, now: Stamp) -> Vec<Vec<u8>> {
        if self.call.state == CallState::Held {
            self.plan(Answer::Unhandled, Manner::Once, now);
        }
        self.write(pen, now)
    }
}

fn call(frame: &Frame<'_>, envelope: &Envelope<'_>, due: Stamp, proxied: Option<u64>) -> Call {
    let cut = |raw: &[u8]| Bytes::copy_from_slice(&raw[..raw.len().min(PAYLOAD_MAX)]);
    Call {
        number: 0,
        id: envelope.id.as_deref().unwrap_or_default().to_owned(),
        topic: envelope.topic.clone().into_owned(),
        payload: envelope.payload.map(cut),
        digest: proxied::digest(envelope.payload),
        seq: frame.seq,
        at: frame.at,
        due,
        state: CallState::Held,
        by: String::new(),
        proxied,
    }
}

/// When a call nobody answers is refused.
fn refusal(at: Stamp, due: Stamp) -> Stamp {
    let wait = due.since(at);
    at.after(wait.saturating_sub(MARGIN.min(wait / 2)))
}

fn later(one: Stamp, other: Stamp) -> Stamp {
    if one.mono > other.mono { one } else { other }
}

/// What becomes of an answer to a call that did not come here, or was forgotten.
fn stranger(envelope: &Envelope<'_>) -> Option<&'static str> {
    if !envelope.is_first_generation() {
        return Some("answers no call of the broker that is known here, which will drop it");
    }
    envelope.id.is_some().then_some(
        "answers no call that is known here; the server takes it all the same if it waits for that correlationID, whoever answers",
    )
}

/// What becomes of an answer to a call of an earlier connection.
const fn cut(generation: Generation) -> &'static str {
    match generation {
        Generation::One => {
            "the connection the call came over has ended; the broker still takes the answer while it waits for one, from any connection"
        }
        Generation::Two => {
            "the connection the call came over has ended, and the broker tracks calls per connection: it drops this answer"
        }
    }
}

#[cfg(test)]
mod tests;
