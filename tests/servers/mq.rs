//! The WebSocketMQ broker against recordings of the real one.
//!
//! Left out: `slow-consumer` and `slow-consumer-two`, since how many messages arrive depends on
//! the operating system's buffers; the tests on slow readers below stand for them. Generation 1 is
//! next door, in `mq1`. Long scenarios are played many times as fast, against
//! a broker whose timers are shortened alike.

mod dialects;
mod manners;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wspect::server::Running;
use wspect::server::websocketmq::{Handle, Settings, Traffic, start};

use crate::client::{Connection, PATIENCE};
use crate::replay::{Replay, Subject};
use crate::transcript::{Frame, Step, What};

/// Ids the broker makes up.
static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("[0-9a-f]{32}").unwrap());

/// Times as the broker writes them.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)").unwrap()
});

struct Mq {
    address: SocketAddr,
    running: Option<Running>,
    handle: Handle,
    /// How many times as fast the scenario is played.
    speed: f64,
    /// What the broker's ids were in the recording, and what they are now.
    ids: HashMap<String, String>,
    /// Requests from the server's side, each compared with its recorded result.
    requests: JoinSet<()>,
}

impl Mq {
    async fn new(settings: Settings) -> Self {
        let (running, handle) = start(settings).await.unwrap();
        Self {
            address: running.address(),
            running: Some(running),
            handle,
            speed: 1.0,
            ids: HashMap::new(),
            requests: JoinSet::new(),
        }
    }

    /// Without announcements, which most scenarios know nothing of.
    async fn quiet() -> Self {
        Self::new(quiet()).await
    }

    /// Quiet, with pings that many times as often as every `interval`.
    async fn pinging(interval: Duration, speed: f64) -> Self {
        let mut mq = Self::new(Settings {
            ping_every: interval.div_f64(speed),
            ..quiet()
        })
        .await;
        mq.speed = speed;
        mq
    }

    fn request(&mut self, parameters: &HashMap<&str, &str>, entry: &Value) {
        let client = ["id", "cid"]
            .iter()
            .find_map(|name| parameters.get(name))
            .unwrap();
        let (client, topic) = ((*client).to_owned(), parameters["topic"].to_owned());
        let payload = (!entry["body"].is_null()).then(|| entry["body"].to_string());
        let millis: f64 = parameters["timeout_ms"].parse().unwrap();
        let patience = Duration::from_secs_f64(millis / 1000.0 / self.speed);
        let expected = normal(&result(&entry["result"], self.speed));
        let handle = self.handle.clone();
        self.requests.spawn(async move {
            let answer = handle
                .request(&client, &topic, payload.as_deref(), patience)
                .await;
            let answer = match answer {
                Ok(payload) => payload.unwrap_or_else(|| "null".to_owned()),
                Err(error) => error.to_string(),
            };
            assert_eq!(normal(&answer), expected, "asked {topic}");
        });
    }
}

/// The recorded result of a request as text: the payload, or the error.
fn result(recorded: &Value, speed: f64) -> String {
    let Some(error) = recorded["error"].as_str() else {
        return recorded["result"].to_string();
    };
    let Some((start, after)) = error.split_once("timed out after ") else {
        return error.to_owned();
    };
    let millis: f64 = after.strip_suffix("ms").unwrap().parse().unwrap();
    format!("{start}timed out after {}ms", millis / speed)
}

fn normal(text: &str) -> String {
    TIME.replace_all(&ID.replace_all(text, "ID"), "TIME")
        .into_owned()
}

fn quiet() -> Settings {
    Settings {
        traffic: Traffic::NONE,
        ..Settings::default()
    }
}

impl Subject for Mq {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn normal(&self, _opcode: u8, payload: &[u8]) -> String {
        normal(&String::from_utf8_lossy(payload))
    }

    async fn drive(&mut self, entry: &Value) {
        let call = entry["call"].as_str().unwrap();
        let (action, query) = call.split_once('?').unwrap_or((call, ""));
        let parameters: HashMap<_, _> =
            query.split('&').filter_map(|p| p.split_once('=')).collect();
        let body = entry["body"].to_string();
        let done = match action {
            "/publish" => self.handle.publish(parameters["topic"], &body).await,
            "/send" => {
                self.handle
                    .push(parameters["id"], parameters["topic"], &body)
                    .await
            }
            "/request" => return self.request(&parameters, entry),
            "stop" => return self.running.take().unwrap().stop().await,
            other => panic!("nothing known of {other}"),
        };
        let error = done.err().map(|error| error.to_string());
        assert_eq!(
            error.as_deref(),
            entry["result"]["error"].as_str(),
            "{call}"
        );
    }

    fn matched(&mut self, recorded: &[u8], received: &[u8]) {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (recorded, received) = (text(recorded), text(received));
        let pairs = ID.find_iter(&recorded).zip(ID.find_iter(&received));
        for (then, now) in pairs {
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
        while let Some(request) = self.requests.join_next().await {
            request.unwrap();
        }
    }
}

#[tokio::test]
async fn recorded_register() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-register").run(subject).await;
}

#[tokio::test]
async fn recorded_unregistered() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-unregistered").run(subject).await;
}

#[tokio::test]
async fn recorded_request_response() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-request-response")
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_publish_fanout() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-publish-fanout")
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_bad_input() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-bad-input").run(subject).await;
}

#[tokio::test]
async fn recorded_closing() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-closing").run(subject).await;
}

