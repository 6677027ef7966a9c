use insta::assert_snapshot;

use crate::entry::Chunk;
use crate::protocol::System;
use crate::tui::input::Input;
use crate::tui::sample::Stage;
use crate::tui::view::tests::{SIZES, picture};

fn at_all_sizes(name: &str, system: System, make: impl Fn(&mut Stage)) {
    for (width, height) in SIZES {
        let mut stage = Stage::live(width, height);
        let mut snapshot = stage.snapshot();
        snapshot.system = Some(system);
        stage.deliver(1, Chunk::new(11, Vec::new()), Some(snapshot), None);
        stage.keys("c");
        stage.due(12);
        make(&mut stage);
        stage.due(12);
        assert_snapshot!(format!("{name}_{width}x{height}"), picture(&stage.state));
    }
}

#[test]
fn a_batch_to_begin_with() {
    at_all_sizes("batch", System::Raccoon, |_| {});
}

#[test]
fn a_batch_of_two_that_does_not_fit() {
    at_all_sizes("misfit", System::Raccoon, |stage| {
        stage.keys("alt-a");
        stage.input(Input::Paste("\", \"colour\": \"red".to_owned()));
    });
}

#[test]
fn the_selector_of_kinds_and_what_was_sent() {
    at_all_sizes("request", System::WebSocketMq, |stage| {
        stage.text("system:list_clients");
        stage.keys("ctrl-s tab tab tab");
    });
}

fn conversing(name: &str, make: impl Fn(&mut Stage)) {
    for (width, height) in SIZES {
        let mut stage = Stage::live(width, height);
        crate::tui::update::composer_tests::conversing(&mut stage);
        make(&mut stage);
        stage.due(12);
        assert_snapshot!(format!("{name}_{width}x{height}"), picture(&stage.state));
    }
}

#[test]
fn a_call_to_another_client() {
    conversing("proxy", |stage| {
        stage.keys("alt-g 7 tab");
    });
}

#[test]
fn topics_to_begin_with() {
    conversing("topics", |stage| {
        stage.keys("alt-g up up down down down");
    });
}

#[test]
fn an_answer_and_the_time_there_is_for_it() {
    conversing("answer", |stage| {
        let tab = &mut stage.state.tabs[0];
        let picture = tab
            .snapshot
            .as_ref()
            .and_then(|snapshot| snapshot.broker.clone());
        let call = picture.unwrap().calls[0].clone();
        let terms = tab.terms.clone();
        tab.composer.answer_call(&call, &terms);
    });
}

#[test]
fn a_frame_the_broker_will_not_take() {
    conversing("foreseen", |stage| {
        let tab = &mut stage.state.tabs[0];
        let terms = tab.terms.clone();
        let text = r#"{"text": "{\"id\":7,\"type\":\"request\",\"topic\":\"t\"}"}"#;
        let kind = crate::tui::composer::kind::Kind::Text;
        tab.composer.take_document(kind, text, &terms);
    });
}

#[test]
fn filters_to_register() {
    at_all_sizes("register", System::SaveToWebSocket, |stage| {
        stage.text("payment, trade");
        stage.keys("tab");
    });
}

#[test]
fn filters_that_will_not_do_what_they_say() {
    at_all_sizes("advice", System::SaveToWebSocket, |stage| {
        stage.text("contract_event");
        stage.keys("tab");
        stage.text("GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNW");
        stage.keys("tab tab");
        stage.text("100");
        stage.keys("shift-tab shift-tab");
    });
}

#[test]
fn filters_to_begin_with() {
    at_all_sizes("presets", System::SaveToWebSocket, |stage| {
        stage.keys("alt-g down down down");
    });
}

#[test]
fn bytes_that_were_not_taken() {
    at_all_sizes("refused", System::Generic, |stage| {
        stage.keys("alt-right");
        stage.text("00 01 02 fe ff");
        stage.keys("ctrl-s");
        stage.input(Input::Untold {
            session: crate::session::SessionId(1),
            why: "not done: the session has ended; open it again in a new tab".to_owned(),
        });
    });
}

