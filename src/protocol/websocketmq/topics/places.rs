//! Finding and making the rows of topics, and room for them.

use std::borrow::Cow;
use std::hash::BuildHasher as _;
use std::time::Duration;

use super::row::Row;
use super::{Topics, rate};
use crate::frame::Stamp;

/// Topics kept; beyond, those nobody subscribed to are forgotten, the longest untouched first.
pub(super) const ROWS_MAX: usize = 1_000;
/// Topics forgotten at once, so that making room is rare.
const FORGOTTEN_AT_ONCE: usize = 100;
/// Bytes of a name kept. A longer topic is told by its start and a hash.
pub(super) const NAME_MAX: usize = 512;

impl Topics {
    pub(super) fn find(&self, topic: &str) -> Option<usize> {
        let place = self.places.get(&*self.key(topic))?;
        Some(*place as usize)
    }

    pub(super) fn row(&self, topic: &str) -> Option<&Row> {
        Some(&self.rows[self.find(topic)?])
    }

    /// What a topic is kept under.
    pub(super) fn key<'a>(&self, topic: &'a str) -> Cow<'a, str> {
        if topic.len() <= NAME_MAX {
            return Cow::Borrowed(topic);
        }
        let end = topic.floor_char_boundary(NAME_MAX);
        let hash = self.hasher.hash_one(topic);
        Cow::Owned(format!("{}… #{hash:016x}", &topic[..end]))
    }

    /// The topic's row, touched now; made if there is room.
    pub(super) fn open(&mut self, topic: &str, now: Stamp) -> Option<&mut Row> {
        rate::passed(&mut self.origin, now);
        let place = self.find_or_make(topic, now)?;
        let row = &mut self.rows[place];
        row.touched = Some(now);
        Some(row)
    }

    #[cold]
    pub(super) fn find_or_make(&mut self, topic: &str, now: Stamp) -> Option<usize> {
        if topic.is_empty() {
            return None;
        }
        if let Some(place) = self.find(topic) {
            return Some(place);
        }
        self.make_room(now);
        self.place(topic)?;
        self.find(topic)
    }

    pub(super) fn place(&mut self, topic: &str) -> Option<&mut Row> {
        let key = self.key(topic);
        if let Some(place) = self.places.get(&*key) {
            return self.rows.get_mut(*place as usize);
        }
        if self.rows.len() >= ROWS_MAX {
            self.forgotten += 1;
            return None;
        }
        let cut = matches!(key, Cow::Owned(_));
        let name: Box<str> = key.into();
        self.places.insert(name.clone(), self.rows.len() as u32);
        self.rows.push(Row::new(name, cut));
        self.rows.last_mut()
    }

    /// Forgets topics nobody needs, once there are too many.
    pub(super) fn make_room(&mut self, now: Stamp) {
        if self.rows.len() < ROWS_MAX {
            return;
        }
        let age = |row: &Row| row.touched.map_or(Duration::MAX, |at| now.since(at));
        let mut ages: Vec<Duration> = self
            .rows
            .iter()
            .filter(|row| !row.is_needed())
            .map(age)
            .collect();
        ages.sort_unstable_by(|a, b| b.cmp(a));
        let Some(limit) = ages.get(FORGOTTEN_AT_ONCE.min(ages.len()).wrapping_sub(1)) else {
            return;
        };
        let mut left = FORGOTTEN_AT_ONCE;
        self.rows.retain(|row| {
            let stays = row.is_needed() || age(row) < *limit || left == 0;
            left -= usize::from(!stays);
            stays
        });
        self.forgotten += (FORGOTTEN_AT_ONCE - left) as u64;
        self.places = self
            .rows
            .iter()
            .enumerate()
            .map(|(place, row)| (row.name.clone(), place as u32))
            .collect();
    }
}
