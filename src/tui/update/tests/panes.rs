//! The panes: selecting, following, pausing, reading, copying.

use super::*;

#[test]
fn following_shows_the_newest_until_one_goes_up() {
    let mut stage = Stage::live(80, 24);
    stage.more(5);
    assert_eq!(events::selected(&stage.state), Some(15));
    stage.keys("up");
    stage.more(50);
    assert_eq!(events::selected(&stage.state), Some(14));
    stage.keys("G");
    assert_eq!(events::selected(&stage.state), Some(65));
    assert_eq!(
        stage.state.tab().unwrap().events.position,
        Position::Following
    );
}

#[test]
fn a_pause_hides_what_comes_and_counts_it() {
    let mut stage = Stage::live(80, 24);
    stage.keys("space");
    stage.more(7);
    let tab = stage.state.tab().unwrap();
    assert_eq!(tab.hidden(&stage.state.store), 7);
    assert_eq!(events::selected(&stage.state), Some(10));
    stage.keys("space");
    assert_eq!(events::selected(&stage.state), Some(17));
}

#[test]
fn marks_are_jumped_between_around_the_ends() {
    let mut stage = Stage::live(80, 24);
    stage.keys("g m down down m");
    for (key, expected) in [("'", 0), ("'", 2), ("\"", 0), ("\"", 2)] {
        stage.keys(key);
        assert_eq!(events::selected(&stage.state), Some(expected), "{key}");
    }
    stage.keys("m '");
    assert_eq!(events::selected(&stage.state), Some(0));
}

#[test]
fn from_the_ask_to_its_reply_and_back() {
    let mut stage = Stage::live(80, 24);
    stage.keys("g down p");
    assert_eq!(events::selected(&stage.state), Some(2));
    stage.keys("p");
    assert_eq!(events::selected(&stage.state), Some(1));
    stage.keys("g p");
    assert!(stage.state.notices.shown(stage.state.now).is_some());
}

#[test]
fn looking_at_an_entry_pins_it() {
    let mut stage = Stage::live(80, 24);
    stage.keys("enter");
    stage.more(9);
    assert_eq!(stage.state.focus, Focus::Detail);
    assert_eq!(events::selected(&stage.state), Some(10));
    stage.keys("esc");
    assert_eq!(stage.state.focus, Focus::Events);
}

#[test]
fn tree_and_bytes_move_each_other() {
    let mut stage = Stage::live(80, 24);
    stage.keys("enter");
    stage.due(12);
    stage.keys("down down down down down");
    let detail = &stage.state.tab().unwrap().detail;
    let half = detail.byte;
    assert_eq!(
        detail
            .decoded()
            .unwrap()
            .tree
            .item(detail.cursor)
            .unwrap()
            .name,
        "type"
    );
    assert!(half > 0);
    stage.keys("] ] left");
    let detail = &stage.state.tab().unwrap().detail;
    assert_eq!(detail.byte, half - 1);
    assert_eq!(
        detail
            .decoded()
            .unwrap()
            .tree
            .item(detail.cursor)
            .unwrap()
            .name,
        "req_guid"
    );
}

#[test]
fn folded_branches_stay_folded_in_the_next_entry() {
    let mut stage = Stage::live(80, 24);
    stage.keys("g down enter");
    stage.due(12);
    stage.keys("down down down enter");
    stage.keys("esc down down");
    stage.due(13);
    let decoded = stage.state.tab().unwrap().detail.decoded().unwrap();
    assert!(!decoded.tree.is_open(3));
}

#[test]
fn large_payloads_are_decoded_elsewhere() {
    let mut stage = Stage::live(80, 24);
    let payload = "x".repeat(40 << 10);
    let mut chunk = crate::entry::Chunk::new(11, Vec::new());
    let draft = stage.draft(
        20_000,
        crate::frame::Direction::In,
        crate::entry::Badge::Event,
        "large",
        &payload,
    );
    chunk.push(&draft);
    stage.deliver(1, chunk, None, None);
    stage.due(20);
    assert_eq!(effect_names(&stage), ["Decode"]);
    assert!(stage.state.tab().unwrap().detail.decoded().is_none());
    stage.input(Input::Decoded {
        session: SessionId(1),
        seq: 11,
        decoded: Box::default(),
    });
    assert!(stage.state.tab().unwrap().detail.decoded().is_some());
}

#[test]
fn copying_gives_the_form_that_was_picked() {
    let mut stage = Stage::live(80, 24);
    stage.keys("g down y down enter y h");
    let copied: Vec<_> = stage
        .effects
        .iter()
        .map(|effect| match effect {
            Effect::Copy(text) => text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(
        copied[0].starts_with("{\"req_guid\":\"55F648D1\""),
        "{}",
        copied[0]
    );
    assert!(copied[1].starts_with("7b22"), "{}", copied[1]);
}

#[test]
fn the_mouse_selects_what_is_under_it() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut stage = Stage::live(120, 40);
    let mouse = |stage: &mut Stage, kind, column, row| {
        let modifiers = KeyModifiers::NONE;
        stage.input(Input::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers,
        }));
    };
    let press = MouseEventKind::Down(MouseButton::Left);
    let list = crate::tui::layout::inside(stage.state.areas().events);
    mouse(&mut stage, press, list.x + 5, list.y + 3);
    assert_eq!(events::selected(&stage.state), Some(3));
    mouse(
        &mut stage,
        MouseEventKind::ScrollDown,
        list.x + 5,
        list.y + 3,
    );
    assert_eq!(events::selected(&stage.state), Some(6));
    let edge = stage.state.areas().detail.x;
    mouse(
        &mut stage,
        MouseEventKind::Drag(MouseButton::Left),
        edge - 2,
        20,
    );
    assert_eq!(stage.state.areas().detail.x, edge - 2);
    mouse(&mut stage, press, 33, 0);
    assert_eq!(stage.state.active, 1);
}

#[test]
fn large_payloads_that_come_fast_do_not_pile_up() {
    let mut stage = Stage::live(80, 24);
    let payload = "x".repeat(40 << 10);
    for seq in 11..15 {
        let mut chunk = crate::entry::Chunk::new(seq, Vec::new());
        chunk.push(&stage.draft(
            20_000 + seq,
            crate::frame::Direction::In,
            crate::entry::Badge::Event,
            "large",
            &payload,
        ));
        stage.deliver(1, chunk, None, None);
        stage.due(seq);
    }
    assert_eq!(effect_names(&stage), ["Decode"]);
    stage.input(Input::Decoded {
        session: SessionId(1),
        seq: 11,
        decoded: Box::default(),
    });
    stage.due(16);
    assert!(matches!(stage.effects.last(), Some(Effect::Decode(job)) if job.seq == 14));
}
