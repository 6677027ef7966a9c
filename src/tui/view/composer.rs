//! The composer: fields, the text being written, and what goes out.

mod field;
mod filters;
mod outlook;
mod sending;

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::hex;
use crate::profile::Secrets;
use crate::tui::composer::check::Problem;
use crate::tui::composer::draft::{Draft, Slot};
use crate::tui::composer::event::Encoding;
use crate::tui::composer::kind::Kind;
use crate::tui::composer::offer::Offer;
use crate::tui::composer::places::{self, Places};
use crate::tui::state::State;
use crate::tui::state::tab::Tab;

use super::ink::Ink;
use super::paint::{Piece, Titles, clear, pane, put, width};
use super::row;

/// Draws the composer; returns where the cursor is.
pub(super) fn draw(state: &State, buffer: &mut Buffer) -> Option<Position> {
    let tab = state.tab()?;
    let composer = &tab.composer;
    let draft = composer.draft()?;
    let places = composer.places(places::pane(&state.areas()))?;
    clear(buffer, places.pane);
    frame(state, tab, &places, buffer);
    let mut cursor = None;
    for (slot, area) in &places.fields {
        let at = field::draw(state, tab, draft, *slot, *area, buffer);
        if *slot == composer.focus {
            cursor = at;
        }
    }
    if let Some(at) = text(state, tab, draft, &places, buffer)
        && composer.focus == Slot::Body
    {
        cursor = Some(at);
    }
    filters::offers(state, tab, &places, buffer);
    outlook::draw(state, tab, &places, buffer);
    if let Some(sending) = composer.sending() {
        sending::draw(state, tab, sending, places.sending, buffer);
    }
    cursor
}

fn frame(state: &State, tab: &Tab, places: &Places, buffer: &mut Buffer) {
    let theme = &state.theme;
    let composer = &tab.composer;
    let system = composer.system().row().title;
    let (mark, style) = match (composer.verdict(), &composer.refused) {
        (Some(Ok(_)), None) => ("✓", theme.good),
        (None, None) => ("", theme.dim),
        _ => ("✗", theme.bad),
    };
    let (back, before) = composer.place_in_history();
    let history = match (back, before) {
        (0, _) => String::new(),
        (back, before) => format!("{back} of {before} sent before"),
    };
    let taken = composer.last.filter(|_| composer.refused.is_none());
    let sent = taken.map(|sent| {
        let time = row::time(sent.at, &state.zone, 8);
        match sent.messages {
            1 => format!("sent {time}"),
            many => format!("{many} sent {time}"),
        }
    });
    let is_linted = composer.draft().is_none_or(|draft| draft.lint);
    let unlinted = if is_linted { "" } else { "lint off: alt-l" };
    let name = composer.saved_as();
    let name = name.map_or_else(String::new, |name| format!(" · {name}"));
    let titles = Titles {
        left: vec![
            Piece::new(255, "Compose", theme.title),
            Piece::new(20, format!(" · {system}"), theme.dim),
            Piece::new(200, name, theme.text),
        ],
        right: vec![Piece::new(255, mark, style)],
        bottom: vec![
            Piece::new(255, history, theme.dim),
            Piece::new(200, unlinted, theme.warn),
        ],
        corner: vec![Piece::new(255, sent.unwrap_or_default(), theme.good)],
    };
    pane(buffer, places.pane, theme, true, titles);
}

/// A rule with a text in it.
fn rule(state: &State, area: Rect, pieces: &[(&str, Style)], buffer: &mut Buffer) {
    let theme = &state.theme;
    if area.is_empty() {
        return;
    }
    let dashes = "─".repeat(usize::from(area.width));
    put(buffer, area, area.x, area.y, &dashes, theme.border);
    let mut x = area.x + 1;
    for (text, style) in pieces.iter().filter(|(text, _)| !text.is_empty()) {
        x = put(buffer, area, x, area.y, " ", theme.border);
        x = put(buffer, area, x, area.y, text, *style);
    }
    put(buffer, area, x, area.y, " ", theme.border);
}

