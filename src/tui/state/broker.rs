//! The broker panel: topics, clients and calls of a `WebSocketMQ` session.
//!
//! Every list has one order that traffic does not change, and a selection by name, id or number:
//! what is selected stays selected while rows come and go around it.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use crate::frame::Stamp;
use crate::protocol::websocketmq::{
    Call, CallState, Client, Picture, Proxied, Subscription, Topic,
};

use super::State;
use super::tab::Tab;

/// A list of the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// Topics, with the state of our subscription.
    #[default]
    Topics,
    /// Clients of the broker.
    Clients,
    /// Calls of the broker, and our own to other clients.
    Calls,
}

impl Section {
    /// All, in the order of the panel.
    pub const ALL: [Self; 3] = [Self::Topics, Self::Clients, Self::Calls];

    /// The word at the top of the panel.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Topics => "Topics",
            Self::Clients => "Clients",
            Self::Calls => "Calls",
        }
    }

    /// The one `steps` on.
    #[must_use]
    pub fn step(self, steps: isize) -> Self {
        let count = Self::ALL.len() as isize;
        Self::ALL[(self as isize + steps).rem_euclid(count) as usize]
    }
}

/// Names a line of the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallName {
    /// A call of the broker, by its number.
    Call(u64),
    /// A call of ours to another client, by its number.
    Proxied(u64),
    /// Our newest call, whichever that is: it is on its way.
    NewestProxied,
}

/// A line of the calls.
#[derive(Clone, Copy, Debug)]
pub enum CallRow<'a> {
    /// A call of the broker.
    Call(&'a Call),
    /// A call of ours to another client.
    Proxied(&'a Proxied),
}

impl CallRow<'_> {
    /// What names it.
    #[must_use]
    pub const fn name(&self) -> CallName {
        match self {
            Self::Call(call) => CallName::Call(call.number),
            Self::Proxied(call) => CallName::Proxied(call.number),
        }
    }
}

/// Where the panel of a session stands. Belongs to the tab; outlives the panel being closed.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// The list on screen.
    pub section: Section,
    /// The topic selected.
    pub topic: Option<String>,
    /// The client selected, by id.
    pub client: Option<String>,
    /// The call selected.
    pub call: Option<CallName>,
    /// Where the selection was in each list, for when what was selected is gone.
    places: [usize; 3],
}

/// The picture of the tab's broker; `None` if it speaks no `WebSocketMQ`, or has not yet.
#[must_use]
pub fn picture(tab: &Tab) -> Option<&Arc<Picture>> {
    tab.snapshot.as_ref()?.broker.as_ref()
}

/// Topics: those subscribed, or meant to be, first; by name.
#[must_use]
pub fn topics(picture: &Picture) -> Vec<&Topic> {
    let mut rows: Vec<&Topic> = picture.topics.iter().collect();
    rows.sort_by(|one, other| {
        let rank = |topic: &Topic| !is_subscribed(topic.subscription);
        (rank(one), &one.name).cmp(&(rank(other), &other.name))
    });
    rows
}

/// True if messages come on it, or are meant to.
#[must_use]
pub const fn is_subscribed(subscription: Subscription) -> bool {
    !matches!(
        subscription,
        Subscription::None | Subscription::Ended | Subscription::Ending
    )
}

/// Clients: those that are there in order of arrival, then those that left, newest first.
#[must_use]
pub fn clients(picture: &Picture) -> Vec<&Client> {
    let Some(clients) = &picture.clients else {
        return Vec::new();
    };
    let mut rows: Vec<&Client> = clients.rows.iter().collect();
    rows.sort_by_key(|client| client.gone.map(|gone| Reverse(gone.mono)));
    rows
}

/// Calls of the broker that wait for us, by the time left; then our own to other clients and the
/// other calls of the broker, each newest first.
#[must_use]
pub fn calls(picture: &Picture) -> Vec<CallRow<'_>> {
    let (mut waiting, mut over): (Vec<&Call>, Vec<&Call>) =
        picture.calls.iter().partition(|call| is_waiting(call));
    waiting.sort_by_key(|call| match call.state {
        CallState::Planned(at) => (1, at.mono),
        _ => (0, call.due.mono),
    });
    over.sort_by_key(|call| Reverse(call.number));
    let proxied = picture.proxied.iter().rev().map(CallRow::Proxied);
    let waiting = waiting.into_iter().map(CallRow::Call);
    let over = over.into_iter().map(CallRow::Call);
    waiting.chain(proxied).chain(over).collect()
}

/// True if an answer to it is still to come from here.
#[must_use]
pub const fn is_waiting(call: &Call) -> bool {
    matches!(call.state, CallState::Held | CallState::Planned(_))
}

/// The held call whose time is over first.
#[must_use]
pub fn soonest_held(picture: &Picture) -> Option<&Call> {
    let held = picture
        .calls
        .iter()
        .filter(|it| it.state == CallState::Held);
    held.min_by_key(|call| call.due.mono)
}

/// Calls that wait for an answer by hand, in all sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub calls: usize,
    /// Index of the tab whose call is over first.
    pub tab: usize,
    /// When that call is over.
    pub due: Stamp,
}

/// What waits for an answer by hand, if anything does.
#[must_use]
pub fn waiting(state: &State) -> Option<Waiting> {
    let mut calls = 0;
    let mut soonest: Option<(usize, Stamp)> = None;
    for (index, tab) in state.tabs.iter().enumerate() {
        let Some(picture) = picture(tab) else {
            continue;
        };
        let held = picture
            .calls
            .iter()
            .filter(|it| it.state == CallState::Held);
        calls += held.count();
        if let Some(call) = soonest_held(picture)
            && soonest.is_none_or(|(_, due)| call.due.mono < due.mono)
        {
            soonest = Some((index, call.due));
        }
    }
    let (tab, due) = soonest?;
    Some(Waiting { calls, tab, due })
}

