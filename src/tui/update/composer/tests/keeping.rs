//! Completing, saving, sending many, sending again.

use super::*;
use crate::saved::Listed;
use crate::tui::effect::ShelfJob;
use crate::tui::input::Shelved;

#[test]
fn what_fits_at_the_cursor_is_put_in() {
    let mut stage = composing(System::Raccoon);
    stage.keys("ctrl-u ctrl-k");
    let all = body(&stage).len();
    for _ in 0..all {
        stage.keys("delete");
    }
    for _ in 0..all {
        stage.keys("backspace");
    }
    stage.text("{}");
    stage.keys("left alt-c");
    assert_eq!(body(&stage), "{\"button\": \"\"}");
    stage.text("x");
    stage.keys("right ctrl-space");
    assert_eq!(body(&stage), "{\"button\": \"x\", \"at\": \"${now}\"}");
    stage.keys("right");
    stage.text(", dev");
    stage.keys("alt-c alt-c");
    assert!(
        body(&stage).contains("\"device\": \"DEVICE_PHONE\""),
        "{}",
        body(&stage)
    );
    stage.due(13);
    assert!(
        matches!(composer(&stage).verdict(), Some(Ok(_))),
        "{}",
        body(&stage)
    );
}

fn shelf_jobs(stage: &mut Stage) -> Vec<ShelfJob> {
    let effects = std::mem::take(&mut stage.effects);
    let job = |effect| match effect {
        Effect::Shelf(job) => Some(job),
        _ => None,
    };
    effects.into_iter().filter_map(job).collect()
}

fn kept(name: &str, head: &str) -> Listed {
    Listed {
        name: name.to_owned(),
        size: 80,
        changed: None,
        head: head.to_owned(),
    }
}

#[test]
fn a_document_is_saved_under_a_name_and_opened_again() {
    let mut stage = composing(System::Raccoon);
    stage.text("buy");
    stage.keys("alt-w");
    stage.text("two/");
    stage.keys("enter");
    assert_eq!(shelf_jobs(&mut stage), [ShelfJob::List]);
    assert!(matches!(
        stage.state.overlays.last(),
        Some(Overlay::Prompt(_))
    ));
    stage.keys("backspace enter");
    let jobs = shelf_jobs(&mut stage);
    let [ShelfJob::Save { name, text, .. }] = &jobs[..] else {
        panic!("{jobs:?}");
    };
    assert_eq!(name, "two");
    assert!(text.contains("\"button\": \"buy\""), "{text}");
    let saved = vec![kept("one", "{}"), kept("two", "{ \"events\"")];
    stage.input(Input::Shelved(Ok(Shelved::Saved {
        session: SessionId(1),
        name: "two".to_owned(),
        path: "/tmp/two.json".to_owned(),
        saved,
    })));
    assert_eq!(composer(&stage).saved_as(), Some("two"));
    let text = text.clone();
    // Something else is written, and what was saved is opened over it.
    stage.keys("alt-right");
    stage.text("draft");
    stage.keys("alt-o");
    stage.text("event");
    stage.keys("enter");
    let jobs = shelf_jobs(&mut stage);
    let load = ShelfJob::Load {
        session: SessionId(1),
        name: "two".to_owned(),
    };
    assert_eq!(jobs, [ShelfJob::List, load]);
    stage.input(Input::Shelved(Ok(Shelved::Loaded {
        session: SessionId(1),
        name: "two".to_owned(),
        text: format!("{text}\n"),
    })));
    assert_eq!(composer(&stage).kind(), Kind::Batch);
    assert!(body(&stage).contains("buy"));
    stage.keys("alt-right");
    assert_eq!(body(&stage), "draft");
}

#[test]
fn saved_documents_are_renamed_copied_and_deleted_after_a_second_word() {
    let mut stage = composing(System::Raccoon);
    stage.state.saved = vec![kept("one", "{}"), kept("two", "{}")];
    stage.keys("alt-o down alt-r");
    stage.text("!");
    stage.keys("enter alt-d enter ctrl-x");
    let mut jobs = shelf_jobs(&mut stage);
    jobs.remove(0);
    let (old, new) = ("two".to_owned(), "two!".to_owned());
    let rename = ShelfJob::Rename { old, new };
    let (old, new) = ("two".to_owned(), "two copy".to_owned());
    assert_eq!(jobs, [rename, ShelfJob::Duplicate { old, new }]);
    stage.keys("up down ctrl-x");
    assert!(shelf_jobs(&mut stage).is_empty());
    stage.keys("ctrl-x");
    let name = "two".to_owned();
    assert_eq!(shelf_jobs(&mut stage), [ShelfJob::Delete { name }]);
    stage.input(Input::Shelved(Ok(Shelved::Changed {
        sentence: "two is deleted".to_owned(),
        renamed: None,
        saved: vec![kept("one", "{}")],
    })));
    stage.keys("enter");
    assert!(matches!(&shelf_jobs(&mut stage)[..], [ShelfJob::Load { name, .. }] if name == "one"));
}

#[test]
fn many_are_made_in_portions_and_stopped() {
    let mut stage = composing(System::Raccoon);
    stage.keys("alt-s");
    stage.text("ten");
    stage.keys("enter");
    assert!(matches!(
        stage.state.overlays.last(),
        Some(Overlay::Prompt(_))
    ));
    stage.keys("ctrl-u");
    stage.text("2000");
    stage.keys("enter");
    let first = sent(&mut stage);
    assert!(!first.is_empty() && first.len() < 2_000, "{}", first.len());
    assert!(stage.state.is_sending());
    // The queue takes none of them now, and they are not lost.
    stage.input(Input::Unfed {
        session: SessionId(1),
        commands: first.clone(),
        why: None,
    });
    stage.input(Input::Pump(stage.noon));
    let again = sent(&mut stage);
    assert_eq!(again[..first.len()], first[..]);
    stage.keys("ctrl-s");
    assert!(sent(&mut stage).is_empty());
    stage.keys("alt-x");
    stage.input(Input::Pump(stage.noon));
    assert!(sent(&mut stage).is_empty() && !stage.state.is_sending());
    let stopped = composer(&stage).sending().unwrap().stopped();
    assert_eq!(stopped, Some("you stopped it"));
}

#[test]
fn what_was_sent_is_sent_again_as_it_was_or_fresh() {
    let mut stage = composing(System::Raccoon);
    let bytes = br#"{"req_guid":"g-1","sent_time":{"seconds":5},"events":[]}"#;
    let text = std::str::from_utf8(bytes).unwrap();
    let mut chunk = Chunk::new(11, Vec::new());
    for _ in 0..2 {
        chunk.push(&stage.draft(1_000, Direction::Out, Badge::Batch, "empty", text));
    }
    stage.deliver(1, chunk, None, None);
    stage.keys("esc G R a");
    let [Command::Batch(batch)] = &sent(&mut stage)[..] else {
        panic!("no batch");
    };
    assert_eq!((batch.guid.as_str(), &batch.bytes[..]), ("g-1", &bytes[..]));
    stage.keys("m k m R f");
    let fresh = sent(&mut stage);
    let guids: Vec<_> = fresh
        .iter()
        .map(|command| match command {
            Command::Batch(batch) => batch.guid.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(matches!(guids[..], [one, other] if one != other && one.len() == 36));
    stage.keys("R s");
    let [Effect::Copy(command)] = &stage.effects[..] else {
        panic!("{:?}", stage.effects);
    };
    assert!(command.starts_with("wspect send "), "{command}");
    assert_eq!(
        command.matches(r#"{"raw": {"req_guid":"g-1""#).count(),
        2,
        "{command}"
    );
}
