//! Who is there, who was, and what changed between two answers.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;

use super::answer::{Answer, Listed, ROWS_MAX, shown};
use crate::frame::Stamp;
use crate::protocol::websocketmq::picture::Client;

/// Clients that left that are still shown.
const GONE_MAX: usize = 50;

/// The clients.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// In order of arrival.
    present: Vec<Client>,
    /// The newest last.
    gone: VecDeque<Client>,
    pub(super) forgotten: u64,
    pub(super) arrived: u64,
    pub(super) left: u64,
    /// True once an answer has told who is there.
    begun: bool,
    hasher: RandomState,
}

impl Table {
    pub(super) fn hasher(&self) -> &RandomState {
        &self.hasher
    }

    pub(super) fn hash(&self, id: &str) -> u64 {
        self.hasher.hash_one(id)
    }

    /// Brings the table to what an answer says. Returns a sentence for each change but our own.
    pub(super) fn update(&mut self, answer: &Answer, own: &str, now: Stamp) -> Vec<String> {
        let mut told = Vec::new();
        self.depart(answer, now, &mut told);
        let mut known: HashMap<u64, usize, RandomState> = HashMap::default();
        for (place, client) in self.present.iter().enumerate() {
            known.insert(self.hasher.hash_one(&*client.id), place);
        }
        let mut forgotten = answer.forgotten;
        for listed in &answer.rows {
            let place = known.get(&self.hasher.hash_one(&*listed.id));
            match place {
                Some(place) => {
                    let client = &mut self.present[*place];
                    let change = change(client, listed).filter(|_| !client.own);
                    told.extend(change);
                    client.own = client.id == own;
                }
                None if self.present.len() < ROWS_MAX => self.arrive(listed, own, now, &mut told),
                None => forgotten += 1,
            }
        }
        self.forgotten = forgotten;
        self.begun = true;
        told
    }

    fn depart(&mut self, answer: &Answer, now: Stamp, told: &mut Vec<String>) {
        let hasher = &self.hasher;
        let gone = self
            .present
            .extract_if(.., |client| {
                !answer.ids.contains(&hasher.hash_one(&*client.id))
            })
            .collect::<Vec<_>>();
        for mut client in gone {
            if client.own {
                continue;
            }
            self.left += 1;
            told.push(format!(
                "client {} has left",
                shown(&client.id, &client.name, &client.kind)
            ));
            client.gone = Some(now);
            if self.gone.len() == GONE_MAX {
                self.gone.pop_front();
            }
            self.gone.push_back(client);
        }
    }

    fn arrive(&mut self, listed: &Listed, own: &str, now: Stamp, told: &mut Vec<String>) {
        let is_own = listed.id == own;
        // Who comes back is not shown as gone any more.
        self.gone.retain(|client| client.id != listed.id);
        if self.begun && !is_own {
            self.arrived += 1;
            told.push(format!("client {} has arrived", listed.shown()));
        }
        self.present.push(Client {
            id: listed.id.clone(),
            name: listed.name.clone(),
            kind: listed.kind.clone(),
            url: listed.url.clone(),
            own: is_own,
            since: Some(now),
            from_start: !self.begun,
            gone: None,
        });
    }

    /// The connection has ended: our own row with it, under whatever id.
    pub(super) fn ended(&mut self) {
        self.present.retain(|client| !client.own);
    }

    /// Clients there now and those that left lately, in order of arrival.
    pub(super) fn rows(&self) -> Vec<Client> {
        let mut rows: Vec<Client> = self.present.iter().chain(&self.gone).cloned().collect();
        rows.sort_by_key(|client| client.since.map(|since| since.mono));
        rows
    }
}

/// Takes over what an answer says of a known client, and tells what of it is new.
fn change(client: &mut Client, listed: &Listed) -> Option<String> {
    let before = shown(&client.id, &client.name, &client.kind);
    let mut changes = Vec::new();
    for (what, old, new) in [
        ("name", &mut client.name, &listed.name),
        ("type", &mut client.kind, &listed.kind),
        ("URL", &mut client.url, &listed.url),
    ] {
        if old != new {
            let new_shown = if new.is_empty() { "(empty)" } else { new };
            changes.push(format!("{what} is now {new_shown}"));
            old.clone_from(new);
        }
    }
    (!changes.is_empty()).then(|| format!("client {before}: {}", changes.join(", ")))
}
