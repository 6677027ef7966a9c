//! A question before something that can hurt others.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::action::Action;
use crate::tui::state::State;
use crate::tui::state::confirm::Confirm;
use crate::tui::state::remarks::lines;

use super::overlay::panel;
use super::paint::{Piece, put, strip};

/// Columns of the panel.
const WIDTH: u16 = 66;

/// Draws the question as high as it is; on a screen without room for it, the end of the
/// explanation is what is missing.
pub(super) fn draw(state: &State, asked: &Confirm, screen: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let masked = |text: &str| match state.tab() {
        Some(tab) => tab.masked(text).into_owned(),
        None => text.to_owned(),
    };
    let columns = usize::from(WIDTH.min(screen.width).saturating_sub(4));
    let what = lines(&masked(&asked.what), columns);
    let why = lines(&masked(&asked.why), columns);
    let rows = what.len() + why.len() + 5;
    let height = rows.min(usize::from(screen.height)) as u16;
    let area = panel(state, "Really?", (WIDTH, height), screen, buffer);
    if area.is_empty() {
        return;
    }
    let foot = Rect {
        x: area.x + 1,
        y: area.bottom() - 1,
        width: area.width - 1,
        height: 1,
    };
    let key = |action: Action| action.row().keys.first().copied().unwrap_or_default();
    let answers = vec![
        Piece::new(255, key(Action::Agree), theme.key),
        Piece::new(250, "yes, do it", theme.bad).glued(),
        Piece::new(255, key(Action::Disagree), theme.key),
        Piece::new(240, "no, leave it", theme.text).glued(),
    ];
    strip(buffer, foot, answers, 3);
    let body = Rect {
        x: area.x + 1,
        width: area.width - 1,
        height: area.height - 1,
        ..area
    };
    let what = what.into_iter().map(|line| (line, theme.warn));
    let gap = (body.height > 4).then(|| (String::new(), theme.text));
    let why = why.into_iter().map(|line| (line, theme.text));
    for (y, (line, style)) in (body.y..body.bottom()).zip(what.chain(gap).chain(why)) {
        put(buffer, body, body.x, y, &line, style);
    }
}
