//! The register form: marks at its fields, what fits at the cursor, what is said of the filters.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::composer::draft::{Draft, Slot};
use crate::tui::composer::filters::FIELDS;
use crate::tui::composer::filters::notes::{self, Tone};
use crate::tui::composer::filters::offer::Offer;
use crate::tui::composer::kind::Kind;
use crate::tui::composer::places::Places;
use crate::tui::state::State;
use crate::tui::state::remarks::lines;
use crate::tui::state::tab::Tab;
use crate::tui::theme::Theme;
use crate::tui::view::paint::{put, put_right, width};

use super::rule;

/// Columns a field keeps for what is written in it.
const ROOM: u16 = 12;
/// Rows kept for the bytes that go out, where there are many.
const BYTES: u16 = 3;

fn style(theme: &Theme, tone: Tone) -> Style {
    match tone {
        Tone::Plain => theme.text,
        Tone::Quiet => theme.dim,
        Tone::Added => theme.good,
        Tone::Removed | Tone::Wrong => theme.bad,
        Tone::Warning => theme.warn,
    }
}

/// Marks what a filter does at the right of its field; returns where the mark begins.
pub(super) fn mark(
    state: &State,
    tab: &Tab,
    draft: &Draft,
    slot: Slot,
    area: Rect,
    buffer: &mut Buffer,
) -> u16 {
    let Slot::Line(index) = slot else {
        return area.right();
    };
    let filter = FIELDS.get(index).filter(|_| draft.kind == Kind::Register);
    let advice = tab.composer.filter_advice();
    let Some(effect) = filter.and_then(|filter| notes::worst(advice, filter)) else {
        return area.right();
    };
    let tone = Tone::of(effect);
    let long = format!(" {} {}", tone.sign(), effect.name());
    let short = format!(" {}", tone.sign());
    let label = 13;
    let fits = |text: &str| area.width >= label + ROOM + width(text);
    let Some(text) = [long, short].into_iter().find(|text| fits(text)) else {
        return area.right();
    };
    let style = style(&state.theme, tone);
    put_right(buffer, area, area.right(), area.y, &text, style)
}

/// What fits at the cursor, the next one first.
pub(super) fn offers(state: &State, tab: &Tab, places: &Places, buffer: &mut Buffer) {
    let area = places.offers;
    if places.offers_title.is_empty() {
        return;
    }
    let theme = &state.theme;
    let Some(offer) = tab.composer.line_offer() else {
        return;
    };
    let count = offer.choices.len();
    let title = match count {
        0 => match tab.composer.focus {
            _ if tab.composer.kind().is_for_broker() => match tab.composer.kind() {
                Kind::Reply => "no call waits for an answer".to_owned(),
                Kind::Unsubscribe => "no topic is subscribed".to_owned(),
                _ => "nothing is known yet; any exact topic will do".to_owned(),
            },
            Slot::Line(0) => "no known type fits".to_owned(),
            Slot::Line(1) => "no account seen here fits".to_owned(),
            _ => "no asset seen here fits".to_owned(),
        },
        1 => "alt-c puts it in".to_owned(),
        _ => format!("alt-c puts in the next of {count}"),
    };
    rule(state, places.offers_title, &[(&title, theme.dim)], buffer);
    let said = said_of_next(state, &offer, area, buffer);
    let area = Rect {
        height: area.height - said,
        ..area
    };
    let shown = offer.choices.iter().take(usize::from(area.height));
    let widest = shown.map(|choice| width(&choice.text)).max();
    let column = widest.unwrap_or(0).min(area.width / 2);
    for (index, (y, choice)) in (area.y..area.bottom()).zip(&offer.choices).enumerate() {
        let (sign, style) = if index == 0 {
            ("▸", theme.key)
        } else {
            (" ", theme.text)
        };
        put(buffer, area, area.x, y, sign, theme.key);
        let text = tab.masked(&choice.text);
        let x = put(buffer, area, area.x + 1, y, &text, style);
        let x = x.max(area.x + 1 + column) + 2;
        put(buffer, area, x, y, &choice.about, theme.dim);
    }
}

/// All that is known of what is put in next, in the last rows if there is room; returns how many.
fn said_of_next(state: &State, offer: &Offer, area: Rect, buffer: &mut Buffer) -> u16 {
    let Some(next) = offer.choices.first().filter(|_| area.height >= 5) else {
        return 0;
    };
    let room = usize::from(area.width.saturating_sub(3)).max(1);
    let said: Vec<_> = lines(&next.about, room).into_iter().take(2).collect();
    // On the row of the list it would be whole.
    if said.len() < 2 {
        return 0;
    }
    let from = area.bottom() - said.len() as u16;
    for (y, line) in (from..area.bottom()).zip(&said) {
        put(buffer, area, area.x + 3, y, line, state.theme.text);
    }
    said.len() as u16
}

/// What is said of the filters; returns what is left for the bytes.
pub(super) fn notes(state: &State, tab: &Tab, area: Rect, buffer: &mut Buffer) -> Rect {
    let theme = &state.theme;
    let kept = if area.height >= 3 * BYTES { BYTES } else { 0 };
    let end = area.bottom() - kept;
    let room = usize::from(area.width.saturating_sub(4)).max(1);
    let mut y = area.y;
    let notes = tab.composer.filter_notes();
    for note in &notes {
        let style = style(theme, note.tone);
        for (index, line) in lines(&tab.masked(&note.text), room).iter().enumerate() {
            if y >= end {
                let more = " … ";
                put_right(
                    buffer,
                    area,
                    area.right(),
                    end.max(area.y + 1) - 1,
                    more,
                    theme.dim,
                );
                return rest(area, y);
            }
            if index == 0 {
                put(buffer, area, area.x + 1, y, note.tone.sign(), style);
            }
            put(buffer, area, area.x + 3, y, line, style);
            y += 1;
        }
    }
    rest(area, y)
}

fn rest(area: Rect, y: u16) -> Rect {
    Rect {
        y,
        height: area.bottom().saturating_sub(y),
        ..area
    }
}
