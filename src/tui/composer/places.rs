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

/// Columns from which two fields share a row.
const WIDE: u16 = 44;
/// Columns from which the text has a margin for marks.
const MARGIN: u16 = 30;
/// Most rows of the verdict beside a text.
const VERDICT_MAX: u16 = 14;

/// Where the composer's fields are. An area without room is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The pane with its frame.
    pub pane: Rect,
    /// Fields of one line.
    pub fields: Vec<(Slot, Rect)>,
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

/// Lays the composer out in `pane`, with `sending` rows for what became of what was sent, if there
/// is room.
#[must_use]
pub fn places(pane: Rect, draft: &Draft, focus: Slot, sending: u16) -> Places {
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
        6..=11 => sending.min(1),
        _ => sending,
    };
    let outcome = Rect {
        y: rest.bottom() - wanted,
        height: wanted,
        ..rest
    };
    rest.height -= wanted;
    places.sending = outcome;
    if has_text {
        places.lay_text(&mut rest);
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
    use crate::tui::composer::kind::Kind;

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
                    let places = places(pane, &draft, focus, height % 4);
                    let fields = places.fields.iter().map(|(_, area)| *area);
                    let all = [
                        places.text,
                        places.margin,
                        places.verdict,
                        places.sending,
                        places.text_title,
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
