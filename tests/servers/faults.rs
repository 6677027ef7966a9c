//! Troubles made on purpose reach the client.

use std::time::Duration;

use wspect::server::raccoon::{Ack, EventTypes, Faults, Settings, SinkKind};

use crate::client::Connection;
use crate::raccoon::{Raccoon, connected, frame, raccoon};
use crate::rpc::{exchange, framed};

fn types(pattern: &str) -> Vec<EventTypes> {
    vec![EventTypes::new(pattern)]
}

async fn troubled(ack: Ack) -> Raccoon {
    raccoon(Settings {
        ack,
        sink: SinkKind::Kafka,
        faults: Faults {
            fail: vec![(EventTypes::new("fail"), Some("no %s today".to_owned()))],
            delay: vec![(EventTypes::new("slow"), Duration::from_millis(300))],
            never_ack: types("mute*"),
            ack_twice: types("twice"),
            die: types("die"),
        },
        ..Settings::default()
    })
    .await
}

fn batch(guid: &str, kinds: &[&str]) -> Vec<u8> {
    let events: Vec<_> = kinds
        .iter()
        .map(|kind| format!(r#"{{"type":"{kind}"}}"#))
        .collect();
    format!(r#"{{"req_guid":"{guid}","events":[{}]}}"#, events.join(",")).into_bytes()
}

/// The next reply, without its time.
async fn reply(connection: &mut Connection) -> Option<String> {
    let payload = connection.receive().await?.payload;
    let text = String::from_utf8(payload).unwrap();
    let (before, after) = text.split_once("\"sent_time\":").unwrap();
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    Some(format!("{before}{}", after.trim_start_matches(',')))
}

fn success(guid: &str) -> String {
    format!(r#"{{"status":1,"code":1,"data":{{"req_guid":"{guid}"}}}}"#)
}

#[tokio::test]
async fn some_batches_are_never_acknowledged_and_some_twice() {
    for ack in [Ack::Async, Ack::Sync] {
        let raccoon = troubled(ack).await;
        let mut connection = connected(raccoon.address, "a").await;
        connection
            .send(&frame(1, &batch("1", &["page", "mute-me"])))
            .await;
        connection.send(&frame(1, &batch("2", &["twice"]))).await;
        assert_eq!(reply(&mut connection).await, Some(success("2")));
        assert_eq!(reply(&mut connection).await, Some(success("2")));
        connection.send(&frame(1, &batch("3", &["page"]))).await;
        assert_eq!(reply(&mut connection).await, Some(success("3")));
    }
}

#[tokio::test]
async fn failures_and_delays_by_type() {
    let raccoon = troubled(Ack::Sync).await;
    let mut connection = connected(raccoon.address, "a").await;
    connection.send(&frame(1, &batch("slow", &["slow"]))).await;
    connection
        .send(&frame(1, &batch("bad", &["fail", "page"])))
        .await;
    let failed = r#"{"status":2,"code":3,"reason":"cannot publish events: error when sending messages: no clickstream-fail-log today, \u003cnil\u003e","data":{"req_guid":"bad"}}"#;
    assert_eq!(reply(&mut connection).await.as_deref(), Some(failed));
    assert_eq!(reply(&mut connection).await, Some(success("slow")));
}

/// A crash ends every connection without a close frame; then everything goes on as if anew.
#[tokio::test]
async fn one_event_can_take_the_whole_server_down() {
    for ack in [Ack::Async, Ack::Sync] {
        let raccoon = troubled(ack).await;
        let mut bystander = connected(raccoon.address, "b").await;
        let mut connection = connected(raccoon.address, "a").await;
        connection
            .send(&frame(1, &batch("1", &["page", "die"])))
            .await;
        if ack == Ack::Async {
            assert_eq!(reply(&mut connection).await, Some(success("1")));
        }
        assert_eq!(reply(&mut connection).await, None);
        assert!(bystander.receive().await.is_none());
        let mut again = connected(raccoon.address, "a").await;
        again.send(&frame(1, &batch("2", &["page"]))).await;
        assert_eq!(reply(&mut again).await, Some(success("2")));
    }
}

/// Over gRPC a batch that is never acknowledged is a call without an end.
#[tokio::test]
async fn a_call_can_stay_open_for_ever() {
    let raccoon = troubled(Ack::Sync).await;
    let path = "/raystack.raccoon.v1beta1.EventService/SendEvent";
    let headers = [("content-type", "application/grpc"), ("x-user-id", "a")];
    let call = |kind: &'static [u8]| {
        let address = raccoon.grpc_address;
        async move { exchange(address, "POST", path, &headers, framed(0, kind)).await }
    };
    let mute = tokio::time::timeout(Duration::from_millis(300), call(b"\x1a\x06\x12\x04mute"));
    assert!(mute.await.is_err());
    assert_eq!(call(b"\x1a\x06\x12\x04page").await.http, 200);
}
