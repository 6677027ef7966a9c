//! The whole program in a pseudo-terminal, against its built-in servers. Every wait is for a
//! condition and bounded.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod breaking;
mod composing;
mod flood;
mod program;
mod signals;

use program::Program;

const ENTER: &str = "\r";
const ESCAPE: &str = "\x1b";
const UP: &str = "\x1b[A";

/// The number before `what` in the bottom border of the events.
fn number_before(screen: &str, what: &str) -> Option<u64> {
    let before = &screen[..screen.find(what)?];
    let digits = before
        .rsplit(|c: char| !c.is_ascii_digit() && c != ',')
        .next()?;
    digits.replace(',', "").parse().ok()
}

#[test]
fn connects_looks_filters_pauses_and_leaves() {
    let mut program = Program::start(&["demo:echo"], (120, 40));
    program.shows("LIVE");
    program.wait_until("five entries", |screen| {
        number_before(&screen.contents(), " of ").is_some_and(|kept| kept >= 5)
    });

    program.keys("/");
    program.shows("filter:");
    program.keys(".type ==");
    program.shows("column");
    program.keys(" \"lifecycle\"");
    program.keys(ENTER);
    program.shows("Events · .type == \"lifecycle\"");
    program.wait_until("only states", |screen| {
        let text = screen.contents();
        text.contains("4 pass") && text.contains("dialing") && !text.contains("↑ message")
    });
    program.keys("\\");
    program.wait_until("everything again", |screen| {
        !screen.contents().contains("pass ·")
    });

    program.keys(" ");
    program.shows("paused, ");
    program.wait_until("hidden entries are counted", |screen| {
        number_before(&screen.contents(), " hidden").is_some_and(|hidden| hidden >= 2)
    });
    program.keys(" ");
    program.shows("following");

    program.keys(UP);
    program.shows("G follows");
    program.keys(ENTER);
    program.shows("esc back");
    program.keys("]]]");
    program.shows("fragments");
    program.keys(ESCAPE);
    program.shows("enter inspect");
    program.keys("G");
    program.shows("following");

    program.keys("q");
    assert_eq!(program.ends().exit_code(), 0);
}

#[test]
fn all_demos_are_live_at_once() {
    let mut program = Program::start(&["demo"], (120, 40));
    for key in ["1", "2", "3", "4"] {
        program.keys(key);
        program.shows("LIVE");
    }
    program.keys("?");
    program.shows("All keys");
    program.keys(ESCAPE);
    program.shows("LIVE");
    program.keys("q");
    assert_eq!(program.ends().exit_code(), 0);
}

#[test]
fn any_size_is_fine() {
    let mut program = Program::start(&["demo:stellar"], (120, 40));
    program.shows("LIVE");
    for (width, height) in [(20, 5), (80, 24), (1, 1), (7, 3), (200, 60), (20, 5)] {
        program.resize(width, height);
        program.keys("\t");
        program.keys("\t");
    }
    program.shows("Events");
    program.resize(80, 24);
    program.shows("LIVE");
    program.keys("q");
    assert_eq!(program.ends().exit_code(), 0);
}

#[test]
fn keys_that_come_with_a_resize_are_all_taken() {
    let mut program = Program::start(&["demo:echo"], (80, 24));
    program.shows("LIVE");
    for turn in 0..60_u16 {
        program.resize(80 + turn % 2, 24);
        program.keys("\t");
        let hint = ["esc back", "enter inspect"][usize::from(turn % 2)];
        program.shows(hint);
    }
    program.keys("q");
    assert_eq!(program.ends().exit_code(), 0);
}

#[test]
fn a_terminal_that_was_small_for_a_moment_is_painted_again() {
    let mut program = Program::start(&["demo:echo"], (80, 24));
    program.shows("LIVE");
    program.keys("?");
    program.shows("All keys");
    program.resize(20, 5);
    program.resize(80, 24);
    let whole = |screen: &vt100::Screen| {
        let text = screen.contents();
        let rows: Vec<_> = text.lines().collect();
        rows.len() == 24
            && rows[3..23]
                .iter()
                .all(|row| row.trim_end().chars().count() == 80)
    };
    program.wait_until("every row has both its edges", |screen| {
        let panel = "Pick a command by name";
        screen.contents().contains(panel) && whole(screen)
    });
    program.keys("\x1b");
    program.wait_until("the panel is gone", |screen| {
        !screen.contents().contains("All keys")
    });
    program.keys("q");
    assert_eq!(program.ends().exit_code(), 0);
}

#[test]
fn a_profile_is_picked_and_a_tab_closed() {
    let mut program = Program::start(&[], (80, 24));
    program.shows("connect to");
    program.keys("demo:echo");
    program.keys(ENTER);
    program.shows("LIVE");
    program.keys("t");
    program.shows("connect to");
    program.keys(ESCAPE);
    program.shows("LIVE");
    program.keys("\x17");
    program.shows("connect to");
    program.keys("\x03");
    assert_eq!(program.ends().exit_code(), 0);
}

#[test]
fn a_server_that_is_not_there_is_tried_again() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let mut program = Program::start(&[&format!("ws://127.0.0.1:{port}/")], (120, 40));
    program.shows("WAITING");
    program.shows("attempt 2 in");
    program.keys("x");
    program.shows("IDLE");
    program.keys("r");
    program.shows("WAITING");
    program.keys("q");
    assert_eq!(program.ends().exit_code(), 0);
}

#[test]
fn without_a_terminal_it_says_what_to_do_instead() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_wspect"))
        .arg("demo:echo")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("wspect tail"), "{errors}");
    assert_eq!(output.status.code(), Some(2));
}
