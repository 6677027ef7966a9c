//! Writing messages and sending them.

use crate::program::Program;
use crate::{ENTER, ESCAPE};

const SEND: &str = "\x13";
const EDITOR: &str = "\x05";
const CLEAR: &str = "\x15";
const NEXT_KIND: &str = "\x1b[1;3C";

#[test]
fn a_text_goes_through_the_editor_to_the_server_and_can_be_sent_again() {
    let mut program = Program::start(&["demo:echo"], (120, 40));
    program.shows("LIVE");
    program.keys("c");
    program.shows("Compose");
    program.keys("typed by hand");
    program.shows("13 B · text frame");
    program.keys(EDITOR);
    program.shows("edited by hand");
    program.keys(SEND);
    program.shows("sent ");
    // What follows an escape at once would be taken for an alt key.
    program.keys(ESCAPE);
    program.shows("c compose");
    program.wait_until("it went out and came back", |screen| {
        let text = screen.contents();
        let rows = text.lines().filter(|row| row.contains("edited by hand"));
        rows.count() >= 2
    });
    program.keys("/.dir == \"out\" and .body == \"edited by hand\"");
    program.keys(ENTER);
    program.shows("1 pass");
    program.keys("e");
    program.shows("Compose");
    program.shows("14 B · text frame");
    program.keys(ESCAPE);
    program.shows("c compose");
    program.keys("q");
    assert_eq!(program.ends().exit_code(), 0);
}

#[test]
fn a_batch_is_checked_as_it_is_typed_and_sent() {
    let mut program = Program::start(&["demo:raccoon"], (80, 24));
    program.shows("LIVE");
    program.keys("c");
    program.shows("demo.ClickEvent");
    program.keys("\\q");
    program.shows("not sent like this");
    program.keys("\x7f\x7fbuy");
    program.shows("→ clickstream-click-log");
    program.keys(SEND);
    program.shows("sent ");
    program.keys(NEXT_KIND);
    program.shows("JSON or TOML");
    program.keys("{\"hex\": \"0\"}");
    program.shows("`hex` is not hex");
    program.keys(CLEAR);
    program.keys(ESCAPE);
    program.shows("c compose");
    program.keys("c");
    program.shows("Document");
    program.keys("\x03");
    assert_eq!(program.ends().exit_code(), 0);
}

#[test]
fn a_batch_is_saved_opened_again_and_sent_many_times() {
    const SAVE: &str = "\x1bw";
    const SAVED: &str = "\x1bo";
    const MANY: &str = "\x1bs";
    let config = tempfile::tempdir().expect("a directory for the documents");
    let dir = config.path().to_str().expect("a plain path");
    let mut program = Program::start(&["--config", dir, "demo:raccoon"], (120, 40));
    program.shows("LIVE");
    program.keys("c");
    program.shows("demo.ClickEvent");
    program.keys("kept");
    program.keys(SAVE);
    program.shows("save as:");
    program.keys("two clicks");
    program.keys(ENTER);
    program.shows("Compose · Raccoon · two clicks");
    let file = config.path().join("documents/two clicks.json");
    let text = std::fs::read_to_string(&file).expect("the document is a file");
    assert!(text.contains("\"button\": \"kept\""), "{text}");
    program.keys("-and-changed");
    program.keys(SAVED);
    program.shows("Saved documents");
    program.keys("two");
    program.keys(ENTER);
    program.shows("\"button\": \"kept\"");
    program.keys(SEND);
    program.shows(" ms ─");
    program.keys(MANY);
    program.shows("50/s for 10s");
    program.keys("5");
    program.keys(ENTER);
    program.shows("sent 5 of 5");
    program.shows("100%");
    program.wait_until("every one has its outcome", |screen| {
        let text = screen.contents();
        let row = text.lines().find(|row| row.contains("sent 5 of 5"));
        row.is_some_and(|row| !row.contains("under way"))
    });
    program.keys("\x03");
    assert_eq!(program.ends().exit_code(), 0);
}
