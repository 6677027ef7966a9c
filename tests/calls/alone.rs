//! Sessions whose target is a REST address: no WebSocket at all.

use std::sync::atomic::Ordering;
use std::time::Duration;

use wspect::entry::{EntryKind, Outcome};
use wspect::frame::FrameKind;
use wspect::protocol::raccoon::Transport;
use wspect::transport::TlsOptions;
use wspect::transport::backoff::Policy;

use crate::harness::{Watched, json_batch, nobody, plan, protobuf_batch};
use crate::rest::raccoon;
use crate::scripted::{self, page};

const ACK: &str = r#"{"status":1,"code":1,"sent_time":1700000000,"data":{"req_guid":"g"}}"#;

fn happy(path: &str) -> hyper::Response<http_body_util::Full<bytes::Bytes>> {
    match path {
        "/ping" => page(200, "text/plain; charset=utf-8", "pong"),
        "/api/v1/events" => page(200, "application/json", ACK),
        _ => page(404, "text/plain", "404 page not found\n"),
    }
}

#[tokio::test]
async fn a_rest_address_is_a_target_of_its_own() {
    let server = raccoon().await;
    let url = server.url().replace("ws://", "http://");
    let mut plan = plan(&url);
    plan.system = None;
    let mut session = Watched::live(plan).await;
    assert!(
        session.facts("live")["detail"]
            .to_string()
            .contains("200 pong")
    );
    assert_eq!(session.facts("open")["status"], 200);
    let snapshot = session.snapshot.clone().expect("there is one");
    assert_eq!(snapshot.system, Some(wspect::protocol::System::Raccoon));
    for guid in ["json", "protobuf"] {
        let command = if guid == "json" {
            json_batch(guid, Transport::Rest)
        } else {
            protobuf_batch(guid, Transport::Rest)
        };
        let reply = session.exchange(command).await;
        assert_eq!(reply.outcome, Some(Outcome::Ok), "{}", reply.text());
    }
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn many_calls_share_one_connection() {
    let (addr, connections) = scripted::http1(happy).await;
    let mut session = Watched::live(plan(&format!("http://{addr}/api/v1/events"))).await;
    for _ in 0..20 {
        let reply = session.exchange(json_batch("g", Transport::Rest)).await;
        assert_eq!(reply.outcome, Some(Outcome::Ok));
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    session.stop().await;
}

#[tokio::test]
async fn over_tls_http2_is_agreed_upon() {
    let secure = scripted::https2(happy).await;
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().join("root.pem");
    std::fs::write(&root, &secure.root).expect("written");
    let url = format!("https://localhost:{}/api/v1/events", secure.addr.port());
    let mut plan = plan(&url);
    plan.dial.tls = TlsOptions {
        cacert: Some(root),
        ..TlsOptions::default()
    };
    let mut session = Watched::live(plan).await;
    let tls = session.facts("open")["tls"].to_string();
    assert!(tls.contains("TLS"), "{tls}");
    let reply = session.exchange(json_batch("g", Transport::Rest)).await;
    assert_eq!(reply.outcome, Some(Outcome::Ok));
    assert!(reply.text().starts_with("HTTP/2 200\r\n"));
    let request = session.row(reply.pair).text();
    assert!(
        request.starts_with(&format!("POST {url} HTTP/2\r\n")),
        "{request}"
    );
    assert!(request.contains("\r\nx-user-id: calls\r\n"), "{request}");
    session.stop().await;

    let mut plan = self::plan(&url);
    plan.dial.tls = TlsOptions::default();
    let mut session = Watched::start(plan);
    session.until_state("failed").await;
    let error = session.facts("closed")["error"].to_string();
    assert!(error.contains("--cacert"), "{error}");
    session.stop().await;
}

#[tokio::test]
async fn a_server_that_goes_and_comes_back_is_dialed_again() {
    let server = raccoon().await;
    let url = server.url().replace("ws://", "http://");
    let mut plan = plan(&url);
    plan.reconnect = Policy {
        enabled: true,
        base: Duration::from_millis(20),
        max: Duration::from_millis(50),
        ..Policy::default()
    };
    let mut session = Watched::live(plan).await;
    server.stop().await;
    // The kept connection has ended, and a new one is refused.
    let lost = session.exchange(json_batch("g", Transport::Rest)).await;
    assert_eq!(lost.kind, EntryKind::Lost);
    session
        .until("dialing again", |watched| {
            let states = watched.states();
            states.iter().filter(|state| *state == "dialing").count() >= 2
        })
        .await;
    assert_eq!(session.facts("closed")["by"], "network");
    session.stop().await;
}

#[tokio::test]
async fn nobody_there_and_no_ping_there_are_not_the_same() {
    let url = format!("http://{}/api/v1/events", nobody().await);
    let mut session = Watched::start(plan(&url));
    session.until_state("failed").await;
    let error = session.facts("closed")["error"].to_string();
    assert!(error.contains("refused the connection"), "{error}");
    session.stop().await;

    let (addr, _) = scripted::http1(|_| page(404, "text/plain", "404 page not found\n")).await;
    let mut session = Watched::live(plan(&format!("http://{addr}/api/v1/events"))).await;
    assert!(session.facts("live")["detail"].to_string().contains("404"));
    let reply = session.exchange(json_batch("g", Transport::Rest)).await;
    assert_eq!(reply.kind, EntryKind::Frame(FrameKind::Response));
    let note = reply.note.clone().unwrap_or_default();
    assert!(note.contains("HTTP 404"), "{note}");
    session.stop().await;
}

#[tokio::test]
async fn answers_that_break_off_or_are_no_http_are_losses_with_their_reason() {
    for (bytes, needle) in [
        (&b""[..], "without an answer"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"sta",
            "broke off after 5 bytes",
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not HTTP"),
    ] {
        let server = raccoon().await;
        let mut plan = plan(server.url());
        let addr = scripted::raw(bytes).await;
        plan.settings.raccoon.rest_url = Some(format!("http://{addr}/api/v1/events"));
        let mut session = Watched::live(plan).await;
        let lost = session.exchange(json_batch("g", Transport::Rest)).await;
        let why = lost.facts()["why"].to_string();
        assert!(why.contains(needle), "{why}");
        session.stop().await;
        server.stop().await;
    }
}

#[tokio::test]
async fn an_answer_over_the_limit_and_one_that_never_comes() {
    let (addr, _) = scripted::http1(|path| match path {
        "/ping" => page(200, "text/plain", "pong"),
        _ => page(200, "application/json", &"x".repeat(5_000)),
    })
    .await;
    let mut small = plan(&format!("http://{addr}/api/v1/events"));
    small.dial.message_limit = 1_000;
    let mut session = Watched::live(small).await;
    let lost = session.exchange(json_batch("g", Transport::Rest)).await;
    let why = lost.facts()["why"].to_string();
    assert!(why.contains("over the limit of 1000 bytes"), "{why}");
    session.stop().await;

    let server = raccoon().await;
    let mut plan = plan(server.url());
    let addr = scripted::silent().await;
    plan.settings.raccoon.rest_url = Some(format!("http://{addr}/api/v1/events"));
    plan.settings.raccoon.ack_timeout = Duration::from_millis(200);
    let mut session = Watched::live(plan).await;
    let lost = session.exchange(json_batch("g", Transport::Rest)).await;
    assert_eq!(lost.facts()["why"], "timeout");
    session.stop().await;
    server.stop().await;
}
