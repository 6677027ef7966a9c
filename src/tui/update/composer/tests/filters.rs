//! Filters: begun from those in force, completed, tried on events, chosen from a list, saved.

use std::sync::Arc;

use super::*;
use crate::profile::amend::Amendment;
use crate::protocol::savetowebsocket::{Filters, Period};
use crate::tui::effect::KeepJob;
use crate::tui::state::picker::Origin;

const A: &str = "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV";

fn types(words: &[&str]) -> Filters {
    Filters {
        types: words.iter().map(|word| (*word).to_owned()).collect(),
        ..Filters::default()
    }
}

/// Lets the session say that these filters are in force.
fn in_force(stage: &mut Stage, filters: Filters, confirmed: Option<u64>) {
    let mut snapshot = stage.snapshot();
    snapshot.system = Some(System::SaveToWebSocket);
    snapshot.filters = [Period {
        since: 1,
        at: stage.noon,
        filters: Arc::new(filters),
        confirmed,
        settled: confirmed,
        connection: 1,
        until: None,
    }]
    .into();
    let next = stage.state.store.timeline(SessionId(1)).unwrap().next();
    stage.deliver(1, Chunk::new(next, Vec::new()), Some(snapshot), None);
    stage.due(13);
}

fn notes(stage: &Stage) -> String {
    let notes = composer(stage).filter_notes();
    let lines = notes.iter().map(|note| note.text.as_str());
    lines.collect::<Vec<_>>().join("\n")
}

fn written(stage: &Stage) -> Filters {
    composer(stage).filters().unwrap()
}

#[test]
fn a_form_nobody_has_changed_follows_the_filters_in_force() {
    let mut stage = composing(System::SaveToWebSocket);
    assert!(
        notes(&stage).contains("by `registered`"),
        "{}",
        notes(&stage)
    );
    in_force(&mut stage, types(&["payment"]), Some(2));
    assert_eq!(written(&stage), types(&["payment"]));
    assert!(
        notes(&stage).contains("nothing changes"),
        "{}",
        notes(&stage)
    );
    stage.keys("end");
    stage.text(", trade");
    in_force(&mut stage, types(&["swap"]), Some(2));
    assert_eq!(written(&stage), types(&["payment", "trade"]));
    let notes = notes(&stage);
    assert!(
        notes.contains("types swap\ntypes payment\ntypes trade"),
        "{notes}"
    );
    assert!(notes.contains("update: not answered"), "{notes}");
}

#[test]
fn a_form_opened_when_registered_begins_with_the_filters_in_force() {
    let mut stage = Stage::live(120, 40);
    in_force(&mut stage, types(&["trade"]), None);
    stage.keys("c");
    stage.due(13);
    assert_eq!(written(&stage), types(&["trade"]));
    assert!(notes(&stage).contains("on its way"), "{}", notes(&stage));
    stage.keys("ctrl-s");
    let [Command::Register(sent)] = &sent(&mut stage)[..] else {
        panic!("no register");
    };
    assert_eq!(*sent, types(&["trade"]));
}

#[test]
fn events_that_came_tell_what_would_come_and_what_to_put_in() {
    let mut stage = composing(System::SaveToWebSocket);
    let event = format!(
        r#"{{"type":"payment","buyer_account_id":"{A}","asset_code":"native","amount":"1.0"}}"#
    );
    let next = stage.state.store.timeline(SessionId(1)).unwrap().next();
    let mut chunk = Chunk::new(next, Vec::new());
    for (at, text) in [(1, event.as_str()), (2, r#"{"sequence":1}"#)] {
        chunk.push(&stage.draft(at, Direction::In, Badge::Event, "event", text));
    }
    stage.deliver(1, chunk, None, None);
    stage.keys("alt-c");
    stage.due(15);
    assert_eq!(written(&stage), types(&["payment"]));
    let said = notes(&stage);
    assert!(
        said.starts_with(
            "of the newest 2 events here the server would send 2; documented are 1, 1 come unasked"
        ),
        "{said}"
    );
    stage.keys("tab alt-c tab alt-c");
    let filters = written(&stage);
    assert_eq!(filters.account_ids, [A]);
    assert_eq!(filters.asset_codes, ["native"]);
}

#[test]
fn a_preset_is_taken_by_its_letter_and_what_was_there_can_be_had_back() {
    let mut stage = composing(System::SaveToWebSocket);
    stage.text("mine");
    stage.keys("alt-g");
    let presets = match stage.state.overlays.last() {
        Some(Overlay::Presets { presets, .. }) => presets.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(presets[1].filters, Filters::default());
    stage.keys("3");
    assert_eq!(written(&stage), types(&["payment"]));
    stage.keys("ctrl-p");
    assert_eq!(written(&stage), types(&["mine"]));
    stage.keys("alt-g down down enter");
    assert_eq!(written(&stage), types(&["payment"]));
    let mut other = composing(System::Generic);
    other.keys("alt-g");
    assert!(matches!(
        other.state.overlays.last(),
        Some(Overlay::Compose)
    ));
}

fn kept(stage: &Stage) -> Vec<KeepJob> {
    let job = |effect: &Effect| match effect {
        Effect::Keep(job) => Some((**job).clone()),
        _ => None,
    };
    stage.effects.iter().filter_map(job).collect()
}

#[test]
fn filters_are_saved_to_the_users_own_profile_or_to_a_new_one() {
    let mut stage = composing(System::SaveToWebSocket);
    stage.text("payment");
    stage.state.tabs[0].target = "demo:stellar".to_owned();
    stage.keys("alt-k");
    assert!(kept(&stage).is_empty());
    stage.state.tabs[0].target = "staging".to_owned();
    stage.keys("alt-k");
    let job = kept(&stage).pop().unwrap();
    assert_eq!((job.target.as_str(), job.name), ("staging", None));
    assert_eq!(job.amendment, Amendment::Filters(types(&["payment"])));
    stage.state.tabs[0].target = "ws://h:1/ws".to_owned();
    stage.keys("alt-k ctrl-u");
    stage.text("staging");
    stage.keys("enter");
    assert_eq!(kept(&stage).len(), 1, "that name is taken");
    assert_eq!(stage.state.choices[2].origin, Origin::User);
    stage.text("2");
    stage.keys("enter");
    assert_eq!(kept(&stage)[1].name.as_deref(), Some("staging2"));
}

#[test]
fn filters_that_cannot_be_sent_and_secrets_are_not_saved() {
    let seed = crate::protocol::savetowebsocket::strkey::encode(
        crate::protocol::savetowebsocket::strkey::Kind::Seed,
        &[9; 32],
    );
    let mut stage = composing(System::SaveToWebSocket);
    stage.state.tabs[0].target = "staging".to_owned();
    stage.keys("tab");
    stage.text(&seed.unwrap());
    stage.due(13);
    stage.keys("alt-k");
    assert!(kept(&stage).is_empty());
    stage.keys("ctrl-u tab tab tab");
    stage.text("{oops");
    stage.due(14);
    stage.keys("alt-k");
    assert!(kept(&stage).is_empty());
}
