//! Welcome, register, registered.

use wspect::entry::Badge;
use wspect::frame::{Direction, FrameKind, Opening};
use wspect::protocol::savetowebsocket::{Change, Introduction, Settings};
use wspect::protocol::{self, Milestone};

use super::play::{MS, Play, REGISTERED, SECOND, WELCOME, manual, says, types};
use crate::replay;

#[test]
fn the_register_leaves_on_the_welcome_and_the_countdown_ends_with_registered() {
    let mut play = Play::new();
    assert!(play.sends.is_empty());
    let welcome = play.receive(WELCOME);
    assert_eq!(welcome.badge, Badge::Welcome);
    says(&welcome.label, "Please send registration message");
    assert_eq!(welcome.note, None);
    assert_eq!(play.sends.len(), 1);
    assert!(play.counts_down("registration").unwrap() > SECOND * 9);
    let register = play.sends[0].clone();
    play.send(&register);
    let registered = play.receive(REGISTERED);
    assert_eq!(
        (&*registered.label, registered.note),
        ("everything, as asked", None)
    );
    assert_eq!(play.counts_down("registration"), None);
    assert!(matches!(play.milestones.last(), Some(Milestone::Live(_))));
    says(
        &play.fact("registered for"),
        "everything, as asked; answered within",
    );
}

#[test]
fn sent_right_behind_the_upgrade_when_told_so() {
    let play = Play::with(Settings {
        register: Introduction::Open,
        ..Settings::default()
    });
    assert_eq!(play.sends.len(), 1);
}

#[test]
fn a_register_by_hand_is_waited_for_with_a_warning() {
    let mut play = Play::with(manual());
    play.receive(WELCOME);
    play.until(SECOND * 4);
    assert!(
        play.sends.is_empty() && play.notes.is_empty(),
        "{:?}",
        play.notes
    );
    play.until(SECOND * 5);
    says(&play.told(), "5 s left to send a register by hand");
    play.register(types(&["payment"]));
    let register = play.sends.pop().unwrap();
    assert_eq!(play.send(&register).trim(), "");
    play.until(SECOND * 11);
    says(&play.told(), "one was sent that it should have taken");
}

#[test]
fn no_welcome_registers_all_the_same_after_2_s() {
    let mut play = Play::new();
    play.until(SECOND * 2);
    says(&play.told(), "no welcome within 2 s");
    assert_eq!(play.sends.len(), 1);
}

#[test]
fn a_malformed_register_comes_with_what_the_server_will_do() {
    let mut play = Play::with(manual());
    play.receive(WELCOME);
    play.until(MS * 2_800);
    let note = play.send(r#"{"type":"register","filters":{"min_amount":100}}"#);
    says(&note, "`min_amount` must be a string");
    says(&note, "drops this message silently");
    says(&note, "unless a valid register follows, it cuts in 7.2 s");
    let note = play.send(r#"{"type":"subscribe"}"#);
    says(&note, "ignores everything but a register");
    says(&play.fact("without effect"), "sent at 2.8 s");
    play.until(SECOND * 10);
    says(
        &play.told(),
        "messages it dropped without a reply: 2: at 2.8 s",
    );
    let text = play.ended(&play.end(1006));
    says(&text, "the registration deadline, no register was taken");
    says(&text, "`min_amount` must be a string");
}

#[test]
fn a_malformed_update_leaves_the_filters_in_force() {
    let mut play = Play::live_with(Settings {
        filters: types(&["payment"]),
        ..Settings::default()
    });
    let note = play.send(r#"{"type":"register","filters":{"types":"trade"}}"#);
    says(&note, "the filters in force stay: types=payment");
}

#[test]
fn what_is_confirmed_is_held_against_what_was_asked() {
    let mut play = Play::new();
    play.receive(WELCOME);
    play.send(r#"{"type":"register","filters":{"types":["payment"],"custom":{"a": 1}}}"#);
    let other = r#"{"filters":{"types":["trade"],"account_ids":null,"asset_codes":null,"min_amount":"","custom":{"a":1}},"message":"","type":"registered"}"#;
    let note = play.receive(other).note.unwrap();
    says(
        &note,
        "not what was asked for: types: missing payment, added trade",
    );
    says(&play.fact("differs"), "missing payment");
    says(&play.fact("echo"), "as Go writes it");
    says(&play.fact("registered for"), "types=trade, not as asked");
}

#[test]
fn an_update_is_not_acknowledged_and_takes_effect_for_sure_later() {
    let mut play = Play::live();
    assert!(matches!(
        play.changes[..],
        [Change::Asked { .. }, Change::Confirmed(_)]
    ));
    let note = play.send(r#"{"type":"register","filters":{"types":["trade"]}}"#);
    says(&note, "not acknowledged");
    for _ in 0..100 {
        play.pass(MS);
        play.receive(r#"{"type":"payment"}"#);
    }
    says(
        &play.fact("right after the update"),
        "100 chosen by the filters before",
    );
    says(
        &play.fact("updated to"),
        "may still be chosen by the filters before",
    );
    assert_eq!(play.changes.len(), 3);
    play.pass(SECOND * 2);
    play.receive(r#"{"type":"trade"}"#);
    assert!(matches!(play.changes.last(), Some(Change::Settled(_))));
    says(&play.fact("updated to"), "in effect by now");
    play.told();
    play.receive(r#"{"type":"payment"}"#);
    says(&play.told(), "own rules drop by `types`");
}

#[test]
fn another_welcome_is_told() {
    let mut play = Play::new();
    let note = play
        .receive(r#"{"format":{"filters":{"topics":[]}},"message":"Hi","type":"welcome"}"#)
        .note;
    says(&note.unwrap(), "not the welcome of the known server");
    let again = play.receive(WELCOME).note;
    says(&again.unwrap(), "a second welcome");
}

#[test]
fn an_endpoint_of_another_system_is_recognised_and_not_registered_with() {
    let mut broker = Play::with(manual());
    let envelope = r#"{"header":{"messageID":"1","type":"response","correlationID":"2","timestamp":1},"body":{}}"#;
    let old = r#"{"id":"1","type":"response","topic":"t","timestamp":1700000000000,"payload":{}}"#;
    broker.receive(envelope);
    broker.receive(old);
    says(&broker.told(), "--system websocketmq");
    says(&broker.fact("not SaveToWebSocket"), "speaks WebSocketMQ");

    let mut echo = Play::new();
    echo.until(SECOND * 3);
    let register = echo.sends.pop().unwrap();
    echo.send(&register);
    echo.receive(&register);
    says(&echo.told(), "an echo server, not SaveToWebSocket");

    let url = Opening {
        url: "ws://h/api/v1/events".to_owned(),
        ..Opening::default()
    };
    let mut raccoon = Play::opened(&replay::settings(), url);
    raccoon.until(SECOND * 3);
    says(&raccoon.told(), "speaks for Raccoon: try --system raccoon");
    raccoon.frame(Direction::In, FrameKind::Ping, b"--ping--");
    says(&raccoon.told(), "as a Raccoon server's do");
}

#[test]
fn an_offer_that_is_ignored_is_told() {
    let offered = Opening {
        offered: vec!["v1".to_owned()],
        ..Opening::default()
    };
    let mut play = Play::opened(&protocol::Settings::default(), offered);
    says(&play.told(), "sub-protocol v1: the server ignores");
    says(&play.fact("negotiated"), "no sub-protocol, no compression");
}