#[tokio::test]
async fn recorded_duplicate_client_id() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-duplicate-client-id")
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_upgrade_refused() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-upgrade-refused")
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_js_client() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-js-client").run(subject).await;
}

#[tokio::test]
async fn recorded_proxy() {
    let subject = Mq::new(Settings {
        request_timeout: Duration::from_secs(2),
        ..quiet()
    })
    .await;
    Replay::of("go-websocketmq-proxy").run(subject).await;
}

#[tokio::test]
async fn recorded_server_request() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-server-request")
        .at_speed(1.0)
        .edit(|steps| {
            // The last request times out just as the client leaves; leave it some room.
            for step in steps.iter_mut().rev().take(2) {
                step.at_ms += 200.0;
            }
        })
        .run(subject)
        .await;
}

/// Announcements are made when the recording says so, not by the ticker.
#[tokio::test]
async fn recorded_go_client() {
    let mut subject = Mq::quiet().await;
    subject.speed = 2.0;
    let mut replay = Replay::of("go-websocketmq-go-client")
        .at_speed(2.0)
        .edit(without_own_ends);
    for at_ms in [4_937.0, 9_937.0] {
        replay = replay.drive_at(at_ms, announcement());
    }
    replay.run(subject).await;
}

#[tokio::test]
async fn recorded_go_client_reconnect() {
    let mut replay = Replay::of("go-websocketmq-go-client-reconnect").edit(without_own_ends);
    for at_ms in [4_943.0, 9_947.0] {
        replay = replay.drive_at(at_ms, announcement());
    }
    replay.run(Mq::quiet().await).await;
}

/// The recorder stood between client and broker: where the client ended TCP, it saw both ends.
fn without_own_ends(steps: &mut Vec<Step>) {
    steps.retain(|step| !matches!(step.what, What::Left));
}

fn announcement() -> Value {
    let body =
        json!({ "message": "Server Periodic Announcement!", "timestamp": "2026-01-01T00:00:00Z" });
    json!({ "call": "/publish?topic=server:announcements", "body": body, "result": {} })
}

#[tokio::test]
async fn recorded_server_announcements() {
    let real = Settings::default();
    let subject = Mq::new(Settings {
        ping_every: real.ping_every / 10,
        traffic: Traffic {
            announce_every: real.traffic.announce_every / 10,
            ..Traffic::NONE
        },
        ..real
    })
    .await;
    Replay::of("go-websocketmq-server-announcements")
        .at_speed(10.0)
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_server_shutdown() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-server-shutdown")
        .drive_at(300.0, json!({ "call": "stop" }))
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_message_limit() {
    let subject = Mq::quiet().await;
    Replay::of("go-websocketmq-message-limit")
        .edit(|steps| {
            for step in steps {
                let What::Send(frame) = &mut step.what else {
                    continue;
                };
                // The two large ones are only described.
                let length = if step.conn.is_empty() {
                    1_048_576
                } else {
                    1_048_476
                };
                if frame.opcode == 1 && frame.payload.is_empty() {
                    let pad = "x".repeat(length);
                    let text = format!(
                        r#"{{"id":"big","type":"request","topic":"no:such","payload":"{pad}"}}"#
                    );
                    frame.payload = text.into_bytes();
                }
            }
        })
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_ping() {
    Replay::of("go-websocketmq-ping")
        .at_speed(4.0)
        .run(Mq::pinging(Duration::from_secs(2), 4.0).await)
        .await;
}

#[tokio::test]
async fn recorded_ping_default() {
    Replay::of("go-websocketmq-ping-default")
        .at_speed(30.0)
        .run(Mq::pinging(Duration::from_secs(15), 30.0).await)
        .await;
}

#[tokio::test]
async fn recorded_no_pong() {
    Replay::of("go-websocketmq-no-pong")
        .at_speed(4.0)
        .run(Mq::pinging(Duration::from_secs(2), 4.0).await)
        .await;
}

#[tokio::test]
async fn recorded_no_ping_idle() {
    Replay::of("go-websocketmq-no-ping-idle")
        .at_speed(20.0)
        .run(Mq::pinging(Duration::ZERO, 20.0).await)
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

fn head(client_id: &str) -> String {
    format!(
        "GET /ws?client_id={client_id} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\n\r\n"
    )
}

async fn connected(address: SocketAddr, client_id: &str) -> Connection {
    let mut connection = Connection::dial(address).await;
    connection.write(head(client_id).as_bytes()).await;
    assert!(connection.answer().await.starts_with(b"HTTP/1.1 101 "));
    connection
}

/// The recording shows the client's part only; what must not come is asked for here.
#[tokio::test]
async fn recorded_short_client_id() {
    let subject = Mq::pinging(Duration::from_millis(10), 1.0).await;
    let mut connection = connected(subject.address, "abc").await;
    let frame = |opcode, payload: &[u8]| Frame {
        opcode,
        payload: payload.to_vec(),
        ..text("")
    };
    connection
        .send(&text(
            r#"{"id":"1","type":"request","topic":"system:get_time"}"#,
        ))
        .await;
    connection.send(&frame(9, b"ping")).await;
    connection.send(&frame(8, b"\x03\xe8")).await;
    let nothing = timeout(Duration::from_millis(200), connection.receive()).await;
    assert!(nothing.is_err(), "{nothing:?}");
    assert!(subject.handle.clients().is_empty());
    Replay::of("go-websocketmq-short-client-id")
        .run(subject)
        .await;
}
