//! Tabs and sessions.

use super::*;

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
