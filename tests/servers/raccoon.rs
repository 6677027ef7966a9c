//! The Raccoon server against recordings of the real one.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use wspect::server::raccoon::{Ack, Settings, start};
use wspect::server::{Part, Running};

use crate::client::Connection;
use crate::replay::{Replay, Subject};
use crate::transcript::{Frame, Transcript};

/// Our Raccoon; empty once it was stopped.
pub(crate) struct Raccoon {
    pub(crate) address: SocketAddr,
    pub(crate) grpc_address: SocketAddr,
    pub(crate) running: Option<Running>,
}

impl Subject for Raccoon {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn grpc_address(&self) -> SocketAddr {
        self.grpc_address
    }

    fn normal(&self, _opcode: u8, payload: &[u8]) -> String {
        match std::str::from_utf8(payload) {
            Ok(text) if text.starts_with('{') => without_time(text),
            _ => without_sent_time(payload).escape_ascii().to_string(),
        }
    }

    async fn drive(&mut self, entry: &Value) {
        assert_eq!(entry, "stop");
        let running = self.running.take().expect("stopped once");
        tokio::spawn(running.stop());
    }
}

/// A JSON reply without its `sent_time`, and with a blank where a build may have U+00A0.
fn without_time(text: &str) -> String {
    let text = text.replace("proto:\u{a0}", "proto: ");
    let Some((before, after)) = text.split_once("\"sent_time\":") else {
        return text;
    };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}\"sent_time\":0{rest}")
}

/// The same for a protobuf reply: status and code, then field 3 in five bytes as long as seconds
/// have ten digits.
fn without_sent_time(payload: &[u8]) -> Vec<u8> {
    let mut bytes = payload.to_vec();
    if let Some(time) = bytes.get_mut(4..10)
        && time[0] == 0x18
    {
        time.copy_from_slice(b"(time)");
    }
    // U+00A0 is one byte longer, which the length before the reason shows.
    let nbsp = "proto:\u{a0}".as_bytes();
    if let Some(at) = bytes.windows(nbsp.len()).position(|w| w == nbsp) {
        bytes.splice(at..at + nbsp.len(), *b"proto: ");
        bytes[11] -= 1;
    }
    bytes
}

/// The recorded settings.
fn settings(transcript: &Transcript) -> Settings {
    let text = |key: &str| transcript.config(key).as_str();
    let number = |key: &str| transcript.config(key).as_u64();
    let millis = |key: &str, default| number(key).map_or(default, Duration::from_millis);
    let defaults = Settings::default();
    Settings {
        ack: match number("event.ack") {
            Some(1) => Ack::Sync,
            _ => Ack::Async,
        },
        group_header: text("server.websocket.conn.group.header").map(str::to_owned),
        max_connections: number("server.websocket.max.conn")
            .map_or(defaults.max_connections, |n| n as usize),
        workers: number("worker.pool.size").map_or(defaults.workers, |n| n as usize),
        queue: number("worker.buffer.channel.size").map_or(defaults.queue, |n| n as usize),
        dedup: text("server.batch.dedup.in.connection.enabled") == Some("true"),
        check_origin: text("server.websocket.check.origin") != Some("false"),
        ping_interval: millis("server.websocket.ping.interval.ms", defaults.ping_interval),
        pong_wait: millis("server.websocket.pong.wait.interval.ms", defaults.pong_wait),
        ..defaults
    }
}

pub(crate) async fn raccoon(settings: Settings) -> Raccoon {
    let running = start(settings).await.unwrap();
    Raccoon {
        address: running.address(),
        grpc_address: running.part(Part::Grpc).unwrap(),
        running: Some(running),
    }
}

async fn replay(name: &str) {
    let replay = Replay::of(name);
    let raccoon = raccoon(settings(replay.transcript())).await;
    replay.run(raccoon).await;
}

macro_rules! recorded {
    ($($test:ident: $name:literal),* $(,)?) => {
        $(#[tokio::test]
        async fn $test() {
            replay($name).await;
        })*
    };
}

recorded! {
    text_async: "raccoon-ws-text-async",
    text_sync: "raccoon-ws-text-sync",
    binary_async: "raccoon-ws-binary-async",
    binary_sync: "raccoon-ws-binary-sync",
    bad_bytes: "raccoon-ws-bad-bytes",
    check_origin_off: "raccoon-ws-check-origin-off",
    dedup: "raccoon-ws-dedup",
    duplicate: "raccoon-ws-duplicate",
    max_conn: "raccoon-ws-max-conn",
    missing_header: "raccoon-ws-missing-header",
    sync_out_of_order: "raccoon-ws-sync-out-of-order",
    upgrade: "raccoon-ws-upgrade",
    rest_async: "raccoon-rest-async",
    rest_sync: "raccoon-rest-sync",
    grpc_async: "raccoon-grpc-async",
    grpc_sync: "raccoon-grpc-sync",
}

/// Three acks at once, then one for each batch that is done; the close waits for the reader.
#[tokio::test]
async fn backpressure_async() {
    let replay = Replay::of("raccoon-ws-backpressure-async").at_speed(1.0);
    let raccoon = raccoon(settings(replay.transcript())).await;
    replay.run(raccoon).await;
}

#[tokio::test]
async fn backpressure_sync() {
    let replay = Replay::of("raccoon-ws-backpressure-sync").at_speed(1.0);
    let raccoon = raccoon(settings(replay.transcript())).await;
    replay.run(raccoon).await;
}

