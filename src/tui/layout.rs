//! Where everything is on the screen: a pure function both sides call, so that a click lands on
//! what was drawn.
//!
//! ```text
//!  tabs                         always, unless there are fewer than 4 rows
//!  header                       from 8 rows on
//!  health                       from 14 rows on
//!  ┌ events ─────┐┌ detail ───┐ side by side from 100 columns on, else one above the other from
//!  │             ││           │ 14 rows on, else the one with the focus
//!  └─────────────┘└───────────┘
//!  notice                       while there is one, from 6 rows on
//!  keys                         from 12 rows on
//! ```

use ratatui::layout::{Position, Rect, Size};

use super::state::{Arrangement, Focus};

/// Columns from which panes lie side by side.
const SIDE_BY_SIDE: u16 = 100;
/// Rows both panes need to lie one above the other.
const STACKED: u16 = 14;

/// Where everything is on the screen. An area without room is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// The tabs.
    pub tabs: Rect,
    /// URL, state, round trip, rates.
    pub header: Rect,
    /// Latencies, open asks, countdowns.
    pub health: Rect,
    /// The events pane with its frame.
    pub events: Rect,
    /// The detail pane with its frame.
    pub detail: Rect,
    /// The newest notice.
    pub notice: Rect,
    /// Key hints.
    pub keys: Rect,
}

/// Lays the screen out.
#[must_use]
pub fn areas(
    size: Size,
    arrangement: Arrangement,
    focus: Focus,
    share: u16,
    notice: bool,
) -> Areas {
    let height = size.height;
    let mut rest = Rect::new(0, 0, size.width, height);
    let tabs = take_top(&mut rest, u16::from(height >= 4));
    let header = take_top(&mut rest, u16::from(height >= 8));
    let health = take_top(&mut rest, u16::from(height >= 14));
    let keys = take_bottom(&mut rest, u16::from(height >= 12));
    let notice = take_bottom(&mut rest, u16::from(notice && height >= 6));
    let (events, detail) = panes(rest, arrangement, focus, share);
    Areas {
        tabs,
        header,
        health,
        events,
        detail,
        notice,
        keys,
    }
}

fn panes(rest: Rect, arrangement: Arrangement, focus: Focus, share: u16) -> (Rect, Rect) {
    let alone = match focus {
        Focus::Events => (rest, Rect::ZERO),
        Focus::Detail => (Rect::ZERO, rest),
    };
    match arrangement {
        Arrangement::EventsOnly => (rest, Rect::ZERO),
        Arrangement::Split if rest.width >= SIDE_BY_SIDE => {
            let detail = part(rest.width, share, 30);
            let (left, right) = (rest.width - detail, detail);
            (
                Rect {
                    width: left,
                    ..rest
                },
                Rect {
                    x: rest.x + left,
                    width: right,
                    ..rest
                },
            )
        }
        Arrangement::Split if rest.height >= STACKED => {
            let below = part(rest.height, share, 5);
            let above = rest.height - below;
            (
                Rect {
                    height: above,
                    ..rest
                },
                Rect {
                    y: rest.y + above,
                    height: below,
                    ..rest
                },
            )
        }
        Arrangement::Split | Arrangement::Zoomed => alone,
    }
}

/// `share` in a thousand of `whole`, both parts at least `least`.
fn part(whole: u16, share: u16, least: u16) -> u16 {
    let wanted = u32::from(whole) * u32::from(share.min(1_000)) / 1_000;
    (wanted as u16).clamp(least, whole.saturating_sub(least).max(least))
}

fn take_top(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    let taken = Rect {
        height: rows,
        ..*rest
    };
    rest.y += rows;
    rest.height -= rows;
    taken
}

fn take_bottom(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    rest.height -= rows;
    Rect {
        y: rest.y + rest.height,
        height: rows,
        ..*rest
    }
}

/// True if a pane of that size has a frame; a smaller one has a title line only.
#[must_use]
pub fn is_framed(pane: Rect) -> bool {
    pane.height >= 5 && pane.width >= 24
}

