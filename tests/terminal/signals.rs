//! Signals end or stop the program, and the terminal is given back either way.

use super::program::Program;

#[test]
fn a_signal_ends_the_program_and_the_terminal_is_as_it_was() {
    for name in ["TERM", "HUP", "INT"] {
        let program = Program::start(&["demo:echo"], (80, 24));
        program.shows("LIVE");
        program.signal(name);
        assert_eq!(program.ends().exit_code(), 130, "{name}");
    }
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_the_shell_continues() {
    let mut program = Program::start(&["demo:echo"], (80, 24));
    for stop in ["the key", "the signal"] {
        program.shows("LIVE");
        if stop == "the key" {
            program.keys("\x1a");
        } else {
            program.signal("TSTP");
        }
        program.wait_until("given back", |screen| !screen.alternate_screen());
        program.stops();
        program.signal("CONT");
        program.wait_until("taken again", vt100::Screen::alternate_screen);
    }
    program.shows("LIVE");
    program.keys("q");
    assert_eq!(program.ends().exit_code(), 0);
}
