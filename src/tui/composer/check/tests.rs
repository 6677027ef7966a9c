use super::*;
use crate::transport::clock;
use crate::tui::composer::text::TextEdit;
use crate::tui::state::line::LineEdit;

fn look(draft: &Draft, system: System) -> Result<Vec<Message>, Problem> {
    let settings = Settings::default();
    let language = Language {
        system,
        settings: &settings,
        schema: Schema::demo(),
    };
    let prepared = prepare(draft, language, Context::new(0, 1))?;
    rehearse(&prepared, language, "own", clock::now())
}

fn new(kind: Kind) -> Draft {
    Draft::new(kind, &Settings::default(), Schema::demo())
}

#[test]
fn a_batch_is_seen_as_its_bytes_and_destinations() {
    let messages = look(&new(Kind::Batch), System::Raccoon).unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].label, "click");
    let about = &messages[0].about[0];
    assert_eq!(about.destination, "clickstream-click-log");
    assert_eq!(about.via, "demo.ClickEvent");
    assert_eq!(opcode(&messages[0].frames[0]), "binary frame");
    assert!(messages[0].size() > about.size);
}

#[test]
fn what_does_not_fit_is_told_with_its_path_and_line() {
    let mut draft = new(Kind::Batch);
    draft.add_event(Schema::demo());
    let data = draft.events[1]
        .data
        .text()
        .replace("\"x\": 0", "\"x\": \"far\"");
    draft.events[1].data = TextEdit::new(data);
    let problem = look(&draft, System::Raccoon).unwrap_err();
    assert!(
        problem.text.starts_with("`events[1].data.position.x` "),
        "{}",
        problem.text
    );
    assert_eq!((problem.event, problem.line), (Some(1), Some(9)));
    draft.events[0].data = TextEdit::new("{\n  \"button\": \n}");
    let problem = look(&draft, System::Raccoon).unwrap_err();
    assert_eq!(
        (problem.event, problem.line),
        (Some(0), Some(2)),
        "{}",
        problem.text
    );
    draft.events[0].data = TextEdit::new("{\n  \"button\": {\n}");
    let problem = look(&draft, System::Raccoon).unwrap_err();
    assert_eq!(problem.text, "event 1, line 1: this bracket is not closed");
}

#[test]
fn brokers_messages_are_packed_and_seen_as_they_go_out() {
    let mut draft = new(Kind::Publish);
    draft.lines[0] = LineEdit::new("a:topic");
    draft.body = TextEdit::new("{\n  \"n\": [1, 2]\n}");
    let messages = look(&draft, System::WebSocketMq).unwrap();
    let text = payload(&messages[0].frames[0]);
    assert_eq!(
        text,
        r#"{"type":"publish","topic":"a:topic","payload":{"n":[1,2]}}"#
    );
    draft.body = TextEdit::new("{\n  \"n\": [1, 2],\n}");
    let problem = look(&draft, System::WebSocketMq).unwrap_err();
    assert_eq!(problem.line, Some(2), "{}", problem.text);
    let topic = look(&new(Kind::Publish), System::WebSocketMq).unwrap_err();
    assert!(topic.text.contains("has no topic"), "{}", topic.text);
}

#[test]
fn documents_say_which_one_and_which_line() {
    let mut draft = new(Kind::Document);
    draft.body = TextEdit::new("{\"ping\":\"a\"}\n{\"ping\":1}");
    let problem = look(&draft, System::Generic).unwrap();
    assert_eq!(problem.len(), 2);
    let problem = look(&draft, System::Raccoon).unwrap_err();
    assert!(
        problem.text.starts_with("document 2, line 2: `ping`"),
        "{}",
        problem.text
    );
    assert_eq!(problem.line, Some(1));
    draft.body = TextEdit::new("{\"ping\":\"a\"}\n".repeat(AT_ONCE + 1));
    let problem = look(&draft, System::Raccoon).unwrap_err();
    assert!(problem.text.contains("wspect send"), "{}", problem.text);
}
