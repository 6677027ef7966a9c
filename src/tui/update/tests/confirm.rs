//! Questions before something that can hurt others.

use super::*;
use crate::protocol::Command;
use crate::tui::state::confirm::{Confirm, Deed};

/// A question about a publish.
pub(super) fn question() -> Confirm {
    Confirm {
        what: "Publish system:hot_reload?".to_owned(),
        why: "Every page that subscribed to it reloads.".to_owned(),
        deed: publish(),
    }
}

fn asked(deed: Deed) -> Stage {
    let mut stage = Stage::live(80, 24);
    stage.state.ask(Confirm { deed, ..question() });
    stage
}

fn publish() -> Deed {
    Deed::Send {
        session: SessionId(1),
        command: Box::new(Command::Publish {
            topic: "system:hot_reload".to_owned(),
            payload: None,
        }),
    }
}

#[test]
fn enter_neither_does_it_nor_puts_the_question_away() {
    let mut stage = asked(publish());
    stage.keys("enter space a up ctrl-s");
    assert_eq!(stage.state.overlays.len(), 1);
    assert!(stage.effects.is_empty(), "{:?}", stage.effects);
}

#[test]
fn no_does_nothing_whichever_key_says_it() {
    for key in ["n", "esc", "q"] {
        let mut stage = asked(publish());
        stage.keys(key);
        assert!(stage.state.overlays.is_empty(), "{key}");
        assert!(stage.effects.is_empty(), "{key}: {:?}", stage.effects);
    }
}

#[test]
fn yes_sends_what_was_asked_about_once() {
    let mut stage = asked(publish());
    stage.keys("y y");
    let sent = stage.effects.iter().filter(|effect| {
        matches!(effect, Effect::Order { session: SessionId(1), order: Order::Send(command) }
            if command.name() == "publish")
    });
    assert_eq!(sent.count(), 1);
}

#[test]
fn yes_starts_a_session_or_runs_what_is_kept_in_the_state() {
    let mut stage = asked(Deed::Start {
        target: "ws://127.0.0.1:9/ws?client_id=12345678".to_owned(),
    });
    let before = stage.state.tabs.len();
    stage.keys("y");
    assert_eq!(stage.state.tabs.len(), before + 1);
    let mut stage = asked(Deed::Run(|state, _| state.share = 333));
    stage.keys("y");
    assert_eq!(stage.state.share, 333);
}