impl Panel {
    /// Number of lines of the list on screen.
    #[must_use]
    pub fn len(&self, picture: &Picture) -> usize {
        match self.section {
            Section::Topics => picture.topics.len(),
            Section::Clients => picture.clients.as_ref().map_or(0, |it| it.rows.len()),
            Section::Calls => picture.calls.len() + picture.proxied.len(),
        }
    }

    /// Index of the line selected; where it was, if what was selected is gone.
    #[must_use]
    pub fn selected(&self, picture: &Picture) -> Option<usize> {
        let found = match self.section {
            Section::Topics => self.topic.as_ref().and_then(|name| {
                let rows = topics(picture);
                rows.iter().position(|topic| topic.name == *name)
            }),
            Section::Clients => self.client.as_ref().and_then(|id| {
                let rows = clients(picture);
                rows.iter().position(|client| client.id == *id)
            }),
            Section::Calls => self.call.and_then(|name| {
                let rows = calls(picture);
                rows.iter().position(|row| match name {
                    CallName::NewestProxied => matches!(row, CallRow::Proxied(_)),
                    name => row.name() == name,
                })
            }),
        };
        let last = self.len(picture).checked_sub(1)?;
        Some(found.unwrap_or_else(|| self.places[self.section as usize].min(last)))
    }

    /// Selects the line at `index`.
    pub fn select(&mut self, index: usize, picture: &Picture) {
        match self.section {
            Section::Topics => {
                self.topic = topics(picture).get(index).map(|topic| topic.name.clone());
            }
            Section::Clients => {
                self.client = clients(picture).get(index).map(|client| client.id.clone());
            }
            Section::Calls => self.call = calls(picture).get(index).map(CallRow::name),
        }
        self.places[self.section as usize] = index;
    }

    /// The topic selected.
    #[must_use]
    pub fn topic<'a>(&self, picture: &'a Picture) -> Option<&'a Topic> {
        if self.section != Section::Topics {
            return None;
        }
        topics(picture).get(self.selected(picture)?).copied()
    }

    /// The client selected.
    #[must_use]
    pub fn client<'a>(&self, picture: &'a Picture) -> Option<&'a Client> {
        if self.section != Section::Clients {
            return None;
        }
        clients(picture).get(self.selected(picture)?).copied()
    }

    /// The call selected.
    #[must_use]
    pub fn call<'a>(&self, picture: &'a Picture) -> Option<CallRow<'a>> {
        if self.section != Section::Calls {
            return None;
        }
        calls(picture).get(self.selected(picture)?).copied()
    }
}

/// The state of a subscription in plain words.
#[must_use]
pub const fn subscription(subscription: Subscription) -> &'static str {
    match subscription {
        Subscription::None => "not subscribed",
        Subscription::Asked => "asked for",
        Subscription::Held => "subscribed",
        Subscription::Unacknowledged => "never acknowledged",
        Subscription::Refused => "refused",
        Subscription::Ending => "ending",
        Subscription::Ended => "given up",
        Subscription::Assumed => "sent, not acknowledged here",
        Subscription::Local => "local only",
        Subscription::Owed => "to be renewed",
    }
}

/// What the state of a subscription means: a sentence.
#[must_use]
pub const fn subscription_meaning(subscription: Subscription) -> &'static str {
    match subscription {
        Subscription::None => {
            "Not subscribed: what came on it was pushed by server code, what went out was ours."
        }
        Subscription::Asked => "The subscription was sent; its acknowledgement is awaited.",
        Subscription::Held => {
            "Acknowledged: what anybody publishes under exactly this name comes, our own included."
        }
        Subscription::Unacknowledged => {
            "Asked for and never acknowledged: the acknowledgement may have been dropped (a full \
             queue drops in silence), or nobody there knows subscriptions. s asks again."
        }
        Subscription::Refused => "The broker refused it: a topic must not be empty.",
        Subscription::Ending => "Its end was sent; the acknowledgement is awaited.",
        Subscription::Ended => "Given up and acknowledged; a message on its way may still come.",
        Subscription::Assumed => {
            "Sent; this dialect acknowledges no subscription, and never ends one before the \
             connection does."
        }
        Subscription::Local => {
            "Noted here alone: in this dialect clients do not subscribe, the server pushes what \
             it likes."
        }
        Subscription::Owed => {
            "Subscriptions end with their connection; this one is asked for again on the next."
        }
    }
}

/// Where a call of the broker stands, in plain words. `left` is what remains until it is due.
#[must_use]
pub const fn call_state(state: &CallState) -> &'static str {
    match state {
        CallState::Held => "waits for you",
        CallState::Planned(_) => "planned",
        CallState::Answered(_) => "answered",
        CallState::Silent => "left silent",
        CallState::Expired => "expired",
        CallState::Cut => "connection lost",
    }
}

/// The period the clients are asked for with when watching is turned on.
pub const WATCH_EVERY: Duration = Duration::from_secs(5);

/// The topic of a call to oneself. Nobody handles it: the refusal is ours, and the way there and
/// back is what counts.
pub const ROUND_TRIP: &str = "wspect:round_trip";

/// True if the call went to ourselves and came back, whatever we answered.
#[must_use]
pub fn went_round(call: &Proxied) -> bool {
    call.topic == ROUND_TRIP && call.inner.is_some() && call.answered.is_some()
}
