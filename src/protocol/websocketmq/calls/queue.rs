//! The newest calls, those that wait for something kept longest.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::time::Instant;

use crate::frame::Stamp;
use crate::protocol::websocketmq::answer::Answer;
use crate::protocol::websocketmq::dialect::Generation;
use crate::protocol::websocketmq::picture::{Call, CallState};
use crate::protocol::websocketmq::responders::Manner;

/// Calls kept at most; beyond, the one settled longest ago is forgotten, else the oldest.
pub(super) const CALLS_MAX: usize = 1_000;
/// Bytes of texts and planned answers kept at most, with the same consequence.
pub(super) const BYTES_MAX: usize = 8 << 20;
/// What a call costs besides its texts.
const OVERHEAD: usize = 256;
/// Longest id and topic kept of a settled call, bytes.
const TEXT_MAX: usize = 512;

/// A call with what is going on about it.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) call: Call,
    pub(super) generation: Generation,
    /// What is to be sent at the moment of `CallState::Planned`; nothing once it is handed out.
    pub(super) plan: Option<(Answer, Manner)>,
    /// What to do next, and when; `None` once settled.
    next: Option<Stamp>,
    key: u64,
}

impl Item {
    pub(super) fn new(call: Call, generation: Generation) -> Self {
        Self {
            call,
            generation,
            plan: None,
            next: None,
            key: 0,
        }
    }

    fn weight(&self) -> usize {
        let payload = self.call.payload.as_ref().map_or(0, bytes::Bytes::len);
        let plan = self.plan.as_ref().map_or(0, |(answer, _)| answer.size());
        OVERHEAD + self.call.id.len() + self.call.topic.len() + payload + plan
    }

    /// True once nothing more is going to be done about it.
    pub(super) fn is_settled(&self) -> bool {
        self.next.is_none()
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Queue {
    items: BTreeMap<u64, Item>,
    /// By the moment something is to be done.
    agenda: BTreeMap<(Instant, u64), Stamp>,
    /// Numbers of the settled, in the order they became so.
    settled: BTreeSet<(u64, u64)>,
    settlements: u64,
    /// Numbers by hash of id, or of topic where there is none.
    index: HashMap<u64, Vec<u64>, foldhash::fast::RandomState>,
    bytes: usize,
    next: u64,
    pub(super) forgotten: u64,
    /// The picture, until something changes.
    shared: RefCell<Option<Arc<[Call]>>>,
}

/// What calls are found by: the id, or without one the topic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub(super) id: &'a str,
    pub(super) topic: &'a str,
}

impl Queue {
    /// Adds a call, to be looked at again at `next`. Returns its number, and the calls that had to
    /// be forgotten although they were not settled, which may be this one.
    pub(super) fn push(&mut self, mut item: Item, next: Stamp) -> (u64, Vec<Item>) {
        let number = self.next;
        self.next += 1;
        item.call.number = number;
        item.key = self.hash(Key {
            id: &item.call.id,
            topic: &item.call.topic,
        });
        item.next = Some(next);
        self.index.entry(item.key).or_default().push(number);
        self.agenda.insert((next.mono, number), next);
        self.bytes += item.weight();
        self.items.insert(number, item);
        *self.shared.get_mut() = None;
        let mut unsettled = Vec::new();
        while self.items.len() > CALLS_MAX || self.bytes > BYTES_MAX {
            let Some(item) = self.forget() else { break };
            if !item.is_settled() {
                unsettled.push(item);
            }
        }
        (number, unsettled)
    }

    /// Takes out the call that is missed least.
    fn forget(&mut self) -> Option<Item> {
        let settled = self.settled.pop_first().map(|(_, number)| number);
        let number = settled.or_else(|| self.items.keys().next().copied())?;
        let item = self.items.remove(&number)?;
        if let Some(next) = item.next {
            self.agenda.remove(&(next.mono, number));
        }
        if let Some(numbers) = self.index.get_mut(&item.key) {
            numbers.retain(|known| *known != number);
            if numbers.is_empty() {
                self.index.remove(&item.key);
            }
        }
        self.bytes = self.bytes.saturating_sub(item.weight());
        self.forgotten += 1;
        Some(item)
    }

    fn hash(&self, key: Key<'_>) -> u64 {
        let text = if key.id.is_empty() {
            (false, key.topic)
        } else {
            (true, key.id)
        };
        self.index.hasher().hash_one(text)
    }

    /// The call a reply with this key is for: the oldest of those that wait, else the newest.
    pub(super) fn find(&self, key: Key<'_>) -> Option<u64> {
        let numbers = self.index.get(&self.hash(key))?;
        let waits = |number: &&u64| self.items.get(number).is_some_and(|it| !it.is_settled());
        numbers.iter().find(waits).or(numbers.last()).copied()
    }

    pub(super) fn get(&self, number: u64) -> Option<&Item> {
        self.items.get(&number)
    }

    /// Changes a call.
    pub(super) fn change<T>(&mut self, number: u64, how: impl FnOnce(&mut Item) -> T) -> Option<T> {
        let item = self.items.get_mut(&number)?;
        let before = item.weight();
        let done = how(item);
        self.bytes = (self.bytes + item.weight()).saturating_sub(before);
        *self.shared.get_mut() = None;
        Some(done)
    }

    /// Sets when the call is to be looked at next.
    pub(super) fn schedule(&mut self, number: u64, next: Option<Stamp>) {
        let Some(item) = self.items.get_mut(&number) else {
            return;
        };
        if let Some(before) = std::mem::replace(&mut item.next, next) {
            self.agenda.remove(&(before.mono, number));
        }
        if let Some(next) = next {
            self.agenda.insert((next.mono, number), next);
        }
    }

    /// Nothing more is to be done about the call; its texts are cut to what is shown.
    pub(super) fn settle(&mut self, number: u64, state: CallState) {
        let before = self.get(number).is_some_and(Item::is_settled);
        self.schedule(number, None);
        self.change(number, |item| {
            item.call.state = state;
            item.plan = None;
            for text in [&mut item.call.id, &mut item.call.topic] {
                text.truncate(text.floor_char_boundary(TEXT_MAX));
            }
        });
        if !before {
            self.settlements += 1;
            self.settled.insert((self.settlements, number));
        }
    }

    /// The next call that is due, if one is; it has to be scheduled or settled then.
    pub(super) fn due(&mut self, now: Stamp) -> Option<u64> {
        let ((at, number), _) = self.agenda.first_key_value()?;
        (*at <= now.mono).then_some(*number)
    }

    pub(super) fn next_due(&self) -> Option<Stamp> {
        self.agenda.values().next().copied()
    }

    /// Numbers of the calls not settled yet.
    pub(super) fn waiting(&self) -> Vec<u64> {
        self.agenda.keys().map(|(_, number)| *number).collect()
    }

    pub(super) fn shared(&self) -> Arc<[Call]> {
        let items = &self.items;
        let make = || items.values().map(|item| item.call.clone()).collect();
        Arc::clone(self.shared.borrow_mut().get_or_insert_with(make))
    }
}
