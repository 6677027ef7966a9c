use std::time::Duration;

use super::*;
use crate::session::{Order, SessionId};
use crate::tui::action::{ACTIONS, Action, Context};
use crate::tui::sample::Stage;
use crate::tui::state::events::Position;
use crate::tui::state::overlay::Overlay;
use crate::tui::state::{Focus, Screen};

fn effect_names(stage: &Stage) -> Vec<String> {
    let name = |effect: &Effect| {
        let text = format!("{effect:?}");
        let end = text.find([' ', '(', '{']).unwrap_or(text.len());
        text[..end].to_owned()
    };
    stage.effects.iter().map(name).collect()
}

#[test]
fn every_action_is_reachable_from_its_keys() {
    for row in ACTIONS {
        let mut stage = match row.context {
            Context::Prompt | Context::Edit => Stage::new(80, 24),
            _ => Stage::live(80, 24),
        };
        match row.context {
            // Among the events, G and end follow.
            Context::Detail | Context::Move => stage.keys("tab"),
            Context::Panel => stage.keys("?"),
            Context::Compose => stage.keys("c"),
            _ => {}
        }
        for key in row.keys {
            let chord = crate::tui::keymap::Chord::parse(key).unwrap();
            let found = stage.state.keymap.lookup(stage.state.contexts(), chord);
            assert_eq!(found, Some(row.action), "{key} in {:?}", row.context);
        }
    }
}

#[test]
fn every_key_is_on_the_help_screen() {
    use crate::tui::view::help::{Line, lines};
    let lines = lines();
    for row in ACTIONS {
        let listed = lines.iter().any(|line| match line {
            Line::Keys(keys, help) => {
                *help == row.help
                    && row
                        .keys
                        .iter()
                        .all(|key| keys.split(' ').any(|k| k == *key))
            }
            Line::Title(_) | Line::Blank => false,
        });
        assert!(listed, "{:?}", row.action);
    }
}

#[test]
fn every_action_can_be_performed_in_every_place() {
    let places = [
        "",
        "enter",
        "enter ] ]",
        "c",
        "c tab",
        "?",
        "!",
        ":",
        "/",
        "y",
        "t",
        "2",
    ];
    for place in places {
        for row in ACTIONS {
            let mut stage = Stage::live(60, 20);
            stage.keys(place);
            stage.due(12);
            let mut effects = Vec::new();
            keys::perform(&mut stage.state, row.action, &mut effects);
            stage.due(13);
        }
    }
}

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
fn sessions_are_told_what_was_meant() {
    let mut stage = Stage::live(80, 24);
    stage.keys("r x");
    assert!(matches!(
        &stage.effects[..],
        [
            Effect::Order {
                session: SessionId(1),
                order: Order::Reconnect
            },
            Effect::Order {
                session: SessionId(1),
                order: Order::Disconnect
            },
        ]
    ));
}

#[test]
fn a_picked_target_gets_a_tab_and_is_started() {
    let mut stage = Stage::new(80, 24);
    stage.text("stag");
    stage.keys("enter");
    assert!(matches!(
        &stage.effects[..],
        [Effect::Start { session: SessionId(1), target }] if target == "staging"
    ));
    assert!(matches!(stage.state.screen, Screen::Sessions));
    stage.keys("t esc");
    assert!(matches!(stage.state.screen, Screen::Sessions));
}

#[test]
fn a_session_that_did_not_start_can_be_tried_again() {
    let mut stage = Stage::new(80, 24);
    stage.keys("enter");
    stage.input(Input::Started {
        session: SessionId(1),
        result: Err("no".to_owned()),
    });
    stage.effects.clear();
    stage.keys("r");
    assert_eq!(effect_names(&stage), ["Start"]);
}

#[test]
fn closing_the_last_tab_leads_back_to_the_picker() {
    let mut stage = Stage::live(80, 24);
    stage.keys("ctrl-w");
    assert_eq!(stage.state.tabs.len(), 1);
    assert_eq!(
        stage
            .state
            .store
            .entry(SessionId(1), 0)
            .map(|entry| entry.seq),
        None
    );
    stage.keys("ctrl-w");
    assert!(matches!(stage.state.screen, Screen::Picker(_)));
    assert_eq!(effect_names(&stage), ["End", "End", "List"]);
    stage.keys("esc");
    assert_eq!(effect_names(&stage), ["End", "End", "List", "Quit"]);
}

