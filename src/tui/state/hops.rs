//! A call through the broker, both halves joined: ours on one link, the broker's to its target on
//! another one of this program, or on our own.
//!
//! ```text
//!  caller ──system:proxy──► broker ──inner request──► target
//!  caller ◄───response───── broker ◄────response──── target
//!         out                       work               back
//! ```

use std::fmt::Write as _;
use std::time::Duration;

use crate::frame::Seq;
use crate::protocol::websocketmq::{Call, CallState, Proxied, join};
use crate::tui::figures;

use super::State;
use super::broker::picture;
use super::tab::Tab;

/// How long each part of a call took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hops {
    /// The session the target is, if it is not the caller's own.
    pub whose: Option<String>,
    /// From the caller to the target, through the broker.
    pub out: Duration,
    /// What the target took; `None` until it has answered.
    pub work: Option<Duration>,
    /// From the target's answer to the caller; `None` until it came.
    pub back: Option<Duration>,
    /// Id of the inner request.
    pub inner: String,
    /// True if this is seen from the inner half, so that the session named is the caller.
    pub from_inner: bool,
    /// True if nothing but topic, payload and time speaks for it.
    pub guessed: bool,
}

impl Hops {
    /// All of it in one line.
    #[must_use]
    pub fn short(&self) -> String {
        let mut text = format!("out {}", figures::latency(self.out));
        for (word, took) in [("work", self.work), ("back", self.back)] {
            if let Some(took) = took {
                let _ = write!(text, " · {word} {}", figures::latency(took));
            }
        }
        text
    }

    /// The parts by name.
    #[must_use]
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let took = |took: Option<Duration>| took.map_or("…".to_owned(), figures::latency);
        let whose = match &self.whose {
            Some(name) => format!("session {name} of this program"),
            None => "this session".to_owned(),
        };
        let sure = if self.guessed {
            ", told by topic, payload and time"
        } else {
            ""
        };
        vec![
            (
                if self.from_inner {
                    "outer half"
                } else {
                    "inner half"
                },
                format!("{whose}, id {}{sure}", self.inner),
            ),
            (
                "out",
                format!("{} caller → broker → target", figures::latency(self.out)),
            ),
            ("work", format!("{} at the target", took(self.work))),
            (
                "back",
                format!("{} target → broker → caller", took(self.back)),
            ),
        ]
    }
}

/// The hops of a call of that tab, where its inner half ran on a link of this program.
#[must_use]
pub fn of(state: &State, tab: &Tab, call: &Proxied) -> Option<Hops> {
    let own = picture(tab)?;
    // On our own link the conversation has joined both halves already.
    if let Some(inner) = own.calls.iter().find(|it| it.proxied == Some(call.number)) {
        return Some(hops(call, inner, None, false));
    }
    let others = state.tabs.iter().filter(|other| other.id != tab.id);
    for other in others {
        let Some(target) = picture(other) else {
            continue;
        };
        let joined = join(own, target).into_iter();
        let found = joined
            .filter(|pair| pair.proxied == call.number)
            .find_map(|pair| {
                let inner = target
                    .calls
                    .iter()
                    .find(|inner| inner.number == pair.call)?;
                Some((inner, pair.certain))
            });
        if let Some((inner, certain)) = found {
            return Some(hops(call, inner, Some(other.name().to_owned()), !certain));
        }
    }
    None
}

/// The hops of the call that entry `seq` of the tab belongs to: as the caller's request or its
/// answer, or as the call of the broker that is the other half.
#[must_use]
pub fn around(state: &State, tab: &Tab, seq: Seq) -> Option<Hops> {
    let own = picture(tab)?;
    let is_outer = |call: &&Proxied| call.seq == seq || call.answer == Some(seq);
    if let Some(call) = own.proxied.iter().find(is_outer) {
        return of(state, tab, call);
    }
    let inner = own.calls.iter().find(|call| call.seq == seq)?;
    // Of whomever: the caller is this session or another one of this program.
    state.tabs.iter().find_map(|caller| {
        let calls = picture(caller)?.proxied.iter();
        let mut found = calls.filter_map(|call| of(state, caller, call));
        let mut hops = found.find(|hops| hops.inner == inner.id && !hops.inner.is_empty())?;
        hops.from_inner = true;
        hops.whose = (caller.id != tab.id).then(|| caller.name().to_owned());
        Some(hops)
    })
}

fn hops(call: &Proxied, inner: &Call, whose: Option<String>, guessed: bool) -> Hops {
    let work = match inner.state {
        CallState::Answered(took) => Some(took),
        _ => None,
    };
    let back = call
        .answered
        .zip(work)
        .map(|(answered, work)| answered.since(inner.at.after(work)));
    Hops {
        whose,
        out: inner.at.since(call.at),
        work,
        back,
        inner: inner.id.clone(),
        from_inner: false,
        guessed,
    }
}

/// The name of a client where it is known, else its id.
#[must_use]
pub fn target_name(tab: &Tab, id: &str) -> String {
    let clients = picture(tab).and_then(|picture| picture.clients.as_ref());
    let known = clients.and_then(|clients| {
        let named = clients.rows.iter().find(|client| client.id == id);
        named.filter(|client| !client.name.is_empty())
    });
    match known {
        Some(client) if client.own => format!("{} (us)", client.name),
        Some(client) => client.name.clone(),
        None => id.to_owned(),
    }
}
