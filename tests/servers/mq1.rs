//! The brokers of WebSocketMQ's first generation against recordings of the real ones.
//!
//! What the recordings' own server pushed over a control path is pushed from inside here. Messages
//! the real server compressed are taken out of the replays: no two compressors write the same
//! bytes. A test of its own unpacks them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::timeout;
use wspect::server::Running;
use wspect::server::websocketmq::generation1::{Handle, start};
use wspect::server::websocketmq::{Dialect, Settings, Traffic};

use crate::client::{Connection, PATIENCE};
use crate::replay::{Replay, Subject};
use crate::transcript::{Frame, Http, Step, What};

/// Ids the brokers make up: nanoseconds and a number, or a time of day.
static ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(wsconn-)?\d{19}-\d+|\b\d{6}\.\d{6}\b").unwrap());

/// Times, and how long a server waits for an answer.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#""(timestamp|ttl)":\d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"#).unwrap()
});

struct Mq1 {
    address: SocketAddr,
    running: Option<Running>,
    handle: Handle,
    ids: HashMap<String, String>,
    /// The server, while it stops.
    stopping: JoinSet<()>,
}

impl Mq1 {
    async fn new(settings: Settings) -> Self {
        let (running, handle) = start(settings).await.unwrap();
        Self {
            address: running.address(),
            running: Some(running),
            handle,
            ids: HashMap::new(),
            stopping: JoinSet::new(),
        }
    }

    async fn of(dialect: Dialect) -> Self {
        Self::new(settings(dialect)).await
    }
}

/// A quiet server that waits but a second for answers.
fn settings(dialect: Dialect) -> Settings {
    Settings {
        request_timeout: Duration::from_secs(1),
        traffic: Traffic::NONE,
        ..Settings::of(dialect)
    }
}

impl Subject for Mq1 {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn normal(&self, _opcode: u8, payload: &[u8]) -> String {
        let text = String::from_utf8_lossy(payload);
        TIME.replace_all(&ID.replace_all(&text, "ID"), "TIME")
            .into_owned()
    }

    async fn drive(&mut self, entry: &Value) {
        if entry["call"] == "stop" {
            // It waits for the clients to answer its close frames.
            let running = self.running.take().unwrap();
            self.stopping.spawn(running.stop());
            return;
        }
        let page = entry["page"].as_str().unwrap();
        let client = self.handle.client_of(page).unwrap();
        let (topic, body) = (entry["topic"].as_str().unwrap(), entry["body"].to_string());
        self.handle.push(&client, topic, &body).await.unwrap();
    }

    fn matched(&mut self, recorded: &[u8], received: &[u8]) {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (recorded, received) = (text(recorded), text(received));
        for (then, now) in ID.find_iter(&recorded).zip(ID.find_iter(&received)) {
            self.ids
                .insert(then.as_str().to_owned(), now.as_str().to_owned());
        }
    }

    fn adapted(&self, payload: Vec<u8>) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(&payload) else {
            return payload;
        };
        let known = |id: &regex::Captures<'_>| match self.ids.get(&id[0]) {
            Some(now) => now.clone(),
            None => id[0].to_owned(),
        };
        ID.replace_all(text, known).into_owned().into_bytes()
    }

    async fn finished(mut self) {
        while let Some(stopped) = self.stopping.join_next().await {
            stopped.unwrap();
        }
    }
}

/// Pushes go through the handle, and what the control path said of them is left out.
fn pushed_from_inside(steps: &mut Vec<Step>) {
    steps.retain(
        |step| !matches!(&step.what, What::Response(response) if response.body == b"<nil>\n"),
    );
    for step in steps {
        let What::Request(request) = &step.what else {
            continue;
        };
        if let Some(entry) = push(request) {
            step.what = What::Drive(entry);
        }
    }
}

fn push(request: &Http) -> Option<Value> {
    let query = request.start.strip_prefix("POST /ctl/push?")?;
    let parameters: HashMap<_, _> = query.split('&').filter_map(|p| p.split_once('=')).collect();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    Some(json!({ "page": parameters["page"], "topic": parameters["topic"], "body": body }))
}

/// Leaves out compressed messages of either side, and what asked for those of the server.
fn without_compressed(steps: &mut Vec<Step>) {
    let mut inside = false;
    steps.retain(|step| match &step.what {
        What::Send(frame) => {
            let long = frame.payload.len() > 400 || frame.cut_from.is_some();
            frame.rsv == 0 && !(step.conn == "D" && long)
        }
        What::Receive(frame) if frame.opcode < 8 => {
            inside |= frame.rsv != 0;
            let leave_out = inside;
            inside &= !frame.fin;
            !leave_out
        }
        _ => true,
    });
}

