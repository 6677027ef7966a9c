//! A second connection without filters, compared with the first.

use super::*;
use crate::entry::{Badge, Chunk, Draft, EntryKind};
use crate::frame::{Direction, Seq};
use crate::protocol::savetowebsocket::shadow::Misfit;
use crate::session::Delivery;
use crate::tui::state::filters::{Item, items};

/// Passes the server's own steps under the set in force, without being promised.
const EFFECT: &str = r#"{"effect_type":"account_credited","n":1}"#;

const OF: u32 = 1;
const SHADOW: u32 = 3;

fn shadowed() -> Stage {
    let mut stage = Stage::stellar(120, 40);
    stage.keys("S");
    stage
}

/// An event that many seconds past noon, as entry `seq` of a session.
fn event(stage: &mut Stage, session: u32, seq: Seq, seconds: u64, payload: &str) {
    let mut chunk = Chunk::new(seq, Vec::new());
    let (badge, label) = match payload {
        "registered" => (Badge::Registered, "everything"),
        _ => (Badge::Event, "event"),
    };
    chunk.push(&stage.draft(seconds * 1_000, Direction::In, badge, label, payload));
    stage.deliver(session, chunk, None, None);
    stage.settle();
}

fn found(stage: &Stage, misfit: Misfit) -> u64 {
    let shadow = stage.state.tabs[0].shadow.as_ref().expect("it has one");
    shadow.tally().of(misfit)
}

fn notices(stage: &Stage) -> Vec<&str> {
    let all = stage.state.notices.iter();
    all.map(|notice| notice.text.as_str()).collect()
}

#[test]
fn one_shadow_beside_a_session_until_it_is_ended() {
    let mut stage = shadowed();
    assert!(matches!(
        stage.effects.last(),
        Some(Effect::Shadow {
            session: SessionId(SHADOW),
            of: SessionId(OF)
        })
    ));
    assert_eq!(stage.state.tabs[1].shadow_of, Some(SessionId(OF)));
    assert_eq!((stage.state.tabs.len(), stage.state.active), (3, 0));
    stage.effects.clear();
    stage.keys("S");
    assert!(matches!(
        stage.effects[..],
        [Effect::End(SessionId(SHADOW))]
    ));
    assert_eq!(stage.state.tabs.len(), 3, "what it received stays");
    stage.effects.clear();
    stage.keys("S");
    assert!(matches!(
        stage.effects[..],
        [Effect::Shadow {
            session: SessionId(4),
            ..
        }]
    ));
    assert_eq!(stage.state.tabs.len(), 3, "the new one takes its place");
    // From the shadow's own tab it is ended, not shadowed in turn.
    stage.effects.clear();
    stage.keys("2 S");
    assert!(matches!(stage.effects[..], [Effect::End(SessionId(4))]));
}

#[test]
fn what_comes_on_one_side_only_is_told() {
    let mut stage = shadowed();
    event(&mut stage, SHADOW, 0, 13, "registered");
    event(&mut stage, SHADOW, 1, 20, EFFECT);
    event(&mut stage, OF, 12, 20, EFFECT);
    event(&mut stage, SHADOW, 2, 21, r#"{"effect_type":"lost"}"#);
    stage.due(22);
    assert_eq!(found(&stage, Misfit::Missing), 0, "it may still come");
    stage.due(40);
    assert_eq!(found(&stage, Misfit::Missing), 1);
    assert_eq!(found(&stage, Misfit::Undocumented), 1);
    let told = notices(&stage);
    assert!(
        told.iter()
            .any(|it| it.contains("shadow: 1 event should have come")),
        "{told:?}"
    );
    let count = told.len();
    stage.due(41);
    assert_eq!(notices(&stage).len(), count, "told once");
    // From the panel one goes to the event, which lies in the shadow's tab.
    stage.keys("F");
    stage.settle();
    let all = items(stage.state.tab().unwrap());
    let wanted = Item::Misfit {
        session: SessionId(SHADOW),
        seq: 2,
    };
    let at = all.iter().position(|item| *item == wanted).expect("listed");
    assert_eq!(
        at,
        all.len() - 1,
        "what is merely undocumented is not listed"
    );
    stage.keys(&"down ".repeat(at));
    stage.keys("enter");
    assert_eq!(stage.state.active, 1);
    assert_eq!(events::selected(&stage.state), Some(2));
    // There it is held against the filters that should have let it through.
    stage.keys("w");
    let Some(Overlay::Why(why)) = stage.state.overlays.last() else {
        panic!("both verdicts are on screen");
    };
    assert_eq!(why.against, SessionId(OF));
}

#[test]
fn a_shadow_ends_with_its_session_and_is_not_dialed_again() {
    let mut stage = shadowed();
    stage.effects.clear();
    let mut last = Delivery::new(SessionId(OF), Chunk::new(12, Vec::new()));
    last.last = true;
    stage.input(Input::Delivered(Box::new(last)));
    assert!(matches!(
        stage.effects[..],
        [Effect::End(SessionId(SHADOW))]
    ));

    let mut stage = shadowed();
    stage.effects.clear();
    let mut chunk = Chunk::new(0, Vec::new());
    chunk.push(&Draft {
        kind: EntryKind::Lifecycle,
        ..stage.draft(14_000, Direction::In, Badge::State, "failed", "{}")
    });
    let mut last = Delivery::new(SessionId(SHADOW), chunk);
    last.last = true;
    stage.input(Input::Delivered(Box::new(last)));
    assert!(effect_names(&stage).iter().all(|name| name != "Shadow"));
    assert!(notices(&stage).last().unwrap().contains("not dialed again"));
    assert!(stage.state.tabs[0].shadow.as_ref().unwrap().over);
}

#[test]
fn closing_either_tab_ends_the_comparison() {
    let mut stage = shadowed();
    stage.keys("2 ctrl-w");
    assert!(stage.state.tabs[0].shadow.is_none());
    let mut stage = shadowed();
    stage.effects.clear();
    stage.keys("ctrl-w");
    assert!(matches!(
        stage.effects[..],
        [Effect::End(SessionId(OF)), Effect::End(SessionId(SHADOW))]
    ));
    assert_eq!(stage.state.tabs[0].shadow_of, None);
}

#[test]
fn a_shadow_needs_a_session_that_lives() {
    let mut stage = Stage::stellar(120, 40);
    let mut waiting = stage.filtered(Some(9));
    waiting.state = crate::session::State::Waiting;
    stage.deliver(1, Chunk::new(12, Vec::new()), Some(waiting), None);
    stage.effects.clear();
    stage.keys("S");
    assert!(stage.effects.is_empty());
    assert_eq!(stage.state.tabs.len(), 2);
}