#[test]
fn deliveries_of_a_closed_tab_are_dropped() {
    let mut stage = Stage::live(80, 24);
    stage.keys("ctrl-w");
    stage.more(3);
    assert!(stage.state.store.timeline(SessionId(1)).is_none());
}

#[test]
fn quitting_asks_nothing() {
    for key in ["q", "ctrl-c"] {
        let mut stage = Stage::live(80, 24);
        stage.keys(key);
        assert_eq!(effect_names(&stage), ["Quit"]);
    }
    let mut typing = Stage::live(80, 24);
    typing.keys("/ q");
    assert!(typing.effects.is_empty());
    typing.keys("ctrl-c");
    assert_eq!(effect_names(&typing), ["Quit"]);
}

#[test]
fn the_palette_performs_what_is_picked() {
    let mut stage = Stage::live(80, 24);
    stage.keys(":");
    stage.text("pause");
    stage.keys("enter");
    assert!(stage.state.overlays.is_empty());
    assert!(stage.state.tab().unwrap().events.paused_at.is_some());
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
fn overlays_stack_and_close_one_by_one() {
    let mut stage = Stage::live(80, 24);
    stage.keys(":");
    stage.text("notices");
    stage.keys("enter");
    assert!(matches!(
        stage.state.overlays[..],
        [Overlay::Notices { .. }]
    ));
    stage.keys("esc");
    assert!(stage.state.overlays.is_empty());
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
fn time_alone_counts_only_while_sessions_are_shown() {
    let mut stage = Stage::new(80, 24);
    assert!(!stage.state.counts());
    stage.input(Input::Told("told".to_owned()));
    assert!(stage.state.counts());
    stage.input(Input::Due(stage.noon.after(Duration::from_mins(1))));
    assert!(!stage.state.counts());
    assert!(Stage::live(80, 24).state.counts());
    assert_eq!(Action::Tab3.tab(), Some(2));
}

fn visible(stage: &Stage) -> Vec<crate::frame::Seq> {
    let tab = stage.state.tab().unwrap();
    tab.lens(&stage.state.store).newest(100)
}

fn filter(stage: &mut Stage, text: &str) {
    stage.keys("/ ctrl-u");
    stage.text(text);
    stage.keys("enter");
    stage.settle();
}

#[test]
fn a_filter_shows_what_passes_and_what_comes_and_passes() {
    let mut stage = Stage::live(80, 24);
    filter(&mut stage, ".badge == \"ack\" or .badge == \"event\"");
    assert_eq!(visible(&stage), [2, 4, 5]);
    stage.more(2);
    stage.settle();
    assert_eq!(visible(&stage), [2, 4, 5, 11, 12]);
    stage.keys("up up");
    assert_eq!(events::selected(&stage.state), Some(5));
    stage.keys("\\");
    assert_eq!(visible(&stage).len(), 13);
    assert_eq!(events::selected(&stage.state), Some(5));
}

#[test]
fn a_filter_looks_into_decoded_bodies() {
    let mut stage = Stage::live(80, 24);
    filter(&mut stage, ".body.events[0].at == 6");
    assert_eq!(visible(&stage), [6]);
}

#[test]
fn what_is_wrong_with_a_filter_shows_as_it_is_typed_and_keeps_the_prompt() {
    let mut stage = Stage::live(80, 24);
    let problem = |stage: &Stage| match stage.state.overlays.last() {
        Some(Overlay::Prompt(prompt)) => prompt.problem.is_some(),
        other => panic!("{other:?}"),
    };
    stage.keys("/");
    for (text, wrong) in [(".badge", false), (" == ", true), ("1", false), (")", true)] {
        stage.text(text);
        assert_eq!(problem(&stage), wrong, "{text}");
    }
    stage.keys("enter");
    assert!(problem(&stage));
    stage.keys("backspace enter");
    assert!(stage.state.overlays.is_empty());
    stage.keys("/ ctrl-u up");
    assert_eq!(stage.state.line_mut().unwrap().text(), ".badge == 1");
    stage.keys("ctrl-u enter");
    assert!(stage.state.tab().unwrap().sifting.is_none());
}

#[test]
fn a_field_becomes_a_condition_beside_the_filter_in_force() {
    let mut stage = Stage::live(80, 24);
    filter(&mut stage, ".dir == \"out\"");
    stage.keys("enter");
    stage.due(12);
    stage.keys("down f");
    let line = stage.state.line_mut().unwrap();
    assert_eq!(
        line.text(),
        ".dir == \"out\" and .body.req_guid == \"55F648D1\""
    );
    stage.keys("enter");
    stage.settle();
    assert_eq!(visible(&stage), [1, 3, 6, 10]);
}

#[test]
fn a_new_decoder_filters_again() {
    let mut stage = Stage::live(80, 24);
    filter(&mut stage, ".body.req_guid != null");
    assert_eq!(visible(&stage).len(), 9);
    let nothing = crate::entry::Chunk::new(11, Vec::new());
    stage.deliver(
        1,
        nothing,
        None,
        Some(std::sync::Arc::new(crate::tui::sample::Blank)),
    );
    stage.settle();
    assert_eq!(visible(&stage), Vec::<u64>::new());
}

#[test]
fn a_search_goes_from_hit_to_hit_and_around_the_end() {
    let mut stage = Stage::live(80, 24);
    stage.keys("s");
    stage.text("click");
    stage.keys("enter");
    stage.settle();
    // The newest entry has it already.
    assert_eq!(events::selected(&stage.state), Some(10));
    for (key, expected) in [("N", 7), ("N", 6), ("n", 7), ("n", 10), ("n", 1), ("N", 10)] {
        stage.keys(key);
        stage.settle();
        assert_eq!(events::selected(&stage.state), Some(expected), "{key}");
    }
}

#[test]
fn a_search_passes_what_the_filter_hides_and_says_when_there_is_nothing() {
    let mut stage = Stage::live(80, 24);
    filter(&mut stage, ".badge == \"ack\"");
    for (text, expected) in [("ok", 5), ("click", 5)] {
        stage.keys("s");
        stage.text(text);
        stage.keys("enter");
        stage.settle();
        assert_eq!(events::selected(&stage.state), Some(expected), "{text}");
    }
    let notice = stage.state.notices.shown(stage.state.now).unwrap();
    assert_eq!(notice.text, "`click` is nowhere");
}

#[test]
fn a_busy_worker_is_asked_again_later() {
    let mut stage = Stage::live(80, 24);
    stage.keys("/");
    stage.text(".dir == \"in\"");
    stage.keys("enter");
    let Some(Effect::Look(task)) = stage.effects.pop() else {
        panic!("nothing to look at");
    };
    stage.input(Input::Unanswered(task.job()));
    assert_eq!(effect_names(&stage), Vec::<String>::new());
    stage.due(13);
    assert_eq!(effect_names(&stage), ["Look"]);
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

#[test]
fn what_goes_on_in_other_tabs_redraws_only_what_their_tab_says() {
    let stage = Stage::live(80, 24);
    let delivery = |session, snapshot: Option<crate::session::Snapshot>| {
        let nothing = crate::entry::Chunk::new(0, Vec::new());
        let mut delivery = crate::session::Delivery::new(SessionId(session), nothing);
        delivery.snapshot = snapshot.map(std::sync::Arc::new);
        Input::Delivered(Box::new(delivery))
    };
    assert!(stage.state.shows(&delivery(1, None)));
    assert!(!stage.state.shows(&delivery(2, None)));
    assert!(stage.state.shows(&delivery(2, Some(stage.snapshot()))));
}

#[test]
fn warnings_of_a_start_are_notices_and_a_broken_session_keeps_what_it_received() {
    let mut stage = Stage::live(80, 24);
    stage.input(Input::Started {
        session: SessionId(1),
        result: Ok(Joined {
            warnings: vec!["any certificate is trusted".to_owned()],
            ..Joined::default()
        }),
    });
    let text = |stage: &Stage| {
        stage
            .state
            .notices
            .shown(stage.state.now)
            .unwrap()
            .text
            .clone()
    };
    assert_eq!(text(&stage), "any certificate is trusted");
    stage.input(Input::Broke(SessionId(1)));
    assert!(text(&stage).contains("broke"));
    let tab = stage.state.tab().unwrap();
    assert_eq!(tab.lifecycle(), crate::session::State::Failed);
    assert_eq!(visible(&stage).len(), 11);
}
