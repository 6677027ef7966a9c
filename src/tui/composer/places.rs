//! Where the composer's fields are: a pure function that drawing, the mouse and scrolling share.
//!
//! ```text
//!  ┌ Compose ───────────────────┐
//!  │ kinds                      │ rows of fields of one line; short of room, the one with the
//!  │ fields                     │ cursor alone
//!  │── data ────────────────────│ from 2 rows on
//!  │ text of several lines      │
//!  │── verdict ─────────────────│ with what is left, a third of it
//!  │ what goes out              │
//!  │ what became of it          │ once something was sent
//!  └────────────────────────────┘
//! ```

use ratatui::layout::Rect;

use crate::tui::layout::{Areas, inside};

use super::draft::{Draft, Slot};
use super::kind::Kind;

/// Columns from which two fields share a row.
const WIDE: u16 = 44;
/// Columns from which the text has a margin for marks.
const MARGIN: u16 = 30;
/// Most rows of the verdict beside a text.
const VERDICT_MAX: u16 = 14;
/// Most rows of what fits at the cursor, its title among them.
const OFFERS_MAX: u16 = 9;

/// Where the composer's fields are. An area without room is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The pane with its frame.
    pub pane: Rect,
    /// Fields of one line.
    pub fields: Vec<(Slot, Rect)>,
    /// Register: the line above what fits at the cursor.
    pub offers_title: Rect,
    /// Register: what fits at the cursor.
    pub offers: Rect,
    /// The line above the text of several lines.
    pub text_title: Rect,
    /// The margin for marks, left of the text.
    pub margin: Rect,
    /// The text of several lines.
    pub text: Rect,
    /// The line above what is said of the draft.
    pub verdict_title: Rect,
    /// What is said of the draft.
    pub verdict: Rect,
    /// What became of what was sent.
    pub sending: Rect,
}

/// The pane of the composer: where the detail is if that is beside the events, else both.
#[must_use]
pub fn pane(areas: &Areas) -> Rect {
    if areas.is_side_by_side() {
        return areas.detail;
    }
    match (areas.events.is_empty(), areas.detail.is_empty()) {
        (false, false) => areas.events.union(areas.detail),
        (true, _) => areas.detail,
        (false, true) => areas.events,
    }
}

/// What the composer wants room for besides its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Rows for what became of what was sent.
    pub sending: u16,
    /// Things that fit at the cursor of a filter, where it is in one.
    pub offers: Option<usize>,
}

/// Lays the composer out in `pane`, with what it wants besides if there is room.
#[must_use]
pub fn places(pane: Rect, draft: &Draft, focus: Slot, wants: Wants) -> Places {
    let mut rest = inside(pane);
    let mut places = Places {
        pane,
        ..Places::default()
    };
    let has_text = draft.text().is_some();
    let mut rows = draft.rows();
    if rest.width < WIDE {
        rows = rows.concat().into_iter().map(|slot| vec![slot]).collect();
    }
    let least = if has_text { 3 } else { 0 };
    if rows.len() as u16 + least > rest.height {
        // No room for all: the row one is in, and the text with what is left.
        rows.retain(|row| row.contains(&focus));
    }
    for row in rows {
        let line = take(&mut rest, 1);
        let count = row.len() as u16;
        for (index, slot) in (0..).zip(row) {
            let from = line.width * index / count;
            let to = line.width * (index + 1) / count;
            let area = Rect {
                x: line.x + from,
                width: to - from,
                ..line
            };
            places.fields.push((slot, area));
        }
    }
    let wanted = match rest.height {
        0..=5 => 0,
        6..=11 => wants.sending.min(1),
        _ => wants.sending,
    };
    let outcome = Rect {
        y: rest.bottom() - wanted,
        height: wanted,
        ..rest
    };
    rest.height -= wanted;
    places.sending = outcome;
    if draft.kind == Kind::Register && focus != Slot::Body {
        places.lay_filters(&mut rest, draft, wants.offers);
    } else {
        if draft.kind.is_for_broker() && rest.height >= 10 {
            let most = rest.height / 4;
            places.lay_offers(&mut rest, wants.offers, most);
        }
        if has_text {
            places.lay_text(&mut rest);
        }
    }
    places.verdict_title = take(&mut rest, 1);
    places.verdict = rest;
    places
}

