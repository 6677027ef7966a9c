//! Well-behaved servers: open, live, send, close, reconnect, ping.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;
use wspect::entry::EntryKind;
use wspect::frame::FrameKind;
use wspect::protocol::{Command, Outgoing};
use wspect::session::{Order, State};
use wspect::transport::backoff::Policy;

use crate::harness::{Watched, plan, server};

async fn echo(stream: TcpStream, _: usize) {
    let mut socket = accept_async(stream).await.expect("an upgrade");
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() || message.is_binary() {
            socket.send(message).await.expect("the client reads");
        }
    }
}

#[tokio::test]
async fn an_echo_comes_back_and_the_close_is_clean() {
    let addr = server(1, echo).await;
    let mut session = Watched::start(plan(&format!("ws://{addr}/")));
    session.until_state("live").await;
    session.send_text(r#"{"hello":1}"#).await;
    session
        .until("the echo", |s| !s.frames(false).is_empty())
        .await;
    assert_eq!(session.frames(false)[0].payload, br#"{"hello":1}"#);
    let sent = session.frames(true)[0];
    assert!(sent.wire.mask.is_some(), "client frames are masked");
    assert_eq!(sent.wire.bytes, 2 + 4 + 11);
    session.stop().await;
    let closed = session.facts("closed");
    assert_eq!(closed["by"], "us");
    assert_eq!(closed["clean"], true);
    assert_eq!(closed["code"], 1000);
    assert_eq!(session.facts("open")["status"], 101);
    assert_eq!(session.states()[..2], ["dialing", "open"]);
}

#[tokio::test]
async fn own_pings_measure_the_round_trip() {
    let addr = server(1, echo).await;
    let mut session = Watched::start(wspect::session::Plan {
        ping_every: Duration::from_millis(20),
        ..plan(&format!("ws://{addr}/"))
    });
    session
        .until("three round trips", |s| {
            s.snapshot
                .as_ref()
                .is_some_and(|snapshot| snapshot.rtt.recent.len() >= 3)
        })
        .await;
    let pongs = session
        .frames(false)
        .iter()
        .filter(|row| row.kind == EntryKind::Frame(FrameKind::Pong))
        .count();
    assert!(pongs >= 3, "pongs are rows like any other");
    session.stop().await;
}

#[tokio::test]
async fn the_servers_pings_are_answered_and_its_close_completed() {
    let addr = server(1, |stream, _| async {
        let mut socket = accept_async(stream).await.expect("an upgrade");
        socket
            .send(Message::Ping("are you there".into()))
            .await
            .expect("sent");
        let pong = socket.next().await.expect("a pong").expect("well-formed");
        assert_eq!(pong, Message::Pong("are you there".into()));
        socket
            .close(Some(tokio_tungstenite::tungstenite::protocol::CloseFrame {
                code: 4001.into(),
                reason: "enough".into(),
            }))
            .await
            .expect("sent");
        while socket.next().await.is_some() {}
    })
    .await;
    let mut session = Watched::start(plan(&format!("ws://{addr}/")));
    session.until_state("failed").await;
    let closed = session.facts("closed");
    assert_eq!(
        (
            &closed["by"],
            &closed["code"],
            &closed["reason"],
            &closed["clean"]
        ),
        (&"peer".into(), &4001.into(), &"enough".into(), &true.into())
    );
    let close = session
        .frames(true)
        .into_iter()
        .next_back()
        .expect("our close frame");
    assert_eq!(close.payload, 4001_u16.to_be_bytes(), "the code is echoed");
    session.stop().await;
}

#[tokio::test]
async fn reconnects_with_the_policy_and_gives_up_when_told() {
    let dials = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&dials);
    let addr = server(10, move |stream, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            drop(accept_async(stream).await);
        }
    })
    .await;
    let policy = Policy {
        base: Duration::from_millis(60),
        factor: 1.5,
        jitter: 0.0,
        attempts: 3,
        ..Policy::default()
    };
    let mut session = Watched::start(wspect::session::Plan {
        reconnect: policy,
        ..plan(&format!("ws://{addr}/"))
    });
    session.until_state("failed").await;
    assert_eq!(dials.load(Ordering::Relaxed), 4, "one dial and three more");
    let waits: Vec<_> = session
        .rows
        .iter()
        .filter(|row| row.kind == EntryKind::Lifecycle)
        .map(crate::harness::Row::facts)
        .filter(|facts| facts["state"] == "waiting")
        .map(|facts| facts["next_delay_ms"].as_f64().expect("a number").round())
        .collect();
    assert_eq!(waits, [60.0, 90.0, 135.0]);
    session.stop().await;
}

#[tokio::test]
async fn a_wait_is_interrupted_at_once() {
    let policy = Policy {
        base: Duration::from_hours(1),
        max: Duration::from_hours(1),
        ..Policy::default()
    };
    let mut session = Watched::start(wspect::session::Plan {
        reconnect: policy,
        // Nothing listens on the discard port of loopback.
        ..plan("ws://127.0.0.1:9/")
    });
    session.until_state("waiting").await;
    session
        .handle
        .orders
        .send(Order::Reconnect)
        .await
        .expect("the session runs");
    session
        .until("a second dial", |s| {
            s.states().iter().filter(|s| *s == "dialing").count() == 2
        })
        .await;
    session
        .until("waiting again", |s| {
            s.states().iter().filter(|s| *s == "waiting").count() == 2
        })
        .await;
    session.stop().await;
    assert_eq!(
        session.snapshot.as_ref().map(|s| s.state),
        Some(State::Idle)
    );
}

#[tokio::test]
async fn of_many_commands_without_a_connection_each_is_counted() {
    let addr = server(1, echo).await;
    let mut session = Watched::start(plan(&format!("ws://{addr}/")));
    session.until_state("live").await;
    let orders = session.handle.orders.clone();
    orders.send(Order::Disconnect).await.expect("it runs");
    session.until_state("closed").await;
    let ping = || Command::Raw(Outgoing::Ping(Bytes::new()));
    let many = (0..300).map(|_| ping()).collect();
    orders.send(Order::SendAll(many)).await.expect("it runs");
    session
        .until("every rejection", |s| s.rejections.len() >= 300)
        .await;
    assert_eq!(session.rejections.len(), 300);
    session.stop().await;
}

#[tokio::test]
async fn disconnecting_rests_until_told_to_dial() {
    let addr = server(2, echo).await;
    let mut session = Watched::start(plan(&format!("ws://{addr}/")));
    session.until_state("live").await;
    session
        .handle
        .orders
        .send(Order::Disconnect)
        .await
        .expect("the session runs");
    session.until_state("closed").await;
    session.send_text("lost?").await;
    session
        .until("the rejection", |s| !s.rejections.is_empty())
        .await;
    assert!(
        session.rejections[0].contains("not connected"),
        "{:?}",
        session.rejections
    );
    session
        .handle
        .orders
        .send(Order::Reconnect)
        .await
        .expect("the session runs");
    session
        .until("live again", |s| {
            s.states().iter().filter(|s| *s == "live").count() == 2
        })
        .await;
    assert_eq!(session.facts("open")["reconnect"], true);
    session.stop().await;
}
