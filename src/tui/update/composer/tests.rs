pub(in crate::tui) mod broker;
mod filters;
mod keeping;

use super::*;
use crate::entry::{Badge, Chunk};
use crate::frame::Direction;
use crate::protocol::{Command, CommandError, Outgoing};
use crate::session::{Delivery, Rejection};
use crate::tui::composer::draft::Slot;
use crate::tui::composer::text::{self, TextEdit};
use crate::tui::input::Input;
use crate::tui::sample::Stage;

/// A live session of that system with the composer open.
fn composing(system: System) -> Stage {
    let mut stage = Stage::live(120, 40);
    let mut snapshot = stage.snapshot();
    snapshot.system = Some(system);
    stage.deliver(1, Chunk::new(11, Vec::new()), Some(snapshot), None);
    stage.keys("c");
    stage.due(12);
    stage
}

fn composer(stage: &Stage) -> &Composer {
    &stage.state.tab().unwrap().composer
}

fn body(stage: &Stage) -> &str {
    composer(stage)
        .draft()
        .unwrap()
        .text()
        .map_or("", TextEdit::text)
}

fn problem(stage: &Stage) -> &str {
    match composer(stage).verdict() {
        Some(Err(problem)) => &problem.text,
        other => panic!("{other:?}"),
    }
}

fn sent(stage: &mut Stage) -> Vec<Command> {
    let effects = std::mem::take(&mut stage.effects);
    let commands = |effect| match effect {
        Effect::Feed {
            session: SessionId(1),
            commands,
        } => commands,
        other => panic!("{other:?}"),
    };
    effects.into_iter().flat_map(commands).collect()
}

#[test]
fn a_batch_is_typed_and_sent_as_encoded() {
    let mut stage = composing(System::Raccoon);
    assert_eq!(composer(&stage).kind(), Kind::Batch);
    stage.text("buy");
    assert!(body(&stage).contains("\"button\": \"buy\""));
    stage.due(13);
    assert!(matches!(composer(&stage).verdict(), Some(Ok(_))));
    stage.keys("ctrl-s");
    let [Command::Batch(batch)] = &sent(&mut stage)[..] else {
        panic!("no batch");
    };
    let bytes = String::from_utf8_lossy(&batch.bytes);
    assert!(bytes.contains("buy") && bytes.contains("click"), "{bytes}");
    assert_eq!(composer(&stage).last.map(|sent| sent.messages), Some(1));
    stage.keys("alt-enter");
    let [Command::Batch(again)] = &sent(&mut stage)[..] else {
        panic!("no batch");
    };
    assert_ne!(again.guid, batch.guid);
}

#[test]
fn what_is_on_screen_is_what_goes_out() {
    let mut stage = composing(System::Raccoon);
    let shown = match composer(&stage).verdict() {
        Some(Ok(messages)) => messages[0].frames.clone(),
        other => panic!("{other:?}"),
    };
    stage.keys("ctrl-s");
    let [Command::Batch(batch)] = &sent(&mut stage)[..] else {
        panic!("no batch");
    };
    assert_eq!(shown, [Outgoing::Binary(batch.bytes.clone())]);
}

#[test]
fn what_does_not_fit_is_told_and_not_sent() {
    let mut stage = composing(System::Raccoon);
    stage.keys("down down down");
    stage.keys("end left left left left left left left left left");
    stage.text("${nwo}");
    stage.keys("ctrl-s");
    assert!(sent(&mut stage).is_empty());
    assert!(
        problem(&stage).contains("unknown template"),
        "{}",
        problem(&stage)
    );
    assert!(body(&stage).contains("${nwo}"));
    assert!(stage.state.is_composing());
}

#[test]
fn a_refused_send_keeps_the_draft_and_says_why() {
    let mut stage = composing(System::Raccoon);
    stage.text("kept");
    let before = body(&stage).to_owned();
    stage.keys("ctrl-s");
    let mut delivery = Delivery::new(SessionId(1), Chunk::new(11, Vec::new()));
    let error = CommandError::NotConnected {
        state: "waiting",
        command: "batch",
    };
    delivery.rejections.push(Rejection {
        command: "batch",
        error,
        count: 1,
    });
    stage.input(Input::Delivered(Box::new(delivery)));
    stage.due(13);
    assert_eq!(body(&stage), before);
    let refused = composer(&stage).refused.as_deref();
    assert!(
        refused.is_some_and(|why| why.contains("not connected")),
        "{refused:?}"
    );
    stage.text("x");
    assert_eq!(composer(&stage).refused, None);
}