/// The text of several lines; returns where the cursor is.
fn text(
    state: &State,
    tab: &Tab,
    draft: &Draft,
    places: &Places,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = &state.theme;
    let edit = draft.text()?;
    let focused = tab.composer.focus == Slot::Body;
    let name = match draft.event() {
        Some(event) => event.encoding.key(),
        None => draft.kind.body().unwrap_or_default(),
    };
    let mapped = draft.event().and_then(|event| {
        let message = event.descriptor(&tab.terms.schema)?;
        event
            .encoding
            .is_json()
            .then(|| message.full_name().to_owned())
    });
    let style = if focused { theme.key } else { theme.dim };
    let offer = tab.composer.offer(&tab.terms).filter(|_| focused);
    let about = match offer {
        Some(offer) => offered(&offer),
        None => mapped.unwrap_or_default(),
    };
    rule(
        state,
        places.text_title,
        &[(name, style), (&about, theme.dim)],
        buffer,
    );
    let area = places.text;
    if edit.text().is_empty() {
        let hint = draft.kind.body_hint();
        put(buffer, area, area.x, area.y, hint, theme.dim);
    }
    let wrong = match tab.composer.verdict() {
        Some(Err(problem)) if is_here(draft, problem) => problem.line,
        _ => None,
    };
    let styles = Ink::of(edit.text(), draft.is_json());
    let shown = masked(&tab.secrets, draft, edit.text());
    for (y, row) in (area.y..area.bottom()).zip(edit.top()..edit.rows().len()) {
        let range = edit.rows()[row].clone();
        if wrong.is_some_and(|line| line_of(edit.text(), range.start) == line) {
            put(buffer, places.margin, places.margin.x, y, "✗", theme.bad);
        }
        let mut x = area.x;
        for (part, ink) in styles.pieces(range) {
            x = put(buffer, area, x, y, &shown[part], ink.style(theme));
        }
    }
    if area.is_empty() {
        return None;
    }
    let row = (edit.row() - edit.top().min(edit.row())) as u16;
    let x = area.x.saturating_add(width(edit.before_cursor()));
    Some(Position::new(
        x.min(area.right() - 1),
        (area.y + row).min(area.bottom() - 1),
    ))
}

/// What fits at the cursor, in a line: the type, then what can be put in.
fn offered(offer: &Offer) -> String {
    let mut out = offer.about.clone();
    for (index, choice) in offer.choices.iter().enumerate() {
        out.push_str(if index == 0 { " · alt-c " } else { ", " });
        out.push_str(&choice.shown);
    }
    out
}

/// The text as it may be shown, byte for byte as long as it is. Where bytes are spelt out, no digit
/// is shown if a secret is among them.
fn masked<'t>(secrets: &Secrets, draft: &Draft, text: &'t str) -> Cow<'t, str> {
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let encoding = draft.event().map(|event| event.encoding);
    let bytes = match (draft.kind, encoding) {
        (Kind::Hex, _) | (_, Some(Encoding::Hex)) => hex::decode(text).ok(),
        (Kind::Base64, _) | (_, Some(Encoding::Base64)) => {
            let packed: String = text.split_whitespace().collect();
            STANDARD.decode(packed).ok()
        }
        _ => None,
    };
    if bytes.is_some_and(|bytes| *secrets.mask_bytes(&bytes, 0..bytes.len()) != *bytes) {
        let hidden = |byte: u8| {
            if byte.is_ascii_whitespace() {
                byte
            } else {
                b'*'
            }
        };
        let text = text.bytes().map(hidden).map(char::from);
        return Cow::Owned(text.collect());
    }
    match secrets.mask_bytes(text.as_bytes(), 0..text.len()) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// True if the problem is about the text on screen.
fn is_here(draft: &Draft, problem: &Problem) -> bool {
    problem.event.is_none_or(|event| event == draft.current)
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count()
}

#[cfg(test)]
mod tests;