/// What a pane has inside its frame or below its title.
#[must_use]
pub fn inside(pane: Rect) -> Rect {
    if is_framed(pane) {
        Rect::new(pane.x + 1, pane.y + 1, pane.width - 2, pane.height - 2)
    } else {
        let title = pane.height.min(1);
        Rect {
            y: pane.y + title,
            height: pane.height - title,
            ..pane
        }
    }
}

/// What is at a place on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The line of tabs, at this column.
    Tabs(u16),
    /// A row of the events, counted from the first one shown.
    Event(u16),
    /// The title of the detail pane, at this column from the pane's left.
    DetailTitle(u16),
    /// A row of the detail pane, counted from the first one shown.
    Detail(u16),
    /// The line between both panes.
    Border,
    /// Nothing that can be clicked.
    Nothing,
}

impl Areas {
    /// Rows of the events list.
    #[must_use]
    pub fn list_height(&self) -> usize {
        usize::from(inside(self.events).height)
    }

    /// True if both panes are there, side by side.
    #[must_use]
    pub fn is_side_by_side(&self) -> bool {
        !self.events.is_empty() && !self.detail.is_empty() && self.detail.y == self.events.y
    }

    /// What is at that place.
    #[must_use]
    pub fn spot(&self, column: u16, row: u16) -> Spot {
        let at = Position::new(column, row);
        let (list, body) = (inside(self.events), inside(self.detail));
        if self.tabs.contains(at) {
            Spot::Tabs(column)
        } else if list.contains(at) {
            Spot::Event(row - list.y)
        } else if body.contains(at) {
            Spot::Detail(row - body.y)
        } else if self.is_side_by_side() && column == self.detail.x && row > self.detail.y {
            Spot::Border
        } else if self.detail.contains(at) && row == self.detail.y {
            Spot::DetailTitle(column - self.detail.x)
        } else if !self.detail.is_empty() && row + 1 == self.detail.y && self.events.contains(at) {
            Spot::Border
        } else {
            Spot::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(width: u16, height: u16) -> Areas {
        areas(
            Size { width, height },
            Arrangement::Split,
            Focus::Events,
            450,
            true,
        )
    }

    #[test]
    fn no_size_overlaps_or_overflows() {
        let arrangements = [
            Arrangement::Split,
            Arrangement::Zoomed,
            Arrangement::EventsOnly,
        ];
        for (width, height) in (0..140_u16).flat_map(|w| (0..50_u16).map(move |h| (w, h))) {
            for arrangement in arrangements {
                for focus in [Focus::Events, Focus::Detail] {
                    let size = Size { width, height };
                    let areas = areas(size, arrangement, focus, 450, true);
                    let all = [
                        areas.tabs,
                        areas.header,
                        areas.health,
                        areas.events,
                        areas.detail,
                        areas.notice,
                        areas.keys,
                    ];
                    let covered: u32 = all.iter().map(|area| area.area()).sum();
                    assert_eq!(covered, u32::from(width) * u32::from(height), "{size}");
                    let screen = Rect::new(0, 0, width, height);
                    assert!(
                        all.iter()
                            .all(|area| area.is_empty() || area.intersection(screen) == *area)
                    );
                    let _ = (inside(areas.events), inside(areas.detail));
                }
            }
        }
    }

    #[test]
    fn panes_by_size() {
        assert!(split(120, 40).is_side_by_side());
        let stacked = split(80, 24);
        assert!(stacked.detail.y > stacked.events.y && !stacked.is_side_by_side());
        assert!(split(20, 5).detail.is_empty());
    }

    #[test]
    fn spots_are_what_is_drawn_there() {
        let areas = split(120, 40);
        let list = inside(areas.events);
        for (column, row, spot) in [
            (3, 0, Spot::Tabs(3)),
            (list.x, list.y + 2, Spot::Event(2)),
            (areas.detail.x, list.y, Spot::Border),
            (areas.detail.x + 4, areas.detail.y, Spot::DetailTitle(4)),
            (areas.detail.x + 4, list.y + 1, Spot::Detail(1)),
            (3, 1, Spot::Nothing),
        ] {
            assert_eq!(areas.spot(column, row), spot, "{column},{row}");
        }
        let stacked = split(80, 24);
        assert_eq!(stacked.spot(5, stacked.detail.y - 1), Spot::Border);
    }
}
