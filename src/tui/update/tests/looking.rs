//! Filters and searches.

use super::*;

fn filter(stage: &mut Stage, text: &str) {
    stage.keys("/ ctrl-u");
    stage.text(text);
    stage.keys("enter");
    stage.settle();
}

#[test]
fn a_filter_shows_what_passes_and_what_comes_and_passes() {
    let mut stage = Stage::live(80, 24);
    filter(&mut stage, ".badge == \"ack\" or .badge == \"event\"");
    assert_eq!(visible(&stage), [2, 4, 5]);
    stage.more(2);
    stage.settle();
    assert_eq!(visible(&stage), [2, 4, 5, 11, 12]);
    stage.keys("up up");
    assert_eq!(events::selected(&stage.state), Some(5));
    stage.keys("\\");
    assert_eq!(visible(&stage).len(), 13);
    assert_eq!(events::selected(&stage.state), Some(5));
}

#[test]
fn a_filter_looks_into_decoded_bodies() {
    let mut stage = Stage::live(80, 24);
    filter(&mut stage, ".body.events[0].at == 6");
    assert_eq!(visible(&stage), [6]);
}

#[test]
fn what_is_wrong_with_a_filter_shows_as_it_is_typed_and_keeps_the_prompt() {
    let mut stage = Stage::live(80, 24);
    let problem = |stage: &Stage| match stage.state.overlays.last() {
        Some(Overlay::Prompt(prompt)) => prompt.problem.is_some(),
        other => panic!("{other:?}"),
    };
    stage.keys("/");
    for (text, wrong) in [(".badge", false), (" == ", true), ("1", false), (")", true)] {
        stage.text(text);
        assert_eq!(problem(&stage), wrong, "{text}");
    }
    stage.keys("enter");
    assert!(problem(&stage));
    stage.keys("backspace enter");
    assert!(stage.state.overlays.is_empty());
    stage.keys("/ ctrl-u up");
    assert_eq!(stage.state.line_mut().unwrap().text(), ".badge == 1");
    stage.keys("ctrl-u enter");
    assert!(stage.state.tab().unwrap().sifting.is_none());
}

#[test]
fn a_field_becomes_a_condition_beside_the_filter_in_force() {
    let mut stage = Stage::live(80, 24);
    filter(&mut stage, ".dir == \"out\"");
    stage.keys("enter");
    stage.due(12);
    stage.keys("down f");
    let line = stage.state.line_mut().unwrap();
    assert_eq!(
        line.text(),
        ".dir == \"out\" and .body.req_guid == \"55F648D1\""
    );
    stage.keys("enter");
    stage.settle();
    assert_eq!(visible(&stage), [1, 3, 6, 10]);
}

#[test]
fn a_new_decoder_filters_again() {
    let mut stage = Stage::live(80, 24);
    filter(&mut stage, ".body.req_guid != null");
    assert_eq!(visible(&stage).len(), 9);
    let nothing = crate::entry::Chunk::new(11, Vec::new());
    stage.deliver(
        1,
        nothing,
        None,
        Some(std::sync::Arc::new(crate::tui::sample::Blank)),
    );
    stage.settle();
    assert_eq!(visible(&stage), Vec::<u64>::new());
}

#[test]
fn a_search_goes_from_hit_to_hit_and_around_the_end() {
    let mut stage = Stage::live(80, 24);
    stage.keys("s");
    stage.text("click");
    stage.keys("enter");
    stage.settle();
    // The newest entry has it already.
    assert_eq!(events::selected(&stage.state), Some(10));
    for (key, expected) in [("N", 7), ("N", 6), ("n", 7), ("n", 10), ("n", 1), ("N", 10)] {
        stage.keys(key);
        stage.settle();
        assert_eq!(events::selected(&stage.state), Some(expected), "{key}");
    }
}

#[test]
fn a_search_passes_what_the_filter_hides_and_says_when_there_is_nothing() {
    let mut stage = Stage::live(80, 24);
    filter(&mut stage, ".badge == \"ack\"");
    for (text, expected) in [("ok", 5), ("click", 5)] {
        stage.keys("s");
        stage.text(text);
        stage.keys("enter");
        stage.settle();
        assert_eq!(events::selected(&stage.state), Some(expected), "{text}");
    }
    let notice = stage.state.notices.shown(stage.state.now).unwrap();
    assert_eq!(notice.text, "`click` is nowhere");
}

#[test]
fn a_busy_worker_is_asked_again_later() {
    let mut stage = Stage::live(80, 24);
    stage.keys("/");
    stage.text(".dir == \"in\"");
    stage.keys("enter");
    let Some(Effect::Look(task)) = stage.effects.pop() else {
        panic!("nothing to look at");
    };
    stage.input(Input::Unanswered(task.job()));
    assert_eq!(effect_names(&stage), Vec::<String>::new());
    stage.due(13);
    assert_eq!(effect_names(&stage), ["Look"]);
}
