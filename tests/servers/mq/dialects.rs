//! Older states of the second generation, answers of one's own, and troubles made on purpose.

use wspect::server::pattern::Pattern;
use wspect::server::websocketmq::{Dialect, Faults};

use super::*;

async fn of(dialect: Dialect) -> Mq {
    Mq::new(Settings { dialect, ..quiet() }).await
}

async fn with(faults: Faults) -> Mq {
    Mq::new(Settings { faults, ..quiet() }).await
}

async fn next(connection: &mut Connection) -> Frame {
    let frame = timeout(PATIENCE, connection.receive()).await.unwrap();
    frame.expect("TCP is open")
}

async fn asked(connection: &mut Connection, topic: &str, payload: Value) -> Value {
    let request = json!({ "id": "1", "type": "request", "topic": topic, "payload": payload });
    connection.send(&text(&request.to_string())).await;
    serde_json::from_slice(&next(connection).await.payload).unwrap()
}

fn code(reply: &Value) -> &Value {
    &reply["error"]["code"]
}

#[tokio::test]
async fn in_2_0_nobody_registers_and_publishes_of_clients_go_nowhere() {
    let subject = of(Dialect::V2_0).await;
    // A short id does no harm: it is not looked at.
    let mut connection = connected(subject.address, "abc").await;
    assert_eq!(
        *code(&asked(&mut connection, "system:register", json!({})).await),
        404
    );
    assert!(ID.is_match(&subject.handle.clients()[0].id));
    for frame in [
        r#"{"type":"subscribe_request","topic":"t"}"#,
        r#"{"type":"publish","topic":"t"}"#,
    ] {
        connection.send(&text(frame)).await;
    }
    next(&mut connection).await;
    let reply = asked(&mut connection, "system:get_time", json!({})).await;
    assert_eq!(reply["type"], "response", "no publish came before it");
    subject.handle.publish("t", "1").await.unwrap();
    assert!(
        next(&mut connection)
            .await
            .payload
            .starts_with(b"{\"type\":\"publish\"")
    );
}

#[tokio::test]
async fn in_2_1_the_id_is_not_the_one_wished_for_and_nobody_is_listed() {
    let subject = of(Dialect::V2_1).await;
    let mut connection = connected(subject.address, "wished-for-1").await;
    let reply = asked(&mut connection, "system:register", json!({})).await;
    assert!(ID.is_match(reply["payload"]["serverAssignedId"].as_str().unwrap()));
    assert_eq!(reply["payload"]["clientName"], "client-wished-f");
    for topic in ["system:list_clients", "system:proxy"] {
        assert_eq!(*code(&asked(&mut connection, topic, json!({})).await), 404);
    }
}

#[tokio::test]
async fn in_2_2_a_missing_target_is_looked_for() {
    let subject = of(Dialect::V2_2).await;
    let mut connection = connected(subject.address, "wished-for-1").await;
    let reply = asked(&mut connection, "system:proxy", json!({})).await;
    assert_eq!(
        reply["error"]["message"],
        "proxy target client: client with ID '' not found"
    );
    let list = asked(&mut connection, "system:list_clients", json!({})).await;
    let id = list["payload"]["clients"][0]["id"].as_str().unwrap();
    assert!(ID.is_match(id), "{list}");
}

#[tokio::test]
async fn topics_are_answered_failed_doubled_torn_and_passed_over_as_told() {
    let topic = |name: &str| vec![Pattern::new(name)];
    let subject = with(Faults {
        answer: vec![(Pattern::new("orders.*"), r#"{ "ok" : true }"#.to_owned())],
        fail: vec![(Pattern::new("system:get_time"), Some("no clock".to_owned()))],
        delay: vec![(Pattern::new("orders.slow"), Duration::from_millis(50))],
        never_answer: topic("lost"),
        answer_twice: topic("orders.twice"),
        malformed: topic("orders.torn"),
        ..Faults::default()
    })
    .await;
    let mut connection = connected(subject.address, "client-0001").await;
    let started = tokio::time::Instant::now();
    for name in ["orders.slow", "orders.twice"] {
        let reply = asked(&mut connection, name, json!({})).await;
        assert_eq!(reply["payload"], json!({ "ok": true }));
    }
    assert!(started.elapsed() >= Duration::from_millis(50));
    let second = next(&mut connection).await;
    assert!(second.payload.ends_with(b"{\"ok\":true}}\n"));
    let failed = asked(&mut connection, "system:get_time", json!({})).await;
    assert_eq!(
        failed["error"],
        json!({ "code": 500, "message": "no clock" })
    );
    for name in ["lost", "orders.torn"] {
        let request = json!({ "id": "1", "type": "request", "topic": name });
        connection.send(&text(&request.to_string())).await;
    }
    let torn = next(&mut connection).await;
    assert!(serde_json::from_slice::<Value>(&torn.payload).is_err());
    assert!(
        torn.payload.starts_with(b"{\"id\":\"1\",\"type\":\"resp"),
        "nothing for the lost one"
    );
}

#[tokio::test]
async fn connections_are_closed_and_upgrades_refused_as_told() {
    let subject = with(Faults {
        close_after: Some("2=4001".parse().unwrap()),
        ..Faults::default()
    })
    .await;
    let mut connection = connected(subject.address, "client-0001").await;
    for _ in 0..2 {
        asked(&mut connection, "system:get_time", json!({})).await;
    }
    let close = next(&mut connection).await;
    assert_eq!((close.opcode, &close.payload[..2]), (8, &[0x0f, 0xa1][..]));
    let subject = with(Faults {
        refuse_one_in: 1,
        ..Faults::default()
    })
    .await;
    let mut connection = Connection::dial(subject.address).await;
    connection.write(head("client-0001").as_bytes()).await;
    let answer = connection.answer().await;
    assert!(answer.starts_with(b"HTTP/1.1 503 "));
    assert!(answer.ends_with(b"\r\n\r\nserver is shutting down\n"));
}

#[tokio::test]
async fn settings_that_are_no_json_are_refused() {
    let faults = Faults {
        answer: vec![(Pattern::new("a"), "{".to_owned())],
        ..Faults::default()
    };
    let refused = start(Settings { faults, ..quiet() }).await;
    let error = refused.expect_err("no JSON").to_string();
    assert!(error.contains("give JSON"), "{error}");
}
