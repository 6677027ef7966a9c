//! Batches over gRPC: beside a WebSocket, and with a gRPC address as the target.

use wspect::entry::{Badge, EntryKind, Outcome};
use wspect::frame::FrameKind;
use wspect::protocol::raccoon::{Transport, Wire};
use wspect::server::raccoon;

use crate::harness::{Watched, batch, json_batch, nobody, plan, protobuf_batch};
use crate::rest::raccoon;
use crate::scripted;

#[tokio::test]
async fn one_session_sends_each_batch_over_another_transport() {
    let server = raccoon().await;
    let mut plan = plan(server.url());
    plan.settings.raccoon.grpc_url = server.grpc_url();
    let mut session = Watched::live(plan).await;
    let ack = session
        .exchange(json_batch("ws", Transport::WebSocket))
        .await;
    assert_eq!(ack.kind, EntryKind::Frame(FrameKind::Text));
    let rest = session.exchange(json_batch("rest", Transport::Rest)).await;
    let grpc = session
        .exchange(protobuf_batch("grpc", Transport::Grpc))
        .await;
    for reply in [&rest, &grpc] {
        assert_eq!(reply.kind, EntryKind::Frame(FrameKind::Response));
        assert_eq!(reply.outcome, Some(Outcome::Ok), "{}", reply.text());
    }
    let text = grpc.text();
    assert!(text.starts_with("HTTP/2 200\r\n"), "{text}");
    assert!(text.contains("\r\ngrpc-status: 0\r\n"), "{text}");
    let request = session.row(grpc.pair).text();
    let url = server.grpc_url().expect("it has one");
    let start = format!("POST {url}/raystack.raccoon.v1beta1.EventService/SendEvent HTTP/2\r\n");
    assert!(request.starts_with(&start), "{request}");
    assert!(request.contains("\r\nx-user-id: calls\r\n"), "{request}");
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn an_address_for_grpc_is_a_target_of_its_own() {
    let server = raccoon().await;
    let mut plan = plan(&server.grpc_url().expect("it has one"));
    plan.system = None;
    let mut session = Watched::live(plan).await;
    assert!(
        session.facts("live")["detail"]
            .to_string()
            .contains("HTTP/2")
    );
    assert!(session.facts("open")["status"].is_null());
    let reply = session.exchange(protobuf_batch("g", Transport::Grpc)).await;
    assert_eq!(reply.outcome, Some(Outcome::Ok));

    session.send(json_batch("g", Transport::WebSocket)).await;
    session
        .until("a refusal", |watched| !watched.rejections.is_empty())
        .await;
    let why = session.rejections[0].clone();
    assert!(why.contains("no WebSocket"), "{why}");
    session.send(json_batch("g", Transport::Rest)).await;
    session
        .until("another", |watched| watched.rejections.len() == 2)
        .await;
    let why = session.rejections[1].clone();
    assert!(why.contains("rest_url"), "{why}");

    // The server goes, and the session notices without sending anything.
    server.stop().await;
    session.until_state("failed").await;
    let end = session.facts("closed");
    assert_eq!((&end["by"], &end["how"]), (&"peer".into(), &"fin".into()));
    session.stop().await;
}

#[tokio::test]
async fn statuses_are_answers_with_their_meaning() {
    let server = raccoon().await;
    let mut plan = plan(server.url());
    plan.dial.headers.clear();
    plan.settings.raccoon.grpc_url = server.grpc_url();
    let mut session = Watched::live(plan).await;
    let reply = session.exchange(protobuf_batch("g", Transport::Grpc)).await;
    assert_eq!(
        (reply.badge, reply.outcome),
        (Badge::Error, Some(Outcome::Error))
    );
    let note = reply.note.clone().unwrap_or_default();
    assert!(
        note.contains("UNKNOWN") && note.contains("id header"),
        "{note}"
    );
    let text = reply.text();
    assert!(text.contains("\r\ngrpc-status: 2\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\n"), "the body is empty: {text}");
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn broken_bytes_and_big_ones_go_out_and_come_back_as_statuses() {
    let server = raccoon().await;
    let mut plan = plan(&server.grpc_url().expect("it has one"));
    plan.dial.headers = vec![("X-User-ID".to_owned(), "odd".to_owned())];
    let mut session = Watched::live(plan).await;
    let broken = batch("", Transport::Grpc, Wire::Protobuf, b"\xff\xff");
    let reply = session.exchange(broken).await;
    let note = reply.note.unwrap_or_default();
    assert!(note.contains("INTERNAL"), "{note}");
    assert!(
        session
            .row(reply.pair)
            .payload
            .ends_with(b"\r\n\r\n\xff\xff")
    );
    let mut big = vec![
        0x0a, 0x01, b'b', 0x1a, 0x86, 0x80, 0x80, 0x02, 0x0a, 0x82, 0x80, 0x80, 0x02,
    ];
    big.resize(big.len() + (4 << 20) + 2, b'x');
    let reply = session
        .exchange(batch("b", Transport::Grpc, Wire::Protobuf, &big))
        .await;
    let note = reply.note.unwrap_or_default();
    assert!(
        note.contains("RESOURCE_EXHAUSTED") && note.contains("4 MiB"),
        "{note}"
    );
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_failed_batch_inside_a_successful_call_is_told_as_that() {
    let server = raccoon().await;
    let mut session = Watched::live(plan(&server.grpc_url().expect("it has one"))).await;
    // The log publisher takes JSON and protobuf, and this is neither.
    let bytes = b"\x0a\x01f\x1a\x0b\x0a\x03\xff\xff\xff\x12\x04page";
    let reply = session
        .exchange(batch("f", Transport::Grpc, Wire::Protobuf, bytes))
        .await;
    assert_eq!(reply.outcome, Some(Outcome::Error));
    assert!(reply.text().contains("grpc-status: 0"));
    let note = reply.note.unwrap_or_default();
    assert!(note.contains("RPC is OK and the batch is not"), "{note}");
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_port_that_speaks_something_else_is_told_apart() {
    let server = raccoon().await;
    let url = server.url().replace("ws://", "grpc://");
    let url = url.trim_end_matches("/api/v1/events").to_owned();
    let mut session = Watched::start(plan(&url));
    session.until_state("failed").await;
    let error = session.facts("closed")["error"].to_string();
    assert!(
        error.contains("does not speak HTTP/2") && error.contains("HTTP/1.1 "),
        "{error}"
    );
    session.stop().await;

    let mut session = Watched::start(plan(&format!("grpc://{}", nobody().await)));
    session.until_state("failed").await;
    let error = session.facts("closed")["error"].to_string();
    assert!(error.contains("refused the connection"), "{error}");
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_grpc_is_shown_as_it_came() {
    // A gateway's error page over HTTP/2.
    let addr =
        scripted::http2(|_| scripted::page(502, "text/html", "<html>bad gateway</html>")).await;
    let mut session = Watched::live(plan(&format!("grpc://{addr}"))).await;
    let reply = session.exchange(protobuf_batch("g", Transport::Grpc)).await;
    assert_eq!(
        (reply.badge, reply.outcome),
        (Badge::Error, Some(Outcome::Error))
    );
    let text = reply.text();
    assert!(text.starts_with("HTTP/2 502\r\n"), "{text}");
    assert!(text.ends_with("<html>bad gateway</html>"), "{text}");
    session.stop().await;
}

/// The guid among the bytes of a request or an answer, in either wire.
fn guid_in(text: &str) -> Option<String> {
    let at = ["slow", "fast-", "grpc-"]
        .iter()
        .find_map(|word| text.rfind(word))?;
    let is_of_guid = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    Some(text[at..].chars().take_while(is_of_guid).collect())
}

#[tokio::test]
async fn calls_under_way_answer_in_any_order() {
    let server = raccoon::start(raccoon::Settings {
        ack: raccoon::Ack::Sync,
        ..raccoon::Settings::default()
    })
    .await
    .expect("it starts");
    let mut plan = plan(server.url());
    plan.settings.raccoon.grpc_url = server.grpc_url();
    let mut session = Watched::live(plan).await;
    let slow = |guid: &str, kind: &str| {
        let text = format!(
            r#"{{"req_guid":"{guid}","events":[{{"event_bytes":"e30=","type":"{kind}"}}]}}"#
        );
        batch(guid, Transport::Rest, Wire::Json, text.as_bytes())
    };
    session.send(slow("slow", "sleep-400")).await;
    for n in 0..20 {
        session.send(slow(&format!("fast-{n}"), "page")).await;
        session
            .send(protobuf_batch(&format!("grpc-{n}"), Transport::Grpc))
            .await;
    }
    session
        .until("all replies", |watched| watched.over().len() == 41)
        .await;
    let over = session.over();
    assert!(over.iter().all(|row| row.outcome == Some(Outcome::Ok)));
    for reply in &over {
        let guid = guid_in(&session.row(reply.pair).text());
        assert_eq!(guid_in(&reply.text()), guid);
    }
    let last = over.last().expect("there are some");
    assert!(last.text().contains("slow"), "the slow one is last");
    session.stop().await;
    server.stop().await;
}
