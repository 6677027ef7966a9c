//! Registrations, answered, refused, late and not at all, and what becomes of the connection.

use std::time::Duration;

use wspect::frame::Opening;
use wspect::protocol::Command;
use wspect::protocol::websocketmq::{Dialect, Order, Registration, Settings};

use super::play::Play;
use crate::replay;

fn second(url: &str) -> Play {
    Play::with(replay::settings().websocketmq, url)
}

fn welcome(play: &mut Play, id: &str, time: &str) {
    let key = play.member("system:register", "id");
    play.hear(&format!(r#"{{"id":"{key}","type":"response","topic":"system:register","payload":{{"serverAssignedId":"{id}","clientName":"n","serverTime":"{time}"}}}}"#));
}

#[test]
fn the_assigned_id_is_adopted_and_told() {
    let mut play = second("ws://h/wsmq?client_id=12345678");
    welcome(&mut play, "other", "");
    play.says("assigned the id other instead of the client_id");
    assert_eq!(play.picture().identity.id, "other");
    assert_eq!(play.dialect(), "2");
    let mut play = second("ws://h/wsmq?client_id=12345678");
    welcome(&mut play, "12345678", "");
    assert_eq!(play.dialect(), "2.3");
    assert_eq!(play.picture().identity.registration, Registration::Done);
}

#[test]
fn a_clock_that_is_far_off_is_told_with_its_uncertainty() {
    let mut play = second("ws://h/wsmq");
    welcome(&mut play, "a", "2001-01-01T00:00:00Z");
    play.says("± 0.5 s) behind this one");
    let identity = play.picture().identity.clone();
    assert!(identity.skew_ms.is_some_and(|skew| skew < -1_000_000));
    assert_eq!(identity.skew_within_ms, 500);
}

#[test]
fn without_a_registration_by_the_settings() {
    let settings = Settings {
        register: false,
        ..replay::settings().websocketmq
    };
    let play = Play::with(settings, "ws://h/wsmq?client_id=12345678");
    play.says("live: usable without a registration: none is sent, as the settings say");
    assert!(!play.sent.iter().any(|text| text.contains("register")));
    play.newest("subscribe_request");
}

#[test]
fn a_short_id_on_a_dead_connection_is_not_called_usable() {
    let mut play = second("ws://h/wsmq?client_id=abc");
    play.says("goes dead on this connection");
    play.pass(Duration::from_secs(12));
    play.says("so this connection is dead");
    assert!(!play.said.iter().any(|text| text.starts_with("live")));
}

#[test]
fn a_late_answer_makes_it_registered_after_all() {
    let mut play = second("ws://h/wsmq?client_id=12345678");
    play.pass(Duration::from_secs(12));
    play.says("live: usable as far as one can tell");
    welcome(&mut play, "12345678", "");
    play.says("live: registered as n, id 12345678");
    let subscriptions = play
        .sent
        .iter()
        .filter(|text| text.contains("announcements"));
    assert_eq!(subscriptions.count(), 1, "not subscribed twice");
}

#[test]
fn registering_again_by_hand_names_us_anew() {
    let order = |name: &str| {
        Command::Steer(Order::Register {
            name: name.to_owned(),
            kind: "cli".to_owned(),
            url: "http://u".to_owned(),
        })
    };
    let mut play = second("ws://h/wsmq?client_id=12345678");
    play.tell(order("new"));
    let sent = play.newest("system:register");
    assert!(sent.contains(r#""clientName":"new","clientType":"cli","clientUrl":"http://u""#));
    let mut play = Play::told(Dialect::G1_3);
    play.tell(order("page-mine"));
    assert_eq!(
        play.member("_client.register", "pageSessionID"),
        "page-mine"
    );
}

#[test]
fn an_acknowledgement_of_another_page_is_not_ours() {
    let mut play = Play::told(Dialect::G1_3);
    let row = play.hear(r#"{"header":{"messageID":"1","type":"event","topic":"_internal.client.registered","timestamp":1},"body":{"brokerClientID":"w","pageSessionID":"forged"}}"#);
    assert!(row.contains("did not register last"), "{row}");
    assert_eq!(play.picture().identity.registration, Registration::Awaited);
}

#[test]
fn an_own_id_that_comes_again_after_a_cut_is_a_trap() {
    let mut play = second("ws://h/wsmq?client_id=12345678");
    welcome(&mut play, "12345678", "");
    let mut heir = play.protocol.bequeath(play.now).unwrap();
    std::mem::swap(&mut play.protocol, &mut heir);
    play.open(&Opening {
        url: "ws://h/wsmq?client_id=12345678".to_owned(),
        status: 101,
        reconnect: true,
        since_cut: Some(Duration::from_secs(3)),
        ..Opening::default()
    });
    play.says("when the old one ends it forgets the id though this one lives");
    welcome(&mut play, "12345678", "");
    let lists = |play: &Play| {
        let asked = play
            .sent
            .iter()
            .filter(|text| text.contains("list_clients"));
        asked.count()
    };
    let before = lists(&play);
    play.pass(Duration::from_secs(51));
    assert!(lists(&play) > before, "looked at again");
}

#[test]
fn our_own_registration_come_back_is_an_echo_server() {
    let mut play = second("ws://h/wsmq?client_id=12345678");
    let own = play.newest("system:register").to_owned();
    let sent = play.sent.len();
    let row = play.hear(&own);
    assert!(row.contains("echo server, not WebSocketMQ"), "{row}");
    assert_eq!(play.sent.len(), sent, "nothing is answered");
}

#[test]
fn the_panel_is_told_how_it_stands() {
    let mut play = second("ws://h/wsmq?client_id=12345678");
    welcome(&mut play, "12345678", "2025-05-21T08:35:46-07:00");
    let facts = play.protocol.standing(play.now);
    let lines: Vec<String> = facts
        .iter()
        .map(|fact| format!("{} {}: {}", fact.group, fact.name, fact.value))
        .collect();
    let text = lines.join("\n");
    for part in [
        "dialect spoken: generation 2.3",
        "registration state: answered after",
        "registration id: 12345678",
        "registration server clock: ",
        "heartbeat pings: none yet",
        "topics subscribed: server:announcements",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
