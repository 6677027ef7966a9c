//! The broker panel: topics, clients and calls, with what is known of the selected one below.
//!
//! ```text
//!  Topics 7 · Clients 3 · Calls 5, 1 waits            2.3 · registered as wspect
//!  column heads
//!  rows, one of them selected
//!  ── about the selected one ──
//!  key hints
//! ```

mod calls;
mod clients;
mod table;
mod topics;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::protocol::websocketmq::{CallState, Picture, Registration};
use crate::tui::action::Action;
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::broker::{Section, picture};
use crate::tui::state::tab::Tab;

use super::ink::Ink;
use super::overlay::panel;
use super::paint::{Piece, put, put_cut, strip, width};
use table::{Column, Row};

/// Size of the panel.
const SIZE: (u16, u16) = (118, 38);
/// Rows from which there is something below the list.
const DETAILED: u16 = 13;

/// What a section shows.
struct List {
    columns: &'static [Column],
    rows: Vec<Row>,
    /// What is said while there are none.
    nothing: &'static str,
}

/// A line below the list.
enum About {
    /// A sentence, to be broken where it must.
    Text(String, Style),
    /// Name and value.
    Fact(&'static str, String, Style),
    /// A line of JSON.
    Json(String),
}

/// Draws the panel.
pub(super) fn draw(state: &State, screen: Rect, buffer: &mut Buffer) {
    let area = panel(state, "Broker", SIZE, screen, buffer);
    let Some(tab) = state.tab().filter(|_| !area.is_empty()) else {
        return;
    };
    let Some(picture) = picture(tab) else { return };
    let line = |y| Rect {
        y,
        height: 1,
        ..area
    };
    head(state, tab, picture, line(area.y), buffer);
    let mut body = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    if body.height >= 4 {
        body.height -= 1;
        hints(state, tab.broker.section, line(area.bottom() - 1), buffer);
    }
    let list = match tab.broker.section {
        Section::Topics => topics::list(state, picture, body.width),
        Section::Clients => clients::list(state, picture, body.width),
        Section::Calls => calls::list(state, tab, picture, body.width),
    };
    let selected = tab.broker.selected(picture);
    let about = match tab.broker.section {
        Section::Topics => topics::about(state, &tab.broker, picture),
        Section::Clients => clients::about(state, &tab.broker, picture),
        Section::Calls => calls::about(state, tab, picture),
    };
    let below = below(&about, &list, body);
    let rows = Rect {
        height: body.height - below,
        ..body
    };
    table::draw(state, tab, &list, selected, rows, buffer);
    let said = line(area.bottom() - 1 - u16::from(body.bottom() < area.bottom()));
    if below > 0 {
        let area = Rect {
            y: rows.bottom(),
            height: below,
            ..body
        };
        about_panel(state, tab, &about, area, buffer);
    }
    // What an action has to say must not lie hidden below the panel.
    if body.height >= 6 {
        super::overlay::notice(state, said, buffer);
    }
}

/// Rows for what is said of the selected line: what the list leaves free, and half of the panel
/// at least.
fn below(about: &[About], list: &List, body: Rect) -> u16 {
    if body.height < DETAILED || about.is_empty() {
        return 0;
    }
    let free = usize::from(body.height).saturating_sub(list.rows.len() + 2);
    let wanted = about.len() * 2 + 1;
    let room = free.max(usize::from(body.height) / 2);
    wanted.min(room).min(usize::from(body.height) - 4) as u16
}

fn about_panel(state: &State, tab: &Tab, about: &[About], area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let rule = "─".repeat(usize::from(area.width));
    put(buffer, area, area.x, area.y, &rule, theme.border);
    let mut y = area.y + 1;
    for line in about {
        match line {
            About::Text(text, style) => {
                for text in crate::tui::state::remarks::lines(
                    &tab.masked(text),
                    usize::from(area.width.saturating_sub(2)),
                ) {
                    put(buffer, area, area.x + 1, y, &text, *style);
                    y += 1;
                }
            }
            About::Fact(name, text, style) => {
                put(buffer, area, area.x + 1, y, name, theme.name);
                for text in crate::tui::state::remarks::lines(
                    &tab.masked(text),
                    usize::from(area.width.saturating_sub(16)),
                ) {
                    put(buffer, area, area.x + 15, y, &text, *style);
                    y += 1;
                }
            }
            About::Json(text) => {
                json(state, &tab.masked(text), area, area.x + 1, y, buffer);
                y += 1;
            }
        }
        if y >= area.bottom() {
            break;
        }
    }
}

/// Puts a line of JSON in its colours.
fn json(state: &State, text: &str, area: Rect, x: u16, y: u16, buffer: &mut Buffer) {
    let room = usize::from(area.right().saturating_sub(x));
    let near = &text[..text.floor_char_boundary(room.saturating_mul(8))];
    if width(near) as usize > room {
        let clean = crate::sanitise::line(near);
        put_cut(buffer, area, x, y, &clean, state.theme.text);
    }
    let mut at = x;
    let ink = Ink::of(near, true);
    let edge = Rect {
        width: area.width - u16::from(width(near) as usize > room).min(area.width),
        ..area
    };
    for (range, stain) in ink.pieces(0..near.len()) {
        at = put(buffer, edge, at, y, &near[range], stain.style(&state.theme));
    }
}

/// The sections, and who we are to the broker.
fn head(state: &State, tab: &Tab, picture: &Picture, line: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let held = picture
        .calls
        .iter()
        .filter(|it| it.state == CallState::Held);
    let held = held.count();
    let mut pieces = Vec::new();
    for section in Section::ALL {
        let number = match section {
            Section::Topics => picture.topics.len() as u64 + picture.topics_forgotten,
            Section::Clients => picture.clients.as_ref().map_or(0, |clients| {
                let present = clients.rows.iter().filter(|client| client.gone.is_none());
                present.count() as u64 + clients.forgotten
            }),
            Section::Calls => (picture.calls.len() + picture.proxied.len()) as u64,
        };
        let is_open = section == tab.broker.section;
        let style = if is_open {
            theme.title.add_modifier(Modifier::REVERSED)
        } else {
            theme.text
        };
        let text = format!(" {} {} ", section.title(), figures::count(number));
        pieces.push(Piece::new(if is_open { 255 } else { 200 }, text, style));
        if section == Section::Calls && held > 0 {
            let text = format!("{held} for you");
            pieces.push(Piece::new(190, text, theme.warn).glued());
        }
    }
    pieces.extend(standing(state, picture));
    strip(buffer, line, pieces, 2);
}

/// Dialect, registration, name, pressure.
pub(super) fn standing(state: &State, picture: &Picture) -> Vec<Piece> {
    let theme = &state.theme;
    let mut pieces = Vec::new();
    if let Some((dialect, _)) = &picture.dialect {
        let text = format!("generation {}", dialect.name());
        pieces.push(Piece::new(58, text, theme.dim));
    }
    let own = &picture.identity;
    let (rank, text, style) = match &own.registration {
        Registration::Done if own.name.is_empty() => (57, "registered".to_owned(), theme.good),
        Registration::Done => (57, format!("registered as {}", own.name), theme.good),
        Registration::Awaited => (57, "registering…".to_owned(), theme.warn),
        // A state, not a failure: everything works without it.
        Registration::None | Registration::Without(_) => {
            (57, "not registered".to_owned(), theme.dim)
        }
    };
    pieces.push(Piece::new(rank, text, style));
    let id = if own.id.is_empty() {
        &own.asked
    } else {
        &own.id
    };
    if !id.is_empty() {
        pieces.push(Piece::new(22, format!("id {id}"), theme.dim));
    }
    pieces
}

fn hints(state: &State, section: Section, line: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let own: &[(u8, Action, &str)] = match section {
        Section::Topics => &[
            (95, Action::ToggleSubscription, "(un)subscribe"),
            (94, Action::SubscribeTo, "new topic"),
            (90, Action::PublishHere, "publish"),
            (80, Action::RequestHere, "request"),
            (70, Action::Diagnostics, "diagnostics"),
        ],
        Section::Clients => &[
            (95, Action::CallClient, "call"),
            (90, Action::RoundTrip, "round trip to oneself"),
            (85, Action::RefreshClients, "ask now"),
            (80, Action::WatchClients, "watch"),
            (70, Action::ConnectAs, "connect as"),
        ],
        Section::Calls => &[
            (95, Action::AnswerCall, "answer"),
            (94, Action::RefuseCall, "refuse"),
            (90, Action::IgnoreCall, "stay silent"),
            (85, Action::HoldCalls, "hold calls"),
        ],
    };
    let common: &[(u8, Action, &str)] = &[
        (60, Action::BrokerEntry, "go to"),
        (55, Action::BrokerOnly, "only these"),
        (96, Action::NextSection, "next list"),
        (50, Action::CloseBroker, "close"),
    ];
    let mut pieces = Vec::new();
    for (rank, action, word) in own.iter().chain(common) {
        let key = action.row().keys.first().copied().unwrap_or_default();
        pieces.push((rank, key, *word));
    }
    // A key and its word stand or fall together.
    let mut kept: Vec<_> = pieces.iter().collect();
    let total = |kept: &[&(&u8, &str, &str)]| -> u16 {
        kept.iter()
            .map(|(_, key, word)| width(key) + width(word) + 3)
            .sum()
    };
    while total(&kept) > line.width + 2 {
        let Some(at) = (0..kept.len()).min_by_key(|at| *kept[*at].0) else {
            return;
        };
        kept.remove(at);
    }
    let mut x = line.x;
    for (_, key, word) in kept {
        x = put(buffer, line, x, line.y, key, theme.key) + 1;
        x = put(buffer, line, x, line.y, word, theme.dim) + 2;
    }
}

/// JSON over several lines, if it is JSON and whole; else as it stands.
fn pretty(payload: &[u8]) -> Vec<About> {
    let tree = crate::schema::json::tree(payload, 0).ok();
    let text = match tree {
        Some(node) => crate::tui::composer::pretty::json(&node),
        None => crate::sanitise::bytes_line(payload),
    };
    text.lines()
        .map(|line| About::Json(line.to_owned()))
        .collect()
}

/// Calls that wait for an answer by hand, at the top right of whatever is on screen: somebody is
/// waiting.
pub(super) fn badge(state: &State, screen: Rect, buffer: &mut Buffer) {
    use crate::tui::state::broker::waiting;
    let Some(waiting) = waiting(state).filter(|_| screen.height >= 4) else {
        return;
    };
    let left = waiting.due.since(state.now);
    let (calls, wait) = match waiting.calls {
        1 => ("call".to_owned(), "waits"),
        many => (format!("{many} calls"), "wait"),
    };
    let whose = if waiting.tab == state.active {
        String::new()
    } else {
        format!(" in {}", waiting.tab + 1)
    };
    let left = figures::left(left);
    let key = Action::Broker
        .row()
        .keys
        .first()
        .copied()
        .unwrap_or_default();
    let text = if screen.width >= 60 {
        format!(" ☎ {calls} {wait}{whose}, {left} · {key} ")
    } else {
        format!(" ☎ {left} ")
    };
    let style = state.theme.warn.add_modifier(Modifier::REVERSED);
    let x = screen.right().saturating_sub(width(&text));
    put(buffer, screen, x, screen.y, &text, style);
}
