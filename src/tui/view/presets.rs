//! Filters to begin with: the list, and what the server makes of the selected ones.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::composer::filters::notes::Tone;
use crate::tui::composer::filters::preset::{LETTERS, Preset};
use crate::tui::state::State;
use crate::tui::state::remarks::lines;

use super::overlay::panel;
use super::paint::{put, put_right};

/// Rows for what is said of the selected one.
const SAID: u16 = 7;

/// Draws the list over the screen.
pub(super) fn draw(
    state: &State,
    presets: &[Preset],
    selected: usize,
    screen: Rect,
    buffer: &mut Buffer,
) {
    let theme = &state.theme;
    let height = presets.len() as u16 + SAID + 3;
    let area = panel(state, "Filters to begin with", (76, height), screen, buffer);
    let said = if area.height > SAID + 3 { SAID } else { 0 };
    let list = Rect {
        height: area.height - said,
        ..area
    };
    let shown = usize::from(list.height).max(1);
    let top = (selected + 1).saturating_sub(shown);
    let rows = presets.iter().zip(LETTERS.chars()).enumerate().skip(top);
    for (y, (index, (preset, letter))) in (list.y..list.bottom()).zip(rows) {
        let x = put(buffer, list, list.x + 1, y, &letter.to_string(), theme.key);
        let indent = if preset.is_twin { " ↳ " } else { " " };
        put(
            buffer,
            list,
            x,
            y,
            &format!("{indent}{}", preset.title),
            theme.text,
        );
        if let Some(effect) = preset.worst() {
            let tone = Tone::of(effect);
            let text = format!(" {} {} ", tone.sign(), effect.name());
            let style = match tone {
                Tone::Wrong => theme.bad,
                Tone::Warning => theme.warn,
                _ => theme.dim,
            };
            put_right(buffer, list, list.right(), y, &text, style);
        }
        if index == selected {
            buffer.set_style(Rect::new(list.x, y, list.width, 1), theme.cursor);
        }
    }
    if let Some(preset) = presets.get(selected).filter(|_| said > 0) {
        let area = Rect {
            y: list.bottom(),
            height: said,
            ..area
        };
        says(state, preset, area, buffer);
    }
}

/// What happens with it on the real server.
fn says(state: &State, preset: &Preset, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    put(
        buffer,
        area,
        area.x,
        area.y,
        &"─".repeat(usize::from(area.width)),
        theme.border,
    );
    let room = usize::from(area.width.saturating_sub(4)).max(1);
    let mut said: Vec<_> = preset
        .warnings()
        .iter()
        .map(|advice| (Tone::of(advice.effect), advice.sentence()))
        .collect();
    if !preset.remark.is_empty() {
        said.insert(0, (Tone::Plain, preset.remark.to_owned()));
    }
    if said.is_empty() {
        let text = "does what it says, on the real server too";
        said.push((Tone::Plain, text.to_owned()));
    }
    let mut y = area.y + 1;
    for (tone, text) in said {
        let style = match tone {
            Tone::Wrong => theme.bad,
            Tone::Warning => theme.warn,
            Tone::Plain => theme.text,
            _ => theme.dim,
        };
        for (index, line) in lines(&text, room).iter().enumerate() {
            if y >= area.bottom() {
                return;
            }
            if index == 0 {
                put(buffer, area, area.x + 1, y, tone.sign(), style);
            }
            put(buffer, area, area.x + 3, y, line, style);
            y += 1;
        }
    }
}
