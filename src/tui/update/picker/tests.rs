use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::*;
use crate::tui::input::Input;
use crate::tui::sample::Stage;

fn click(stage: &mut Stage, row: u16) {
    stage.input(Input::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 6,
        row,
        modifiers: KeyModifiers::NONE,
    }));
}

fn selected(stage: &Stage) -> usize {
    match &stage.state.screen {
        Screen::Picker(picker) => picker.selected,
        Screen::Sessions => panic!("no picker"),
    }
}

#[test]
fn a_click_selects_and_another_one_connects() {
    let mut stage = Stage::new(80, 24);
    // A heading, the first offer, a blank, a heading, the second offer.
    click(&mut stage, 7);
    assert_eq!(selected(&stage), 1);
    click(&mut stage, 3);
    assert_eq!(selected(&stage), 1);
    assert!(stage.effects.is_empty());
    click(&mut stage, 7);
    assert!(
        matches!(&stage.effects[..], [Effect::Start { target, .. }] if target == "demo:raccoon")
    );
}

#[test]
fn a_url_that_is_none_is_not_started() {
    let mut stage = Stage::new(80, 24);
    stage.text("ftp://host");
    stage.keys("enter");
    assert!(stage.effects.is_empty());
    stage.keys("ctrl-u");
    stage.text("ws://host/path");
    stage.keys("enter");
    assert!(
        matches!(&stage.effects[..], [Effect::Start { target, .. }] if target == "ws://host/path")
    );
}

#[test]
fn the_list_is_read_anew_for_a_new_tab() {
    let mut stage = Stage::live(80, 24);
    stage.keys("t");
    assert!(matches!(&stage.effects[..], [Effect::List]));
    stage.keys("end");
    let one = stage.state.choices[0].clone();
    stage.input(Input::Listed(vec![one]));
    assert_eq!((stage.state.choices.len(), selected(&stage)), (1, 0));
}
