//! How many events of which type a batch holds, as a label: `click×2 page×1`.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::entry::Kinds;

/// Types named in a label; the rest are counted.
const NAMED: usize = 4;
/// Shown for an event without a type.
const UNTYPED: &str = "(no type)";

/// Events whose place in the order of a batch is kept.
const ORDERED_MAX: usize = 1_000;
/// Stands in an [`Order`] for a type the label does not name.
const UNNAMED: u8 = u8::MAX;

/// Event types in the order they appear, counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally<'a> {
    named: [(Cow<'a, str>, u32); NAMED],
    kinds: usize,
    others: u32,
    order: Order,
}

/// Which of a tally's types each event has, in order. Events of one type only, the usual case,
/// need no allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Events of the first type before any other.
    first: u32,
    rest: Vec<u8>,
}

impl Order {
    fn push(&mut self, place: u8) {
        if place == 0 && self.rest.is_empty() {
            self.first += 1;
        } else if self.rest.len() < ORDERED_MAX {
            self.rest.push(place);
        }
    }

    /// For each event the place of its type among [`Tally::names`], at most some thousand.
    pub fn places(&self) -> impl Iterator<Item = u8> {
        let first = (self.first as usize).min(ORDERED_MAX);
        std::iter::repeat_n(0, first).chain(self.rest.iter().copied())
    }
}

impl<'a> Tally<'a> {
    /// Counts one event of that type.
    pub fn add(&mut self, kind: Cow<'a, str>) {
        let kind = if kind.is_empty() {
            Cow::Borrowed(UNTYPED)
        } else {
            kind
        };
        let known = &mut self.named[..self.kinds];
        let place = if let Some(place) = known.iter().position(|(name, _)| *name == kind) {
            known[place].1 += 1;
            place as u8
        } else if let Some(free) = self.named.get_mut(self.kinds) {
            *free = (kind, 1);
            self.kinds += 1;
            self.kinds as u8 - 1
        } else {
            self.others += 1;
            UNNAMED
        };
        self.order.push(place);
    }

    /// The types the label names, in the order they first appeared.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let named = self.named[..self.kinds].iter();
        named.map(|(name, _)| &**name)
    }

    /// Events without a type.
    pub fn untyped(&self) -> u32 {
        let named = self.named[..self.kinds].iter();
        let untyped = named.filter(|(name, _)| *name == UNTYPED);
        untyped.map(|(_, count)| count).sum()
    }

    /// Which type each event has.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Events counted.
    pub fn total(&self) -> u32 {
        self.named.iter().map(|(_, count)| count).sum::<u32>() + self.others
    }

    /// The label: `page`, `page×3`, `click×2 page×1`, `empty`.
    pub fn label(self) -> Cow<'a, str> {
        self.labelled().0
    }

    /// The label, and where in it the types stand.
    pub fn labelled(mut self) -> (Cow<'a, str>, Kinds) {
        let mut kinds = Kinds::default();
        match (self.kinds, self.others) {
            (0, _) => return (Cow::Borrowed("empty"), kinds),
            (1, 0) if self.named[0].1 == 1 => {
                return (std::mem::take(&mut self.named[0].0), kinds);
            }
            _ => {}
        }
        let mut label = String::new();
        for (kind, count) in &self.named[..self.kinds] {
            if !label.is_empty() {
                label.push(' ');
            }
            kinds.add(label.len(), label.len() + kind.len());
            let _ = write!(label, "{kind}×{count}");
        }
        if self.others > 0 {
            let _ = write!(label, " others×{}", self.others);
        }
        (Cow::Owned(label), kinds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_by_case() {
        for (kinds, label) in [
            (&[][..], "empty"),
            (&["page"], "page"),
            (&["page", "page", "page"], "page×3"),
            (&["click", "page", "click"], "click×2 page×1"),
            (&["", ""], "(no type)×2"),
            (
                &["a", "b", "c", "d", "e", "f", "a"],
                "a×2 b×1 c×1 d×1 others×2",
            ),
        ] {
            let mut tally = Tally::default();
            for kind in kinds {
                tally.add(Cow::Borrowed(*kind));
            }
            assert_eq!(tally.total() as usize, kinds.len());
            let (found, places) = tally.clone().labelled();
            assert_eq!(found, label);
            for ((kind, _), place) in tally.named.iter().zip(places.of(&found)) {
                assert!(kind == place || tally.kinds == 0, "{kind} {place}");
            }
        }
    }

    #[test]
    fn one_event_costs_no_allocation() {
        let mut tally = Tally::default();
        tally.add(Cow::Borrowed("page"));
        assert!(matches!(tally.label(), Cow::Borrowed("page")));
    }
}
