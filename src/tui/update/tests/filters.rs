//! Filters over time, both verdicts, and what we take out of the list ourselves.

use super::*;
use crate::frame::Seq;
use crate::protocol::savetowebsocket::Standing;
use crate::tui::sample::{Stage, UPDATE};
use crate::tui::state::filters::{Item, Which, items};
use crate::tui::state::judges::Mark;
use crate::tui::state::overlay::Overlay;
use crate::tui::state::why::{Subject, Told, Why};

fn visible(stage: &Stage) -> Vec<Seq> {
    let tab = stage.state.tab().unwrap();
    tab.lens(&stage.state.store).newest(50)
}

fn marks(stage: &Stage) -> Vec<(Seq, Mark)> {
    let tab = stage.state.tab().unwrap();
    (0..20)
        .filter_map(|seq| Some((seq, tab.odd.mark(seq)?)))
        .collect()
}

fn hidden(stage: &Stage) -> u64 {
    let sifting = stage.state.tab().unwrap().sifting.as_ref().unwrap();
    sifting.matches().refused()
}

fn why(stage: &Stage) -> &Why {
    match stage.state.overlays.last() {
        Some(Overlay::Why(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn told(stage: &Stage) -> &Told {
    why(stage).told.as_ref().expect("something is said")
}

fn counts(stage: &Stage) -> Vec<(Standing, u64)> {
    let counting = stage.state.tab().unwrap().counting.as_ref().unwrap();
    let counts = counting.counts().into_iter();
    counts
        .map(|(class, count)| (class.standing, count.entries))
        .collect()
}

#[test]
fn visible_events_are_judged_by_the_filters_of_their_time() {
    let mut stage = Stage::stellar(120, 40);
    // 8 is a trade the set before may have chosen; 9 comes although no type is promised; 10 is a
    // trade the server's own steps drop; 11 is promised.
    assert_eq!(
        marks(&stage),
        [(9, Mark::Undocumented), (10, Mark::Unexplained)]
    );
    // As long as nobody knows when the update took effect, no event contradicts it.
    let unsettled = stage.filtered(None);
    let next = crate::entry::Chunk::new(12, Vec::new());
    stage.deliver(1, next, Some(unsettled), None);
    stage.due(13);
    assert_eq!(marks(&stage), []);
}

#[test]
fn only_visible_events_are_judged() {
    let mut stage = Stage::stellar(80, 24);
    stage.keys("g");
    stage.due(12);
    let height = stage.state.areas().list_height() as Seq;
    assert!(marks(&stage).iter().all(|(seq, _)| *seq < height));
}

#[test]
fn what_the_documentation_would_drop_is_taken_out_and_put_back() {
    let mut stage = Stage::stellar(120, 40);
    stage.keys("D");
    stage.settle();
    assert_eq!(visible(&stage), [0, 1, 2, 3, 4, 5, 6, 7, 8, 11]);
    assert_eq!(hidden(&stage), 2);
    // Together with a filter of the user's, and the filter alone again.
    stage.keys("/");
    stage.text(".label == \"trade\"");
    stage.keys("enter");
    stage.settle();
    assert_eq!((visible(&stage), hidden(&stage)), (vec![6, 8], 2));
    stage.keys("D");
    stage.settle();
    assert_eq!(visible(&stage), [6, 8, 10]);
    stage.keys("D \\");
    assert!(stage.state.tab().unwrap().sifting.is_none());
}

#[test]
fn a_new_set_judges_what_was_taken_out_anew() {
    let mut stage = Stage::stellar(120, 40);
    stage.keys("D");
    stage.settle();
    let unsettled = stage.filtered(None);
    let next = crate::entry::Chunk::new(12, Vec::new());
    stage.deliver(1, next, Some(unsettled), None);
    stage.settle();
    assert_eq!(hidden(&stage), 0);
}

#[test]
fn stored_events_are_counted_under_the_set_that_is_picked() {
    let mut stage = Stage::stellar(120, 40);
    stage.keys("F");
    stage.settle();
    let all = items(stage.state.tab().unwrap());
    assert_eq!(all[0], Item::Set(Which::Period(UPDATE)));
    assert_eq!(all[1], Item::Set(Which::Period(1)));
    assert_eq!(
        counts(&stage),
        [
            (Standing::OnlyAsCoded, 2),
            (Standing::OnlyAsDocumented, 2),
            (Standing::Neither, 3),
            (Standing::Neither, 1),
        ]
    );
    stage.keys("down enter");
    stage.settle();
    assert_eq!(counts(&stage), [(Standing::Both, 8)]);
}

#[test]
fn from_a_count_to_its_events() {
    let mut stage = Stage::stellar(120, 40);
    stage.keys("F");
    stage.settle();
    stage.keys("down down enter");
    assert!(stage.state.overlays.is_empty());
    assert_eq!(events::selected(&stage.state), Some(9));
    stage.keys("F");
    stage.settle();
    stage.keys("down down down o");
    stage.settle();
    assert_eq!(visible(&stage), [3, 11]);
    assert_eq!(hidden(&stage), 10);
}

#[test]
fn other_systems_have_no_filters_and_are_told_so() {
    let mut stage = Stage::live(120, 40);
    for key in ["F", "w", "D", "S"] {
        stage.state.notices.dismiss();
        stage.keys(key);
        assert!(stage.state.overlays.is_empty());
        let notice = stage.state.notices.shown(stage.state.now).expect(key);
        assert!(notice.text.contains("speaks Raccoon"), "{}", notice.text);
    }
}

#[test]
fn an_event_is_explained_by_each_set_in_turn() {
    let mut stage = Stage::stellar(120, 40);
    stage.keys("up up w");
    assert!(matches!(why(&stage).subject, Subject::Entry { seq: 9, .. }));
    assert_eq!(told(&stage).by, "set 2, in force when it came");
    assert_eq!(told(&stage).standing, Standing::OnlyAsCoded);
    stage.keys("right");
    assert_eq!(told(&stage).by, "set 1");
    assert_eq!(told(&stage).standing, Standing::Both);
    stage.keys("right");
    assert_eq!(told(&stage).standing, Standing::OnlyAsCoded);
    stage.keys("f ctrl-u");
    stage.text(r#"{"types":"payment"}"#);
    stage.keys("enter");
    assert!(matches!(
        stage.state.overlays.last(),
        Some(Overlay::Prompt(_))
    ));
    stage.keys("ctrl-u");
    stage.text(r#"{"account_ids":["GA"]}"#);
    stage.keys("enter");
    assert_eq!(told(&stage).by, "filters typed here");
    assert_eq!(told(&stage).standing, Standing::OnlyAsDocumented);
    stage.keys("esc");
    assert!(stage.state.overlays.is_empty());
}

#[test]
fn an_event_that_did_not_come_is_pasted() {
    let mut stage = Stage::stellar(120, 40);
    stage.keys("w p");
    stage.input(Input::Paste("{\"type\":\n".to_owned()));
    stage.keys("enter");
    let Some(Overlay::Prompt(prompt)) = stage.state.overlays.last() else {
        panic!("it is no event");
    };
    assert!(prompt.problem.is_some());
    stage.input(Input::Paste("\"trade\"}".to_owned()));
    stage.keys("enter");
    assert_eq!(told(&stage).standing, Standing::Neither);
    assert_eq!(told(&stage).by, "set 2, in force now");
    stage.keys("ctrl-e");
    assert!(
        matches!(stage.effects.last(), Some(Effect::EditEvent(text)) if text.contains("trade"))
    );
    stage.input(Input::EventEdited(Ok(Some("no event".to_owned()))));
    assert!(told(&stage).explanation.coded.why.contains("nobody gets"));
    stage.input(Input::EventEdited(Err("the editor ended".to_owned())));
    assert!(stage.state.notices.shown(stage.state.now).is_some());
}

#[test]
fn an_event_of_a_session_that_was_not_registered_is_explained_by_that() {
    let mut stage = Stage::stellar(120, 40);
    let mut other = stage.filtered(Some(9));
    other.name = "late".to_owned();
    let mut periods = other.filters.to_vec();
    periods.remove(0);
    periods[0].at = stage.noon.after(std::time::Duration::from_mins(1));
    other.filters = periods.into();
    let chunk = crate::entry::Chunk::new(0, Vec::new());
    stage.deliver(2, chunk, Some(other), None);
    stage.keys("w v");
    assert_eq!(why(&stage).against, SessionId(2));
    let said = &told(&stage).circumstances;
    assert!(
        said.iter().any(|it| it.contains("had not registered")),
        "{said:?}"
    );
    assert_eq!(told(&stage).by, "set 1, in force now");
    stage.keys("v");
    assert_eq!(why(&stage).against, SessionId(1));
    stage.keys("v esc 2 ctrl-w");
    assert_eq!(stage.state.tabs.len(), 1);
}
