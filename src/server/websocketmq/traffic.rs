//! What the server does of its own accord: announcements, calls to its clients, and a few clients
//! of its own that talk to each other.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at};

use super::broker::{Broker, Effect, Member};
use super::envelope::{Draft, Envelope, Fault, kind};
use super::registry::Client;
use super::settings::Call;
use super::time::rfc3339_nano;
use crate::sanitise::line;
use crate::schema::gojson::{Value, quote};
use crate::server::dice::Dice;
use crate::transport::clock;

const ANNOUNCEMENTS: &str = "server:announcements";
const HOT_RELOAD: &str = "system:hot_reload";
const CHAT: &str = "chat.lobby";

/// Type of the clients that live in the server, as `system:list_clients` shows it.
const BOT: &str = "bot";

/// Publishes an announcement every so often, for ever.
pub(super) async fn announce(broker: Arc<Broker>, every: Duration) {
    let mut ticks = interval_at(Instant::now() + every, every);
    loop {
        ticks.tick().await;
        let time = rfc3339_nano(clock::now());
        let payload =
            format!(r#"{{"message":"Server Periodic Announcement!","timestamp":"{time}"}}"#);
        if let Err(error) = broker.publish(ANNOUNCEMENTS, &payload).await {
            tracing::error!("the server's announcement failed: {error}");
        }
    }
}

/// Tells subscribed pages to load themselves anew every so often, for ever.
pub(super) async fn hot_reload(broker: Arc<Broker>, every: Duration) {
    let mut ticks = interval_at(Instant::now() + every, every);
    loop {
        ticks.tick().await;
        let seconds = clock::now().wall_us / 1_000_000;
        let payload = format!(r#"{{"timestamp":{seconds}}}"#);
        if let Err(error) = broker.publish(HOT_RELOAD, &payload).await {
            tracing::error!("the server's reload failed: {error}");
        }
    }
}

/// Calls every client from outside every so often, for ever: one of `calls` after the other.
pub(super) async fn call_clients(broker: Arc<Broker>, every: Duration, calls: Vec<Call>) {
    let asked = if calls.is_empty() { usual() } else { calls };
    let patience = broker.settings().request_timeout;
    let mut ticks = interval_at(Instant::now() + every, every);
    let mut open = JoinSet::new();
    for Call { topic, payload } in asked.iter().cycle() {
        ticks.tick().await;
        while open.try_join_next().is_some() {}
        for client in broker.clients() {
            if client.kind == BOT {
                continue;
            }
            let broker = Arc::clone(&broker);
            let (topic, payload) = (topic.clone(), payload.clone());
            open.spawn(async move {
                let answer = broker.request(&client.id, &topic, Some(&payload), patience);
                if let Err(error) = answer.await {
                    tracing::info!("calling {topic} failed: {}", line(&error.to_string()));
                }
            });
        }
    }
}

/// What the sample client answers.
fn usual() -> Vec<Call> {
    let status = ("client:get_status", r#"{"queryDetailLevel":"full"}"#);
    let slow = ("client:slow_request", r#"{"delayMilliseconds":250}"#);
    [status, status, slow]
        .into_iter()
        .map(|(topic, payload)| Call {
            topic: topic.to_owned(),
            payload: payload.to_owned(),
        })
        .collect()
}

const BOTS: [(&str, &str); 3] = [
    ("bot-ada-0001", "Ada"),
    ("bot-grace-01", "Grace"),
    ("bot-linus-01", "Linus"),
];

const LINES: [&str; 10] = [
    "anyone else seeing latency on the west shard?",
    "deploy 412 is out",
    "rolling back 412",
    "42 < 43 && that is all I know",
    "build is green again ✔",
    "who owns the billing queue?",
    "retrying, third time lucky",
    "cache hit ratio back over 90 %",
    "lunch?",
    "pinged the on-call, no answer yet",
];

/// Runs the server's own clients for ever: they join as any client does, one of them says
/// something every so often, and all answer when called, so `system:proxy` has somebody to reach.
pub(super) async fn chat(broker: Arc<Broker>, every: Duration) {
    let mut bots = JoinSet::new();
    let mut members = Vec::new();
    for (id, name) in BOTS {
        let client = Client {
            id: id.to_owned(),
            name: name.to_owned(),
            kind: BOT.to_owned(),
            url: String::new(),
        };
        let (member, queue) = broker.join(client);
        bots.spawn(answer(Arc::clone(&broker), member.clone(), queue));
        members.push((member, name));
    }
    let mut dice = Dice::new(1);
    let mut ticks = interval_at(Instant::now() + every, every);
    for number in 1_u64.. {
        ticks.tick().await;
        let (member, name) = dice.pick(&members);
        let mut text = Vec::new();
        quote(dice.pick::<&str>(&LINES), &mut text);
        let message = format!(
            r#"{{"type":"publish","topic":"{CHAT}","payload":{{"from":"{name}","n":{number},"text":{},"sentAt":"{}"}}}}"#,
            String::from_utf8_lossy(&text),
            rfc3339_nano(clock::now()),
        );
        say(&broker, member, message.as_bytes()).await;
    }
}

/// Answers one bot's calls until its connection is over.
async fn answer(broker: Arc<Broker>, member: Member, mut queue: mpsc::Receiver<Vec<u8>>) {
    while let Some(message) = queue.recv().await {
        let Ok(call) = Envelope::read(&message) else {
            continue;
        };
        if call.kind == kind::REQUEST {
            let reply = answer_to(&call, member.peer.id());
            say(&broker, &member, &reply).await;
        }
    }
}

fn answer_to(call: &Envelope<'_>, me: &str) -> Vec<u8> {
    let reply = Draft {
        id: &call.id,
        kind: kind::RESPONSE,
        topic: &call.topic,
        ..Draft::default()
    };
    match call.topic.as_str() {
        "bot:echo" => Draft {
            payload: call.payload.map(Value::raw),
            ..reply
        }
        .write(),
        "client:get_status" => {
            let status = format!(r#"{{"clientId":"{me}","status":"ok","uptime":"1s"}}"#);
            Draft {
                payload: Some(status.as_bytes()),
                ..reply
            }
            .write()
        }
        other => {
            let fault = Fault::new(404, format!("Client has no handler for topic: {other}"));
            Draft {
                kind: kind::ERROR,
                error: Some(&fault),
                ..reply
            }
            .write()
        }
    }
}

/// Hands a bot's message to the broker; what it sets off is run to its end.
async fn say(broker: &Arc<Broker>, member: &Member, message: &[u8]) {
    match broker.receive(member, message).await {
        Ok(Effect::Pending(work)) => work.await,
        Ok(Effect::Done | Effect::Answered) => {}
        Err(error) => tracing::error!("a bot said something undecodable: {error}"),
    }
}
