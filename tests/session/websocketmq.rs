//! Sessions with the built-in brokers of both generations: registration and subscriptions on
//! every connection, whichever generation it turns out to be.

use std::time::Duration;

use wspect::protocol::websocketmq::{Registration, Settings, Speak};
use wspect::protocol::{Command, System};
use wspect::server::Running;
use wspect::server::websocketmq::{self as broker, CloseAfter, Dialect, Faults};
use wspect::session::{Order, Plan};
use wspect::transport::backoff::Policy;

use crate::harness::{self, Watched};

const MS: Duration = Duration::from_millis(1);

fn plan(running: &Running, path: &str, settings: Settings) -> Plan {
    let mut plan = harness::plan(&format!("ws://{}{path}", running.address()));
    plan.system = Some(System::WebSocketMq);
    plan.settings.websocketmq = settings;
    plan.reconnect = Policy {
        base: 10 * MS,
        jitter: 0.0,
        ..Policy::default()
    };
    plan
}

/// Messages sent that have this text in them.
fn sent(session: &Watched, part: &str) -> usize {
    let frames = session.frames(true);
    let texts = frames
        .iter()
        .map(|row| String::from_utf8_lossy(&row.payload));
    texts.filter(|text| text.contains(part)).count()
}

fn live(session: &Watched) -> usize {
    let states = session.states();
    states.iter().filter(|state| *state == "live").count()
}

fn dialect(session: &Watched) -> String {
    let picture = session.snapshot.as_ref().and_then(|one| one.broker.clone());
    let known = picture.and_then(|picture| picture.dialect.clone());
    known.map_or_else(String::new, |(known, _)| known.name().to_owned())
}

#[tokio::test]
async fn a_reconnect_registers_and_subscribes_again_also_to_what_was_by_hand() {
    let mut settings = broker::Settings::of(Dialect::V2_3);
    // Register, subscribe, list, subscribe by hand, one more: then TCP ends.
    settings.faults = Faults {
        close_after: Some(CloseAfter {
            messages: 5,
            code: None,
        }),
        ..Faults::default()
    };
    let (running, _handle) = broker::start(settings).await.expect("loopback is there");
    let path = "/wsmq?client_id=session-0001";
    let mut session = Watched::start(plan(
        &running,
        path,
        Settings {
            subscribe: vec!["of:profile".to_owned()],
            ..Settings::default()
        },
    ));
    session.until_state("live").await;
    session
        .until("the dialect", |session| dialect(session) == "2.3")
        .await;
    let by_hand = Command::Subscribe {
        topic: "by:hand".to_owned(),
    };
    let orders = session.handle.orders.clone();
    orders.send(Order::Send(by_hand)).await.expect("it runs");
    session
        .until("the acknowledgement", |session| {
            let frames = session.frames(false);
            frames
                .iter()
                .any(|row| row.payload.windows(7).any(|part| part == b"by:hand"))
        })
        .await;
    session.send_text(r#"{"type":"publish","topic":"x"}"#).await;
    session
        .until("live again", |session| {
            live(session) >= 2 && sent(session, "by:hand") >= 2
        })
        .await;
    assert!(sent(&session, "system:register") >= 2);
    assert!(sent(&session, "of:profile") >= 2);
    let trap = session
        .notes
        .iter()
        .find(|note| note.contains("connected again as session-0001"));
    assert!(trap.is_some(), "{:?}", session.notes);
    session.stop().await;
    running.stop().await;
}

#[tokio::test]
async fn a_server_of_1_3_is_found_by_the_probe_and_registered_with() {
    let settings = broker::Settings::of(Dialect::V1_3);
    let (running, _handle) = broker::generation1::start(settings)
        .await
        .expect("loopback is there");
    let mut session = Watched::start(plan(
        &running,
        "/ws",
        Settings {
            generation: Speak::Probe,
            ..Settings::default()
        },
    ));
    session.until_state("live").await;
    session
        .until("the dialect", |session| dialect(session) == "1.3")
        .await;
    let snapshot = session.snapshot.clone().expect("there is one");
    let identity = &snapshot.broker.as_ref().expect("it is a broker").identity;
    assert_eq!(identity.registration, Registration::Done);
    assert!(identity.id.starts_with("wsconn-"), "{identity:?}");
    session.stop().await;
    running.stop().await;
}

#[tokio::test]
async fn a_server_of_1_1_is_found_though_nobody_probes() {
    let settings = broker::Settings::of(Dialect::V1_1);
    let (running, _handle) = broker::generation1::start(settings)
        .await
        .expect("loopback is there");
    let mut session = Watched::start(plan(
        &running,
        "/ws",
        Settings {
            subscribe: vec!["news".to_owned()],
            ..Settings::default()
        },
    ));
    session
        .until("the dialect", |session| dialect(session) == "1.1")
        .await;
    session
        .until("the subscription", |session| {
            sent(session, r#""type":"subscribe","topic":"subscribe""#) == 1
        })
        .await;
    assert_eq!(session.facts("live")["state"], "live");
    session.stop().await;
    running.stop().await;
}
