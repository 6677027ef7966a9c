//! What lies over the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::frame::Seq;
use crate::tui::state::State;
use crate::tui::state::line::LineEdit;
use crate::tui::state::notices::{Level, Notice};
use crate::tui::state::overlay::{CopyForm, Overlay, Prompt, palette};
use crate::tui::state::remarks::lines;
use crate::tui::state::tab::Tab;

use super::help::{self, Line};
use super::paint::{Piece, Titles, clear, pane, put, put_right, width};
use super::row;
use crate::tui::layout::inside;
use crate::tui::update::again_forms;

/// Draws the layers; returns where the cursor of a text field is.
pub(super) fn draw(state: &State, screen: Rect, buffer: &mut Buffer) -> Option<Position> {
    let mut cursor = match &state.screen {
        crate::tui::state::Screen::Picker(picker) => Some(super::picker::cursor(picker, screen)),
        crate::tui::state::Screen::Sessions => None,
    };
    for overlay in &state.overlays {
        cursor = match overlay {
            Overlay::Palette { line, selected } => {
                Some(palette_panel(state, line, *selected, screen, buffer))
            }
            Overlay::Compose => super::composer::draw(state, buffer),
            Overlay::Metrics(open) => Some(super::metrics::draw(state, open, screen, buffer)),
            Overlay::DecodeAs(choice) => {
                Some(super::decode_as::draw(state, choice, screen, buffer))
            }
            Overlay::Shelf(shelf) => Some(super::shelf::draw(state, shelf, screen, buffer)),
            Overlay::Prompt(prompt) => Some(prompt_line(state, prompt, screen, buffer)),
            other => {
                without_cursor(state, other, screen, buffer);
                None
            }
        };
    }
    cursor
}

/// Draws a layer without a text field.
fn without_cursor(state: &State, overlay: &Overlay, screen: Rect, buffer: &mut Buffer) {
    match overlay {
        Overlay::Help { top } => help_panel(state, *top, screen, buffer),
        Overlay::Notices { top } => notices_panel(state, *top, screen, buffer),
        Overlay::Facts { top } => super::facts::draw(state, *top, screen, buffer),
        Overlay::Asks { selected } => super::asks::draw(state, *selected, screen, buffer),
        Overlay::Filters(open) => super::filters::draw(state, *open, screen, buffer),
        Overlay::Broker => super::broker::draw(state, screen, buffer),
        Overlay::Confirm(asked) => super::confirm::draw(state, asked, screen, buffer),
        Overlay::Why(why) => super::why::draw(state, why, screen, buffer),
        Overlay::Copy { selected } => copy_menu(state, *selected, screen, buffer),
        Overlay::Presets { presets, selected } => {
            super::presets::draw(state, presets, *selected, screen, buffer);
        }
        Overlay::Conventions { all, selected } => {
            super::conventions::draw(state, all, *selected, screen, buffer);
        }
        Overlay::Again { asks, selected } => again_menu(state, asks, *selected, screen, buffer),
        Overlay::Palette { .. }
        | Overlay::Compose
        | Overlay::Metrics(_)
        | Overlay::DecodeAs(_)
        | Overlay::Shelf(_)
        | Overlay::Prompt(_) => {}
    }
}

/// A panel of that size in the middle of the screen, or all of it; returns what is inside.
pub(super) fn panel(
    state: &State,
    title: &str,
    (width, height): (u16, u16),
    screen: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let (width, height) = (width.min(screen.width), height.min(screen.height));
    let area = Rect::new(
        screen.x + (screen.width - width) / 2,
        screen.y + (screen.height - height) / 2,
        width,
        height,
    );
    clear(buffer, area);
    let titles = Titles {
        left: vec![Piece::new(255, title, state.theme.title)],
        ..Titles::default()
    };
    pane(buffer, area, &state.theme, true, titles);
    inside(area)
}

fn help_panel(state: &State, top: usize, screen: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let area = panel(state, "Keys", (72, 40), screen, buffer);
    let all = help::lines();
    let top = top.min(all.len().saturating_sub(usize::from(area.height)));
    for (y, line) in (area.y..area.bottom()).zip(all.iter().skip(top)) {
        match line {
            Line::Title(title) => {
                put(buffer, area, area.x, y, title, theme.title);
            }
            Line::Keys(keys, help) => {
                let x = put(buffer, area, area.x + 1, y, keys, theme.key);
                put(buffer, area, (area.x + 23).max(x + 2), y, help, theme.text);
            }
            Line::Blank => {}
        }
    }
}

fn notices_panel(state: &State, top: usize, screen: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let area = panel(state, "Notices", (100, 30), screen, buffer);
    let mut y = area.y;
    if state.notices.is_empty() {
        put(buffer, area, area.x, y, "none", theme.dim);
    }
    for notice in state.notices.iter().rev().skip(top) {
        let time = row::time(notice.at, &state.zone, 8);
        put(buffer, area, area.x, y, &time, theme.dim);
        let text = sentence(state, notice);
        for line in lines(&text, usize::from(area.width.saturating_sub(9))) {
            put(
                buffer,
                area,
                area.x + 9,
                y,
                &line,
                level(state, notice.level),
            );
            y += 1;
        }
        if y >= area.bottom() {
            break;
        }
    }
}

