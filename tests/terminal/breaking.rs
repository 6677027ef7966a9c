//! When a part of the program breaks, the terminal is given back or the screen goes on.
//!
//! Nothing in the program breaks on demand, so these tests run the interface on a launcher that
//! does: this very test binary, started again on a pseudo-terminal for one ignored test.

use std::sync::Arc;

use wspect::tui::state::Options;
use wspect::tui::state::picker::Choice;
use wspect::tui::{self, Launcher, Launching, Seat};

use super::program::Program;

/// Breaks at once, on the interface's own thread.
struct AtOnce;

impl Launcher for AtOnce {
    fn choices(&self) -> Result<Vec<Choice>, String> {
        Ok(Vec::new())
    }

    fn launch(&self, target: String, _: Seat) -> Launching {
        panic!("cannot stand {target}");
    }
}

/// Breaks on another thread.
struct Later;

impl Launcher for Later {
    fn choices(&self) -> Result<Vec<Choice>, String> {
        Ok(Vec::new())
    }

    fn launch(&self, target: String, _: Seat) -> Launching {
        Box::pin(async move { panic!("cannot stand {target}") })
    }
}

fn show(launcher: Arc<dyn Launcher>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let targets = vec!["the-target".to_owned()];
    let shown = tui::run(targets, launcher, Options::default());
    runtime.unwrap().block_on(shown).unwrap();
}

#[test]
#[ignore = "run by a test below, on a terminal"]
fn breaks_at_once() {
    show(Arc::new(AtOnce));
}

#[test]
#[ignore = "run by a test below, on a terminal"]
fn breaks_later() {
    show(Arc::new(Later));
}

fn start(test: &str) -> Program {
    let path = std::env::current_exe().unwrap();
    let test = format!("breaking::{test}");
    let args = ["--ignored", "--exact", "--nocapture", &test];
    Program::of(path.to_str().unwrap(), &args, (80, 24))
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let program = start("breaks_at_once");
    program.wait_until("the panic is told", |screen| {
        screen.contents().contains("cannot stand the-target") && !screen.alternate_screen()
    });
    assert!(!program.ends().success());
}

#[test]
fn a_panic_elsewhere_is_a_notice() {
    let mut program = start("breaks_later");
    program.shows("not started");
    // Which of the two notices is the newest, and so has the line, is a matter of threads.
    program.keys("!");
    program.shows("Notices");
    program.shows("a part of wspect broke");
    program.keys("\x1b");
    program.wait_until("the panel is gone", |screen| {
        !screen.contents().contains("Notices")
    });
    program.keys("q");
    assert!(program.ends().success());
}
