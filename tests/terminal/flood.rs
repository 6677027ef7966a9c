//! Under a flood the screen is drawn, keys are answered, and leaving works.

use wspect::server::echo;

use super::number_before;
use super::program::Program;

#[test]
fn keys_are_answered_under_a_flood() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let settings = echo::Settings {
        flood: Some(echo::Flood {
            payload: "400:json".parse().unwrap(),
            count: None,
            rate: None,
        }),
        ..echo::Settings::default()
    };
    let server = runtime.block_on(echo::start(settings)).unwrap();
    let mut program = Program::start(&[server.url()], (80, 24));
    program.wait_until("many entries", |screen| {
        number_before(&screen.contents(), " of ").is_some_and(|kept| kept > 50_000)
    });
    program.keys(" ");
    program.shows("paused");
    program.wait_until("reading goes on", |screen| {
        number_before(&screen.contents(), " hidden").is_some_and(|hidden| hidden > 50_000)
    });
    program.keys("?");
    program.shows("All keys");
    program.keys("\x1b");
    program.shows("LIVE");
    program.keys("q");
    assert_eq!(program.ends().exit_code(), 0);
    runtime.block_on(server.stop());
}