/// The newest notice, in a line of its own.
pub(super) fn notice(state: &State, area: Rect, buffer: &mut Buffer) {
    let Some(notice) = state.notices.shown(state.now).filter(|_| !area.is_empty()) else {
        return;
    };
    clear(buffer, area);
    let more = state.notices.len().saturating_sub(1);
    let end = if more > 0 && area.width >= 40 {
        let text = format!(" ! {more} more ");
        put_right(buffer, area, area.right(), area.y, &text, state.theme.dim)
    } else {
        area.right()
    };
    let line = Rect {
        width: end - area.x,
        ..area
    };
    let text = format!(" ⚠ {}", sentence(state, notice));
    put(
        buffer,
        line,
        line.x,
        line.y,
        &text,
        level(state, notice.level),
    );
}

fn sentence(state: &State, notice: &Notice) -> String {
    let tab = notice
        .session
        .and_then(|session| state.tabs.iter().find(|tab| tab.id == session));
    let whose = tab.map_or(String::new(), |tab| format!("{}: ", Tab::name(tab)));
    let times = if notice.times > 1 {
        format!(" (×{})", notice.times)
    } else {
        String::new()
    };
    format!("{whose}{}{times}", notice.text)
}

fn level(state: &State, level: Level) -> ratatui::style::Style {
    match level {
        Level::Info => state.theme.text,
        Level::Warning => state.theme.warn,
        Level::Failure => state.theme.bad,
    }
}

fn palette_panel(
    state: &State,
    line: &LineEdit,
    selected: usize,
    screen: Rect,
    buffer: &mut Buffer,
) -> Position {
    let theme = &state.theme;
    let area = panel(state, "Commands", (70, 20), screen, buffer);
    let cursor = field(state, ":", line, area, buffer);
    let list = Rect {
        y: area.y + area.height.min(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    let height = usize::from(list.height).max(1);
    let fitting = palette(line.text());
    let top = (selected + 1).saturating_sub(height);
    for (index, (y, row)) in (list.y..list.bottom())
        .zip(fitting.iter().skip(top))
        .enumerate()
    {
        let keys = row.keys.join(" ");
        put(buffer, list, list.x + 1, y, row.name, theme.text);
        let x = list.x + 18;
        put(buffer, list, x, y, row.help, theme.dim);
        put_right(
            buffer,
            list,
            list.right(),
            y,
            &format!(" {keys}"),
            theme.key,
        );
        if top + index == selected {
            buffer.set_style(Rect::new(list.x, y, list.width, 1), theme.cursor);
        }
    }
    cursor
}

fn copy_menu(state: &State, selected: usize, screen: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let height = CopyForm::ALL.len() as u16 + 2;
    let area = panel(state, "Copy", (32, height), screen, buffer);
    for (index, (y, form)) in (area.y..area.bottom()).zip(CopyForm::ALL).enumerate() {
        let x = put(
            buffer,
            area,
            area.x + 1,
            y,
            &form.key().to_string(),
            theme.key,
        );
        put(buffer, area, x + 1, y, form.title(), theme.text);
        if index == selected {
            buffer.set_style(Rect::new(area.x, y, area.width, 1), theme.cursor);
        }
    }
}

fn again_menu(state: &State, asks: &[Seq], selected: usize, screen: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let forms = again_forms(state, asks);
    let title = match asks.len() {
        1 => "Send again".to_owned(),
        many => format!("Send {many} again"),
    };
    let height = forms.len() as u16 + 2;
    let area = panel(state, &title, (44, height), screen, buffer);
    for (index, (y, form)) in (area.y..area.bottom()).zip(forms).enumerate() {
        let key = form.key().to_string();
        let x = put(buffer, area, area.x + 1, y, &key, theme.key);
        put(buffer, area, x + 1, y, form.title(), theme.text);
        if index == selected {
            buffer.set_style(Rect::new(area.x, y, area.width, 1), theme.cursor);
        }
    }
}

fn prompt_line(state: &State, prompt: &Prompt, screen: Rect, buffer: &mut Buffer) -> Position {
    let theme = &state.theme;
    let y = screen.bottom() - 1;
    let line = Rect::new(screen.x, y, screen.width, 1);
    clear(buffer, line);
    let mut area = line;
    if let Some(problem) = &prompt.problem {
        let room = width(problem).min(screen.width / 2);
        area.width -= room + 1;
        let place = Rect {
            x: area.right() + 1,
            width: room,
            ..line
        };
        put(buffer, place, place.x, y, problem, theme.bad);
    }
    field(
        state,
        &format!(" {}: ", prompt.ask.title()),
        &prompt.line,
        area,
        buffer,
    )
}

/// Draws a line being edited behind `title`; scrolls it so that the cursor is seen.
pub(super) fn field(
    state: &State,
    title: &str,
    line: &LineEdit,
    area: Rect,
    buffer: &mut Buffer,
) -> Position {
    let start = put(buffer, area, area.x, area.y, title, state.theme.key);
    let (before, after) = line.halves();
    let room = area.right().saturating_sub(start + 1);
    let mut seen = before;
    while width(seen) > room {
        let mut rest = seen.chars();
        rest.next();
        seen = rest.as_str();
    }
    let x = put(buffer, area, start, area.y, seen, state.theme.text);
    put(buffer, area, x, area.y, after, state.theme.text);
    Position::new(x.min(area.right().saturating_sub(1)), area.y)
}
