//! Choosing what events of a type are decoded as, and saving that.

use super::*;
use crate::profile::amend::Amendment;
use crate::schema::TypeRule;
use crate::tui::effect::KeepJob;
use crate::tui::state::decode_as::DecodeAs;

fn choice(stage: &Stage) -> &DecodeAs {
    match stage.state.overlays.last() {
        Some(Overlay::DecodeAs(choice)) => choice,
        other => panic!("{other:?} is on top"),
    }
}

/// The remark on the first event of the selected batch.
fn read_as(stage: &mut Stage) -> String {
    stage.due(13);
    let decoded = stage.state.tabs[0].detail.decoded().unwrap();
    let mut items = (0..decoded.tree.len()).filter_map(|index| decoded.tree.item(index));
    let event = items.find(|item| item.depth == 2 && item.name == "0");
    event.unwrap().hint.clone().unwrap()
}

fn kept(stage: &Stage) -> Vec<KeepJob> {
    let kept = stage.effects.iter().filter_map(|effect| match effect {
        Effect::Keep(job) => Some((**job).clone()),
        _ => None,
    });
    kept.collect()
}

#[test]
fn a_choice_counts_at_once_for_what_is_shown_and_what_is_sent() {
    let mut stage = Stage::live(120, 40);
    stage.batch();
    assert_eq!(read_as(&mut stage), "order_v2 · schema-less");
    stage.keys("a");
    assert_eq!(choice(&stage).event_type, "order_v2");
    let best = choice(&stage).chosen().unwrap();
    assert_eq!(best.title, "demo.PurchaseEvent", "{}", best.remark);
    stage.keys("enter");
    assert!(stage.state.overlays.is_empty());
    assert_eq!(read_as(&mut stage), "order_v2 · demo.PurchaseEvent (exact)");
    assert_eq!(effect_names(&stage), ["Order"]);
    let terms = &stage.state.tabs[0].terms;
    assert!(terms.schema.message_for("order_v2").is_some());
    stage.keys("a");
    stage.text("schema-less");
    stage.keys("enter");
    assert_eq!(read_as(&mut stage), "order_v2 · schema-less (exact)");
    assert!(kept(&stage).is_empty(), "nothing was asked to be saved");
}

#[test]
fn the_cursor_says_which_event_is_meant_and_stays_where_it_is() {
    let mut stage = Stage::live(120, 40);
    stage.batch();
    stage.keys("G");
    let cursor = stage.state.tabs[0].detail.cursor;
    stage.keys("a");
    assert_eq!(choice(&stage).event_type, "page");
    assert_eq!(choice(&stage).now, "demo.PageEvent (exact)");
    assert_eq!(choice(&stage).chosen().unwrap().title, "json");
    stage.keys("enter");
    stage.due(13);
    assert_eq!(stage.state.tabs[0].detail.cursor, cursor);
}

#[test]
fn saving_goes_to_the_users_own_profile() {
    let mut stage = Stage::live(120, 40);
    stage.state.tabs[0].target = "staging".to_owned();
    stage.batch();
    stage.keys("a ctrl-s");
    assert_eq!(
        kept(&stage),
        [KeepJob {
            session: SessionId(1),
            target: "staging".to_owned(),
            name: None,
            amendment: Amendment::Rule(TypeRule::message("order_v2", "demo.PurchaseEvent")),
        }]
    );
}

#[test]
fn what_is_no_profile_of_the_users_own_is_given_a_name_once() {
    let mut stage = Stage::live(120, 40);
    stage.state.tabs[0].target = "raccoon".to_owned();
    stage.batch();
    stage.keys("a ctrl-s");
    assert_eq!(choice(&stage).naming.as_ref().unwrap().text(), "raccoon");
    stage.keys("esc");
    assert!(choice(&stage).naming.is_none());
    stage.keys("ctrl-s ctrl-u enter");
    assert!(kept(&stage).is_empty(), "a profile has a name");
    stage.text("mine");
    stage.keys("enter");
    assert_eq!(kept(&stage)[0].name.as_deref(), Some("mine"));
    stage.input(Input::Kept {
        session: SessionId(1),
        result: Ok(("mine".to_owned(), "saved to mine.toml".to_owned())),
    });
    stage.due(13);
    stage.keys("a ctrl-s");
    let again = kept(&stage).pop().unwrap();
    assert_eq!((again.target.as_str(), again.name), ("mine", None));
}

#[test]
fn a_demo_keeps_nothing_and_says_so() {
    let mut stage = Stage::live(120, 40);
    stage.batch();
    stage.keys("a ctrl-s");
    assert!(kept(&stage).is_empty());
    let notice = stage.state.notices.iter().next_back().unwrap();
    assert!(
        notice.text.contains("used for this session"),
        "{}",
        notice.text
    );
    assert_eq!(read_as(&mut stage), "order_v2 · demo.PurchaseEvent (exact)");
}

#[test]
fn an_entry_without_events_has_no_choice() {
    let mut stage = Stage::live(120, 40);
    stage.keys("g enter");
    stage.due(12);
    stage.keys("a");
    assert!(stage.state.overlays.is_empty());
    let notice = stage.state.notices.iter().next_back().unwrap();
    assert!(notice.text.contains("no events"), "{}", notice.text);
}
