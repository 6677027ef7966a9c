//! What no recording shows: ids made up, slow readers, traffic of its own.

use super::*;

#[tokio::test]
async fn a_client_without_an_id_gets_one() {
    let subject = Mq::quiet().await;
    let _connection = connected(subject.address, "").await;
    while subject.handle.clients().is_empty() {
        tokio::task::yield_now().await;
    }
    let client = &subject.handle.clients()[0];
    assert!(ID.is_match(&client.id) && client.id.len() == 32);
    assert_eq!(client.name, format!("client-{}", &client.id[..8]));
}

/// A raw connection that has subscribed to `flood` and reads nothing more.
async fn deaf(subject: &Mq) -> TcpStream {
    let mut stream = TcpStream::connect(subject.address).await.unwrap();
    stream
        .write_all(head("deaf-0001").as_bytes())
        .await
        .unwrap();
    let subscribe = br#"{"id":"s","type":"subscribe_request","topic":"flood"}"#;
    let mut masked = vec![0x81, 0x80 | subscribe.len() as u8, 0, 0, 0, 0];
    masked.extend_from_slice(subscribe);
    stream.write_all(&masked).await.unwrap();
    // The acknowledgement says that publishes will come.
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\"topic\":\"flood\"}}\n") {
        let read = timeout(PATIENCE, stream.read_buf(&mut bytes)).await;
        assert_ne!(read.unwrap().unwrap(), 0, "no acknowledgement");
    }
    stream
}

#[tokio::test]
async fn a_slow_reader_is_closed_at_the_third_drop_and_publishing_stands_still_meanwhile() {
    let subject = Mq::quiet().await;
    let mut stream = deaf(&subject).await;
    let payload = json!({ "pad": "x".repeat(65_536) }).to_string();
    let mut published = 0;
    // A publish takes a millisecond, but for the one that causes the third drop.
    let stalled = loop {
        let (handle, payload) = (subject.handle.clone(), payload.clone());
        let mut publish = tokio::spawn(async move { handle.publish("flood", &payload).await });
        if timeout(Duration::from_secs(1), &mut publish).await.is_err() {
            break publish;
        }
        published += 1;
        assert!(published < 1_000, "publishing never stood still");
    };
    assert_eq!(subject.handle.clients().len(), 1, "still listed meanwhile");
    let close = b"too many dropped messages";
    let mut bytes = Vec::new();
    while !bytes.ends_with(close) {
        let read = timeout(PATIENCE, stream.read_buf(&mut bytes)).await;
        assert_ne!(read.unwrap().unwrap(), 0, "no close frame");
    }
    let answer = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xf0];
    stream.write_all(&answer).await.unwrap();
    timeout(PATIENCE, stalled).await.unwrap().unwrap().unwrap();
    assert!(subject.handle.clients().is_empty());
}

#[tokio::test]
async fn traffic_announces_calls_and_chats() {
    let every = Duration::from_millis(20);
    let subject = Mq::new(Settings {
        traffic: Traffic {
            announce_every: every,
            call_clients_every: every,
            chat_every: every,
        },
        ..Settings::default()
    })
    .await;
    let mut connection = connected(subject.address, "onlooker-1").await;
    for topic in ["server:announcements", "chat.lobby"] {
        connection
            .send(&text(&format!(
                r#"{{"type":"subscribe_request","topic":"{topic}"}}"#
            )))
            .await;
    }
    let proxied = json!({
        "id": "p", "type": "request", "topic": "system:proxy",
        "payload": { "targetId": "bot-ada-0001", "topic": "bot:echo", "payload": [1] },
    });
    connection.send(&text(&proxied.to_string())).await;
    let mut missing = vec![
        "server:announcements",
        "chat.lobby",
        "client:get_status",
        "client:slow_request",
        "system:proxy",
    ];
    while !missing.is_empty() {
        let frame = timeout(PATIENCE, connection.receive())
            .await
            .unwrap()
            .unwrap();
        let message: Value = serde_json::from_slice(&frame.payload).unwrap();
        if message["type"] == "subscription_ack" {
            continue;
        }
        let topic = message["topic"].as_str().unwrap();
        if topic == "system:proxy" {
            assert_eq!(message["payload"], json!([1]));
        }
        missing.retain(|known| *known != topic);
    }
}