#[test]
fn drafts_outlive_closing_and_other_kinds_and_other_tabs() {
    let mut stage = composing(System::Raccoon);
    stage.text("mine");
    let batch = body(&stage).to_owned();
    stage.keys("alt-right alt-right");
    assert_eq!(composer(&stage).kind(), Kind::Text);
    stage.text("hello ");
    stage.keys("enter");
    stage.text("there");
    stage.keys("esc 2 1 c");
    assert_eq!(
        (composer(&stage).kind(), body(&stage)),
        (Kind::Text, "hello \nthere")
    );
    stage.keys("alt-left alt-left");
    assert_eq!(body(&stage), batch);
}

#[test]
fn every_system_sends_its_own_messages_and_any_frame() {
    for (system, keys, text, name) in [
        (System::SaveToWebSocket, "", "payment, trade", "register"),
        (System::WebSocketMq, "", "system:get_time", "request"),
        (
            System::WebSocketMq,
            "alt-left alt-left ctrl-u",
            "4000",
            "raw frame",
        ),
        (
            System::WebSocketMq,
            "alt-right alt-right alt-right",
            "a:b",
            "subscribe",
        ),
        (
            System::WebSocketMq,
            "alt-right alt-right alt-right alt-right",
            "a:b",
            "unsubscribe",
        ),
        (System::Generic, "", "hello", "raw frame"),
        (System::Generic, "alt-right", "00 ff", "raw frame"),
        (System::Generic, "alt-right alt-right", "AAH+", "raw frame"),
        (
            System::Generic,
            "alt-right alt-right alt-right",
            "beat",
            "raw frame",
        ),
        (System::Generic, "alt-left", "{\"op\":1}", "raw frame"),
    ] {
        let mut stage = composing(system);
        stage.keys(keys);
        stage.input(Input::Paste(text.to_owned()));
        stage.keys("ctrl-s");
        stage.due(13);
        let commands = sent(&mut stage);
        let names: Vec<_> = commands.iter().map(Command::name).collect();
        assert_eq!(names, [name], "{text}: {:?}", composer(&stage).verdict());
    }
}

#[test]
fn one_goes_through_all_fields_and_around() {
    let mut stage = composing(System::Raccoon);
    let mut seen = vec![composer(&stage).focus];
    for _ in 0..9 {
        stage.keys("tab");
        seen.push(composer(&stage).focus);
    }
    let expected = [
        Slot::Body,
        Slot::Kind,
        Slot::Guid,
        Slot::SentTime,
        Slot::Transport,
        Slot::Wire,
        Slot::Event,
        Slot::EventType,
        Slot::Encoding,
        Slot::Message,
    ];
    assert_eq!(seen, expected);
    stage.keys("shift-tab shift-tab enter shift-tab");
    assert_eq!(composer(&stage).focus, Slot::EventType);
}

#[test]
fn selectors_are_turned_and_types_stepped_through() {
    let mut stage = composing(System::Raccoon);
    stage.keys("tab tab tab tab tab right");
    let wire = |stage: &Stage| composer(stage).draft().unwrap().wire;
    assert_eq!(wire(&stage), crate::protocol::raccoon::Wire::Json);
    stage.keys("tab + tab down");
    let draft = composer(&stage).draft().unwrap();
    assert_eq!((draft.current, draft.events.len()), (1, 2));
    assert_eq!(draft.events[1].kind.text(), "page");
    assert!(body(&stage).contains("\"url\""));
    stage.keys("tab right");
    stage.due(13);
    assert!(matches!(composer(&stage).verdict(), Some(Ok(_))));
    stage.keys("alt-p");
    assert!(body(&stage).contains("\"button\""));
    stage.keys("alt-r");
    assert_eq!(composer(&stage).draft().unwrap().events.len(), 1);
    stage.keys("shift-tab ctrl-u");
    assert_eq!(composer(&stage).focus, Slot::EventType);
    stage.text("search");
    assert!(body(&stage).contains("\"results\""));
}

#[test]
fn what_was_sent_comes_back_with_the_history_keys() {
    let mut stage = composing(System::Generic);
    for text in ["one", "two"] {
        stage.keys("ctrl-u");
        stage.text(text);
        stage.keys("ctrl-s");
    }
    stage.keys("ctrl-u");
    stage.text("draft");
    let mut seen = Vec::new();
    for key in ["ctrl-p", "ctrl-p", "ctrl-p", "ctrl-n", "ctrl-n"] {
        stage.keys(key);
        seen.push(body(&stage).to_owned());
    }
    assert_eq!(seen, ["two", "one", "one", "two", "draft"]);
}

