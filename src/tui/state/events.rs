//! Where a session's list of events stands.

use std::collections::BTreeSet;

use crate::frame::Seq;

use super::lens::Lens;

/// Most marks; further ones are refused, with a notice.
pub const MARKS_MAX: usize = 1_000;

/// What is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// The newest entry shown, whichever that is.
    #[default]
    Following,
    /// This one, wherever it is; it stays selected when it is filtered out or evicted.
    At(Seq),
}

/// Where a session's list of events stands. Belongs to the tab, outlives reconnects.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// What is selected.
    pub position: Position,
    /// First row of the list while it does not follow.
    pub top: Seq,
    /// While paused: the first entry that is not shown.
    pub paused_at: Option<Seq>,
    /// Marked entries.
    pub marks: BTreeSet<Seq>,
}

impl Events {
    /// The selected entry.
    #[must_use]
    pub fn selected(&self, lens: &Lens<'_>) -> Option<Seq> {
        match self.position {
            Position::Following => lens.last(),
            Position::At(seq) => Some(seq),
        }
    }

    /// The rows of a list of that height.
    #[must_use]
    pub fn rows(&self, lens: &Lens<'_>, height: usize) -> Vec<Seq> {
        match self.position {
            Position::Following => lens.newest(height),
            Position::At(_) => lens.rows(self.top, height),
        }
    }

    /// Stops following: the newest entry stays selected where it is.
    pub fn pin(&mut self, lens: &Lens<'_>, height: usize) {
        if self.position == Position::Following
            && let Some(seq) = lens.last()
        {
            self.top = lens.newest(height).first().copied().unwrap_or(seq);
            self.position = Position::At(seq);
        }
    }

    /// Selects `seq` and moves the list no further than needed to show it.
    pub fn select(&mut self, seq: Seq, lens: &Lens<'_>, height: usize) {
        self.pin(lens, height);
        self.position = Position::At(seq);
        let rows = lens.rows(self.top, height);
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return;
        };
        if seq < *first {
            self.top = seq;
        } else if seq > *last {
            let above = lens.step(seq, 1 - height.max(1) as isize);
            self.top = above.unwrap_or(seq);
        } else {
            self.top = *first;
        }
    }

    /// Selects `seq` and puts it in the middle of the list: for jumps from afar.
    pub fn jump(&mut self, seq: Seq, lens: &Lens<'_>, height: usize) {
        let rows = self.rows(lens, height);
        if !rows.contains(&seq) {
            self.position = Position::At(seq);
            self.top = lens.step(seq, -(height as isize / 2)).unwrap_or(seq);
        }
        self.select(seq, lens, height);
    }

    /// Moves the selection by `steps` rows.
    pub fn step(&mut self, steps: isize, lens: &Lens<'_>, height: usize) {
        let Some(selected) = self.selected(lens) else {
            return;
        };
        // A selection that is filtered out moves to its neighbour, which counts as one step.
        let shown = lens.at_or_after(selected) == Some(selected);
        let target = if shown || steps < 0 {
            lens.step(selected, steps)
        } else {
            lens.nearest(selected)
        };
        if let Some(seq) = target {
            self.select(seq, lens, height);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(events: &Events) -> (Position, Seq) {
        (events.position, events.top)
    }

    #[test]
    fn stepping_up_stops_following_and_the_list_stays_where_it_is() {
        let mut events = Events::default();
        events.step(-1, &Lens::new(0, 100, None), 10);
        assert_eq!(at(&events), (Position::At(98), 90));
        // More arrives: nothing moves.
        let grown = Lens::new(0, 500, None);
        assert_eq!(events.rows(&grown, 10)[0], 90);
        assert_eq!(events.selected(&grown), Some(98));
    }

    #[test]
    fn eviction_moves_no_selection() {
        let mut events = Events::default();
        events.select(50, &Lens::new(0, 100, None), 10);
        let evicted = Lens::new(80, 200, None);
        assert_eq!(events.selected(&evicted), Some(50));
        assert_eq!(events.rows(&evicted, 3), [80, 81, 82]);
        events.step(1, &evicted, 3);
        assert_eq!(at(&events), (Position::At(80), 80));
    }

    #[test]
    fn paging_stops_at_both_ends() {
        let lens = Lens::new(0, 25, None);
        let mut events = Events::default();
        for (steps, position, top) in [(-10, 14, 14), (-10, 4, 4), (-10, 0, 0), (40, 24, 15)] {
            events.step(steps, &lens, 10);
            assert_eq!(at(&events), (Position::At(position), top), "{steps}");
        }
    }

    #[test]
    fn a_jump_from_afar_lands_in_the_middle() {
        let lens = Lens::new(0, 1_000, None);
        let mut events = Events::default();
        events.jump(500, &lens, 11);
        assert_eq!(at(&events), (Position::At(500), 495));
        events.jump(498, &lens, 11);
        assert_eq!(at(&events), (Position::At(498), 495));
    }

    #[test]
    fn an_empty_list_takes_every_move() {
        let lens = Lens::new(0, 0, None);
        let mut events = Events::default();
        events.step(3, &lens, 10);
        events.pin(&lens, 10);
        assert_eq!(at(&events), (Position::Following, 0));
    }
}
