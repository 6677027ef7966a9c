//! `docs/screen.svg`, the picture of the screen in the README, is what the program draws.
//!
//! Run with `WSPECT_UPDATE_PICTURE=1` to draw it anew.

#![cfg(feature = "tui")]

mod scene;
mod svg;

use std::fs;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use wspect::tui::view::view;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/screen.svg");

#[test]
fn the_picture_is_what_the_program_draws() {
    let state = scene::four_sessions();
    let mut terminal = Terminal::new(TestBackend::new(scene::WIDTH, scene::HEIGHT)).unwrap();
    terminal.draw(|frame| view(&state, frame)).unwrap();
    let drawn = svg::draw(terminal.backend().buffer(), "wspect demo");
    if std::env::var_os("WSPECT_UPDATE_PICTURE").is_some() {
        fs::write(PICTURE, &drawn).unwrap();
    }
    let kept = fs::read_to_string(PICTURE).unwrap_or_default();
    assert!(
        kept == drawn,
        "docs/screen.svg is not what the program draws now; run this test with \
         WSPECT_UPDATE_PICTURE=1, look at the picture, and commit it"
    );
}
