//! Presenting ourselves to the broker, and what it tells in return.

use std::time::Duration;

use super::envelope::{Envelope, REGISTER};
use super::picture::{self, Identity};
use crate::frame::Stamp;
use crate::protocol::Outbox;
use crate::schema::scan;

/// Clock difference below which nothing is said: the broker tells whole seconds.
const SKEW: Duration = Duration::from_secs(3);

/// The registration of a connection.
#[derive(Default)]
pub(super) struct Registration {
    pub(super) identity: Identity,
    sent: Option<Stamp>,
    /// When it counts as unanswered; `None` once it is settled.
    due: Option<Stamp>,
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

    /// The registration is being sent.
    pub(super) fn sent(&mut self, now: Stamp, due: Stamp) {
        self.sent = Some(now);
        self.due = Some(due);
        self.identity.registration = picture::Registration::Awaited;
    }

    /// True while its answer is awaited, also after its time.
    pub(super) fn is_awaited(&self) -> bool {
        self.sent.is_some()
    }

    /// True once, when the time for the answer is over.
    pub(super) fn is_overdue(&mut self, now: Stamp) -> bool {
        let over = self.due.take_if(|due| now.mono >= due.mono).is_some();
        if over {
            self.identity.registration =
                picture::Registration::Without(format!("{REGISTER} was not answered"));
        }
        over
    }

    /// The answer came: the sentence that makes the connection live.
    pub(super) fn answered(
        &mut self,
        envelope: &Envelope<'_>,
        at: Stamp,
        out: &mut Outbox,
    ) -> String {
        self.due = None;
        self.identity.latency = self.sent.take().map(|sent| at.since(sent));
        if let Some((code, message)) = envelope.failure() {
            let why = format!(
                "usable, though the broker refused the registration with {code} {message} (generation 2.0 has none)"
            );
            self.identity.registration = picture::Registration::Without(why.clone());
            return why;
        }
        self.identity.registration = picture::Registration::Done;
        self.welcomed(envelope.payload.unwrap_or_default(), at, out)
    }

    /// What the answer tells.
    fn welcomed(&mut self, payload: &[u8], at: Stamp, out: &mut Outbox) -> String {
        let text = |name| scan::member(payload, name).and_then(scan::string);
        let id = text("serverAssignedId").unwrap_or_default();
        let name = text("clientName").unwrap_or_default();
        let time = text("serverTime").unwrap_or_default();
        let own = &mut self.identity;
        if !own.asked.is_empty() && own.asked != id {
            out.note(format!(
                "the broker assigned the id {id} instead of the client_id of the URL, as generations 2.1 and 2.2 do"
            ));
        }
        own.id = id.into_owned();
        own.name = name.into_owned();
        own.server_time = time.into_owned();
        if let Ok(server) = own.server_time.parse::<jiff::Timestamp>() {
            let ahead = server.as_microsecond().saturating_sub(at.wall_us);
            own.skew_ms = Some(ahead / 1_000);
            if ahead.unsigned_abs() > SKEW.as_micros() as u64 {
                let way = if ahead > 0 { "ahead of" } else { "behind" };
                let seconds = ahead.unsigned_abs() / 1_000_000;
                out.note(format!(
                    "the broker's clock is about {seconds} s {way} this one"
                ));
            }
        }
        format!(
            "registered as {}, id {}, server time {}",
            own.name, own.id, own.server_time
        )
    }
}
