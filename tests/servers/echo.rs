//! The echo server against recordings of gowse's, and what ours does beyond that.

use std::net::SocketAddr;
use std::time::Duration;

use wspect::server::Running;
use wspect::server::echo::{Flood, Settings, start};

use crate::client::Connection;
use crate::replay::{Replay, Subject};

const HEAD: &str = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

struct Echo(Running);

impl Subject for Echo {
    fn address(&self) -> SocketAddr {
        self.0.address()
    }
}

async fn connected(running: &Running) -> Connection {
    let mut connection = Connection::dial(running.address()).await;
    connection.write(HEAD.as_bytes()).await;
    assert!(connection.answer().await.starts_with(b"HTTP/1.1 101 "));
    connection
}

#[tokio::test]
async fn recorded_echo() {
    let settings = Settings {
        leaves_tcp_open: true,
        ..Settings::default()
    };
    let running = start(settings).await.unwrap();
    Replay::of("gowse-echo")
        .edit(|steps| drop(steps.pop()))
        .keeps_tcp()
        .run(Echo(running))
        .await;
}

#[tokio::test]
async fn a_flood_is_counted_and_leaves_the_connection_open() {
    let flood = Flood {
        payload: "400:json".parse().unwrap(),
        count: Some(2000),
        rate: None,
    };
    let settings = Settings {
        flood: Some(flood),
        ..Settings::default()
    };
    let running = start(settings).await.unwrap();
    let mut connection = connected(&running).await;
    for _ in 0..2000 {
        let frame = connection.receive().await.expect("one more");
        assert_eq!((frame.opcode, frame.payload.len()), (1, 400));
    }
    let more = tokio::time::timeout(Duration::from_millis(30), connection.receive()).await;
    assert!(
        more.is_err(),
        "the flood went on, or the connection ended: {more:?}"
    );
    running.stop().await;
    assert!(connection.receive().await.is_none());
}

#[tokio::test]
async fn a_tick_comes_unasked() {
    let settings = Settings {
        tick: Some(Duration::from_millis(5)),
        ..Settings::default()
    };
    let running = start(settings).await.unwrap();
    let mut connection = connected(&running).await;
    for n in 0..3 {
        let frame = connection.receive().await.expect("a tick");
        let value: serde_json::Value = serde_json::from_slice(&frame.payload).unwrap();
        assert_eq!((&value["type"], &value["n"]), (&"tick".into(), &n.into()));
    }
}
