//! Presenting ourselves to the broker, and what it tells in return.
//!
//! ```text
//!  generation 2: request system:register ─► response { serverAssignedId, clientName, serverTime }
//!  generation 1: event _client.register { pageSessionID }
//!                 ─► event _internal.client.registered { brokerClientID, pageSessionID }
//! ```
//!
//! It is enforced nowhere: a connection without it is usable.

mod skew;

use super::dialect::Generation;
use super::envelope::{Envelope, Kind, REGISTER, REGISTER_1};
use super::picture::{self, Identity};
use crate::frame::{Frame, Stamp};
use crate::protocol::{Fact, Outbox};
use crate::schema::scan;

pub(super) use self::skew::Skew;

const GROUP: &str = "registration";

/// The registration of a connection.
#[derive(Default)]
pub(super) struct Registration {
    pub(super) identity: Identity,
    /// The id or page session id the newest one went out with.
    key: Option<String>,
    /// When the newest one went out, and in which form.
    sent: Option<(Generation, Stamp)>,
    /// When it counts as unanswered; `None` once it is settled.
    due: Option<Stamp>,
    skew: Option<Skew>,
}

/// What an answer in generation 2 came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    /// The sentence that makes the connection live.
    pub(super) how: String,
    /// True if the broker knows no registration.
    pub(super) unknown: bool,
    /// True if the id is the one asked for; `None` if none was asked for.
    pub(super) keeps_id: Option<bool>,
}

impl Registration {
    /// A connection was opened with this `client_id`, empty for none.
    pub(super) fn opened(&mut self, asked: &str) {
        *self = Self {
            identity: Identity {
                asked: asked.to_owned(),
                ..Identity::default()
            },
            ..Self::default()
        };
    }

    /// The connection has ended, and what was registered with it.
    pub(super) fn ended(&mut self) {
        (self.sent, self.due) = (None, None);
        if self.identity.registration != picture::Registration::None {
            let why = "the connection has ended; the next one registers again";
            self.identity.registration = picture::Registration::Without(why.to_owned());
        }
    }

    /// The registration is being sent.
    pub(super) fn sent(&mut self, form: Generation, now: Stamp, due: Stamp) {
        self.sent = Some((form, now));
        self.due = Some(due);
        self.identity.registration = picture::Registration::Awaited;
    }

    /// One was seen leaving, whoever sent it: its answer is due to this id or page.
    pub(super) fn left(&mut self, frame: &Frame<'_>, envelope: &Envelope<'_>) {
        let form = if envelope.kind == Kind::Publish {
            let page = page_of(envelope.content(frame.payload)).unwrap_or_default();
            self.identity.page.clone_from(&page);
            self.key = Some(page);
            Generation::One
        } else {
            self.key = envelope.id.as_deref().map(str::to_owned);
            Generation::Two
        };
        self.sent = Some((form, frame.at));
    }

    /// True while its answer is awaited, also after its time.
    pub(super) fn is_awaited(&self) -> bool {
        self.sent.is_some()
    }

    /// True while the answer to one in this form is awaited.
    pub(super) fn is_awaited_in(&self, form: Generation) -> bool {
        self.sent.is_some_and(|(sent, _)| sent == form)
    }

    /// True once, when the time for the answer is over.
    pub(super) fn is_overdue(&mut self, now: Stamp) -> bool {
        self.due.take_if(|due| now.mono >= due.mono).is_some()
    }

    /// There is none, for this reason.
    pub(super) fn without(&mut self, why: String) {
        self.due = None;
        self.identity.registration = picture::Registration::Without(why);
    }

    /// None was sent and none is awaited: another generation is spoken.
    pub(super) fn forget(&mut self) {
        (self.sent, self.due, self.key) = (None, None, None);
    }

