use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::protocol::websocketmq::{Answer, Call, CallState, Client, Clients, Dialect, Picture};
use crate::tui::state::overlay::Overlay;

/// A live session with a broker in this state, the composer open.
pub(in crate::tui) fn conversing(stage: &mut Stage) {
    let now = stage.noon;
    let call = Call {
        number: 3,
        id: "d0d1d2d3".to_owned(),
        topic: "client:get_status".to_owned(),
        payload: Some(Bytes::from_static(br#"{"queryDetailLevel":"full"}"#)),
        seq: 1,
        at: now.after(Duration::from_secs(8)),
        due: now.after(Duration::from_secs(18)),
        state: CallState::Held,
        by: String::new(),
        proxied: None,
        digest: 0,
    };
    let browser = Client {
        id: "mwpmbtdy3tixjqz3".to_owned(),
        name: "browser-mwpmbtdy".to_owned(),
        kind: "browser".to_owned(),
        url: "http://localhost:8090/".to_owned(),
        ..Client::default()
    };
    let mut snapshot = stage.snapshot();
    snapshot.system = Some(System::WebSocketMq);
    snapshot.broker = Some(Arc::new(Picture {
        dialect: Some((Dialect::G2_3, "the answer to a probe".to_owned())),
        clients: Some(Arc::new(Clients {
            rows: vec![browser],
            ..Clients::default()
        })),
        calls: [call].into(),
        ..Picture::default()
    }));
    stage.deliver(1, Chunk::new(11, Vec::new()), Some(snapshot), None);
    stage.keys("c");
    stage.due(12);
}

fn stage() -> Stage {
    let mut stage = Stage::live(120, 40);
    conversing(&mut stage);
    stage
}

fn topics(stage: &Stage) -> Vec<&'static str> {
    match stage.state.overlays.last() {
        Some(Overlay::Conventions { all, .. }) => all.iter().map(|one| one.topic).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_topic_to_begin_with_fills_its_form() {
    let mut stage = stage();
    stage.keys("alt-g");
    assert!(topics(&stage).contains(&"browser.info"));
    stage.keys("1");
    assert_eq!(composer(&stage).kind(), Kind::Request);
    stage.keys("alt-g");
    let at = topics(&stage)
        .iter()
        .position(|topic| *topic == "browser.info")
        .unwrap();
    for _ in 0..at {
        stage.keys("down");
    }
    stage.keys("enter");
    let draft = composer(&stage).draft().unwrap();
    assert_eq!(draft.kind, Kind::Proxy);
    assert_eq!(draft.lines[0].text(), "mwpmbtdy3tixjqz3");
    stage.due(13);
    stage.keys("ctrl-s");
    let [Command::Proxy { target, topic, .. }] = &sent(&mut stage)[..] else {
        panic!("no call");
    };
    assert_eq!(
        (target.as_deref(), topic.as_str()),
        (Some("mwpmbtdy3tixjqz3"), "browser.info")
    );
}

#[test]
fn what_hurts_others_is_asked_about() {
    let mut stage = stage();
    let text = r#"{"publish": "system:hot_reload", "payload": {}}"#;
    let terms = stage.state.tab().unwrap().terms.clone();
    let tab = stage.state.tab_mut().unwrap();
    tab.composer.take_document(Kind::Publish, text, &terms);
    stage.due(13);
    stage.keys("ctrl-s");
    assert!(matches!(
        stage.state.overlays.last(),
        Some(Overlay::Confirm(_))
    ));
    assert!(sent(&mut stage).is_empty());
    stage.keys("n");
    assert!(sent(&mut stage).is_empty());
    assert!(composer(&stage).sending().is_none());
    stage.keys("ctrl-s y");
    assert!(matches!(&sent(&mut stage)[..], [Command::Publish { .. }]));
    assert_eq!(composer(&stage).place_in_history().1, 1);
}

#[test]
fn a_call_is_answered_from_the_form_it_opens() {
    let mut stage = stage();
    stage.keys("esc");
    let snapshot = stage.state.tab().unwrap().snapshot.clone().unwrap();
    let call = snapshot.broker.as_ref().unwrap().calls[0].clone();
    super::super::answer(&mut stage.state, &call);
    stage.due(13);
    assert_eq!(composer(&stage).kind(), Kind::Reply);
    assert!(body(&stage).contains("uptime"));
    stage.keys("shift-tab right tab");
    stage.text("404");
    stage.keys("tab");
    stage.text("no such topic here");
    stage.keys("ctrl-s");
    let [Command::Reply { id, topic, answer }] = &sent(&mut stage)[..] else {
        panic!("no reply");
    };
    assert_eq!(
        (id.as_str(), topic.as_str()),
        ("d0d1d2d3", "client:get_status")
    );
    let failure = Answer::Failure {
        code: 404,
        message: "no such topic here".to_owned(),
    };
    assert_eq!(*answer, failure);
}

#[test]
fn a_burst_is_handed_over_as_far_as_the_broker_keeps_it() {
    let mut stage = stage();
    let terms = stage.state.tab().unwrap().terms.clone();
    let tab = stage.state.tab_mut().unwrap();
    let text = r#"{"request": "system:get_time"}"#;
    tab.composer.take_document(Kind::Request, text, &terms);
    for (plan, count) in [("200", 15), ("200 window 4", 4), ("200 window 0", 200)] {
        stage.keys("alt-s");
        stage.text(plan);
        stage.keys("enter");
        assert_eq!(sent(&mut stage).len(), count, "{plan}");
        let waits = composer(&stage).sending().unwrap().waits_for();
        assert_eq!(waits, (count < 200).then_some(count), "{plan}");
        stage.keys("alt-x");
    }
}
