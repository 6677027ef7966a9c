//! Batches sent again, only when asked for, each attempt visible.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use wspect::entry::{EntryKind, Outcome};
use wspect::protocol::raccoon::{Retry, Transport, Wire};
use wspect::session::Plan;

use crate::harness::{Row, Watched, batch, json_batch, plan};
use crate::rest::raccoon;
use crate::scripted::{self, page};

const ACK: &str = r#"{"status":1,"code":1,"sent_time":1700000000,"data":{"req_guid":"g"}}"#;

fn with(mut plan: Plan, retry: &str) -> Plan {
    plan.settings.raccoon.retry = Retry {
        wait: Some(Duration::from_millis(30)),
        ..Retry::told(retry).expect("it means something")
    };
    plan
}

fn note(row: &Row) -> &str {
    row.note.as_deref().unwrap_or_default()
}

#[tokio::test]
async fn an_http_failure_is_tried_again_with_the_same_bytes() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (addr, _) = scripted::http1(|path| match path {
        "/ping" => page(200, "text/plain", "pong"),
        _ if CALLS.fetch_add(1, Ordering::Relaxed) < 2 => page(503, "text/plain", "busy"),
        _ => page(200, "application/json", ACK),
    })
    .await;
    let plan = with(plan(&format!("http://{addr}/api/v1/events")), "java");
    let mut session = Watched::live(plan).await;
    session.send(json_batch("g", Transport::Rest)).await;
    session
        .until("the third answer", |watched| watched.over().len() == 3)
        .await;
    let outcomes: Vec<_> = session.over().iter().map(|row| row.outcome).collect();
    assert_eq!(
        outcomes,
        [
            Some(Outcome::Error),
            Some(Outcome::Error),
            Some(Outcome::Ok)
        ]
    );
    let first = session.over()[0].clone();
    assert!(note(&first).starts_with("attempt 1 of 3: HTTP 503; sent again in 0.0 s"));
    let requests: Vec<Row> = session.rows.iter().filter(|row| row.out).cloned().collect();
    assert_eq!(requests.len(), 3);
    assert!(
        requests
            .iter()
            .all(|row| row.payload == requests[0].payload)
    );
    assert!(note(&requests[1]).starts_with("attempt 2 of 3, same req_guid, sent 0."));
    assert!(note(&requests[2]).ends_with("HTTP 503"));
    // Each answer belongs to its own attempt.
    let pairs: Vec<_> = session.over().iter().map(|row| row.pair).collect();
    let asks: Vec<_> = requests.iter().map(|row| Some(row.seq)).collect();
    assert_eq!(pairs, asks);
    session.stop().await;
}

#[tokio::test]
async fn attempts_end_with_a_word() {
    let (addr, _) = scripted::http1(|path| match path {
        "/ping" => page(200, "text/plain", "pong"),
        _ => page(500, "text/plain", "no"),
    })
    .await;
    let plan = with(plan(&format!("http://{addr}/api/v1/events")), "2");
    let mut session = Watched::live(plan).await;
    session.send(json_batch("g", Transport::Rest)).await;
    session
        .until("the last word", |watched| {
            watched
                .notes
                .iter()
                .any(|note| note.contains("failed for good"))
        })
        .await;
    assert_eq!(session.over().len(), 2);
    let last = session.over()[1].clone();
    assert!(
        note(&last).starts_with("2 of 2 attempts used up"),
        "{}",
        note(&last)
    );
    session.stop().await;
}

#[tokio::test]
async fn without_being_asked_nothing_is_sent_again() {
    let (addr, _) = scripted::http1(|path| match path {
        "/ping" => page(200, "text/plain", "pong"),
        _ => page(503, "text/plain", "busy"),
    })
    .await;
    let mut session = Watched::live(plan(&format!("http://{addr}/api/v1/events"))).await;
    let reply = session.exchange(json_batch("a", Transport::Rest)).await;
    assert!(!note(&reply).contains("attempt"));
    session.exchange(json_batch("b", Transport::Rest)).await;
    let requests = session.rows.iter().filter(|row| row.out).count();
    assert_eq!(requests, 2);
    session.stop().await;
}

#[tokio::test]
async fn over_the_websocket_a_failed_ack_and_a_missing_one_count_too() {
    let server = raccoon().await;
    let mut plan = with(plan(server.url()), "2");
    plan.settings.raccoon.retry.timeout = Some(Duration::from_millis(150));
    let mut session = Watched::live(plan).await;
    // The log publisher fails an event that is neither JSON nor protobuf.
    let bad = b"\x0a\x03bad\x1a\x0b\x0a\x03\xff\xff\xff\x12\x04page";
    session
        .send(batch("bad", Transport::WebSocket, Wire::Protobuf, bad))
        .await;
    session
        .until("two failures", |watched| watched.over().len() == 2)
        .await;
    assert!(note(session.over()[0]).starts_with("attempt 1 of 2: the batch failed"));
    assert!(note(session.over()[1]).starts_with("2 of 2 attempts used up"));
    // An event that takes its time: the first attempt is given up, and so is the second.
    let slow = br#"{"req_guid":"slow","events":[{"event_bytes":"e30=","type":"sleep-2000"}]}"#;
    session
        .send(batch("slow", Transport::WebSocket, Wire::Json, slow))
        .await;
    session
        .until("two losses", |watched| {
            let lost = |row: &&Row| row.kind == EntryKind::Lost;
            watched.rows.iter().filter(lost).count() == 2
        })
        .await;
    let lost = session.over()[2].clone();
    assert_eq!(lost.facts()["why"], "timeout");
    assert!(note(&lost).starts_with("attempt 1 of 2: no answer came in time"));
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_crash_is_tried_again_without_a_guid_of_its_own() {
    let server = raccoon().await;
    let mut plan = with(plan(server.url()), "2");
    plan.settings.raccoon.retry.wait = Some(Duration::from_millis(20));
    let mut session = Watched::live(plan).await;
    let null = br#"{"events":[null]}"#;
    session
        .send(batch("", Transport::Rest, Wire::Json, null))
        .await;
    session
        .until("two losses", |watched| watched.over().len() == 2)
        .await;
    let keys: Vec<_> = session
        .over()
        .iter()
        .map(|row| row.facts()["key"].to_string())
        .collect();
    assert_eq!(keys[0], keys[1]);
    session.stop().await;
    server.stop().await;
}