    /// The answer of generation 2 came.
    pub(super) fn answered(
        &mut self,
        envelope: &Envelope<'_>,
        at: Stamp,
        out: &mut Outbox,
    ) -> Answered {
        self.due = None;
        let sent = self.sent.take().map(|(_, sent)| sent);
        self.identity.latency = sent.map(|sent| at.since(sent));
        if let Some((code, message)) = envelope.failure() {
            let how = if code == 404 {
                format!(
                    "usable, without a registration: the broker answered 404 {message}, as generation 2.0 does, which has none"
                )
            } else {
                format!("usable, though the broker refused the registration with {code} {message}")
            };
            self.identity.registration = picture::Registration::Without(how.clone());
            return Answered {
                how,
                unknown: code == 404,
                keeps_id: None,
            };
        }
        self.identity.registration = picture::Registration::Done;
        let payload = envelope.payload.unwrap_or_default();
        let text = |name| scan::member(payload, name).and_then(scan::string);
        let own = &mut self.identity;
        own.id = text("serverAssignedId").unwrap_or_default().into_owned();
        own.name = text("clientName").unwrap_or_default().into_owned();
        own.server_time = text("serverTime").unwrap_or_default().into_owned();
        let keeps_id = (!own.asked.is_empty()).then(|| own.asked == own.id);
        if keeps_id == Some(false) {
            out.note(format!(
                "the broker assigned the id {} instead of the client_id of the URL, as 2.1 and 2.2 do; others reach this connection under the assigned one",
                own.id
            ));
        }
        let skew = Skew::of_text(&own.server_time, (sent, at));
        self.ahead(skew, out);
        let own = &self.identity;
        let took = own.latency.map_or_else(String::new, |took| {
            format!(", {:.1} ms after asking", took.as_secs_f64() * 1e3)
        });
        Answered {
            how: format!(
                "registered as {}, id {}, server time {}{took}",
                own.name, own.id, own.server_time
            ),
            unknown: false,
            keeps_id,
        }
    }

    /// An acknowledgement of generation 1 came, with this body: the sentence that makes the
    /// connection live, or what is wrong with it.
    pub(super) fn acknowledged(
        &mut self,
        envelope: &Envelope<'_>,
        body: Option<&[u8]>,
        at: Stamp,
        out: &mut Outbox,
    ) -> Result<String, String> {
        let page = page_of(body).unwrap_or_default();
        if self.sent.is_none() || self.key.as_ref().is_some_and(|asked| *asked != page) {
            return Err(format!(
                "acknowledges the page session id {page}, which this connection did not register last"
            ));
        }
        self.due = None;
        let sent = self.sent.take().map(|(_, sent)| sent);
        let own = &mut self.identity;
        own.registration = picture::Registration::Done;
        own.latency = sent.map(|sent| at.since(sent));
        own.page = page;
        let id = body.and_then(|body| scan::member(body, "brokerClientID"));
        own.id = id.and_then(scan::string).unwrap_or_default().into_owned();
        let written = envelope.head.as_ref().and_then(|head| head.timestamp);
        let skew = written.and_then(|millis| Skew::of_millis(millis, (sent, at)));
        self.ahead(skew, out);
        let own = &self.identity;
        let took = own.latency.map_or_else(String::new, |took| {
            format!(", {:.1} ms after asking", took.as_secs_f64() * 1e3)
        });
        Ok(format!(
            "registered with page {}, id {}{took}",
            own.page, own.id
        ))
    }

    fn ahead(&mut self, skew: Option<Skew>, out: &mut Outbox) {
        self.skew = skew;
        self.identity.skew_ms = skew.map(|skew| skew.ahead_ms);
        self.identity.skew_within_ms = skew.map_or(0, |skew| skew.within_ms);
        if let Some(skew) = skew.filter(Skew::is_large) {
            out.note(format!("the broker's clock is {skew} this one"));
        }
    }

    /// For the panel.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let own = &self.identity;
        let (text, warning) = match &own.registration {
            picture::Registration::None => ("none".to_owned(), false),
            picture::Registration::Awaited => ("sent, not answered yet".to_owned(), false),
            picture::Registration::Done => match own.latency {
                Some(took) => (
                    format!("answered after {:.1} ms", took.as_secs_f64() * 1e3),
                    false,
                ),
                None => ("answered".to_owned(), false),
            },
            picture::Registration::Without(why) => (why.clone(), true),
        };
        let mut facts = vec![Fact::new(GROUP, "state", text).warning(warning)];
        for (name, value) in [
            ("asked for id", &own.asked),
            ("id", &own.id),
            ("name", &own.name),
            ("page session", &own.page),
            ("server time", &own.server_time),
        ] {
            if !value.is_empty() {
                facts.push(Fact::new(GROUP, name, value.clone()));
            }
        }
        if let Some(skew) = self.skew {
            let text = format!("{skew} ours");
            facts.push(Fact::new(GROUP, "server clock", text).warning(skew.is_large()));
        }
        facts
    }
}

/// True if this is a registration of either generation, seen from a client.
pub(super) fn is_one(envelope: &Envelope<'_>) -> bool {
    match envelope.kind {
        Kind::Request => !envelope.is_first_generation() && envelope.topic == REGISTER,
        Kind::Publish => envelope.is_first_generation() && envelope.topic == REGISTER_1,
        _ => false,
    }
}

/// The page session id in a body; `None` if it has none, or an empty one.
pub(super) fn page_of(body: Option<&[u8]>) -> Option<String> {
    let page = scan::member(body?, "pageSessionID").and_then(scan::string)?;
    (!page.is_empty()).then(|| page.into_owned())
}
