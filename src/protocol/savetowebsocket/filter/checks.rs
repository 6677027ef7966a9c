//! "Nothing arrives": what to look at, in the order in which it is most often the cause.
//!
//! ```text
//!  registered? ─► accounts? ─► types? ─► assets? ─► processor? ─► RPC? ─► too early? ─► too slow?
//! ```
//!
//! Each look ends in one of three: it explains, it is excluded, or it stays open because what is
//! known does not decide it.

use super::super::{Columns, Effect, Filters, Shape, advice};
use super::{Explanation, Reasoner};

/// Processors whose output never reaches the socket: it is no JSON, or they fail.
pub const UNREACHED: [&str; 13] = [
    "AccountData",
    "AccountDataFilter",
    "AssetEnrichment",
    "BronzeExtractors",
    "ContractFilter",
    "ContractLedgerReader",
    "EventPaymentExtractor",
    "FilterEventsProcessor",
    "ParticipantExtractor",
    "StellarEffects",
    "TransactionXDRExtractor",
    "TransformToMarketAnalytics",
    "WalletBackend",
];

/// What is known of a connection and of the event that is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The filters in force.
    pub filters: &'a Filters,
    /// When the server confirmed the register: microseconds since the Unix epoch; `None` if it
    /// did not.
    pub registered_us: Option<i64>,
    /// Events that came on the connection.
    pub events: u64,
    /// The code the connection ended with; `None` while it stands.
    pub ended: Option<u16>,
    /// The event, if there is one at hand from elsewhere.
    pub event: Option<&'a [u8]>,
}

/// How a look ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// That is why.
    Explains,
    /// That is not why.
    Excluded,
    /// What is known does not decide it.
    Open,
}

/// One look and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The question, in a few words.
    pub asks: &'static str,
    /// How it ended.
    pub answer: Answer,
    /// Why, and what to do: a sentence without a full stop.
    pub says: String,
}

impl Check {
    fn new(asks: &'static str, answer: Answer, says: impl Into<String>) -> Self {
        let says = says.into();
        Self { asks, answer, says }
    }
}

/// All looks, in order.
#[must_use]
pub fn checks(situation: &Situation<'_>) -> Vec<Check> {
    let reasoner = Reasoner::new(situation.filters);
    let explanation = situation.event.map(|event| reasoner.explain(event));
    let explanation = explanation.as_ref();
    vec![
        registered(situation),
        filter(
            situation,
            explanation,
            "account_ids",
            "dropped by accounts?",
        ),
        filter(situation, explanation, "types", "does the type exist?"),
        filter(
            situation,
            explanation,
            "asset_codes",
            "is the asset spelled so?",
        ),
        processor(situation),
        rpc(situation),
        early(situation),
        slow(situation),
    ]
}

fn registered(situation: &Situation<'_>) -> Check {
    let (answer, says) = match situation.registered_us {
        Some(_) => (Answer::Excluded, "the server confirmed a register"),
        None => (
            Answer::Explains,
            "no register was confirmed: nothing is sent before, and what happens until then is lost",
        ),
    };
    Check::new("registered?", answer, says)
}

/// One of the three filters the server compares: by the event, or by what can be said without.
fn filter(
    situation: &Situation<'_>,
    explanation: Option<&Explanation>,
    name: &'static str,
    asks: &'static str,
) -> Check {
    let Filters {
        types,
        account_ids,
        asset_codes,
        ..
    } = situation.filters;
    let list = match name {
        "types" => types,
        "account_ids" => account_ids,
        _ => asset_codes,
    };
    if list.is_empty() {
        return Check::new(asks, Answer::Excluded, format!("{name} is empty"));
    }
    if let Some(verdict) = explanation.map(|explanation| &explanation.coded) {
        let decides = !verdict.passes && verdict.filter == Some(name);
        let answer = if decides {
            Answer::Explains
        } else {
            Answer::Excluded
        };
        let fix = verdict.fix.as_ref().filter(|_| decides);
        let says = match fix {
            Some(fix) => format!("{}: {fix}", verdict.why),
            None if decides => verdict.why.clone(),
            None => format!("{name} is not what drops this event"),
        };
        return Check::new(asks, answer, says);
    }
    let all = advice::advice(situation.filters);
    let mut about = all
        .iter()
        .filter(|advice| advice.filter == name && advice.is_remarkable());
    let Some(first) = about.clone().next() else {
        let says = format!("only with an event at hand can be said whether {name} drops it");
        return Check::new(asks, Answer::Open, says);
    };
    // One value that can match is enough, unless the filters exclude each other.
    let mut never = about
        .clone()
        .filter(|advice| advice.effect == Effect::NeverMatches);
    let is_hopeless = |value: &String| {
        never
            .clone()
            .any(|advice| advice.value.as_ref() == Some(value))
    };
    let hopeless =
        list.iter().all(is_hopeless) || never.clone().any(|advice| advice.value.is_none());
    let answer = if hopeless {
        Answer::Explains
    } else {
        Answer::Open
    };
    let told = never
        .find(|_| hopeless)
        .or_else(|| about.next())
        .unwrap_or(first);
    Check::new(asks, answer, told.sentence())
}

fn processor(situation: &Situation<'_>) -> Check {
    let asks = "can its processor reach the socket?";
    match situation.event.map(Shape::of) {
        Some(shape) if shape != Shape::Unknown => Check::new(
            asks,
            Answer::Excluded,
            format!(
                "it looks like the output of {}, which does",
                shape.processor()
            ),
        ),
        _ => Check::new(
            asks,
            Answer::Open,
            format!(
                "nothing comes from {}, nor from a source without a processor",
                UNREACHED.join(", ")
            ),
        ),
    }
}

fn rpc(situation: &Situation<'_>) -> Check {
    let asks = "is it the RPC pipeline?";
    if situation.events > 0 {
        return Check::new(asks, Answer::Excluded, "events do come on this connection");
    }
    let says = "the guide's pipeline of RPC getEvents and GetEventsRPC emits nothing with a standard server: look at its configuration";
    Check::new(asks, Answer::Open, says)
}

fn early(situation: &Situation<'_>) -> Check {
    let asks = "did it happen before the register?";
    let time = situation
        .event
        .and_then(|event| Columns::read(event).time?.at());
    match (time, situation.registered_us) {
        (Some(time), Some(registered)) if time.as_microsecond() < registered => Check::new(
            asks,
            Answer::Explains,
            format!(
                "it is of {time}, before the register was taken: the server queues nothing for those who are not registered, whatever its text says"
            ),
        ),
        (Some(time), Some(_)) => Check::new(asks, Answer::Excluded, format!("it is of {time}")),
        _ => Check::new(
            asks,
            Answer::Open,
            "what happened before the register is lost: the server queues nothing, whatever its text says",
        ),
    }
}

fn slow(situation: &Situation<'_>) -> Check {
    let asks = "was the connection drained as too slow?";
    match situation.ended {
        Some(1005) => Check::new(
            asks,
            Answer::Explains,
            "it ended with an empty close frame: 256 events were waiting, and those due then were dropped; register again",
        ),
        Some(code) => Check::new(
            asks,
            Answer::Explains,
            format!("the connection has ended ({code}): nothing comes on it any more"),
        ),
        None if situation.events == 0 => Check::new(
            asks,
            Answer::Excluded,
            "no event came, so none can have filled its buffer",
        ),
        None => Check::new(
            asks,
            Answer::Open,
            "a connection that was too slow stays open while the 256 events of its buffer are drained, and gets no new ones",
        ),
    }
}

#[cfg(test)]
mod tests;