#[test]
fn the_editor_gets_the_document_and_gives_it_back() {
    let mut stage = composing(System::Raccoon);
    stage.keys("ctrl-e");
    let Some(Effect::Edit(job)) = stage.effects.pop() else {
        panic!("no editor");
    };
    assert!(job.text.contains("\"events\""), "{}", job.text);
    let edited = |stage: &mut Stage, kind, result| {
        let session = SessionId(1);
        stage.input(Input::Edited {
            session,
            kind,
            result,
        });
    };
    let text = job
        .text
        .replace("\"button\": \"\"", "\"button\": \"edited\"");
    edited(&mut stage, job.kind, Ok(Some(text)));
    assert_eq!(composer(&stage).kind(), Kind::Batch);
    assert!(body(&stage).contains("edited"));
    edited(&mut stage, job.kind, Ok(None));
    assert!(body(&stage).contains("edited"));
    let with_guid = "{\"req_guid\": \"mine\", \"events\": []}".to_owned();
    edited(&mut stage, job.kind, Ok(Some(with_guid.clone())));
    assert_eq!(
        (composer(&stage).kind(), body(&stage)),
        (Kind::Document, with_guid.as_str())
    );
    assert!(stage.state.notices.shown(stage.state.now).is_some());
    stage.keys("alt-left");
    assert!(body(&stage).contains("edited"));
    edited(&mut stage, job.kind, Err("it did not start".to_owned()));
    let notice = stage.state.notices.shown(stage.state.now).unwrap();
    assert_eq!(notice.text, "it did not start");
}

#[test]
fn a_frame_of_the_log_is_opened_to_be_sent_again() {
    let mut stage = Stage::live(120, 40);
    let mut snapshot = stage.snapshot();
    snapshot.system = Some(System::WebSocketMq);
    let mut chunk = Chunk::new(11, Vec::new());
    let payload = r#"{"id":"1","type":"publish","topic":"t","payload":[1]}"#;
    chunk.push(&stage.draft(20_000, Direction::Out, Badge::Publish, "t", payload));
    stage.deliver(1, chunk, Some(snapshot), None);
    stage.keys("e");
    assert_eq!(
        (composer(&stage).kind(), body(&stage)),
        (Kind::Publish, "[1]")
    );
    stage.keys("ctrl-s");
    let commands = sent(&mut stage);
    let [Command::Publish { topic, payload }] = &commands[..] else {
        panic!("{commands:?}");
    };
    assert_eq!(
        (topic.as_str(), payload.as_deref()),
        ("t", Some(&b"[1]"[..]))
    );
    stage.keys("esc g e");
    assert!(!stage.state.is_composing());
    let notice = stage.state.notices.shown(stage.state.now).unwrap();
    assert!(notice.text.contains("state change"), "{}", notice.text);
}

#[test]
fn templates_may_ask_for_the_environment() {
    let mut stage = composing(System::Generic);
    stage
        .state
        .environment
        .insert("NAME".to_owned(), "value".to_owned());
    stage.text("${env:NAME} ${counter}");
    stage.keys("ctrl-s ctrl-s");
    let texts: Vec<_> = sent(&mut stage)
        .into_iter()
        .map(|command| match command {
            Command::Raw(Outgoing::Text(text)) => String::from_utf8_lossy(&text).into_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, ["value 1", "value 2"]);
}

#[test]
fn a_click_puts_the_cursor_where_it_was_drawn() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut stage = composing(System::Raccoon);
    let pane = places::pane(&stage.state.areas());
    let draft = composer(&stage).draft().unwrap();
    let places = places::places(pane, draft, Slot::Body, places::Wants::default());
    let (slot, area) = places.fields[2];
    let mut click = |column, row| {
        stage.input(Input::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }));
    };
    click(area.x + 3, area.y);
    assert_eq!(composer(&stage).focus, slot);
    let (x, y) = (places.text.x + 2, places.text.y + 1);
    let mut stage = stage;
    stage.input(Input::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: x,
        row: y,
        modifiers: KeyModifiers::NONE,
    }));
    assert_eq!(composer(&stage).focus, Slot::Body);
    assert_eq!(
        composer(&stage).draft().unwrap().text().unwrap().cursor(),
        4
    );
}

#[test]
fn a_pasted_text_beyond_the_bound_is_cut_and_told() {
    let mut stage = composing(System::Generic);
    stage.input(Input::Paste("x".repeat(text::MAX + 1)));
    assert_eq!(body(&stage).len(), text::MAX);
    let notice = stage.state.notices.shown(stage.state.now).unwrap();
    assert!(notice.text.contains("left out"), "{}", notice.text);
}

#[test]
fn a_session_that_cannot_be_told_is_as_good_as_a_refusal() {
    let mut stage = composing(System::Generic);
    stage.text("x");
    stage.keys("ctrl-s");
    stage.input(Input::Untold {
        session: SessionId(1),
        why: "the session has ended".to_owned(),
    });
    assert_eq!(
        composer(&stage).refused.as_deref(),
        Some("the session has ended")
    );
}
