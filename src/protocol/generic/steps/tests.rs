use std::time::Duration;

use super::*;
use crate::frame::FrameKind;
use crate::transport::clock;

fn step(send: Option<&str>, expect: Option<&str>) -> Step {
    Step {
        send: send.map(str::to_owned),
        expect: expect.map(str::to_owned),
        within: Duration::from_secs(5),
    }
}

fn frame(at: Stamp, direction: Direction, text: &str) -> Frame<'_> {
    Frame {
        seq: 0,
        at,
        direction,
        kind: FrameKind::Text,
        payload: text.as_bytes(),
    }
}

fn lives(out: &Outbox) -> bool {
    matches!(out.milestones.last(), Some(Milestone::Live(_)))
}

fn failure(out: &Outbox) -> &str {
    match out.milestones.last() {
        Some(Milestone::Failed(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_steps_the_connection_is_live_at_once() {
    let mut out = Outbox::default();
    let mut steps = Steps::new(Vec::new());
    steps.begin(clock::now(), &mut out);
    assert!(lives(&out) && steps.over());
}

#[test]
fn each_step_waits_for_what_it_expects() {
    let now = clock::now();
    let mut steps = Steps::new(vec![
        step(Some("hello"), None),
        step(Some("login"), Some(".ok == true")),
        step(Some("sub"), Some(r#".op == "subscribed""#)),
    ]);
    let mut out = Outbox::default();
    steps.begin(now, &mut out);
    assert_eq!(out.sends.len(), 2);
    assert_eq!(out.deadlines[0].0, "step 2 of 3");

    let mut out = Outbox::default();
    for text in ["hello", "login"] {
        assert!(steps.take(&frame(now, Direction::Out, text), &mut out));
    }
    assert!(!steps.take(&frame(now, Direction::Out, "typed by hand"), &mut out));
    for text in [r#"{"ok":false}"#, "not json", r#"{"op":"subscribed"}"#] {
        assert!(!steps.take(&frame(now, Direction::In, text), &mut out));
    }
    assert!(out.is_empty());
    assert!(steps.take(&frame(now, Direction::In, r#"{"ok":true}"#), &mut out));
    assert_eq!(out.sends.len(), 1);
    assert!(!lives(&out));
    assert!(steps.take(
        &frame(now, Direction::In, r#"{"op":"subscribed"}"#),
        &mut out
    ));
    assert!(lives(&out));
    assert!(!steps.over(), "the last message has not been seen leaving");
    assert!(steps.take(&frame(now, Direction::Out, "sub"), &mut out));
    assert!(steps.over());
}

#[test]
fn a_step_not_met_in_time_fails_for_good() {
    let now = clock::now();
    let mut steps = Steps::new(vec![step(None, Some(".ready"))]);
    let mut out = Outbox::default();
    steps.begin(now, &mut out);
    let mut out = Outbox::default();
    steps.elapsed(now.after(Duration::from_secs(4)), &mut out);
    assert!(out.is_empty());
    steps.elapsed(now.after(Duration::from_secs(5)), &mut out);
    let why = failure(&out);
    assert!(
        why.contains("step 1 of 1") && why.contains(".ready") && why.contains("5s"),
        "{why}"
    );
    let mut out = Outbox::default();
    assert!(!steps.take(&frame(now, Direction::In, r#"{"ready":true}"#), &mut out));
    assert!(out.is_empty());
}

#[test]
fn what_is_no_expression_fails_before_it_is_waited_for() {
    let mut out = Outbox::default();
    Steps::new(vec![step(Some("x"), Some("(("))]).begin(clock::now(), &mut out);
    assert!(failure(&out).contains("`((`"));
    assert!(out.sends.is_empty());
}
