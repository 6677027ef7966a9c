//! The events pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::figures;
use crate::tui::layout::inside;
use crate::tui::state::events::Position;
use crate::tui::state::tab::{Phase, Tab};
use crate::tui::state::{Focus, State};

use super::paint::{Piece, Titles, pane, put};
use super::row;

/// Draws the events pane: frame, and the rows that are visible.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let Some(tab) = state.tab().filter(|_| !area.is_empty()) else {
        return;
    };
    let theme = &state.theme;
    let focused = state.focus == Focus::Events;
    pane(buffer, area, theme, focused, titles(state, tab));
    let list = inside(area);
    let lens = tab.lens(&state.store);
    let selected = tab.events.selected(&lens);
    let rows = tab.events.rows(&lens, usize::from(list.height));
    if rows.is_empty() {
        put(buffer, list, list.x + 1, list.y, &nothing(tab), theme.dim);
    }
    for (index, seq) in rows.into_iter().enumerate() {
        let line = Rect::new(list.x, list.y + index as u16, list.width, 1);
        let Some(entry) = state.store.entry(tab.id, seq) else {
            continue;
        };
        row::draw(state, tab, &entry, line, buffer);
        if selected == Some(seq) {
            put(buffer, line, line.x, line.y, "▸", theme.title);
            let style = if focused { theme.cursor } else { theme.shadow };
            buffer.set_style(line, style);
        }
    }
}

/// Why the list is empty.
fn nothing(tab: &Tab) -> String {
    match &tab.phase {
        Phase::Starting => format!("starting {} …", tab.target),
        Phase::NotStarted(why) => why.clone(),
        Phase::Running | Phase::Ended | Phase::Broken => "nothing yet".to_owned(),
    }
}

fn titles(state: &State, tab: &Tab) -> Titles {
    let theme = &state.theme;
    let mut left = vec![Piece::new(255, "Events", theme.title)];
    if let (Some(ours), Some(sifting)) = (&tab.ours, &tab.sifting) {
        let hidden = figures::count(sifting.matches().refused());
        let text = format!(" · {} · {hidden} hidden", ours.title());
        left.push(Piece::new(255, text, theme.warn));
    }
    if let Some(filter) = &tab.filter {
        left.push(Piece::new(255, format!(" · {}", filter.text()), theme.key));
    }
    let hidden = tab.hidden(&state.store);
    let mut right = Vec::new();
    let unchecked = tab
        .snapshot
        .as_ref()
        .is_some_and(|snapshot| snapshot.insecure);
    if unchecked && state.areas().header.is_empty() {
        // The header says so where there is one.
        right.push(Piece::new(255, "insecure ", theme.bad));
    }
    if tab.events.paused_at.is_some() {
        let text = format!("paused, {} hidden", figures::count(hidden));
        right.push(Piece::new(255, text, theme.warn));
    } else if tab.events.position == Position::Following {
        right.push(Piece::new(255, "following", theme.good));
    } else {
        right.push(Piece::new(255, "G follows", theme.dim));
    }
    let timeline = state.store.timeline(tab.id);
    let (kept, ever) = timeline.map_or((0, 0), |timeline| (timeline.len(), timeline.next()));
    let mut bottom = filtered(state, tab);
    bottom.push(Piece::new(
        255,
        format!("{} of {}", figures::count(kept), figures::count(ever)),
        theme.text,
    ));
    let marks = tab.events.marks.len();
    if marks > 0 {
        bottom.push(Piece::new(100, format!(" · {marks} marked"), theme.warn));
    }
    let mut corner = Vec::new();
    if let Position::At(seq) = tab.events.position {
        corner.push(Piece::new(
            100,
            format!("#{}", figures::count(seq)),
            theme.dim,
        ));
    }
    Titles {
        left,
        right,
        bottom,
        corner,
    }
}

/// How many entries pass the filter, how far it has looked, and what it failed on.
fn filtered(state: &State, tab: &Tab) -> Vec<Piece> {
    let theme = &state.theme;
    let Some(sifting) = &tab.sifting else {
        return Vec::new();
    };
    let matches = sifting.matches();
    let mut pieces = Vec::new();
    let done = state
        .store
        .timeline(tab.id)
        .is_none_or(|timeline| sifting.is_done(timeline));
    let found = figures::count(matches.len() as u64);
    let text = if done {
        format!("{found} pass · ")
    } else {
        format!("{found} pass so far · ")
    };
    pieces.push(Piece::new(255, text, theme.key));
    if matches.forgotten() > 0 {
        let text = format!(
            "{} older ones not kept · ",
            figures::count(matches.forgotten())
        );
        pieces.push(Piece::new(120, text, theme.warn));
    }
    if let (failures @ 1.., Some(failure)) = matches.failures() {
        let text = format!("fails on {}: {failure} · ", figures::count(failures));
        pieces.push(Piece::new(90, text, theme.warn));
    }
    pieces
}
