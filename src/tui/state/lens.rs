//! Which entries of a session the list shows, and how to walk them.

use crate::frame::Seq;

use crate::store::Matches;

/// The entries of one session the list shows: a range of sequences, thinned by a filter. A value
/// for one look; it borrows what the filter found.
#[derive(Clone, Copy, Debug)]
pub struct Lens<'a> {
    first: Seq,
    end: Seq,
    matches: Option<&'a Matches>,
}

impl<'a> Lens<'a> {
    /// The entries from `first` up to but without `end`; with `matches`, only those in it.
    #[must_use]
    pub fn new(first: Seq, end: Seq, matches: Option<&'a Matches>) -> Self {
        Self {
            first,
            end: end.max(first),
            matches,
        }
    }

    /// The first entry shown at or after `seq`.
    #[must_use]
    pub fn at_or_after(&self, seq: Seq) -> Option<Seq> {
        let seq = seq.max(self.first);
        let found = match self.matches {
            None => seq,
            Some(matches) => {
                let place = matches.position(seq).unwrap_or_else(|place| place);
                matches.get(place)?
            }
        };
        (found < self.end).then_some(found)
    }

    /// The last entry shown before `seq`.
    #[must_use]
    pub fn before(&self, seq: Seq) -> Option<Seq> {
        let seq = seq.min(self.end);
        let found = match self.matches {
            None => seq.checked_sub(1)?,
            Some(matches) => {
                let place = matches.position(seq).unwrap_or_else(|place| place);
                matches.get(place.checked_sub(1)?)?
            }
        };
        (found >= self.first).then_some(found)
    }

    /// The newest entry shown.
    #[must_use]
    pub fn last(&self) -> Option<Seq> {
        self.before(self.end)
    }

    /// The oldest entry shown.
    #[must_use]
    pub fn oldest(&self) -> Option<Seq> {
        self.at_or_after(self.first)
    }

    /// The entry shown that is nearest to `seq`: itself, else the next, else the one before.
    #[must_use]
    pub fn nearest(&self, seq: Seq) -> Option<Seq> {
        self.at_or_after(seq).or_else(|| self.before(seq))
    }

    /// `steps` entries on from `seq` (back if negative), as far as there are any.
    #[must_use]
    pub fn step(&self, seq: Seq, steps: isize) -> Option<Seq> {
        let mut at = self.nearest(seq)?;
        for _ in 0..steps.unsigned_abs() {
            let next = if steps < 0 {
                self.before(at)
            } else {
                self.at_or_after(at + 1)
            };
            let Some(next) = next else { break };
            at = next;
        }
        Some(at)
    }

    /// Up to `height` entries that fill a list whose first row is `top`. Too few below `top` are
    /// made up for above it.
    #[must_use]
    pub fn rows(&self, top: Seq, height: usize) -> Vec<Seq> {
        let mut rows = Vec::with_capacity(height);
        let mut next = top;
        while rows.len() < height
            && let Some(seq) = self.at_or_after(next)
        {
            rows.push(seq);
            next = seq + 1;
        }
        if rows.len() < height {
            let mut above = self.rows_before(top.max(self.first), height - rows.len());
            above.append(&mut rows);
            rows = above;
        }
        rows
    }

    /// The newest `height` entries, oldest first.
    #[must_use]
    pub fn newest(&self, height: usize) -> Vec<Seq> {
        self.rows_before(self.end, height)
    }

    fn rows_before(&self, seq: Seq, height: usize) -> Vec<Seq> {
        let mut rows = Vec::with_capacity(height);
        let mut from = seq;
        while rows.len() < height
            && let Some(found) = self.before(from)
        {
            rows.push(found);
            from = found;
        }
        rows.reverse();
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sieve::Sifted;

    fn every_third() -> Matches {
        let mut matches = Matches::starting_at(0);
        matches.add(Sifted {
            range: 0..100,
            hits: (0..100).step_by(3).collect(),
            ..Sifted::default()
        });
        matches
    }

    #[test]
    fn rows_fill_the_list_from_the_top_and_then_from_above() {
        let lens = Lens::new(10, 20, None);
        assert_eq!(lens.rows(12, 3), [12, 13, 14]);
        assert_eq!(lens.rows(18, 4), [16, 17, 18, 19]);
        assert_eq!(lens.rows(0, 2), [10, 11]);
        assert_eq!(lens.rows(50, 2), [18, 19]);
        assert_eq!(lens.newest(2), [18, 19]);
    }

    #[test]
    fn a_filter_thins_the_rows() {
        let matches = every_third();
        let lens = Lens::new(10, 40, Some(&matches));
        assert_eq!(lens.rows(10, 3), [12, 15, 18]);
        assert_eq!(lens.newest(2), [36, 39]);
        assert_eq!(lens.step(12, 2), Some(18));
        assert_eq!(lens.step(12, -5), Some(12));
        assert_eq!(lens.nearest(40), Some(39));
        assert_eq!(lens.oldest(), Some(12));
    }

    #[test]
    fn nothing_to_show_is_no_panic() {
        let lens = Lens::new(5, 5, None);
        assert_eq!(lens.rows(5, 3), Vec::<Seq>::new());
        assert_eq!(
            (lens.last(), lens.oldest(), lens.step(5, 1)),
            (None, None, None)
        );
        assert_eq!(Lens::new(0, 0, None).newest(3), Vec::<Seq>::new());
    }
}
