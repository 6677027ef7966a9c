//! The broker panel: what its keys send, and where they lead.

use super::*;
use crate::protocol::Command;
use crate::protocol::websocketmq::{
    Answer, CallState, Order as Steer, Picture, Subscription, Topic,
};
use crate::tui::composer::kind::Kind;
use crate::tui::sample::{HELD, OWN, PAGE};
use crate::tui::state::broker::{self, CallName, Section};

fn opened(keys: &str) -> Stage {
    let mut stage = Stage::broker(120, 40);
    stage.keys("B");
    stage.keys(keys);
    stage
}

/// The commands session 1 was told to send.
fn sent(stage: &Stage) -> Vec<&Command> {
    let commands = stage.effects.iter().filter_map(|effect| match effect {
        Effect::Order {
            session: SessionId(1),
            order: Order::Send(command),
        } => Some(command),
        _ => None,
    });
    commands.collect()
}

fn document(stage: &Stage) -> String {
    let tab = stage.state.tab().unwrap();
    assert!(stage.state.is_composing());
    tab.composer.document(&tab.terms)
}

#[test]
fn it_opens_on_the_call_that_waits_also_from_another_session() {
    for keys in ["", "2"] {
        let mut stage = Stage::broker(120, 40);
        stage.keys(keys);
        stage.keys("B");
        assert_eq!(stage.state.active, 0);
        let panel = &stage.state.tab().unwrap().broker;
        assert_eq!(panel.section, Section::Calls);
        assert_eq!(panel.call, Some(CallName::Call(HELD.1)));
    }
}

#[test]
fn a_session_without_a_broker_says_so() {
    let mut stage = Stage::live(120, 40);
    stage.keys("B");
    assert!(stage.state.overlays.is_empty());
    let notice = stage.state.notices.iter().next_back().unwrap();
    assert!(notice.text.contains("speaks Raccoon"), "{}", notice.text);
}

#[test]
fn a_topic_is_subscribed_to_or_given_up() {
    for (name, expected) in [
        ("chat.room1", "unsubscribe"),
        ("orders.#", "subscribe"),
        ("prices.eur", "unsubscribe"),
        ("system:hot_reload", "subscribe"),
    ] {
        let mut stage = opened("tab");
        stage.state.tab_mut().unwrap().broker.topic = Some(name.to_owned());
        stage.keys("s");
        let commands = sent(&stage);
        let names: Vec<_> = commands.iter().map(|command| command.name()).collect();
        assert_eq!(names, [expected], "{name}");
    }
}

#[test]
fn a_typed_topic_is_taken_letter_by_letter() {
    let mut stage = opened("tab n");
    stage.text("a *");
    stage.keys("enter");
    let expected = Command::Subscribe {
        topic: "a *".to_owned(),
    };
    assert_eq!(sent(&stage), [&expected]);
    assert!(matches!(stage.state.overlays.last(), Some(Overlay::Broker)));
}

