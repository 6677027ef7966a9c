//! Which dialect is spoken: found out by the probe, by silence, by what comes, or told.

use std::time::Duration;

use wspect::protocol::Command;
use wspect::protocol::websocketmq::{Dialect, Order, Speak};

use super::play::Play;

const SECOND: Duration = Duration::from_secs(1);

fn probing() -> Play {
    Play::speaking(Speak::Probe, "ws://h/ws")
}

/// Answers the newest message with `part` in it.
fn answer(play: &mut Play, part: &str, rest: &str) {
    let id = play.member(part, "id");
    play.hear(&format!(r#"{{"id":"{id}",{rest}}}"#));
}

const NOBODY: &str =
    r#""type":"error","topic":"t","error":{"code":404,"message":"No handler for topic: t"}"#;

#[test]
fn the_probe_finds_2_2_and_later_by_the_list_of_clients() {
    let mut play = probing();
    assert_eq!(play.sent.len(), 1, "{:?}", play.sent);
    answer(
        &mut play,
        "system:list_clients",
        r#""type":"response","topic":"system:list_clients","payload":{"clients":null}"#,
    );
    play.says("probed: generation 2, because the broker lists its clients");
    play.newest("system:register");
}

#[test]
fn the_probe_finds_2_0_and_2_1_by_the_refusal() {
    for (registers, dialect) in [(false, "2.0"), (true, "2.1")] {
        let mut play = probing();
        let refusal = NOBODY.replace("\"t\"", "\"system:list_clients\"");
        answer(&mut play, "system:list_clients", &refusal);
        let reply = if registers {
            r#""type":"response","topic":"system:register","payload":{"serverAssignedId":"x","clientName":"n","serverTime":""}"#.to_owned()
        } else {
            NOBODY.replace("\"t\"", "\"system:register\"")
        };
        answer(&mut play, "system:register", &reply);
        assert_eq!(play.dialect(), dialect);
        play.says("live: ");
    }
}

#[test]
fn the_probe_finds_1_3_by_the_acknowledgement() {
    let mut play = probing();
    play.pass(SECOND);
    play.says("trying _client.register of generation 1");
    let page = play.member("_client.register", "pageSessionID");
    play.hear(&format!(r#"{{"header":{{"messageID":"1746840000012345678-22","type":"event","topic":"_internal.client.registered","timestamp":1746840000012}},"body":{{"brokerClientID":"wsconn-1-2","pageSessionID":"{page}","status":"registered"}}}}"#));
    assert_eq!(play.dialect(), "1.3");
    play.says(&format!("live: registered with page {page}, id wsconn-1-2"));
    let registrations = play
        .sent
        .iter()
        .filter(|text| text.contains("_client.register"));
    assert_eq!(registrations.count(), 1);
}

#[test]
fn the_probe_finds_1_1_by_the_request_that_runs_into_its_ttl() {
    let mut play = probing();
    play.pass(2 * SECOND);
    let id = play.member("wspect.probe.unused", "correlationID");
    assert!(play.newest("wspect.probe.unused").contains(r#""ttl":500"#));
    play.pass(SECOND / 2);
    play.hear(&format!(r#"{{"header":{{"messageID":"x","correlationID":"{id}","type":"error","topic":"{id}","timestamp":1}},"body":{{"error":"context deadline exceeded"}}}}"#));
    assert_eq!(play.dialect(), "1.1");
    play.says("live: usable without a registration: generation 1.1 has none");
    assert!(
        play.newest("announcements")
            .contains(r#""topic":"subscribe""#)
    );
}

#[test]
fn the_probe_of_something_that_says_nothing_ends() {
    let mut play = probing();
    play.pass(5 * SECOND);
    play.says("live: usable as far as one can tell");
    assert_eq!(play.dialect(), "");
    play.pass(60 * SECOND);
}

#[test]
fn silence_leads_to_generation_1_without_being_told() {
    let mut play = Play::speaking(Speak::Auto, "ws://h/ws");
    play.newest("system:register");
    play.pass(2 * SECOND);
    play.newest("_client.register");
    let mut play = Play::speaking(Speak::Auto, "ws://h/ws");
    play.hear(r#"{"type":"publish","topic":"t","payload":1}"#);
    play.pass(9 * SECOND);
    let first = |text: &String| text.contains("header");
    assert!(!play.sent.iter().any(first), "{:?}", play.sent);
    play.pass(2 * SECOND);
    play.says("though the broker speaks generation 2");
}

#[test]
fn a_message_of_generation_1_changes_the_whole_conversation() {
    let mut play = Play::speaking(Speak::Auto, "ws://h/ws");
    let id = play.member("system:register", "id");
    play.hear(&format!(r#"{{"id":"{id}","type":"response","topic":"system:register","payload":{{"serverAssignedId":"a"}}}}"#));
    play.hear(r#"{"header":{"messageID":"211304.582113","type":"event","topic":"server.tick","timestamp":1},"body":1}"#);
    play.says("the server speaks generation 1, and from here on so do we");
    assert_eq!(play.dialect(), "1.1");
    assert!(play.newest("announcements").contains("header"));
}

#[test]
fn what_is_told_holds_and_the_contradiction_is_said_once() {
    let mut play = Play::told(Dialect::G2_3);
    let tick =
        r#"{"header":{"messageID":"211304.582113","type":"event","topic":"t","timestamp":1}}"#;
    play.hear(tick);
    play.hear(tick);
    let said = play
        .said
        .iter()
        .filter(|text| text.contains("was told and is spoken on"));
    assert_eq!(said.count(), 1);
    assert_eq!(play.dialect(), "2.3");
}

#[test]
fn another_generation_by_hand_registers_again_in_its_form() {
    let mut play = Play::told(Dialect::G2_3);
    play.tell(Command::Steer(Order::Speak(Dialect::G1_3)));
    play.newest("_client.register");
    assert_eq!(play.dialect(), "1.3");
    play.tell(Command::Steer(Order::Probe));
    assert!(play.sent.last().unwrap().contains("system:list_clients"));
    assert!(!play.sent.last().unwrap().contains("header"));
}

#[test]
fn in_1_1_and_2_0_nothing_is_registered() {
    for (dialect, subscribe) in [
        (Dialect::G1_1, r#""type":"subscribe""#),
        (Dialect::G1_0, r#""topic":"server:announcements""#),
        (Dialect::G2_0, "subscribe_request"),
    ] {
        let play = Play::told(dialect);
        play.says("live: usable without a registration");
        assert!(!play.sent.iter().any(|text| text.contains("register")));
        assert!(play.newest("announcements").contains(subscribe));
    }
}

#[test]
fn in_1_3_a_subscription_stays_here() {
    let mut play = Play::told(Dialect::G1_3);
    play.pass(11 * SECOND);
    play.says("live: usable as far as one can tell");
    assert!(!play.sent.iter().any(|text| text.contains("announcements")));
    play.tell(Command::Subscribe { topic: "t".into() });
    play.says("no subscriptions on the wire");
}
