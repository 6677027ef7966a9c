//! Sessions with a `SaveToWebSocket` server: the built-in one with its times shortened, and peers
//! that cut where it would.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use wspect::protocol::savetowebsocket::{Filters, Introduction, Settings, in_force};
use wspect::protocol::{Command, System};
use wspect::server::Running;
use wspect::server::savetowebsocket::{self as server, Handle};
use wspect::session::{Order, Plan};
use wspect::transport::backoff::Policy;

use crate::harness::{self, Watched};

const MS: Duration = Duration::from_millis(1);

async fn serve(settings: server::Settings) -> (Running, Handle) {
    server::start(settings).await.expect("loopback is there")
}

fn plan(running: &Running, settings: Settings) -> Plan {
    let mut plan = harness::plan(&format!("ws://{}/ws", running.address()));
    plan.system = Some(System::SaveToWebSocket);
    plan.settings.savetowebsocket = settings;
    plan
}

fn payments() -> Settings {
    Settings {
        filters: Filters {
            types: vec!["payment".to_owned()],
            ..Filters::default()
        },
        ..Settings::default()
    }
}

fn explanation(session: &Watched) -> String {
    let facts = session.facts("closed");
    facts["detail"].as_str().unwrap_or_default().to_owned()
}

/// Payments received.
fn events(session: &Watched) -> usize {
    let frames = session.frames(false);
    let payments = frames
        .iter()
        .filter(|row| row.payload.starts_with(br#"{"type":"payment""#));
    payments.count()
}

/// Times the session was live.
fn live(session: &Watched) -> usize {
    let states = session.states();
    states.iter().filter(|state| *state == "live").count()
}

#[track_caller]
fn says(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in {text:?}");
}

#[tokio::test]
async fn the_register_is_repeated_on_each_connection_and_the_dials_keep_their_distance() {
    let (running, handle) = serve(server::Settings::default()).await;
    let mut plan = plan(&running, payments());
    plan.reconnect = Policy {
        base: 10 * MS,
        jitter: 0.0,
        ..Policy::default()
    };
    let mut session = Watched::start(plan);
    session.until_state("live").await;
    handle
        .feed(r#"{"type":"payment","n":1}"#)
        .expect("an event");
    session
        .until("an event", |session| events(session) == 1)
        .await;
    handle.cut_clients();
    session
        .until("live again", |session| live(session) == 2)
        .await;
    // By hand as well, twice in a row: held back, and told.
    for _ in 0..2 {
        let order = session.handle.orders.send(Order::Reconnect);
        order.await.expect("the session runs");
    }
    session
        .until("live once more", |session| live(session) == 3)
        .await;
    let dial = session.facts("dialing");
    says(dial["detail"].as_str().unwrap(), "held back for");
    assert!(dial["held_back_ms"].as_f64().unwrap() > 100.0, "{dial}");
    handle
        .feed(r#"{"type":"payment","n":2}"#)
        .expect("an event");
    handle.feed(r#"{"type":"trade"}"#).expect("an event");
    session
        .until("the event after", |session| events(session) == 2)
        .await;
    says(
        &session.notes.join("\n"),
        "after TCP had ended without a close frame: the server listens",
    );
    let registers = session.frames(true);
    let registers = registers
        .iter()
        .filter(|row| row.payload.starts_with(br#"{"type":"register""#));
    assert_eq!(registers.count(), 3);
    let periods = session.snapshot.clone().expect("a picture").filters.clone();
    let connections: Vec<u32> = periods.iter().map(|period| period.connection).collect();
    assert_eq!(connections, [1, 2, 3]);
    assert!(periods.iter().all(|period| period.confirmed.is_some()));
    let (ended, open) = (&periods[..2], &periods[2]);
    assert!(ended.iter().all(|period| period.until.is_some()) && open.until.is_none());
    let before = in_force(&periods, periods[1].since - 1);
    assert!(before.is_none(), "nothing is in force between connections");
    session.stop().await;
    running.stop().await;
}

#[tokio::test]
async fn the_registration_deadline_is_recognised_with_what_was_dropped() {
    let (running, _handle) = serve(server::Settings {
        registration_deadline: 900 * MS,
        ..server::Settings::default()
    })
    .await;
    let mut session = Watched::start(plan(
        &running,
        Settings {
            register: Introduction::Manual,
            register_within: 900 * MS,
            ..Settings::default()
        },
    ));
    session
        .until("the welcome", |session| !session.frames(false).is_empty())
        .await;
    session
        .send_text(r#"{"type":"register","filters":{"types":"payment"}}"#)
        .await;
    session.until_state("closed").await;
    let text = explanation(&session);
    says(&text, "the registration deadline, no register was taken");
    says(&text, "`types` must be an array of strings");
    let notes = session.notes.join("\n");
    says(&notes, "left to send a register by hand");
    running.stop().await;
}

#[tokio::test]
async fn pongs_held_back_end_the_connection_at_the_servers_deadline() {
    let (running, _handle) = serve(server::Settings {
        ping_every: 400 * MS,
        pong_deadline: 1_200 * MS,
        ..server::Settings::default()
    })
    .await;
    let mut plan = plan(
        &running,
        Settings {
            pong_wait: 1_200 * MS,
            ..Settings::default()
        },
    );
    plan.settings.pongs_held = true;
    let mut session = Watched::start(plan);
    session.until_state("closed").await;
    let text = explanation(&session);
    says(&text, "after our last pong");
    says(&text, "held back on purpose");
    assert!(
        session
            .frames(true)
            .iter()
            .all(|row| !row.payload.is_empty())
    );
    let notes = session.notes.join("\n");
    says(
        &notes,
        "pings of the server are not answered, as was asked for",
    );
    says(&notes, "no pong was sent for");
    running.stop().await;
}

#[tokio::test]
async fn a_process_that_ended_is_told_by_the_dial_that_follows() {
    let (running, _handle) = serve(server::Settings::default()).await;
    let mut plan = plan(&running, payments());
    plan.reconnect = Policy {
        base: 10 * MS,
        attempts: 1,
        ..Policy::default()
    };
    let mut session = Watched::start(plan);
    session.until_state("live").await;
    running.stop().await;
    session.until_state("failed").await;
    let notes = session.notes.join("\n");
    says(&notes, "all clients end together");
    says(&notes, "Nothing has listened since the connection was cut");
}

#[tokio::test]
async fn answered_pings_keep_the_connection() {
    let (running, _handle) = serve(server::Settings {
        ping_every: 100 * MS,
        pong_deadline: 1_000 * MS,
        ..server::Settings::default()
    })
    .await;
    let mut session = Watched::start(plan(&running, Settings::default()));
    session
        .until("pings over more than the deadline", |session| {
            session
                .frames(true)
                .iter()
                .filter(|row| row.payload.is_empty())
                .count()
                > 14
        })
        .await;
    assert!(!session.states().contains(&"closed".to_owned()));
    session.stop().await;
    running.stop().await;
}

#[tokio::test]
async fn a_burst_beyond_the_servers_buffer_is_told_as_one() {
    let (running, handle) = serve(server::Settings::default()).await;
    let mut session = Watched::start(plan(&running, Settings::default()));
    session.until_state("live").await;
    // All at once, before the server's writer has a turn.
    for n in 0..5_000 {
        let event = format!(
            r#"{{"type":"payment","n":{n},"memo":"{}"}}"#,
            "x".repeat(200)
        );
        handle.feed(event).expect("an event");
    }
    session.until_state("closed").await;
    let facts = session.facts("closed");
    assert_eq!(facts["code"], 1005, "{facts}");
    let text = explanation(&session);
    says(&text, "buffer of 256 events overflowed");
    says(&text, "a burst, although this client read all the time");
    running.stop().await;
}

#[tokio::test]
async fn an_update_by_hand_begins_a_period_that_nobody_confirms() {
    let (running, handle) = serve(server::Settings::default()).await;
    let mut session = Watched::start(plan(&running, payments()));
    session.until_state("live").await;
    let update = Command::Register(Filters {
        types: vec!["trade".to_owned()],
        ..Filters::default()
    });
    let order = session.handle.orders.send(Order::Send(update));
    order.await.expect("the session runs");
    let periods = |session: &Watched| {
        let snapshot = session.snapshot.clone();
        snapshot
            .map(|snapshot| snapshot.filters.clone())
            .unwrap_or_default()
    };
    session
        .until("two periods", |session| periods(session).len() == 2)
        .await;
    session
        .until("the event of the new filters", |session| {
            let _ = handle.feed(r#"{"type":"trade"}"#);
            session
                .frames(false)
                .iter()
                .any(|row| row.payload == br#"{"type":"trade"}"#)
        })
        .await;
    let periods = periods(&session);
    assert_eq!(periods[0].until, Some(periods[1].since));
    assert_eq!(periods[1].confirmed, None);
    let found = in_force(&periods, periods[1].since + 1).expect("in force");
    assert_eq!(found.period.filters.types, ["trade"]);
    assert!(
        found.before.is_some(),
        "the filters before may have chosen it"
    );
    session.stop().await;
    running.stop().await;
}

#[tokio::test]
async fn tcp_that_ends_between_two_fragments_is_told_as_a_cut_message() {
    let addr = harness::server(1, |mut stream, _| async move {
        harness::accept_raw(&mut stream).await;
        // text, not final, 5 bytes; the continuation never comes.
        let _ = stream.write_all(b"\x01\x05{\"a\":").await;
        let _ = stream.shutdown().await;
        harness::drain(&mut stream).await;
    })
    .await;
    let mut plan = harness::plan(&format!("ws://{addr}/ws"));
    plan.system = Some(System::SaveToWebSocket);
    let mut session = Watched::start(plan);
    session.until_state("closed").await;
    says(&explanation(&session), "in the middle of a message");
}

#[tokio::test]
async fn a_wrong_path_is_answered_with_where_to_look() {
    let (running, _handle) = serve(server::Settings::default()).await;
    let mut plan = plan(&running, Settings::default());
    plan.dial.url.push('/');
    plan.dial.shown_url.push('/');
    let mut session = Watched::start(plan);
    session.until_state("closed").await;
    says(&session.notes.join("\n"), "Try /ws");
    running.stop().await;
}