#[test]
fn the_diagnostics_topics_are_asked_for_once() {
    let mut stage = opened("D");
    let topics: Vec<_> = sent(&stage)
        .into_iter()
        .map(|command| match command {
            Command::Subscribe { topic } => topic.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    // The fourth is subscribed.
    assert_eq!(
        topics,
        [
            "system:client_error",
            "system:hotreload_ready",
            "system:hot_reload"
        ]
    );
    stage.effects.clear();
    stage.pictured(|picture| {
        let held = |name: &&str| Topic {
            name: (*name).to_owned(),
            subscription: Subscription::Held,
            ..Topic::default()
        };
        let all = crate::protocol::websocketmq::conventions::DIAGNOSTICS;
        picture.topics = all.iter().map(held).collect();
    });
    stage.keys("D");
    assert!(sent(&stage).is_empty());
}

#[test]
fn the_composer_opens_with_the_like_of_what_came_last() {
    let stage = opened("tab down p");
    assert_eq!(stage.state.tab().unwrap().composer.kind(), Kind::Publish);
    let text = document(&stage);
    assert!(
        text.contains("\"chat.room1\"") && text.contains("\"text\""),
        "{text}"
    );
    let mut stage = opened("tab down r");
    assert_eq!(stage.state.tab().unwrap().composer.kind(), Kind::Request);
    stage.keys("esc B tab");
    let panel = &stage.state.tab().unwrap().broker;
    assert_eq!(
        panel.topic.as_deref(),
        Some("chat.room1"),
        "the panel is as it was left"
    );
}

#[test]
fn a_call_is_refused_left_silent_or_answered_in_the_composer() {
    for (key, answer) in [("x", Answer::Unhandled), ("i", Answer::Silence)] {
        let stage = opened(key);
        let [
            Command::Reply {
                id,
                topic,
                answer: given,
            },
        ] = sent(&stage)[..]
        else {
            panic!("{key}: {:?}", stage.effects);
        };
        assert_eq!((&**id, &**topic), ("d0d3", "client:get_status"));
        assert_eq!(*given, answer);
    }
    let text = document(&opened("a"));
    assert!(
        text.contains("\"d0d3\"") && text.contains("client:get_status"),
        "{text}"
    );
}

#[test]
fn where_the_selected_one_cannot_be_answered_the_call_that_waits_is_meant() {
    let mut stage = opened("");
    stage.state.tab_mut().unwrap().broker.call = Some(CallName::Proxied(1));
    stage.keys("a");
    let text = document(&stage);
    assert!(text.contains("\"d0d3\""), "{text}");
}

#[test]
fn a_call_that_is_over_is_not_answered_again() {
    for state in [
        CallState::Answered(Duration::from_millis(1)),
        CallState::Expired,
        CallState::Cut,
    ] {
        let mut stage = opened("");
        stage.pictured(|picture| {
            let mut calls = picture.calls.to_vec();
            calls[2].state = state.clone();
            picture.calls = calls.into();
        });
        stage.keys("x a");
        assert!(
            sent(&stage).is_empty() && !stage.state.is_composing(),
            "{state:?}"
        );
    }
}

#[test]
fn the_round_trip_calls_ourselves_and_shows_the_newest_call() {
    let stage = opened("shift-tab s");
    let [Command::Request { topic, payload, .. }] = sent(&stage)[..] else {
        panic!("{:?}", stage.effects);
    };
    assert_eq!(topic, "system:proxy");
    let payload = String::from_utf8_lossy(payload.as_ref().unwrap());
    assert!(payload.contains(OWN), "{payload}");
    let panel = &stage.state.tab().unwrap().broker;
    assert_eq!(
        (panel.section, panel.call),
        (Section::Calls, Some(CallName::NewestProxied))
    );
}

#[test]
fn a_client_is_called_through_the_broker_in_the_composer() {
    let text = document(&opened("shift-tab c"));
    assert!(
        text.contains(PAGE) && text.contains("browser.info"),
        "{text}"
    );
}

#[test]
fn connecting_as_somebody_asks_first() {
    let mut stage = opened("shift-tab C");
    assert!(matches!(
        stage.state.overlays.last(),
        Some(Overlay::Confirm(_))
    ));
    stage.keys("y");
    let started = stage.effects.iter().find_map(|effect| match effect {
        Effect::Start { target, .. } => Some(target.as_str()),
        _ => None,
    });
    let expected = format!("ws://127.0.0.1:8081/wsmq?client_id={PAGE}");
    assert_eq!(started, Some(&*expected));
}

#[test]
fn connecting_as_somebody_with_secrets_in_play_copies_a_command() {
    let mut stage = opened("");
    let mut secrets = crate::profile::Secrets::default();
    secrets.add("s3cr3t-v4lue");
    stage.state.tabs[0].secrets = std::sync::Arc::new(secrets);
    stage.keys("shift-tab C y");
    let copied = stage.effects.iter().any(
        |effect| matches!(effect, Effect::Copy(line) if line.contains("--client-id") && line.contains(PAGE)),
    );
    assert!(copied, "{:?}", stage.effects);
    assert_eq!(stage.state.tabs.len(), 2);
}

#[test]
fn watching_and_holding_turn_over() {
    for (key, expected) in [
        ("W", Steer::WatchClients(None)),
        ("H", Steer::HoldCalls(false)),
    ] {
        let stage = opened(key);
        assert_eq!(sent(&stage), [&Command::Steer(expected)]);
    }
}

#[test]
fn what_is_selected_stays_selected_while_rows_come_and_go() {
    let mut stage = opened("tab down down");
    let selected = |stage: &Stage| {
        let tab = stage.state.tab().unwrap();
        let picture = broker::picture(tab).unwrap();
        tab.broker.topic(picture).map(|topic| topic.name.clone())
    };
    assert_eq!(selected(&stage).as_deref(), Some("orders.#"));
    let more = |picture: &mut Picture| {
        let mut topics = picture.topics.to_vec();
        topics.reverse();
        topics.push(Topic {
            name: "a.first".to_owned(),
            subscription: Subscription::Held,
            ..Topic::default()
        });
        picture.topics = topics.into();
    };
    stage.pictured(more);
    assert_eq!(selected(&stage).as_deref(), Some("orders.#"));
    // Once it is gone, the line in its place is selected, and there is one whatever happens.
    stage.pictured(|picture| picture.topics = std::sync::Arc::default());
    assert_eq!(selected(&stage), None);
    stage.keys("s p enter o G g");
    stage.pictured(|_| {});
    assert!(selected(&stage).is_some());
}

#[test]
fn only_the_messages_of_a_topic_or_a_call_are_shown() {
    let shown = |stage: &mut Stage| {
        stage.settle();
        let tab = stage.state.tab().unwrap();
        let lens = tab.lens(&stage.state.store);
        lens.newest(99)
    };
    let mut stage = opened("tab");
    stage.state.tab_mut().unwrap().broker.topic = Some("chat.room1".to_owned());
    stage.keys("o");
    assert_eq!(shown(&mut stage), [7, 8]);
    // The first of our own calls.
    let mut stage = opened("");
    stage.state.tab_mut().unwrap().broker.call = Some(CallName::Proxied(1));
    stage.keys("o");
    assert_eq!(shown(&mut stage), [3, 4]);
    stage.keys("\\");
    assert_eq!(shown(&mut stage).len(), 11);
}

#[test]
fn going_to_a_topic_lands_on_its_newest_message() {
    let mut stage = opened("tab");
    stage.state.tab_mut().unwrap().broker.topic = Some("chat.room1".to_owned());
    stage.keys("enter");
    assert_eq!(super::super::events::selected(&stage.state), Some(8));
    assert_eq!(stage.state.focus, Focus::Detail);
    assert!(stage.state.overlays.is_empty());
}