#[test]
fn no_size_panics_in_any_kind() {
    for system in crate::protocol::PROTOCOLS.iter().map(|row| row.system) {
        for (width, height) in [1, 7, 20, 23, 24, 45, 110]
            .into_iter()
            .flat_map(|w| [1, 2, 3, 4, 5, 6, 8, 13].map(|h| (w, h)))
        {
            let mut stage = Stage::live(width, height);
            let mut snapshot = stage.snapshot();
            snapshot.system = Some(system);
            stage.deliver(1, Chunk::new(11, Vec::new()), Some(snapshot), None);
            stage.keys("c");
            for keys in ["tab", "down", "alt-right", "enter", "tab", "alt-right"] {
                stage.keys(keys);
                stage.input(Input::Paste(
                    "\u{1b}日本語 \"${now}\"\n\u{202e}x".to_owned(),
                ));
                stage.due(12);
                let _ = picture(&stage.state);
            }
        }
    }
}

#[test]
fn secrets_are_masked_in_what_is_opened_and_in_what_goes_out() {
    const SECRET: &str = "s3cr3t-v4lue";
    let mut secrets = crate::profile::Secrets::default();
    secrets.add(SECRET);
    for (kind, text) in [
        ("", format!("a{SECRET}b")),
        ("alt-right", crate::hex::encode(SECRET.as_bytes())),
        ("alt-right alt-right", "czNjcjN0LXY0bHVl".to_owned()),
        ("alt-left", format!("{{\"text\": \"{SECRET}\"}}")),
        ("alt-left", format!("{{\"text\": \"{SECRET}\"")),
    ] {
        for width in [60, 61, 62, 120] {
            let mut stage = Stage::live(width, 40);
            stage.state.tabs[0].secrets = std::sync::Arc::new(secrets.clone());
            let mut snapshot = stage.snapshot();
            snapshot.system = Some(System::Generic);
            stage.deliver(1, Chunk::new(11, Vec::new()), Some(snapshot), None);
            stage.keys("c");
            stage.keys(kind);
            stage.input(Input::Paste(text.clone()));
            stage.due(12);
            let shown = picture(&stage.state);
            for bare in ["s3cr3t", "v4lue", "73 33 63", "733363", "czNjcj"] {
                assert!(!shown.contains(bare), "{kind} {text} at {width}:\n{shown}");
            }
        }
    }
}

#[test]
fn many_being_sent() {
    at_all_sizes("many", System::Raccoon, |stage| {
        stage.keys("alt-s");
        stage.text("1000 at 100/s");
        stage.keys("enter");
        stage.input(Input::Pump(
            stage.noon.after(std::time::Duration::from_secs(13)),
        ));
    });
}

#[test]
fn how_many_is_asked() {
    at_all_sizes("how_many", System::Raccoon, |stage| {
        stage.keys("alt-s");
        stage.text("12 at x/s");
    });
}

#[test]
fn the_saved_documents() {
    at_all_sizes("shelf", System::Raccoon, |stage| {
        let names = ["two clicks", "a purchase with a rather long name", "probe"];
        stage.state.saved = names
            .map(|name| crate::saved::Listed {
                name: name.to_owned(),
                size: 1_234,
                changed: None,
                head: "{ \"events\": [ { \"type\": \"click\", \"data\": {".to_owned(),
            })
            .into();
        stage.keys("alt-o down ctrl-x");
    });
}

#[test]
fn ways_to_send_again() {
    at_all_sizes("again", System::Raccoon, |stage| {
        let text = r#"{"req_guid":"g"}"#;
        let mut chunk = Chunk::new(11, Vec::new());
        let draft = stage.draft(
            1_000,
            crate::frame::Direction::Out,
            crate::entry::Badge::Batch,
            "empty",
            text,
        );
        chunk.push(&draft);
        stage.deliver(1, chunk, None, None);
        stage.keys("esc G R");
    });
}
