//! From the state to the screen. Reads the state, changes nothing, asks no clock; only what is
//! visible is built.

mod asks;
mod broker;
mod composer;
mod confirm;
mod conventions;
mod decode_as;
pub mod detail;
mod events;
pub mod facts;
mod filters;
pub mod frame;
mod gutter;
mod health;
pub mod help;
pub mod hex;
mod ink;
mod keys;
pub mod metrics;
mod overlay;
mod paint;
pub mod pair;
pub mod picker;
mod presets;
mod row;
mod shelf;
pub mod tabs;
#[cfg(test)]
mod tests;
mod tree;
pub mod why;

use ratatui::Frame;

use super::state::{Screen, State};

/// Draws the whole screen.
pub fn view(state: &State, frame: &mut Frame<'_>) {
    let screen = frame.area();
    if screen.as_size() != state.size || screen.is_empty() {
        // The terminal was resized and its input is on the way.
        return;
    }
    let buffer = frame.buffer_mut();
    let areas = state.areas();
    match &state.screen {
        Screen::Picker(picker) => picker::draw(state, picker, buffer),
        Screen::Sessions => {
            tabs::draw(state, areas.tabs, buffer);
            health::header(state, areas.header, buffer);
            health::figures(state, areas.health, buffer);
            events::draw(state, areas.events, buffer);
            detail::draw(state, areas.detail, buffer);
            keys::draw(state, areas.keys, buffer);
        }
    }
    overlay::notice(state, areas.notice, buffer);
    let cursor = overlay::draw(state, screen, buffer);
    broker::badge(state, screen, buffer);
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
}