fn take(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    let taken = Rect {
        height: rows,
        ..*rest
    };
    rest.y += rows;
    rest.height -= rows;
    taken
}

impl Places {
    /// The text with its title and margin, above the verdict.
    fn lay_text(&mut self, rest: &mut Rect) {
        let verdict = match rest.height {
            0..=4 => 0,
            height => (height / 3).clamp(2, VERDICT_MAX),
        };
        let above = rest.height - verdict;
        let mut text = take(rest, above);
        let title = u16::from(text.height >= 2);
        self.text_title = take(&mut text, title);
        self.lay_margin(text);
    }

    /// A register's custom value in few rows, what fits at the cursor, and most of the room for
    /// what is said of the filters.
    fn lay_filters(&mut self, rest: &mut Rect, draft: &Draft, offers: Option<usize>) {
        if rest.height >= 8 {
            let rows = draft.body.text().lines().count().clamp(1, 3) as u16;
            let mut custom = take(rest, rows + 1);
            self.text_title = take(&mut custom, 1);
            self.lay_margin(custom);
        }
        if rest.height >= 6 {
            self.lay_offers(rest, offers, rest.height / 3);
        }
    }

    /// What fits at the cursor, in `most` rows.
    fn lay_offers(&mut self, rest: &mut Rect, offers: Option<usize>, most: u16) {
        if let Some(count) = offers {
            let most = most.clamp(2, OFFERS_MAX);
            let mut offers = take(rest, most.min(1 + count.min(100) as u16));
            self.offers_title = take(&mut offers, 1);
            self.offers = offers;
        }
    }

    fn lay_margin(&mut self, text: Rect) {
        let margin = if text.width >= MARGIN { 2 } else { 0 };
        self.margin = Rect {
            width: margin,
            ..text
        };
        self.text = Rect {
            x: text.x + margin,
            width: text.width - margin,
            ..text
        };
    }

    /// Width the text is wrapped at: one column is kept for the cursor behind the last character.
    #[must_use]
    pub fn text_width(&self) -> u16 {
        self.text.width.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{PROTOCOLS, Settings};
    use crate::schema::Schema;

    #[test]
    fn at_every_size_the_field_with_the_cursor_has_a_place_inside() {
        let settings = Settings::default();
        for kind in PROTOCOLS.iter().flat_map(|row| Kind::of(row.system)) {
            let draft = Draft::new(*kind, &settings, Schema::demo());
            for (width, height) in (0..100)
                .step_by(3)
                .flat_map(|w| (0..40).map(move |h| (w, h)))
            {
                let pane = Rect::new(3, 2, width, height);
                for focus in draft.slots() {
                    let wants = Wants {
                        sending: height % 4,
                        offers: matches!(focus, Slot::Line(_)).then_some(usize::from(width)),
                    };
                    let places = places(pane, &draft, focus, wants);
                    let fields = places.fields.iter().map(|(_, area)| *area);
                    let all = [
                        places.text,
                        places.margin,
                        places.verdict,
                        places.sending,
                        places.text_title,
                        places.offers_title,
                        places.offers,
                    ];
                    for area in fields.chain(all) {
                        assert!(area.is_empty() || area.intersection(pane) == area);
                    }
                    let room = inside(pane);
                    let found = match focus {
                        Slot::Body => !places.text.is_empty(),
                        slot => places
                            .fields
                            .iter()
                            .any(|(one, area)| *one == slot && !area.is_empty()),
                    };
                    assert!(
                        found || room.is_empty() || width < 2,
                        "{kind:?} {focus:?} {width}×{height}"
                    );
                }
            }
        }
    }
}
