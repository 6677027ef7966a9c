//! Batches over REST, beside a WebSocket.

use std::time::Duration;

use wspect::entry::{Badge, EntryKind, Outcome};
use wspect::frame::FrameKind;
use wspect::protocol::raccoon::{Transport, Wire};
use wspect::server::{Running, raccoon};

use crate::harness::{Watched, batch, json_batch, nobody, plan};

/// A Raccoon server that acknowledges after publishing.
pub(crate) async fn raccoon() -> Running {
    let settings = raccoon::Settings {
        ack: raccoon::Ack::Sync,
        ..raccoon::Settings::default()
    };
    raccoon::start(settings).await.expect("it starts")
}

#[tokio::test]
async fn a_batch_goes_over_rest_and_its_answer_is_its_pair() {
    let server = raccoon().await;
    let mut session = Watched::live(plan(server.url())).await;
    let reply = session.exchange(json_batch("g-1", Transport::Rest)).await;
    assert_eq!(reply.kind, EntryKind::Frame(FrameKind::Response));
    assert_eq!(
        (reply.badge, reply.outcome),
        (Badge::Ack, Some(Outcome::Ok))
    );
    assert!(reply.latency.is_some());
    let text = reply.text();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(
        text.contains("Content-Type: application/json\r\n"),
        "{text}"
    );
    assert!(text.contains(r#""data":{"req_guid":"g-1"}"#), "{text}");

    let request = session.row(reply.pair);
    assert!(request.out && request.asks && request.badge == Badge::Batch);
    let url = server.url().replace("ws://", "http://");
    let text = request.text();
    let start = format!("POST {url} HTTP/1.1\r\nHost: ");
    assert!(text.starts_with(&start), "{text}");
    assert!(
        text.contains("\r\nContent-Type: application/json\r\n"),
        "{text}"
    );
    assert!(text.contains("\r\nX-User-Id: calls\r\n"), "{text}");
    // Nobody told where the twin is, so the user is told where it was looked for.
    assert!(session.notes.iter().any(|note| note.contains(&url)));
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn what_the_server_refuses_answers_its_own_call() {
    let server = raccoon().await;
    let mut session = Watched::live(plan(server.url())).await;
    let broken = br#"{"req_guid":"g-2","#;
    let reply = session
        .exchange(batch("g-2", Transport::Rest, Wire::Json, broken))
        .await;
    assert_eq!(reply.outcome, Some(Outcome::Error));
    assert!(reply.text().starts_with("HTTP/1.1 400 Bad Request\r\n"));
    let request = session.row(reply.pair);
    assert!(request.text().ends_with(r#"{"req_guid":"g-2","#));
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_handler_that_crashes_is_a_loss_with_its_reason() {
    let server = raccoon().await;
    let mut session = Watched::live(plan(server.url())).await;
    let null = br#"{"req_guid":"g-3","events":[null]}"#;
    let lost = session
        .exchange(batch("g-3", Transport::Rest, Wire::Json, null))
        .await;
    assert_eq!(lost.kind, EntryKind::Lost);
    let facts = lost.facts();
    assert_eq!(facts["key"], "g-3");
    let why = facts["why"].as_str().unwrap_or_default();
    assert!(why.contains("without an answer"), "{why}");
    // The session and its twin go on.
    let reply = session.exchange(json_batch("g-4", Transport::Rest)).await;
    assert_eq!(reply.outcome, Some(Outcome::Ok));
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_twin_nobody_serves_is_told_with_what_to_try() {
    let server = raccoon().await;
    let mut plan = plan(server.url());
    let url = format!("http://{}/api/v1/events", nobody().await);
    plan.settings.raccoon.rest_url = Some(url.clone());
    let mut session = Watched::live(plan).await;
    let lost = session.exchange(json_batch("g-5", Transport::Rest)).await;
    let facts = lost.facts();
    let why = facts["why"].as_str().unwrap_or_default();
    assert!(
        why.contains(&url) && why.contains("refused the connection"),
        "{why}"
    );
    assert!(lost.kind == EntryKind::Lost && facts["age_ms"].as_u64() < Some(5_000));
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn two_batches_of_one_guid_are_two_calls() {
    let server = raccoon::start(raccoon::Settings {
        ack: raccoon::Ack::Sync,
        publisher: raccoon::Publisher::Broker {
            least: Duration::from_millis(50),
            most: Duration::from_millis(60),
            fail_one_in: 0,
        },
        ..raccoon::Settings::default()
    })
    .await
    .expect("it starts");
    let mut session = Watched::live(plan(server.url())).await;
    for _ in 0..2 {
        session.send(json_batch("twice", Transport::Rest)).await;
    }
    session
        .until("both replies", |watched| watched.over().len() == 2)
        .await;
    let over = session.over();
    assert!(over.iter().all(|row| row.outcome == Some(Outcome::Ok)));
    assert_ne!(over[0].pair, over[1].pair);
    assert!(
        over.iter()
            .all(|row| row.note.as_ref().is_none_or(|note| !note.contains("mixes")))
    );
    session.stop().await;
    server.stop().await;
}
