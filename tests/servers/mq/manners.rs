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
            ..Traffic::NONE
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

/// What comes for requests that leave in one go: the answers, and the close reason if it is cut.
async fn burst(settings: Settings, requests: usize) -> (usize, Option<String>) {
    let subject = Mq::new(settings).await;
    let mut connection = connected(subject.address, "burster-01").await;
    let request = br#"{"id":"1","type":"request","topic":"system:get_time"}"#;
    let mut frame = vec![0x81, 0x80 | request.len() as u8, 0, 0, 0, 0];
    frame.extend_from_slice(request);
    connection.write(&frame.repeat(requests)).await;
    let mut answers = 0;
    while answers < requests {
        let frame = timeout(PATIENCE, connection.receive()).await.unwrap();
        match frame {
            Some(frame) if frame.opcode == 8 => {
                let reason = String::from_utf8_lossy(&frame.payload[2..]).into_owned();
                return (answers, Some(reason));
            }
            Some(_) => answers += 1,
            None => return (answers, Some("TCP ended".to_owned())),
        }
    }
    (answers, None)
}

#[tokio::test]
async fn a_burst_of_ones_own_overruns_the_queue_unless_bursts_are_spared() {
    assert_eq!(burst(quiet(), 50).await, (50, None));
    let (answers, end) = burst(quiet(), 400).await;
    assert!(answers < 400, "{answers}");
    assert_eq!(end.as_deref(), Some("too many dropped messages"));
    let spared = Settings {
        spares_bursts: true,
        ..quiet()
    };
    assert_eq!(burst(spared, 400).await, (400, None));
}

/// The rule behind the recordings of slow consumers, which depend on the buffers of two systems:
/// while one subscriber is being cut, the others wait, and who is not concerned notices nothing.
#[tokio::test]
async fn other_subscribers_wait_while_one_is_cut_and_the_rest_of_the_broker_does_not() {
    let subject = Mq::quiet().await;
    let mut deaf = deaf(&subject).await;
    let mut healthy = connected(subject.address, "healthy-01").await;
    let subscribe = r#"{"type":"subscribe_request","topic":"flood"}"#;
    healthy.send(&text(subscribe)).await;
    let mut heard = 0;
    let payload = json!({ "pad": "x".repeat(65_536) }).to_string();
    timeout(PATIENCE, healthy.receive()).await.unwrap();
    let (mut stalled, published) = loop {
        let (handle, payload) = (subject.handle.clone(), payload.clone());
        let mut publish = tokio::spawn(async move { handle.publish("flood", &payload).await });
        if timeout(Duration::from_secs(1), &mut publish).await.is_err() {
            break (publish, heard);
        }
        timeout(PATIENCE, healthy.receive()).await.unwrap().unwrap();
        heard += 1;
        assert!(heard < 1_000, "publishing never stood still");
    };
    let mut uninvolved = connected(subject.address, "bystander1").await;
    let request = r#"{"id":"1","type":"request","topic":"system:get_time"}"#;
    uninvolved.send(&text(request)).await;
    timeout(PATIENCE, uninvolved.receive())
        .await
        .unwrap()
        .unwrap();
    assert!(!stalled.is_finished(), "{published} were published");
    let late = timeout(Duration::from_millis(100), healthy.receive()).await;
    assert!(late.is_err(), "the other subscriber waits too");
    // The slow one reads on, and answers the close frame that comes last.
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"too many dropped messages") {
        let read = timeout(PATIENCE, deaf.read_buf(&mut bytes)).await;
        assert_ne!(read.unwrap().unwrap(), 0, "no close frame");
    }
    deaf.write_all(&[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xf0])
        .await
        .unwrap();
    timeout(PATIENCE, &mut stalled)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    timeout(PATIENCE, healthy.receive()).await.unwrap().unwrap();
}

#[tokio::test]
async fn pages_are_told_to_reload_when_wanted() {
    let subject = Mq::new(Settings {
        traffic: Traffic {
            hot_reload_every: Duration::from_millis(20),
            ..Traffic::NONE
        },
        ..quiet()
    })
    .await;
    let mut connection = connected(subject.address, "page-00001").await;
    let subscribe = r#"{"type":"subscribe_request","topic":"system:hot_reload"}"#;
    connection.send(&text(subscribe)).await;
    for expected in ["subscription_ack", "publish"] {
        let frame = timeout(PATIENCE, connection.receive()).await.unwrap();
        let message: Value = serde_json::from_slice(&frame.unwrap().payload).unwrap();
        assert_eq!(message["type"], expected);
    }
}

/// The library leaves TCP to a client it has complained to.
#[tokio::test]
async fn after_a_framing_error_tcp_ends_with_the_next_thing_the_client_sends() {
    let subject = Mq::quiet().await;
    let mut connection = connected(subject.address, "odd-frames").await;
    let odd = Frame {
        opcode: 3,
        ..text("")
    };
    connection.send(&odd).await;
    let close = timeout(PATIENCE, connection.receive()).await.unwrap();
    let close = close.unwrap();
    assert_eq!(
        (close.opcode, &close.payload[2..]),
        (8, &b"received unknown opcode opcode(3)"[..])
    );
    let open = timeout(Duration::from_millis(400), connection.receive()).await;
    assert!(open.is_err(), "{open:?}");
    connection
        .send(&Frame {
            opcode: 8,
            ..text("")
        })
        .await;
    let ended = timeout(PATIENCE, connection.receive()).await.unwrap();
    assert!(ended.is_none(), "{ended:?}");
}

/// A call to oneself through the broker waits for nothing but the two of them.
#[tokio::test]
async fn a_proxied_call_is_not_held_up_by_any_clock() {
    let subject = Mq::quiet().await;
    let mut connection = connected(subject.address, "self-call-1").await;
    let call = json!({
        "id": "p", "type": "request", "topic": "system:proxy",
        "payload": { "targetId": "self-call-1", "topic": "echo" },
    });
    let mut shortest = PATIENCE;
    for _ in 0..50 {
        let started = tokio::time::Instant::now();
        connection.send(&text(&call.to_string())).await;
        let frame = timeout(PATIENCE, connection.receive()).await.unwrap();
        let asked: Value = serde_json::from_slice(&frame.unwrap().payload).unwrap();
        let answer = json!({ "id": asked["id"], "type": "response", "payload": 1 });
        connection.send(&text(&answer.to_string())).await;
        timeout(PATIENCE, connection.receive())
            .await
            .unwrap()
            .unwrap();
        shortest = shortest.min(started.elapsed());
    }
    assert!(shortest < Duration::from_millis(1), "{shortest:?}");
}
