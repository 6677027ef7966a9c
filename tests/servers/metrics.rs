//! Which counter moves when a client does what.

use std::net::SocketAddr;
use std::time::Duration;

use wspect::server::Part;
use wspect::server::raccoon::{Ack, EventTypes, Faults, Settings, SinkKind};

use crate::client::{Connection, PATIENCE};
use crate::raccoon::{Raccoon, connected, frame, raccoon};
use crate::rpc::{exchange, framed};

fn counting() -> Settings {
    Settings {
        ack: Ack::Sync,
        dedup: true,
        group_header: Some("X-Group".to_owned()),
        ping_interval: Duration::from_millis(50),
        metrics_listen: Some("127.0.0.1:0".to_owned()),
        metrics_refresh: Duration::from_millis(50),
        ..Settings::default()
    }
}

async fn page(address: SocketAddr) -> String {
    let mut connection = Connection::dial(address).await;
    connection
        .write(b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
        .await;
    let answer = String::from_utf8(connection.answer().await).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"));
    body.to_owned()
}

/// Waits until the page has all these lines.
async fn shows(raccoon: &Raccoon, lines: &[&str]) {
    let address = raccoon.running.as_ref().and_then(|r| r.part(Part::Metrics));
    let address = address.unwrap();
    let seen = tokio::time::timeout(PATIENCE, async {
        loop {
            let page = page(address).await;
            if lines.iter().all(|line| page.lines().any(|l| l == *line)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(
        seen.await.is_ok(),
        "not all of {lines:#?} in\n{}",
        page(address).await
    );
}

async fn acked(connection: &mut Connection, opcode: u8, payload: &[u8]) {
    connection.send(&frame(opcode, payload)).await;
    assert!(connection.receive().await.is_some());
}

#[tokio::test]
async fn what_a_websocket_moves() {
    let raccoon = raccoon(counting()).await;
    let mut one = connected(raccoon.address, "one").await;
    let mut twin = connected(raccoon.address, "one").await;
    assert!(twin.receive().await.is_some());
    let batch =
        br#"{"req_guid":"g","events":[{"event_bytes":"e30=","type":"page"},{"type":"q\""}]}"#;
    for _ in 0..2 {
        acked(&mut one, 1, batch).await;
    }
    acked(&mut one, 1, b"{").await;
    acked(&mut one, 8, b"\x03\xe8").await;
    let other = connected(raccoon.address, "other").await;
    let group = "conn_group=\"--default--\"";
    shows(
        &raccoon,
        &[
            &format!("batches_read_total{{{group},reason=\"NA\",status=\"success\"}} 1"),
            &format!("batches_read_total{{{group},reason=\"serde\",status=\"failed\"}} 1"),
            &format!("batches_read_total{{{group},reason=\"closeerror\",status=\"failed\"}} 1"),
            &format!("events_duplicate_total{{{group},reason=\"duplicate\"}} 1"),
            &format!("events_rx_total{{{group},event_type=\"page\"}} 1"),
            &format!("events_rx_total{{{group},event_type=\"q\\\"\"}} 1"),
            &format!("events_rx_bytes_total{{{group},event_type=\"page\"}} 2"),
            &format!("user_connection_success_total{{{group}}} 2"),
            &format!("user_connection_failure_total{{{group},reason=\"exists\"}} 1"),
            &format!("server_ping_failure_total{{{group}}} 1"),
            &format!("connections_count_current{{{group}}} 1"),
            &format!("user_session_duration_milliseconds_bucket{{{group},le=\"3.6e+06\"}} 1"),
            &format!("server_processing_latency_milliseconds_count{{{group}}} 1"),
            "event_rtt_ms_count 1",
            "ack_event_rtt_ms_count 1",
        ],
    )
    .await;
    drop(other);
    shows(
        &raccoon,
        &[&format!("connections_count_current{{{group}}} 0")],
    )
    .await;
}

#[tokio::test]
async fn what_calls_move() {
    let raccoon = raccoon(counting()).await;
    for kind in ["application/json", "text/plain"] {
        let mut connection = Connection::dial(raccoon.address).await;
        let head = format!(
            "POST /api/v1/events HTTP/1.1\r\nHost: h\r\nX-Group: rest\r\nContent-Type: {kind}\r\n\
             Content-Length: 47\r\n\r\n"
        );
        connection.write(head.as_bytes()).await;
        let batch = br#"{"events":[{"event_bytes":"e30=","type":"rest"}]}"#;
        connection.write(&batch[..47]).await;
        connection.answer().await;
    }
    let path = "/raystack.raccoon.v1beta1.EventService/SendEvent";
    let headers = [
        ("content-type", "application/grpc"),
        ("x-user-id", ""),
        ("x-group", ""),
    ];
    let batch = framed(0, b"\x1a\x0a\x0a\x02{}\x12\x04grpc");
    let reply = exchange(raccoon.grpc_address, "POST", path, &headers, batch).await;
    assert_eq!(reply.http, 200);
    shows(
        &raccoon,
        &[
            "batches_read_total{conn_group=\"rest\",reason=\"serde\",status=\"failed\"} 1",
            "batches_read_total{conn_group=\"NA\",reason=\"unknowncontentype\",status=\"failed\"} 1",
            "batches_read_total{conn_group=\"\",reason=\"NA\",status=\"success\"} 1",
            "events_rx_total{conn_group=\"\",event_type=\"grpc\"} 1",
        ],
    )
    .await;
    let address = raccoon.running.as_ref().unwrap().part(Part::Metrics);
    let page = page(address.unwrap()).await;
    assert!(
        !page.contains("events_rx_bytes_total"),
        "not for gRPC: {page}"
    );
}

#[tokio::test]
async fn what_a_broker_moves() {
    let raccoon = raccoon(Settings {
        sink: SinkKind::Kafka,
        destination: "t-%s".to_owned(),
        faults: Faults {
            fail: vec![(EventTypes::new("bad"), None)],
            ..Faults::default()
        },
        ..counting()
    });
    let raccoon = raccoon.await;
    let mut one = connected(raccoon.address, "one").await;
    acked(
        &mut one,
        1,
        br#"{"events":[{"type":"good"},{"type":"bad"}]}"#,
    )
    .await;
    let group = "conn_group=\"--default--\"";
    let bad = format!("{group},event_type=\"bad\",topic=\"t-bad\"");
    shows(
        &raccoon,
        &[
            &format!(
                "kafka_messages_delivered_total{{{group},event_type=\"good\",topic=\"t-good\"}} 1"
            ),
            &format!("kafka_messages_undelivered_total{{{bad}}} 1"),
            &format!("kafka_unknown_topic_failure_total{{{bad}}} 1"),
            "kafka_producebulk_tt_ms_count 1",
        ],
    )
    .await;
}
