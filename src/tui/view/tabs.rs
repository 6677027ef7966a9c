//! The line of tabs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::session::State as Lifecycle;
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::broker;
use crate::tui::state::tab::{Phase, Tab};

use super::paint::{put, put_right, width};

const BRAND: &str = " wspect │ ";
/// Columns from which the name is shown.
const BRANDED: u16 = 60;
const HINTS: &str = "? help  : palette  q quit ";

/// One tab's text and place.
struct Label {
    index: usize,
    x: u16,
    /// Before the mark of the state.
    head: String,
    mark: &'static str,
    /// Behind it.
    tail: String,
}

impl Label {
    fn end(&self) -> u16 {
        self.x
            .saturating_add(width(&self.head))
            .saturating_add(width(self.mark) + width(&self.tail))
    }
}

/// The mark of a session's state.
#[must_use]
pub fn dot(state: Lifecycle) -> &'static str {
    match state {
        Lifecycle::Live => "●",
        Lifecycle::Dialing | Lifecycle::Open | Lifecycle::Registering => "◐",
        Lifecycle::Refused | Lifecycle::Failed => "✗",
        Lifecycle::Idle | Lifecycle::Closing | Lifecycle::Closed | Lifecycle::Waiting => "○",
    }
}

/// The tab at that column.
#[must_use]
pub fn at(state: &State, column: u16) -> Option<usize> {
    labels(state, state.size.width)
        .iter()
        .find(|label| (label.x..label.end()).contains(&column))
        .map(|label| label.index)
}

/// Draws the line of tabs.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let theme = &state.theme;
    if area.width >= BRANDED {
        put(buffer, area, 0, area.y, BRAND, theme.title);
    }
    let mut end = 0;
    for label in labels(state, area.width) {
        let tab = &state.tabs[label.index];
        let style = if label.index == state.active {
            theme.title.add_modifier(Modifier::REVERSED)
        } else {
            Style::new()
        };
        let mark = if label.index == state.active {
            style
        } else {
            theme.state(tab.lifecycle())
        };
        end = put(buffer, area, label.x, area.y, &label.head, style);
        end = put(buffer, area, end, area.y, label.mark, mark);
        end = put(buffer, area, end, area.y, &label.tail, style);
    }
    // Where a call waits, that is what stands there.
    let is_free = broker::waiting(state).is_none();
    if is_free && end + 2 + width(HINTS) <= area.width {
        put_right(buffer, area, area.right(), area.y, HINTS, theme.dim);
    }
}

/// How much a tab says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Number, name, mark, and what is counted down.
    Whole,
    /// Number, name, mark.
    Named,
    /// Number and mark.
    Bare,
}

fn label(state: &State, index: usize, x: u16, form: Form) -> Label {
    let tab = &state.tabs[index];
    let number = index + 1;
    let name = tab.name();
    let short = &name[..name.floor_char_boundary(24)];
    let paused = if tab.events.paused_at.is_some() {
        "‖"
    } else {
        ""
    };
    let aside = if form == Form::Whole {
        aside(state, tab)
    } else {
        String::new()
    };
    Label {
        index,
        x,
        head: match form {
            Form::Bare => format!(" {number}"),
            Form::Named | Form::Whole => format!(" {number} {short} "),
        },
        mark: dot(tab.lifecycle()),
        tail: format!("{paused}{aside} "),
    }
}

/// What is worth saying of a session one does not look at.
fn aside(state: &State, tab: &Tab) -> String {
    if matches!(tab.phase, Phase::NotStarted(_)) {
        return " not started".to_owned();
    }
    let retry = tab.snapshot.as_ref().and_then(|snapshot| snapshot.retry_at);
    match (tab.lifecycle(), retry) {
        (Lifecycle::Waiting, Some(at)) => {
            format!(" retry in {}", figures::left(at.since(state.now)))
        }
        _ => String::new(),
    }
}

/// The tabs that have room: in full, else the active one with its name, and from a later one on
/// if the active one would not be seen.
fn labels(state: &State, room: u16) -> Vec<Label> {
    let start = if room >= BRANDED { width(BRAND) } else { 0 };
    for forms in [
        [Form::Whole, Form::Whole],
        [Form::Named, Form::Whole],
        [Form::Bare, Form::Named],
        [Form::Bare, Form::Bare],
    ] {
        let labels = lay(state, start, 0, forms);
        let end = labels.last().map_or(0, Label::end);
        if end <= room {
            return labels;
        }
    }
    let mut first = 0;
    loop {
        let labels = lay(state, start, first, [Form::Bare, Form::Bare]);
        let active = labels.iter().find(|label| label.index == state.active);
        let seen = active.is_none_or(|label| label.end() <= room);
        if seen || first >= state.active {
            return labels.into_iter().filter(|label| label.x < room).collect();
        }
        first += 1;
    }
}

fn lay(state: &State, start: u16, first: usize, forms: [Form; 2]) -> Vec<Label> {
    let mut x = start;
    let lay = |index| {
        let label = label(state, index, x, forms[usize::from(index == state.active)]);
        x = label.end();
        label
    };
    (first..state.tabs.len()).map(lay).collect()
}
