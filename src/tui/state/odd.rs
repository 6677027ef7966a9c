//! Which of the visible events are odd: judged for the picture, never for the whole list.

use std::collections::BTreeMap;

use crate::entry::Entry;
use crate::frame::Seq;

use super::judges::{Judges, Mark};

/// Most payload bytes judged for one picture; what is over it waits for the next.
const AT_ONCE: usize = 1 << 20;

/// The marks of the rows on screen.
#[derive(Clone, Debug, Default)]
pub struct Odd(BTreeMap<Seq, Option<Mark>>);

impl Odd {
    /// The mark of an entry, as far as it was judged.
    #[must_use]
    pub fn mark(&self, seq: Seq) -> Option<Mark> {
        self.0.get(&seq).copied().flatten()
    }

    /// Forgets every judgement: filters have changed.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Judges those of the `visible` entries that were not judged yet, and forgets all others.
    pub fn look<'a>(&mut self, visible: impl Iterator<Item = Entry<'a>>, judges: &Judges) {
        let mut known = std::mem::take(&mut self.0);
        let mut bytes = 0;
        for entry in visible {
            let mark = match known.remove(&entry.seq) {
                Some(mark) => mark,
                None if bytes > AT_ONCE => continue,
                None => {
                    bytes += entry.payload.len();
                    judges.mark(&entry)
                }
            };
            self.0.insert(entry.seq, mark);
        }
    }
}
