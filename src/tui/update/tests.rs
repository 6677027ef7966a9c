mod broker;
mod confirm;
mod decode_as;
mod filters;
mod looking;
mod panes;
mod sessions;
mod shadow;

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
            Context::Filters | Context::Why => Stage::stellar(80, 24),
            Context::Broker
            | Context::BrokerTopics
            | Context::BrokerClients
            | Context::BrokerCalls => Stage::broker(80, 24),
            _ => Stage::live(80, 24),
        };
        if row.context == Context::DecodeAs {
            stage.batch();
        }
        match row.context {
            // Among the events, G and end follow.
            Context::Detail | Context::Move => stage.keys("tab"),
            Context::Panel => stage.keys("?"),
            Context::Compose => stage.keys("c"),
            Context::Shelf => stage.keys("c alt-o"),
            Context::DecodeAs => stage.keys("a"),
            Context::Asks => stage.keys("u"),
            Context::Filters => stage.keys("F"),
            Context::Why => stage.keys("w"),
            Context::BrokerTopics => stage.keys("B tab"),
            Context::BrokerClients => stage.keys("B shift-tab"),
            Context::Broker | Context::BrokerCalls => stage.keys("B"),
            Context::Confirm => stage.state.ask(confirm::question()),
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
        "B",
        "B tab",
        "B shift-tab",
    ];
    for place in places {
        for row in ACTIONS {
            for start in [Stage::live, Stage::broker] {
                let mut stage = start(60, 20);
                stage.keys(place);
                stage.due(12);
                let mut effects = Vec::new();
                keys::perform(&mut stage.state, row.action, &mut effects);
                stage.due(13);
            }
        }
    }
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

#[test]
fn a_lost_ask_is_found_and_all_lost_ones_are_sent_again() {
    let mut stage = Stage::live(120, 40);
    let asks: Vec<_> = (0..11)
        .filter_map(|seq| {
            let entry = stage.state.store.entry(SessionId(1), seq)?;
            (entry.asks && entry.frame().is_some()).then_some(seq)
        })
        .collect();
    let mut snapshot = stage.without_replies();
    let mut lost = snapshot.lost_asks.to_vec();
    lost[0].ask.seq = asks[0];
    snapshot.lost_asks = lost.into();
    let nothing = crate::entry::Chunk::new(11, Vec::new());
    stage.deliver(1, nothing, Some(snapshot), None);
    stage.effects.clear();
    stage.keys("u R");
    let orders: Vec<_> = stage
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Feed { commands, .. } => Some(&commands[..]),
            _ => None,
        })
        .collect();
    let [[again]] = orders[..] else {
        panic!("the one whose reply came late is left alone: {orders:?}");
    };
    let lost = stage.state.store.entry(SessionId(1), asks[0]).unwrap();
    assert!(again.is_carried_by(&lost), "byte for byte");
    // The lost one stands below the one that waits and the late one.
    stage.keys("down down enter");
    assert!(stage.state.overlays.is_empty());
    let selected = super::events::selected(&stage.state);
    assert_eq!(selected, Some(asks[0]));
}

#[test]
fn a_probe_is_a_batch_without_events() {
    let mut stage = Stage::live(120, 40);
    stage.keys("b");
    let sent = stage.effects.iter().any(|effect| {
        let Effect::Order { order, .. } = effect else {
            return false;
        };
        let crate::session::Order::Send(crate::protocol::Command::Batch(batch)) = order else {
            return false;
        };
        !batch.guid.is_empty()
    });
    assert!(sent, "{:?}", stage.effects);
}