/// Five times as fast. The first ping is due half an interval after the first connect.
#[tokio::test]
async fn no_pong() {
    let replay = Replay::of("raccoon-ws-no-pong").at_speed(5.0);
    let recorded = settings(replay.transcript());
    let settings = Settings {
        ping_interval: recorded.ping_interval / 5,
        pong_wait: recorded.pong_wait / 5,
        ..recorded
    };
    let half = settings.ping_interval / 2;
    let raccoon = raccoon(settings).await;
    tokio::time::sleep(half).await;
    replay.run(raccoon).await;
}

/// A hundred times as fast.
#[tokio::test]
async fn ping_default() {
    let replay = Replay::of("raccoon-ws-ping-default").at_speed(100.0);
    let defaults = Settings::default();
    let raccoon = raccoon(Settings {
        ping_interval: defaults.ping_interval / 100,
        pong_wait: defaults.pong_wait / 100,
        ..settings(replay.transcript())
    });
    replay.run(raccoon.await).await;
}

/// The file does not tell when the signal came: while B's batch was being published.
#[tokio::test]
async fn server_stops() {
    let replay = Replay::of("raccoon-ws-server-stops").drive_at(300.0, "stop".into());
    let replay = replay.at_speed(1.0);
    let raccoon = raccoon(settings(replay.transcript())).await;
    replay.run(raccoon).await;
}

/// An id so long that the close reason does not fit: no close frame.
#[tokio::test]
async fn a_duplicate_of_a_long_id_is_not_told_goodbye() {
    for (length, is_told) in [(101, true), (102, false)] {
        let raccoon = raccoon(Settings::default()).await;
        let id = "i".repeat(length);
        let _first = connected(raccoon.address, &id).await;
        let mut second = connected(raccoon.address, &id).await;
        let refusal = second.receive().await.expect("a refusal");
        assert_eq!(
            (refusal.opcode, &refusal.payload[..4]),
            (2, &b"\x08\x02\x10\x05"[..])
        );
        let close = second.receive().await;
        let reason = format!("\u{3}\u{f0}duplicate connection: {id}");
        let told = close.map(|frame| (frame.opcode, frame.payload.len()));
        assert_eq!(told, is_told.then_some((8, reason.chars().count())));
        assert!(second.receive().await.is_none());
    }
}

/// `null` among the events crashes the real handler.
#[tokio::test]
async fn a_null_event_drops_the_connection() {
    let raccoon = raccoon(Settings::default()).await;
    let mut connection = connected(raccoon.address, "a").await;
    connection.send(&frame(1, br#"{"events":[null]}"#)).await;
    assert!(connection.receive().await.is_none());
    let _again = connected(raccoon.address, "a").await;
}

pub(crate) async fn connected(address: SocketAddr, id: &str) -> Connection {
    upgraded(Connection::dial(address).await, id).await
}

async fn upgraded(mut connection: Connection, id: &str) -> Connection {
    let head = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: any\r\nSec-WebSocket-Version: 13\r\nX-User-ID: {id}\r\n\r\n"
    );
    connection.write(head.as_bytes()).await;
    assert!(connection.answer().await.starts_with(b"HTTP/1.1 101 "));
    connection
}

pub(crate) fn frame(opcode: u8, payload: &[u8]) -> Frame {
    Frame {
        opcode,
        fin: true,
        rsv: 0,
        masked: true,
        payload: payload.to_vec(),
        cut_from: None,
        count: 1,
    }
}

/// All SYNC acks are written by one task without a deadline: a client that reads nothing holds up
/// everybody, here until its missing pongs end it.
#[tokio::test]
async fn a_client_that_does_not_read_holds_up_all_acks() {
    let raccoon = raccoon(Settings {
        ack: Ack::Sync,
        pong_wait: Duration::from_secs(3),
        ..Settings::default()
    });
    let raccoon = raccoon.await;
    let narrow = Connection::dial_narrow(raccoon.address).await;
    let mut deaf = upgraded(narrow, "deaf").await;
    deaf.stop_reading().await;
    let mut batch = b"\x0a\x80\x80\x10".to_vec(); // req_guid of 256 KiB
    batch.resize(4 + 256 * 1024, b'g');
    for _ in 0..30 {
        deaf.send(&frame(2, &batch)).await;
    }
    let mut other = connected(raccoon.address, "other").await;
    let mut acked = Ok(None);
    for _ in 0..100 {
        other.send(&frame(2, b"\x0a\x04mine")).await;
        acked = tokio::time::timeout(Duration::from_millis(200), other.receive()).await;
        if acked.is_err() {
            break;
        }
    }
    assert!(acked.is_err(), "nobody was held up");
    for _ in 0..100 {
        other.send(&frame(10, b"")).await;
        acked = tokio::time::timeout(Duration::from_millis(100), other.receive()).await;
        if acked.is_ok() {
            break;
        }
    }
    let ack = acked
        .expect("an ack once the deaf client is cut")
        .expect("TCP is open");
    assert!(ack.payload.ends_with(b"mine"));
}

/// The comparison can fail: with room for one, B is refused, too.
#[tokio::test]
#[should_panic(expected = "raccoon-ws-max-conn, line 23")]
async fn a_server_with_other_settings_is_found_out() {
    let replay = Replay::of("raccoon-ws-max-conn");
    let raccoon = raccoon(Settings {
        max_connections: 1,
        ..settings(replay.transcript())
    });
    replay.run(raccoon.await).await;
}

/// Scenarios of this system that are not replayed, and why.
#[test]
fn every_scenario_is_known() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/transcripts");
    let source = include_str!("raccoon.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".jsonl");
        if name.starts_with("raccoon") {
            assert!(
                source.contains(&format!("\"{name}\"")),
                "{name} is not replayed"
            );
        }
    }
}
