//! The clients of the broker, as `system:list_clients` tells them.
//!
//! There are no presence events: arrivals and departures are differences of two answers.
//!
//! ```text
//!  watch ─► due ─► request ─┬─ answer ─► differences ─► due after the pace
//!                           ├─ error, or none in time ─► due after twice the pace, then 4 times…
//!                           └─ filtered by type: told, changes nothing
//! ```

mod answer;
mod table;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use self::answer::Answer;
use self::table::Table;
use super::envelope::Envelope;
use super::picture::{self, Identity};
use crate::frame::Stamp;
use crate::schema::scan;

/// Topic that lists them.
pub(super) const LIST: &str = "system:list_clients";

/// Asks remembered until their answers come.
const ASKS_MAX: usize = 64;
/// Bytes of an id remembered.
const ID_MAX: usize = 128;
/// An ask without an answer holds up the next one this long.
const PATIENCE: Duration = Duration::from_secs(15);
/// Doublings of the pace while asking fails, at most.
const BACK_OFF_MAX: u32 = 5;
/// An answer of this size is about to cut Go clients that ask.
const SIZE_WARNED: usize = 28 * 1_024;
/// Sentences about one answer.
const SENTENCES_MAX: usize = 8;

/// An ask that was seen leaving.
#[derive(Debug)]
struct Ask {
    id: String,
    /// True if it wants clients of one type alone.
    filtered: bool,
    at: Stamp,
}

/// The clients of a session's broker, over all its connections.
#[derive(Default)]
pub(super) struct Clients {
    every: Option<Duration>,
    /// When to ask next.
    due: Option<Stamp>,
    /// Asks in a row that failed.
    failures: u32,
    asks: VecDeque<Ask>,
    table: Table,
    at: Option<Stamp>,
    error: Option<String>,
    missing_self: bool,
    /// The duplicate was told on this connection.
    told_double: bool,
    told_size: bool,
    size: usize,
}

impl Clients {
    /// How often to ask; `None` for never. The next ask is due at once.
    pub(super) fn watch(&mut self, every: Option<Duration>, now: Option<Stamp>) {
        self.every = every;
        self.failures = 0;
        self.due = every.and(now);
    }

    /// A connection is usable: asks once, and from then on at the pace told.
    pub(super) fn opened(&mut self, now: Stamp) {
        self.due = Some(now);
    }

    /// When to ask next.
    pub(super) fn next_due(&self) -> Option<Stamp> {
        self.due
    }

    /// True once it is time to ask; the next time is set. An unanswered ask holds up the next one
    /// for a while.
    pub(super) fn is_due(&mut self, now: Stamp) -> bool {
        let is_due = self.due.take_if(|due| due.mono <= now.mono).is_some();
        if !is_due {
            return false;
        }
        let waiting = self.asks.iter().filter(|ask| !ask.filtered);
        let newest = waiting.map(|ask| ask.at).max_by_key(|at| at.mono);
        if let Some(at) = newest.filter(|at| now.since(*at) < PATIENCE) {
            // Looks again when the answer may have come.
            self.due = self.every.map(|_| at.after(PATIENCE));
            return false;
        }
        if newest.is_some() {
            self.asks.clear();
            self.failures += 1;
            self.error = Some(format!(
                "{LIST} was not answered within {} s",
                PATIENCE.as_secs()
            ));
        }
        self.due = self.pace().map(|pace| now.after(pace));
        true
    }

    /// The pace, slower while asking fails.
    fn pace(&self) -> Option<Duration> {
        let factor = 1 << self.failures.min(BACK_OFF_MAX);
        self.every.map(|every| every.saturating_mul(factor))
    }

    /// A request for the clients was seen leaving, whoever sent it.
    pub(super) fn asked(&mut self, envelope: &Envelope<'_>, now: Stamp) {
        if self.asks.len() == ASKS_MAX {
            self.asks.pop_front();
        }
        let kind = envelope
            .payload
            .and_then(|raw| scan::member_any_case(raw, "clientType"));
        let filtered = kind.is_some_and(|raw| raw != b"null" && raw != b"\"\"");
        self.asks.push_back(Ask {
            id: id_of(envelope),
            filtered,
            at: now,
        });
    }