#[tokio::test]
async fn recorded_1_3_register() {
    let subject = Mq1::of(Dialect::V1_3).await;
    Replay::of("go-websocketmq-gen1-register")
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_1_3_events() {
    let subject = Mq1::of(Dialect::V1_3).await;
    Replay::of("go-websocketmq-gen1-events")
        .edit(pushed_from_inside)
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_1_3_request_response() {
    let subject = Mq1::of(Dialect::V1_3).await;
    Replay::of("go-websocketmq-gen1-request-response")
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_1_3_server_request() {
    let subject = Mq1::of(Dialect::V1_3).await;
    Replay::of("go-websocketmq-gen1-server-request")
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_1_3_bad_input() {
    let subject = Mq1::of(Dialect::V1_3).await;
    Replay::of("go-websocketmq-gen1-bad-input")
        .edit(|steps| {
            for step in steps.iter_mut().rev().take(3) {
                if let What::Send(frame) = &mut step.what
                    && frame.opcode == 1
                {
                    frame.payload = vec![b'x'; 1_048_700];
                }
            }
        })
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_1_3_idle_and_closing() {
    let subject = Mq1::of(Dialect::V1_3).await;
    Replay::of("go-websocketmq-gen1-idle-and-closing")
        .drive_at(70_015.0, json!({ "call": "stop" }))
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_1_3_compression() {
    let subject = Mq1::of(Dialect::V1_3).await;
    Replay::of("go-websocketmq-gen1-compression")
        .edit(without_compressed)
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_1_3_js_client() {
    for name in ["js-client", "js-client-min"] {
        let subject = Mq1::of(Dialect::V1_3).await;
        Replay::of(&format!("go-websocketmq-gen1-{name}"))
            .edit(pushed_from_inside)
            .unordered() // a push races with a call over HTTP
            .run(subject)
            .await;
    }
}

/// Played in its own time, more or less: subscriptions are not acknowledged.
#[tokio::test]
async fn recorded_1_1_request_response() {
    let subject = Mq1::of(Dialect::V1_1).await;
    Replay::of("go-websocketmq-gen1-g11-request-response")
        .at_speed(2.0)
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_1_1_bad_input_and_closing() {
    let subject = Mq1::of(Dialect::V1_1).await;
    Replay::of("go-websocketmq-gen1-g11-bad-input-and-closing")
        .edit(without_compressed)
        .drive_at(1_220.5, json!({ "call": "stop" }))
        .run(subject)
        .await;
}

/// The one tick comes behind the requests, which together take 2.4 s.
#[tokio::test]
async fn recorded_1_1_js_client() {
    let subject = Mq1::new(Settings {
        traffic: Traffic {
            announce_every: Duration::from_secs(4),
            ..Traffic::NONE
        },
        ..settings(Dialect::V1_1)
    })
    .await;
    Replay::of("go-websocketmq-gen1-g11-js-client")
        .run(subject)
        .await;
}

fn text(payload: &str) -> Frame {
    Frame {
        opcode: 1,
        fin: true,
        rsv: 0,
        masked: true,
        payload: payload.as_bytes().to_vec(),
        cut_from: None,
        count: 1,
    }
}

async fn connected(address: SocketAddr, extensions: &str) -> Connection {
    let mut connection = Connection::dial(address).await;
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
         {extensions}\r\n"
    );
    connection.write(head.as_bytes()).await;
    assert!(connection.answer().await.starts_with(b"HTTP/1.1 101 "));
    connection
}

async fn next(connection: &mut Connection) -> Frame {
    let frame = timeout(PATIENCE, connection.receive()).await.unwrap();
    frame.expect("TCP is open")
}

async fn message(connection: &mut Connection) -> Value {
    serde_json::from_slice(&next(connection).await.payload).unwrap()
}

/// The frames of one compressed message, unpacked.
async fn unpacked(connection: &mut Connection) -> Value {
    let mut packed = Vec::new();
    loop {
        let frame = next(connection).await;
        assert_eq!(frame.rsv, if packed.is_empty() { 4 } else { 0 });
        assert_eq!(frame.opcode, u8::from(packed.is_empty()));
        packed.extend_from_slice(&frame.payload);
        if frame.fin {
            assert!(frame.payload.is_empty(), "the last frame is empty");
            break;
        }
    }
    packed.extend_from_slice(&[0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff]);
    let text = miniz_oxide::inflate::decompress_to_vec(&packed).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// What the recording of compression has beyond its replay: the long messages.
#[tokio::test]
async fn long_messages_are_compressed_both_ways() {
    let subject = Mq1::of(Dialect::V1_3).await;
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let mut connection = connected(subject.address, offer).await;
    let long = "long ".repeat(400);
    let ask = json!({
        "header": { "type": "request", "topic": "server.ping", "correlationID": "l" },
        "body": long,
    });
    connection.send(&text(&ask.to_string())).await;
    let reply = unpacked(&mut connection).await;
    assert_eq!(reply["body"]["client_data"], long);
    let recorded = Replay::of("go-websocketmq-gen1-compression");
    let sent = recorded
        .transcript()
        .steps
        .iter()
        .find_map(|step| match &step.what {
            What::Send(frame) if frame.rsv == 4 => Some(frame),
            _ => None,
        });
    connection.send(sent.expect("a compressed message")).await;
    let reply = unpacked(&mut connection).await;
    assert_eq!(reply["header"]["correlationID"], "z");
    let packed = reply["body"]["client_data"].as_str().unwrap();
    assert!(packed.starts_with("packed packed packed"), "{packed}");
}

#[tokio::test]
async fn an_unmasked_frame_is_closed_for_in_each_dialects_words() {
    for (dialect, close) in [
        (Dialect::V1_3, "\u{3}\u{f3}server handler unexpected exit"),
        (Dialect::V1_1, "\u{3}\u{e8}handler closing"),
    ] {
        let subject = Mq1::of(dialect).await;
        let mut connection = connected(subject.address, "").await;
        connection
            .send(&Frame {
                masked: false,
                ..text("{}")
            })
            .await;
        let frame = next(&mut connection).await;
        let close: Vec<u8> = close.chars().map(|c| c as u8).collect();
        assert_eq!((frame.opcode, frame.payload), (8, close), "{dialect}");
    }
}

#[tokio::test]
async fn in_1_1_each_subscription_is_one_delivery_and_none_is_taken_back() {
    let subject = Mq1::of(Dialect::V1_1).await;
    let mut connection = connected(subject.address, "").await;
    for kind in ["subscribe", "subscribe", "unsubscribe"] {
        let frame = json!({ "header": { "type": kind, "topic": kind }, "body": "t" });
        connection.send(&text(&frame.to_string())).await;
    }
    let event = json!({
        "header": { "type": "event", "topic": "t", "messageID": "m", "timestamp": 5, "ttl": 7 },
        "body": { "b": 1.0, "a": null },
    });
    connection.send(&text(&event.to_string())).await;
    for _ in 0..2 {
        assert_eq!(
            next(&mut connection).await.payload,
            br#"{"header":{"messageID":"m","type":"event","topic":"t","timestamp":5,"ttl":7},"body":{"a":null,"b":1}}"#
        );
    }
    let echo = json!({
        "header": { "type": "request", "topic": "server.echo", "correlationID": "e", "ttl": 1_000 },
    });
    connection.send(&text(&echo.to_string())).await;
    assert_eq!(message(&mut connection).await["header"]["topic"], "e");
}

#[tokio::test]
async fn in_1_1_ticks_come_with_a_calculation_after_every_second_one() {
    let subject = Mq1::new(Settings {
        traffic: Traffic {
            announce_every: Duration::from_millis(20),
            ..Traffic::NONE
        },
        ..settings(Dialect::V1_1)
    })
    .await;
    let mut connection = connected(subject.address, "").await;
    for topic in ["server.tick", "client.calculate"] {
        let frame = json!({ "header": { "type": "subscribe" }, "body": topic });
        connection.send(&text(&frame.to_string())).await;
    }
    let mut before = 0;
    for _ in 0..2 {
        let calculation = loop {
            let message = message(&mut connection).await;
            if message["header"]["type"] == "request" {
                break message;
            }
            before += 1;
        };
        assert_eq!(calculation["header"]["ttl"], 15_000);
        assert_eq!(calculation["body"]["operation"], "add");
        // No tick comes until this is answered, by an event on the correlation id.
        let id = calculation["header"]["correlationID"].as_str().unwrap();
        let answer = json!({ "header": { "type": "event", "topic": id }, "body": 12 });
        connection.send(&text(&answer.to_string())).await;
    }
    assert!(before >= 2, "{before}");
}

#[tokio::test]
async fn in_1_3_clients_are_asked_what_is_wanted_once_they_have_registered() {
    let call = |topic: &str| wspect::server::websocketmq::Call {
        topic: topic.to_owned(),
        payload: r#"{"b":1,"a":2}"#.to_owned(),
    };
    let subject = Mq1::new(Settings {
        traffic: Traffic {
            call_clients_every: Duration::from_millis(20),
            calls: vec![call("one"), call("two")],
            ..Traffic::NONE
        },
        ..settings(Dialect::V1_3)
    })
    .await;
    let mut connection = connected(subject.address, "").await;
    let register = json!({
        "header": { "type": "event", "topic": "_client.register" },
        "body": { "pageSessionID": "page-1" },
    });
    connection.send(&text(&register.to_string())).await;
    let mut missing = vec!["_internal.client.registered", "one", "two"];
    while !missing.is_empty() {
        let message = message(&mut connection).await;
        let topic = message["header"]["topic"].as_str().unwrap();
        missing.retain(|known| *known != topic);
    }
}
