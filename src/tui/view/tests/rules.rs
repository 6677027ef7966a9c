//! What holds in every state and at every size.

use super::*;

#[test]
fn no_size_panics_in_any_state() {
    let scripts = [
        "",
        "enter ]",
        "enter ] ]",
        "enter ] ] ]",
        "enter [",
        "?",
        ":",
        "!",
        "y",
        "/",
        "u",
    ];
    for script in scripts {
        for (width, height) in (1..46)
            .step_by(4)
            .flat_map(|w| (1..18).map(move |h| (w, h)))
        {
            let mut stage = Stage::live(width, height);
            stage.input(Input::Failed("not done".to_owned()));
            stage.keys(script);
            stage.due(12);
            stage.keys("down pagedown");
            stage.due(13);
            let _ = picture(&stage.state);
        }
    }
}

#[test]
fn without_colours_nothing_is_coloured() {
    let mut stage = Stage::live(120, 40);
    stage.state.theme = Theme::new(Tone::Plain);
    stage.due(12);
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
    terminal.draw(|frame| view(&stage.state, frame)).unwrap();
    for cell in terminal.backend().buffer().content() {
        let plain = ratatui::style::Color::Reset;
        assert_eq!((cell.fg, cell.bg), (plain, plain), "{}", cell.symbol());
    }
}

#[test]
fn ages_go_on_with_the_clock_alone() {
    let mut stage = Stage::live(120, 40);
    stage.input(Input::Due(stage.noon.after(Duration::from_secs(751))));
    assert!(picture(&stage.state).contains("LIVE 00:12:31"));
}

#[test]
fn nothing_anybody_sends_reaches_the_terminal_as_it_is() {
    const EVIL: &str = "a\x1b]0;b\x07\u{202e}c\u{200b}d\u{9b}31m\r\ne\u{feff}";
    for keys in [
        "",
        "enter",
        "enter ]",
        "enter ] ]",
        "enter ] ] ]",
        "i",
        "!",
        "t",
    ] {
        let mut stage = Stage::live(120, 40);
        let mut chunk = crate::entry::Chunk::new(11, Vec::new());
        let (incoming, badge) = (crate::frame::Direction::In, crate::entry::Badge::Event);
        chunk.push(&crate::entry::Draft {
            note: Some(EVIL.to_owned()),
            error: Some(EVIL.to_owned()),
            ..stage.draft(20_000, incoming, badge, EVIL, EVIL)
        });
        let mut snapshot = stage.snapshot();
        snapshot.name = EVIL.to_owned();
        snapshot.url = EVIL.to_owned();
        snapshot.state = Lifecycle::Refused;
        snapshot.detail = EVIL.to_owned();
        stage.deliver(1, chunk, Some(snapshot), None);
        stage.state.choices[0].description = EVIL.to_owned();
        stage.input(Input::Failed(EVIL.to_owned()));
        stage.keys(keys);
        stage.due(21);
        let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
        terminal.draw(|frame| view(&stage.state, frame)).unwrap();
        for cell in terminal.backend().buffer().content() {
            let safe = !cell.symbol().chars().any(crate::sanitise::is_unsafe);
            assert!(safe, "{:?} with {keys:?}", cell.symbol());
        }
    }
}

#[test]
fn secrets_are_masked_wherever_they_could_show() {
    const SECRET: &str = "s3cr3t-v4lue";
    let mut secrets = crate::profile::Secrets::default();
    secrets.add(SECRET);
    let secrets = std::sync::Arc::new(secrets);
    let text = format!("<{SECRET}>");
    let payload = format!("{{\"token\":\"{SECRET}\"}}{}", "x".repeat(10));
    for keys in ["", "enter", "enter ]", "enter ] ]", "enter ] ] ]", "i", "!"] {
        // Narrow, so that the payload is broken in the middle of the secret somewhere.
        for width in [60, 61, 62, 120] {
            let mut stage = Stage::live(width, 40);
            stage.state.tabs[0].secrets = std::sync::Arc::clone(&secrets);
            let mut chunk = crate::entry::Chunk::new(11, Vec::new());
            let (sent, badge) = (crate::frame::Direction::Out, crate::entry::Badge::Register);
            chunk.push(&crate::entry::Draft {
                note: Some(text.clone()),
                error: Some(text.clone()),
                ..stage.draft(20_000, sent, badge, &text, &payload)
            });
            let mut snapshot = stage.snapshot();
            snapshot.state = Lifecycle::Closed;
            snapshot.detail.clone_from(&text);
            stage.deliver(1, chunk, Some(snapshot), None);
            stage.keys(keys);
            stage.due(21);
            let shown = picture(&stage.state);
            assert!(!shown.contains("s3cr3t"), "{keys:?} at {width}:\n{shown}");
            assert!(!shown.contains("v4lue"), "{keys:?} at {width}:\n{shown}");
            assert!(
                !shown.contains("73 33 63 72"),
                "{keys:?} at {width}:\n{shown}"
            );
        }
    }
}