    /// An answer of `size` bytes came to an ask of whomever. Returns sentences on who came and
    /// who left.
    pub(super) fn listed(
        &mut self,
        envelope: &Envelope<'_>,
        size: usize,
        own: &Identity,
        now: Stamp,
    ) -> Vec<String> {
        let id = id_of(envelope);
        let place = self.asks.iter().position(|ask| ask.id == id);
        let Some(ask) = place.and_then(|place| self.asks.remove(place)) else {
            return Vec::new();
        };
        if let Some((code, message)) = envelope.failure() {
            return self.failed(code, &message, now);
        }
        if ask.filtered {
            return Vec::new();
        }
        let answer = match Answer::read(envelope.payload, self.table.hasher()) {
            Ok(answer) => answer,
            Err(why) => {
                self.error = Some(why);
                return Vec::new();
            }
        };
        self.failures = 0;
        self.error = None;
        self.at = Some(now);
        self.size = size;
        if let Some(every) = self.every {
            let next = now.after(every);
            self.due = Some(self.due.filter(|due| due.mono < next.mono).unwrap_or(next));
        }
        let mut told = self.table.update(&answer, &own.id, now);
        if told.len() > SENTENCES_MAX {
            let more = told.len() - SENTENCES_MAX;
            told.truncate(SENTENCES_MAX);
            told.push(format!("and {more} more changes among the clients"));
        }
        told.extend(self.about_us(&answer, own));
        if size >= SIZE_WARNED && !self.told_size {
            self.told_size = true;
            told.push(format!(
                "the list of clients has {size} bytes: beyond 32,768 it cuts every newest Go client that asks for it (1009)"
            ));
        }
        told
    }

    /// Asking failed: it is said once, and asked more and more seldom.
    fn failed(&mut self, code: i64, message: &str, now: Stamp) -> Vec<String> {
        let why = format!("{code} {message}");
        let known = self.error.as_ref() == Some(&why);
        self.error = Some(why);
        self.failures += 1;
        self.due = self.pace().map(|pace| now.after(pace));
        if known || code != 404 {
            return Vec::new();
        }
        vec![
            "the broker does not list its clients (generations 2.0 and 2.1 do not): arrivals and departures cannot be seen"
                .to_owned(),
        ]
    }

    /// What the answer tells of our own place in the broker's registry.
    fn about_us(&mut self, answer: &Answer, own: &Identity) -> Option<String> {
        let row = answer.rows.iter().find(|row| row.id == own.id);
        let missing =
            !own.id.is_empty() && row.is_none() && !answer.ids.contains(&self.table.hash(&own.id));
        let was_missing = std::mem::replace(&mut self.missing_self, missing);
        if missing && !was_missing {
            return Some(
                "the broker does not list this connection any more: another one with the same client_id has replaced it and ended; publishes and answers still come, calls and proxied calls do not, until we reconnect"
                    .to_owned(),
            );
        }
        let registered = own.registration == picture::Registration::Done;
        let other = row.filter(|row| registered && !own.name.is_empty() && row.name != own.name)?;
        if std::mem::replace(&mut self.told_double, true) {
            return None;
        }
        Some(format!(
            "the broker lists our id as {}: another connection with the same client_id has replaced this one, and calls to this id go there; when the older of the two ends, neither is listed",
            other.shown()
        ))
    }

    /// A connection has ended.
    pub(super) fn ended(&mut self) {
        self.due = None;
        self.failures = 0;
        self.asks.clear();
        self.missing_self = false;
        self.told_double = false;
        self.table.ended();
    }

    /// The table; `None` if nobody ever asked.
    pub(super) fn picture(&self) -> Option<Arc<picture::Clients>> {
        if self.at.is_none() && self.error.is_none() {
            return None;
        }
        Some(Arc::new(picture::Clients {
            at: self.at,
            every: self.every,
            rows: self.table.rows(),
            missing_self: self.missing_self,
            forgotten: self.table.forgotten,
            error: self.error.clone(),
            arrived: self.table.arrived,
            left: self.table.left,
            size: self.size,
        }))
    }
}

/// What an ask and its answer have in common; empty without an id.
fn id_of(envelope: &Envelope<'_>) -> String {
    let id = envelope.id.as_deref().unwrap_or_default();
    id[..id.floor_char_boundary(ID_MAX)].to_owned()
}
