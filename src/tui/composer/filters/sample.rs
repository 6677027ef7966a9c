//! The newest events of a session, looked at for a draft: what it would let through, and which
//! accounts and assets there are.

use crate::entry::{Badge, Entry};
use crate::frame::{Direction, Seq};
use crate::protocol::savetowebsocket::strkey::{self, Kind};
use crate::protocol::savetowebsocket::{Filters, Reasoner};
use crate::schema::scan;
use crate::store::Timeline;

/// Most events looked at.
const EVENTS: u64 = 1_000;
/// Most entries passed over to find them.
const ENTRIES: u64 = 4_000;
/// Most bytes of events looked at.
const BYTES: usize = 1 << 20;
/// Most accounts, and most assets, remembered.
const SEEN: usize = 50;

/// What a draft would let through of the newest events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Events looked at.
    pub events: u64,
    /// Those the server would send.
    pub coded: u64,
    /// Those the documentation promises.
    pub documented: u64,
    /// Those that are both.
    pub both: u64,
}

/// What the newest events say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// What the filters below would let through.
    pub forecast: Forecast,
    /// Accounts named by events, the newest first.
    pub accounts: Vec<String>,
    /// Assets named by events, the newest first.
    pub assets: Vec<String>,
    pub(super) filters: Filters,
    /// The entry behind the newest one looked at.
    pub(super) end: Seq,
}

impl Sample {
    /// Looks at the newest events of `timeline`.
    #[must_use]
    pub fn of(timeline: &Timeline, filters: Filters) -> Self {
        let mut sample = Self {
            end: timeline.next(),
            ..Self::default()
        };
        let reasoner = Reasoner::new(&filters);
        let mut bytes = 0;
        let oldest = timeline.first().max(sample.end.saturating_sub(ENTRIES));
        for seq in (oldest..sample.end).rev() {
            let Some(entry) = timeline.entry(seq).filter(is_event) else {
                continue;
            };
            bytes += entry.payload.len();
            if bytes > BYTES || sample.forecast.events == EVENTS {
                break;
            }
            sample.count(&reasoner, entry.payload);
            sample.take_note(entry.payload);
        }
        sample.filters = filters;
        sample
    }

    /// True if this is what [`Self::of`] would say.
    #[must_use]
    pub fn is_of(&self, filters: &Filters, end: Seq) -> bool {
        self.end == end && self.filters == *filters
    }

    /// True if it says something of those filters, if maybe not of the newest events.
    #[must_use]
    pub fn is_about(&self, filters: &Filters) -> bool {
        self.filters == *filters
    }

    fn count(&mut self, reasoner: &Reasoner, event: &[u8]) {
        let judgement = reasoner.judge(event);
        let (coded, documented) = (judgement.coded.passes(), judgement.documented.passes());
        let forecast = &mut self.forecast;
        forecast.events += 1;
        forecast.coded += u64::from(coded);
        forecast.documented += u64::from(documented);
        forecast.both += u64::from(coded && documented);
    }

    /// Remembers accounts and assets among the event's members.
    fn take_note(&mut self, event: &[u8]) {
        for (key, value) in scan::members(event) {
            if self.accounts.len() == SEEN && self.assets.len() == SEEN {
                return;
            }
            // The keys and assets that are looked for have no escapes.
            let Some(text) = scan::plain_str(value) else {
                continue;
            };
            if strkey::check(text) == Ok(Kind::Account) {
                remember(&mut self.accounts, text);
            } else if key == b"asset_code" && text == "native" || is_issued(text) {
                remember(&mut self.assets, text);
            }
        }
    }
}

fn is_event(entry: &Entry<'_>) -> bool {
    entry.badge == Badge::Event && entry.direction == Direction::In
}

fn is_issued(text: &str) -> bool {
    let parts = text.split_once(':');
    parts.is_some_and(|(code, issuer)| {
        !code.is_empty() && code.len() <= 12 && strkey::check(issuer) == Ok(Kind::Account)
    })
}

fn remember(list: &mut Vec<String>, text: &str) {
    if list.len() < SEEN && !list.iter().any(|one| one == text) {
        list.push(text.to_owned());
    }
}
